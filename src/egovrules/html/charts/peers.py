"""An agency against the agencies of its kind: its score on each axis, beside their quartiles."""

from collections.abc import Sequence

from egovrules.html.charts.canvas import Canvas, figure
from egovrules.html.charts.data import Figure, Number, Peer, share_of
from egovrules.html.charts.element import isolated
from egovrules.html.charts.lettering import text_width
from egovrules.report.blocks import Table, headed, number, parted
from egovrules.text import format_number, translate

_INSET = 18.0  # beside the scale, for its outer numbers


def agency_and_peers(
    caption: str,
    agency: str,
    peers: Sequence[Peer],
    *,
    scale: tuple[float, float],
    language: str,
) -> Figure:
    """Draw an agency's scores, each beside the middle half and the median of its kind.

    Args:
        caption: What it shows.
        agency: The agency's name.
        peers: The total and the axes, in the order of the page.
        scale: The lowest and the highest score.
        language: The language of the page.
    """
    columns = headed(
        language,
        "Axis",
        number("Score"),
        number("Lower quartile of its kind"),
        number("Median of its kind"),
        number("Upper quartile of its kind"),
    )
    rows = [
        (one.title, *(each.printed for each in (one.own, one.low, one.middle, one.high)))
        for one in peers
    ]
    scores = [
        translate(
            "{axis} {score} (median {median})",
            language,
            axis=isolated(one.title),
            score=one.own.printed,
            median=one.middle.printed,
        )
        for one in peers
    ]
    told = translate(
        "Scores of {agency} beside the middle half of its kind: {scores}.",
        language,
        agency=isolated(agency),
        scores=parted(scores, language),
    )

    def draw(canvas: Canvas) -> None:
        _draw(canvas, agency, peers, scale, language)

    table = Table(caption, columns, tuple(rows))
    return figure("peers", caption, told, table, draw if peers else None, language=language)


def _span(canvas: Canvas, peers: Sequence[Peer]) -> tuple[float, float]:
    sheet = canvas.sheet
    if sheet.narrow:
        return _INSET, sheet.width - _INSET
    return 1.08 * sheet.column(one.title for one in peers) + 14 + _INSET, sheet.width - 62


def _draw(
    canvas: Canvas,
    agency: str,
    peers: Sequence[Peer],
    scale: tuple[float, float],
    language: str,
) -> None:
    sheet, span = canvas.sheet, _span(canvas, peers)
    top = _key(canvas, agency, language)
    for one in peers:
        look = "strong" if one is peers[0] else None
        _row(canvas, one, top, span, scale, look)
        top += sheet.size + 34.0 if sheet.narrow else 36.0
    _scale(canvas, span, top, scale, language)


def _row(
    canvas: Canvas,
    one: Peer,
    top: float,
    span: tuple[float, float],
    scale: tuple[float, float],
    look: str | None,
) -> None:
    sheet, size = canvas.sheet, canvas.sheet.size

    def at(number: Number) -> float:
        return span[0] + (span[1] - span[0]) * share_of(number.raw, scale)

    line = top + (size + 16 if sheet.narrow else 14)
    base = top + size if sheet.narrow else line + size * 0.36
    canvas.name(0, base, one.title, sheet.width - 70 if sheet.narrow else sheet.names, look)
    canvas.write(sheet.width, base, one.own.printed, "strong", anchor="end")
    canvas.line((span[0], line), (span[1], line), "rule")
    if one.middle.raw is not None:
        low, middle, high = at(one.low), at(one.middle), at(one.high)
        quartiles = f"{one.low.printed} – {one.high.printed}"
        canvas.rect(low, line - 7, high - low, 14, "box", title=quartiles)
        ends = ((middle, line - 10), (middle, line + 10))
        canvas.line(*ends, "median", title=one.middle.printed)
    if one.own.raw is not None:
        canvas.dot(at(one.own), line, 6, "own", title=one.own.printed)


def _scale(
    canvas: Canvas,
    span: tuple[float, float],
    top: float,
    scale: tuple[float, float],
    language: str,
) -> None:
    size = canvas.sheet.size
    for step in range(5):
        start = span[0] + (span[1] - span[0]) * step / 4
        value = scale[0] + (scale[1] - scale[0]) * step / 4
        canvas.line((start, top - 2), (start, top + 3), "axis")
        shown = format_number(round(value, 6), language)
        canvas.write(start, top + size + 6, shown, "soft", anchor="middle")
    canvas.height = top + size + 12


def _key(canvas: Canvas, agency: str, language: str) -> float:
    """Say what the marks mean; return where the rows begin."""
    sheet, size = canvas.sheet, canvas.sheet.size
    middle = size - 4
    canvas.dot(7, middle, 6, "own")
    room = sheet.width - 20 if sheet.narrow else 250.0
    canvas.name(20, size, agency, room)
    words = (translate("Middle half of its kind", language), translate("Median", language))
    start, base = (0.0, 2 * size + 9) if sheet.narrow else (292.0, size)
    canvas.rect(start, base - 12, 26, 14, "box")
    canvas.write(start + 33, base, words[0])
    start += 33 + text_width(words[0], size) + 18
    canvas.line((start, base - 14), (start, base + 4), "median")
    canvas.write(start + 9, base, words[1])
    return base + 22
