"""Every agency's total with one leaf of its tree at full, computed as the engine does."""

from collections.abc import Mapping, Sequence

import narwhals as nw
import polars as pl

from egovrules.agencies import to_decimals
from egovrules.aggregation import Aggregation, Child
from egovrules.entries import Round
from egovrules.errors import EvaluationError
from egovrules.html.recorded import (
    bound_by,
    caps_of_nodes,
    derived_anew,
    facts_of_agencies,
)
from egovrules.plugins import Registry
from egovrules.recomputing import aggregation_of
from egovrules.report.recorded import recorded_form
from egovrules.result import Evaluation, NodeInfo
from egovrules.schema import RulesetFile

_NOISE = 1e-9  # by which a share of children may stray from what was meant
_FULL = {
    "row": pl.UInt32,
    "agency": pl.String,
    "leaf": pl.String,
    "score": pl.Float64,
    "now": pl.Float64,
    "then": pl.Float64,
    "coverage": pl.Float64,
}


class FullMarks:
    """Every agency once for each leaf, with the scores of all nodes, and that leaf at full."""

    def __init__(self, evaluation: Evaluation, registry: Registry | None) -> None:
        self.evaluation = evaluation
        self.file: RulesetFile = recorded_form(evaluation)
        self.caps = caps_of_nodes(self.file)
        self.low, self.high = evaluation.manifest.ruleset.scale
        tree = [one for one in evaluation.manifest.tree if not one.inside]
        self.nodes = {one.id: one for one in tree}
        self.below: Mapping[str, Sequence[NodeInfo]] = {
            one.id: below for one in tree if (below := [n for n in tree if n.parent == one.id])
        }
        known = {one: _method(self.nodes[one], registry) for one in self.below}
        self.methods = {one: method for one, method in known.items() if method is not None}
        self.leaves = [one for one in tree if one.id not in self.below and self._can_be_told(one)]
        self.facts = facts_of_agencies(evaluation)

    def _can_be_told(self, leaf: NodeInfo) -> bool:
        capped = leaf.level == "service" and leaf.id in self.caps
        return not capped and not any(one not in self.methods for one in self._above(leaf))

    def _above(self, node: NodeInfo) -> list[str]:
        """Return the nodes above one, the nearest first."""
        found, parent = [], node.parent
        while parent is not None:
            found.append(parent)
            parent = self.nodes[parent].parent
        return found

    def full(self) -> pl.DataFrame:
        """Compute every agency's total with each leaf at the high end.

        Returns:
            row (of the agency), agency, leaf, score (of the leaf, as it is), now and then (the
            total), and coverage (then), where there is a total and the leaf applies.
        """
        if not self.leaves or self.evaluation.criteria.is_empty():
            return pl.DataFrame(schema=_FULL)
        scores = self._recorded()
        parts = [self._at_full(scores, leaf) for leaf in self.leaves]
        table = pl.concat(parts)
        facts = pl.concat([self._facts_with(leaf) for leaf in self.leaves])
        for node in reversed(list(self.below)):  # parents come first in the tree
            if node not in self.methods:
                continue  # nothing below it changes
            table = self._settled(table, self.nodes[node], facts)
            if node in facts.columns:  # conditions of the total may name an axis
                facts = facts.with_columns(table.get_column(f"score {node}").alias(node))
        told = table.with_columns(
            pl.col("score total").alias("then"), pl.col("coverage total").alias("coverage")
        )
        return told.filter(pl.col("now").is_not_null() & pl.col("asked")).select(list(_FULL))

    def _recorded(self) -> pl.DataFrame:
        """Spread the table of nodes: per node its score, coverage, and what it does above."""
        order = self.evaluation.agencies.select("agency")
        columns: list[pl.Series] = [order.get_column("agency")]
        parts = self.evaluation.criteria.partition_by("node", as_dict=True)
        for node, info in self.nodes.items():
            part = order.join(parts[node,], on="agency", how="left", maintain_order="left")
            score, state = part.get_column("score"), part.get_column("state")
            forbids = score.is_null() & (state == "missing") & (info.missing == "exclude")
            columns += [
                score.alias(f"score {node}"),
                part.get_column("coverage").alias(f"coverage {node}"),
                (state != "not_applicable").alias(f"applies {node}"),
                forbids.alias(f"forbids {node}"),
            ]
        return pl.DataFrame(columns).with_row_index("row")

    def _at_full(self, scores: pl.DataFrame, leaf: NodeInfo) -> pl.DataFrame:
        bound = bound_by(self.caps.get(leaf.id, ()), self.facts)
        return scores.with_columns(
            pl.lit(leaf.id).alias("leaf"),
            pl.col(f"score {leaf.id}").alias("score"),
            pl.col("score total").alias("now"),
            pl.col(f"applies {leaf.id}").alias("asked"),
            pl.min_horizontal(pl.lit(self.high), bound).alias(f"score {leaf.id}"),
            pl.lit(1.0).alias(f"coverage {leaf.id}"),
            pl.lit(value=False).alias(f"forbids {leaf.id}"),
        )

    def _facts_with(self, leaf: NodeInfo) -> pl.DataFrame:
        derive = {name: one.value for name, one in self.file.derive.items()}
        return derived_anew(self.facts, derive, leaf.id, self.high)

    def _settled(self, table: pl.DataFrame, info: NodeInfo, facts: pl.DataFrame) -> pl.DataFrame:
        """Compute one node from its children: combined, rounded, capped, and its own policy."""
        counted = [one for one in self.below[info.id] if one.weight > 0]
        if not counted:
            return table
        score, method = f"score {info.id}", self.methods[info.id]
        children = [Child(nw.col(f"score {one.id}"), one.weight) for one in counted]
        combined = nw.from_native(table).with_columns(_eg=method.combine(children)).to_native()
        there = pl.sum_horizontal(pl.col(f"score {one.id}").is_not_null() for one in counted)
        of_all = pl.sum_horizontal(f"applies {one.id}" for one in counted)
        forbidden = pl.any_horizontal(f"forbids {one.id}" for one in counted)
        forbidden |= there < info.min_share * of_all - _NOISE
        weight = [pl.col(f"applies {one.id}") * one.weight for one in counted]
        covered = [pl.col(f"coverage {one.id}").fill_null(0.0) * one.weight for one in counted]
        whole = pl.sum_horizontal(weight)
        coverage = pl.when(whole > 0).then(pl.sum_horizontal(covered) / whole)
        table = combined.with_columns(
            pl.when(~forbidden).then("_eg").alias(score), coverage.alias(f"coverage {info.id}")
        )
        table = self._rounded(table, info, counted) if info.round else table
        if caps := self.caps.get(info.id, ()):
            capped = pl.min_horizontal(score, bound_by(caps, facts))
            table = table.with_columns(
                pl.when(pl.col(score).is_not_null()).then(capped).alias(score)
            )
        absent = pl.col(score).is_null() & pl.col(f"applies {info.id}")
        if info.kind == "total":
            return table
        if info.missing == "zero":
            zero = pl.when(absent).then(self.low).otherwise(score).alias(score)
            covered_now = pl.when(absent).then(1.0).otherwise(f"coverage {info.id}")
            return table.with_columns(zero, covered_now.alias(f"coverage {info.id}"))
        return table.with_columns(
            (absent & (info.missing == "exclude")).alias(f"forbids {info.id}")
        )

    def _rounded(
        self, table: pl.DataFrame, info: NodeInfo, counted: Sequence[NodeInfo]
    ) -> pl.DataFrame:
        assert info.round is not None  # noqa: S101 - the caller's choice
        rule = Round(decimals=info.round[0], rule=info.round[1])
        method, weights = self.methods[info.id], [one.weight for one in counted]
        name, parts = f"score {info.id}", table.select(f"score {one.id}" for one in counted)
        score = [
            None if value is None else to_decimals(value, row, weights, method, rule)
            for value, row in zip(table.get_column(name), parts.iter_rows(), strict=True)
        ]
        return table.with_columns(pl.Series(name, score, dtype=pl.Float64))


def _method(info: NodeInfo, registry: Registry | None) -> Aggregation | None:
    """Return how a node combines its children, if that can be done for one agency at a time."""
    try:
        method = aggregation_of(info, registry)
    except EvaluationError:  # of a plugin that is not installed
        return None
    return None if method.whole else method
