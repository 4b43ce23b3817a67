"""What was folded of links and answers, put beside the rows of a table that it belongs to."""

from collections.abc import Mapping
from typing import Any

import narwhals as nw
import polars as pl

from egovrules.dataset import Dataset, Table
from egovrules.errors import DatasetError
from egovrules.folding import answered
from egovrules.readers.common import ROW


def with_answers(table: Table, answers: pl.DataFrame, wanted: set[str]) -> Table:
    """Put effective answers in the place of what a table says, in the columns that are wanted."""
    asked = wanted & set(answers["indicator"])
    if not asked:
        return table
    if not table.frame.implementation.is_polars():
        hint = "use the polars engine, or write the answers into the table"
        message = "answers cannot be put into services that stay in DuckDB"
        raise DatasetError.of(message, source=table.source, hint=hint)
    frame: pl.LazyFrame = table.frame.lazy().to_native()
    if ROW not in frame.collect_schema().names():
        frame = frame.with_row_index(ROW, offset=1)
    return Table(
        table.name, nw.from_native(answered(frame, answers, asked)), table.source, table.rows
    )


def with_folded(
    table: Table, columns: pl.DataFrame, dataset: Dataset, empty: Mapping[str, float]
) -> Table:
    """Add columns by code; *empty* is what a code without a row has."""
    frame = table.frame.lazy()
    if frame.implementation.is_polars():
        native: pl.LazyFrame = frame.to_native()
        code = pl.col("code").cast(pl.String)
        joined: Any = native.join(
            columns.lazy(),
            left_on=code,
            right_on="code",
            how="left",
            maintain_order="left",
            suffix="__of",
        )
        names = [name for name in joined.collect_schema().names() if name != "code__of"]
        frame = nw.from_native(joined.select(names))
    else:
        if dataset.connection is None:
            hint = "add the columns links_required and links_live to the relation"
            message = "links cannot be counted for services of a foreign DuckDB connection"
            raise DatasetError.of(message, source=table.source, hint=hint)
        other = nw.from_native(dataset.connection.from_arrow(columns.to_arrow()))
        frame = frame.join(other, on="code", how="left")
    if empty:
        filled = (nw.col(name).fill_null(value).alias(name) for name, value in empty.items())
        frame = frame.with_columns(*filled)
    return Table(table.name, frame, table.source, table.rows)
