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
    drawn = RichTable(
        box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False, header_style="bold"
    )
    for column, fixed in zip(table.columns, _number_widths(table, width), strict=True):
        drawn.add_column(
            Text(on_one_line(column.heading)),
            justify="right" if column.numeric else "left",
            overflow="fold",
            width=fixed,
        )
    for row in table.rows:
        drawn.add_row(*[_cell(cell) for cell in row])
    title = _line(Line(table.title, "heading"))
    return Group(title, drawn) if table.title else Padding(drawn, (1, 0, 0, 0))


def _number_widths(table: Table, width: int) -> list[int | None]:
    """Fix the columns of numbers, and wrap their headings where text would have no room left.

    Numbers are never broken; without this, a narrow terminal would lose the columns that say
    what they are numbers of.
    """
    columns = list(zip(table.columns, zip(*table.rows, strict=True), strict=True))
    if not table.rows:
        return [None] * len(table.columns)
    longest = [max(cell_len(on_one_line(cell)) for cell in cells) for _, cells in columns]
    headings = [on_one_line(column.heading) for column in table.columns]
    whole = [max(n, cell_len(text)) for n, text in zip(longest, headings, strict=True)]
    by_word = [
        max([n, *map(cell_len, text.split())]) for n, text in zip(longest, headings, strict=True)
    ]
    numeric = [column.numeric for column in table.columns]
    gaps = len(numeric) - 1
    room = sum(min(n, _ROOM) for n, is_number in zip(whole, numeric, strict=True) if not is_number)
    for widths in (whole, by_word, longest):
        taken = sum(n for n, is_number in zip(widths, numeric, strict=True) if is_number)
        if taken + gaps + room <= width:
            break
    return [max(n, 1) if is_number else None for n, is_number in zip(widths, numeric, strict=True)]


def _cell(text: str) -> RenderableType:
    """Draw a cell; spaces at its start show the depth of a tree, on every line that it takes."""
    depth = min(len(text) - len(text.lstrip(" ")), _DEEPEST)
    drawn = Text(on_one_line(text), overflow="fold")
    return Padding(drawn, (0, 0, 0, depth)) if depth else drawn
