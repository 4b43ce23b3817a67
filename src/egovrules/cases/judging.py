"""Holding what came out of a case against what was expected of it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal, get_args

import polars as pl

from egovrules._advice import number_advice
from egovrules._document import Document, Loc
from egovrules.cases.form import DETAILS, Expect, Expected, State, Value
from egovrules.entries import Subjects
from egovrules.errors import EgovrulesError, Problem
from egovrules.result import DIGITS, EXACT, Evaluation
from egovrules.spelling import fraction

LOOSEST = 0.01  # of the width of a scale: a tolerance above it lets nearly everything pass
_ROW = re.compile("record ([0-9]+), column (.+)")  # how tables name a cell
_NOTHING = "none"
_PHRASES = {"is_": "{}", "uncapped": "{} before its caps"}


def judge_error(
    error: EgovrulesError, expect: Expect, document: Document, loc: Loc
) -> Iterator[Problem]:
    """Yield a problem where the evaluation ended in another error than the expected one."""
    first = error.problems[0]
    place, said = _in_case(first, document, loc)
    more = f" (and {len(error.problems) - 1} more)" if len(error.problems) > 1 else ""
    if expect.error is None:
        message = f"the data cannot be evaluated: {said}{more}"
        at: Literal["key", "value"] = "key" if place == loc else "value"
        yield document.problem(place, message, at=at, hint=first.hint)
    elif not any(expect.error in problem.message for problem in error.problems):
        message = f"another error came: {said}{more}"
        yield document.problem((*loc, "expect", "error"), message)


def _in_case(problem: Problem, document: Document, loc: Loc) -> tuple[Loc, str]:
    """Say where in a case the data are wrong, and what is; tables count rows, cases name them."""
    found = _ROW.fullmatch(problem.where)
    rows = document.data
    for part in (*loc, problem.source):
        rows = rows.get(part) if isinstance(rows, dict) else None
    if found is None or rows is None or int(found[1]) > len(rows):
        return loc, str(replace(problem, hint=""))
    number = int(found[1]) - 1
    key = list(rows)[number] if isinstance(rows, dict) else number
    named = f"'{key}'" if isinstance(key, str) else f"row {key + 1}"
    message = f"{problem.message} ({problem.source}, {named}, column {found[2]})"
    return (*loc, problem.source, key, found[2]), message


def judge(
    expect: Expect, evaluation: Evaluation, document: Document, loc: Loc, tolerance: float
) -> Iterator[Problem]:
    """Yield a problem for everything that did not come out as expected.

    Args:
        expect: What was expected.
        evaluation: What came.
        document: Where the expectation stands.
        loc: Its path.
        tolerance: How far a number may be off; 0 means equal in the nine decimals that count.
    """
    if expect.error is not None:
        yield document.problem((*loc, "error"), "no error came: the case was evaluated")
    both: tuple[tuple[Subjects, Mapping[str, Mapping[str, Value]]], ...] = (
        ("agencies", expect.agencies),
        ("services", expect.services),
    )
    for subjects, subjects_values in both:
        for code, values in subjects_values.items():
            here = (*loc, subjects, code)
            found = _found(evaluation, subjects, code)
            if found is None:
                yield document.problem(
                    here, f"'{code}' is out of scope, and has no result", at="key"
                )
                continue
            for name, value in values.items():
                for part, message, hint in _judged(value, name, found, tolerance):
                    place = (*here, name, *part)
                    yield document.problem(place, message, at="value", hint=hint)
    yield from _bands(expect, evaluation, document, loc)
    yield from _subjects(expect, evaluation, document, loc)
    held = dict(evaluation.reconciliations.select("reconciliation", "holds").rows())
    for name, value in expect.reconcile.items():
        if held[name] != value:
            told = "holds" if held[name] else "does not hold"
            yield document.problem((*loc, "reconcile", name), f"'{name}' {told}")


def _found(evaluation: Evaluation, subjects: Subjects, code: str) -> dict[str, Any] | None:
    """Return every value of one subject by name; of node N also ``N.state`` and the like."""
    if subjects == "services":
        rows = evaluation.services.filter(pl.col("service") == code)
        return rows.row(0, named=True) if rows.height else None
    rows = evaluation.agencies.filter(pl.col("agency") == code)
    if not rows.height:
        return None
    found: dict[str, Any] = {}
    for node in evaluation.criteria.filter(pl.col("agency") == code).iter_rows(named=True):
        found[node["node"]] = node["score"]
        found |= {f"{node['node']}.{key}": node[key] for key in DETAILS}
    return found | rows.row(0, named=True)


def _judged(
    value: Value, name: str, found: Mapping[str, Any], tolerance: float
) -> Iterator[tuple[Loc, str, str]]:
    """Yield what is wrong with one value, at which part of it, where it has parts, and a hint.

    A state alone may be expected by its name.
    """
    has_parts = isinstance(value, Expected)
    if isinstance(value, str) and value in get_args(State) and f"{name}.state" in found:
        value = Expected.model_construct(_fields_set={"state"}, state=value)
    if not isinstance(value, Expected):
        value = Expected.model_construct(_fields_set={"is_"}, is_=value)
    for field in ("is_", *DETAILS):
        if field in value.model_fields_set:
            key = name if field == "is_" else f"{name}.{field}"
            wanted, came = getattr(value, field), found.get(key)
            within = _within(value, key, came, tolerance)
            if not _equal(wanted, came, max(within, EXACT)):
                state = found.get(f"{name}.state", "scored")
                why = f" ({state})" if came is None and state != "scored" else ""
                what = _PHRASES.get(field, f"the {field} of {{}}").format(name)
                told, hint = _shown(wanted), ""
                if isinstance(wanted, str) and _is_number(came) and fraction(wanted) is None:
                    hint = number_advice(wanted)
                    told = f"the text '{wanted}'" if hint else told
                message = f"{what} is {_shown(came)}{why}, and {told} was expected"
                yield (field.removesuffix("_"),) if has_parts else (), message, hint


def _within(value: Expected, key: str, came: Any, tolerance: float) -> float:
    """Say how far a number may be off: whole numbers not at all, unless that is said of them."""
    if value.within is None and isinstance(came, int):
        return 0.0
    within = tolerance if value.within is None else value.within
    is_coverage = key.rpartition(".")[2] == "coverage"
    return min(within, LOOSEST) if is_coverage else within


def _is_number(value: Any) -> bool:
    return isinstance(value, float | int) and not isinstance(value, bool)


def _equal(wanted: Any, came: Any, within: float) -> bool:
    if isinstance(wanted, str) and _is_number(came):
        wanted = fraction(wanted)
    if wanted is None or came is None or isinstance(wanted, bool | str):
        return type(wanted) is type(came) and wanted == came
    return _is_number(came) and bool(abs(wanted - came) <= within)


def _shown(value: Any) -> str:
    if value is None:
        return _NOTHING
    if isinstance(value, bool):
        return str(value).lower()
    return f"{round(value, DIGITS):.{DIGITS + 6}g}" if isinstance(value, float) else str(value)


def _bands(
    expect: Expect, evaluation: Evaluation, document: Document, loc: Loc
) -> Iterator[Problem]:
    counts = {
        (band, label): n
        for band, label, n in evaluation.bands.select("band", "label", "count").rows()
    }
    for band, labels in expect.bands.items():
        for label, wanted in labels.items():
            came = counts[band, label]
            if came != wanted:
                message = f"'{label}' counts {came}, and {wanted} was expected"
                yield document.problem((*loc, "bands", band, label), message)


def _subjects(
    expect: Expect, evaluation: Evaluation, document: Document, loc: Loc
) -> Iterator[Problem]:
    """Compare lists in their order, findings in any; each as a whole."""
    for name, wanted in expect.lists.items():
        came = evaluation.lists.filter(pl.col("list") == name)["subject"].to_list()
        if came != list(wanted):
            message = f"the list holds {_named(came)}, and {_named(wanted)} was expected"
            yield document.problem((*loc, "lists", name), message)
    for name, subjects in expect.findings.items():
        fired = evaluation.findings.filter(pl.col("finding") == name)["subject"].to_list()
        if sorted(fired) != sorted(subjects):
            message = (
                f"it fires for {_named(sorted(fired))}, and {_named(sorted(subjects))} was expected"
            )
            yield document.problem((*loc, "findings", name), message)


def _named(codes: Any) -> str:
    return ", ".join(codes) or "nobody"
