"""Means: one sum over the children, of what each way makes of their scores."""

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

import narwhals as nw
import polars as pl
from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from egovrules.aggregation.base import Aggregation, Child, added, weight_present
from egovrules.aggregation.places import Minimum

_LEAST = 0.01  # a power mean nearer to the geometric loses digits, and says the same
_DENOMINATORS = 10**6  # up to which a weight such as 1/3 is known for the fraction that it is
_WHOLE = 2.0**53  # whole numbers beyond which floats do not hold each


class Arithmetic(Aggregation):
    """Σ wᵢ sᵢ / Σ wᵢ over the children that have a score. COINr: a_amean."""

    id = "arithmetic"
    title = {"en": "Arithmetic mean", "fa": "میانگین حسابی"}
    additive = True

    def combine(self, children: Sequence[Child]) -> nw.Expr:
        """Give the weighted mean."""
        total = weight_present(children)
        summed = added([c.score * float(c.weight) for c in children])
        return _within(children, nw.when(total > 0).then(summed / total))

    def combine_exactly(self, scores: Sequence[float], weights: Sequence[float]) -> float | None:
        """Sum without loss (Shewchuk, 1997), then correct the mean by the mean of what is left.

        Weights are whole numbers by then, the same for 20 and 30, 0.2 and 0.3, 1/5 and 3/10.
        """
        if not scores:
            return None
        shares = _whole_numbers(tuple(weights))
        whole, pairs = math.fsum(shares), list(zip(scores, shares, strict=True))
        if math.isinf(max(map(abs, scores)) * whole):
            return None  # beyond the range of numbers on the way
        mean = math.fsum(score * weight for score, weight in pairs) / whole
        return mean + math.fsum((score - mean) * weight for score, weight in pairs) / whole


class Geometric(Aggregation):
    """exp(Σ wᵢ ln sᵢ / Σ wᵢ); a child at 0 makes it 0, a negative one null. COINr: a_gmean."""

    id = "geometric"
    title = {"en": "Geometric mean", "fa": "میانگین هندسی"}
    of_negatives = False

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
    of_negatives = False

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
    of_negatives = False

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
        unit = self._unit(children)
        return self._mean(children, unit, self._powers(children, unit), weight_present(children))

    def combine_table(self, scores: pl.DataFrame, weights: Sequence[float]) -> pl.Series:
        """Do the same step by step: an expression repeats the unit for every child."""
        pairs = zip(scores.columns, weights, strict=True)
        children = [Child(nw.col(name), weight) for name, weight in pairs if weight > 0]
        unit, powers, total = (nw.col(f"_eg_{name}") for name in ("unit", "powers", "total"))
        frame = nw.from_native(scores)
        frame = frame.with_columns(_eg_unit=self._unit(children))
        frame = frame.with_columns(
            _eg_powers=self._powers(children, unit), _eg_total=weight_present(children)
        )
        found = frame.select(score=self._mean(children, unit, powers, total)).to_native()
        return found.get_column("score")

    def _unit(self, children: Sequence[Child]) -> nw.Expr:
        """Take the score whose power is the largest: of quotients by it, none is above 1."""
        scores = [one.score for one in children]
        unit = nw.max_horizontal(*scores) if self.exponent > 0 else nw.min_horizontal(*scores)
        return nw.when(unit > 0).then(unit)

    def _powers(self, children: Sequence[Child], unit: nw.Expr) -> nw.Expr:
        quotients = [nw.when(one.score >= 0).then(one.score) / unit for one in children]
        return added(
            [
                (quotient**self.exponent) * float(one.weight)
                for quotient, one in zip(quotients, children, strict=True)
            ]
        )

    def _mean(
        self, children: Sequence[Child], unit: nw.Expr, powers: nw.Expr, total: nw.Expr
    ) -> nw.Expr:
        mean = (nw.when(powers > 0).then(powers / total) ** (1 / self.exponent)) * unit
        if self.exponent < 0:
            return _guarded(children, mean, total)
        scores, inside = [one.score for one in children], _within(children, mean)
        at_zero = nw.when(nw.max_horizontal(*scores) == 0).then(nw.lit(0.0)).otherwise(inside)
        return nw.when(nw.min_horizontal(*scores) >= 0).then(at_zero)


def _guarded(children: Sequence[Child], mean: nw.Expr, total: nw.Expr) -> nw.Expr:
    """Give 0 where a weighted child is 0, and null where one is negative or none is present."""
    lowest = Minimum().combine(children)
    at_zero = nw.when(lowest == 0).then(nw.lit(0.0))
    inside = _within(children, mean)
    return nw.when(total > 0).then(nw.when(lowest > 0).then(inside).otherwise(at_zero))


def _within(children: Sequence[Child], mean: nw.Expr) -> nw.Expr:
    """Keep noise from lifting a mean out of its children's span, which parts equal scores."""
    scores = [child.score for child in children if child.weight > 0]
    if not scores:
        return mean
    return mean.clip(nw.min_horizontal(*scores), nw.max_horizontal(*scores))


@lru_cache(maxsize=1024)
def _whole_numbers(weights: tuple[float, ...]) -> tuple[float, ...]:
    """Write weights as the smallest whole numbers in the same proportion, as fractions say it."""
    fractions = [_as_written(weight) for weight in weights]
    unit = math.lcm(*(one.denominator for one in fractions))
    numbers = [int(one * unit) for one in fractions]
    common, most = math.gcd(*numbers), max(numbers)
    numbers = [number // common for number in numbers]
    most //= common
    return tuple(float(number) if most <= _WHOLE else number / most for number in numbers)


def _as_written(weight: float) -> Fraction:
    """Read 0.2 as 1/5, and 0.333… as 1/3."""
    near = Fraction(weight).limit_denominator(_DENOMINATORS)
    return near if float(near) == weight else Fraction(repr(weight))
