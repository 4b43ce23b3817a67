"""Rows of agencies or kinds by axis: contributions end to end, or scores side by side."""

from collections.abc import Sequence

from egovrules.html.charts.canvas import Canvas, figure
from egovrules.html.charts.data import Figure, Means, Rivals, Standing
from egovrules.html.charts.element import isolated
from egovrules.html.charts.rows import Row, end_to_end, side_by_side, tell_frame
from egovrules.report.blocks import Table, counted, headed, number, parted
from egovrules.text import format_number, translate


def top_by_axis(
    caption: str,
    standings: Sequence[Standing],
    axes: Sequence[str],
    *,
    adds_up: bool,
    scale: tuple[float, float],
    language: str,
    rivals: Rivals | None = None,
) -> Figure:
    """Draw agencies with what each axis gives them.

    Args:
        caption: What it shows.
        standings: The agencies, best first.
        axes: The titles of the axes.
        adds_up: Whether the parts are contributions that sum to the total: then they are drawn
            end to end, otherwise side by side.
        scale: The lowest and the highest score.
        language: The language of the page.
        rivals: Who may come to stand there instead, by weights of the reader's own.
    """
    columns = (
        *headed(language, "Rank", "Agency"),
        *headed(language, number("Total")),
        *(number(axis) for axis in axes),
    )
    rows = [
        (one.rank, one.name, one.total.printed, *(part.printed for part in one.parts))
        for one in standings
    ]
    table = Table(caption, columns, tuple(rows))
    named = [f"{one.rank}. {isolated(one.name)} {one.total.printed}" for one in standings]
    text = "Bars of scores by axis, one row for each agency: {names}."
    if adds_up:
        text = "Stacked bars of the points that each axis gives, one for each agency: {names}."
    told = translate(text, language, names=parted(named, language))
    lines = [Row(one.rank, one.name, one.total.printed, one.parts) for one in standings]

    def draw(canvas: Canvas) -> None:
        if adds_up:
            frame = end_to_end(canvas, lines, axes, scale[1] - min(scale[0], 0), rivals)
        else:
            frame = side_by_side(canvas, lines, axes, scale, rivals)
        if rivals:
            more = {
                "scale": scale,
                "told": translate(text, language),
                "between": parted(["", ""], language),
            }
            tell_frame(canvas, frame, axes, rivals, more)

    return figure("top", caption, told, table, draw if standings else None, language=language)


def axes_by_kind(
    caption: str,
    kinds: Sequence[Means],
    axes: Sequence[str],
    *,
    scale: tuple[float, float],
    language: str,
) -> Figure:
    """Draw the mean score of every kind of agency on every axis.

    Args:
        caption: What it shows.
        kinds: The kinds, in the order of the page, with one mean per axis.
        axes: The titles of the axes.
        scale: The lowest and the highest score.
        language: The language of the page.
    """
    columns = (*headed(language, "Kind", number("Agencies")), *(number(axis) for axis in axes))
    rows = [
        (kind.title, format_number(kind.count, language), *(mean.printed for mean in kind.means))
        for kind in kinds
    ]
    told = translate(
        "Bars of mean scores, one row for each kind of agency and one bar for each axis: {names}.",
        language,
        names=parted((isolated(kind.title) for kind in kinds), language),
    )
    counts = [counted(kind.count, "1 agency", "{count} agencies", language) for kind in kinds]
    lines = [
        Row("", kind.title, count, kind.means) for kind, count in zip(kinds, counts, strict=True)
    ]

    def draw(canvas: Canvas) -> None:
        side_by_side(canvas, lines, axes, scale)

    table = Table(caption, columns, tuple(rows))
    return figure("kinds", caption, told, table, draw if kinds else None, language=language)
