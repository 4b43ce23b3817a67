"""Rulesets between two: the old one with some of the changed rules of the new one."""

import copy
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from egovrules._yaml import Document, Place, Span
from egovrules.changes import Change, keys_of_both, text_of_derived
from egovrules.dataset import Dataset
from egovrules.errors import EgovrulesError
from egovrules.evaluation import evaluate
from egovrules.plugins import Registry
from egovrules.result import DIGITS, Evaluation
from egovrules.ruleset import bind

# A total and a rank in integer units of 1e-9, so that differences of them add up exactly. The
# rank is negative: more is better in both. None where there is none.
Standing = tuple[int | None, int | None]
Standings = Mapping[str, Standing]
UNITS: int = 10**DIGITS

# What decides totals and ranks. Bands, lists and findings read them and are left out.
_KEPT = (
    *("schema", "id", "title", "scope", "missing", "axes", "rollup", "aggregate", "caps"),
    *("treatment", "normalise", "min_share", "round", "scale", "rank"),
)
_SHOWN_ONLY = ("tied", "within")  # of the ranking: what moves nobody's rank
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_NOWHERE = Place("a ruleset between the two", (), None, Span(1, 1, 1, 1))


@dataclass(frozen=True, slots=True)
class Rule:
    """What is argued about as one, and was changed.

    Attributes:
        loc: Its path in the ruleset: a criterion (``("axes", …, "criteria", "visits")``), an
            attribute of an axis, the caps of a node, ``("scope",)``, ``("derive", …)`` and so on.
        changes: What changed of it.
    """

    loc: tuple[str | int, ...]
    changes: tuple[Change, ...]

    @property
    def id(self) -> str:
        """The path as text."""
        return ".".join(str(part) for part in self.loc)


def changed_rules(found: Iterable[Change]) -> tuple[Rule, ...]:
    """Group the changes that can move a total or a rank by rule, in their order."""
    groups: dict[tuple[str | int, ...], list[Change]] = {}
    for change in found:
        # An indicator that only one of them declares disturbs nobody: both are declared.
        declared = change.loc[0] == "indicators" and len(change.loc) > len(_rule(change.loc))
        ranks = change.loc[0] == "rank" and change.loc[1] not in _SHOWN_ONLY
        if change.kind == "method" or ranks or (declared and change.kind != "words"):
            groups.setdefault(_rule(change.loc), []).append(change)
    return tuple(Rule(loc, tuple(found)) for loc, found in groups.items())


def _rule(loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """Return the path of the rule that a change belongs to."""
    depth = 0
    while loc[depth] == "axes" and len(loc) > depth + 2:
        depth += 2
    kind = loc[depth]
    if kind == "criteria":
        return loc[: depth + 3] if loc[depth + 2 : depth + 3] == ("caps",) else loc[: depth + 2]
    return loc[: depth + {"axes": 2, "derive": 2, "indicators": 3}.get(str(kind), 1)]


def standings(evaluation: Evaluation) -> Standings:
    """Return every agency's total and rank, in units."""
    rows = evaluation.agencies.select("agency", "total", "rank").iter_rows()
    return {
        agency: (
            None if total is None else round(total * UNITS),
            None if rank is None else round(-rank * UNITS),
        )
        for agency, total, rank in rows
    }


@dataclass(frozen=True)
class Hybrids:
    """What agencies have under the old ruleset with any of the rules changed, computed once.

    Attributes:
        old: The old effective ruleset.
        new: The new one.
        dataset: What both are applied to.
        registry: What they are bound to.
        settled: What is written otherwise and holds as before. All rulesets between have it as
            written in the new one: a policy that was inherited stays, whatever is inherited.
        known: Standings by ruleset (as JSON); None where a ruleset does not stand.
    """

    old: Mapping[str, Any]
    new: Mapping[str, Any]
    dataset: Dataset
    registry: Registry
    settled: Sequence[Change] = ()
    known: dict[str, Standings | None] = field(default_factory=dict)

    def learn(self, rules: Collection[Rule], evaluation: Evaluation) -> None:
        """Take the standings of an evaluation that has been made already."""
        self.known[_key(self.ruleset(rules))] = standings(evaluation)

    def standings(self, rules: Collection[Rule]) -> Standings | None:
        """Return the standings with these rules as in the new ruleset and all others as before.

        None where such a ruleset contradicts itself, or cannot be applied to the dataset.
        """
        data = self.ruleset(rules)
        key = _key(data)
        if key not in self.known:
            try:
                ruleset = bind(Document(data, {(): _NOWHERE}, _NOWHERE.source), self.registry)
                self.known[key] = standings(evaluate(ruleset, self.dataset))
            except EgovrulesError:
                self.known[key] = None
        return self.known[key]

    def ruleset(self, rules: Collection[Rule]) -> dict[str, Any]:
        """Write the ruleset that has these rules as in the new one, and all others as before."""
        data = {key: copy.deepcopy(self.old[key]) for key in _KEPT if key in self.old}
        data["derive"] = _of_both(self.old.get("derive", {}), self.new.get("derive", {}))
        indicators = [one.get("indicators", {}) for one in (self.old, self.new)]
        data["indicators"] = {
            subjects: _of_both(*(one.get(subjects, {}) for one in indicators))
            for subjects in ("services", "agencies")
        }
        for change in self.settled:
            _put(data, self.new, change.loc, drop=False)
        for rule in rules:
            for change in rule.changes:
                _put(data, self.new, change.loc)
        data["derive"] = _needed(data)
        return data


def _key(data: Mapping[str, Any]) -> str:
    return json.dumps(data, sort_keys=True)


def _of_both(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entries of both; one that both have is as in the old."""
    return {key: copy.deepcopy(old.get(key, new.get(key))) for key in keys_of_both(old, new)}


def _put(
    data: dict[str, Any], new: Mapping[str, Any], loc: tuple[str | int, ...], *, drop: bool = True
) -> None:
    """Let a part of a ruleset be as in the new one; lists of caps as a whole.

    What the new one lacks is dropped, or with ``drop=False`` left as it is.
    """
    *path, last = takewhile(lambda part: isinstance(part, str), loc)  # a number counts caps
    holder: Any = data
    source: Any = new
    for key in path:
        holder, source = holder.setdefault(key, {}), source.get(key, {})
    if last in source:
        holder[last] = copy.deepcopy(source[last])
    elif drop:
        holder.pop(last, None)


def _needed(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the derived values that caps and the ranking read, directly or by way of others.

    The others decide no score, and may name criteria that are not there.
    """
    derive = data["derive"]
    ranking = data.get("rank", {})
    texts = [*_conditions(data), ranking.get("among", ""), *ranking.get("within", ())]
    found = set[str]()
    while texts:
        named = {*_NAME.findall(texts.pop())} & derive.keys() - found
        found |= named
        texts += [text_of_derived(derive[name]) for name in named]
    return {name: one for name, one in derive.items() if name in found}


def _conditions(node: Mapping[str, Any]) -> Iterator[str]:
    """Yield the conditions of all caps at and below a node."""
    for cap in node.get("caps", ()):
        yield cap["when"]
    for below in ("axes", "criteria"):
        for child in node.get(below, {}).values():
            yield from _conditions(child)
