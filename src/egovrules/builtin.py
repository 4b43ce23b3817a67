"""What the core itself brings, registered through its own hooks, like anyone's."""

from collections.abc import Iterable

import narwhals as nw

from egovrules import aggregation, imputation, normalisation, treatment
from egovrules.criteria import Criterion
from egovrules.hookspecs import hookimpl
from egovrules.parameters import Column, Columns, reads


class Value(Criterion):
    """The value of one column. Without `normalise:` it is the score, on the ruleset's own scale."""

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


@hookimpl
def egovrules_criteria() -> Iterable[type[Criterion]]:
    """Bring the criteria that need no axis of their own."""
    return [Value, Ratio, Yes, Checklist]


@hookimpl
def egovrules_treatments() -> Iterable[type[treatment.Treatment]]:
    """Bring winsorisation, transformations, imputations and denominators."""
    return (*treatment.BUILT_IN, *imputation.BUILT_IN)


@hookimpl
def egovrules_normalisations() -> Iterable[type[normalisation.Normalisation]]:
    """Bring the normalisations of the OECD/JRC Handbook."""
    return normalisation.BUILT_IN


@hookimpl
def egovrules_aggregations() -> Iterable[type[aggregation.Aggregation]]:
    """Bring means, medians, the minimum and outranking."""
    return aggregation.BUILT_IN
