"""From children to their parent: one frozen class for each way, null children left out.

A null child is skipped and the others' weights are renormalised inside the node; no child at all
gives null. Formulas: OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 6; the
name that COINr (R) uses stands beside each.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import narwhals as nw
import polars as pl
from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from egovrules.parameters import Parameters

_NOISE = 9  # decimals to which sums of weights are compared, since those of 1/3 and such stray
_LEAST = 0.01  # a power mean nearer to the geometric loses digits, and says the same


@dataclass(frozen=True, slots=True)
class Child:
    """One child of a node: its score (null where it has none) and its weight (> 0)."""

    score: nw.Expr
    weight: float


class Aggregation(Parameters):
    """A way to combine children: subclass, set ``id``, write :meth:`combine`.

    Attributes:
        additive: Whether share × score of the children adds up to the parent, so that an
            explanation may print contributions.
        whole: Set when :meth:`combine_table` is overridden: agencies are compared with each
            other, which no row can do by itself.
    """

    additive: ClassVar[bool] = False
    whole: ClassVar[bool] = False

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Note which of the two ways the author took, and refuse neither at import."""
        super().__pydantic_init_subclass__(**kwargs)
        cls.whole = cls.combine_table is not Aggregation.combine_table
        if "id" in vars(cls) and not cls.whole and cls.combine is Aggregation.combine:
            raise TypeError(f"{cls.id!r} defines neither combine() nor combine_table()")

    def combine(self, children: Sequence[Child]) -> nw.Expr:
        """Give the parent's score, an element-wise expression of the children."""
        raise TypeError(f"{self.id!r} combines no single row, and got {len(children)} children")

    def combine_table(self, scores: pl.DataFrame, weights: Sequence[float]) -> pl.Series:
        """Give the parent's scores of all agencies at once, where rows must be compared.

        Args:
            scores: One Float64 column per child, one row per agency, null where there is none.
            weights: Of the columns, each above 0.
        """
        raise TypeError(f"{self.id!r} combines row by row, and got {scores.shape, weights}")

    def combine_exactly(self, scores: Sequence[float], weights: Sequence[float]) -> float | None:  # noqa: ARG002 - authors override it
        """Give the same of one row's children that are there, rounded only once; None: no way.

        What is rounded to a few decimals afterwards must not hang on the noise of a sum.
        """
        return None


def added(terms: Sequence[nw.Expr]) -> nw.Expr:
    """Add up by halves, a null as nothing: the same to the last bit wherever it is computed.

    ``sum_horizontal`` parts its columns among threads, and its last bits depend on these.
    """
    half = len(terms) // 2
    return added(terms[:half]) + added(terms[half:]) if half else terms[0].fill_null(0.0)


def weight_present(children: Sequence[Child]) -> nw.Expr:
    """Sum the weights of the children that have a score."""
    present = [(~c.score.is_null()).cast(nw.Float64) * float(c.weight) for c in children]
    return added(present)


class Arithmetic(Aggregation):
    """Σ wᵢ sᵢ / Σ wᵢ over the children that have a score. COINr: a_amean."""

    id = "arithmetic"
    title = {"en": "Arithmetic mean", "fa": "میانگین حسابی"}
    additive = True

    def combine(self, children: Sequence[Child]) -> nw.Expr:
        """Give the weighted mean."""
        total = weight_present(children)
        summed = added([c.score * float(c.weight) for c in children])
        return nw.when(total > 0).then(summed / total)

    def combine_exactly(self, scores: Sequence[float], weights: Sequence[float]) -> float | None:
        """Sum without loss (Shewchuk, 1997), then correct the mean by the mean of what is left."""
        if not scores:
            return None
        shares = _in_least_units(weights)
        whole, pairs = math.fsum(shares), list(zip(scores, shares, strict=True))
        mean = math.fsum(score * weight for score, weight in pairs) / whole
        return mean + math.fsum((score - mean) * weight for score, weight in pairs) / whole


class Geometric(Aggregation):
    """exp(Σ wᵢ ln sᵢ / Σ wᵢ); a child at 0 makes it 0, a negative one null. COINr: a_gmean."""

    id = "geometric"
    title = {"en": "Geometric mean", "fa": "میانگین هندسی"}

    def combine(self, children: Sequence[Child]) -> nw.Expr:
        """Average the logarithms."""
        total = weight_present(children)
        logs = added([nw.when(c.score > 0).then(c.score).log() * float(c.weight) for c in children])
        mean = nw.when(total > 0).then(logs / total).exp()
        return _guarded(children, mean, total)


class Harmonic(Aggregation):
    """Σ wᵢ / Σ (wᵢ / sᵢ); a child at 0 makes it 0, a negative one null. COINr: a_hmean."""

    id = "harmonic"
    title = {"en": "Harmonic mean", "fa": "میانگین همساز"}

    def combine(self, children: Sequence[Child]) -> nw.Expr:
        """Average the inverses."""
        total = weight_present(children)
        inverse = added([float(c.weight) / nw.when(c.score > 0).then(c.score) for c in children])
        return _guarded(children, nw.when(inverse > 0).then(total / inverse), total)


class Power(Aggregation):
    """(Σ wᵢ sᵢᵖ / Σ wᵢ)^(1/p), p ≠ 0: 1 is arithmetic, −1 harmonic, towards 0 geometric.

    Where p < 0 a child at 0 makes it 0; a negative child makes it null. COINr: a_genmean.
    """

    id = "power"
    title = {"en": "Power mean", "fa": "میانگین توانی"}

    exponent: float = Field(ge=-100, le=100)
    """p: the smaller, the less can a strong child make up for a weak one; not 0."""

    @field_validator("exponent")
    @classmethod
    def _not_zero(cls, exponent: float) -> float:
        if abs(exponent) < _LEAST:
            message = "with an exponent of 0, or nearly 0, this is the geometric mean"
            hint = "write `aggregate: geometric`"
            raise PydanticCustomError("exponent", message, {"hint": hint})
        return exponent

    def combine(self, children: Sequence[Child]) -> nw.Expr:
        """Average the powers of what each child is to the one that counts most."""
        children = [one for one in children if one.weight > 0]
        if not children:
            return nw.lit(None, nw.Float64)
        p, total, scores = self.exponent, weight_present(children), [one.score for one in children]
        # Quotients by the one whose power is the largest: no power is above 1, whatever p is.
        unit = nw.max_horizontal(*scores) if p > 0 else nw.min_horizontal(*scores)
        unit = nw.when(unit > 0).then(unit)
        quotients = [nw.when(score >= 0).then(score) / unit for score in scores]
        powers = added([(q**p) * float(c.weight) for q, c in zip(quotients, children, strict=True)])
        mean = (nw.when(powers > 0).then(powers / total) ** (1 / p)) * unit
        if p < 0:
            return _guarded(children, mean, total)
        at_zero = nw.when(nw.max_horizontal(*scores) == 0).then(nw.lit(0.0)).otherwise(mean)
        return nw.when(nw.min_horizontal(*scores) >= 0).then(at_zero)


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
        half = weight_present(children) * (0.5 - 10**-_NOISE)
        lower, upper = [], []
        for child in children:
            below = [_weight_where(one.score <= child.score, one) for one in children]
            above = [_weight_where(one.score >= child.score, one) for one in children]
            lower.append(nw.when(added(below) >= half).then(child.score))
            upper.append(nw.when(added(above) >= half).then(child.score))
        return (nw.min_horizontal(*lower) + nw.max_horizontal(*upper)) / 2


class Median(WeightedMedian):
    """The middle score, or the mean of the middle two, whatever the weights; 0 still leaves out."""

    id = "median"
    title = {"en": "Median", "fa": "میانه"}

    def combine(self, children: Sequence[Child]) -> nw.Expr:
        """Take the weighted median of equal weights."""
        return super().combine([Child(one.score, 1.0) for one in children if one.weight > 0])


class Copeland(Aggregation):
    """Duels won less duels lost: who is better on more than half of the weight wins a duel.

    A tied child counts half for either; children that one of the two lacks are left out of the
    duel, and two without a common child do not meet. Handbook, step 6 ("non-compensatory
    multi-criteria approach"), with Copeland's rule. COINr: a_copeland.
    """

    id = "copeland"
    title = {"en": "Copeland", "fa": "کوپلند"}

    def combine_table(self, scores: pl.DataFrame, weights: Sequence[float]) -> pl.Series:
        """Let every agency meet every other, one against all at a time."""
        points: list[float | None] = []
        for row in scores.iter_rows():
            lead = [
                (pl.lit(own) - pl.col(name)).sign().fill_null(0.0) * weight
                for own, name, weight in zip(row, scores.columns, weights, strict=True)
                if own is not None
            ]
            duels = scores.select(pl.sum_horizontal(lead).round(_NOISE).sign()) if lead else None
            points.append(None if duels is None else float(duels.to_series().sum()))
        return pl.Series("score", points, dtype=pl.Float64)


def _in_least_units(weights: Sequence[float]) -> list[float]:
    """Write weights as multiples of the least: those of 1/3 as 1, those of 0.1 and 0.3 as 1, 3."""
    multiples = [weight / min(weights) for weight in weights]
    whole = [float(round(multiple)) for multiple in multiples]
    return [
        one if abs(one - other) < 10**-_NOISE else other
        for one, other in zip(whole, multiples, strict=True)
    ]


def _weight_where(condition: nw.Expr, child: Child) -> nw.Expr:
    return nw.when(condition).then(nw.lit(float(child.weight)))


def _guarded(children: Sequence[Child], mean: nw.Expr, total: nw.Expr) -> nw.Expr:
    """Give 0 where a weighted child is 0, and null where one is negative or none is present."""
    lowest = Minimum().combine(children)
    at_zero = nw.when(lowest == 0).then(nw.lit(0.0))
    return nw.when(total > 0).then(nw.when(lowest > 0).then(mean).otherwise(at_zero))


BUILT_IN: tuple[type[Aggregation], ...] = (
    Arithmetic,
    Geometric,
    Harmonic,
    Power,
    Minimum,
    Median,
    WeightedMedian,
    Copeland,
)
