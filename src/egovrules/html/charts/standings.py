"""Rows of agencies or kinds by axis: contributions end to end, or scores side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

from egovrules.html.charts.canvas import Canvas, figure
from egovrules.html.charts.data import Figure, Means, Number, Standing, share_of
from egovrules.html.charts.element import isolated
from egovrules.html.charts.lettering import fitted, text_width
from egovrules.report.blocks import Table, counted, headed, number, parted
from egovrules.text import format_number, translate

TONES = 6  # of axes; the seventh looks like the first again, and is hatched
_ABREAST = 4  # scores that stand side by side on a narrow sheet


@dataclass(frozen=True, slots=True)
class _Row:
    lead: str
    name: str
    end: str
    parts: Sequence[Number]


def top_by_axis(
    caption: str,
    standings: Sequence[Standing],
    axes: Sequence[str],
    *,
    adds_up: bool,
    scale: tuple[float, float],
    language: str,
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
    lines = [_Row(one.rank, one.name, one.total.printed, one.parts) for one in standings]

    def draw(canvas: Canvas) -> None:
        if adds_up:
            _stacked(canvas, lines, axes, scale[1] - min(scale[0], 0))
        else:
            _abreast(canvas, lines, axes, scale)

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
        _Row("", kind.title, count, kind.means) for kind, count in zip(kinds, counts, strict=True)
    ]

    def draw(canvas: Canvas) -> None:
        _abreast(canvas, lines, axes, scale)

    table = Table(caption, columns, tuple(rows))
    return figure("kinds", caption, told, table, draw if kinds else None, language=language)


def _stacked(canvas: Canvas, rows: Sequence[_Row], axes: Sequence[str], full: float) -> None:
    size, sheet = canvas.sheet.size, canvas.sheet
    top = _key(canvas, axes)
    ends = max(text_width(row.end, size) for row in rows) + 8
    names = _names(canvas, rows)
    start = 0.0 if sheet.narrow else names + 10
    room = sheet.width - start - (0.0 if sheet.narrow else ends)
    # A negative part cannot be stacked: it is left to the table.
    sums = [sum(max(part.raw or 0.0, 0.0) for part in row.parts) for row in rows]
    unit = room / max(full, *sums, 1e-12)
    for row in rows:
        top = _row_head(canvas, row, top, (names, ends))
        at = start
        for place, (part, axis) in enumerate(zip(row.parts, axes, strict=True)):
            length = max(part.raw or 0.0, 0.0) * unit
            if length > 0:
                _segment(canvas, (at, top, length), place, part, axis)
            at += length
        if not sheet.narrow:
            canvas.write(at + 6, top + size + 1, row.end, "strong")
        top += 28.0 if not sheet.narrow else 30.0
    canvas.height = top


def _segment(
    canvas: Canvas, place: tuple[float, float, float], axis: int, part: Number, title: str
) -> None:
    start, top, length = place
    shown = axis < TONES and text_width(part.printed, canvas.sheet.size) + 8 <= length
    told = "" if shown else f"{isolated(title)}: {part.printed}"
    canvas.rect(start, top, length, 20, f"tone tone-{axis % TONES}", title=told)
    if axis >= TONES:
        canvas.hatch(start, top, length, 20, "hatch-on")
    if shown:
        base = top + canvas.sheet.size + 1.5
        look = f"on-{axis % TONES}"
        canvas.write(start + length / 2, base, part.printed, look, anchor="middle")


def _lead(canvas: Canvas, row: _Row) -> float:
    """Return the room that a rank takes before a name."""
    size = canvas.sheet.size
    return max(text_width(row.lead, size) + 6, 2.2 * size) if row.lead else 0.0


def _names(canvas: Canvas, rows: Sequence[_Row]) -> float:
    """Return the width of the column of ranks and names."""
    lead = max(_lead(canvas, row) for row in rows)
    return min(canvas.sheet.names, lead + canvas.sheet.column(row.name for row in rows))


def _row_head(canvas: Canvas, row: _Row, top: float, room: tuple[float, float]) -> float:
    """Write who a row is about, in the room for names and for the end; return where bars begin."""
    sheet, size = canvas.sheet, canvas.sheet.size
    (names, ends), base, lead = room, top + size + 1, _lead(canvas, row)
    if row.lead:
        canvas.write(0, base, row.lead, "soft")
    if not sheet.narrow:
        canvas.name(lead, base, row.name, names - lead)
        return top
    canvas.name(lead, base, row.name, sheet.width - lead - ends)
    look = "strong" if row.lead else "soft"
    canvas.write(sheet.width, base, row.end, look, anchor="end")
    return top + size + 7


def _key(canvas: Canvas, axes: Sequence[str]) -> float:
    """Name the tones, in as many lines as it takes; return where the rows begin."""
    sheet, size = canvas.sheet, canvas.sheet.size
    at, top, room = 0.0, 0.0, sheet.width / 2 - 40
    for place, axis in enumerate(axes):
        taken = 20 + text_width(fitted(axis, size, room), size)
        if at and at + taken > sheet.width:
            at, top = 0.0, top + size + 9
        canvas.rect(at, top + 1, 13, 13, f"tone tone-{place % TONES}")
        if place >= TONES:
            canvas.hatch(at, top + 1, 13, 13, "hatch-on")
        canvas.name(at + 20, top + size, axis, room)
        at += taken + 18
    return top + size + 20


def _abreast(
    canvas: Canvas, rows: Sequence[_Row], axes: Sequence[str], scale: tuple[float, float]
) -> None:
    sheet, size = canvas.sheet, canvas.sheet.size
    ends = max(text_width(row.end, size) for row in rows) + 12
    names = _names(canvas, rows)
    start = 0.0 if sheet.narrow else names + ends + 6
    across = min(len(axes), _ABREAST if sheet.narrow else 2 * _ABREAST) or 1
    pitch = (sheet.width - start) / across
    width = pitch - 12
    deep = size + 16.0
    top = _column_heads(canvas, axes, (start, pitch, across))
    for row in rows:
        canvas.line((0, top - 5), (sheet.width, top - 5), "rule")
        if not sheet.narrow:
            look = "strong" if row.lead else "soft"
            canvas.write(names + ends - 12, top + size + 1, row.end, look, anchor="end")
        top = _row_head(canvas, row, top, (names, ends))
        for place, part in enumerate(row.parts):
            left = start + pitch * (place % across)
            high = top + deep * (place // across)
            canvas.rect(left, high + size + 5, width, 6, "track")
            length = width * share_of(part.raw, scale)
            if length:
                canvas.rect(left, high + size + 5, length, 6, "bar")
            canvas.write(left, high + size, part.printed)
        top += deep * -(-len(axes) // across) + 12
    canvas.height = top - 6


def _column_heads(canvas: Canvas, axes: Sequence[str], columns: tuple[float, float, int]) -> float:
    start, pitch, across = columns
    size = canvas.sheet.size
    for place, axis in enumerate(axes):
        left, line = start + pitch * (place % across), place // across
        canvas.name(left, size + line * (size + 5), axis, pitch - 8, "soft")
    return size + 12.0 + (size + 5) * (-(-len(axes) // across) - 1)
