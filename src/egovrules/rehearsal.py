"""A dry run of a criterion, or of a normalisation, on no rows, before any data are touched.

It finds what types cannot: columns that are read and not declared, expressions that cannot be
computed, population numbers that are no aggregates. The engine itself never has to guess.
"""

from collections.abc import Mapping
from typing import Any

import narwhals as nw
import polars as pl

from egovrules.criteria import Criterion
from egovrules.normalisation import Normalisation
from egovrules.parameters import IndicatorType

_TYPES: Mapping[IndicatorType, Any] = {
    "number": pl.Float64,
    "boolean": pl.Boolean,
    "text": pl.String,
    "date": pl.Date,
}


def rehearse(criterion: Criterion) -> str | None:
    """Compute a criterion on an empty table of just the columns that it declares.

    Returns:
        What is wrong, to be put after the criterion's name; None when nothing is. A criterion in
        plain Python is not run: it has no expression.
    """
    schema = {read.column: _TYPES[read.indicator.type] for read in criterion.reads()}
    empty = nw.from_native(pl.DataFrame(schema=schema), eager_only=True)
    try:
        numbers = _numbers(criterion.population(), empty)
        if isinstance(numbers, str):
            return numbers
        if criterion.slow:
            return None
        applies = criterion.applies()
        scored = {"score": criterion.score(**numbers).cast(nw.Float64)}
        if applies is not None:
            scored["applies"] = applies.cast(nw.Boolean)
        empty.with_columns(**scored)
    except (nw.exceptions.ColumnNotFoundError, pl.exceptions.ColumnNotFoundError):
        declared = ", ".join(schema) or "none"
        return f"reads a column that it does not declare (it declares {declared})"
    except Exception as error:  # noqa: BLE001 - an author's code may fail in any way
        return _failure(error)
    return None


def rehearse_normalisation(method: Normalisation) -> str | None:
    """Compute a normalisation on a table of no values, in both directions.

    Returns:
        As :func:`rehearse`; its population numbers are taken to be 1, 2, 3 and so on.
    """
    schema = {"value": pl.Float64, "code": pl.String}
    empty, x = nw.from_native(pl.DataFrame(schema=schema), eager_only=True), nw.col("value")
    try:
        for directed in (method, method.reversed()):
            numbers = _numbers(directed.population(x), empty)
            if isinstance(numbers, str):
                return numbers
            taken = {name: float(number) for number, name in enumerate(numbers, 1)}
            scores = directed.normalise(x, **taken)
            if scores is not None:
                empty.with_columns(score=scores.cast(nw.Float64))
    except Exception as error:  # noqa: BLE001 - an author's code may fail in any way
        return _failure(error)
    return None


def _failure(error: Exception) -> str:
    reason = str(error).strip().splitlines() or [""]
    return f"cannot be computed: {type(error).__name__}: {reason[0]}"


def _numbers(asked: Mapping[str, nw.Expr], empty: nw.DataFrame[Any]) -> dict[str, Any] | str:
    if not asked:
        return {}
    row = empty.select(**asked)
    if row.shape[0] != 1:
        return "declares population numbers that are no single numbers"
    return dict.fromkeys(asked)
