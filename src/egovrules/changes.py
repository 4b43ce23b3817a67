"""What differs between two rulesets, as data: one change for each thing that a person would name.

:func:`changes` works on effective rulesets (``Ruleset.effective``, or the text that an evaluation
keeps), binds nothing, and needs no plugin. A default that the schema knows is the same written or
left out, and so is a condition however it is spaced. :func:`changes_between` knows the defaults of
plugins as well.
"""

import json
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Literal, TypeVar

from pydantic import ValidationError

from egovrules._grammar import normal
from egovrules._yaml_rules import shorten
from egovrules.entries import Cap, Entry
from egovrules.errors import RulesetError
from egovrules.parameters import Parameters
from egovrules.ruleset import Ruleset
from egovrules.schema import Label, RulesetFile
from egovrules.tree import Node

Kind = Literal["method", "outcome", "words"]


class _Absent(Enum):
    """The one value that is no value, told apart from a ``null`` that was written."""

    ABSENT = "absent"

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = _Absent.ABSENT

# What each part of a ruleset decides. The method is what the method digest covers.
_KINDS: Mapping[str, Kind] = {
    **dict.fromkeys(("scope", "missing", "derive", "axes", "rollup", "aggregate"), "method"),
    **dict.fromkeys(("treatment", "normalise", "min_share", "round", "caps", "scale"), "method"),
    **dict.fromkeys(("indicators", "rank", "bands", "lists", "findings"), "outcome"),
    **dict.fromkeys(("reconcile", "bridge"), "outcome"),
}
_WORDS = frozenset({"title", "description", "because", "message", "unit"})
_CONDITIONS = frozenset({"when", "among", "services", "agencies"})  # in caps, rules and the scope
_WHOLE = frozenset({"aggregate", "normalise", "round"})  # told as one, with their parameters
_PARAMETER = 2  # parts of a path within a criterion: `with`, and the parameter's name
_INHERITED = ("axes", "aggregate", "normalise", "min_share", "round")
_LONGEST = 60  # characters of a value in a message
T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Attributes:
        loc: Path in the effective ruleset, as
            ``("axes", "user_centric", "criteria", "online_steps", "weight")``. A number counts
            the caps or labels of the new ruleset; of dropped ones, those of the old.
        old: What stood there, as plain data; the schema's default where nothing was written, and
            ABSENT where there is none.
        new: What stands there now, likewise.
        kind: Whether it decides scores (``method``), what is made of them (``outcome``: bands,
            lists, findings, ranks, reconciliations, the bridge of growth), or neither
            (``words``: titles, messages, id, period, accepted versions of plugins).
    """

    loc: tuple[str | int, ...]
    old: Any
    new: Any
    kind: Kind


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Change, ...]:
    """Return what differs between two effective rulesets, in the order of the new one.

    What was dropped comes where it stood in the old one. An axis, criterion, cap, band, label,
    list or finding that only one of the two has is one change.

    Args:
        old: An effective ruleset as plain data.
        new: The other.

    Raises:
        RulesetError: When one of them has not the form of a ruleset.
    """
    return tuple(_walk(old, new, _typed(old), _typed(new), (), "words"))


def changes_between(old: Ruleset, new: Ruleset) -> tuple[Change, ...]:
    """Return what differs between two bound rulesets, as :func:`changes` does.

    What is written otherwise and holds as before (the default of a plugin's parameter, a policy
    that would be inherited) is left out. Where nothing is written, the value that holds is told.
    """
    found = changes(old.effective, new.effective)
    return tuple(one for change in found if (one := _held(change, old.root, new.root)) is not None)


def home(loc: Sequence[str | int]) -> tuple[str, tuple[str | int, ...]]:
    """Part a path into what it lies in (a node's id, ``bands/<id>``, ``scope``) and the rest."""
    depth, axis = 0, ""
    while tuple(loc[depth : depth + 1]) == ("axes",) and len(loc) > depth + 1:
        axis, depth = str(loc[depth + 1]), depth + 2
    rest = tuple(loc[depth:])
    if axis and rest[:1] == ("criteria",):
        return f"{axis}.{rest[1]}", rest[2:]
    if axis:
        return axis, rest
    if rest[0] in ("bands", "lists", "findings", "reconcile"):
        return f"{rest[0]}/{rest[1]}", rest[2:]
    if rest[0] in ("caps", "aggregate", "min_share", "round"):
        return "total", rest
    return str(rest[0]), rest[1:]


def told(change: Change) -> str:
    """Return one plain English line for messages, as ``aggregate: arithmetic → geometric``."""
    where = ".".join(str(part) for part in change.loc)
    if change.old is ABSENT:
        return f"{where}: added{_appended(change.new)}"
    if change.new is ABSENT:
        return f"{where}: dropped{_appended(change.old)}"
    old, new = shown(change.old), shown(change.new)
    return f"{where}: {old} → {new}" if old != new else f"{where}: differs"


def shown(value: Any) -> str:
    """Write a value as a ruleset would, on one line and not too long."""
    if isinstance(value, str):
        return shorten(value, _LONGEST)
    if isinstance(value, float) and value.is_integer():
        return f"{value:.0f}"
    return shorten(json.dumps(value, ensure_ascii=False).replace('"', ""), _LONGEST)


def _appended(value: Any) -> str:
    return "" if isinstance(value, Mapping) else f", {shown(value)}"


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


def _typed(data: Mapping[str, Any]) -> RulesetFile:
    try:
        return RulesetFile.model_validate_json(json.dumps(data), strict=True)
    except ValidationError:
        name = data.get("id", "it")
        message = f"{shown(name)} has not the form of a ruleset, so nothing can be compared with it"
        raise RulesetError.of(message, hint="`egovrules check` says what is wrong") from None


def _walk(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    typed_old: Any,
    typed_new: Any,
    loc: tuple[str | int, ...],
    kind: Kind,
) -> Iterator[Change]:
    """Compare two mappings: what was written (for telling), and what it means (for deciding)."""
    before, after = _fields(typed_old), _fields(typed_new)
    for key in keys_of_both(old, new):
        here = (*loc, key)
        # A title in several languages is one text; under an axis called `title` it is a key.
        is_text = key in _WORDS and isinstance(typed_new, Entry)
        own = "words" if is_text else kind if loc else _KINDS.get(key, "words")
        was, now = before.get(key, ABSENT), after.get(key, ABSENT)
        if was == now:
            continue
        is_whole = key in _WHOLE and isinstance(typed_new, Entry)
        if _inner(was) and _inner(now) and not is_text and not is_whole:
            yield from _walk(old.get(key, {}), new.get(key, {}), was, now, here, own)
        elif _listed(was) and _listed(now):
            yield from _entries(old.get(key, []), new.get(key, []), was, now, here, own)
        else:
            yield Change(here, _value(old, key, was), _value(new, key, now), own)


def _entries(
    old: Sequence[Any],
    new: Sequence[Any],
    typed_old: tuple[Any, ...],
    typed_new: tuple[Any, ...],
    loc: tuple[str | int, ...],
    kind: Kind,
) -> Iterator[Change]:
    """Compare two lists of caps or labels, whose entries are found again by what they say."""
    pairs = _paired(typed_old, typed_new)
    partner = {place: earlier for earlier, place in pairs}
    gone = [place for place in range(len(old)) if place not in dict(pairs)]
    for place, entry in enumerate(new):
        while gone and gone[0] <= partner.get(place, -1):
            yield Change((*loc, gone[0]), old[gone[0]], ABSENT, kind)
            gone.pop(0)
        if place not in partner:
            yield Change((*loc, place), ABSENT, entry, kind)
            continue
        earlier = partner[place]
        here = (*loc, place)
        yield from _walk(old[earlier], entry, typed_old[earlier], typed_new[place], here, kind)
    for place in gone:
        yield Change((*loc, place), old[place], ABSENT, kind)
    order = [partner[place] for place in sorted(partner)]
    if order != sorted(order):  # the first label that fits is given
        yield Change(loc, list(old), list(new), kind)


def _paired(old: Sequence[Any], new: Sequence[Any]) -> list[tuple[int, int]]:
    """Pair entries that are equal, else that have the same name or condition, else bound."""
    found: dict[int, int] = {}
    for key in (lambda one: one, _name, _bound):
        for place, entry in enumerate(new):
            free = (
                earlier
                for earlier, candidate in enumerate(old)
                if earlier not in found and key(candidate) == key(entry)
            )
            earlier = next(free, None) if place not in found.values() else None
            if earlier is not None:
                found[earlier] = place
    return sorted(found.items())


def _name(entry: Label | Cap) -> str:
    return entry.name if isinstance(entry, Label) else normal(entry.when)


def _bound(entry: Label | Cap) -> str | float:
    return entry.name if isinstance(entry, Label) else entry.at


def _fields(typed: Any) -> Mapping[str, Any]:
    """Return what a part of a ruleset holds, under the keys by which it is written."""
    if isinstance(typed, Label):
        when = _meant("when", typed.when)
        return {typed.name: normal(typed.test), "when": when, "title": typed.title}
    if isinstance(typed, Entry):
        fields = type(typed).model_fields
        return {
            one.alias or name: _meant(name, getattr(typed, name)) for name, one in fields.items()
        }
    return typed  # type: ignore[no-any-return]  # a mapping, as _inner saw


def _meant(name: str, value: Any) -> Any:
    """Return a value by which to compare: conditions in one spelling, all else as it is."""
    if name == "derive":
        return {key: normal(text) for key, text in value.items()}
    if name in _WHOLE and isinstance(value, dict) and list(value) == ["by"]:
        return value["by"]
    return normal(value) if name in _CONDITIONS and isinstance(value, str) else value


def _inner(value: Any) -> bool:
    return isinstance(value, Entry | dict)


def _listed(value: Any) -> bool:
    return isinstance(value, tuple) and all(isinstance(one, Cap | Label) for one in value)


def _value(written: Mapping[str, Any], key: str, meant: Any) -> Any:
    """Return what was written, else the default that it means."""
    if written.get(key) is not None:
        return written[key]
    return meant if isinstance(meant, str | int | float) else ABSENT


def keys_of_both(old: Iterable[T], new: Iterable[T]) -> list[T]:
    """Return the keys of *new* in its order, and those of *old* alone after what they stood by."""
    order = list(new)
    place = 0
    for key in old:
        if key in order:
            place = order.index(key) + 1
        else:
            order.insert(place, key)
            place += 1
    return order
