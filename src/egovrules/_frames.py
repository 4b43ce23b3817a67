"""What a library user has, brought into one kind of frame."""

from collections.abc import Iterable, Mapping
from datetime import date
from enum import Enum
from typing import Any

import narwhals as nw
import polars as pl
from pydantic import BaseModel

from egovrules.errors import DatasetError, Problem

Frame = nw.DataFrame[Any] | nw.LazyFrame[Any]


def frame_of(rows: Any, name: str, *, on_duckdb: bool) -> Frame:
    """Bring what a caller has into a narwhals frame over Polars, or over DuckDB."""
    frame: Any = nw.from_native(rows, pass_through=True)
    if isinstance(frame, nw.DataFrame | nw.LazyFrame):
        kind = frame.implementation
        if kind.is_polars() or (kind.is_duckdb() and on_duckdb):
            return frame
        return nw.from_native(local(frame))
    return nw.from_native(_from_records(rows, name))


def local(frame: Frame) -> pl.DataFrame:
    """Bring a frame of any engine into this process, as Polars."""
    kind = frame.implementation
    if kind.is_pandas_like():
        native: pl.DataFrame = pl.from_pandas(frame.to_native())
        return native
    if isinstance(frame, nw.LazyFrame):
        collected: pl.DataFrame = frame.collect("polars").to_native()
        return collected
    return frame.to_polars()


def _from_records(rows: Any, name: str) -> pl.DataFrame:
    expected = "a frame, or a list of records, is expected"
    if isinstance(rows, str | bytes | Mapping) or not isinstance(rows, Iterable):
        hint = "to read files, use load_dataset(folder)"
        raise DatasetError.of(expected, source=name, hint=hint)
    records = []
    for row in rows:
        if not isinstance(row, Mapping | BaseModel):
            raise DatasetError.of(f"{expected}, not of {type(row).__name__}", source=name)
        records.append(_record(row) if isinstance(row, BaseModel) else dict(row))
    _settle_types(records, name)
    try:
        return pl.from_dicts(records, infer_schema_length=None) if records else pl.DataFrame()
    except (pl.exceptions.PolarsError, TypeError, ValueError, OverflowError):
        hint = "a cell is a number, true or false, text, a date or None; names are texts"
        raise DatasetError.of("the records do not make a table", source=name, hint=hint) from None


def _settle_types(records: list[dict[str, Any]], name: str) -> None:
    """Turn columns that mix text with other cells into text; refuse other mixtures."""
    kinds: dict[str, set[str]] = {}
    for record in records:
        for column, value in record.items():
            if value is not None:
                kinds.setdefault(column, set()).add(_kind(value))
    mixed = {column: kind for column, kind in kinds.items() if len(kind) > 1}
    wrong = [
        Problem(f"a column mixes {' and '.join(sorted(kind))}", name, where=f"column {column}")
        for column, kind in mixed.items()
        if "text" not in kind
    ]
    if wrong:
        raise DatasetError(wrong)
    for record in records if mixed else ():
        for column in mixed.keys() & record.keys():
            record[column] = _text(record[column])


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "numbers"
    if isinstance(value, date):
        return "dates"
    return "text" if isinstance(value, str) else type(value).__name__


def _record(row: BaseModel) -> dict[str, Any]:
    """Flatten an Agency, Service, Link or Answer into the columns of its table."""
    record: dict[str, Any] = {}
    for column, value in row:
        if column == "indicators":
            continue
        if column == "name" and isinstance(value, dict):
            record["name"] = value.get("fa") or next(iter(value.values()))
            record |= {f"name_{language}": text for language, text in value.items()}
        elif isinstance(value, frozenset):
            record[column] = ";".join(sorted(map(str, value)))
        elif isinstance(value, tuple):
            record[column] = ";".join(map(str, value))
        else:
            record[column] = value.value if isinstance(value, Enum) else value
    if "value" in record:  # of an answer: any type, so its text
        record["value"] = _text(record["value"])
    return record | dict(getattr(row, "indicators", {}))


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date) else repr(value)


def collected(frame: nw.LazyFrame[Any], source: str) -> pl.DataFrame:
    """Run a lazy frame on its engine, and bring the result into this process.

    Raises:
        DatasetError: Its file is broken, which may show only now.
    """
    try:
        result: pl.DataFrame = frame.collect("polars").to_native()
    except Exception as reason:
        # Each engine has its own errors, and importing an engine to name them would load it.
        if type(reason).__module__.split(".")[0] not in ("polars", "duckdb", "_duckdb", "narwhals"):
            raise
        first = str(reason).strip().splitlines()[0][:200] if str(reason).strip() else "no reason"
        hint = "if it is a file, write or copy it again: it may be damaged"
        raise DatasetError.of(f"it cannot be read: {first}", source=source, hint=hint) from None
    return result
