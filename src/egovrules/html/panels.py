"""What the national page is put together of: sections of panels, each a chart, a table, or both."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from egovrules.html.charts import Figure
from egovrules.report.blocks import Column, Table


@dataclass(frozen=True)
class League:
    """The first of one axis.

    Attributes:
        title: The axis.
        rows: Rank, agency and score, as printed.
        more: How many share the last rank and are left out.
    """

    title: str
    rows: tuple[tuple[str, Markup, str], ...]
    more: str = ""


@dataclass(frozen=True)
class Panel:
    """A part of a section that a link can lead to.

    Attributes:
        id: Unique in the page.
        title: Its heading.
        notes: Sentences before the numbers; HTML or plain text.
        chart: Drawn, with its table folded beneath.
        table: In sight; cells are HTML or plain text.
        leagues: Side by side.
        more: What is left out of the table.
        alert: Whether it tells of something to be put right.
    """

    id: str
    title: str
    notes: tuple[str, ...] = ()
    chart: Figure | None = None
    table: Table | None = None
    leagues: tuple[League, ...] = ()
    more: str = ""
    alert: bool = False


@dataclass(frozen=True)
class Section:
    """A section of the page; one without panels is left out."""

    id: str
    title: str
    panels: tuple[Panel, ...]


def tabled(columns: Sequence[Column], rows: Sequence[Sequence[str]], title: str = "") -> Table:
    """Make a table of cells that may be HTML."""
    return Table(title, tuple(columns), tuple(tuple(row) for row in rows))
