"""The two tables of agencies that leave an evaluation: one row each, and one for each of its nodes.

Both are read off the working columns of :func:`egovrules.agencies.score_agencies`.
"""

from collections.abc import Mapping
from typing import Any

import narwhals as nw
import polars as pl

from egovrules import nodes
from egovrules.population import value_column
from egovrules.rollup import SERVICES, Rolled
from egovrules.ruleset import Ruleset
from egovrules.scoring import columns_of
from egovrules.tree import Node, outside_services, parents

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
