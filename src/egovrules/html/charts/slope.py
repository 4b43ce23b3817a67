"""Ranks of two periods, joined by lines: who rose and who fell, among all."""

from collections.abc import Sequence
from typing import NamedTuple

from egovrules.html.charts.canvas import Canvas, figure
from egovrules.html.charts.data import Figure, Movement, Number
from egovrules.html.charts.element import isolated
from egovrules.html.charts.lettering import fitted, spread, text_width
from egovrules.report.blocks import Table, headed, number, parted
from egovrules.text import direction, translate

_SHOWN = 5  # of the largest rises, falls, and so on, that are named
_HEAD = 28.0
_MANY = 400  # lines, from which on each is drawn fainter
_GROUPS = {
    "up": "Largest rises",
    "down": "Largest falls",
    "new": "Not ranked before",
    "gone": "No longer ranked",
}


class _Named(NamedTuple):
    """A movement that is named, and why."""

    one: Movement
    why: str


def ranks_moved(
    caption: str, movements: Sequence[Movement], periods: tuple[str, str], *, language: str
) -> Figure:
    """Draw every agency's rank in the last period and in this one; the largest moves are named.

    Args:
        caption: What it shows.
        movements: All agencies with a rank in either period, in any order.
        periods: The titles of the last period and of this one.
        language: The language of the page.
    """
    named = _chosen(movements)
    columns = headed(language, "Agency", number(periods[0]), number(periods[1]), "Movement")
    rows = [
        (one.name, one.before.printed, one.after.printed, _told(one, why, language))
        for one, why in named
    ]
    both = sum(one.before.raw is not None and one.after.raw is not None for one in movements)
    told = [
        f"{isolated(one.name)}: {one.before.printed} ← {one.after.printed}"
        if direction(language) == "rtl"
        else f"{isolated(one.name)}: {one.before.printed} → {one.after.printed}"
        for one, why in named
        if why in {"up", "down"}
    ]
    description = translate(
        "Lines join the ranks of {count} agencies in two periods. The largest moves: {moves}.",
        language,
        count=both,
        moves=parted(told, language) or translate("none", language),
    )

    def draw(canvas: Canvas) -> None:
        _draw(canvas, movements, named, periods, language)

    there = any(one.before.raw is not None or one.after.raw is not None for one in movements)
    table = Table(caption, columns, tuple(rows))
    return figure(
        "movement", caption, description, table, draw if there else None, language=language
    )


def _told(one: Movement, why: str, language: str) -> str:
    """Say what a movement is, and of a body without a rank before whether it is new or merged."""
    group = translate(_GROUPS[why], language)
    if why != "new" or not one.continuity:
        return group
    return f"{group} ({translate(one.continuity, language)})"


def _chosen(movements: Sequence[Movement]) -> list[_Named]:
    """Choose who is named: the largest rises and falls, and the best of those with one rank."""
    moved = [
        (one.before.raw - one.after.raw, one)
        for one in movements
        if one.before.raw is not None and one.after.raw is not None
    ]
    rises = sorted((pair for pair in moved if pair[0] > 0), key=lambda pair: -pair[0])
    falls = sorted((pair for pair in moved if pair[0] < 0), key=lambda pair: pair[0])
    new = _best([one for one in movements if one.before.raw is None], 1)
    gone = _best([one for one in movements if one.after.raw is None], 0)
    return [
        *(_Named(one, "up") for _, one in rises[:_SHOWN]),
        *(_Named(one, "down") for _, one in falls[:_SHOWN]),
        *(_Named(one, "new") for one in new[:_SHOWN]),
        *(_Named(one, "gone") for one in gone[:_SHOWN]),
    ]


def _best(movements: Sequence[Movement], side: int) -> list[Movement]:
    def rank(one: Movement) -> float | None:
        return (one.before, one.after)[side].raw

    return sorted(
        (one for one in movements if rank(one) is not None), key=lambda one: rank(one) or 0
    )


def _draw(
    canvas: Canvas,
    movements: Sequence[Movement],
    named: Sequence[_Named],
    periods: tuple[str, str],
    language: str,
) -> None:
    sheet, size = canvas.sheet, canvas.sheet.size
    ranks = [one.raw for both in movements for one in both[1:3] if one.raw is not None]
    last = max(2.0, *ranks)
    line = size + 5
    sides = [
        [one for one, why in named if (one.before, one.after)[side].raw is not None]
        for side in (0, 1)
    ]
    tall = min(max(2.2 * last, 120.0, line * max(map(len, sides))), 560.0)
    left, right = (52.0, 140.0) if sheet.narrow else (265.0, sheet.width - 265.0)
    top = _key(canvas, {why for _, why in named}, language) + _HEAD

    def y(number: Number) -> float:
        return top + tall * ((number.raw or 1.0) - 1) / (last - 1)

    _heads(canvas, periods, (left, right), top - 16)
    for start in (left, right):
        canvas.line((start, top - 8), (start, top + tall + 8), "axis")
    emphasised = {id(one) for one, _ in named}
    faint = [
        ((left, y(one.before)), (right, y(one.after)))
        for one in movements
        if one.before.raw is not None and one.after.raw is not None and id(one) not in emphasised
    ]
    canvas.strokes(faint, "faint" if len(faint) <= _MANY else "faint many")
    for one, why in named:
        _mark(canvas, one, why, ((left, y(one.before)), (right, y(one.after))))
    for side, start in ((0, left), (1, right)):
        labels = [(y((one.before, one.after)[side]), one) for one in sides[side]]
        labels.sort(key=lambda label: label[0])
        _labels(canvas, labels, side, start, (top, top + tall))
    canvas.height = top + tall + 10
    if sheet.narrow:
        _beneath(canvas, [one for one, why in named if why == "gone"])


def _heads(
    canvas: Canvas, periods: tuple[str, str], starts: tuple[float, float], base: float
) -> None:
    sheet, (left, right) = canvas.sheet, starts
    if sheet.narrow:  # the first period has no room before its line
        canvas.name(0, base, periods[0], right - 10, "strong")
    else:
        canvas.name(left, base, periods[0], left, "strong", anchor="end")
    canvas.name(right, base, periods[1], sheet.width - right, "strong")


def _mark(
    canvas: Canvas, one: Movement, why: str, ends: tuple[tuple[float, float], tuple[float, float]]
) -> None:
    told = f"{isolated(one.name)}: {one.before.printed}, {one.after.printed}"
    if why == "new":
        canvas.dot(*ends[1], 4.5, "new", title=told)
    elif why == "gone":
        start, top = ends[0]
        cross = [((start - 4, top + by), (start + 4, top - by)) for by in (4.0, -4.0)]
        canvas.strokes(cross, "gone")
    else:
        canvas.line(*ends, why, title=told)
        for start, top in ends:
            canvas.dot(start, top, 3.5, f"end-{why}")


def _labels(
    canvas: Canvas,
    labels: Sequence[tuple[float, Movement]],
    side: int,
    start: float,
    ends: tuple[float, float],
) -> None:
    """Name the lines at one of their ends: rank and name, with a leader to where the line ends."""
    sheet, size = canvas.sheet, canvas.sheet.size
    away = 1 if side else -1
    ranks = [text_width((one.before, one.after)[side].printed, size) for _, one in labels]
    wide = max(ranks, default=0.0)
    places = spread([place for place, _ in labels], size + 4, *ends)
    for (place, one), to in zip(labels, places, strict=True):
        number = (one.before, one.after)[side]
        canvas.strokes([((start + 5 * away, place), (start + 14 * away, to))], "leader")
        base, at = to + size * 0.36, start + 17 * away
        outer = at + away * (wide + 7)
        if side:
            canvas.write(at + wide, base, number.printed, "strong", anchor="end")
            canvas.name(outer, base, one.name, sheet.width - outer - 4)
        else:
            canvas.write(at, base, number.printed, "strong", anchor="end")
            if not sheet.narrow:
                canvas.name(outer, base, one.name, outer - 4, anchor="end")


def _key(canvas: Canvas, reasons: set[str], language: str) -> float:
    """Say what the marks mean, in as many lines as it takes; return where the chart begins."""
    sheet, size = canvas.sheet, canvas.sheet.size
    at, top = 0.0, 0.0
    for why, heading in _GROUPS.items():
        if why not in reasons:
            continue
        text = fitted(translate(heading, language), size, sheet.width - 34)
        taken = 34 + text_width(text, size)
        if at and at + taken > sheet.width:
            at, top = 0.0, top + size + 8
        _mark_of(canvas, why, at, top + size - 4)
        canvas.write(at + 34, top + size, text)
        at += taken + 18
    return top + size + 14


def _mark_of(canvas: Canvas, why: str, start: float, top: float) -> None:
    if why == "new":
        canvas.dot(start + 14, top, 4.5, "new")
    elif why == "gone":
        cross = [((start + 10, top + by), (start + 18, top - by)) for by in (4.0, -4.0)]
        canvas.strokes(cross, "gone")
    else:
        canvas.line((start, top), (start + 28, top), why)
        canvas.dot(start + 24, top, 3.5, f"end-{why}")


def _beneath(canvas: Canvas, gone: Sequence[Movement]) -> None:
    """Name below the chart who has no place beside it."""
    size = canvas.sheet.size
    for one in gone:
        base = canvas.height + size + 2
        _mark_of(canvas, "gone", -8, base - 4)
        canvas.write(20, base, one.before.printed, "strong")
        start = 27 + text_width(one.before.printed, size)
        canvas.name(start, base, one.name, canvas.sheet.width - start)
        canvas.height += size + 6
    if gone:
        canvas.height += 6
