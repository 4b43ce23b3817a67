"""Two tables, or two manifests, held against each other: every difference with its place."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import polars as pl

from egovrules.result import DIGITS

COLUMNS = ("table", "key", "column", "recorded", "now")
ROW = "row"  # stands for a value where a whole row is there
PLACE = "(place)"  # stands for a column where rows stand in another order

Path = tuple[str, ...]
Row = tuple[str, str | None, str | None, str | None, str | None]

_SIDES = ("recorded", "now")
# Sums in another order differ by noise in the last of 16 digits: no score by the first of these,
# no large number by the second part of itself.
_TOLERANCE, _NOISE = 10.0**-DIGITS, 1e-12


def table_of(rows: Iterable[Row]) -> pl.DataFrame:
    """Put differences into a table of texts, with COLUMNS."""
    return pl.DataFrame(list(rows), schema=dict.fromkeys(COLUMNS, pl.String), orient="row")


def compare_tables(
    name: str,
    recorded: pl.DataFrame,
    now: pl.DataFrame,
    keys: tuple[str, ...],
    *,
    exact: bool,
) -> pl.DataFrame:
    """Compare two tables cell by cell.

    Args:
        name: What the differences call the table.
        recorded: The one.
        now: The other; rows and columns may stand in another order.
        keys: The columns that tell rows apart; equal ones are paired in their order.
        exact: Whether numbers must agree to the last bit, and rows stand in the same order.

    Returns:
        The differences; see :attr:`egovrules.verification.Verification.differences`.
    """
    strange = table_of(
        (name, None, column, _kind(recorded, column), _kind(now, column))
        for column in dict.fromkeys((*now.columns, *recorded.columns))
        if recorded.schema.get(column) != now.schema.get(column)
    )
    alike = [column for column in now.columns if column not in set(strange["column"])]
    if not set(keys) <= set(alike):
        return strange
    pairs = _numbered(recorded, keys, "recorded").join(
        _numbered(now, keys, "now"), on=["key", "nth"], how="full", coalesce=True
    )
    both = pairs.drop_nulls().sort("recorded")
    alone = pairs.filter(pl.any_horizontal(pl.col("recorded", "now").is_null()))
    there = [pl.when(pl.col(c).is_not_null()).then(pl.lit(ROW)).alias(c) for c in _SIDES]
    found = [strange, _located(name, None, alone.sort("recorded", "now", "key"), *there)]
    if exact:
        found.append(_moved(name, both))
    for column in alike:
        old, new = recorded[column].gather(both["recorded"]), now[column].gather(both["now"])
        differ = _differ(old, new, exact=exact)
        if differ.any():
            texts = [
                cells.filter(differ).cast(pl.String).alias(label)
                for label, cells in zip(_SIDES, (old, new), strict=True)
            ]
            found.append(_located(name, column, both.filter(differ), *texts))
    return pl.concat(found)


def _kind(table: pl.DataFrame, column: str) -> str | None:
    return str(table.schema[column]) if column in table.columns else None


def _numbered(table: pl.DataFrame, keys: tuple[str, ...], number: str) -> pl.DataFrame:
    """Return each row's key, how many of that key stand above it, and its number."""
    key = pl.concat_str(pl.col(keys), separator=" · ", ignore_nulls=True)
    rows = table.select(key.alias("key")).with_columns(nth=pl.int_range(pl.len()).over("key"))
    return rows.with_row_index(number)


def _located(
    name: str, column: str | None, rows: pl.DataFrame, *texts: pl.Expr | pl.Series
) -> pl.DataFrame:
    place = [pl.lit(name).alias("table"), pl.col("key"), pl.lit(column, pl.String).alias("column")]
    return rows.select(*place, *texts)


def _moved(name: str, both: pl.DataFrame) -> pl.DataFrame:
    """Name the first row that stands in another place than before."""
    places = both.select(
        "key",
        recorded=pl.int_range(1, pl.len() + 1),
        now=pl.col("now").rank("ordinal").cast(pl.Int64),
    )
    first = places.filter(pl.col("recorded") != pl.col("now")).head(1)
    return _located(name, PLACE, first, pl.col(*_SIDES).cast(pl.String))


def _differ(old: pl.Series, new: pl.Series, *, exact: bool) -> pl.Series:
    """Tell which cells of two columns of one type differ."""
    differ = old.ne_missing(new)
    if not old.dtype.is_float():
        return differ
    if exact:  # 0.0 equals -0.0, and is not the same to the last bit
        return differ | ((old == 0) & (1.0 / old != 1.0 / new)).fill_null(value=False)
    near = (old - new).abs() <= (new.abs() * _NOISE).clip(lower_bound=_TOLERANCE)
    return differ & ~near.fill_null(value=False)


def compare_values(
    name: str, recorded: Mapping[Path, Any], now: Mapping[Path, Any], *, exact: bool
) -> Iterator[Row]:
    """Compare plain values by their path; *exact* as :func:`compare_tables` has it."""
    for path in dict.fromkeys((*recorded, *now)):
        old, new = (json.dumps(one[path]) if path in one else None for one in (recorded, now))
        if old != new and (exact or not _close(recorded.get(path), now.get(path))):
            yield name, ".".join(path), None, old, new


def _close(old: Any, new: Any) -> bool:
    numbers = all(isinstance(one, int | float) for one in (old, new))
    return numbers and math.isclose(old, new, rel_tol=_NOISE, abs_tol=_TOLERANCE)
