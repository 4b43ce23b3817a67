"""What every reader of tables shares: the row column, headers, and how a message shows a cell."""

from collections.abc import Sequence

from egovrules.errors import DatasetError, Problem

ROW = "__row"  # row of the file, as a spreadsheet counts; a column of every text table
MAX_COLUMNS = 10_000
SHOWN = 100  # broken rows or cells that are named
CELL_WIDTH = 60  # characters of a cell that a message shows
# What is stripped off a cell: every space, and marks that nobody sees.
BLANKS = " \t\r\n\f\v\u00a0\u2007\u202f\u200b\u200c\u200d\u200e\u200f\u061c\ufeff"
_NO_HEADER = "the first row must hold the names of the columns"


def shown(value: object) -> str:
    """Return a cell for use in a message: on one line, printable, at most 60 characters."""
    text = " ".join(str(value)[: CELL_WIDTH * 4].split())
    text = "".join(mark if mark.isprintable() or mark == "\u200c" else "\ufffd" for mark in text)
    return f"'{text}'" if len(text) <= CELL_WIDTH else f"'{text[: CELL_WIDTH - 1]}…'"


def and_more(problems: Sequence[Problem], what: str, source: str) -> list[Problem]:
    """Keep the first hundred problems, and tell how many more there are."""
    more = len(problems) - SHOWN
    tail = [Problem(f"and {more:,} more {what}", source)] if more > 0 else []
    return [*problems[:SHOWN], *tail]


def check_header(names: Sequence[str], source: str, where: str = "") -> None:
    """Refuse names of columns that cannot be told apart.

    Raises:
        DatasetError: No names, too many, empty, given twice, or numbers.
    """
    if not any(names):
        raise DatasetError.of("the file has no header", source=source, hint=_NO_HEADER)
    if all(_is_number(name) for name in names):
        message = "the file has no header: its first row holds numbers"
        raise DatasetError.of(message, source=source, hint=_NO_HEADER)
    problems = []
    if len(names) > MAX_COLUMNS:
        message = f"{len(names):,} columns are too many; at most {MAX_COLUMNS:,} are read"
        problems.append(Problem(message, source, where=where))
    places: dict[str, list[str]] = {}
    for number, name in enumerate(names, 1):
        places.setdefault(name, []).append(str(number))
    empty = places.pop("", [])
    for name, numbers in places.items():
        if len(numbers) > 1:
            message = f"the name {shown(name)} heads columns {' and '.join(numbers)}"
            problems.append(Problem(message, source, where=where, hint="rename one of them"))
    if empty:
        message = f"columns without a name: {', '.join(empty[:10])}"
        hint = "name them, or delete them"
        problems.append(Problem(message, source, where=where, hint=hint))
    for name in (name for name in places if name.startswith("__")):
        message, hint = f"the name {shown(name)} starts with '__'", "rename the column"
        problems.append(Problem(message, source, where=where, hint=hint))
    if problems:
        raise DatasetError(and_more(problems, "problems of the header", source))


def _is_number(name: str) -> bool:
    return name.replace(".", "", 1).replace("-", "", 1).isdecimal()
