"""One column of a source table: from the text of a file to a value, and what is wrong with it.

Each function takes the table's rows and adds one column (or a pair, with statuses), in terms of
the plain entry of the source file. What cannot be read is told by file, row and column.
"""

from collections.abc import Callable, Mapping

import narwhals as nw
import polars as pl

from egovrules import cells
from egovrules.conditions import Condition, Field, FieldType
from egovrules.errors import Problem, did_you_mean
from egovrules.readers.common import BLANKS, ROW, shown
from egovrules.source.form import Code, ColumnEntry
from egovrules.tally import Tally
from egovrules.text import name_key

TEXT = "__text"  # the cell on its way


def read_column(
    frame: pl.DataFrame,
    entry: ColumnEntry,
    *,
    missing: tuple[str, ...],
    lookup: Mapping[str, str] | None,
    source: str,
    column: str,
    tally: Tally,
) -> tuple[pl.Series, pl.Series | None, Field]:
    """Read the column that an entry takes ``from`` the file.

    Args:
        frame: The rows, all text, with the row column.
        entry: Its ``from`` is a column of the frame.
        missing: Tokens that mean missing.
        lookup: From :func:`lookup_table`, if the entry has one.
        source: Name of the file.
        column: The column of the file that the cells are from.
        tally: Takes the cells that cannot be read.

    Returns:
        Values, statuses (None where there is none), and what a condition may know of it.
    """
    text = pl.col(str(entry.from_))
    if entry.split is not None:
        parts = text.str.split(entry.split)
        text = parts.list.get(entry.part - 1, null_on_oob=True).str.strip_chars(BLANKS)
    tokens = [token for token in missing if token not in (entry.codes or {})]
    text = pl.when((text != "") & ~text.is_in(tokens)).then(text)
    rows = frame.select(ROW, text.alias(TEXT))
    place = _Place(source, column, tally)
    if entry.any_of:
        return _any_of(rows[TEXT], entry), None, Field("boolean")
    if entry.lookup is not None:
        rows = _replaced(rows, lambda cell: _looked_up(cell, lookup or {}), "is not known", place)
    elif entry.codes is not None:
        return _coded(rows, entry, place)
    return _typed(rows, entry.type or "text", place)


def joined(frame: pl.DataFrame, entry: ColumnEntry, missing: tuple[str, ...]) -> pl.Series:
    """Put the texts of columns together, missing where one of them is.

    Args:
        frame: The rows, all text.
        entry: Its ``join`` names columns of the frame.
        missing: Tokens that mean missing.
    """
    texts = [pl.when((pl.col(c) != "") & ~pl.col(c).is_in(missing)).then(c) for c in entry.join]
    return frame.select(pl.concat_str(texts, separator=entry.separator)).to_series()


def rows_where(
    frame: pl.DataFrame, where: Condition, columns: Mapping[str, str] | None = None
) -> pl.DataFrame:
    """Keep the rows for which a condition is true; *columns* as for its expression."""
    kept = nw.from_native(frame).with_columns(where.expression(columns).alias(TEXT))
    return kept.to_native().filter(pl.col(TEXT)).drop(TEXT)  # a constant is no filter by itself


def type_of(entry: ColumnEntry) -> FieldType:
    """Return the type that a column ``from`` the file will have."""
    if entry.any_of:
        return "boolean"
    if entry.type is not None:
        return "number" if entry.type == "year" else entry.type
    return _code_type(entry.codes) if entry.codes else "text"


class _Place:
    """The column of a file that problems are told of."""

    def __init__(self, source: str, column: str, tally: Tally) -> None:
        self.source, self.column, self.tally = source, column, tally

    def tell(self, wrong: pl.DataFrame, message: str, hints: Mapping[str, str]) -> None:
        """Note every row of *wrong*; the message follows the cell."""
        found = [
            Problem(
                f"{shown(cell)} {message}",
                self.source,
                where=f"row {row}, column {self.column}",
                hint=hints.get(cell, ""),
            )
            for row, cell in wrong.select(ROW, TEXT).head(self.tally.room).rows()
        ]
        self.tally.cells(found, wrong.height, self.source, self.column)


def _any_of(text: pl.Series, entry: ColumnEntry) -> pl.Series:
    parts = pl.col(TEXT).str.split(entry.separator).list.eval(pl.element().str.strip_chars(BLANKS))
    held = [parts.list.contains(value) for value in entry.any_of]
    return text.to_frame(TEXT).select(pl.any_horizontal(held)).to_series()


def _replaced(
    rows: pl.DataFrame, find: Callable[[str], str | None], message: str, place: _Place
) -> pl.DataFrame:
    """Replace each distinct text, and tell the rows of those for which nothing was found."""
    distinct = rows[TEXT].drop_nulls().unique().to_list()
    found = {cell: find(cell) for cell in distinct}
    strange = [cell for cell, value in found.items() if value is None]
    if strange:
        place.tell(rows.filter(pl.col(TEXT).is_in(strange)), message, {})
    known = {cell: value for cell, value in found.items() if value is not None}
    return rows.with_columns(
        pl.col(TEXT).replace_strict(known, default=None, return_dtype=pl.String)
    )


def _looked_up(cell: str, table: Mapping[str, str]) -> str | None:
    return table.get(cell) or table.get(name_key(cell))


def lookup_table(frame: pl.DataFrame, key: str, value: str) -> dict[str, str]:
    """Return values by key, and by the name key where that leads to one value only."""
    exact: dict[str, str] = {}
    by_name: dict[str, set[str]] = {}
    for cell, found in frame.select(key, value).drop_nulls().rows():
        exact.setdefault(cell, found)
        by_name.setdefault(name_key(cell), set()).add(found)
    return {name: min(found) for name, found in by_name.items() if len(found) == 1} | exact


def _coded(
    rows: pl.DataFrame, entry: ColumnEntry, place: _Place
) -> tuple[pl.Series, pl.Series | None, Field]:
    codes = entry.codes or {}
    listed = pl.col(TEXT).is_in(list(codes))
    wrong = rows.filter(~listed)
    hints = {cell: did_you_mean(cell, codes) for cell in wrong[TEXT].unique() if cell is not None}
    place.tell(wrong, "is not among the codes", hints)
    kind = _code_type(codes)
    column = pl.col(TEXT)
    if kind in ("boolean", "number"):
        convert = bool if kind == "boolean" else float
        read_as = {code: None if value is None else convert(value) for code, value in codes.items()}
        dtype = pl.Boolean() if kind == "boolean" else pl.Float64()
        read = column.replace_strict(read_as, default=None, return_dtype=dtype)
        return rows.select(read).to_series(), None, Field(kind)
    texts = {code: None if value is None else str(value) for code, value in codes.items()}
    replaced = rows.with_columns(column.replace_strict(texts, default=None, return_dtype=pl.String))
    values, statuses, field = _typed(replaced, entry.type or "text", place)
    closed = tuple(dict.fromkeys(value for value in texts.values() if value is not None))
    return values, statuses, Field("text", closed) if field.type == "text" else field


def _code_type(codes: Mapping[str, Code]) -> FieldType:
    values = [value for value in codes.values() if value is not None]
    if values and all(isinstance(value, bool) for value in values):
        return "boolean"
    if values and all(type(value) in (int, float) for value in values):
        return "number"
    return "text"


def _typed(
    rows: pl.DataFrame, kind: str, place: _Place
) -> tuple[pl.Series, pl.Series | None, Field]:
    """Read text as a type; statuses stay beside it."""
    text = pl.col(TEXT)
    if kind == "text":
        return rows[TEXT], None, Field("text")
    wanted: FieldType = "date" if kind == "date" else "boolean" if kind == "boolean" else "number"
    read = cells.year(text) if kind == "year" else cells.read(text, wanted)
    rows = rows.with_columns(__value=read, __status=cells.status(text))
    wrong = rows.filter(
        text.is_not_null() & pl.col("__value").is_null() & pl.col("__status").is_null()
    )
    expected = "a year or a period such as 2021-2022" if kind == "year" else cells.expected(wanted)
    place.tell(wrong, f"is not {expected}", {})
    statuses = rows["__status"]
    return rows["__value"], statuses if statuses.count() else None, Field(wanted)
