"""From values in their own units to a common measure: one frozen class for each way.

Every way takes an expression of values in which more is better (the engine has negated those of
an indicator whose direction is down) and gives an expression of scores, null where it has none.
Whole-population figures are declared and arrive as numbers. Formulas: OECD/JRC, Handbook on
Constructing Composite Indicators (2008), step 5; the name that COINr (R) uses stands beside each.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, ClassVar, Literal, Self

import narwhals as nw
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from egovrules.parameters import Parameters

Ties = Literal["min", "max", "average"]
Interval = tuple[float, float]
_PERCENT = 100.0


class Normalisation(Parameters):
    """Puts values on a common measure: subclass, set ``id``, write :meth:`normalise`.

    Attributes:
        whole: Whether :meth:`normalise` looks at the whole column (ranks do): such a way runs on
            the local engine only.
    """

    whole: ClassVar[bool] = False

    @property
    def top(self) -> float | None:
        """The score of a perfect row, if scores live in ``[0, top]``; None: they are final."""
        return None

    @property
    def relative(self) -> bool:
        """Whether rows are compared with each other, so that a constant column has no scores."""
        return True

    def reversed(self) -> "Normalisation":
        """Return the same with its parameters in the indicator's unit negated."""
        return self

    def population(self, x: nw.Expr) -> Mapping[str, nw.Expr]:  # noqa: ARG002 - authors override it
        """Declare whole-population figures by name; each arrives as a number.

        ``lowest`` and ``highest`` are always the ends of the values.
        """
        return {}

    def normalise(self, x: nw.Expr, **population: Any) -> nw.Expr | None:
        """Give the scores of the values *x*; None where no one can have one.

        Args:
            x: Values, Float64, more is better; where one is null there is no score, whatever is
                given here.
            population: The numbers of :meth:`population` by name, none of them None.
        """
        raise TypeError(f"normalisation {self.id!r} defines no normalise() for {x, population}")


class NoNormalisation(Normalisation):
    """The value as it is, after the direction."""

    id = "none"
    title = {"en": "None", "fa": "بدون نرمال‌سازی"}

    @property
    def relative(self) -> bool:
        """Nothing is compared."""
        return False

    def normalise(self, x: nw.Expr, **_: Any) -> nw.Expr:
        """Return the values."""
        return x


class MinMax(Normalisation):
    """Place between the lowest and the highest value, or between fixed goalposts.

    share = (x − low) / (high − low); where a ``target`` interval is given, (x − low) /
    (target low − low) below it, 1 inside, (high − x) / (high − target high) above it. The share is
    raised to ``exponent``, and keeps its sign beyond the goalposts.
    COINr: n_minmax, n_goalposts, n_scaled.
    """

    id = "min_max"
    title = {"en": "Min-max", "fa": "کمینه–بیشینه"}

    low: float | None = None
    """The value that scores the least, in the indicator's unit; left out, the lowest there is."""
    high: float | None = None
    """The value that scores the most, in the indicator's unit; left out, the highest there is."""
    clip: bool = False
    """Whether values beyond the goalposts score as the goalposts do."""
    exponent: float = Field(default=1.0, gt=0)
    """Above 1 it rewards the top, below 1 the first steps; 1 is a straight line."""
    target: float | Interval | None = None
    """The best value, or the interval of the best values (parity is a target of 1)."""
    to: Interval | None = None
    """Scores of the two goalposts; left out, the ends of the ruleset's scale."""

    @model_validator(mode="after")
    def _rising(self) -> Self:
        ends = [("low", self.low), *(("target", end) for end in self.interval or ())]
        known = [(name, end) for name, end in [*ends, ("high", self.high)] if end is not None]
        hint = {"hint": "where less is better, write `direction: down`"}
        rising = all(one[1] <= other[1] for one, other in pairwise(known))
        if not rising or (self.low is not None and self.low == self.high):
            posts = {"posts": ", ".join(f"`{name}` {end:g}" for name, end in known)}
            message = "these must rise, one after the other: {posts}"
            raise PydanticCustomError("goalposts", message, {**hint, **posts})
        if self.to is not None and self.to[0] >= self.to[1]:
            raise PydanticCustomError("goalposts", "`to` must rise", {**hint, "loc": ("to",)})
        return self

    @property
    def interval(self) -> Interval | None:
        """The target as an interval."""
        if self.target is None or isinstance(self.target, tuple):
            return self.target
        return self.target, self.target

    @property
    def top(self) -> float | None:
        """1 for the share, unless ``to`` says which scores are meant."""
        return 1.0 if self.to is None else None

    @property
    def relative(self) -> bool:
        """Whether one of the goalposts is the population's own."""
        return self.low is None or self.high is None

    def reversed(self) -> Self:
        """Exchange and negate the goalposts and the ends of the target."""
        negated = {"low": _negated(self.high), "high": _negated(self.low)}
        interval = self.interval
        target = None if interval is None else (-interval[1], -interval[0])
        return self.model_copy(update={**negated, "target": target})

    def population(self, x: nw.Expr) -> Mapping[str, nw.Expr]:
        """Ask for the ends that are not fixed."""
        asked = {"lowest": x.min()} if self.low is None else {}
        return asked | ({"highest": x.max()} if self.high is None else {})

    def normalise(self, x: nw.Expr, **population: Any) -> nw.Expr | None:
        """Place each value between the two ends; none where a fixed one lies beyond all values."""
        low = population["lowest"] if self.low is None else self.low
        high = population["highest"] if self.high is None else self.high
        if high <= low:
            return None
        share = (x - low) / (high - low)
        if self.interval is not None:
            share = _to_target(x, low, high, self.interval)
        if self.clip:
            share = share.clip(0.0, 1.0)
        if self.exponent != 1.0:
            size = share.abs() ** self.exponent
            share = nw.when(share < 0).then(-size).otherwise(size)
        return share if self.to is None else share * (self.to[1] - self.to[0]) + self.to[0]


def _to_target(x: nw.Expr, low: float, high: float, target: Interval) -> nw.Expr:
    """Give 1 inside the target, and the way towards it outside; where there is none, 0."""
    below = (x - low) / (target[0] - low) if low < target[0] else nw.lit(0.0)
    above = (high - x) / (high - target[1]) if high > target[1] else nw.lit(0.0)
    inside = nw.when(x <= target[1]).then(nw.lit(1.0)).otherwise(above)
    return nw.when(x < target[0]).then(below).otherwise(inside)


class ZScore(Normalisation):
    """Distance from the mean in standard deviations: (x − mean) / sd, of n − 1. COINr: n_zscore."""

    id = "z_score"
    title = {"en": "z-score", "fa": "نمرهٔ استاندارد"}

    mean: float = 0.0
    """The score of the mean."""
    sd: float = Field(default=1.0, gt=0)
    """What one standard deviation is worth."""

    def population(self, x: nw.Expr) -> Mapping[str, nw.Expr]:
        """Ask for mean and standard deviation."""
        return {"mean": x.mean(), "sd": x.std(ddof=1)}

    def normalise(self, x: nw.Expr, **population: Any) -> nw.Expr | None:
        """Standardise, then stretch and shift."""
        mean, sd = float(population["mean"]), float(population["sd"])
        if sd == 0:  # values so close that their squares vanish
            return None
        z = (x - mean) / sd
        return z if (self.mean, self.sd) == (0.0, 1.0) else z * self.sd + self.mean


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
        return (_rank(x, "min") - 1) / float(population["n"] - 1)


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


class _Distance(Normalisation):
    """(x − min) / (reference − min): the reference scores 1, the lowest 0."""

    cap: bool = False
    """Whether what lies beyond the reference scores as it does."""

    @property
    def top(self) -> float | None:
        """The reference is a perfect row."""
        return 1.0

    def reference(self, x: nw.Expr) -> nw.Expr:
        """Say what the reference is, as a whole-population figure."""
        raise TypeError(f"normalisation {self.id!r} defines no reference() for {x}")

    def population(self, x: nw.Expr) -> Mapping[str, nw.Expr]:
        """Ask for the lowest value and the reference."""
        return {"lowest": x.min(), "reference": self.reference(x)}

    def normalise(self, x: nw.Expr, **population: Any) -> nw.Expr | None:
        """Measure the way from the lowest to the reference; none where no one is below it."""
        low, reference = float(population["lowest"]), float(population["reference"])
        if reference <= low:
            return None
        share = (x - low) / (reference - low)
        return share.clip(upper_bound=1.0) if self.cap else share


class DistanceToMaximum(_Distance):
    """1 − (max − x) / (max − min). COINr: n_dist2max."""

    id = "distance_to_maximum"
    title = {"en": "Distance to the maximum", "fa": "فاصله تا بیشینه"}

    def reference(self, x: nw.Expr) -> nw.Expr:
        """Take the highest value."""
        return x.max()


class DistanceToMedian(_Distance):
    """1 − (median − x) / (median − min): the median scores 1, so most of one half lie above it."""

    id = "distance_to_median"
    title = {"en": "Distance to the median", "fa": "فاصله تا میانه"}

    def reference(self, x: nw.Expr) -> nw.Expr:
        """Take the median."""
        return x.median()


class DistanceToReference(_Distance):
    """1 − (r − x) / (r − min), r the value of one named body. COINr: n_dist2ref."""

    id = "distance_to_reference"
    title = {"en": "Distance to a reference body", "fa": "فاصله تا دستگاه مرجع"}

    code: str = Field(min_length=1, max_length=64)
    """The code of the body (or service) whose value scores 1."""

    def reference(self, x: nw.Expr) -> nw.Expr:
        """Take the value of the body with this code."""
        return nw.when(nw.col("code") == self.code).then(x).max()


class DistanceToTarget(_Distance):
    """(x − min) / (target − min). COINr: n_dist2targ."""

    id = "distance_to_target"
    title = {"en": "Distance to a target", "fa": "فاصله تا هدف"}

    target: float
    """The value that scores 1, in the indicator's unit."""

    def reversed(self) -> Self:
        """Negate the target."""
        return self.model_copy(update={"target": -self.target})

    def population(self, x: nw.Expr) -> Mapping[str, nw.Expr]:
        """Ask for the lowest value; the target is known."""
        return {"lowest": x.min()}

    def normalise(self, x: nw.Expr, **population: Any) -> nw.Expr | None:
        """Measure the way from the lowest to the target."""
        return super().normalise(x, reference=self.target, **population)


class Categories(Normalisation):
    """A score for each class of values, parted at thresholds or at percentiles of the population.

    OECD/JRC Handbook, "categorical scale". The classes are those of the values as they stand in
    the data, whatever the direction; percentiles count from the worst to the best.
    """

    id = "categories"
    title = {"en": "Categories", "fa": "رده‌ها"}

    at: tuple[float, ...] = Field(min_length=1, max_length=100)
    """Where a class ends and the next begins, rising: in the indicator's unit, or in percent."""
    scores: tuple[float, ...] = Field(min_length=2, max_length=101)
    """The score of every class, from the lowest values to the highest: one more than `at`."""
    percentiles: bool = False
    """Whether `at` are percentiles, 0 to 100, of the population."""
    closed: Literal["below", "above"] = "above"
    """The class that a value exactly on a threshold belongs to."""

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        if len(self.scores) != len(self.at) + 1:
            message = "`at` has {n} thresholds, so `scores` needs {m}"
            context = {"n": len(self.at), "m": len(self.at) + 1, "loc": ("scores",)}
            raise PydanticCustomError("categories", message, context)
        if sorted(set(self.at)) != list(self.at):
            raise PydanticCustomError("categories", "`at` must rise", {"loc": ("at",)})
        if self.percentiles and not (self.at[0] >= 0 and self.at[-1] <= _PERCENT):
            message = "percentiles lie between 0 and 100"
            raise PydanticCustomError("categories", message, {"loc": ("at",)})
        return self

    @property
    def relative(self) -> bool:
        """Whether the classes are parted at percentiles."""
        return self.percentiles

    def reversed(self) -> Self:
        """Negate the thresholds, and turn the classes about, so that each value keeps its own."""
        if self.percentiles:
            return self
        turned = {
            "at": tuple(-one for one in reversed(self.at)),
            "scores": tuple(reversed(self.scores)),
            "closed": "below" if self.closed == "above" else "above",
        }
        return self.model_copy(update=turned)

    def population(self, x: nw.Expr) -> Mapping[str, nw.Expr]:
        """Ask for the percentiles, linearly interpolated."""
        if not self.percentiles:
            return {}
        return {_percentile(one): x.quantile(one / _PERCENT, "linear") for one in self.at}

    def normalise(self, x: nw.Expr, **population: Any) -> nw.Expr:
        """Give each value the score of its class."""
        at = [population[_percentile(one)] for one in self.at] if self.percentiles else self.at
        score = nw.lit(float(self.scores[-1]))
        for threshold, one in reversed(list(zip(at, self.scores[:-1], strict=True))):
            below = x < threshold if self.closed == "above" else x <= threshold
            score = nw.when(below).then(nw.lit(float(one))).otherwise(score)
        return score


class Log(Normalisation):
    """ln(x + plus), of the values as they stand; none where x + plus is not above 0."""

    id = "log"
    title = {"en": "Logarithm", "fa": "لگاریتم"}

    plus: float = 0.0
    """What is added to a value before its logarithm is taken, in the indicator's unit."""

    @property
    def relative(self) -> bool:
        """Nothing is compared."""
        return False

    def reversed(self) -> "Log":
        """Take the logarithm before the values are negated."""
        return _NegatedLog(**dict(self))

    def normalise(self, x: nw.Expr, **_: Any) -> nw.Expr:
        """Take the logarithm."""
        size = x + self.plus
        return nw.when(size > 0).then(size).log()


class _NegatedLog(Log):
    """−ln(plus − x): of values that were negated."""

    def reversed(self) -> Log:
        """Return the plain one."""
        return Log(**dict(self))

    def normalise(self, x: nw.Expr, **_: Any) -> nw.Expr:
        """Take the logarithm of the value as it stands, and negate it."""
        return -super().normalise(-x)


def _rank(x: nw.Expr, ties: Ties) -> nw.Expr:
    return x.rank(ties).cast(nw.Float64)


def _negated(value: float | None) -> float | None:
    return None if value is None else -value


def _percentile(one: float) -> str:
    return f"p{one!r}".removesuffix(".0")


BUILT_IN: tuple[type[Normalisation], ...] = (
    MinMax,
    ZScore,
    PercentileRank,
    Rank,
    Borda,
    DistanceToMaximum,
    DistanceToTarget,
    DistanceToReference,
    DistanceToMedian,
    Categories,
    Log,
    NoNormalisation,
)
