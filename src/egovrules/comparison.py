"""Two evaluations side by side: what each agency gained, by total, axis and criterion."""

from dataclasses import dataclass
from typing import Literal

import polars as pl

from egovrules.growth import (
    Previous,
    check_comparable,
    points_won,
    previous_codes,
    recorded_axes,
    vanished,
    with_growth,
)
from egovrules.result import Evaluation, axis_ids

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
        criteria=_growth_by_node(new.criteria, old.criteria, codes),
        vanished=vanished(new.agencies, earlier),
        added=tuple(one for one in ids if one not in ids_before),
        dropped=tuple(one for one in ids_before if one not in ids),
        reweighted=_reweighted(new, old),
    )


def _ids(evaluation: Evaluation) -> list[str]:
    return [node.id for node in evaluation.manifest.tree]


def growth_by_axis(evaluation: Evaluation) -> pl.DataFrame | None:
    """Subtract axis by axis, from what is recorded of the earlier evaluation.

    Returns:
        As :attr:`Comparison.criteria`, of the axes of both. None where there is no earlier
        evaluation, or only its total is recorded, as earlier versions of this package did.
    """
    now, old = evaluation.agencies, evaluation.inputs.get("previous")
    if old is None or not recorded_axes(old):
        return None
    scores = _unpivoted(now, axis_ids(evaluation.manifest, now))
    return _growth_by_node(scores, _unpivoted(old, recorded_axes(old)), previous_codes(now, old))


def _unpivoted(agencies: pl.DataFrame, axes: list[str]) -> pl.DataFrame:
    return agencies.unpivot(axes, index="agency", variable_name="node", value_name="score")


def _growth_by_node(now: pl.DataFrame, before: pl.DataFrame, codes: pl.DataFrame) -> pl.DataFrame:
    """Subtract node by node, for the agencies that continue one body.

    Args:
        now: agency, node, score; nodes are the same where their ids are, as for the total.
        before: The same of the earlier evaluation.
        codes: Of :func:`previous_codes`.

    Returns:
        agency, node, score, previous_score, growth: of the nodes that both evaluations have.
    """
    before = before.select(
        pl.col("agency").alias("previous"), "node", pl.col("score").alias("previous_score")
    )
    continued = codes.drop_nulls("previous").select("agency", "previous")
    table = now.select("agency", "node", "score").join(continued, on="agency")
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
