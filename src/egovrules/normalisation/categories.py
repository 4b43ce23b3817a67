"""A score for each class of values."""

from collections.abc import Mapping
from typing import Any, Literal, Self

import narwhals as nw
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from egovrules.normalisation.base import Normalisation

_PERCENT = 100.0


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


def _percentile(one: float) -> str:
    return f"p{one!r}".removesuffix(".0")
