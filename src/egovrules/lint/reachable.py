"""Conditions that are always or never true; band labels out of reach, overlapping, with gaps."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from egovrules.conditions import Condition, Field
from egovrules.entries import Subjects
from egovrules.errors import Problem
from egovrules.lint.rounding import scores_of
from egovrules.outcomes import (
    BandReach,
    Domain,
    Outcome,
    domains,
    labels_reach,
    reach,
    reach_together,
)
from egovrules.placed import Placed, placed_conditions
from egovrules.rules import BoundLabel
from egovrules.ruleset import Ruleset

_FRACTION = frozenset(".٫/")  # a sign of them makes a number in a test other than whole


def always_or_never(ruleset: Ruleset) -> Iterator[Problem]:
    """Yield the conditions that are proved to be always true, or never.

    A condition that names no field (``true``) is meant as it stands. The tests of a band are
    looked at together, but for a ``when`` that is always true.
    """
    known = _domains(ruleset)
    for placed in placed_conditions(ruleset):
        if not placed.condition.fields or (placed.kind == "band" and placed.loc[-1] != "when"):
            continue
        found = reach(placed.condition, known[placed.subjects])
        if not found.exact or not found.outcomes:
            continue
        if "false" not in found.outcomes and "true" in found.outcomes:
            yield _told(ruleset, placed, known, "false", "unknown" in found.outcomes)
        elif "true" not in found.outcomes and placed.kind != "band":
            yield _told(ruleset, placed, known, "true", "unknown" in found.outcomes)


def _told(
    ruleset: Ruleset,
    placed: Placed,
    known: Mapping[Subjects, Mapping[str, Domain]],
    lacking: Outcome,
    may_be_unknown: bool,
) -> Problem:
    """Say that an outcome is impossible, and why."""
    said, hint = "never true", "correct it, or remove what hangs on it"
    if lacking == "false" and may_be_unknown:
        said = "true wherever it is known"
        hint = "correct it; to ask whether a value is there, write `is not missing`"
    elif lacking == "false":
        said, hint = "always true", "correct it, or remove it"
    why = _reason(placed.condition, known[placed.subjects], lacking)
    return ruleset.document.problem(
        placed.loc, f"this is {said}: {why}", hint=hint, severity="warning"
    )


def _reason(condition: Condition, known: Mapping[str, Domain], lacking: Outcome) -> str:
    """Find what makes an outcome impossible: the fewest bounds without which it is possible."""
    bounds = [(name, *bound) for name in sorted(condition.fields) for bound in _bounds(known[name])]
    needed = bounds
    if not _possible_without(needed, condition, known, lacking):
        return "its parts contradict" if lacking == "true" else "it holds for every value"
    for bound in bounds:
        fewer = [one for one in needed if one is not bound]
        if _possible_without(fewer, condition, known, lacking):
            needed = fewer
    return _listed([f"'{name}' {words}" for name, words, _ in needed])


def _possible_without(
    bounds: Sequence[tuple[str, str, Mapping[str, Any]]],
    condition: Condition,
    known: Mapping[str, Domain],
    lacking: Outcome,
) -> bool:
    lifted = dict(known)
    for name, _, without in bounds:
        lifted[name] = replace(lifted[name], **without)
    return lacking in reach(condition, lifted).outcomes


def _bounds(domain: Domain) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield what bounds a domain, in words, and what to set to be without it."""
    if domain.low is not None:
        yield f"cannot be below {domain.low:g}", {"low": None}
    if domain.high is not None:
        yield f"cannot be above {domain.high:g}", {"high": None}
    if not domain.can_be_missing:
        yield "is never missing", {"can_be_missing": True}
    if domain.whole:
        yield "is a whole number", {"whole": False}
    if domain.field.values:
        yield "has no other values", {"field": Field("text")}
    if domain.field.type == "text" and not domain.can_be_empty:
        yield "is missing where it is empty", {"can_be_empty": True}
    if domain.at_most:
        yield f"is never more than {_listed(list(domain.at_most))}", {"at_most": ()}


def labels_out_of_order(ruleset: Ruleset) -> Iterator[Problem]:
    """Yield the labels that nothing can reach, and those that overlap with one before them."""
    known = _domains(ruleset)
    for name, labels in ruleset.rules.bands.items():
        found = labels_reach(labels, known[ruleset.file.bands[name].of])
        names = [label.name for label in labels]
        for number, label in enumerate(names):
            said = _unreached(found, number, names) or _overlapping(found, number, labels)
            if said:
                message, hint = said
                loc = ("bands", name, "labels", number, label)
                yield ruleset.document.problem(
                    loc, message, hint=hint, severity="warning", at="key"
                )


def gaps_between_labels(ruleset: Ruleset) -> Iterator[Problem]:
    """Yield the bands of one number whose labels leave a gap: what lies there is as if unknown.

    What is no score and is compared with whole numbers only is taken for one itself: a count.
    """
    known, scores = _domains(ruleset), scores_of(ruleset)
    for name, labels in ruleset.rules.bands.items():
        band = ruleset.file.bands[name]
        tests = [test for label in labels for test in label.tests]
        fields = {field for test in tests for field in test.fields}
        own = known[band.of]
        if len(tests) > len(labels) or {own[field].field.type for field in fields} != {"number"}:
            continue
        if fields.isdisjoint(scores) and not any(_FRACTION & set(test.text) for test in tests):
            own = {**own, **{field: replace(own[field], whole=True) for field in fields}}
        tried = reach_together(tests, own)
        if len(fields) > 1 or not tried.exact:
            continue
        value = tried.rows.to_series()
        fits = pl.select(pl.any_horizontal(one.fill_null(value=False) for one in tried.results))
        fitting = value.filter(fits.to_series())
        between = value.is_between(fitting.min(), fitting.max()) & ~fits.to_series()
        if gap := tried.example(between.fill_null(value=False)):
            message = f"'{band.otherwise}' takes values between the labels, as {_shown(gap)}, too"
            hint = "close the gap, or give it a label of its own"
            loc = ("bands", name, "otherwise")
            yield ruleset.document.problem(loc, message, hint=hint, severity="warning")


def _unreached(found: BandReach, number: int, names: list[str]) -> tuple[str, str] | None:
    if found.examples[number] is not None or not found.exact:
        return None
    takers = [f"'{names[taker]}'" for taker in found.takers[number]]
    if not takers:
        return f"nothing can be '{names[number]}': its test is never true", "correct the test"
    verb = "takes" if len(takers) == 1 else "take"
    message = f"nothing can be '{names[number]}': {_listed(takers)} before it {verb} all it fits"
    return message, "the first label that fits is given: put the narrower one first"


def _overlapping(
    found: BandReach, number: int, labels: Sequence[BoundLabel]
) -> tuple[str, str] | None:
    earlier = [pair[0] for pair in found.overlaps if pair[1] == number]
    if not earlier:
        return None
    pair = labels[earlier[0]], labels[number]
    fields = {name for label in pair for test in label.tests for name in test.fields}
    example = found.overlaps[earlier[0], number]
    both = _shown({name: value for name, value in example.items() if name in fields})
    message = f"'{pair[0].name}' and '{pair[1].name}' both fit {both}, so their order decides"
    return message, "let one of them end where the other begins"


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _shown(example: Mapping[str, Any]) -> str:
    """Show values as a condition would write them."""
    return " and ".join(
        f"{name} is missing" if value is None else f"{name} = {_value(value)}"
        for name, value in example.items()
    )


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else f"'{value}'"


def _domains(ruleset: Ruleset) -> dict[Subjects, Mapping[str, Domain]]:
    return {subjects: domains(ruleset, subjects) for subjects in ("services", "agencies")}
