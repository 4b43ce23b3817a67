"""Whether egovrules and the hand-written evaluation say the same; nothing is timed before."""

from collections.abc import Mapping

import polars as pl
from polars.testing import assert_frame_equal

from benchmarks.by_hand import CRITERIA, WEIGHTS
from egovrules.result import Evaluation

TOLERANCE = 1e-9


def assert_same(evaluation: Evaluation, by_hand: Mapping[str, pl.DataFrame]) -> None:
    """Compare all six tables, the order of ranks, lists and findings included."""
    agencies = [
        *("agency", "name_en", "name_fa", "is_main", "services", "rank", "total", "coverage"),
        *("electronization", "agency_live_links"),
        *WEIGHTS,
    ]
    _same(evaluation.agencies.select(agencies), by_hand["agencies"].select(agencies))
    criteria = evaluation.criteria.filter(pl.col("node").is_in(CRITERIA))
    _same(
        criteria.select("agency", "node", "score", "coverage").sort("agency", "node"),
        by_hand["criteria"].sort("agency", "node"),
    )
    for name in ("bands", "lists", "findings", "reconciliations"):
        expected = by_hand[name]
        _same(getattr(evaluation, name).select(expected.columns), expected)


def _same(ours: pl.DataFrame, expected: pl.DataFrame) -> None:
    assert_frame_equal(ours, expected, abs_tol=TOLERANCE, rel_tol=0.0)
