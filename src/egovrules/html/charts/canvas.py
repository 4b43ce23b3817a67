"""A sheet to draw on, measured from the edge where the language begins to read.

Every place is told by its distance from that edge (left in English, right in Persian), so that a
chart in Persian is the exact mirror of the same chart in English and no drawing asks which it is.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from egovrules.html.charts.data import Figure
from egovrules.html.charts.element import Markup, element, isolated, plain
from egovrules.html.charts.lettering import fitted, text_width
from egovrules.report.blocks import Table
from egovrules.report.plain import on_one_line
from egovrules.text import direction, translate

Attributes = dict[str, str | float | None]
Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The size of a drawing: its width, that of its letters, and the most that names may take."""

    name: str
    width: float
    size: float
    names: float

    @property
    def narrow(self) -> bool:
        """Whether names stand above what they name, for want of a column of their own."""
        return not self.names

    def column(self, names: Iterable[str]) -> float:
        """Return how wide the column of these names is; nothing on a narrow sheet."""
        widest = max((text_width(on_one_line(name), self.size) for name in names), default=0.0)
        return min(self.names, widest + 4)


# Letters keep 11 pixels when the drawing shrinks to 640 and to 280 pixels; see chart.css.
SHEETS = (Sheet("wide", 700, 13, 260), Sheet("narrow", 340, 13.5, 0))


@dataclass(slots=True)
class Canvas:
    """Draws marks and text; *start* is the distance from the reading edge, *top* from above."""

    sheet: Sheet
    rtl: bool
    height: float = 0
    marks: list[Markup] = field(default_factory=list)

    def x(self, start: float) -> float:
        """Return the distance from the left edge, which is what SVG wants."""
        return self.sheet.width - start if self.rtl else start

    def add(self, *marks: Markup) -> None:
        """Put finished elements on the sheet."""
        self.marks.extend(marks)

    def gather(self, first: int, attributes: Attributes) -> None:
        """Put the marks from a place on into one group, for the page's script to find."""
        self.marks[first:] = [element("g", attributes, *self.marks[first:])]

    def rect(
        self, start: float, top: float, width: float, height: float, look: str, *, title: str = ""
    ) -> None:
        """Draw a bar; a title shows when it is pointed at."""
        left = self.x(start + width) if self.rtl else start
        box: Attributes = {"x": left, "y": top, "width": width, "height": height}
        self._mark("rect", box | {"class": look}, title)

    def line(
        self, one: tuple[float, float], other: tuple[float, float], look: str, *, title: str = ""
    ) -> None:
        """Draw a line from one place to another, each a pair of start and top."""
        ends: Attributes = {
            "x1": self.x(one[0]),
            "y1": one[1],
            "x2": self.x(other[0]),
            "y2": other[1],
        }
        self._mark("line", ends | {"class": look}, title)

    def dot(self, start: float, top: float, radius: float, look: str, *, title: str = "") -> None:
        """Draw a dot around a place."""
        place: Attributes = {"cx": self.x(start), "cy": top, "r": radius}
        self._mark("circle", place | {"class": look}, title)

    def strokes(
        self, lines: Sequence[Sequence[tuple[float, float]]], look: str, *, closed: bool = False
    ) -> None:
        """Draw many lines of one look as a single path, which keeps thousands of them small."""
        path = "".join(
            "M" + "L".join(f"{plain(self.x(start), 1)} {plain(top, 1)}" for start, top in line)
            for line in lines
        )
        if path:
            self.add(element("path", {"class": look, "d": path + ("Z" if closed else "")}))

    def hatch(self, start: float, top: float, width: float, height: float, look: str) -> None:
        """Fill a bar with slanted lines: a texture needs no names in the page, a pattern would."""
        lines = []
        step = gap = 8.0
        while step < width + height:
            one = (start + min(step, width), top + max(0.0, step - width))
            other = (start + max(0.0, step - height), top + min(step, height))
            lines.append((one, other))
            step += gap
        self.strokes(lines, look)

    def write(
        self,
        start: float,
        base: float,
        text: str,
        look: str | None = None,
        *,
        anchor: Anchor = "start",
        full: str = "",
    ) -> None:
        """Write words and numbers of the page's language on a base line; *full* tells them all."""
        place: Attributes = {"x": self.x(start), "y": base}
        place["text-anchor"] = anchor if anchor != "start" else None
        attributes: Attributes = {"class": look}
        inside = [text, *([element("title", {}, full)] if full else [])]
        self.add(element("text", attributes | place, *inside))

    def name(
        self,
        start: float,
        base: float,
        name: str,
        room: float,
        look: str | None = None,
        *,
        anchor: Anchor = "start",
    ) -> None:
        """Write a name, of whatever language; too long, it is cut, and told whole."""
        full = on_one_line(name)
        shown = fitted(full, self.sheet.size, room * (0.9 if look == "strong" else 1.0))
        told = isolated(full) if shown != full else ""
        self.write(start, base, isolated(shown), look, anchor=anchor, full=told)

    def _mark(self, tag: str, attributes: Attributes, title: str) -> None:
        inside = [element("title", {}, title)] if title else []
        self.add(element(tag, attributes, *inside))


def figure(
    name: str,
    caption: str,
    description: str,
    table: Table,
    draw: Callable[[Canvas], None] | None,
    *,
    language: str,
) -> Figure:
    """Make a figure: draw it on a wide and on a narrow sheet.

    Args:
        name: See :class:`Figure`.
        caption: See :class:`Figure`.
        description: What the chart shows, in a sentence: its text alternative.
        table: See :class:`Figure`.
        draw: Draws on a canvas and sets its height; None where there is nothing to draw, which is
            then said.
        language: The language of the page; Persian reads from the right.
    """
    drawings = []
    for sheet in SHEETS:
        canvas = Canvas(sheet, direction(language) == "rtl")
        if draw:
            draw(canvas)
        else:
            canvas.write(0, 20, translate("There is nothing to show here", language), "soft")
            canvas.height = 30
        attributes: Attributes = {
            "class": f"chart {sheet.name}",
            "viewBox": f"0 0 {plain(sheet.width)} {plain(canvas.height)}",
            "width": sheet.width,
            "height": canvas.height,
            "role": "img",
            "lang": language,
            "direction": "rtl" if canvas.rtl else "ltr",
        }
        told = (
            element("title", {}, on_one_line(caption)),
            element("desc", {}, description),
        )
        drawings.append(element("svg", attributes, *told, *canvas.marks))
    return Figure(name, caption, "".join(drawings), table)
