"""Steps 1 and 2: population numbers, then each criterion's score and state, row by row.

Works on services and on agencies alike, on any engine that narwhals speaks, and contains no
whole-table window: one aggregate pass gives plain numbers, and the rest is element-wise.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import narwhals as nw
import polars as pl

from egovrules.criteria import Criterion
from egovrules.entries import Missing, Policy, Scale
from egovrules.errors import EvaluationError
from egovrules.ruleset import Ruleset
from egovrules.tree import BoundCap, Node

E = TypeVar("E", nw.Expr, pl.Expr)

# Up to so many services Polars adds up in the order of the rows: the same to the last bit,
# however many cores there are. Its streaming engine, which is used beyond, is frugal and adds up
# as its threads come.
IN_ORDER = 100_000

Population = Mapping[str, Mapping[str, Any]]
"""Population numbers by node id and name."""


def population(
    frame: Any, nodes: Iterable[Node], *, in_order: bool = True
) -> dict[str, dict[str, Any]]:
    """Compute what the criteria declare of the whole population, in one aggregate pass.

    Args:
        frame: The narwhals frame of the services (or agencies) in scope.
        nodes: The criteria of that level.
        in_order: See :func:`local`.

    Returns:
        Numbers by node id and name; a criterion that declares nothing is left out.
    """
    asked = [
        (node.id, name, expression)
        for node in nodes
        if node.criterion is not None
        for name, expression in node.criterion.population().items()
    ]
    if not asked:
        return {}
    wanted = {f"p{i}": expression for i, (_, _, expression) in enumerate(asked)}
    row = local(_whole(frame, wanted, in_order=in_order), in_order=in_order)
    values = (row if row.shape[0] else local(frame.select(**wanted))).row(0)
    found: dict[str, dict[str, Any]] = {}
    for (node, name, _), value in zip(asked, values, strict=True):
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


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of the working columns of one node, which no indicator can bear.

    Attributes:
        score: Score on the ruleset's scale after caps, null where there is none.
        uncapped: The same before caps; only where the node has caps.
        cap: Path of the cap that bit, null where none did; as ``uncapped``.
        off: 1 where the criterion does not apply, else 0; only where it may not apply.
        zero: 1 where a missing score counts as zero; only where statuses decide row by row.
        none: 1 where a missing score leaves the node above without one; as ``zero``.
        numerator: For a pooled ratio, null where there is no score.
        denominator: The same.
        part: Of a ratio, what is divided, worked out once for all that read it.
        whole: Of a ratio, what it is divided by; the same.
    """

    score: str
    uncapped: str
    cap: str
    off: str
    zero: str
    none: str
    numerator: str
    denominator: str
    part: str
    whole: str


def columns_of(number: int) -> Columns:
    """Return the working columns of the node with this number in the tree."""
    kinds = ("s", "u", "cap", "off", "zero", "none", "num", "den", "part", "whole")
    return Columns(*(f"_eg_{kind}{number}" for kind in kinds))


@dataclass(frozen=True, slots=True)
class Rows:
    """What is known of a criterion's rows without looking at them.

    Attributes:
        node: The criterion.
        columns: Its working columns.
        may_be_off: Whether the ``off`` column exists: the criterion may not apply somewhere.
        by_status: Whether ``zero`` and ``none`` exist: cells carry statuses with policies.
    """

    node: Node
    columns: Columns
    may_be_off: bool
    by_status: bool

    @property
    def policy(self) -> Policy:
        """The policy for a missing score where no status says otherwise."""
        return self.node.missing


def score_rows(
    frame: Any,
    nodes: Mapping[str, int],
    ruleset: Ruleset,
    criteria: Iterable[Node],
    numbers: Population,
    statuses: frozenset[str],
) -> tuple[Any, list[Rows]]:
    """Add the working columns of every criterion to a frame, three expressions deep.

    Args:
        frame: A narwhals frame with the columns that the criteria read.
        nodes: Number of every node by id.
        ruleset: For its scale, missing-data policies and caps.
        criteria: The criteria of this frame's level.
        numbers: Population numbers.
        statuses: Columns that have a ``<column>__status`` companion.
    """
    file, found = ruleset.file, []
    halves: dict[str, nw.Expr] = {}
    first: dict[str, nw.Expr] = {}
    second: dict[str, nw.Expr] = {}
    for node in criteria:
        criterion = node.criterion
        assert criterion is not None  # noqa: S101 - only criteria come here
        names = columns_of(nodes[node.id])
        required = [read.column for read in criterion.reads() if not read.indicator.optional]
        with_status = [column for column in required if column in statuses]
        pair = criterion.ratio()
        if pair is not None:
            halves |= dict(zip((names.part, names.whole), map(_float, pair), strict=True))
            pair = nw.col(names.part), nw.col(names.whole)
        applies = _applies(criterion, pair, with_status)
        if criterion.slow:
            raw = nw.col(_slow(nodes[node.id]))
        elif pair is not None and type(criterion).score is Criterion.score:
            raw = _share(*pair, criterion.top)
        else:
            raw = _float(criterion.score(**numbers.get(node.id, {})))
        score = on_scale(raw, criterion.top, file.scale)
        score = score if applies is None else nw.when(applies).then(score)
        scored = names.uncapped if node.caps else names.score
        first[scored] = score
        if applies is not None:
            first[names.off] = (~applies).fill_null(value=False).cast(nw.Int8)
        if node.caps:
            second[names.score] = capped(nw.col(names.uncapped), node.caps)
            second[names.cap] = cap_that_bit(nw.col(names.uncapped), node.caps)
        if node.pooled:
            numerator, denominator = pair or (score, score)
            present = ~nw.col(scored).is_null()
            second[names.numerator] = nw.when(present).then(numerator)
            second[names.denominator] = nw.when(present).then(denominator)
        if with_status:
            absent = nw.col(scored).is_null() & (nw.col(names.off) == 0)
            flags = _policies(absent, with_status, node.missing, file.missing)
            second[names.zero], second[names.none] = flags
        found.append(Rows(node, names, applies is not None, bool(with_status)))
    for columns in (halves, first, second):
        frame = frame.with_columns(**columns) if columns else frame
    return frame, found


def _float(value: nw.Expr) -> nw.Expr:
    return value.cast(nw.Float64)


def _share(part: nw.Expr, whole: nw.Expr, top: float | None) -> nw.Expr:
    """Give the score of a ratio as :meth:`Criterion.score` does, of halves that are columns."""
    return nw.when(whole > 0).then((1.0 if top is None else top) * (part / whole))


def on_scale(score: E, top: float | None, scale: Scale) -> E:
    """Convert a criterion's ``[0, top]`` to the ruleset's scale by the exact ratio.

    Takes an expression of narwhals (on rows) or of Polars (on sums).
    """
    width = scale.high - scale.low
    if top is None or (top == width and scale.low == 0):
        return score
    return score * (width / top) + scale.low if scale.low else score * (width / top)


def capped(score: nw.Expr, caps: Iterable[BoundCap]) -> nw.Expr:
    """Bound a score wherever a cap's condition is true; unknown does not cap."""
    for cap in caps:
        bites = cap.condition.expression() & (score > cap.at)
        score = nw.when(bites).then(nw.lit(float(cap.at))).otherwise(score)
    return score


def cap_that_bit(score: nw.Expr, caps: Sequence[BoundCap]) -> nw.Expr:
    """Give the path of the cap that decided a score, null where none bit."""
    path = nw.lit(None, nw.String)
    for number, cap in enumerate(caps):
        bites = cap.condition.expression() & (capped(score, caps[:number]) > cap.at)
        path = nw.when(bites).then(nw.lit(cap.where)).otherwise(path)
    return path


def score_slowly(frame: Any, nodes: Mapping[str, int], criteria: Iterable[Node]) -> Any:
    """Add the scores of criteria that are plain Python, one row at a time.

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
    eager = local(frame)
    for node in slow:
        criterion = node.criterion
        assert criterion is not None  # noqa: S101 - filtered above
        reads = [read.column for read in criterion.reads()]
        rows = eager.select(*reads).iter_rows(named=True)
        scores = [_score_row(node.id, criterion, row) for row in rows]
        column = nw.new_series(_slow(nodes[node.id]), scores, nw.Float64, backend="polars")
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


def _slow(number: int) -> str:
    return f"_eg_row{number}"


def _applies(
    criterion: Criterion, pair: tuple[nw.Expr, nw.Expr] | None, with_status: list[str]
) -> nw.Expr | None:
    own = type(criterion).applies is not Criterion.applies
    applies = criterion.applies() if own or pair is None else pair[1] > 0
    for column in with_status:
        marked = nw.col(f"{column}__status") == "not_applicable"
        here = ~marked.fill_null(value=False)
        applies = here if applies is None else applies & here
    return applies


def _policies(
    absent: nw.Expr, with_status: list[str], policy: Policy, missing: Missing
) -> tuple[nw.Expr, nw.Expr]:
    """Flag the rows whose missing score counts as zero, and those that leave no score above."""
    status = nw.coalesce(*[nw.col(f"{column}__status") for column in with_status])
    flags = []
    for wanted in ("zero", "exclude"):
        tokens = [token for token, meaning in missing.status.items() if meaning == wanted]
        others = [token for token, meaning in missing.status.items() if meaning != wanted]
        listed = status.is_in(tokens) if tokens else nw.lit(value=False)
        unlisted = ~status.is_in(others) if others else nw.lit(value=True)
        hit = unlisted.fill_null(value=True) if policy == wanted else listed.fill_null(value=False)
        flags.append((absent & hit).cast(nw.Int8))
    return flags[0], flags[1]
