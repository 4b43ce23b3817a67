"""Caps, and the conditions of criteria: bound to what they may name, which is less further down."""

from collections.abc import Mapping
from dataclasses import replace

from egovrules._yaml import Loc
from egovrules.checker import Checker, Known, results_of
from egovrules.conditions import Condition, Field
from egovrules.criteria import Level
from egovrules.entries import AxisEntry, Cap, CriterionEntry
from egovrules.schema import RulesetFile
from egovrules.tree import BoundCap, Node


def bind_conditions(root: Node, file: RulesetFile, checker: Checker) -> Node:
    """Attach the caps, and the conditions of criteria, after the derived values.

    A criterion's caps and its own condition name indicators only, because values are derived from
    capped scores; caps of the total may also name the axes.
    """
    axes = {node.id: Field("number") for node in root.walk() if node.kind == "axis"}
    told = "caps bound scores before this is known: use a finding"
    late = dict.fromkeys(results_of(file.rank), told)
    early = dict.fromkeys(axes, "only a cap of the total can name an axis")
    inner = dict.fromkeys(file.derive, "values are derived after this cap: put it on the axis")
    of_criteria: dict[Level | None, Known] = {
        "service": checker.known("services", derived=False, elsewhere=late | early | inner),
        "agency": checker.known("agencies", derived=False, elsewhere=late | early | inner),
    }
    of_axes = checker.known("agencies", elsewhere=late | early)
    of_total = checker.known("agencies", more=axes, elsewhere=late)
    before_scores = _before_scores(file, axes, checker)

    def bound(caps: tuple[Cap, ...], known: Known, loc: Loc) -> tuple[BoundCap, ...]:
        found = []
        for number, cap in enumerate(caps):
            here = (*loc, "caps", number)
            if not file.scale.low <= cap.at <= file.scale.high:
                span = f"{file.scale.low:g} to {file.scale.high:g}"
                message = f"a cap at {cap.at:g} lies outside the scale, {span}"
                checker.problem((*here, "at"), message, hint="give a bound within it")
            condition = checker.condition(cap.when, known, (*here, "when"))
            if condition is not None:
                where = ".".join(str(part) for part in here)
                found.append(BoundCap(cap.at, condition, cap.because, where))
        return tuple(found)

    def axis(node: Node, entry: AxisEntry, loc: Loc) -> Node:
        children = []
        for child in node.children:
            key = child.id.rsplit(".", 1)[-1]
            if child.kind == "axis":
                children.append(axis(child, entry.axes[key], (*loc, "axes", key)))
                continue
            own, here = entry.criteria[key], (*loc, "criteria", key)
            caps = bound(own.caps, of_criteria[child.level], here)
            if caps and child.pooled:
                checker.problem(
                    (*here, "caps"),
                    "a pooled criterion has no score per service that could be capped",
                    hint="put the cap on the axis, or set `rollup: mean`",
                )
            applies = _applies(own, before_scores[child.level], here, checker)
            children.append(replace(child, caps=caps, applies=applies))
        if entry.caps and file.rollup.after == "total":
            checker.problem(
                (*loc, "caps"),
                "with the rollup after total, an axis has no score of an agency to cap",
                hint="put the cap on the total, or roll up after axis or criterion",
            )
        return replace(node, children=tuple(children), caps=bound(entry.caps, of_axes, loc))

    children = tuple(
        axis(child, file.axes[child.id], ("axes", child.id)) for child in root.children
    )
    return replace(root, children=children, caps=bound(file.caps, of_total, ()))


def _applies(entry: CriterionEntry, known: Known, loc: Loc, checker: Checker) -> Condition | None:
    return None if entry.when is None else checker.condition(entry.when, known, (*loc, "when"))


def _before_scores(
    file: RulesetFile, axes: Mapping[str, Field], checker: Checker
) -> Mapping[Level | None, Known]:
    """Return what can be named by the condition of a criterion, by the level that it scores."""
    hint = "criteria are scored before this is known: name an indicator"
    late = dict.fromkeys((*results_of(file.rank), *axes, *file.derive), hint)
    # Without our own words here, the hint would be to derive a value.
    other = {
        name: f"'{name}' belongs to services, and agencies are looked at here"
        for name in checker.indicators["services"]
    }
    return {
        "service": checker.known("services", derived=False, elsewhere=late),
        "agency": checker.known("agencies", derived=False, elsewhere=other | late),
    }
