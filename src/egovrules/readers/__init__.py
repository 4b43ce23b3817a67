"""Files to tables. Text formats become text cells, column by column; nothing is guessed.

CSV, TSV, Excel and JSON Lines are read whole, as text: `007` stays `007`, and what a cell means
is settled later, by what it is needed for. Parquet brings types and is only scanned. Every text
table has a hidden column :data:`ROW`, so that a message can name the row of the file even after
rows were dropped.
"""

import hashlib
import re
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

import polars as pl

from egovrules.errors import DatasetError
from egovrules.readers.common import BLANKS, ROW, check_header
from egovrules.readers.csv_text import read_csv
from egovrules.readers.files import read_excel, read_json_lines

__all__ = ["FORMATS", "ROW", "Layout", "file_digest", "optional", "read_text", "scan_parquet"]

TEXT_FORMATS = (".csv", ".tsv", ".xlsx", ".jsonl", ".ndjson")
FORMATS = (*TEXT_FORMATS, ".parquet")
MAX_BYTES = 4 << 30  # of a text file
_LOOKED_AT = 100_000  # bytes from which an encoding is guessed
# Latin letters with accents do not stand three in a row, nor two without plain ones beside them.
_ARABIC = re.compile(r"[\u0621-\u06d2]{3}|\b[\u0621-\u06d2]{2}\b")

Encoding = Literal[
    "utf-8", "utf-16", "windows-1252", "windows-1256", "iso-8859-1", "iso-8859-6", "cp437"
]


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is laid out, where it is not as usual.

    Attributes:
        encoding: Of CSV and JSON Lines; in UTF-8, a byte order mark is accepted.
        delimiter: Between the cells of a CSV file; None = comma, or tab in ``.tsv``.
        sheet: Of an Excel file; None = the one named as the table, or the only one.
        header_row: Which line holds the names of the columns, from 1.
        stop_at: Reading a CSV file ends before the first row that starts with this.
    """

    encoding: Encoding = "utf-8"
    delimiter: str | None = None
    sheet: str | None = None
    header_row: int = 1
    stop_at: str | None = None


def read_text(
    path: Path, label: str, layout: Layout | None = None, table: str = ""
) -> tuple[pl.DataFrame, str]:
    """Read a file of a text format.

    Args:
        path: The file.
        label: Its name in messages.
        layout: Where it differs from the usual.
        table: The table that it is for, which names its sheet in Excel.

    Returns:
        All columns as text, stripped, null where empty, with :data:`ROW`, without empty rows;
        and the SHA-256 of the file's bytes.

    Raises:
        DatasetError: With every row that is broken, the first hundred in full.
    """
    layout = layout or Layout()
    content = _content(path, label)
    suffix = path.suffix.lower()
    if suffix == ".xlsx":
        fastexcel = optional("fastexcel", "excel")
        frame = read_excel(
            fastexcel,
            content,
            label,
            sheet=layout.sheet,
            table=table,
            header_row=layout.header_row,
        )
    elif suffix in (".jsonl", ".ndjson"):
        frame = read_json_lines(_as_utf8(content, label, layout.encoding), label)
    else:
        delimiter = layout.delimiter or ("\t" if suffix == ".tsv" else ",")
        text = _as_utf8(content, label, layout.encoding)
        frame = read_csv(text, label, delimiter, layout.header_row, layout.stop_at)
    cells = pl.exclude(ROW).str.strip_chars(BLANKS)
    frame = frame.with_columns(pl.when(cells != "").then(cells).name.keep())
    rows = frame.filter(~pl.all_horizontal(pl.exclude(ROW).is_null()))
    return rows, hashlib.sha256(content).hexdigest()


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, without holding them in memory."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def scan_parquet(path: Path, label: str) -> pl.LazyFrame:
    """Open a Parquet file without reading its rows.

    Raises:
        DatasetError: It is truncated, or no Parquet file.
    """
    try:
        frame = pl.scan_parquet(path, glob=False)
        names = frame.collect_schema().names()
    except (OSError, pl.exceptions.PolarsError):
        raise broken_parquet(label) from None
    check_header(names, label)
    return frame


def broken_parquet(label: str) -> DatasetError:
    """Return the error for a Parquet file that cannot be read."""
    hint = "write or copy the file again; it may have been cut short"
    return DatasetError.of("this is not a whole Parquet file", source=label, hint=hint)


def optional(module: str, extra: str) -> Any:
    """Import a module that comes with an extra.

    Raises:
        DatasetError: It is not installed; the hint says what to type.
    """
    try:
        return import_module(module)
    except ImportError:
        hint = f"pip install 'egovrules[{extra}]'"
        raise DatasetError.of(f"{module} is needed for this, and missing", hint=hint) from None


def _content(path: Path, label: str) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            hint = "write it as Parquet, which is scanned and never read whole"
            raise DatasetError.of("the file is larger than 4 GiB", source=label, hint=hint)
        content = path.read_bytes()
    except OSError as reason:
        raise DatasetError.of(f"it cannot be opened: {reason.strerror}", source=label) from None
    if not re.search(rb"[^\s\xef\xbb\xbf]", content):
        raise DatasetError.of("the file is empty", source=label)
    return content


def _as_utf8(content: bytes, label: str, encoding: Encoding) -> bytes:
    """Return a text in UTF-8, without byte order mark, with plain line ends."""
    if content.startswith(b"PK\x03\x04"):
        hint = "give it the ending .xlsx"
        raise DatasetError.of("this is an Excel file", source=label, hint=hint)
    try:
        if encoding != "utf-8":
            content = content.decode(encoding).encode()
        elif b"\0" in content:
            raise DatasetError.of("this is not UTF-8 text", source=label, hint=_advice(content))
        else:
            content.decode()
    except UnicodeDecodeError as reason:
        line = content.count(b"\n", 0, reason.start) + 1
        message = f"the byte 0x{content[reason.start]:02X} on line {line:,} is not {encoding}"
        raise DatasetError.of(message, source=label, hint=_advice(content, reason.start)) from None
    content = content.removeprefix(b"\xef\xbb\xbf")
    return content.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in content else content


def _advice(content: bytes, at: int = 0) -> str:
    """Say which encoding is worth trying, by the bytes from the first strange one, *at*, on."""
    likely = "windows-1252"
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in content[:_LOOKED_AT]:
        likely = "utf-16"
    elif _ARABIC.search(content[at : at + _LOOKED_AT].decode("cp1256", errors="replace")):
        likely = "windows-1256"
    return f"save it as UTF-8, or name its encoding in a source file: encoding: {likely}"
