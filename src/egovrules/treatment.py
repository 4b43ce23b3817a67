"""Steps on whole columns before anything is normalised: each way a frozen class.

A treatment sees one column of the agencies in scope at a time and gives the same column, changed;
what it changed is recorded by the engine. Statistics and their sources stand with each class, and
the name that COINr (R) uses. Imputations are in ``imputation``.
"""

import warnings
from collections.abc import Mapping
from importlib import import_module
from math import isfinite
from typing import Any, ClassVar, Literal, Self

import polars as pl
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from egovrules.errors import EvaluationError
from egovrules.parameters import Column, Parameters, reads

Changed = tuple[pl.Series, Mapping[str, Any]]
"""A treated column, and figures that tell how it came about."""

_DISTINCT = 3  # values that are needed to estimate anything
_STEEPEST = 10  # λ beyond which powers of most values are out of all proportion
_NOISE = 1e-12  # as a share of a limit: what a figure may be off

PASSED = "passed"  # a figure: whether a step has reached what it is for


class Treatment(Parameters):
    """Changes a column of numbers: subclass, set ``id``, write :meth:`treat`.

    Columns that it reads beside the treated one (a denominator, a group) are parameters made with
    :func:`egovrules.reads`.

    Attributes:
        named: Whether the ruleset must name the columns to treat.
        imputes: Whether it fills missing values, and leaves all others as they are.
        historical: Whether it needs earlier values: the table ``history`` of the dataset.
    """

    named: ClassVar[bool] = False
    imputes: ClassVar[bool] = False
    historical: ClassVar[bool] = False

    @property
    def libraries(self) -> tuple[str, ...]:
        """Optional libraries that it reckons with, whose versions are recorded."""
        return ()

    def treat(self, values: pl.Series, table: pl.DataFrame, history: pl.DataFrame, /) -> Changed:
        """Give the column as it is afterwards, and figures that tell how it came about.

        Args:
            values: The column, Float64, a null where a value is missing; by the codes of agencies.
            table: ``code`` and the columns that it reads, row by row the same agencies.
            history: ``code``, ``period`` (a number) and ``value``: what is known of this column
                at other times; empty where nothing is.

        Returns:
            As many values, none of them infinite; and figures by name: numbers, texts, yes or no,
            or lists and mappings of these. A figure ``passed`` that is false is warned of.
        """
        raise TypeError(
            f"treatment {self.id!r} defines no treat() for {values.name, table, history}"
        )


class Divide(Treatment):
    """v / d × times, d another column: per head, per area, per unit of GDP. COINr: Denominate.

    Where the denominator is missing or 0, the value becomes missing.
    """

    id = "divide"
    title = {"en": "Divide", "fa": "تقسیم"}
    named = True

    by: Column = reads("population", low=0)
    """The denominator."""
    times: float = Field(default=1.0, gt=0)
    """The unit of the denominator: 1000 gives values per thousand."""

    def treat(self, values: pl.Series, table: pl.DataFrame, *_: pl.DataFrame) -> Changed:
        """Divide, then multiply."""
        by = table[self.by]
        ratio = values / by.set(by == 0, None)
        return ratio if self.times == 1.0 else ratio * self.times, {}


class Winsorise(Treatment):
    """Draw outliers in to their neighbours until skewness or kurtosis is within its limit.

    A column fails while |skewness| ≥ the limit and kurtosis ≥ its limit. While it fails, and fewer
    than ``at_most`` values have been moved, all values at one end (the upper one where skewness is
    0 or more, else the lower) become the next value inwards; equal values move together. If it
    then still fails, the column as it was is transformed as :class:`Log` does.

    With n values v, d = v − mean: skewness = √(n (n−1)) / (n−2) · √n Σd³ / (Σd²)^1.5, and with
    r = n Σd⁴ / (Σd²)², excess kurtosis = (n−1) / ((n−2) (n−3)) · ((n+1) (r−3) + 6): the adjusted
    forms G₁ and G₂ of Joanes and Gill (1998). Where one cannot be computed (fewer than four
    values, a constant) the column passes. COINr: Treat by winsorise, check_SkewKurt and log_CT,
    with the same limits.
    """

    id = "winsorise"
    title = {"en": "Winsorise", "fa": "وینزوری‌سازی"}

    skewness: float = Field(default=2.0, gt=0)
    """A column whose skewness is nearer to 0 passes."""
    kurtosis: float = 3.5
    """A column whose excess kurtosis is lower passes."""
    at_most: int = Field(default=5, ge=1)
    """Values moved, at both ends together, after which no further step inwards is taken."""
    otherwise: Literal["log", "none"] = "log"
    """What is done where that is not enough: a logarithm in its place, or nothing more."""

    def passes(self, values: pl.Series) -> bool:
        """Tell whether a column needs no treatment."""
        skewness, kurtosis = shape(values)
        if skewness is None or kurtosis is None:
            return True
        return _is_below(abs(skewness), self.skewness) or _is_below(kurtosis, self.kurtosis)

    def treat(self, values: pl.Series, *_: pl.DataFrame) -> Changed:
        """Step inwards while it fails."""
        now, top, bottom = values, 0, 0
        while not self.passes(now) and top + bottom < self.at_most:
            distinct = now.drop_nulls().unique().sort().to_list()
            if (shape(now)[0] or 0.0) >= 0:
                top = int((now == distinct[-1]).sum())
                now = now.clip(upper_bound=distinct[-2])
            else:
                bottom = int((now == distinct[0]).sum())
                now = now.clip(lower_bound=distinct[1])
        logged = self.otherwise == "log" and not self.passes(now)
        if logged:
            now, top, bottom = range_log(values, Log().share), 0, 0
        counts = {"top": top, "bottom": bottom, "logged": logged}
        return now, _shapes(values, now) | counts | {PASSED: self.passes(now)}


class Log(Treatment):
    """ln(v − min + share × (max − min)), or ln(v + plus) where ``plus`` is given. COINr: log_CT.

    A column without a range stays as it is. With ``plus``, a value becomes missing where
    v + plus is not above 0.
    """

    id = "log"
    title = {"en": "Logarithm", "fa": "لگاریتم"}

    share: float = Field(default=0.01, gt=0)
    """How far from 0 the smallest value is placed, as a share of the range."""
    plus: float | None = None
    """What is added to every value instead, in the indicator's unit."""

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if self.plus is not None and "share" in self.model_fields_set:
            message = "give `share` or `plus`, not both"
            raise PydanticCustomError("log", message, {"loc": ("plus",), "at": "key"})
        return self

    def treat(self, values: pl.Series, *_: pl.DataFrame) -> Changed:
        """Take logarithms."""
        if self.plus is None:
            now = range_log(values, self.share)
        else:
            moved = values + self.plus
            now = moved.set(moved <= 0, None).log()
        return now, _shapes(values, now)


class BoxCox(Treatment):
    """((v + plus)^λ − 1) / λ, and ln(v + plus) where λ is 0; Box and Cox (1964).

    λ is the one of maximum likelihood, by SciPy (``scipy.stats.boxcox``), unless ``power`` gives
    it. A column with fewer than three distinct values stays as it is. COINr: boxcox, where λ is
    always given, and ``plus`` is 1 less the lowest value.
    """

    id = "box_cox"
    title = {"en": "Box–Cox", "fa": "باکس–کاکس"}

    plus: float = 0.0
    """What is added to every value first, so that all are above 0."""
    power: float | None = Field(default=None, ge=-_STEEPEST, le=_STEEPEST)
    """λ; left out, it is estimated from the values."""

    @property
    def libraries(self) -> tuple[str, ...]:
        """SciPy, to estimate λ."""
        return () if self.power is not None else ("scipy",)

    def treat(self, values: pl.Series, *_: pl.DataFrame) -> Changed:
        """Estimate λ where it is not given, and transform."""
        moved = values + self.plus
        known = moved.drop_nulls()
        if _alike(known):
            return values, _shapes(values, values)
        if not (known > 0).all():
            added = f" (to which {self.plus:g} is added)" if self.plus else ""
            raise EvaluationError.of(
                f"box_cox needs values above 0, and not all of '{values.name}'{added} are",
                hint="set `plus:` to a number that lifts all of them above 0",
            )
        power = _likeliest(known) if self.power is None else self.power
        now = moved.log() if power == 0 else (moved**power - 1) / power
        if abs(power) > _STEEPEST or not now.is_finite().all() or _alike(now):
            raise EvaluationError.of(
                f"box_cox with λ = {power:.4g} is no use for '{values.name}': powers like this one "
                "lie too far apart, or all but one are the same",
                hint="give a `power:` nearer to 0, or let values begin nearer to 0: a `plus:` may "
                "be below 0",
            )
        return now, _shapes(values, now) | {"lambda": power}


def shape(values: pl.Series) -> tuple[float | None, float | None]:
    """Return adjusted skewness and excess kurtosis; None where they cannot be computed."""
    known = values.drop_nulls()
    if known.n_unique() < 2:  # noqa: PLR2004 - a constant
        return None, None
    kurtosis = known.kurtosis(bias=False) if len(known) > _DISTINCT else None
    return _finite(known.skew(bias=False)), _finite(kurtosis)


def _alike(values: pl.Series) -> bool:
    return values.drop_nulls().n_unique() < _DISTINCT


def _finite(figure: float | None) -> float | None:
    """Return nothing for what the powers of very large, small or close values leave undefined."""
    return figure if figure is not None and isfinite(figure) else None


def _is_below(figure: float, limit: float) -> bool:
    """Compare but for the noise of floats: of four values, three alike, skewness is 2 exactly."""
    return figure < limit - _NOISE * abs(limit)


def range_log(values: pl.Series, share: float) -> pl.Series:
    """Return ln(v − min + share × (max − min)); a column without a range as it is."""
    low, high = values.min(), values.max()
    if low is None or low == high:
        return values
    return (values - low + (high - low) * share).log()  # type: ignore[operator]  # floats


def _shapes(before: pl.Series, after: pl.Series) -> dict[str, Any]:
    names = ("skewness", "kurtosis")
    was = dict(zip(names, shape(before), strict=True))
    return was | {f"{k}_after": v for k, v in zip(names, shape(after), strict=True)}


def _likeliest(known: pl.Series) -> float:
    """Estimate λ; SciPy's warnings are of values that its own λ would take out of range."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(_scipy_stats().boxcox(known.to_numpy())[1])


def _scipy_stats() -> Any:
    try:
        return import_module("scipy.stats")
    except ImportError:
        hint = "pip install 'egovrules[statistics]', or give `power:`"
        message = "SciPy is needed to estimate the power of box_cox, and missing"
        raise EvaluationError.of(message, hint=hint) from None


BUILT_IN: tuple[type[Treatment], ...] = (Divide, Winsorise, Log, BoxCox)
