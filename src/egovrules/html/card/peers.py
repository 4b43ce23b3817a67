"""An agency beside others and its past, and what would help it most."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from egovrules.comparison import growth_by_axis
from egovrules.growth import recorded_axes
from egovrules.html.advice import advise
from egovrules.html.card.compact import (
    Column,
    Format,
    Part,
    constant,
    listed,
    spans_of,
    told,
    units,
    worded,
)
from egovrules.html.card.telling import Telling
from egovrules.html.shown_axes import top_axes
from egovrules.plugins import Registry
from egovrules.report.blocks import enumerated
from egovrules.report.recorded import growth_notes
from egovrules.result import DIGITS, NodeInfo
from egovrules.text import LANGUAGES

_QUARTILES = (
    ("Lower quartile of its kind", 0.25),
    ("Median of its kind", 0.5),
    ("Upper quartile of its kind", 0.75),
)
# What an agency is told of the last period, where it is not simply the same body.
_CONTINUITY = {
    "new": "New since the last period: there is nothing to compare with.",
    "renamed": "Renamed since the last period.",
    "merged": "Made of several bodies since the last period: there is nothing to compare with.",
    "split": "Split from another body since the last period: there is nothing to compare with.",
}


def compared(telling: Telling) -> Part:
    """Compare the total and the axes with those of ranked bodies of the same kind."""
    table = telling.agencies
    kind = pl.col("kind") if "kind" in table.columns else pl.lit(None, pl.String)
    axes = top_axes(telling.evaluation)
    names = ["total", *(one.id for one in axes)]
    table = table.select(
        "agency", kind.alias("kind"), pl.col("rank").is_not_null().alias("ranked"), *names
    )
    long = table.unpivot(
        names, index=["agency", "kind", "ranked"], variable_name="node", value_name="own"
    )
    order = {name: number for number, name in enumerate(names)}
    place = pl.col("node").replace_strict(order, return_dtype=pl.Int64)
    score, group = pl.when("ranked").then("own"), ["kind", "node"]
    long = long.sort("agency", place).with_columns(
        score.mean().over(group).alias("mean"),
        *[
            score.quantile(q, interpolation="linear").over(group).alias(name)
            for name, q in _QUARTILES
        ],
        score.round(DIGITS).rank("min", descending=True).over(group).alias("place"),
        score.count().over(group).alias("of"),
    )
    columns = [
        constant(telling.word("Axis"), [telling.node(name) for name in names]),
        telling.points("Score", long.get_column("own")),
        telling.few("Mean of its kind", long.get_column("mean")),
        *[telling.few(name, long.get_column(name)) for name, _ in _QUARTILES],
        telling.counts("Place", long.get_column("place")),
        telling.counts("Of", long.get_column("of")),
    ]
    kinds = table.select("agency", "kind")
    known = kinds["kind"].null_count() < kinds.height  # else none has one, and there is no saying
    lines = {
        code: [("quiet", [_among(telling, kind)])] for code, kind in kinds.iter_rows() if known
    }
    title = telling.word("Against peers of its kind")
    return Part("peers", title, columns, telling.per_agency(len(names)), lines=lines)


def _among(telling: Telling, kind: str | None) -> int:
    if kind is None:
        return telling.word("Compared with all ranked bodies of no stated kind")
    words = told(kind.replace("_", " "))
    return telling.word("Compared with the ranked bodies of its kind: {kind}", kind=words)


def changed(telling: Telling) -> Part | None:
    """Compare with the last period: the total, the axes as far as they are recorded, the rank."""
    table = telling.agencies
    if "previous_total" not in table.columns:
        return None
    grown = growth_by_axis(telling.evaluation)
    axes = [] if grown is None else top_axes(telling.evaluation)
    steps = {} if grown is None else _steps(grown)
    continued = table.filter(pl.col("continuity").is_in(["same", "renamed"]))
    last: list[float | None] = []
    now: list[float | None] = []
    change: list[float | None] = []
    for row in continued.iter_rows(named=True):
        of_axes = [steps.get((row["agency"], one.id), (None, None)) for one in axes]
        last += [row["previous_total"], *(before for before, _ in of_axes), row["previous_rank"]]
        now += [row["total"], *(row[one.id] for one in axes), row["rank"]]
        change += [row["growth"], *(points for _, points in of_axes), row["rank_growth"]]
    figures = [telling.word("Total"), *(telling.node(one.id) for one in axes), telling.word("Rank")]
    height = len(figures)
    columns = [
        constant(telling.word("Figure"), figures),
        _points_then_rank(telling, "Last period", last, height),
        _points_then_rank(telling, "This period", now, height),
        _points_then_rank(telling, "Change", change, height, signed=True),
    ]
    notes = [
        telling.lexicon.words(texts)
        for texts in zip(*(growth_notes(telling.evaluation, one) for one in LANGUAGES), strict=True)
    ]
    lines = {
        code: [("plain", [telling.word(_CONTINUITY[state])])]
        for code, state in table.select("agency", "continuity").iter_rows()
        if state in _CONTINUITY
    }
    title = telling.word("Against the last period")
    return Part(
        "change",
        title,
        columns,
        {code: (n * height, (n + 1) * height) for n, code in enumerate(continued["agency"])},
        notes=[*_unlike(telling, axes), *notes],
        lines=lines,
    )


def _steps(grown: pl.DataFrame) -> dict[tuple[str, str], tuple[float | None, float | None]]:
    """Map agency and axis to the score before, and the points won since."""
    cells = grown.select("agency", "node", "previous_score", "growth").iter_rows()
    return {(agency, axis): (before, points) for agency, axis, before, points in cells}


def _points_then_rank(
    telling: Telling,
    heading: str,
    values: Sequence[float | None],
    height: int,
    *,
    signed: bool = False,
) -> Column:
    """Show points, of which the last row of each agency is a rank, or places won."""
    cells: list[Any] = units(pl.Series(values, dtype=pl.Float64), telling.decimals)
    for row in range(height - 1, len(values), height):
        cells[row] = [telling.printed(values[row], None, signed=signed)]
    form: Format = "+" if signed else ""
    return listed(telling.word(heading), cells, decimals=telling.decimals, form=form)


def _unlike(telling: Telling, axes: Sequence[NodeInfo]) -> list[int]:
    """Say which axes only one of the two periods has; or that none is recorded of the last."""
    if not axes:
        return [telling.word("Scores of axes in the last period are not recorded.")]
    then = recorded_axes(telling.evaluation.inputs["previous"])
    added = [telling.titles[one.id] for one in axes if one.id not in then]
    gone = [[one] * len(LANGUAGES) for one in then if one not in telling.nodes]
    told = (("Not in the last period: {axes}", added), ("No longer there: {axes}", gone))
    return [
        telling.word(
            text,
            axes=[
                enumerated([titles[n] for titles in axes_], language)
                for n, language in enumerate(LANGUAGES)
            ],
        )
        for text, axes_ in told
        if axes_
    ]


def advised(telling: Telling, registry: Registry | None) -> Part | None:
    """Say which criteria at full would help most."""
    table = advise(telling.evaluation, registry=registry).sort("agency", maintain_order=True)
    if not table.height:
        return None
    columns = [
        worded(
            telling.word("Criterion at full"),
            [telling.node(one) for one in table.get_column("node")],
        ),
        telling.points("Score now", table.get_column("score")),
        telling.points("Points gained", table.get_column("gain"), signed=True),
        telling.points("Total then", table.get_column("total")),
        telling.counts("Rank then", table.get_column("rank")),
    ]
    note = (
        "Each criterion alone at the top of the scale, computed anew; of services, all of them "
        "at the top. Everything else and all other bodies stay as they are."
    )
    spans = spans_of(table.get_column("agency"))
    return Part(
        "advice", telling.word("What would help most"), columns, spans, notes=[telling.word(note)]
    )
