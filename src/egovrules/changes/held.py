"""What differs in what holds: defaults of plugins, and what is inherited, are known here."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from egovrules.changes.change import ABSENT, Change, home
from egovrules.changes.written import changes
from egovrules.parameters import Parameters
from egovrules.ruleset import Ruleset
from egovrules.tree import Node

_INHERITED = ("axes", "aggregate", "normalise", "min_share", "round")
_PARAMETER = 2  # parts of a path within a criterion: `with`, and the parameter's name


def changes_between(old: Ruleset, new: Ruleset) -> tuple[Change, ...]:
    """Return what differs between two bound rulesets, as :func:`changes` does.

    What is written otherwise and holds as before (the default of a plugin's parameter, a policy
    that would be inherited) is left out. Where nothing is written, the value that holds is told.
    """
    found = changes(old.effective, new.effective)
    return tuple(one for change in found if (one := _held(change, old.root, new.root)) is not None)


def _held(change: Change, old: Node, new: Node) -> Change | None:
    """Fill in what holds where nothing is written; None where the same holds before and now."""
    if change.kind != "method" or change.loc[0] not in _INHERITED:
        return change
    key, rest = ("total", change.loc) if change.loc == ("normalise",) else home(change.loc)
    before, after = _in_force(old, key, rest), _in_force(new, key, rest)
    # Below an axis, too: what is no change to the axis can be one to what inherits from it.
    pairs = [(before[node], after[node]) for node in before.keys() & after.keys()]
    pairs = [pair for pair in pairs if pair != (ABSENT, ABSENT)]
    if pairs and all(one == other for one, other in pairs):
        return None
    was, now = (one.get(key, ABSENT) for one in (before, after))
    if ABSENT in (was, now) or was == now or len(rest) > _PARAMETER:
        return change
    return replace(
        change,
        old=was if change.old is ABSENT else change.old,
        new=now if change.new is ABSENT else change.new,
    )


def _in_force(root: Node, key: str, rest: Sequence[str | int]) -> Mapping[str, Any]:
    """Return what holds at a path within a node, for the node and all below it, by id."""
    node = next((node for node in root.walk() if node.id == key), None)
    return {one.id: _at(one, rest) for one in node.walk()} if node else {}


def _at(node: Node, rest: Sequence[str | int]) -> Any:
    known: dict[str | int, Any] = {
        "missing": node.missing,
        "level": node.level,
        "rollup": "pooled" if node.pooled else "mean",
    }
    if node.aggregation is not None:
        known["aggregate"] = _named(node.aggregation)
        known["min_share"] = node.min_share
        known["round"] = node.round.model_dump(mode="json") if node.round else ABSENT
    if node.criterion is not None:
        known["use"] = node.criterion.id
        known["direction"] = node.direction
        normalisation = node.normalisation
        if normalisation is not None and node.direction == "down":
            normalisation = normalisation.reversed()  # as it was written
        known["normalise"] = _named(normalisation) if normalisation else "none"
        if rest[:1] == ("with",) and len(rest) >= _PARAMETER:
            return node.criterion.model_dump(mode="json").get(str(rest[1]), ABSENT)
    return known.get(rest[0], ABSENT) if rest else ABSENT


def _named(method: Parameters) -> str | dict[str, Any]:
    """Write a method as a ruleset would: its id, and the parameters that are not the usual."""
    parameters = method.model_dump(mode="json", exclude_defaults=True)
    return {"by": method.id, **parameters} if parameters else method.id
