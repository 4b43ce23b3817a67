"""Agencies compared with each other, two at a time."""

import math
from collections.abc import Sequence

import polars as pl

from egovrules.aggregation.base import Aggregation

_NOISE = 9  # decimals of scores, as in ranks, and of shares of the weight, that are compared


class Copeland(Aggregation):
    """Duels won less duels lost: who is better on more than half of the weight wins a duel.

    Scores that are equal to nine decimals, as in ranks, tie, and a tied child counts half for
    either; children that one of the two lacks are left out of the duel, and two without a common
    child do not meet. Handbook, step 6 ("non-compensatory multi-criteria approach"), with
    Copeland's rule. COINr: a_copeland.
    """

    id = "copeland"
    title = {"en": "Copeland", "fa": "کوپلند"}

    def combine_table(self, scores: pl.DataFrame, weights: Sequence[float]) -> pl.Series:
        """Let every agency meet every other, one against all at a time."""
        points: list[float | None] = []
        whole = math.fsum(weights)
        shares = [weight / whole for weight in weights]
        scores = scores.select(_compared(scores[name]) for name in scores.columns)
        for row in scores.iter_rows():
            lead = [
                (pl.lit(own) - pl.col(name)).sign().fill_null(0.0) * share
                for own, name, share in zip(row, scores.columns, shares, strict=True)
                if own is not None
            ]
            duels = scores.select(pl.sum_horizontal(lead).round(_NOISE).sign()) if lead else None
            points.append(None if duels is None else float(duels.to_series().sum()))
        return pl.Series("score", points, dtype=pl.Float64)


def _compared(scores: pl.Series) -> pl.Series:
    """Leave the noise of floats out, which would decide duels between equals."""
    rounded = [None if one is None else round(one, _NOISE) for one in scores]
    return pl.Series(scores.name, rounded, dtype=pl.Float64)
