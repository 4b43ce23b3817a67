"""The core's own criteria and aggregations, registered through its own hooks, like anyone's."""

from collections.abc import Iterable

import narwhals as nw

from egovrules import aggregation
from egovrules.criteria import Column, Columns, Criterion, reads
from egovrules.hookspecs import hookimpl


class Value(Criterion):
    """The indicator itself is the score, on the ruleset's own scale."""

    id = "core.value"
    level = "any"
    title = {"en": "Value", "fa": "مقدار"}
    top = None

    column: Column = reads("value")

    def score(self) -> nw.Expr:
        """Pass the value through as a float."""
        return nw.col(self.column).cast(nw.Float64)


class Ratio(Criterion):
    """100 × numerator / denominator; over nothing it does not apply. Pools under a rollup."""

    id = "core.ratio"
    level = "any"
    title = {"en": "Ratio", "fa": "نسبت"}

    numerator: Column = reads("numerator", low=0, direction="up", at_most="denominator")
    denominator: Column = reads("denominator", low=0)

    def ratio(self) -> tuple[nw.Expr, nw.Expr]:
        """Give the two columns."""
        return nw.col(self.numerator), nw.col(self.denominator)


class Yes(Criterion):
    """100 for yes, 0 for no."""

    id = "core.yes"
    level = "any"
    title = {"en": "Yes or no", "fa": "بله یا خیر"}

    column: Column = reads("answer", type="boolean", direction="up")

    def score(self) -> nw.Expr:
        """Map true to 100, false to 0, and empty to missing."""
        answer = nw.col(self.column)
        return nw.when(answer).then(nw.lit(100.0)).otherwise(nw.when(~answer).then(nw.lit(0.0)))


class Checklist(Criterion):
    """100 × the share of yes among the yes-or-no columns that are answered."""

    id = "core.checklist"
    level = "any"
    title = {"en": "Checklist", "fa": "فهرست وارسی"}

    columns: Columns = reads((), type="boolean", optional=True, direction="up")

    def score(self) -> nw.Expr:
        """Count the answered and the yes; nothing answered is missing."""
        answers = [nw.col(column) for column in self.columns]
        answered = nw.sum_horizontal(*[(~a.is_null()).cast(nw.Int64) for a in answers])
        yes = nw.sum_horizontal(*[a.fill_null(value=False).cast(nw.Int64) for a in answers])
        return nw.when(answered > 0).then(100.0 * yes / answered)


class MinMax(Criterion):
    """Position between the smallest and the largest value of the whole population.

    100 · (x − min) / (max − min), or 100 minus that when less is better; a constant column has
    no positions, so none has a score. Source: OECD/JRC Handbook (2008), step 5.
    """

    id = "core.min_max"
    level = "any"
    title = {"en": "Min-max", "fa": "کمینه–بیشینه"}

    column: Column = reads("value")
    lower_is_better: bool = False
    """Whether the smallest value scores 100, and the largest 0."""

    def population(self) -> dict[str, nw.Expr]:
        """Ask for both ends of the population."""
        return {"low": nw.col(self.column).min(), "high": nw.col(self.column).max()}

    def score(self, low: float | None, high: float | None) -> nw.Expr:
        """Place each value between the two ends."""
        if low is None or high is None or low == high:
            return nw.lit(None, nw.Float64)
        place = 100.0 * (nw.col(self.column).cast(nw.Float64) - low) / (high - low)
        return 100.0 - place if self.lower_is_better else place


@hookimpl
def egovrules_criteria() -> Iterable[type[Criterion]]:
    """Bring the criteria that need no axis of their own."""
    return [Value, Ratio, Yes, Checklist, MinMax]


@hookimpl
def egovrules_aggregations() -> Iterable[aggregation.Aggregation]:
    """Bring the weighted means."""
    return aggregation.BUILT_IN
