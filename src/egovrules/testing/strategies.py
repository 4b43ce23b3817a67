"""Hypothesis strategies: tables that keep a criterion's contract, edges and gaps included."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl
from hypothesis import strategies as st

from egovrules.criteria import Criterion
from egovrules.parameters import Indicator, Read

DTYPES = {"number": pl.Float64(), "boolean": pl.Boolean(), "text": pl.String(), "date": pl.Date()}
"""How a cell of each indicator type is held once a dataset is loaded."""

_SPAN = 1000.0  # width of a range that has at most one bound
_FREE_TEXT = ("", " ", "0", "yes", "متن", "۱۲", "کاربر‌محور", "a, b")


def numbers(indicator: Indicator) -> st.SearchStrategy[float]:
    """Draw numbers within the bounds, half of them small steps from one end.

    Whole and half numbers near the lower bound (near 0 without one) are where formulas turn:
    no case at all, a part equal to its whole, a tie in rounding.
    """
    low, high = indicator.low, indicator.high
    if low is None:
        low = -_SPAN if high is None else high - _SPAN
    if high is None:
        high = low + 2 * _SPAN
    bottom, top = float(low), float(high)
    start = max(bottom, min(0.0, top)) if indicator.low is None else bottom
    near = st.integers(0, 24).map(lambda halves: min(start + halves / 2, top))
    far = st.integers(0, 10**6).map(lambda part: min(bottom + (top - bottom) * part / 1e6, top))
    return near | far


def cells(indicator: Indicator) -> st.SearchStrategy[Any]:
    """Draw the content of one cell, never empty, as the contract allows it."""
    if indicator.type == "boolean":
        return st.booleans()
    if indicator.type == "date":
        return st.dates(date(1990, 1, 1), date(2040, 12, 31))
    if indicator.type == "number":
        return numbers(indicator)
    return st.sampled_from(indicator.values or _FREE_TEXT)


def rows(criterion: Criterion, *, largest: int = 5) -> st.SearchStrategy[pl.DataFrame]:
    """Draw a table that a criterion may meet: 1 to `largest` rows, up to three empty cells.

    Args:
        criterion: A bound criterion; the table has the columns that it reads, and no other.
        largest: Greatest number of rows.

    Returns:
        Frames whose columns have the types, bounds, values and ``at_most`` of the contract.
    """
    return tables(criterion.reads(), largest=largest)


@st.composite
def tables(draw: st.DrawFn, reads: Sequence[Read], *, largest: int = 5) -> pl.DataFrame:
    """Draw a table for columns of these contracts, as :func:`rows` does."""
    contracts = {read.column: read.indicator for read in reads}
    record = st.fixed_dictionaries({name: cells(one) for name, one in contracts.items()})
    table = draw(st.lists(record, min_size=1, max_size=largest))
    for row in table:
        _keep_at_most(row, reads)
    place = st.tuples(st.integers(0, len(table) - 1), st.sampled_from(list(contracts)))
    for row_number, name in draw(st.lists(place, max_size=3)):
        table[row_number][name] = None
    return pl.DataFrame(table, schema=schema(reads))


def schema(reads: Sequence[Read]) -> dict[str, pl.DataType]:
    """Return the columns read, with their types."""
    return {read.column: DTYPES[read.indicator.type] for read in reads}


def _keep_at_most(row: dict[str, Any], reads: Sequence[Read]) -> None:
    """Lower each cell to the one that bounds it; again and again, for bounds have bounds.

    A cell that would fall under its own lower bound is left empty instead.
    """
    columns = {read.parameter: read.column for read in reads}
    for _ in reads:
        for read in reads:
            bound, cell = read.indicator.at_most, row[read.column]
            ceiling = row[columns[bound]] if bound else None
            if cell is not None and ceiling is not None and cell > ceiling:
                low = read.indicator.low
                row[read.column] = None if low is not None and ceiling < low else ceiling
