"""Excel sheets and JSON Lines to text cells."""

import io
import json
import zipfile
from typing import Any

import polars as pl

from egovrules.errors import DatasetError, Problem, did_you_mean
from egovrules.readers.common import BLANKS, ROW, and_more, check_header, shown
from egovrules.readers.sheet import WORKBOOK, SheetError, look_at

MAX_UNPACKED = 1 << 30  # of all that an Excel file holds
MAX_CELLS = 20_000_000  # rows × columns of a sheet up to its farthest cells, empty ones included


def read_excel(
    fastexcel: Any, content: bytes, source: str, *, sheet: str | None, table: str, header_row: int
) -> pl.DataFrame:
    """Read one sheet. A formula has its value; a cell with an Excel error (``#N/A``) is refused.

    Args:
        fastexcel: The module, which comes with an extra.
        content: The file.
        source: Its name.
        sheet: Name of the sheet; None = the one named *table*, or the only one.
        table: The table that is wanted.
        header_row: Row of the header, from 1.

    Raises:
        DatasetError: No whole Excel file, no such sheet, a sheet too wide and long, cells with
            errors, a header that cannot be used.
    """
    _check_zip(content, source)
    try:
        book = fastexcel.read_excel(content)
        name = _sheet(book.sheet_names, sheet, table, source)
        _check_sheet(content, source, name, header_row)
        options: dict[str, Any] = {"header_row": None, "skip_rows": 0}
        texts = book.load_sheet(name, dtypes="string", **options).to_polars()
        numbers = book.load_sheet(name, dtypes="float", **options).to_polars()
    except fastexcel.FastExcelError:
        raise _broken_excel(source) from None
    if texts.height < header_row or not texts.width:
        raise DatasetError.of("the sheet is empty", source=source, where=f"sheet {name}")
    rows = texts.select(_exact(texts[one], numbers[one]) for one in texts.columns)
    header = [(one or "").strip(BLANKS) for one in rows.row(header_row - 1)]
    rows = rows.with_row_index(ROW, offset=1).with_columns(pl.col(ROW).cast(pl.Int64))
    rows = rows.slice(header_row)
    used = [
        column
        for column, one in zip(texts.columns, header, strict=True)
        if one or rows[column].count()
    ]
    header = [one for column, one in zip(texts.columns, header, strict=True) if column in used]
    check_header(header, source, f"row {header_row}")
    sheet_rows: pl.DataFrame = rows.select(ROW, *used)
    return sheet_rows.rename(dict(zip(used, header, strict=True)))


def _exact(text: pl.Series, number: pl.Series) -> pl.Series:
    """Give numbers back what they lose as text, which has nine decimals."""
    lost = text.cast(pl.Float64, strict=False) != number
    return number.cast(pl.String).zip_with(lost.fill_null(value=False), text).rename(text.name)


def _sheet(names: list[str], wanted: str | None, table: str, source: str) -> str:
    if wanted is None and len(names) == 1:
        return names[0]
    name = wanted or table
    if name not in names:
        message, hint = f"there is no sheet {shown(name)}", did_you_mean(name, names)
        raise DatasetError.of(message, source=source, hint=hint)
    return name


def _check_zip(content: bytes, source: str) -> None:
    """Refuse what unpacks to too much, before anything is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(part.file_size for part in archive.infolist())
            names = {part.filename.lower() for part in archive.infolist()}
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise _broken_excel(source) from None
    if size > MAX_UNPACKED:
        message = "the file unpacks to more than 1 GiB"
        raise DatasetError.of(message, source=source, hint="save it as CSV")
    if WORKBOOK not in names:  # another kind of sheet, such as .ods, would not be looked through
        raise _broken_excel(source)


def _check_sheet(content: bytes, source: str, sheet: str, header_row: int) -> None:
    """Refuse a sheet that spans too many cells, before it is read, and cells with errors."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            seen = look_at(archive, sheet, header_row)
    except SheetError:
        raise _broken_excel(source) from None
    where = f"sheet {sheet}"
    if seen.row * seen.column > MAX_CELLS:
        far = " and ".join(dict.fromkeys((seen.lowest, seen.rightmost)))
        message = f"the sheet reaches out to {far}: {seen.row:,} rows × {seen.column:,} columns"
        hint = f"empty the stray cells; at most {MAX_CELLS:,} cells are read, or save it as CSV"
        raise DatasetError.of(message, source=source, where=where, hint=hint)
    hint = "mend or empty the cell, and save the file again"
    problems = [
        Problem(f"{cell} holds {error or 'an error'}", source, where=where, hint=hint)
        for cell, error in seen.errors
    ]
    if more := seen.error_count - len(problems):
        problems.append(Problem(f"and {more:,} more such cells", source, where=where))
    if problems:
        raise DatasetError(problems)


def _broken_excel(source: str) -> DatasetError:
    hint = "open it in Excel and save it again as .xlsx; it may have been cut short"
    return DatasetError.of("this is not a whole Excel file", source=source, hint=hint)


def read_json_lines(content: bytes, source: str) -> pl.DataFrame:
    """Read one object per line. Numbers keep the text that they were written as.

    Raises:
        DatasetError: With every line that is no JSON object of plain cells.
    """
    problems: list[Problem] = []
    records: list[dict[str, str | None]] = []
    lines: list[int] = []
    for line, text in enumerate(content.split(b"\n"), 1):
        if not text.strip():
            continue
        try:
            records.append(_record(text))
            lines.append(line)
        except _RecordError as reason:
            problems.append(Problem(str(reason), source, line))
        except (ValueError, RecursionError):
            hint = 'one object per line, as {"code": "001", "visits": 2}'
            problems.append(Problem("this line is not JSON", source, line, hint=hint))
    if problems:
        raise DatasetError(and_more(problems, "such lines", source))
    names = list(dict.fromkeys(name for record in records for name in record))
    check_header(names, source)
    columns = {name: [record.get(name) for record in records] for name in names}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(names, pl.String))
    return frame.with_columns(pl.Series(ROW, lines, pl.Int64))


class _RecordError(Exception):
    """A line of JSON that is no row of a table."""


def _record(text: bytes) -> dict[str, str | None]:
    # The hook wraps every object, so that a key that is given twice is not lost in silence.
    found = json.loads(text, parse_int=str, parse_float=str, object_pairs_hook=_Object)
    if not isinstance(found, _Object):
        raise _RecordError("one object, {…}, is expected per line")
    record = dict(found.pairs)
    if len(record) < len(found.pairs):
        raise _RecordError("a name is given twice in this object")
    return {name: _cell(name, value) for name, value in record.items()}


class _Object:
    """A JSON object as it was written."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        self.pairs = pairs


def _cell(name: str, value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):  # NaN and infinity; other numbers arrive as text
        return str(value)
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return ";".join(value)
    raise _RecordError(
        f"{shown(name)} must be text, a number, true, false, null or a list of texts"
    )
