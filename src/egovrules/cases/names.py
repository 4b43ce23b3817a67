"""Whether what cases name is there: columns that are read, values that come out, subjects."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Literal

from egovrules._yaml import Document, Loc
from egovrules.cases.form import DETAILS, Case, CasesFile, Expected, Row, Tables, Value
from egovrules.cases.judging import LOOSEST
from egovrules.checker import ranking_fields
from egovrules.entries import Subjects
from egovrules.errors import Problem, did_you_mean
from egovrules.fields import (
    AGENCY_FIELDS,
    ANSWER_FIELDS,
    HISTORY_FIELDS,
    LINK_FIELDS,
    SERVICE_FIELDS,
    FieldSpec,
)
from egovrules.folding import GAP
from egovrules.needs import history_needs, needs
from egovrules.ruleset import Ruleset
from egovrules.spelling import fraction
from egovrules.tree import Node, join_services

FIELDS: Mapping[Subjects, Mapping[str, FieldSpec]] = {
    "agencies": AGENCY_FIELDS,
    "services": SERVICE_FIELDS,
}
_OF_AGENCIES = ("total", "rank", "coverage", "growth", "rank_growth", "continuity", "services")
_LISTED = {"history": "no step of treatment looks up a column '{}' in the history"}
_ONE: Mapping[Subjects, str] = {"agencies": "agency", "services": "service"}


def misnamed(
    file: CasesFile, document: Document, ruleset: Ruleset, earlier: Iterable[Ruleset]
) -> Iterator[Problem]:
    """Yield a problem for every name in the cases that stands for nothing.

    Args:
        file: The cases.
        document: Where they stand.
        ruleset: What they test.
        earlier: The rulesets of earlier evaluations, whose columns rows may have, too.
    """
    rulesets = (ruleset, *earlier)
    columns = {
        subjects: {need.column for one in rulesets for need in needs(one)[subjects]}
        for subjects in FIELDS
    }
    history = {need.column for one in rulesets for need in history_needs(one)}
    check = _Check(document, ruleset, columns, history)
    yield from check.tolerance(file.tolerance, ("tolerance",))
    for subjects in FIELDS:
        yield from check.row(getattr(file.defaults, subjects), subjects, ("defaults", subjects))
    for name, case in file.cases.items():
        loc: Loc = ("cases", name)
        yield from check.tolerance(case.tolerance or 0.0, (*loc, "tolerance"))
        yield from check.tables(case, loc)
        if case.previous is not None:
            yield from check.tables(case.previous, (*loc, "previous"))
        yield from check.values(case, (*loc, "expect"))
        yield from check.outcomes(case, (*loc, "expect"))


def agency_codes(tables: Tables) -> list[str]:
    """Return the codes of the agencies: those that are given, else those that services name."""
    named = [row.get("agency") for row in tables.services.values()]
    return list(tables.agencies or dict.fromkeys(str(code) for code in named if code is not None))


def scored_nodes(ruleset: Ruleset) -> dict[str, Node]:
    """Return every node that has a score in a result, by id."""
    trees = (ruleset.root, join_services(ruleset.root, ruleset.file.rollup.after))
    return {node.id: node for tree in trees for node in tree.walk()}


def known_values(ruleset: Ruleset, subjects: Subjects) -> set[str]:
    """Name the values of a result that can be expected of subjects."""
    level = "service" if subjects == "services" else "agency"
    derived = {one.name for one in ruleset.rules.derive if level in one.levels}
    bands = {f"band_{name}" for name, band in ruleset.file.bands.items() if band.of == subjects}
    found = scored_nodes(ruleset)
    if subjects == "services":
        return derived | bands | {one for one in found if found[one].level == "service"}
    own = (*_OF_AGENCIES, *ranking_fields(ruleset.file.rank))
    return derived | bands | set(found) | set(own)


class _Check:
    """What the names of cases are held against."""

    def __init__(
        self,
        document: Document,
        ruleset: Ruleset,
        columns: Mapping[Subjects, set[str]],
        history: set[str],
    ) -> None:
        self.document, self.ruleset = document, ruleset
        self.columns = {name: columns[name] | set(fields) for name, fields in FIELDS.items()}
        self.history = history | set(HISTORY_FIELDS)
        self.indicators = set().union(*columns.values())
        scale = ruleset.file.scale
        self.loosest = LOOSEST * (scale.high - scale.low)
        self.known_values = {subjects: known_values(ruleset, subjects) for subjects in FIELDS}
        self.nodes = scored_nodes(ruleset)

    def tables(self, tables: Tables, loc: Loc) -> Iterator[Problem]:
        for subjects in FIELDS:
            for code, row in getattr(tables, subjects).items():
                if "code" in row:
                    message, place = f"the key '{code}' is the code already", (*loc, subjects, code)
                    yield self.document.problem(
                        (*place, "code"), message, at="key", hint="remove it"
                    )
                yield from self.row(row, subjects, (*loc, subjects, code))
        sections: tuple[tuple[str, Collection[str]], ...] = (
            ("links", LINK_FIELDS),
            ("answers", ANSWER_FIELDS),
            ("history", self.history),
        )
        for section, fields in sections:
            for number, row in enumerate(getattr(tables, section)):
                for column in row:
                    says = _LISTED.get(section, f"{section} have no column '{{}}'")
                    yield from self.among(column, fields, (*loc, section, number, column), says)
        if GAP not in self.indicators:  # which is counted from answers on whatever it may be
            says = "the ruleset reads no column '{}', so an answer on it changes nothing"
            for number, row in enumerate(tables.answers):
                place = (*loc, "answers", number, "indicator")
                if isinstance(name := row.get("indicator"), str):
                    yield from self.among(name, self.indicators, place, says, at="value")

    def tolerance(self, tolerance: float, loc: Loc, value: Any = 0) -> Iterator[Problem]:
        """Refuse a tolerance that lets nearly everything pass; of large values, a larger one."""
        size = fraction(value) if isinstance(value, str) else value
        known = abs(size) if isinstance(size, int | float) else 0.0
        most = max(self.loosest, LOOSEST * known)
        if tolerance > most:
            message = f"{tolerance:g} lets nearly everything pass: at most {most:g} is allowed here"
            hint = "1 % of the scale, or of the expected value where that is more"
            yield self.document.problem(loc, message, hint=hint)

    def row(self, row: Row, subjects: Subjects, loc: Loc) -> Iterator[Problem]:
        """A column that nobody reads would change nothing, whatever it holds."""
        says = "the ruleset reads no column '{}' of " + subjects
        for column in row:
            yield from self.among(column, self.columns[subjects], (*loc, column), says)

    def values(self, case: Case, loc: Loc) -> Iterator[Problem]:
        """Check the agencies and services of which something is expected, and what."""
        for subjects in FIELDS:
            known, codes = self.known_values[subjects], _codes(case, subjects)
            for code, values in getattr(case.expect, subjects).items():
                here = (*loc, subjects, code)
                yield from self.among(code, codes, here, f"the case has no {_ONE[subjects]} '{{}}'")
                for name, value in values.items():
                    there = (*here, name)
                    yield from self.among(name, known, there, subjects + " have no value '{}'")
                    yield from self.details(name, value, subjects, there)

    def details(self, name: str, value: Value, subjects: Subjects, loc: Loc) -> Iterator[Problem]:
        """Only nodes have a state, a coverage and caps beside their value; some lack some."""
        if not isinstance(value, Expected):
            return
        node, told = self.nodes.get(name), value.model_fields_set
        for key in (key for key in DETAILS if key in told):
            if node is None:
                message = f"'{name}' is no axis or criterion, and has no {key}"
            elif key in ("uncapped", "cap") and not node.caps:
                message = f"'{name}' has no caps in the ruleset"
            elif key in ("coverage", "rank") and subjects == "services":
                message = f"agencies have a {key}, and single services none"
            else:
                continue
            yield self.document.problem((*loc, key), message, at="key", hint="remove it")
        if value.within is not None:
            yield from self.tolerance(value.within, (*loc, "within"), value.is_)
        if told <= {"within"}:
            hint = "give at least `is:` or `state:`"
            yield self.document.problem(loc, "nothing is expected of this value", hint=hint)

    def outcomes(self, case: Case, loc: Loc) -> Iterator[Problem]:
        """Check the bands, lists, findings and reconciliations of which something is expected."""
        file = self.ruleset.file
        for section in ("bands", "lists", "findings", "reconcile"):
            known: Mapping[str, Any] = getattr(file, section)
            for name, told in getattr(case.expect, section).items():
                here = (*loc, section, name)
                yield from self.among(
                    name, known, here, f"the ruleset has no '{{}}' under {section}"
                )
                if section == "bands" and name in known:
                    labels = [*(one.name for one in known[name].labels), known[name].otherwise]
                    for label in told:
                        says = f"band '{name}' has no label '{{}}'"
                        yield from self.among(label, labels, (*here, label), says)
                elif section in ("lists", "findings") and name in known:
                    codes, says = (
                        _codes(case, known[name].of),
                        f"the case has no {_ONE[known[name].of]} '{{}}'",
                    )
                    for number, code in enumerate(told):
                        yield from self.among(code, codes, (*here, number), says, at="value")

    def among(
        self,
        name: str,
        known: Iterable[str],
        loc: Loc,
        says: str,
        *,
        at: Literal["key", "value"] = "key",
    ) -> Iterator[Problem]:
        """Yield a problem where a name is not known."""
        if name not in known:
            hint = did_you_mean(name, known)
            yield self.document.problem(loc, says.format(name), at=at, hint=hint)


def _codes(case: Case, subjects: Subjects) -> list[str]:
    return agency_codes(case) if subjects == "agencies" else list(case.services)
