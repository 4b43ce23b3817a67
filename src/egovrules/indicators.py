"""The columns that a ruleset may read besides those of its criteria, and whether it reads them."""

from collections.abc import Iterable, Mapping
from typing import Any

from packaging.utils import canonicalize_name

from egovrules._yaml import Loc
from egovrules.checker import RESULTS, TYPES, Checker
from egovrules.entries import IndicatorEntry, Subjects
from egovrules.errors import did_you_mean
from egovrules.fields import AGENCY_FIELDS, SERVICE_FIELDS
from egovrules.parameters import Indicator
from egovrules.schema import RulesetFile


def known_indicators(file: RulesetFile) -> dict[Subjects, dict[str, Indicator]]:
    """Return what conditions may name before any criterion is bound."""
    known: dict[Subjects, dict[str, Indicator]] = {}
    sides: tuple[tuple[Subjects, Mapping[str, Any], Mapping[str, Any]], ...] = (
        ("services", SERVICE_FIELDS, file.indicators.services),
        ("agencies", AGENCY_FIELDS, file.indicators.agencies),
    )
    for subjects, own, declared in sides:
        known[subjects] = {
            name: Indicator(spec.type, values=spec.values, optional=not spec.required)
            for name, spec in own.items()
        }
        for name, entry in declared.items():
            known[subjects][name] = Indicator(
                entry.type or "number",
                entry.unit,
                "none",
                entry.low,
                entry.high,
                entry.values,
                optional=entry.optional,
            )
    return known


def open_indicators(file: RulesetFile) -> set[tuple[Subjects, str]]:
    """Name the declared columns, with their table, of which a criterion may say what they hold."""
    both: tuple[tuple[Subjects, Mapping[str, IndicatorEntry]], ...] = (
        ("services", file.indicators.services),
        ("agencies", file.indicators.agencies),
    )
    return {(one, name) for one, all_ in both for name, entry in all_.items() if entry.is_open}


def check_indicators(file: RulesetFile, checker: Checker) -> None:
    """Refuse declared indicators whose name means something else already."""
    for name in file.indicators.services.keys() & SERVICE_FIELDS.keys():
        _refuse_own(checker, "services", name)
    for name in file.indicators.agencies.keys() & AGENCY_FIELDS.keys():
        _refuse_own(checker, "agencies", name)
    for name in file.indicators.agencies.keys() & RESULTS.keys():
        message = f"'{name}' is a column of every result"
        loc = ("indicators", "agencies", name)
        checker.problem(loc, message, at="key", hint="rename the column in the source")


def _refuse_own(checker: Checker, subjects: Subjects, name: str) -> None:
    message = f"'{name}' is a column of all {subjects}, and needs no declaration"
    checker.problem(("indicators", subjects, name), message, at="key", hint="remove it here")


def check_rollup(file: RulesetFile, checker: Checker) -> None:
    """Check that services have the column that weighs them, and that it is a number."""
    weight = file.rollup.weight
    if weight is None:
        return
    loc = ("rollup", "weight")
    known = checker.indicators["services"]
    checker.used.add(("services", weight))
    if checker.is_told(weight, checker.known("services", derived=False)):
        return
    if weight not in known:
        hint = did_you_mean(weight, known) + " Or declare it under `indicators: services:`"
        checker.problem(loc, f"there is no column '{weight}' of services", hint=hint)
    elif known[weight].type != "number":
        kind = TYPES[known[weight].type]
        checker.problem(loc, f"column '{weight}' is {kind}, and a weight is a number")


def check_use(file: RulesetFile, checker: Checker, versions: Mapping[str, str]) -> None:
    """Warn of what is declared and never used."""
    declared: tuple[tuple[Subjects, Iterable[str]], ...] = (
        ("services", file.indicators.services),
        ("agencies", file.indicators.agencies),
    )
    for subjects, names in declared:
        for name in names:
            if (subjects, name) not in checker.used:
                _warn(checker, ("indicators", subjects, name), f"nothing reads '{name}'")
    used = {canonicalize_name(name) for name in versions}
    for name in file.plugins:
        if canonicalize_name(name) not in used:
            _warn(checker, ("plugins", name), f"nothing of plugin {name} is used")


def _warn(checker: Checker, loc: Loc, message: str) -> None:
    checker.problem(loc, message, at="key", hint="remove it, or use it", severity="warning")
