"""Running one criterion on a small table, as the engine would, on any of the engines."""

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import duckdb
import narwhals as nw
import polars as pl

from egovrules.criteria import Criterion
from egovrules.testing.strategies import schema

SCORE, APPLIES, PART, WHOLE = "_score", "_applies", "_part", "_whole"
TOLERANCE = 1e-9  # of 1, or of the number where that is larger

Expressions = Mapping[str, nw.Expr]


def population(criterion: Criterion, frame: Any) -> dict[str, Any]:
    """Compute the population numbers of a criterion on a native frame.

    Returns:
        Plain numbers by name; the first row, where a criterion wrongly gives more than one.
    """
    return {name: column[0] for name, column in population_columns(criterion, frame).items()}


def population_columns(criterion: Criterion, frame: Any) -> dict[str, list[Any]]:
    """Compute what a criterion declares of the population, with every row it gives."""
    declared = criterion.population()
    if not declared:
        return {}
    return _local(nw.from_native(frame).select(**declared)).to_dict(as_series=False)


def plan(criterion: Criterion, numbers: Mapping[str, Any]) -> dict[str, nw.Expr]:
    """Build the expressions of a criterion: its score unless slow, and where it applies."""
    found = {} if criterion.slow else {SCORE: criterion.score(**numbers)}
    applies = criterion.applies()
    return found if applies is None else {**found, APPLIES: applies}


def parts(criterion: Criterion) -> dict[str, nw.Expr]:
    """Build the numerator and denominator of a criterion that has them."""
    pair = criterion.ratio()
    return {} if pair is None else {PART: pair[0], WHOLE: pair[1]}


def plan_for(criterion: Criterion, table: pl.DataFrame) -> dict[str, nw.Expr]:
    """Build the expressions with the population numbers of this table."""
    return plan(criterion, population(criterion, table))


def run(criterion: Criterion, planned: Expressions, table: pl.DataFrame) -> pl.DataFrame:
    """Evaluate on Polars, eagerly.

    Returns:
        One row per row of the table: ``_score`` (null where the criterion does not apply) and
        whatever else was planned.
    """
    result = _evaluate(planned, table)
    if criterion.slow:
        scores = [_number(criterion.score_row(row)) for row in table.iter_rows(named=True)]
        result = pl.DataFrame([*result.get_columns(), pl.Series(SCORE, scores, pl.Float64)])
    return masked(result)


def assess(criterion: Criterion, **columns: Sequence[Any]) -> list[float | str]:
    """Score a table written by hand, for tests of single cases.

    Args:
        criterion: A bound criterion.
        columns: Cells by column, all of one length; a column left out is empty.

    Returns:
        For each row its score, or ``missing`` or ``not_applicable``.

    Raises:
        ValueError: When a column is not one that the criterion reads.
    """
    contract = schema(criterion.reads())
    unknown = [name for name in columns if name not in contract]
    if unknown:
        raise ValueError(f"{criterion.id} reads no column {', '.join(unknown)}")
    given = {name: pl.Series(name, cells, contract[name]) for name, cells in columns.items()}
    table = pl.DataFrame(given).select(
        pl.col(name) if name in given else pl.lit(None, dtype).alias(name)
        for name, dtype in contract.items()
    )
    result = run(criterion, plan_for(criterion, table), table)
    applies = result[APPLIES] if APPLIES in result.columns else [True] * table.height
    return [
        "not_applicable" if here is False else "missing" if score is None else score
        for score, here in zip(result[SCORE], applies, strict=True)
    ]


def masked(result: pl.DataFrame) -> pl.DataFrame:
    """Take the score away where the criterion does not apply, or may not, as the engine does."""
    if APPLIES not in result.columns:
        return result
    return result.with_columns(pl.when(APPLIES).then(SCORE))


def run_lazily(planned: Expressions, table: pl.DataFrame) -> pl.DataFrame:
    """Evaluate on Polars, lazily."""
    return masked(_evaluate(planned, table.lazy()))


def run_on_duckdb(planned: Expressions, table: pl.DataFrame) -> pl.DataFrame:
    """Evaluate on DuckDB, which keeps the order of rows where nothing is joined or grouped."""
    return masked(_evaluate(planned, on_duckdb(table)))


def run_steps(steps: Expressions, table: pl.DataFrame) -> pl.DataFrame:
    """Evaluate the named steps of a criterion on Polars."""
    return _evaluate(steps, table)


def on_duckdb(table: pl.DataFrame) -> duckdb.DuckDBPyRelation:
    """Hand a table to DuckDB."""
    return _connection().from_arrow(table.to_arrow())


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET threads = 1")  # tables of a few rows: threads only cost
    return connection


def _evaluate(planned: Expressions, frame: Any) -> pl.DataFrame:
    """Add the planned columns and keep only them; adding repeats a constant, selecting not."""
    if not planned:
        return pl.DataFrame()
    return _local(nw.from_native(frame).with_columns(**planned).select(*planned))


def _local(frame: Any) -> pl.DataFrame:
    collected = frame.collect("polars") if isinstance(frame, nw.LazyFrame) else frame
    native: pl.DataFrame = collected.to_native()
    return native


def _number(score: object) -> float | None:
    if score is None or (isinstance(score, int | float) and not isinstance(score, bool)):
        return score
    raise TypeError(f"score_row returned {score!r}, which is neither a number nor None")


def slack(number: float) -> float:
    """Return how far a computed number may lie from this one."""
    return TOLERANCE * max(1.0, abs(number))


def close(one: Any, other: Any, tolerance: float) -> bool:
    """Compare two cells; empty equals only empty, and NaN equals NaN."""
    if one is None or other is None or isinstance(one, bool | str) or one == other:
        return bool(one == other)
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    return bool(abs(one - other) <= tolerance * max(1.0, abs(one)))


def differences(
    one: pl.DataFrame, other: pl.DataFrame, when: str, then: str, *, tolerance: float = TOLERANCE
) -> Iterator[str]:
    """Yield, in words, where two results of :func:`run` differ."""
    if one.shape != other.shape:
        yield f"{one.height} rows {when}, {other.height} {then}"
        return
    for name in one.columns:
        for number, (a, b) in enumerate(zip(one[name], other[name], strict=True)):
            if not close(a, b, tolerance):
                yield f"row {number}: {name.strip('_')} is {a} {when} and {b} {then}"


class Watched(Mapping[str, Any]):
    """A row that keeps the names that were asked of it."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        self._row = row
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        """Note the name, whether the row has it or not."""
        self.asked.add(name)
        return self._row[name]

    def __iter__(self) -> Iterator[str]:
        """Walk over the names, which asks for none."""
        return iter(self._row)

    def __len__(self) -> int:
        """Count the columns."""
        return len(self._row)
