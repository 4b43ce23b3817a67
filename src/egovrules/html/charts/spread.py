"""How the totals lie along the scale: a histogram."""

from collections.abc import Sequence
from statistics import median

from egovrules.html.charts.canvas import Canvas, figure
from egovrules.html.charts.data import Figure, share_of
from egovrules.html.charts.lettering import text_width
from egovrules.report.blocks import Table, headed, number
from egovrules.text import format_number, translate

_FINE, _COARSE = 20, 10  # intervals of a wide and of a narrow sheet
_TALL, _INSET = 150.0, 18.0  # room for the bars; and beside them, for the outer numbers


def spread_of_totals(
    caption: str,
    totals: Sequence[float],
    *,
    scale: tuple[float, float],
    language: str,
    decimals: int = 1,
) -> Figure:
    """Draw how many agencies have which total.

    Args:
        caption: What it shows.
        totals: The totals, in any order.
        scale: The lowest and the highest score.
        language: The language of the page.
        decimals: Decimals of the lowest, middle and highest total in the description.
    """
    intervals = _counts(totals, scale, _COARSE)
    table = Table(
        caption,
        headed(language, "Total", number("Agencies")),
        tuple(
            (f"{_bound(low, language)} – {_bound(high, language)}", format_number(count, language))
            for low, high, count in intervals
        ),
    )
    told = translate("There is nothing to show here", language)
    if totals:
        least, middle, most = (
            format_number(float(value), language, decimals)
            for value in (min(totals), median(totals), max(totals))
        )
        told = translate(
            "Bars of the number of agencies by total: {count} agencies, from {least} to {most}, "
            "half of them at {middle} or more.",
            language,
            count=len(totals),
            least=least,
            middle=middle,
            most=most,
        )

    def draw(canvas: Canvas) -> None:
        _draw(canvas, totals, scale, language)

    return figure("spread", caption, told, table, draw if totals else None, language=language)


def _bound(value: float, language: str) -> str:
    return format_number(round(value, 6), language)


def _counts(
    totals: Sequence[float], scale: tuple[float, float], intervals: int
) -> list[tuple[float, float, int]]:
    """Count totals by interval, each with its lower bound; the last has its upper bound too."""
    low, high = scale
    counts = [0] * intervals
    for total in totals:
        counts[min(int(share_of(total, scale) * intervals), intervals - 1)] += 1
    bounds = [low + (high - low) * step / intervals for step in range(intervals + 1)]
    return list(zip(bounds, bounds[1:], counts, strict=False))


def _draw(
    canvas: Canvas, totals: Sequence[float], scale: tuple[float, float], language: str
) -> None:
    sheet, size = canvas.sheet, canvas.sheet.size
    room = sheet.width - 2 * _INSET
    intervals = _counts(totals, scale, _COARSE if sheet.narrow else _FINE)
    widest = max(text_width(format_number(count, language), size) for *_, count in intervals)
    if widest > room / len(intervals):
        intervals = _counts(totals, scale, _COARSE)
    pitch = room / len(intervals)
    floor = size + 8 + _TALL
    most = max(count for *_, count in intervals)
    for place, (low, high, count) in enumerate(intervals):
        tall = _TALL * count / most
        start = _INSET + place * pitch
        shown = format_number(count, language)
        if count:
            told = f"{_bound(low, language)} – {_bound(high, language)}: {shown}"
            canvas.rect(start + 1, floor - tall, pitch - 2, tall, "bar", title=told)
            canvas.write(start + pitch / 2, floor - tall - 5, shown, "soft halo", anchor="middle")
    canvas.line((_INSET, floor), (_INSET + room, floor), "axis")
    for step in range(0, 11, 2):
        value = scale[0] + (scale[1] - scale[0]) * step / 10
        start = _INSET + room * step / 10
        canvas.line((start, floor), (start, floor + 5), "axis")
        canvas.write(start, floor + size + 8, _bound(value, language), "soft", anchor="middle")
    canvas.height = floor + size + 14
