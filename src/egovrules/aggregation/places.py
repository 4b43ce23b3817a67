"""The lowest of the children, and the one in the middle."""

import math
from collections.abc import Iterable, Sequence

import narwhals as nw
import polars as pl

from egovrules.aggregation.base import Aggregation, Child, added, weight_present

_NOISE = 9  # decimals to which sums of weights are compared, since those of 1/3 and such stray
_HALF = 0.5 - 10**-_NOISE


class Minimum(Aggregation):
    """The lowest score among the children."""

    id = "minimum"
    title = {"en": "Minimum", "fa": "کمینه"}

    def combine(self, children: Sequence[Child]) -> nw.Expr:
        """Take the lowest."""
        counted = [c.score for c in children if c.weight > 0]
        return nw.min_horizontal(*counted) if counted else nw.lit(None, nw.Float64)


class WeightedMedian(Aggregation):
    """The score with half of the weight on either side; the mean of two where both are such.

    With equal weights it is the median.
    """

    id = "weighted_median"
    title = {"en": "Weighted median", "fa": "میانهٔ وزنی"}

    def combine(self, children: Sequence[Child]) -> nw.Expr:
        """Take the mean of the lower and the upper weighted median."""
        children = [one for one in children if one.weight > 0]
        if not children:
            return nw.lit(None, nw.Float64)
        half = weight_present(children) * _HALF
        lower, upper = [], []
        for child in children:
            below = [_weight_where(one.score <= child.score, one) for one in children]
            above = [_weight_where(one.score >= child.score, one) for one in children]
            lower.append(nw.when(added(below) >= half).then(child.score))
            upper.append(nw.when(added(above) >= half).then(child.score))
        return (nw.min_horizontal(*lower) + nw.max_horizontal(*upper)) / 2

    def combine_table(self, scores: pl.DataFrame, weights: Sequence[float]) -> pl.Series:
        """Sort each row, which no expression can: it meets every child with every other."""
        middle = [
            _middle((s, w) for s, w in zip(row, weights, strict=True) if s is not None and w > 0)
            for row in scores.iter_rows()
        ]
        return pl.Series("score", middle, dtype=pl.Float64)


class Median(WeightedMedian):
    """The middle score, or the mean of the middle two, whatever the weights; 0 still leaves out."""

    id = "median"
    title = {"en": "Median", "fa": "میانه"}

    def combine(self, children: Sequence[Child]) -> nw.Expr:
        """Take the weighted median of equal weights."""
        return super().combine([Child(one.score, 1.0) for one in children if one.weight > 0])

    def combine_table(self, scores: pl.DataFrame, weights: Sequence[float]) -> pl.Series:
        """Take it of equal weights, row by row."""
        return super().combine_table(scores, [float(weight > 0) for weight in weights])


def _weight_where(condition: nw.Expr, child: Child) -> nw.Expr:
    return nw.when(condition).then(nw.lit(float(child.weight)))


def _middle(scores: Iterable[tuple[float, float]]) -> float | None:
    """Return the mean of the lower and the upper weighted median of scores with weights."""
    rising = sorted(scores)
    if not rising:
        return None
    half = math.fsum(weight for _, weight in rising) * _HALF
    return (_first_beyond(half, rising) + _first_beyond(half, reversed(rising))) / 2


def _first_beyond(half: float, scores: Iterable[tuple[float, float]]) -> float:
    """Return the score at which the weights up to it reach *half*."""
    reached, score = 0.0, math.nan
    for score, weight in scores:  # noqa: B007 - the last one where noise leaves half unreached
        reached += weight
        if reached >= half:
            break
    return score
