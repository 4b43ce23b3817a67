"""Rows of bars: of whom or what, and a part for every axis, end to end or side by side.

Where other rows may come to stand, the page's script draws them as they are drawn here
(``script/standings.js``; a test compares the two), in the frame that is told to it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from egovrules.html.charts.canvas import Canvas
from egovrules.html.charts.data import Number, Rivals, share_of
from egovrules.html.charts.element import isolated
from egovrules.html.charts.lettering import fitted, text_width
from egovrules.report.plain import on_one_line

TONES = 6  # of axes; the seventh has that of the first again, and a stripe
_ABREAST = 4  # scores that stand side by side on a narrow sheet
_BAR, _THIN = 20.0, 6.0  # how thick bars are: end to end, side by side


@dataclass(frozen=True, slots=True)
class Row:
    """A rank, where there are ranks, a name, the number that stands at its end, and the parts."""

    lead: str
    name: str
    end: str
    parts: Sequence[Number]


@dataclass(frozen=True, slots=True)
class Frame:
    """Where rows stand in a drawing, and what stands in them.

    Attributes:
        first: Place of their first mark among those of the drawing.
        rows: How many there are.
        rtl: Whether all these are measured from the right.
        width: Of the drawing.
        size: Of the letters.
        top: Of the first row.
        step: From a row to the next.
        lead: Where names begin.
        room: For a name.
        end: Where the number at the end ends; None: it follows the bar.
        below: From the top of a row to its bars, which is more where names stand above them.
        start: Where bars begin.
        unit: The length of a point, end to end; that of the whole scale, side by side.
        across: How many stand side by side; 0: end to end.
        pitch: From one to the next.
    """

    first: int
    rows: int
    rtl: bool
    width: float
    size: float
    top: float
    step: float
    lead: float
    room: float
    end: float | None
    below: float
    start: float
    unit: float
    across: int = 0
    pitch: float = 0.0


def end_to_end(
    canvas: Canvas, rows: Sequence[Row], axes: Sequence[str], full: float, rivals: Rivals | None
) -> Frame:
    """Draw contributions that add up; a full bar is as long as *full* points."""
    sheet, size = canvas.sheet, canvas.sheet.size
    ends, lead, names = _columns(canvas, rows, rivals)
    top = _key(canvas, axes)
    start = 0.0 if sheet.narrow else names + 10
    room = sheet.width - start - (0.0 if sheet.narrow else ends + 8)
    # A negative part cannot be stacked: it is left to the table.
    sums = [sum(max(part.raw or 0.0, 0.0) for part in row.parts) for row in rows]
    frame = Frame(
        first=len(canvas.marks),
        rows=len(rows),
        rtl=canvas.rtl,
        width=sheet.width,
        size=size,
        top=top,
        step=size + 37 if sheet.narrow else 28,
        lead=lead,
        room=(sheet.width - ends - 8 if sheet.narrow else names) - lead,
        end=sheet.width if sheet.narrow else None,
        below=size + 7 if sheet.narrow else 0,
        start=start,
        unit=room / max(full, *sums, 1e-12),
    )
    for place, row in enumerate(rows):
        top = frame.top + frame.step * place
        _head(canvas, frame, row, top)
        at = start
        for axis, part in enumerate(row.parts):
            length = max(part.raw or 0.0, 0.0) * frame.unit
            if length > 0:
                _segment(canvas, (at, top + frame.below, length), axis, part, axes[axis])
            at += length
        if frame.end is None:
            canvas.write(at + 6, top + size + 1, row.end, "strong")
    canvas.height = frame.top + frame.step * len(rows)
    return frame


def side_by_side(
    canvas: Canvas,
    rows: Sequence[Row],
    axes: Sequence[str],
    scale: tuple[float, float],
    rivals: Rivals | None = None,
) -> Frame:
    """Draw scores, each on the whole scale."""
    sheet, size = canvas.sheet, canvas.sheet.size
    ends, lead, names = _columns(canvas, rows, rivals)
    start = 0.0 if sheet.narrow else names + ends + 18
    across = min(len(axes), _ABREAST if sheet.narrow else 2 * _ABREAST) or 1
    pitch = (sheet.width - start) / across
    below = size + 7 if sheet.narrow else 0
    deep = size + 16
    top = _headings(canvas, axes, (start, pitch, across))
    frame = Frame(
        first=len(canvas.marks),
        rows=len(rows),
        rtl=canvas.rtl,
        width=sheet.width,
        size=size,
        top=top,
        step=below + deep * -(-len(axes) // across) + 12,
        lead=lead,
        room=(sheet.width - ends - 12 if sheet.narrow else names) - lead,
        end=sheet.width if sheet.narrow else names + ends,
        below=below,
        start=start,
        unit=pitch - 12,
        across=across,
        pitch=pitch,
    )
    for place, row in enumerate(rows):
        top = frame.top + frame.step * place
        _head(canvas, frame, row, top)
        canvas.rect(0, top - 5.5, sheet.width, 1, "parting")
        for axis, part in enumerate(row.parts):
            left = start + pitch * (axis % across)
            base = top + below + deep * (axis // across) + size
            canvas.rect(left, base + 5, frame.unit, _THIN, "track")
            if length := frame.unit * share_of(part.raw, scale):
                canvas.rect(left, base + 5, length, _THIN, "bar")
            canvas.write(left, base, part.printed)
    canvas.height = frame.top + frame.step * len(rows) - 6
    return frame


def tell_frame(
    canvas: Canvas, frame: Frame, axes: Sequence[str], rivals: Rivals, told: Mapping[str, Any]
) -> None:
    """Put the rows into a group that tells the script what it takes to draw those of rivals.

    Args:
        canvas: On which the rows are.
        frame: In which they stand.
        axes: Their titles.
        rivals: Who else may come to stand there.
        told: More that the script is told.
    """
    names = [on_one_line(name) for name in rivals.names]
    shown = [fitted(name, frame.size, frame.room) for name in names]
    # Of names that are cut, how much stays.
    kept = [0 if cut == name else len(cut) - 1 for cut, name in zip(shown, names, strict=True)]
    titles = [on_one_line(axis) for axis in axes]
    data = {**asdict(frame), **told, "axes": titles, "kept": kept}
    del data["first"]
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    canvas.gather(frame.first, {"data-frame": text})


def _columns(
    canvas: Canvas, rows: Sequence[Row], rivals: Rivals | None
) -> tuple[float, float, float]:
    """Return how wide the number at the end is, where names begin, and where their column ends."""
    sheet, size = canvas.sheet, canvas.sheet.size
    ends = max(text_width(row.end, size) for row in rows)
    lead = max(text_width(row.lead, size) + 6 if row.lead else 0.0 for row in rows)
    lead = max(lead, 2.2 * size) if lead else 0.0
    names = [row.name for row in rows]
    if rivals:
        ends, names = max(ends, text_width(rivals.total, size)), [*names, *rivals.names]
    return ends, lead, min(sheet.names, lead + sheet.column(names))


def _head(canvas: Canvas, frame: Frame, row: Row, top: float) -> None:
    """Write what a row is about, and the number at its end."""
    base = top + frame.size + 1
    if row.lead:
        canvas.write(0, base, row.lead, "soft")
    canvas.name(frame.lead, base, row.name, frame.room)
    if frame.end is not None:
        canvas.write(frame.end, base, row.end, "strong" if row.lead else "soft", anchor="end")


def _segment(
    canvas: Canvas, place: tuple[float, float, float], axis: int, part: Number, title: str
) -> None:
    start, top, length = place
    size, tone = canvas.sheet.size, axis % TONES
    shown = axis < TONES and text_width(part.printed, size) + 8 <= length
    told = "" if shown else f"{isolated(title)}: {part.printed}"
    canvas.rect(start, top, length, _BAR, f"tone tone-{tone}", title=told)
    if axis >= TONES:
        canvas.rect(start, top + 8, length, 4, "stripe")
    if shown:
        middle, base = start + length / 2, top + size + 1.5
        canvas.write(middle, base, part.printed, f"on-{tone}", anchor="middle")


def _key(canvas: Canvas, axes: Sequence[str]) -> float:
    """Name the tones, in as many lines as it takes; return where the rows begin."""
    sheet, size = canvas.sheet, canvas.sheet.size
    at, top, room = 0.0, 0.0, sheet.width - 20
    for place, axis in enumerate(axes):
        taken = 20 + text_width(fitted(axis, size, room), size)
        if at and at + taken > sheet.width:
            at, top = 0.0, top + size + 9
        canvas.rect(at, top + 1, 13, 13, f"tone tone-{place % TONES}")
        if place >= TONES:
            canvas.rect(at, top + 5.5, 13, 4, "stripe")
        canvas.name(at + 20, top + size, axis, room)
        at += taken + 18
    return top + size + 20


def _headings(canvas: Canvas, axes: Sequence[str], columns: tuple[float, float, int]) -> float:
    """Name the columns, in as many lines as it takes; return where the rows begin."""
    start, pitch, across = columns
    size = canvas.sheet.size
    for place, axis in enumerate(axes):
        left, line = start + pitch * (place % across), place // across
        canvas.name(left, size + line * (size + 5), axis, pitch - 8, "soft")
    return size + 12.0 + (size + 5) * (-(-len(axes) // across) - 1)
