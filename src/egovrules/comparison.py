"""Two evaluations side by side: what each agency gained, by total, axis and criterion."""

from dataclasses import dataclass
from typing import Literal

import polars as pl

from egovrules.growth import (
    Previous,
    check_comparable,
    points_won,
    previous_codes,
    vanished,
    with_growth,
)
from egovrules.result import Evaluation

_NOISE = 1e-12  # of shares, which are quotients of floats


@dataclass(frozen=True, eq=False)
class Comparison:
    """What changed from one evaluation to the next.

    Attributes:
        new: The later evaluation.
        old: The earlier one.
        method: Whether both use the same method, or a declared bridge.
        agencies: agency, name, continuity, total, previous_total, growth, rank, rank_label (where
            there is one), previous_rank, rank_growth; the highest growth first.
        criteria: agency, node, score, previous_score, growth: for the nodes that both have, of
            agencies that continue one body.
        vanished: Bodies that no agency continues.
        added: Nodes that only the later tree has.
        dropped: Nodes that only the earlier tree has.
        reweighted: node, share, previous_share (of the parent's weight) where they differ.
    """

    new: Evaluation
    old: Evaluation
    method: Literal["same", "bridge"]
    agencies: pl.DataFrame
    criteria: pl.DataFrame
    vanished: pl.DataFrame
    added: tuple[str, ...]
    dropped: tuple[str, ...]
    reweighted: pl.DataFrame


def compare(new: Evaluation, old: Evaluation) -> Comparison:
    """Compare an evaluation with an earlier one.

    Raises:
        ComparisonError: When they were made by different methods, and the later ruleset declares
            no bridge from the earlier.
    """
    info, before = new.manifest.ruleset, old.manifest.ruleset
    earlier = Previous.of(old)
    check_comparable(info, new.ruleset_text, new.manifest.plugins, earlier)
    grown = with_growth(new.agencies, earlier)
    names = [c for c in ("name", "name_en", "name_fa") if c in grown.columns]
    agencies = grown.select(
        "agency",
        *names,
        "continuity",
        "total",
        "previous_total",
        "growth",
        "rank",
        *[c for c in ("rank_label",) if c in grown.columns],
        "previous_rank",
        "rank_growth",
    ).sort(["growth", "agency"], descending=[True, False], nulls_last=True)
    codes = previous_codes(new.agencies, old.agencies)
    ids, ids_before = _ids(new), _ids(old)
    return Comparison(
        new=new,
        old=old,
        method="same" if info.method_digest == before.method_digest else "bridge",
        agencies=agencies,
        criteria=_nodes(new, old, codes),
        vanished=vanished(new.agencies, earlier),
        added=tuple(one for one in ids if one not in ids_before),
        dropped=tuple(one for one in ids_before if one not in ids),
        reweighted=_reweighted(new, old),
    )


def _ids(evaluation: Evaluation) -> list[str]:
    return [node.id for node in evaluation.manifest.tree]


def _nodes(new: Evaluation, old: Evaluation, codes: pl.DataFrame) -> pl.DataFrame:
    """Subtract node by node, for the agencies that continue one body."""
    before = old.criteria.select(
        pl.col("agency").alias("previous"), "node", pl.col("score").alias("previous_score")
    )
    continued = codes.drop_nulls("previous").select("agency", "previous")
    table = new.criteria.select("agency", "node", "score").join(continued, on="agency")
    table = table.join(before, on=["previous", "node"], maintain_order="left")
    growth = points_won("score", "previous_score").alias("growth")
    return table.select("agency", "node", "score", "previous_score", growth)


def _shares(evaluation: Evaluation) -> dict[str, float]:
    tree = evaluation.manifest.tree
    whole: dict[str | None, float] = {}
    for node in tree:
        whole[node.parent] = whole.get(node.parent, 0.0) + node.weight
    return {node.id: node.weight / (whole[node.parent] or 1.0) for node in tree}


def _reweighted(new: Evaluation, old: Evaluation) -> pl.DataFrame:
    now, before = _shares(new), _shares(old)
    rows = [
        (node, share, before[node])
        for node, share in now.items()
        if node in before and abs(share - before[node]) > _NOISE
    ]
    schema = {"node": pl.String, "share": pl.Float64, "previous_share": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")
