"""Step 4: one row per agency, from the sums of its services and its own indicators to its total.

The table is local and small. What leaves this module are two Polars tables: one row per agency,
and one row per agency and node of the tree.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import Any

import narwhals as nw
import polars as pl

from egovrules import nodes
from egovrules.aggregation import Aggregation, Arithmetic, Child
from egovrules.entries import Round
from egovrules.plan import Plan, settle_over
from egovrules.population import Figures, value_column
from egovrules.rollup import SERVICES, Rolled, settle
from egovrules.rounding import rounded
from egovrules.ruleset import Ruleset
from egovrules.scoring import Rows, cap_that_bit, capped, columns_of, score_rows
from egovrules.soundness import check_finite
from egovrules.tree import Node, agency_part, parents

_NODE_COLUMNS = (
    "agency",
    "node",
    "weight",
    "share",
    "score",
    "raw",
    "uncapped",
    "value",
    "coverage",
    "state",
    "contribution",
    "cap",
    "scored",
    "missing",
    "not_applicable",
)
_NODE_VALUES = {
    "score": pl.Float64,
    "raw": pl.Float64,
    "uncapped": pl.Float64,
    "value": pl.Float64,
    "coverage": pl.Float64,
    "state": pl.Int64,
    "cap": pl.String,
    "scored": pl.Int64,
    "missing": pl.Int64,
    "not_applicable": pl.Int64,
}


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
    frame = _compared(frame, level, numbers)
    inner: dict[str, nw.Expr] = {}
    settled: dict[str, nw.Expr] = {}
    for node in level:
        number = numbers[node.id]
        if node.children and node.kind != "services":
            inner |= nodes.inner(node, numbers)
            settled[Rolled(node, number).column("raw")] = nw.col(nodes.e(number))
        if node.kind in ("axis", "services"):  # a criterion's statuses have decided already
            settled |= nodes.policy(number, node.missing, low)
    frame = frame.with_columns(**inner) if inner else frame
    for node in level:
        if node.children and node.kind != "services":
            frame = _rounded(frame, node, numbers) if node.round else frame
            frame = _with_caps(frame, node, numbers[node.id])
    return frame.with_columns(**settled) if settled else frame


def _compared(frame: Any, level: Sequence[Node], numbers: Mapping[str, int]) -> Any:
    """Add the scores of nodes whose aggregation compares agencies with each other."""
    for node in level:
        if node.kind == "services" or node.aggregation is None or not node.aggregation.whole:
            continue
        counted = {nodes.e(numbers[one.id]): one.weight for one in node.children if one.weight > 0}
        scores = frame.to_native().select(pl.col(list(counted)).cast(pl.Float64))
        found = node.aggregation.combine_table(scores, list(counted.values()))
        name = nodes.whole_column(numbers[node.id])
        frame = frame.with_columns(nw.from_native(found.alias(name), series_only=True))
    return frame


def _rounded(frame: Any, node: Node, numbers: Mapping[str, int]) -> Any:
    """Round a node's scores, of means that were summed without loss where that can be done."""
    assert node.round is not None  # noqa: S101 - the caller's choice
    assert node.aggregation is not None  # noqa: S101 - inner nodes always have one
    name = nodes.e(numbers[node.id])
    counted = {nodes.e(numbers[one.id]): one.weight for one in node.children if one.weight > 0}
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


def outside_services(node: Node) -> Iterator[Node]:
    """Yield the nodes that agencies have a score of: all but what is inside a services node."""
    yield node
    if node.kind != "services":
        for child in node.children:
            yield from outside_services(child)


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


def agency_table(
    frame: Any, ruleset: Ruleset, joined: Node, numbers: Mapping[str, int]
) -> pl.DataFrame:
    """Make the table of agencies: names, total, coverage, axes, derived values, as they print."""
    names = [c for c in ("name", "name_en", "name_fa") if c in frame.columns]
    own = [c for c in ("kind", "is_main", "parent", "predecessors") if c in frame.columns]
    axes = [node.id for node in ruleset.root.walk() if node.kind == "axis"]
    derived = [one.name for one in ruleset.rules.derive if "agency" in one.levels]
    total = numbers[joined.id]
    table: pl.DataFrame = frame.select(
        nw.col("code").alias("agency"),
        nw.coalesce(*[nw.col(name) for name in names], nw.col("code")).alias("name"),
        *[nw.col(name) for name in names if name != "name"],
        nw.col(nodes.e(total)).alias("total"),
        nw.col(nodes.c(total)).alias("coverage"),
        nw.col(nodes.t(total)).alias("state"),
        *[nw.col(name) for name in axes],
        *[nw.col(name) for name in own],
        nw.col(SERVICES).fill_null(0).cast(nw.Int64).alias("services"),
        *[nw.col(name) for name in derived],
    ).to_native()
    return table.with_columns(_state_names("state"))


def node_table(frame: Any, joined: Node, numbers: Mapping[str, int]) -> pl.DataFrame:
    """Make the table of nodes: for every agency and node how its score came about.

    Columns: agency, node, weight, share (of the parent's weight that it carries, 0 to 1),
    score (effective), raw (before policy and, for criteria, after caps), uncapped, value (of an
    agency's criterion before normalisation; null where nothing is normalised), coverage,
    state, contribution (share × score, where the parent's aggregation adds up), cap (path of the
    one that bit), scored / missing / not_applicable (numbers of services behind it; null for
    what agencies are scored on directly).
    """
    table: pl.DataFrame = frame.to_native()
    rows = _heads(joined).join(table.select(agency="code"), how="cross")
    columns = frozenset(table.columns)
    turned = [value_column(numbers[one.id]) for one in joined.walk() if one.direction == "down"]
    table = table.with_columns(-pl.col(name) for name in turned if name in columns)
    sources = [_sources(node, numbers[node.id]) for node in joined.walk()]
    values = []
    for name, dtype in _NODE_VALUES.items():
        nothing = pl.Series([None], dtype=dtype).new_from_index(0, table.height)
        parts = [
            table.get_column(source[name]).cast(dtype) if source[name] in columns else nothing
            for source in sources
        ]
        values.append(pl.concat(parts).alias(name))
    return _tidied(rows.with_columns(values))


def _heads(joined: Node) -> pl.DataFrame:
    """Make one row per node of what is the same for all agencies."""
    above, by_id = parents(joined), {node.id: node for node in joined.walk()}
    outside = {node.id for node in outside_services(joined)}
    rows = []
    for node in joined.walk():
        parent = by_id.get(above.get(node.id, ""))
        adds = parent is not None and parent.aggregation is not None and parent.aggregation.additive
        known = node.id in outside
        rows.append((node.id, above.get(node.id), float(node.weight), adds, known))
    schema = {
        "node": pl.String,
        "parent": pl.String,
        "weight": pl.Float64,
        "adds": pl.Boolean,
        "outside": pl.Boolean,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _sources(node: Node, number: int) -> dict[str, str]:
    """Name the working columns of what is told of a node; some nodes lack some."""
    part = Rolled(node, number)
    return {
        "score": nodes.e(number),
        "raw": part.column("raw"),
        "uncapped": columns_of(number).uncapped,
        "value": value_column(number),
        "coverage": nodes.c(number),
        "state": nodes.t(number),
        "cap": columns_of(number).cap,
        "scored": part.column("n"),
        "missing": part.column("missing"),
        "not_applicable": part.column("off"),
    }


def _tidied(rows: pl.DataFrame) -> pl.DataFrame:
    """Work out the shares, fill what a node has no column of its own for, and name the states."""
    scored = pl.col("state") == nodes.SCORED
    carried = pl.when(pl.col("score").is_not_null()).then("weight")
    present = carried.sum().over("agency", "parent")
    share = pl.when(pl.col("outside") & (present > 0)).then(carried / present)
    rows = rows.with_columns(
        pl.when(pl.col("parent").is_null()).then(1.0).otherwise(share).alias("share"),
        pl.coalesce("raw", pl.when(scored).then("score")).alias("raw"),
        pl.coalesce("uncapped", "score").alias("uncapped"),
        _state_names("state"),
    )
    contribution = pl.when("adds").then(pl.col("share") * pl.col("score"))
    rows = rows.with_columns(contribution.alias("contribution"))
    return rows.select(_NODE_COLUMNS).sort("agency", maintain_order=True)


def _state_names(column: str) -> pl.Expr:
    """Spell the states out."""
    return pl.col(column).replace_strict(dict(enumerate(nodes.STATES)), return_dtype=pl.String)
