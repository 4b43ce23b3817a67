"""Ranks of a column of scores: best first, ties as declared, inside groups where there are any."""

from typing import Literal

import polars as pl

Ties = Literal["min", "max", "dense", "average", "ordinal"]


def rank(
    scores: pl.Series,
    ties: Ties = "min",
    *,
    within: pl.Series | None = None,
    descending: bool = True,
) -> pl.Series:
    """Rank scores, 1 for the best; null stays null.

    Args:
        scores: Any numbers; round them beforehand where what prints decides.
        ties: What equal scores share: the smallest rank (``min``: 1, 2, 2, 4), the largest
            (``max``: 1, 3, 3, 4), consecutive numbers (``dense``: 1, 2, 2, 3), the mean
            (``average``: 1, 2.5, 2.5, 4), or nothing, in the order given (``ordinal``).
        within: The group of each score, in which it is ranked; without a group it has no rank.
        descending: Whether more is better.

    Returns:
        Int64, or Float64 for ``average``.
    """
    kind = pl.Float64 if ties == "average" else pl.Int64
    if within is None:
        return scores.rank(ties, descending=descending).cast(kind)
    table = pl.DataFrame({"score": scores, "group": within})
    grouped = pl.when(pl.col("group").is_not_null()).then("score")
    ranks = grouped.rank(ties, descending=descending).over("group")
    return table.select(ranks.cast(kind).alias(scores.name)).to_series()


def labelled(ranks: pl.Series, tied: str, *, within: pl.Series | None = None) -> pl.Series:
    """Write ranks as text, *tied* before those that several share: 1, =2, =2, 4.

    Args:
        ranks: Of :func:`rank`; null stays null.
        tied: What stands before a shared rank.
        within: The group of each rank, in which it is shared.

    Returns:
        Text; a rank of ``average`` without a fraction is written without one: 2.5, and 3.
    """
    text = ranks.cast(pl.String).str.strip_suffix(".0")
    table = pl.DataFrame([ranks.alias("rank"), *([] if within is None else [within.alias("of")])])
    return (tied + text).zip_with(table.is_duplicated(), text)
