"""The agencies that grew most and least, as bars on either side of nothing."""

from collections.abc import Sequence

from egovrules.html.charts.canvas import Canvas, figure
from egovrules.html.charts.data import Change, Figure
from egovrules.html.charts.element import isolated
from egovrules.html.charts.lettering import text_width
from egovrules.report.blocks import Table, headed, number
from egovrules.text import translate

_SHOWN = 10  # at either end
_BAR = 16.0


def growth_extremes(caption: str, changes: Sequence[Change], *, language: str) -> Figure:
    """Draw the ten agencies with the highest growth and the ten with the lowest.

    Args:
        caption: What it shows.
        changes: All agencies, in any order; those without growth are left out.
        language: The language of the page.
    """
    known = sorted(
        (one for one in changes if one.value.raw is not None),
        key=lambda one: -(one.value.raw or 0.0),
    )
    highest = known[:_SHOWN]
    lowest = known[_SHOWN:][-_SHOWN:]
    table = Table(
        caption,
        headed(language, "Agency", number("Growth")),
        tuple((one.name, one.value.printed) for one in (*highest, *lowest)),
    )
    told = translate("There is nothing to show here", language)
    if known:
        first, last = known[0], known[-1]
        told = translate(
            "Bars of growth in points: from {most} ({agency}) down to {least} ({other}).",
            language,
            most=first.value.printed,
            agency=isolated(first.name),
            least=last.value.printed,
            other=isolated(last.name),
        )

    def draw(canvas: Canvas) -> None:
        _draw(canvas, highest, lowest, language)

    return figure("growth", caption, told, table, draw if known else None, language=language)


def _draw(
    canvas: Canvas, highest: Sequence[Change], lowest: Sequence[Change], language: str
) -> None:
    sheet, size = canvas.sheet, canvas.sheet.size
    every = [*highest, *lowest]
    values = [one.value.raw or 0.0 for one in every]
    least, most = min(0.0, *values), max(0.0, *values)
    text = max(text_width(one.value.printed, size) for one in every) + 8
    names = sheet.column(one.name for one in every)
    start = 0.0 if sheet.narrow else names + 10
    before = text if least < 0 else 0.0
    unit = (sheet.width - start - before - text) / ((most - least) or 1.0)
    zero = start + before - least * unit
    top = 0.0
    for heading, group in (("Highest growth", highest), ("Lowest growth", lowest)):
        if not group:
            continue
        canvas.write(0, top + size, translate(heading, language), "strong")
        first = top + size + 12
        top = first
        for one in group:
            top = _row(canvas, one, top, zero, unit)
            if sheet.narrow:  # the line would cross the names
                canvas.line((zero, top - _BAR - 11), (zero, top - 5), "axis")
        if not sheet.narrow:
            canvas.line((zero, first - 4), (zero, top - 4), "axis")
        top += 14
    canvas.height = top - 14


def _row(canvas: Canvas, one: Change, top: float, zero: float, unit: float) -> float:
    sheet, size = canvas.sheet, canvas.sheet.size
    if sheet.narrow:
        canvas.name(0, top + size - 1, one.name, sheet.width)
        top += size + 5
    else:
        canvas.name(0, top + size, one.name, sheet.names)
    length = (one.value.raw or 0.0) * unit
    rising = length >= 0
    left = zero if rising else zero + length
    canvas.rect(left, top, abs(length), _BAR, "rise" if rising else "fall")
    if not rising:
        canvas.hatch(left, top, -length, _BAR, "hatch-on")
    at = zero + length + (5 if rising else -5)
    canvas.write(at, top + size, one.value.printed, anchor="start" if rising else "end")
    return top + _BAR + 8
