"""The ranking as a table of printed cells; the script sorts, filters and weighs it anew."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from egovrules.html.shown_axes import shown_axes, with_scores
from egovrules.html.words import Words
from egovrules.report.blocks import rank_of
from egovrules.result import Evaluation

Row = Mapping[str, Any]
_MARKED = frozenset({"change", "name", "total", "band"})  # which the style sets apart


@dataclass(frozen=True)
class RankingColumn:
    """A column of the ranking.

    Attributes:
        key: What the script sorts by; that of an axis is no other column's, whatever its id.
        heading: What people read.
        mark: The attribute by which the style knows its cells, if they look otherwise.
        numeric: Whether it holds numbers.
        cell: Prints its cell of a row of the table of agencies.
    """

    key: str
    heading: str
    mark: Markup
    numeric: bool
    cell: Callable[[Row], str]


@dataclass(frozen=True)
class Weight:
    """A slider: an axis with its share of the weight in per cent, as a number and as printed."""

    axis: str
    title: str
    share: str
    printed: str


def columns(evaluation: Evaluation, words: Words) -> list[RankingColumn]:
    """Choose the columns that this evaluation has something to put in."""
    table, tied = evaluation.agencies, evaluation.manifest.ruleset.tied

    def one(key: str, heading: str, cell: Callable[[Row], str], *, numeric: bool = True) -> None:
        mark = Markup(' data-cell="{}"').format(key) if key in _MARKED else Markup()
        found.append(RankingColumn(key, words.t(heading), mark, numeric, cell))

    found: list[RankingColumn] = []
    one("rank", "Rank", lambda row: rank_of(row, tied, words.language))
    if _known(evaluation, "rank_growth"):
        one("change", "Change", lambda row: words.places(row["rank_growth"]))
    one("name", "Agency", words.agency, numeric=False)
    one("total", "Total", lambda row: words.points(row["total"]))
    for axis in shown_axes(evaluation):
        title, cell = words.title(axis.title, axis.id), _points_of(axis.id, words)
        found.append(RankingColumn(f"axis.{axis.id}", title, Markup(), True, cell))
    if band := band_of_agencies(evaluation):
        labels = evaluation.manifest.bands[band].labels
        one(
            "band",
            "Band",
            lambda row: words.title(labels.get(row[f"band_{band}"]), row[f"band_{band}"]),
            numeric=False,
        )
    one("coverage", "Coverage", lambda row: words.percent(row["coverage"]))
    if _known(evaluation, "growth"):
        one("growth", "Growth", lambda row: words.growth(row["growth"]))
    if "services" in table.columns and evaluation.manifest.counts.get("services", 0):
        one("services", "Services", lambda row: words.number(row["services"]))
    return found


def _points_of(axis: str, words: Words) -> Callable[[Row], str]:
    return lambda row: words.points(row[axis])


def _known(evaluation: Evaluation, column: str) -> bool:
    table = evaluation.agencies
    return column in table.columns and table[column].null_count() < table.height


def band_of_agencies(evaluation: Evaluation) -> str | None:
    """Return the first band that agencies fall into."""
    bands = evaluation.manifest.bands.items()
    return next((name for name, rule in bands if rule.of == "agencies"), None)


def rows(evaluation: Evaluation, chosen: list[RankingColumn]) -> list[tuple[str, list[str]]]:
    """Print every agency's row: its code and its cells, the best first."""
    return [
        (str(row["agency"]), [column.cell(row) for column in chosen])
        for row in with_scores(evaluation).iter_rows(named=True)
    ]


def weights(evaluation: Evaluation, words: Words) -> list[Weight]:
    """Make a slider of every axis."""
    axes = shown_axes(evaluation)
    whole = sum(axis.weight for axis in axes)
    return [
        Weight(
            axis.id,
            words.title(axis.title, axis.id),
            f"{100 * axis.weight / whole:g}",
            words.percent(axis.weight / whole),
        )
        for axis in axes
    ]
