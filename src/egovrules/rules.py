"""The rules that read scores: scope, ranking, bands, lists, findings, reconciliations.

Each is bound to checked conditions here, and carried out by ``placing`` and ``classification``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from egovrules._yaml import Loc
from egovrules.checker import RESULTS, Checker, Known, ranking_fields, results_of
from egovrules.conditions import Condition, Field
from egovrules.criteria import Level
from egovrules.entries import Subjects
from egovrules.errors import did_you_mean
from egovrules.schema import Band, Finding, ListEntry, RulesetFile
from egovrules.text import fill, placeholders
from egovrules.tree import Node

Operation = Literal["sum", "mean", "share", "count", "any"]

_COUNT = re.compile(r"\s*count\s+of\s+(services|agencies)\s*")
_TEST = re.compile(r"\s*(?:[=!<>≤≥≠]|(?:not\s+)?(?:in|between)\b|is\b)", re.IGNORECASE)
_AGAIN = re.compile(r"\b(?:and|or)\s*(?:[=!<>≤≥≠]+|(?:in|between)\b)", re.IGNORECASE)
_BANDS = re.compile(r"\s*bands\.([a-z][a-z0-9_]*)(?:\.([a-z][a-z0-9_]*))?\s*")


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
    among: Condition | None
    bands: Mapping[str, tuple[BoundLabel, ...]]
    lists: Mapping[str, Condition | None]
    findings: Mapping[str, Condition]
    reconcile: Mapping[str, BoundReconcile]


def bind_rules(
    file: RulesetFile, checker: Checker, root: Node, derive: tuple[Derived, ...]
) -> Rules:
    """Bind everything else that reads scores, after the derived values."""
    axes = {node.id: Field("number") for node in root.walk() if node.kind == "axis"}
    known: dict[Subjects, Known] = {
        "services": checker.known("services"),
        "agencies": checker.known("agencies", more={**results_of(file.rank), **axes}),
    }
    bands = {
        name: _labels(band, known[band.of], ("bands", name), file, checker)
        for name, band in file.bands.items()
    }
    lists: dict[str, Condition | None] = {}
    for name, entry in file.lists.items():
        loc: Loc = ("lists", name)
        _check_rounded(entry, loc, file, checker)
        if entry.by is not None:
            checker.named(entry.by, known[entry.of], (*loc, "by"))
        lists[name] = None
        if entry.when is not None:
            lists[name] = checker.condition(entry.when, known[entry.of], (*loc, "when"))
    findings = {}
    for name, finding in file.findings.items():
        loc = ("findings", name)
        _check_rounded(finding, loc, file, checker)
        condition = checker.condition(finding.when, known[finding.of], (*loc, "when"))
        _check_message(finding, known[finding.of], (*loc, "message"), checker)
        if condition is not None:
            findings[name] = condition
    return Rules(
        MappingProxyType(_scope(file, checker)),
        derive,
        _ranking(file, checker, axes),
        MappingProxyType(bands),
        MappingProxyType(lists),
        MappingProxyType(findings),
        MappingProxyType(_reconcile(file, checker)),
    )


def _scope(file: RulesetFile, checker: Checker) -> dict[Subjects, Condition | None]:
    scope: dict[Subjects, Condition | None] = {"services": None, "agencies": None}
    texts: tuple[tuple[Subjects, str | None], ...] = (
        ("services", file.scope.services),
        ("agencies", file.scope.agencies),
    )
    for subjects, text in texts:
        if text is not None:
            late = "the scope is settled before anything is derived or scored: name indicators"
            names = (*results_of(file.rank), *file.axes, *file.derive)
            known = checker.known(subjects, derived=False, elsewhere=dict.fromkeys(names, late))
            scope[subjects] = checker.condition(text, known, ("scope", subjects))
    return scope


def _ranking(file: RulesetFile, checker: Checker, axes: Mapping[str, Field]) -> Condition | None:
    """Bind who is ranked, and check the columns inside which agencies are ranked, too."""
    added = ranking_fields(file.rank)
    for name in added.keys() & checker.indicators["agencies"].keys():
        loc: Loc = ("rank", "tied") if name == "rank_label" else ("rank", "within")
        message = f"agencies have a column '{name}', and the ranking makes one"
        checker.problem(loc, message, hint="rename the column in the source")
    late = "this is known only once agencies are ranked: name the total, or what goes into it"
    known = checker.known(
        "agencies",
        more={"total": RESULTS["total"], "coverage": RESULTS["coverage"], **axes},
        elsewhere=dict.fromkeys(("rank", "growth", "rank_growth", *added), late),
    )
    for number, column in enumerate(file.rank.within):
        loc = ("rank", "within", number)
        if column in file.rank.within[:number]:
            checker.problem(loc, f"'{column}' stands here twice", hint="remove one of the two")
        else:
            checker.named(column, known, loc, "text")
    if file.rank.among is None:
        return None
    return checker.condition(file.rank.among, known, ("rank", "among"))


def _check_message(finding: Finding, known: Known, loc: Loc, checker: Checker) -> None:
    """Check that every ``{name}`` of a message is a value of the subject."""
    message = finding.message
    texts: dict[Loc, str] = (
        {loc: message}
        if isinstance(message, str)
        else {(*loc, language): text for language, text in message.items()}
    )
    for place, text in texts.items():
        blanks = {name: " " * len(f"{{{name}}}") for name in placeholders(text)}
        if stray := re.search(r"[{}]", fill(text, blanks)):
            hint = "write {name} with the name of one value; a plain brace cannot be printed"
            checker.problem(place, "this brace encloses no name", hint=hint, within=stray.span())
        for name in sorted(placeholders(text)):
            checker.used.add((known.subjects, name))
            if name in {"agency", "subject"} or checker.is_told(name, known):
                continue
            if name not in known.fields:
                start = text.index(f"{{{name}}}")
                hint = known.elsewhere.get(name) or did_you_mean(name, known.fields)
                checker.problem(
                    place,
                    f"there is no value '{name}' to print here",
                    hint=hint,
                    within=(start, start + len(name) + 2),
                )


def _labels(
    band: Band, known: Known, loc: Loc, file: RulesetFile, checker: Checker
) -> tuple[BoundLabel, ...]:
    before = len(checker.problems)
    checker.named(band.by, known, (*loc, "by"))
    can_compare = len(checker.problems) == before
    _check_rounded(band, loc, file, checker)
    labels = []
    seen = {band.otherwise}
    for number, label in enumerate(band.labels):
        here: Loc = (*loc, "labels", number)
        if label.name in seen:
            last = label.name == band.otherwise
            hint = "`otherwise:` needs a name of its own" if last else "rename one of the two"
            message = f"band '{label.name}' stands here twice"
            checker.problem((*here, label.name), message, at="key", hint=hint)
        seen.add(label.name)
        tests = []
        place = (*here, label.name)
        if not _TEST.match(label.test):
            hint = 'begin it with = != < <= > >= in or between, as in {full: "= 100"}'
            checker.problem(place, f"'{label.test}' compares nothing", hint=hint)
        elif again := _AGAIN.search(label.test):
            message = "this comparison does not say what it compares"
            hint = "the first label that fits is given, so one is enough; or `between 5 and 8`"
            checker.problem(place, message, hint=hint, within=again.span())
        elif can_compare:
            tests.append(checker.condition(label.test, known, place, prefix=f"{band.by} "))
        if label.when is not None:
            tests.append(checker.condition(label.when, known, (*here, "when")))
        labels.append(BoundLabel(label.name, tuple(test for test in tests if test is not None)))
    return tuple(labels)


def _check_rounded(
    entry: Band | ListEntry | Finding, loc: Loc, file: RulesetFile, checker: Checker
) -> None:
    """Refuse to say whether scores are compared as printed where nothing prints them rounded."""
    if entry.rounded is None:
        return
    if entry.of == "services":
        message = f"only {loc[0]} of agencies can be on rounded values"
        hint = "remove `rounded:`; values of services are compared as they are"
        checker.problem((*loc, "rounded"), message, hint=hint)
    elif file.rank.decimals is None:
        message, hint = "nothing says to how many decimals", "set `rank: {decimals: …}`"
        checker.problem((*loc, "rounded"), message, hint=hint)


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
            if label not in labels and len(known) == len(parts):
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
        hint = did_you_mean(name, file.bands) if file.bands else "declare them under `bands:`"
        checker.problem(loc, f"there are no bands '{name}'", hint=hint)
        return None
    if label and label not in _names(file.bands[name]):
        hint = did_you_mean(label, _names(file.bands[name]))
        checker.problem(loc, f"bands '{name}' have no label '{label}'", hint=hint)
        return None
    return Part("bands", name, label)
