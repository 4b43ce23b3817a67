"""Printing blocks in a terminal. The only module that loads ``rich``."""

import io
import re

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from egovrules.report.blocks import Block, Line, Table, Tone
from egovrules.report.plain import on_one_line, printable

_DEEPEST = 20  # spaces before a cell
_ROOM = 12  # what a column of text is to have at least, on a narrow terminal

_STYLES: dict[Tone, str] = {
    "plain": "",
    "heading": "bold",
    "quiet": "dim",
    "warning": "yellow",
    "bad": "bold red",
}


def render(blocks: list[Block], *, width: int, colour: bool) -> str:
    """Draw blocks as text.

    Args:
        blocks: What to draw, top to bottom.
        width: Columns of the terminal; longer text is wrapped.
        colour: Whether to use styles; without, the result is plain text.
    """
    console = _console(width, colour=colour)
    console.print(_drawn(blocks, width))
    drawn = console.file
    assert isinstance(drawn, io.StringIO)  # noqa: S101 - made below
    lines = [line.rstrip() for line in drawn.getvalue().splitlines()]
    return "\n".join(lines).strip("\n") + "\n"


def render_svg(blocks: list[Block], *, title: str, width: int = 100) -> str:
    """Draw blocks as a picture of a terminal, for documents; it loads nothing from elsewhere."""
    console = _console(width, colour=True, record=True)
    console.print(_drawn(blocks, width))
    # The fonts that it would fetch from a server are cut out: letters are placed one by one.
    return re.sub(r"@font-face \{.*?\}", "", console.export_svg(title=title), flags=re.DOTALL)


def _console(width: int, *, colour: bool, record: bool = False) -> Console:
    return Console(
        file=io.StringIO(),
        width=width,
        force_terminal=colour,
        no_color=not colour,
        color_system="standard" if colour else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
        record=record,
    )


def _drawn(blocks: list[Block], width: int) -> RenderableType:
    return Group(*[_table(one, width) if isinstance(one, Table) else _line(one) for one in blocks])


def _line(line: Line) -> RenderableType:
    text = Text(printable(line.text), style=_STYLES[line.tone])
    return Padding(text, (1, 0, 0, 0)) if line.tone == "heading" else text


def _table(table: Table, width: int) -> RenderableType:
    title = _line(Line(table.title, "heading"))
    numbers = _number_widths(table, width)
    drawn = _stacked(table) if numbers is None else _grid(table, numbers)
    return Group(title, drawn) if table.title else Padding(drawn, (1, 0, 0, 0))


def _grid(table: Table, numbers: list[int | None]) -> RenderableType:
    drawn = RichTable(
        box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False, header_style="bold"
    )
    for column, fixed in zip(table.columns, numbers, strict=True):
        drawn.add_column(
            Text(on_one_line(column.heading)),
            justify="right" if column.numeric else "left",
            overflow="fold",
            width=fixed,
        )
    for row in table.rows:
        drawn.add_row(*[_cell(cell) for cell in row])
    return drawn


def _stacked(table: Table) -> RenderableType:
    """Draw every row as a paragraph, for a terminal too narrow for the columns."""
    lines: list[RenderableType] = []
    headings = [on_one_line(column.heading) for column in table.columns]
    for row in table.rows:
        first, *rest = row
        told = [
            f"{heading} {on_one_line(cell)}"
            for heading, cell in zip(headings[1:], rest, strict=True)
            if cell
        ]
        below = Padding(Text(" · ".join(told), style="dim"), (0, 0, 0, _depth(first) + 2))
        lines += [_cell(first), below]
    return Group(*lines)


def _number_widths(table: Table, width: int) -> list[int | None] | None:
    """Fix the columns of numbers, which are never broken, so that text has room beside them.

    Headings are wrapped between words where that is needed.

    Returns:
        A width for every column of numbers, None for every column of text; or no list where the
        table does not fit.
    """
    numbers = [column.numeric for column in table.columns]
    headings = [on_one_line(column.heading) for column in table.columns]
    longest = [
        max((cell_len(row[place].rstrip()) for row in table.rows), default=1)
        for place in range(len(numbers))
    ]
    room = sum(
        min(cells, _ROOM)
        for cells, is_number in zip(longest, numbers, strict=True)
        if not is_number
    )
    gaps = 2 * (len(numbers) - 1)  # a space of padding, and one between the columns
    for broken in (str.splitlines, str.split):
        widths = [
            max([1, cells, *map(cell_len, broken(heading))]) if is_number else None
            for cells, heading, is_number in zip(longest, headings, numbers, strict=True)
        ]
        if sum(one or 0 for one in widths) + gaps + room <= width:
            return widths
    return None


def _cell(text: str) -> RenderableType:
    """Draw a cell; spaces at its start show the depth of a tree, on every line that it takes."""
    drawn, depth = Text(on_one_line(text), overflow="fold"), _depth(text)
    return Padding(drawn, (0, 0, 0, depth)) if depth else drawn


def _depth(text: str) -> int:
    return min(len(text) - len(text.lstrip(" ")), _DEEPEST)
