"""Treatments that fill missing values, and leave all others as they are.

OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 3: "unconditional mean
imputation" and its kin; the name that COINr (R) uses stands beside each.
"""

from typing import Any, Literal

import polars as pl
from pydantic import Field

from egovrules.parameters import Column, reads
from egovrules.treatment import Changed, Treatment

_PERIODS = "periods"  # a figure: which earlier or later periods were used


class ImputeMean(Treatment):
    """The mean of the values that are known. COINr: i_mean."""

    id = "impute_mean"
    title = {"en": "Impute the mean", "fa": "جانهی با میانگین"}
    imputes = True

    def treat(self, values: pl.Series, *_: pl.DataFrame) -> Changed:
        """Fill with the mean."""
        return _filled(values, values.mean(), "mean")


class ImputeMedian(Treatment):
    """The median of the values that are known; of an even number, the mean of the middle two.

    COINr: i_median.
    """

    id = "impute_median"
    title = {"en": "Impute the median", "fa": "جانهی با میانه"}
    imputes = True

    def treat(self, values: pl.Series, *_: pl.DataFrame) -> Changed:
        """Fill with the median."""
        return _filled(values, values.median(), "median")


class ImputeGroupMean(Treatment):
    """The mean of the values known among those of the same group. COINr: i_mean_grp.

    Where the group is missing, or none of it has a value, the value stays missing.
    """

    id = "impute_group_mean"
    title = {"en": "Impute the group's mean", "fa": "جانهی با میانگین گروه"}
    imputes = True

    group: Column = reads("group", type="text")
    """The column that names the group."""

    def treat(self, values: pl.Series, table: pl.DataFrame, *_: pl.DataFrame) -> Changed:
        """Fill with the mean of each group."""
        both = pl.DataFrame({"group": table[self.group], "value": values})
        means = {
            str(name): group["value"].mean()
            for (name,), group in both.drop_nulls("group").group_by("group", maintain_order=True)
        }
        means = {name: mean for name, mean in sorted(means.items()) if mean is not None}
        filling = both["group"].replace_strict(means, default=None, return_dtype=pl.Float64)
        return values.fill_null(filling), {"means": means}


class ImputePrevious(Treatment):
    """The latest known value before the agency's own period. COINr: impute_panel, latest."""

    id = "impute_previous"
    title = {"en": "Impute the latest earlier value", "fa": "جانهی با آخرین مقدار پیشین"}
    imputes = True
    historical = True

    period: Column = reads("period")
    """The column that holds the agency's own period, as a number."""
    at_most: float | None = Field(default=None, gt=0)
    """How many periods back a value may be; left out, any number."""

    def treat(self, values: pl.Series, table: pl.DataFrame, history: pl.DataFrame, /) -> Changed:
        """Look back."""
        known = _known(table, self.period, history).filter(pl.col("period") < pl.col("own"))
        if self.at_most is not None:
            known = known.filter(pl.col("own") - pl.col("period") <= self.at_most)
        latest = _nearest(known, table, earlier=True)
        used = latest["period"].filter(values.is_null())
        return values.fill_null(latest["value"]), {_PERIODS: _distinct(used)}


class ImputeLinear(Treatment):
    """On the straight line in time between the values known before and after. COINr: impute_panel.

    v₀ + (v₁ − v₀) (t − t₀) / (t₁ − t₀), t the agency's own period, t₀ the latest known one up to
    it and t₁ the earliest from it on.
    """

    id = "impute_linear"
    title = {"en": "Impute linearly in time", "fa": "جانهی خطی در زمان"}
    imputes = True
    historical = True

    period: Column = reads("period")
    """The column that holds the agency's own period, as a number."""
    beyond: Literal["none", "nearest"] = "none"
    """What is imputed before the first and after the last known period: nothing, or its value."""

    def treat(self, values: pl.Series, table: pl.DataFrame, history: pl.DataFrame, /) -> Changed:
        """Draw the line."""
        known = _known(table, self.period, history)
        before = _nearest(known.filter(pl.col("period") <= pl.col("own")), table, earlier=True)
        after = _nearest(known.filter(pl.col("period") >= pl.col("own")), table, earlier=False)
        span = after["period"] - before["period"]
        way = (table[self.period] - before["period"]) / span.set(span == 0, 1.0)
        line = before["value"] + (after["value"] - before["value"]) * way
        ends = [before, after]
        if self.beyond == "nearest":
            line = line.fill_null(before["value"]).fill_null(after["value"])
        filled = values.fill_null(line)
        imputed = values.is_null() & filled.is_not_null()
        used = pl.concat([end["period"].filter(imputed) for end in ends])
        return filled, {_PERIODS: _distinct(used)}


def _filled(values: pl.Series, by: Any, name: str) -> Changed:
    return (values if by is None else values.fill_null(by)), {name: by}


def _known(table: pl.DataFrame, period: str, history: pl.DataFrame) -> pl.DataFrame:
    """Put each agency's own period beside what is known of it at other times."""
    own = table.select("code", own=period)
    return history.drop_nulls(["period", "value"]).join(own, on="code")


def _nearest(known: pl.DataFrame, table: pl.DataFrame, *, earlier: bool) -> pl.DataFrame:
    """Give period and value of the last (or the first) row of each agency, null without one."""
    found = known.sort("period").unique("code", keep="last" if earlier else "first")
    asked = table.select("code").join(found, on="code", how="left", maintain_order="left")
    return asked.select("period", "value")


def _distinct(periods: pl.Series) -> list[float]:
    return periods.drop_nulls().unique().sort().to_list()


BUILT_IN: tuple[type[Treatment], ...] = (
    ImputeMean,
    ImputeMedian,
    ImputeGroupMean,
    ImputePrevious,
    ImputeLinear,
)
