"""Between two goalposts: fixed ones, or the lowest and the highest value that there is."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Self

import narwhals as nw
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from egovrules.normalisation.base import Normalisation, share

Interval = tuple[float, float]
_LESS_IS_BETTER = "where less is better, write `direction: down`"


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
        rising = all(one[1] <= other[1] for one, other in pairwise(known))
        if not rising or (self.low is not None and self.low == self.high):
            posts = ", ".join(f"`{name}` {end:g}" for name, end in dict.fromkeys(known))
            message = "these must rise, one after the other: {posts}"
            context = {"posts": posts, "hint": self._unruly()}
            raise PydanticCustomError("goalposts", message, context)
        if self.to is not None and self.to[0] >= self.to[1]:
            at_fault = {"loc": ("to",), "hint": _LESS_IS_BETTER}
            raise PydanticCustomError("goalposts", "`to` must rise", at_fault)
        return self

    def _unruly(self) -> str:
        """Say what to do about goalposts and a target that do not rise."""
        interval = self.interval
        if self.low is not None and self.high is not None and self.low >= self.high:
            is_same = self.low == self.high
            return "give two that differ, or leave one out" if is_same else _LESS_IS_BETTER
        if interval is not None and interval[0] > interval[1]:
            return f"write its lower end first: target: [{interval[1]:g}, {interval[0]:g}]"
        return "a target lies between the goalposts: mend the target, or move them apart"

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
        way = share(x - low, high - low)
        if self.interval is not None:
            way = _to_target(x, low, high, self.interval)
        if self.clip:
            way = way.clip(0.0, 1.0)
        if self.exponent != 1.0:
            size = way.abs() ** self.exponent
            way = nw.when(way < 0).then(-size).otherwise(size)
        # Such a sum is exact at both ends.
        return way if self.to is None else (1 - way) * self.to[0] + way * self.to[1]


def _to_target(x: nw.Expr, low: float, high: float, target: Interval) -> nw.Expr:
    """Give 1 inside the target, and the way towards it outside; where there is none, 0."""
    below = share(x - low, target[0] - low) if low < target[0] else nw.lit(0.0)
    above = share(high - x, high - target[1]) if high > target[1] else nw.lit(0.0)
    inside = nw.when(x <= target[1]).then(nw.lit(1.0)).otherwise(above)
    return nw.when(x < target[0]).then(below).otherwise(inside)


def _negated(value: float | None) -> float | None:
    return None if value is None else -value
