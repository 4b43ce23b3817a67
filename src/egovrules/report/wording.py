"""Words for what differs between two rulesets."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from egovrules.changes import ABSENT, Change, Kind, changes_between, home
from egovrules.report.blocks import (
    POLICIES,
    enumerated,
    parted,
    percent,
    shortened,
    titled,
    worded,
)
from egovrules.report.plain import on_one_line
from egovrules.ruleset import Ruleset
from egovrules.text import NO_VALUE, Localised, format_number, pick, translate
from egovrules.tree import Node

NAMED = 10  # of what decides nothing
_TEXTS = frozenset({"title", "description", "message", "because"})
# What parts of a ruleset are called, an entry of one, and keys that read better as other words.
_DIRECTIONS = {"up": "more is better", "down": "less is better"}
_SECTIONS = {
    "missing": "Missing data",
    "derive": "Derived values",
    "rank": "Ranking",
    "normalise": "All criteria",
}
_ENTRIES = {
    "axes": "axis",
    "criteria": "criterion",
    "derive": "derived value",
    "bands": "bands",
    "lists": "list",
    "findings": "finding",
    "reconcile": "reconciliation",
}
_KEYS = {
    "with": "parameter",
    "use": "criterion used",
    "missing": "missing data",
    "aggregate": "aggregation",
    "normalise": "normalisation",
    "min_share": "minimum share of children",
    "round": "rounding",
    "caps": "cap",
    "labels": "band",
    "at": "bound",
    "when": "condition",
    "because": "reason",
    "min_coverage": "minimum coverage",
    "tied": "mark of shared ranks",
    "exact": "ranking to the last bit",
    "among": "who is ranked",
    "within": "ranks inside groups",
}
_CLOSED = frozenset(  # keys whose values are words, and no names of columns or conditions
    {"of", "severity", "when_not", "aggregate", "order", "after", "method", "level", "rollup"}
    | {"type", "normalise", "rule"}
)
_OF_LABELS = ("when", "title")  # keys of a label besides its name
Shares = tuple[float, float]  # of the node above, and of the total


@dataclass(frozen=True)
class Wording:
    """Words for what differs between two rulesets.

    Attributes:
        old: The ruleset as it was.
        new: The ruleset as it is to be.
        language: Of the words.
    """

    old: Ruleset
    new: Ruleset
    language: str = "en"

    @cached_property
    def found(self) -> tuple[Change, ...]:
        """What differs, in the order of the new ruleset, defaults of plugins filled in."""
        return changes_between(self.old, self.new)

    def of_kind(self, kind: Kind) -> list[Change]:
        """Return the changes of one kind."""
        return [change for change in self.found if change.kind == kind]

    @cached_property
    def titles(self) -> Mapping[str, str]:
        """Titles of nodes by id, of bands, lists, findings and reconciliations by path.

        Where several that stand together have the same title, each with its key.
        """
        return {**_titles(self.old, self.language), **_titles(self.new, self.language)}

    def where(self, loc: Sequence[str | int]) -> str:
        """Name what a path lies in: ``User-centric › Steps online``, ``Missing data``."""
        key, _ = home(loc)
        if key not in self.titles:
            return self._say(_SECTIONS.get(key, key.capitalize()))
        above, _, below = key.rpartition(".")
        own = self.titles[key]
        return f"{self.titles[above]} › {own}" if above and below else own

    def what(self, change: Change) -> str:
        """Name what of it differs: ``cap 1 condition``, ``parameter worst``, ``list, added``."""
        _, rest = home(change.loc)
        if not rest:
            entry = change.loc[-2] if len(change.loc) > 1 else change.loc[-1]
            rest = (_ENTRIES.get(str(entry), str(entry)),)
        key, _ = home(change.loc)
        words = " ".join(self._part(key, rest, place) for place in range(len(rest)))
        if change.old is ABSENT:
            return self._say("{what}, added", what=words)
        return self._say("{what}, dropped", what=words) if change.new is ABSENT else words

    def value(self, value: Any, loc: Sequence[str | int]) -> str:
        """Show what stood at a path, as people read it."""
        key = str(loc[-1])
        if value is ABSENT or value is None:
            shown = NO_VALUE
        elif key in _TEXTS:
            shown = pick(value, self.language)
        elif isinstance(value, Mapping):
            is_method = key in ("aggregate", "normalise")
            shown = self._method(value, loc) if is_method else self._entries(value, loc)
        elif isinstance(value, list):
            parts = [self.value(one, loc) for one in value]
            nested = any(isinstance(one, Mapping) for one in value)
            shown = parted(parts, self.language) if nested else self.enumerated(parts)
        elif isinstance(value, bool):
            shown = self._say("yes" if value else "no")
        elif isinstance(value, int | float):
            shown = format_number(value, self.language)
        else:
            shown = value if "with" in loc else self._word(value, loc)
        return on_one_line(shown)

    def subject(self, change: Change) -> str:
        """Name what differs: ``Integrated (cap 1 bound)``, ``title``, ``bridge, added``."""
        what = self.what(change)
        return what if len(change.loc) == 1 else f"{self.where(change.loc)} ({what})"

    def sentence(self, change: Change) -> str:
        """Say in one sentence what differs."""
        key, rest = home(change.loc)
        old, new = self.shares
        if rest == ("weight",) and key in old and key in new:
            beneath_the_total = key in {child.id for child in self.new.root.children}
            return self._say(
                "{node} weighs {share} of the total; before, {previous}"
                if beneath_the_total
                else "{node} weighs {share} of its axis; before, {previous}",
                node=self.where(change.loc),
                share=percent(new[key][0], self.language),
                previous=percent(old[key][0], self.language),
            )
        if change.new is ABSENT:
            return self.subject(change)
        if change.old is ABSENT:
            return f"{self.subject(change)}: {self.value(change.new, change.loc)}"
        return self._say(
            "{what}: {new}; before, {old}",
            what=self.subject(change),
            old=self.value(change.old, change.loc),
            new=self.value(change.new, change.loc),
        )

    def names(self, found: Iterable[Change]) -> str:
        """Name what differs, in one line."""
        return shortened([*map(self.subject, found)], NAMED, self.language)

    @cached_property
    def shares(self) -> tuple[Mapping[str, Shares], Mapping[str, Shares]]:
        """Each node's share of its parent and of the total, in the old and in the new."""
        return _shares(self.old.root, 1.0), _shares(self.new.root, 1.0)

    def enumerated(self, parts: Iterable[str]) -> str:
        """Join with the comma of the language."""
        return enumerated(parts, self.language) or NO_VALUE

    def _part(self, key: str, rest: Sequence[str | int], place: int) -> str:
        """Name one part of a path; names that the ruleset or a plugin gives stay as they are."""
        part = rest[place]
        if isinstance(part, int):
            return format_number(part + 1, self.language)
        if place and rest[0] == "status":
            return worded(part, self.language)
        named = rest[0] == "labels" and place > 0 and part not in _OF_LABELS
        named = named or (place == 1 and (rest[0] == "with" or key == "indicators"))
        named = named or (place == 0 and key in ("derive", "plugins"))
        return part if named else self._say(_KEYS.get(part, part))

    def _word(self, value: str, loc: Sequence[str | int]) -> str:
        """Show a word of the language of rulesets; names and conditions stay as they are."""
        key = loc[-1]
        if key in ("missing", "policy") or "status" in loc:
            return self._say(POLICIES.get(value, value))
        if key == "direction":
            return self._say(_DIRECTIONS.get(value, value))
        if key in ("otherwise", "without"):
            return titled(None, value, self.language)
        return worded(value, self.language) if key in _CLOSED else value

    def _entries(self, value: Mapping[str, Any], loc: Sequence[str | int]) -> str:
        told = []
        for key, inner in value.items():
            if key in ("criteria", "axes"):
                told.append(f"{self._say(key)}: {self.enumerated(inner)}")
            elif key == "with":
                told.append(self._entries(inner, (*loc, key)))
            elif key not in _TEXTS and inner not in (None, [], {}):
                named = "with" in loc or ("labels" in loc and key not in _OF_LABELS)
                name = key if named else self._say(key)
                told.append(f"{name} {self.value(inner, (*loc, key))}")
        return self.enumerated(told)

    def _method(self, value: Mapping[str, Any], loc: Sequence[str | int]) -> str:
        """Show a method: ``power (exponent 2)``, or what it changes of one above."""
        parameters = self.enumerated(
            f"{name} {self.value(one, (*loc, name))}" for name, one in value.items() if name != "by"
        )
        if "by" not in value:
            return parameters
        name = worded(str(value["by"]), self.language)
        return f"{name} ({parameters})" if len(value) > 1 else name

    def _say(self, message: str, **values: str) -> str:
        return translate(message, self.language, **values)


def _titles(ruleset: Ruleset, language: str) -> dict[str, str]:
    file = ruleset.file
    titles: dict[str, Localised | None] = {node.id: node.title for node in ruleset.root.walk()}
    titles |= {f"bands/{name}": one.title for name, one in file.bands.items()}
    titles |= {f"lists/{name}": one.title for name, one in file.lists.items()}
    titles |= {f"findings/{name}": one.title for name, one in file.findings.items()}
    titles |= {f"reconcile/{name}": one.title for name, one in file.reconcile.items()}
    found = {}
    for key, title in titles.items():
        around, sign, name = key.rpartition("/" if "/" in key else ".")
        found[key] = (around + sign, name, on_one_line(titled(title, name, language)))
    count = Counter((around, title) for around, _, title in found.values())
    return {
        key: title if count[around, title] == 1 or title == name else f"{title} ({name})"
        for key, (around, name, title) in found.items()
    }


def _shares(node: Node, of_total: float) -> dict[str, Shares]:
    """Return the shares of every node below one that has a share of the total itself."""
    whole = sum(child.weight for child in node.children)
    found: dict[str, Shares] = {}
    for child in node.children:
        share = child.weight / whole if whole else 0.0
        found[child.id] = (share, of_total * share)
        found |= _shares(child, of_total * share)
    return found
