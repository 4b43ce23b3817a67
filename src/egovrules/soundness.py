"""Whether the scores that criteria computed can be scores at all."""

from collections.abc import Mapping

import polars as pl

from egovrules import nodes
from egovrules.entries import Scale
from egovrules.errors import EvaluationError, Problem
from egovrules.tree import Node

_NOISE = 1e-9  # what sums of floats may stray beyond the ends of a scale


def check_finite(table: pl.DataFrame, joined: Node, numbers: Mapping[str, int]) -> None:
    """Refuse scores that a criterion computed as infinite or not a number.

    Raises:
        EvaluationError: With the criteria, by name.
    """
    ids = _scored(joined, numbers)
    finite = table.select(pl.col(list(ids)).cast(pl.Float64).is_finite().all())
    bad = [ids[column] for column, fine in finite.row(0, named=True).items() if not fine]
    if bad:
        raise EvaluationError.of(
            f"a score is infinite or not a number: {', '.join(bad)}",
            hint="the criterion divides by zero or overflows: report it to the plugin's author",
        )


def outside_scale(
    table: pl.DataFrame, joined: Node, numbers: Mapping[str, int], scale: Scale
) -> tuple[Problem, ...]:
    """Warn of criteria that score an agency beyond the ends of the ruleset's scale."""
    ids = _scored(joined, numbers)
    low, high = (
        table.select(ends).row(0, named=True)
        for ends in (pl.col(list(ids)).cast(pl.Float64).min(), pl.col(list(ids)).max())
    )
    problems = []
    for column, node in ids.items():
        least, most = low[column], high[column]
        if least is None or (least >= scale.low - _NOISE and most <= scale.high + _NOISE):
            continue
        problems.append(
            Problem(
                f"{node} scores agencies from {least:g} to {most:g}, and the ruleset's scale is "
                f"{scale.low:g} to {scale.high:g}",
                severity="warning",
                hint="declare the range under `scale:`, or use a criterion that converts to it",
            )
        )
    return tuple(problems)


def _scored(joined: Node, numbers: Mapping[str, int]) -> dict[str, str]:
    """Return the ids of the nodes that criteria score, by the columns of their scores."""
    return {
        nodes.e(numbers[node.id]): node.id
        for node in joined.walk()
        if node.criterion is not None or node.kind == "services"
    }
