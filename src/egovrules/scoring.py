"""Step 2: each criterion's score and state, row by row, with its caps.

Works on services and on agencies alike, on any engine that narwhals speaks.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import narwhals as nw
import polars as pl

from egovrules.criteria import Criterion
from egovrules.entries import Missing, Policy, Scale
from egovrules.population import Figures, normalised
from egovrules.raw import applies_where, raw_score, statuses_of
from egovrules.ruleset import Ruleset
from egovrules.tree import BoundCap, Node

E = TypeVar("E", nw.Expr, pl.Expr)


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
    figures: Figures,
    statuses: frozenset[str],
) -> tuple[Any, list[Rows]]:
    """Add the working columns of every criterion to a frame, three expressions deep.

    Args:
        frame: A narwhals frame with the columns that the criteria read.
        nodes: Number of every node by id.
        ruleset: For its scale, missing-data policies and caps.
        criteria: The criteria of this frame's level.
        figures: Population numbers.
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
        with_status = statuses_of(criterion, statuses)
        pair = criterion.ratio()
        if pair is not None:
            halves |= dict(zip((names.part, names.whole), map(_float, pair), strict=True))
            pair = nw.col(names.part), nw.col(names.whole)
        applies = applies_where(criterion, node.applies, pair, with_status)
        top = criterion.top
        if node.normalisation is not None:
            raw = normalised(node, nodes[node.id], figures.values.get(node.id, {}))
            top = node.normalisation.top
        elif pair is not None and type(criterion).score is Criterion.score:
            raw = _share(*pair, criterion.top)
        else:
            raw = raw_score(node, nodes[node.id], figures.criteria.get(node.id, {}))
        score = on_scale(raw, top, file.scale)
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
    """Convert a criterion's ``[0, top]`` to the ruleset's scale, exactly so at both ends.

    Takes an expression of narwhals (on rows) or of Polars (on sums).
    """
    if top is None or (top == scale.high and scale.low == 0):
        return score
    if scale.low == 0:
        return _divided(score * scale.high, top)
    part = _divided(score, top)
    return (1 - part) * scale.low + part * scale.high


def _divided(score: E, top: float) -> E:
    """Divide by a column of the number: by a constant, Polars multiplies by its inverse."""
    return score if top == 1.0 else score / (score * 0.0 + top)


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
