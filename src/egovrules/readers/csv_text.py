"""CSV to text cells, strictly: a row that is too short or too long is told, never mended."""

import csv
import io
import re
from inspect import signature
from typing import Any

import polars as pl

from egovrules.errors import DatasetError, Problem
from egovrules.readers.common import BLANKS, ROW, SHOWN, check_header

_END = "\x1f"  # put at the end of every line: a row is whole if it stands after the last cell
# Polars 2 renamed this option and turned its sense around.
_KEEP_EMPTY: dict[str, Any] = (
    {"empty_string_is_null": False}
    if "empty_string_is_null" in signature(pl.read_csv).parameters
    else {"missing_utf8_is_empty_string": True}
)


def read_csv(
    content: bytes, source: str, delimiter: str, header_row: int, stop_at: str | None
) -> pl.DataFrame:
    r"""Read CSV: RFC 4180, with cells as they were typed, and :data:`ROW`.

    Args:
        content: UTF-8 with plain line ends (``\n``).
        source: Name of the file.
        delimiter: One character.
        header_row: Line of the header, from 1.
        stop_at: Reading ends before the first row that starts with it.

    Raises:
        DatasetError: A header that cannot be used, ragged rows, a quotation mark left open.
    """
    if _END.encode() in content:
        message, hint = "the file holds the control character U+001F", "delete it"
        raise DatasetError.of(message, source=source, hint=hint)
    content = _after_lines(content, header_row - 1)
    header, lines = _header(content, delimiter)
    _check_delimiter(header, source, delimiter)
    check_header(header, source, f"row {header_row}")
    content = _after_lines(content, lines)
    if not re.search(rb"\S", content):
        return pl.DataFrame(schema={**dict.fromkeys(header, pl.String), ROW: pl.Int64})
    content = content if content.endswith(b"\n") else content + b"\n"
    mark = f"{delimiter}{_END}\n"
    # A header of ours sets the number of columns, whatever the first row has.
    names = [*(str(at) for at in range(len(header))), _END]
    marked = f"{delimiter.join(names)}\n".encode() + content.replace(b"\n", mark.encode())
    try:
        frame = pl.read_csv(
            marked,
            separator=delimiter,
            infer_schema=False,
            truncate_ragged_lines=True,
            row_index_name=ROW,
            row_index_offset=header_row + 1,
            **_KEEP_EMPTY,
        )
    except pl.exceptions.PolarsError:
        line = _broken_line(content, delimiter) + header_row - 1 + lines
        message = "a quotation mark is not closed, or stands inside a quoted cell"
        hint = 'inside quotes, write a quotation mark twice: "the ""golden"" signature"'
        raise DatasetError([Problem(message, source, line, hint=hint)]) from None
    frame = frame.select(pl.col(ROW).cast(pl.Int64), *names)
    frame = frame.rename(dict(zip(names, [*header, _END], strict=True)))
    if stop_at is not None:
        stops = frame[header[0]].str.starts_with(stop_at).arg_true()
        frame = frame.head(stops[0]) if len(stops) else frame
    frame = _whole_rows(frame, header, source)
    frame = frame.drop(_END)
    if content.count(b"\n") > frame.height:  # some lines end inside quotes: take their mark off
        frame = frame.with_columns(pl.exclude(ROW).str.replace_all(mark, "\n", literal=True))
    return frame


def _after_lines(content: bytes, count: int) -> bytes:
    at = 0
    for _ in range(count):
        at = content.find(b"\n", at) + 1 or len(content)
    return content[at:]


def _header(content: bytes, delimiter: str) -> tuple[list[str], int]:
    """Return the names of the columns, and how many lines they take."""
    head = content[: 1 << 20].decode(errors="ignore")
    reader = csv.reader(io.StringIO(head, newline="\n"), delimiter=delimiter)
    try:
        names = next(reader, [])
    except csv.Error:  # a cell beyond all bounds
        names = []
    return [name.strip(BLANKS) for name in names], reader.line_num


def _check_delimiter(header: list[str], source: str, delimiter: str) -> None:
    if len(header) != 1:
        return
    for other in ",;\t|":
        if other != delimiter and other in header[0]:
            name = "a tab" if other == "\t" else f"'{other}'"
            written = "\\t" if other == "\t" else other
            message = f"the columns seem to be separated by {name}"
            hint = f'name it in a source file: delimiter: "{written}"'
            raise DatasetError.of(message, source=source, hint=hint)


def _whole_rows(frame: pl.DataFrame, header: list[str], source: str) -> pl.DataFrame:
    """Drop empty lines, and refuse rows that have fewer or more cells than the header."""
    empty = pl.all_horizontal(pl.col(name).is_in(["", _END]) for name in header)
    frame = frame.filter(~(empty & (pl.col(_END) != _END)))
    ragged = frame.filter(pl.col(_END) != _END)
    problems = []
    for row in ragged.head(SHOWN).rows(named=True):
        count = next((at for at, name in enumerate(header) if row[name] == _END), None)
        found = f"more than {len(header)}" if count is None else f"{count} instead of {len(header)}"
        message = f"the row has {found} cells"
        hint = "put a cell that holds the delimiter in quotes" if count is None else ""
        problems.append(Problem(message, source, where=f"row {row[ROW]}", hint=hint))
    if ragged.height > SHOWN:
        problems.append(Problem(f"and {ragged.height - SHOWN:,} more such rows", source))
    if problems:
        raise DatasetError(problems)
    return frame


def _broken_line(content: bytes, delimiter: str) -> int:
    """Return the line (from 1) of the row in which a quotation mark stands wrong."""
    reader = csv.reader(io.StringIO(content.decode()), delimiter=delimiter, strict=True)
    line = 1
    try:
        for _ in reader:
            line = reader.line_num + 1
    except csv.Error:
        pass
    return line
