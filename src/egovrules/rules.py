"""The rules that read scores: scope, derived values, bands, lists, findings, reconciliations.

Each is bound to checked conditions here, and carried out by ``classification``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from egovrules._yaml import Loc
from egovrules.binding import Checker
from egovrules.conditions import Condition, ConditionError, Field, names
from egovrules.criteria import Level
from egovrules.errors import did_you_mean
from egovrules.schema import Band, RulesetFile, Subjects
from egovrules.tree import Node

Operation = Literal["sum", "mean", "share", "count", "any"]

_OVER = re.compile(r"\s*(sum|mean|share|count|any)\s+of\s+(.+?)\s+over\s+services\s*", re.DOTALL)
_COUNT = re.compile(r"\s*count\s+of\s+(services|agencies)\s*")
_BANDS = re.compile(r"\s*bands\.([a-z][a-z0-9_]*)(?:\.([a-z][a-z0-9_]*))?\s*")
_OF_NUMBERS = frozenset({"sum", "mean"})

# What every agency has once it is scored, beside its indicators.
RESULTS: Mapping[str, Field] = {
    name: Field("number") for name in ("total", "rank", "coverage", "growth", "rank_growth")
}


@dataclass(frozen=True, slots=True)
class Derived:
    """A name for a value.

    Attributes:
        name: What conditions, bands and lists call it.
        levels: Where it can be used.
        node: The criterion whose score (before the missing-data policy) it names, or None.
        operation: For a value over an agency's services, how they combine; else None.
        condition: The expression that it names, or that the operation runs over.
    """

    name: str
    levels: frozenset[Level]
    node: str | None = None
    operation: Operation | None = None
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class BoundLabel:
    """One band's name and its tests: it fits where all of them are true."""

    name: str
    tests: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A number in a reconciliation: a figure, a count, or bands (all labels or one)."""

    kind: Literal["number", "count", "bands"]
    name: str = ""
    label: str = ""
    value: float = 0.0


@dataclass(frozen=True, slots=True)
class BoundReconcile:
    """A reconciliation whose terms are known."""

    total: Part
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Rules:
    """Everything of a ruleset that reads indicators and scores, by id and in order."""

    scope: Mapping[Subjects, Condition | None]
    derive: tuple[Derived, ...]
    bands: Mapping[str, tuple[BoundLabel, ...]]
    lists: Mapping[str, Condition | None]
    findings: Mapping[str, Condition]
    reconcile: Mapping[str, BoundReconcile]


def bind_derived(
    file: RulesetFile, checker: Checker, root: Node
) -> tuple[tuple[Derived, ...], dict[Subjects, dict[str, Field]]]:
    """Bind ``derive:``; a value may use those above it.

    Returns:
        The values, and the fields that they add to the conditions of each table.
    """
    criteria = {node.id: node for node in root.criteria()}
    added: dict[Subjects, dict[str, Field]] = {"services": {}, "agencies": {}}
    found: list[Derived] = []
    for name, text in file.derive.items():
        one, kind = _derived(name, text, checker, criteria, added)
        if one is None:
            continue
        found.append(one)
        for level in one.levels:
            added["services" if level == "service" else "agencies"][name] = kind
    return tuple(found), added


def _derived(
    name: str,
    text: str,
    checker: Checker,
    criteria: Mapping[str, Node],
    added: Mapping[Subjects, Mapping[str, Field]],
) -> tuple[Derived | None, Field]:
    loc, number = ("derive", name), Field("number")
    services = {**checker.fields("services"), **added["services"]}
    agencies = {**checker.fields("agencies"), **added["agencies"]}
    if name in checker.indicators["services"] or name in checker.indicators["agencies"]:
        checker.problem(loc, f"'{name}' is an indicator already", at="key", hint="choose another")
        return None, number
    if text.strip() in criteria:
        node = criteria[text.strip()]
        both: tuple[Level, ...] = ("service", "agency")
        levels = frozenset(both if node.level == "service" else ("agency",))
        return Derived(name, levels, node=node.id), number
    if re.fullmatch(r"[a-z_0-9]+(\.[a-z_0-9]+)+", text.strip()):
        hint = did_you_mean(text.strip(), criteria)
        checker.problem(loc, f"there is no criterion '{text.strip()}'", hint=hint)
        return None, number
    over = _OVER.fullmatch(text)
    if over:
        operation: Operation = over[1]  # type: ignore[assignment]  # the pattern names just these
        want: Literal["number", "boolean"] = "number" if operation in _OF_NUMBERS else "boolean"
        condition = checker.condition(over[2], services, loc, want=want, offset=over.start(2))
        kind = Field("boolean" if operation == "any" else "number")
        level: tuple[Level, ...] = ("agency",)
        derived = Derived(name, frozenset(level), operation=operation, condition=condition)
        return (derived if condition else None), kind
    here: tuple[Level, ...] = ("service",) if _fits(text, services) else ("agency",)
    fields = services if here == ("service",) else agencies
    condition = checker.condition(text, fields, loc, want=None)
    if condition is None:
        return None, number
    return Derived(name, frozenset(here), condition=condition), Field(condition.type)


def _fits(text: str, fields: Mapping[str, Field]) -> bool:
    try:
        return names(text) <= set(fields)
    except ConditionError:
        return False


def bind_rules(
    file: RulesetFile,
    checker: Checker,
    root: Node,
    derive: tuple[Derived, ...],
    added: Mapping[Subjects, Mapping[str, Field]],
) -> Rules:
    """Bind everything else that reads scores."""
    axes = {node.id: Field("number") for node in root.walk() if node.kind == "axis"}
    fields: dict[Subjects, dict[str, Field]] = {
        "services": {**checker.fields("services"), **added["services"]},
        "agencies": {**checker.fields("agencies"), **added["agencies"], **RESULTS, **axes},
    }
    for name in axes:
        if name in checker.indicators["agencies"]:
            checker.problem(
                ("axes", name),
                f"'{name}' is an indicator of agencies, too",
                at="key",
                hint="rename one of the two, since conditions could not tell them apart",
            )
    bands = {name: _labels(name, band, fields, file, checker) for name, band in file.bands.items()}
    lists: dict[str, Condition | None] = {}
    for name, entry in file.lists.items():
        loc: Loc = ("lists", name)
        known = fields[entry.of]
        if entry.by is not None:
            _number(entry.by, known, checker, (*loc, "by"))
        lists[name] = (
            None if entry.when is None else checker.condition(entry.when, known, (*loc, "when"))
        )
    findings = {}
    for name, finding in file.findings.items():
        condition = checker.condition(finding.when, fields[finding.of], ("findings", name, "when"))
        if condition is not None:
            findings[name] = condition
    return Rules(_scope(file, checker), derive, bands, lists, findings, _reconcile(file, checker))


def _scope(file: RulesetFile, checker: Checker) -> dict[Subjects, Condition | None]:
    scope: dict[Subjects, Condition | None] = {"services": None, "agencies": None}
    texts: tuple[tuple[Subjects, str | None], ...] = (
        ("services", file.scope.services),
        ("agencies", file.scope.agencies),
    )
    for subjects, text in texts:
        if text is not None:
            fields = checker.fields(subjects)
            scope[subjects] = checker.condition(text, fields, ("scope", subjects))
    return scope


def _number(name: str, fields: Mapping[str, Field], checker: Checker, loc: Loc) -> None:
    if name not in fields:
        checker.problem(loc, f"there is no value '{name}'", hint=did_you_mean(name, fields))
    elif fields[name].type != "number":
        checker.problem(loc, f"'{name}' is {fields[name].type}, and a number is needed")


def _labels(
    name: str,
    band: Band,
    fields: Mapping[Subjects, Mapping[str, Field]],
    file: RulesetFile,
    checker: Checker,
) -> tuple[BoundLabel, ...]:
    loc: Loc = ("bands", name)
    known = fields[band.of]
    before = len(checker.problems)
    _number(band.by, known, checker, (*loc, "by"))
    if band.rounded and band.of == "services":
        checker.problem(
            (*loc, "rounded"),
            "only bands of agencies can be on rounded values",
            hint="remove `rounded:`; services are banded on the exact value",
        )
    elif band.rounded and file.rank.decimals is None:
        checker.problem(
            (*loc, "rounded"), "nothing says to how many decimals", hint="set `rank: {decimals: …}`"
        )
    if len(checker.problems) > before:
        return ()
    labels = []
    seen = {band.otherwise}
    for number, label in enumerate(band.labels):
        here: Loc = (*loc, "labels", number)
        if label.name in seen:
            checker.problem((*here, label.name), f"band '{label.name}' stands here twice", at="key")
        seen.add(label.name)
        test = checker.condition(label.test, known, (*here, label.name), prefix=f"{band.by} ")
        further = checker.condition(label.when, known, (*here, "when")) if label.when else None
        tests = tuple(one for one in (test, further) if one is not None)
        labels.append(BoundLabel(label.name, tests))
    return tuple(labels)


def _reconcile(file: RulesetFile, checker: Checker) -> dict[str, BoundReconcile]:
    found = {}
    for name, entry in file.reconcile.items():
        loc: Loc = ("reconcile", name)
        total = _part(entry.total, file, checker, (*loc, "total"))
        single = isinstance(entry.parts, str)
        texts = (entry.parts,) if isinstance(entry.parts, str) else entry.parts
        parts = [
            _part(text, file, checker, (*loc, "parts") if single else (*loc, "parts", number))
            for number, text in enumerate(texts)
        ]
        known = [part for part in parts if part is not None]
        labels = {
            label
            for part in known
            if part.kind == "bands" and part.name in file.bands
            for label in _names(file.bands[part.name])
        }
        for number, label in enumerate(entry.without):
            if label not in labels:
                checker.problem(
                    (*loc, "without", number),
                    f"no part has a band '{label}'",
                    hint=did_you_mean(label, labels),
                )
        if total is not None:
            found[name] = BoundReconcile(total, tuple(known))
    return found


def _names(band: Band) -> list[str]:
    return [*(label.name for label in band.labels), band.otherwise]


def _part(text: float | str, file: RulesetFile, checker: Checker, loc: Loc) -> Part | None:
    if not isinstance(text, str):
        return Part("number", value=float(text))
    count, bands = _COUNT.fullmatch(text), _BANDS.fullmatch(text)
    if count:
        return Part("count", count[1])
    if bands is None:
        checker.problem(
            loc,
            f"'{text}' is nothing that can be counted",
            hint="write a number, `count of services`, `count of agencies` or `bands.<id>`",
        )
        return None
    name, label = bands[1], bands[2] or ""
    if name not in file.bands:
        checker.problem(loc, f"there are no bands '{name}'", hint=did_you_mean(name, file.bands))
        return None
    if label and label not in _names(file.bands[name]):
        hint = did_you_mean(label, _names(file.bands[name]))
        checker.problem(loc, f"bands '{name}' have no label '{label}'", hint=hint)
        return None
    return Part("bands", name, label)
