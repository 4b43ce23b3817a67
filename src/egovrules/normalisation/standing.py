"""The place among all: ranks and what is made of them. They look at the whole column."""

from collections.abc import Mapping
from typing import Any, Literal

import narwhals as nw

from egovrules.normalisation.base import Normalisation, share

Ties = Literal["min", "max", "average"]


class PercentileRank(Normalisation):
    """Share of the others that lie lower: (rank − 1) / (n − 1), ties the lowest. COINr: n_prank."""

    id = "percentile_rank"
    title = {"en": "Percentile rank", "fa": "رتبهٔ صدکی"}
    whole = True

    @property
    def top(self) -> float | None:
        """It is a share."""
        return 1.0

    def population(self, x: nw.Expr) -> Mapping[str, nw.Expr]:
        """Ask how many have a value."""
        return {"n": x.count()}

    def normalise(self, x: nw.Expr, **population: Any) -> nw.Expr:
        """Rank, and divide by the number of the others."""
        return share(_rank(x, "min") - 1, population["n"] - 1)


class Rank(Normalisation):
    """Place from the bottom: the lowest value scores 1. COINr: n_rank."""

    id = "rank"
    title = {"en": "Rank", "fa": "رتبه"}
    whole = True

    ties: Ties = "min"
    """What equal values share: the lowest of their places, the highest, or the mean."""

    def normalise(self, x: nw.Expr, **_: Any) -> nw.Expr:
        """Rank from the bottom."""
        return _rank(x, self.ties)


class Borda(Normalisation):
    """How many places are below: rank − 1. COINr: n_borda."""

    id = "borda"
    title = {"en": "Borda count", "fa": "شمارش بوردا"}
    whole = True

    ties: Ties = "min"
    """What equal values share: the lowest of their places, the highest, or the mean."""

    def normalise(self, x: nw.Expr, **_: Any) -> nw.Expr:
        """Rank from the bottom, from 0."""
        return _rank(x, self.ties) - 1


def _rank(x: nw.Expr, ties: Ties) -> nw.Expr:
    return x.rank(ties).cast(nw.Float64)
