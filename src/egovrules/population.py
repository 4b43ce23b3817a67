"""Step 1: what is known of the whole population before a row is scored, as plain numbers.

One aggregate pass for what the criteria declare, and where values are normalised a second one
over those values; no whole-table window but for ranks, which the local engine alone has.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import narwhals as nw

from egovrules.errors import EvaluationError, Problem
from egovrules.normalisation import Normalisation
from egovrules.raw import applies_where, raw_score, score_slowly, statuses_of
from egovrules.tree import Node

# Up to so many services Polars adds up in the order of the rows: the same to the last bit,
# however many cores there are. Its streaming engine, which is used beyond, is frugal and adds up
# as its threads come.
IN_ORDER = 100_000

Population = Mapping[str, Mapping[str, Any]]
"""Population numbers by node id and name."""

NO_VALUES = "check the data; what has no value at all counts as `missing:` says, for everyone"
_NAMED = 5  # columns that a message names

LOWEST, HIGHEST = "lowest", "highest"  # the ends of values that are compared with each other


@dataclass(frozen=True)
class Figures:
    """Population numbers.

    Attributes:
        criteria: What criteria declared.
        values: What normalisations declared, of the values of their criterion.
        warnings: Of columns without values, and of such whose values tell no one apart.
    """

    criteria: Population = field(default_factory=dict)
    values: Population = field(default_factory=dict)
    warnings: tuple[Problem, ...] = ()

    def __or__(self, other: "Figures") -> "Figures":
        """Put those of services and of agencies together."""
        return Figures(
            {**self.criteria, **other.criteria},
            {**self.values, **other.values},
            (*self.warnings, *other.warnings),
        )


def measure(
    frame: Any,
    criteria: Iterable[Node],
    nodes: Mapping[str, int],
    statuses: frozenset[str],
    *,
    in_order: bool = True,
) -> tuple[Any, Figures]:
    """Compute the population numbers, and the values that are to be normalised.

    Args:
        frame: The narwhals frame of the services (or agencies) in scope.
        criteria: The criteria of that level.
        nodes: Number of every node by id.
        statuses: Columns that have a ``<column>__status`` companion.
        in_order: See :func:`local`.

    Returns:
        The frame with the scores of slow criteria and the values to normalise, and the numbers.

    Raises:
        EvaluationError: When the frame's engine cannot do what a criterion or a rank needs.
    """
    criteria = tuple(criteria)
    warnings = _empty(frame, criteria, statuses)
    frame = score_slowly(frame, nodes, criteria)
    declared = {
        node.id: dict(node.criterion.population())
        for node in criteria
        if node.criterion is not None
    }
    figures = _aggregate(frame, declared, in_order=in_order)
    chosen = [node for node in criteria if node.normalisation is not None]
    if not chosen:
        return frame, Figures(figures, warnings=tuple(warnings))
    _check_engine(frame, chosen)
    values = {
        value_column(nodes[node.id]): _value(node, nodes, figures, statuses) for node in chosen
    }
    frame = frame.with_columns(**values)
    asked = {node.id: _asked(node, nodes[node.id]) for node in chosen}
    found = _aggregate(frame, asked, in_order=in_order)
    return frame, Figures(figures, found, (*warnings, *_silent(nodes, chosen, found)))


def normalised(node: Node, number: int, figures: Mapping[str, Any]) -> nw.Expr:
    """Give a criterion's normalised score; null for all where the values tell no one apart.

    What is infinite or not a number stays so, and is refused with the scores.
    """
    x = nw.col(value_column(number))
    scores = _scores(node, x, figures)
    if scores is None:
        scores = nw.lit(None, nw.Float64)
    return nw.when(x.is_finite()).then(scores.cast(nw.Float64)).otherwise(x)


def _scores(node: Node, x: nw.Expr, figures: Mapping[str, Any]) -> nw.Expr | None:
    method = _directed(node)
    own = {name: figures[name] for name in method.population(x)}
    flat = method.relative and figures[LOWEST] == figures[HIGHEST]
    return None if flat or None in own.values() else method.normalise(x, **own)


def _directed(node: Node) -> Normalisation:
    """Return a criterion's normalisation for values of which more is better."""
    method = node.normalisation
    assert method is not None  # noqa: S101 - only of criteria that are normalised
    return method.reversed() if node.direction == "down" else method


def value_column(number: int) -> str:
    """Name the column of a criterion's values before normalisation, more being better."""
    return f"_eg_v{number}"


def _value(
    node: Node, nodes: Mapping[str, int], figures: Population, statuses: frozenset[str]
) -> nw.Expr:
    criterion = node.criterion
    assert criterion is not None  # noqa: S101 - only criteria are normalised
    raw = raw_score(node, nodes[node.id], figures.get(node.id, {}))
    with_status = statuses_of(criterion, statuses)
    applies = applies_where(criterion, node.applies, criterion.ratio(), with_status)
    raw = raw if applies is None else nw.when(applies).then(raw)
    return -raw if node.direction == "down" else raw


def _asked(node: Node, number: int) -> dict[str, nw.Expr]:
    method, x = _directed(node), nw.col(value_column(number))
    ends = {LOWEST: x.min(), HIGHEST: x.max()} if method.relative else {}
    return ends | dict(method.population(x)) | ends


def _empty(frame: Any, criteria: Iterable[Node], statuses: frozenset[str]) -> list[Problem]:
    """Warn, in one go, of columns of agencies that no one has a value in, nor a reason for it."""
    if isinstance(frame, nw.LazyFrame) or not frame.shape[0]:
        return []  # services are counted once they are rolled up
    reads = [read for node in criteria if node.criterion for read in node.criterion.reads()]
    empty = []
    for column in dict.fromkeys(read.column for read in reads):
        blank = frame[column].is_null()
        if column in statuses:
            blank &= frame[f"{column}__status"].is_null()
        if blank.all():
            empty.append(column)
    if not empty:
        return []
    where = "the column" if len(empty) == 1 else "the columns"
    message = f"no agency has a value in {where} {shortened(empty)}"
    return [Problem(message, severity="warning", hint=NO_VALUES)]


def shortened(names: Sequence[str]) -> str:
    """Name the first few, and count the rest."""
    named, rest = ", ".join(f"'{name}'" for name in names[:_NAMED]), len(names) - _NAMED
    return f"{named} and {rest} more" if rest > 0 else named


def _silent(nodes: Mapping[str, int], criteria: Iterable[Node], found: Population) -> list[Problem]:
    """Warn of normalisations that give no score to anyone although there are values."""
    problems = []
    for node in criteria:
        own, x = found.get(node.id, {}), nw.col(value_column(nodes[node.id]))
        method = _directed(node)
        if own.get(LOWEST) is None or _scores(node, x, own) is not None:
            continue
        unknown = [name for name, value in own.items() if value is None]
        about = f"{method.id} gives no scores of {node.id}"
        if method.relative and own[LOWEST] == own[HIGHEST]:
            value = 0.0 - own[LOWEST] if node.direction == "down" else own[LOWEST]
            message = f"all values of {node.id} are {value:g}, so {method.id} gives no scores"
            hint = "leave the criterion out, or normalise between fixed goalposts"
        elif unknown:
            message = f"{about}: there is no value of its {unknown[0]}"
            hint = "check its parameters"
        else:
            message = f"{about}: the lower end of its measure is not below the upper one"
            hint = "check its parameters"
        problems.append(Problem(message, severity="warning", hint=hint))
    return problems


def _check_engine(frame: Any, nodes: Iterable[Node]) -> None:
    whole = [node.id for node in nodes if node.normalisation and node.normalisation.whole]
    if whole and not frame.implementation.is_polars():
        raise EvaluationError.of(
            f"ranks of services are worked out on the local engine only: {', '.join(whole)}",
            hint="use --engine polars, or another normalisation",
        )


def _aggregate(
    frame: Any, asked: Mapping[str, Mapping[str, nw.Expr]], *, in_order: bool
) -> dict[str, dict[str, Any]]:
    """Compute what is asked for, in one pass; a node that asks for nothing is left out."""
    flat = [(node, name, one) for node, own in asked.items() for name, one in own.items()]
    if not flat:
        return {}
    wanted = {f"p{i}": expression for i, (_, _, expression) in enumerate(flat)}
    row = local(_whole(frame, wanted, in_order=in_order), in_order=in_order)
    values = (row if row.shape[0] else local(frame.select(**wanted))).row(0)
    found: dict[str, dict[str, Any]] = {}
    for (node, name, _), value in zip(flat, values, strict=True):
        found.setdefault(node, {})[name] = value
    return found


def _whole(frame: Any, wanted: Mapping[str, nw.Expr], *, in_order: bool) -> Any:
    """Aggregate a whole table; on Polars in the order of its rows, as one group of all."""
    if not (in_order and frame.implementation.is_polars()):
        return frame.select(**wanted)
    groups = frame.lazy().with_columns(nw.lit(0).alias("_eg_whole")).group_by("_eg_whole")
    return groups.agg(**wanted).select(*wanted)


def local(frame: Any, *, in_order: bool = False) -> nw.DataFrame[Any]:
    """Bring a frame of any engine into this process, as Polars.

    Args:
        frame: A narwhals frame.
        in_order: Whether groups are added up row by row, on Polars; see :data:`IN_ORDER`.
    """
    if isinstance(frame, nw.LazyFrame):
        if in_order and frame.implementation.is_polars():
            return frame.collect("polars", engine="in-memory")
        return frame.collect("polars")
    return frame  # type: ignore[no-any-return]  # eager frames are Polars by the contract
