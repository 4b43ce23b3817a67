"""What a criterion computes of a row, before anything is made of it: its value, where it applies.

Works on services and on agencies alike, on any engine that narwhals speaks.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import narwhals as nw

from egovrules.conditions import Condition
from egovrules.criteria import Criterion
from egovrules.errors import EvaluationError
from egovrules.tree import Node


def raw_score(node: Node, number: int, figures: Mapping[str, Any]) -> nw.Expr:
    """Give a criterion's score before normalisation and scale, Float64.

    Args:
        node: The criterion.
        number: Its number in the tree.
        figures: The population numbers that it declared.
    """
    criterion = node.criterion
    assert criterion is not None  # noqa: S101 - only criteria come here
    raw = nw.col(slow_column(number)) if criterion.slow else criterion.score(**figures)
    return raw.cast(nw.Float64)


def statuses_of(criterion: Criterion, statuses: frozenset[str]) -> list[str]:
    """Name the required columns that have a status beside each cell."""
    required = [read.column for read in criterion.reads() if not read.indicator.optional]
    return [column for column in required if column in statuses]


def applies_where(
    criterion: Criterion,
    when: Condition | None,
    pair: tuple[nw.Expr, nw.Expr] | None,
    with_status: Sequence[str],
) -> nw.Expr | None:
    """Say where a criterion applies, null where that is unknown; None is everywhere."""
    own = type(criterion).applies is not Criterion.applies
    applies = criterion.applies() if own or pair is None else pair[1] > 0
    if when is not None:  # false decides, whatever the other says
        applies = when.expression() if applies is None else applies & when.expression()
    for column in with_status:
        marked = nw.col(f"{column}__status") == "not_applicable"
        here = ~marked.fill_null(value=False)
        applies = here if applies is None else applies & here
    return applies


def score_slowly(frame: Any, nodes: Mapping[str, int], criteria: Iterable[Node]) -> Any:
    """Add the scores of criteria that are plain Python, one row at a time.

    Args:
        frame: The narwhals frame of the services (or agencies) in scope.
        nodes: Number of every node by id.
        criteria: The criteria of that level.

    Raises:
        EvaluationError: When the frame's engine is not the local one, or a criterion fails.
    """
    slow = [node for node in criteria if node.criterion is not None and node.criterion.slow]
    if not slow:
        return frame
    if not frame.implementation.is_polars():
        names = ", ".join(node.id for node in slow)
        raise EvaluationError.of(
            f"criteria written in plain Python run on the local engine only: {names}",
            hint="use --engine polars",
        )
    eager = frame.collect("polars") if isinstance(frame, nw.LazyFrame) else frame
    for node in slow:
        criterion = node.criterion
        assert criterion is not None  # noqa: S101 - filtered above
        reads = [read.column for read in criterion.reads()]
        rows = eager.select(*reads).iter_rows(named=True)
        scores = [_score_row(node.id, criterion, row) for row in rows]
        column = nw.new_series(slow_column(nodes[node.id]), scores, nw.Float64, backend="polars")
        eager = eager.with_columns(column)
    return eager.lazy() if isinstance(frame, nw.LazyFrame) else eager


def _score_row(node: str, criterion: Criterion, row: Mapping[str, Any]) -> float | None:
    try:
        score = criterion.score_row(row)
        return None if score is None else float(score)
    except Exception as error:  # an author's code may fail in any way
        raise EvaluationError.of(
            f"criterion {node} fails on a row: {type(error).__name__}: {error}",
            where=", ".join(f"{name} = {value!r}" for name, value in row.items()),
            hint=f"tell the author of {criterion.id}",
        ) from error


def slow_column(number: int) -> str:
    """Name the column that holds the scores of a criterion in plain Python."""
    return f"_eg_row{number}"
