"""A band's labels as two stacked bars: their shares of all, and of those assessed."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import Literal

from egovrules.html.charts.canvas import Canvas, figure
from egovrules.html.charts.data import Figure, Part
from egovrules.html.charts.element import isolated
from egovrules.html.charts.lettering import fitted, spread, text_width
from egovrules.report.blocks import Table, headed, number, parted, percent
from egovrules.text import format_number, translate

_HEAD, _STEPS = 44, 6  # room for the headings; shades from the lowest label to the highest


def band_shares(
    name: str,
    caption: str,
    parts: Sequence[Part],
    *,
    of: Literal["agencies", "services"],
    language: str,
) -> Figure:
    """Draw a band: every label's share of all, and of those assessed, with counts.

    Args:
        name: The name of the figure.
        caption: What it shows.
        parts: The labels, lowest first; those without a share of the assessed are drawn hatched.
        of: What is counted.
        language: The language of the page.
    """
    table = _table(caption, parts, of, language)
    whole = sum(part.count for part in parts)
    if not whole:
        return figure(
            name, caption, _described(parts, of, language), table, None, language=language
        )

    def draw(canvas: Canvas) -> None:
        _draw(canvas, parts, language)

    return figure(name, caption, _described(parts, of, language), table, draw, language=language)


def _table(caption: str, parts: Sequence[Part], of: str, language: str) -> Table:
    counted = number("Services" if of == "services" else "Agencies")
    columns = headed(language, "Band", counted, number("Share of all"), number("Share of assessed"))
    rows = [
        (
            part.title,
            format_number(part.count, language),
            percent(part.of_all, language),
            percent(part.of_assessed, language),
        )
        for part in parts
    ]
    return Table(caption, columns, tuple(rows))


def _described(parts: Sequence[Part], of: str, language: str) -> str:
    whole = sum(part.count for part in parts)
    text = "Two stacked bars for {count} services: {parts}."
    if of == "agencies":
        text = "Two stacked bars for {count} agencies: {parts}."
    told = [f"{isolated(part.title)}: {_numbers(part, language)}" for part in parts]
    return translate(text, language, count=whole, parts=parted(told, language))


def _numbers(part: Part, language: str) -> str:
    """Tell a count and its shares in one line."""
    of_all = percent(part.of_all, language)
    if part.of_assessed is None:
        return translate("{count}, {share} of all", language, count=part.count, share=of_all)
    return translate(
        "{count}, {share} of all, {other} of the assessed",
        language,
        count=part.count,
        share=of_all,
        other=percent(part.of_assessed, language),
    )


def _lines(part: Part, canvas: Canvas, language: str) -> list[str]:
    """Tell a count and its shares in one line, or in two where there is little room."""
    if not canvas.sheet.narrow:
        return [_numbers(part, language)]
    share = percent(part.of_assessed, language)
    return [
        _numbers(replace(part, of_assessed=None), language),
        translate("{share} of the assessed", language, share=share),
    ]


def _block(canvas: Canvas) -> float:
    """Return the height of a label: its title, and its numbers beneath."""
    return (3 if canvas.sheet.narrow else 2) * (canvas.sheet.size + 4) + 8


def _draw(canvas: Canvas, parts: Sequence[Part], language: str) -> None:
    size = canvas.sheet.size
    bar, gap = (52, 30) if canvas.sheet.narrow else (150, 80)
    assessed = [part for part in parts if part.of_assessed is not None]
    rest = [part for part in parts if part.of_assessed is None]
    tall = max(220.0, _block(canvas) * len(assessed))
    floor = _HEAD + tall
    whole, known = (sum(part.count for part in some) for some in (parts, assessed))
    for head, count, start in (("All", whole, 0), ("Assessed", known, bar + gap)):
        canvas.write(start, size, translate(head, language), "soft")
        canvas.write(start, 2 * size + 4, format_number(count, language), "strong")

    # From below: first those not assessed, then the labels, so that better stands higher.
    counts = [part.count for part in assessed]
    levels = [floor - tall * one / whole for one in accumulate(counts, initial=whole - known)]
    seconds = [floor - tall * one / (known or 1) for one in accumulate(counts, initial=0)]
    if whole > known:
        canvas.rect(0, levels[0], bar, floor - levels[0], "empty")
        canvas.hatch(0, levels[0], bar, floor - levels[0], "hatch")
    for place, part in enumerate(assessed):
        if part.count:
            here, there = (edges[place : place + 2] for edges in (levels, seconds))
            flow = [(bar, here[1]), (bar + gap, there[1]), (bar + gap, there[0]), (bar, here[0])]
            canvas.strokes([flow], "flow", closed=True)
            shade = _shade(place, len(assessed))
            _segment(canvas, (0, bar), here, shade, percent(part.of_all, language))
            share = percent(part.of_assessed, language)
            _segment(canvas, (bar + gap, bar), there, shade, share)
    _labels(canvas, assessed, seconds, 2 * bar + gap, language)
    canvas.height = floor + 10
    for part in rest:
        _unassessed(canvas, part, language)


def _segment(
    canvas: Canvas, across: tuple[float, float], edges: Sequence[float], shade: int, share: str
) -> None:
    """Draw a label's part of a bar, with its share where there is room."""
    (start, width), (below, above) = across, edges
    size = canvas.sheet.size
    canvas.rect(start, above, width, below - above, f"step step-{shade}")
    if below - above >= size + 5:
        base = (below + above) / 2 + size * 0.36
        canvas.write(start + width / 2, base, share, f"in-{shade}", anchor="middle")


def _unassessed(canvas: Canvas, part: Part, language: str) -> None:
    """Tell below the bars of those that only the first one has."""
    size, numbers = canvas.sheet.size, _numbers(part, language)
    base = canvas.height + size
    room = canvas.sheet.width - text_width(numbers, size) - 12
    canvas.name(0, base, part.title, room, "strong")
    start = 1.1 * text_width(fitted(part.title, size, 0.9 * room), size) + 8
    canvas.write(start, base, numbers, "soft")
    canvas.height = base + 6


def _shade(place: int, count: int) -> int:
    return round(place * (_STEPS - 1) / (count - 1)) if count > 1 else _STEPS - 1


def _labels(
    canvas: Canvas, parts: Sequence[Part], edges: Sequence[float], start: float, language: str
) -> None:
    size, block, text = canvas.sheet.size, _block(canvas), start + 28
    middles = [(one + other) / 2 for one, other in pairwise(edges)]
    half = block / 2
    low, high = _HEAD + half - 6, max(edges[0] - half + 6, _HEAD + half - 6)
    places = spread(middles[::-1], block, low, high)[::-1]
    for part, middle, place in zip(parts, middles, places, strict=True):
        elbow = start + 10
        leader = [(start + 2, middle), (elbow, middle), (elbow + 8, place), (text - 5, place)]
        canvas.strokes([leader], "leader")
        top = place - half + 4 + size - 2
        canvas.name(text, top, part.title, canvas.sheet.width - text, "strong")
        for order, line in enumerate(_lines(part, canvas, language), start=1):
            canvas.write(text, top + order * (size + 4), line, "soft")
