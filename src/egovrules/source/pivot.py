"""Long tables made wide: one row per unit and variable becomes one row per unit.

What the file says wrongly is told by its own rows: the wide table keeps, for every cell, the row
that it comes from.
"""

from collections.abc import Collection

import polars as pl

from egovrules import conditions
from egovrules._document import Loc
from egovrules.conditions import ConditionError, Field
from egovrules.errors import DatasetError, Problem, did_you_mean
from egovrules.readers.common import BLANKS, ROW, shown
from egovrules.source import Source
from egovrules.source.calculated import within
from egovrules.source.columns import rows_where
from egovrules.source.form import PivotEntry
from egovrules.tally import Tally

MAX_NAMES = 5_000  # columns that a pivot makes
MAX_CELLS = 50_000_000  # a long table with gaps could otherwise grow beyond all memory
LONGEST = 200  # characters of a column's name
CELL_ROW = "\x1frow of "  # before a new column's name: the rows of the file that its cells are from
_GROUP, _NAME, _VALUE = "\x1fgroup", "\x1fname", "\x1fvalue "
_NAMED = 5  # rows that one message names


def pivoted(
    source: Source,
    table: str,
    entry: PivotEntry,
    frame: pl.DataFrame,
    *,
    new: Collection[str],
    tally: Tally,
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Choose rows of a file, and make a wide table of them.

    Args:
        source: The source.
        table: Name of one of its tables.
        entry: The pivot of that table.
        frame: The file: all text, with the row column.
        new: Names of the columns that will be made of the wide table.
        tally: Takes names that cannot head a column, and cells that are given twice.

    Returns:
        The wide table, and the columns that are new in it. Its rows and columns come in the order
        in which the file has them first. Its row column is the first row of the file that a row
        stands for. After that come the columns *rows*; the new columns, all text, missing where
        the file has no row; and for each of them a column :data:`CELL_ROW` + name with the rows
        of the file that its cells are from.

    Raises:
        DatasetError: The entry does not fit the file, no rows are kept, or the table would be too
            large.
    """
    file = source.file.tables[table].file
    loc: Loc = ("tables", table, "pivot")
    frame = _chosen(source, table, entry, frame, new)
    rows, name = list(entry.rows), pl.col(entry.names)
    if frame.is_empty():
        message, hint = "there are no rows to make columns of", "does 'where' keep any?"
        raise DatasetError([source.document.problem(loc, message, hint=hint, at="key")])
    firsts = frame.group_by(name, maintain_order=True).agg(pl.col(ROW).first())
    if firsts.height > MAX_NAMES:
        message = f"{firsts.height:,} columns would be made of this; at most {MAX_NAMES:,} are"
        hint = "name a column that holds few different texts, or keep fewer rows by 'where'"
        raise DatasetError([source.document.problem((*loc, "names"), message, hint=hint)])
    made = _heads(firsts, entry, file, tally)
    group = pl.col(ROW).first().over(rows).alias(_GROUP)
    long = frame.with_columns(group).filter(name.is_not_null())
    units = long.unique(_GROUP, keep="first", maintain_order=True).select(_GROUP, *rows)
    if units.height * firsts.height > MAX_CELLS:
        size = f"{units.height:,} rows and {firsts.height:,} columns"
        message = f"{size} are too large a table; at most {MAX_CELLS:,} cells are made"
        hint = "keep fewer rows by 'where'"
        raise DatasetError([source.document.problem(loc, message, hint=hint, at="key")])
    _tell_repeated(long, entry, file, tally)
    cells = long.select(
        _GROUP,
        pl.concat_str(pl.lit(entry.prefix), name).alias(_NAME),
        pl.col(entry.values).alias(_VALUE),
        pl.col(ROW).alias(CELL_ROW),
    ).pivot(
        _NAME, index=_GROUP, values=[_VALUE, CELL_ROW], aggregate_function="first", separator=""
    )
    wide = units.join(cells, on=_GROUP, how="left", maintain_order="left").select(
        pl.col(_GROUP).alias(ROW),
        *rows,
        *(pl.col(_VALUE + column).alias(column) for column in made),
        *(CELL_ROW + column for column in made),
    )
    return wide, made


def _chosen(
    source: Source, table: str, entry: PivotEntry, frame: pl.DataFrame, new: Collection[str]
) -> pl.DataFrame:
    """Keep the rows for which ``where`` is true; refuse columns that the file does not have."""
    problem, loc = source.document.problem, ("tables", table)
    where, fields = source.file.tables[table].where, dict.fromkeys(frame.columns, Field("text"))
    del fields[ROW]
    places: list[tuple[Loc, str]] = [
        *(((*loc, "pivot", "rows", at), name) for at, name in enumerate(entry.rows)),
        ((*loc, "pivot", "names"), entry.names),
        ((*loc, "pivot", "values"), entry.values),
    ]
    wrong = [
        problem(
            place,
            f"'{source.file.tables[table].file}' has no column '{name}'",
            hint=did_you_mean(name, fields),
        )
        for place, name in places
        if name not in fields
    ]
    if where is not None:
        try:
            late = conditions.names(where) & set(new) - fields.keys()
            for name in sorted(late):
                message = f"'{name}' is made after the pivot, and 'where' comes before it"
                hint = "'where' sees the columns of the file"
                wrong.append(problem((*loc, "where"), message, hint=hint))
            if not late:
                frame = rows_where(frame, conditions.parse(where, fields))
        except ConditionError as error:
            wrong.append(within(source, (*loc, "where"), error))
    if wrong:
        raise DatasetError(wrong)
    return frame


def _heads(firsts: pl.DataFrame, entry: PivotEntry, file: str, tally: Tally) -> tuple[str, ...]:
    """Name the new columns; tell each text that cannot head one, by its first row."""
    heads: list[str] = []
    found = []
    for cell, row in firsts.rows():
        fault = _fault(cell, entry)
        if fault is None:
            heads.append(entry.prefix + cell)
        else:
            message, hint = fault
            where = f"row {row}, column {entry.names}"
            found.append(Problem(message, file, where=where, hint=hint))
    tally.cells(found, len(found), file, entry.names)
    return tuple(heads)


def _fault(cell: str | None, entry: PivotEntry) -> tuple[str, str] | None:
    """Say why a text cannot head a column, and what to do; None where it can."""
    if not cell:
        hint = "leave the row out by 'where', or fill the cell in"
        return "the cell is empty, and a column needs a name", hint
    name = entry.prefix + cell
    cannot = f"{shown(cell)} cannot name a column:"
    if cell.strip().strip(BLANKS) != cell:
        return f"{cannot} it begins or ends with a blank", "take the blank off in the file"
    if name.startswith("_"):
        return f"{cannot} it begins with '_'", "put something before it, as in prefix: m_"
    if len(name) > LONGEST:
        hint = "let 'names' be a column of shorter texts, such as codes"
        return f"{cannot} it has more than {LONGEST} characters", hint
    if name in entry.rows:
        return f"{cannot} 'rows' has a column '{name}'", "put something before it, as in prefix: m_"
    return None


def _tell_repeated(long: pl.DataFrame, entry: PivotEntry, file: str, tally: Tally) -> None:
    """Tell each cell of the wide table that several rows give."""
    repeated = (
        long.group_by(_GROUP, entry.names, maintain_order=True)
        .agg(pl.col(ROW), *(pl.col(column).first() for column in entry.rows))
        .filter(pl.col(ROW).list.len() > 1)
    )
    hint = "keep one of them by 'where', or name in 'rows' the column that tells them apart"
    found = []
    for _, name, rows, *unit in repeated.head(tally.room).rows():
        whose = ", ".join("an empty cell" if cell is None else shown(cell) for cell in unit)
        *others, last = rows[:_NAMED] if len(rows) <= _NAMED else (*rows[:_NAMED], None)
        end = f"{len(rows) - _NAMED} more" if last is None else last
        message = f"{shown(name)} of {whose} stands on rows {', '.join(map(str, others))} and {end}"
        where = f"row {rows[1]}, column {entry.values}"
        found.append(Problem(message, file, where=where, hint=hint))
    tally.cells(found, repeated.height, file, entry.values)
