"""Whether the scores that criteria computed can be scores at all."""

from collections.abc import Callable, Mapping

import polars as pl

from egovrules import nodes
from egovrules.entries import Scale
from egovrules.errors import EvaluationError, Problem
from egovrules.population import LOWEST, NO_VALUES, Figures, shortened
from egovrules.rollup import Rolled
from egovrules.tree import Node, outside_services

_ABOVE_ZERO = (
    "let scores begin above 0, as `normalise: {by: min_max, to: [1, 100]}` does, "
    "or write `aggregate: arithmetic`"
)
_MOST = 1e290  # so that no sum of scores times weights, which are at most 1e9, is infinite
_NOISE = 1e-9  # what sums of floats may stray beyond the ends of a scale


def check_finite(table: pl.DataFrame, joined: Node, numbers: Mapping[str, int]) -> None:
    """Refuse scores that are infinite or not a number, or too large for sums of them to be finite.

    Raises:
        EvaluationError: With the nodes, by name: criteria where it is theirs, else what is above.
    """
    scored = {nodes.e(numbers[node.id]): node.id for node in _scored_nodes(joined)}
    others = {nodes.e(numbers[node.id]): node.id for node in outside_services(joined)}
    if bad := _failing(table, scored, pl.Expr.is_finite):
        message = f"a score is infinite or not a number: {', '.join(bad)}"
        hint = "the criterion divides by zero or overflows: report it to the plugin's author"
        raise EvaluationError.of(message, hint=hint)
    if bad := _failing(table, scored, lambda score: score.abs() <= _MOST):
        message = f"a score is too large to be combined with others: {', '.join(bad)}"
        raise EvaluationError.of(message, hint="normalise it, or measure it in another unit")
    if bad := _failing(table, others, pl.Expr.is_finite):
        message = f"a score is infinite or not a number: {', '.join(bad)}"
        hint = "its aggregation divides by zero or overflows: report it to the plugin's author"
        raise EvaluationError.of(message, hint=hint)


def _failing(
    table: pl.DataFrame, ids: Mapping[str, str], holds: Callable[[pl.Expr], pl.Expr]
) -> list[str]:
    """Name the nodes of which it does not hold for every score that there is."""
    found = table.select(holds(pl.col(list(ids)).cast(pl.Float64)).all())
    return [ids[column] for column, fine in found.row(0, named=True).items() if not fine]


def outside_scale(
    table: pl.DataFrame, joined: Node, numbers: Mapping[str, int], scale: Scale
) -> tuple[Problem, ...]:
    """Warn of criteria that score an agency beyond the ends of the ruleset's scale.

    Those that one thing is to be done about are told together.
    """
    scored = {nodes.e(numbers[node.id]): node for node in _scored_nodes(joined)}
    low, high = (
        table.select(ends).row(0, named=True)
        for ends in (pl.col(list(scored)).cast(pl.Float64).min(), pl.col(list(scored)).max())
    )
    found: dict[str, list[str]] = {}
    spans: dict[str, tuple[float, float]] = {}
    for column, node in scored.items():
        least, most = low[column], high[column]
        if least is not None and (least < scale.low - _NOISE or most > scale.high + _NOISE):
            found.setdefault(_back_inside(node), []).append(node.id)
            spans[node.id] = least + 0.0, most + 0.0  # -0.0 would print as -0
    problems = []
    for hint, ids in found.items():
        first = max(ids, key=lambda one: spans[one][1] - spans[one][0])
        least, most = spans[first]
        others = f"; so do {len(ids) - 1} more: " if len(ids) > 2 else "; so does "  # noqa: PLR2004
        others += shortened([one for one in ids if one != first])
        message = (
            f"{first} scores agencies from {least:g} to {most:g}, and the ruleset's scale is "
            f"{scale.low:g} to {scale.high:g}" + (others if len(ids) > 1 else "")
        )
        problems.append(Problem(message, severity="warning", hint=hint))
    return tuple(problems)


def _back_inside(node: Node) -> str:
    """Say how the scores of a criterion come to lie on the scale."""
    way = node.normalisation
    if way is None:
        return "declare the range under `scale:`, or use a criterion that converts to it"
    if way.top is None:
        return f"declare the range under `scale:`: {way.id} gives scores of its own"
    if "clip" in type(way).model_fields:
        return (
            "compare the goalposts with the data, of which one may be in percent and the other a "
            "share of 1; or add `clip: true`"
        )
    bound = " or add `cap: true`" if "cap" in type(way).model_fields else ""
    return f"declare the range under `scale:`,{bound}".rstrip(",")


def undone_means(
    table: pl.DataFrame, joined: Node, numbers: Mapping[str, int]
) -> tuple[Problem, ...]:
    """Warn of nodes whose mean one child undoes: without a score below 0, and 0 at 0."""
    problems = []
    for node in outside_services(joined):
        method = node.aggregation
        counted = list(nodes.weighed(node, numbers))
        if node.kind == "services" or method is None or method.of_negatives or not counted:
            continue
        mean = pl.col(Rolled(node, numbers[node.id]).column("raw"))
        least, most = pl.min_horizontal(counted), pl.max_horizontal(counted)
        lost, zero = table.select(
            (mean.is_null() & (least < 0)).sum().alias("lost"),
            ((mean == 0) & (least == 0) & (most > 0)).sum().alias("zero"),
        ).row(0)
        told = {
            f"{node.id} has no score for {_agencies(lost)}: the {method.id} mean has none where a "
            "child's score is below 0": lost,
            f"{node.id} is 0 for {_agencies(zero)}, whatever else they score: the {method.id} mean "
            "is 0 where a child's score is 0": zero,
        }
        problems += [
            Problem(message, severity="warning", hint=_ABOVE_ZERO)
            for message, count in told.items()
            if count
        ]
    return tuple(problems)


def without_values(
    table: pl.DataFrame, joined: Node, numbers: Mapping[str, int], figures: Figures
) -> tuple[Problem, ...]:
    """Warn of criteria that score no service although there are services to score.

    But not of those that have values, which *figures* has warned of.
    """
    parts = [Rolled(node, numbers[node.id]) for node in joined.criteria("service")]
    kinds = ("n", "missing")
    known = [part for part in parts if part.column("missing") in table.columns]
    sums = table.select(pl.col(part.column(kind)).sum() for part in known for kind in kinds)
    found = sums.row(0, named=True) if known else {}
    empty = [
        part.node.id
        for part in known
        if found[part.column("missing")]
        and not found[part.column("n")]
        and figures.values.get(part.node.id, {}).get(LOWEST) is None
    ]
    if not empty:
        return ()
    message = f"no service has a score of {shortened(empty)}"
    return (Problem(message, severity="warning", hint=NO_VALUES),)


def _agencies(count: int) -> str:
    return "1 agency" if count == 1 else f"{count} agencies"


def _scored_nodes(joined: Node) -> list[Node]:
    return [one for one in joined.walk() if one.criterion is not None or one.kind == "services"]
