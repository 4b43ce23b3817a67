"""Ranks of a column of scores: best first, ties as declared."""

from typing import Literal

import polars as pl

Ties = Literal["min", "max", "dense", "average", "ordinal"]


def rank(scores: pl.Series, ties: Ties = "min", *, descending: bool = True) -> pl.Series:
    """Rank scores, 1 for the best; null stays null.

    Args:
        scores: Any numbers; round them beforehand where what prints decides.
        ties: What equal scores share: the smallest rank (``min``: 1, 2, 2, 4), the largest
            (``max``: 1, 3, 3, 4), consecutive numbers (``dense``: 1, 2, 2, 3), the mean
            (``average``: 1, 2.5, 2.5, 4), or nothing, in the order given (``ordinal``).
        descending: Whether more is better.

    Returns:
        Int64, or Float64 for ``average``.
    """
    ranks = scores.rank(ties, descending=descending)
    return ranks.cast(pl.Float64 if ties == "average" else pl.Int64)
