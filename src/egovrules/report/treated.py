"""What treatment made of an agency's indicators, and how, as blocks."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from egovrules.explanation import Explanation
from egovrules.report.blocks import (
    Block,
    Line,
    Table,
    enumerated,
    headed,
    number,
    parted,
    shown,
    titled,
)
from egovrules.report.called import all_called
from egovrules.report.plain import on_one_line
from egovrules.text import format_number, local_digits, translate

_NAMED = 12  # groups whose means are told
# What treatments tell of themselves, as people call it.
_FIGURES = {
    "mean": "Mean",
    "median": "Median",
    "means": "Mean of each group",
    "periods": "Periods used",
    "skewness": "Skewness before",
    "kurtosis": "Kurtosis before",
    "skewness_after": "Skewness after",
    "kurtosis_after": "Kurtosis after",
    "top": "Values drawn in at the top",
    "bottom": "Values drawn in at the bottom",
    "logged": "Logarithm taken",
    "passed": "Within the limits",
    "lambda": "Power λ",
}
_FEWER = frozenset({"skewness", "kurtosis", "skewness_after", "kurtosis_after", "lambda"})


def treated(
    explanation: Explanation, language: str, *, read: Sequence[str] | None = None
) -> list[Block]:
    """Tell which indicators treatment changed; where names are given, of those, and how."""
    found, done = explanation.treatments, explanation.evaluation.manifest.treatments
    titles = {one.step: on_one_line(titled(one.title, one.do, language)) for one in done}
    heads = all_called(
        explanation.evaluation.manifest, "agencies", {one.indicator: None for one in done}, language
    )
    blocks: list[Block] = []
    if read is not None:
        found = found.filter(pl.col("indicator").is_in(list(read)))
        blocks += [
            Line(
                f"{enumerated((titles[one.step], heads[one.indicator]), language)}: "
                f"{figures(one.figures, language)}"
            )
            for one in done
            if one.indicator in read and one.figures
        ]
    if not found.height:
        return blocks
    columns = headed(
        language, number("Step"), "Treatment", "Indicator", number("Before"), number("After")
    )
    rows = [
        (
            format_number(step, language),
            titles.get(step, on_one_line(do)),
            heads.get(indicator, on_one_line(indicator)),
            *(format_number(short(value), language) for value in (before, after)),
        )
        for step, do, indicator, _, before, after in found.iter_rows()
    ]
    return [*blocks, Table(translate("Treated before scoring", language), columns, tuple(rows))]


def figures(values: Mapping[str, Any], language: str) -> str:
    """Tell a treatment's figures in words: ``Skewness before 2.41 · Logarithm taken no``."""
    told = []
    for name, value in values.items():
        words = _FIGURES.get(name)
        called = translate(words, language) if words else on_one_line(name.replace("_", " "))
        told.append(f"{called} {_figure(name, value, language)}")
    return " · ".join(told)


def _figure(name: str, value: Any, language: str) -> str:
    if name == "periods":
        years = [local_digits(f"{one:.12g}", language) for one in value]
        return enumerated(years, language) if years else translate("none", language)
    if isinstance(value, Mapping):
        told = [f"{on_one_line(key)} {_figure(key, one, language)}" for key, one in value.items()]
        rest = len(told) - _NAMED
        more = [translate("and {count} more", language, count=rest)] if rest > 0 else []
        return parted([*told[:_NAMED], *more], language)
    if isinstance(value, list):
        return enumerated((_figure("", one, language) for one in value), language)
    if isinstance(value, float):
        value = short(value, 3 if name in _FEWER else 6)
    return shown(value, language)


def short(value: float | None, digits: int = 6) -> float | None:
    """Keep the digits that tell two values apart; a rate per head has none before the sixth."""
    return None if value is None else float(f"{value:.{digits}g}")
