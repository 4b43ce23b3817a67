"""Step 4: one row per agency, from the sums of its services and its own indicators to its total.

The table is local and small; ``agency_tables`` makes of it what leaves the evaluation.
"""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

import narwhals as nw
import polars as pl

from egovrules import nodes
from egovrules.aggregation import Aggregation, Arithmetic, Child
from egovrules.entries import Round
from egovrules.plan import Plan, settle_over
from egovrules.population import Figures
from egovrules.rollup import SERVICES, Rolled, settle
from egovrules.rounding import rounded
from egovrules.ruleset import Ruleset
from egovrules.scoring import Rows, cap_that_bit, capped, columns_of, score_rows
from egovrules.soundness import check_finite
from egovrules.tree import Node, agency_part


def score_agencies(
    ruleset: Ruleset,
    frame: Any,
    plan: Plan | None,
    joined: Node,
    numbers: Mapping[str, int],
    figures: Figures,
    statuses: frozenset[str],
) -> Any:
    """Score every node of every agency.

    Args:
        ruleset: The rules.
        frame: Agencies in scope, one row each (narwhals over Polars), with the sums of
            :func:`egovrules.plan.sums` joined to them where there are services.
        plan: How the services were scored; None where there are none.
        joined: The tree with the rollup in its place.
        numbers: Number of every node.
        figures: Population numbers of the agency-level criteria.
        statuses: Columns of agencies that have a status companion.

    Returns:
        The frame with the working columns of every node and the derived values by name.
    """
    file, low = ruleset.file, ruleset.file.scale.low
    parts = plan.parts if plan else ()
    if plan is None:
        frame = frame.with_columns(nw.lit(0).alias(SERVICES))
        frame = frame.with_columns(**_no_services(ruleset.root, numbers))
    elif parts:
        weighted = file.rollup.weight is not None
        settled = settle(frame.to_native(), parts, file.scale, weighted=weighted)
        frame = nw.from_native(settled, eager_only=True)
    criteria = ruleset.root.criteria("agency")
    frame, rows = score_rows(frame, numbers, ruleset, criteria, figures, statuses)
    leaves: dict[str, nw.Expr] = {}
    for one in rows:
        leaves |= nodes.leaf(one, numbers[one.node.id], low)
    frame = frame.with_columns(**leaves) if leaves else frame
    frame = _derive(
        ruleset, frame, {part.node.id: part for part in parts}, {one.node.id: one for one in rows}
    )
    for level in _levels(joined):
        if joined in level:
            frame = _with_axes(frame, ruleset.root, joined, numbers)
        frame = _settle_level(frame, level, numbers, low)
    check_finite(frame.to_native(), joined, numbers)
    return frame


def _levels(root: Node) -> list[list[Node]]:
    """Sort the nodes that agencies have a score of by height, what has no children first."""
    levels: dict[int, list[Node]] = {}

    def height(node: Node) -> int:
        below = () if node.kind == "services" else node.children
        own = 1 + max((height(child) for child in below), default=-1)
        levels.setdefault(own, []).append(node)
        return own

    height(root)
    return [levels[number] for number in sorted(levels)]


def _settle_level(frame: Any, level: Sequence[Node], numbers: Mapping[str, int], low: float) -> Any:
    """Aggregate nodes whose children are settled, cap them, and apply their policies.

    All nodes of a level at once: on a small table, each step over the frame costs more than what
    it computes.
    """
    frame, at_once = _at_once(frame, level, numbers)
    inner: dict[str, nw.Expr] = {}
    settled: dict[str, nw.Expr] = {}
    for node in level:
        number = numbers[node.id]
        if node.children and node.kind != "services":
            inner |= nodes.inner(node, numbers, at_once.get(node.id))
            settled[Rolled(node, number).column("raw")] = nw.col(nodes.e(number))
        if node.kind in ("axis", "services"):  # a criterion's statuses have decided already
            settled |= nodes.policy(number, node.missing, low)
    frame = frame.with_columns(**inner) if inner else frame
    for node in level:
        if node.children and node.kind != "services":
            frame = _rounded(frame, node, numbers) if node.round else frame
            frame = _with_caps(frame, node, numbers[node.id])
    return frame.with_columns(**settled) if settled else frame


def _at_once(
    frame: Any, level: Sequence[Node], numbers: Mapping[str, int]
) -> tuple[Any, dict[str, nw.Expr]]:
    """Add the scores of nodes that are combined for all agencies at once, and name them by id."""
    added: dict[str, nw.Expr] = {}
    for node in level:
        if node.kind == "services" or node.aggregation is None:
            continue
        counted = nodes.weighed(node, numbers)
        if not node.aggregation.at_once(len(counted)):
            continue
        scores = frame.to_native().select(pl.col(list(counted)).cast(pl.Float64))
        found = node.aggregation.combine_table(scores, list(counted.values()))
        name = nodes.whole_column(numbers[node.id])
        frame = frame.with_columns(nw.from_native(found.alias(name), series_only=True))
        added[node.id] = nw.col(name)
    return frame, added


def _rounded(frame: Any, node: Node, numbers: Mapping[str, int]) -> Any:
    """Round a node's scores, of means that were summed without loss where that can be done."""
    assert node.round is not None  # noqa: S101 - the caller's choice
    assert node.aggregation is not None  # noqa: S101 - inner nodes always have one
    name = nodes.e(numbers[node.id])
    counted = nodes.weighed(node, numbers)
    weights, table = list(counted.values()), frame.to_native()
    score = [
        None if value is None else to_decimals(value, row, weights, node.aggregation, node.round)
        for value, row in zip(
            table.get_column(name), table.select(list(counted)).iter_rows(), strict=True
        )
    ]
    return frame.with_columns(nw.new_series(name, score, nw.Float64, backend="polars"))


def to_decimals(
    value: float,
    scores: Sequence[float | None],
    weights: Sequence[float],
    aggregation: Aggregation,
    rule: Round,
) -> float:
    """Round one score by a rule, of a mean that was summed without loss where there is one."""
    if not isfinite(value):
        return value  # told where it came from, later
    there = [(s, w) for s, w in zip(scores, weights, strict=True) if s is not None]
    exact = aggregation.combine_exactly([s for s, _ in there], [w for _, w in there])
    return rounded(value if exact is None else exact, rule.decimals, rule.rule)


def _with_axes(frame: Any, root: Node, joined: Node, numbers: Mapping[str, int]) -> Any:
    """Add every axis under its own id; one that was split for the rollup is put together again."""
    axes: dict[str, nw.Expr] = {}
    for axis in (node for node in root.walk() if node.kind == "axis"):
        ids = (axis.id, agency_part(axis.id))
        pieces = [
            Child(nw.col(nodes.e(numbers[node.id])), node.weight)
            for node in joined.walk()
            if node.id in ids
        ]
        axes[axis.id] = pieces[0].score if len(pieces) == 1 else Arithmetic().combine(pieces)
    return frame.with_columns(**axes)


def _no_services(root: Node, numbers: Mapping[str, int]) -> dict[str, nw.Expr]:
    """Say of every service-level criterion that it applies to no one: there are no services."""
    columns: dict[str, nw.Expr] = {}
    for node in root.criteria("service"):
        number, part = numbers[node.id], Rolled(node, numbers[node.id])
        columns |= {
            nodes.e(number): nw.lit(None, nw.Float64),
            nodes.c(number): nw.lit(None, nw.Float64),
            nodes.t(number): nw.lit(nodes.NOT_APPLICABLE),
            nodes.x(number): nw.lit(value=False),
            part.column("raw"): nw.lit(None, nw.Float64),
            **{part.column(kind): nw.lit(0.0) for kind in ("n", "missing", "off")},
        }
    return columns


def _derive(
    ruleset: Ruleset, frame: Any, parts: Mapping[str, Rolled], rows: Mapping[str, Rows]
) -> Any:
    """Add the values that agencies derive, by name, one after the other."""
    for derived in ruleset.rules.derive:
        if "agency" not in derived.levels:
            continue
        if derived.node is not None and derived.node in parts:
            value = nw.col(parts[derived.node].column("raw"))
        elif derived.node is not None:
            value = nw.col(rows[derived.node].columns.score)
        elif derived.operation is not None:
            value = settle_over(derived, SERVICES)
        else:
            assert derived.condition is not None  # noqa: S101 - the one kind that is left
            value = derived.condition.expression()
        frame = frame.with_columns(value.alias(derived.name))
    return frame


def _with_caps(frame: Any, node: Node, number: int) -> Any:
    """Bound a node's score, and note its score before and the cap that bit."""
    if not node.caps:
        return frame
    score, names = nw.col(nodes.e(number)), columns_of(number)
    return frame.with_columns(
        score.alias(names.uncapped),
        cap_that_bit(score, node.caps).alias(names.cap),
        capped(score, node.caps).alias(nodes.e(number)),
    )
