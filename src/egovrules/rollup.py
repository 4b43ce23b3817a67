"""Step 3: services become their agency, in one group-by of plain sums and counts.

The sums are all that leaves the engine that holds the services: one row per agency. Means,
coverage and states follow from them in :func:`settle`, locally.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import narwhals as nw
import polars as pl

from egovrules import nodes
from egovrules.entries import Scale
from egovrules.scoring import Rows, on_scale
from egovrules.tree import Node

SERVICES = "_eg_services"  # how many services in scope an agency has
WEIGHTS = "_eg_weights"  # the sum of their weights
WEIGHT = "_eg_weight"  # a service's weight
UNWEIGHTED = "_eg_unweighted"  # how many have no weight


@dataclass(frozen=True, slots=True)
class Rolled:
    """What is rolled up: a criterion with its working columns, or (rows None) a services node.

    Attributes:
        node: The criterion or ``services`` node.
        number: Its number.
        rows: A criterion's working columns; None for a services node, whose rows have the four
            columns of ``nodes``, their policies already applied.
    """

    node: Node
    number: int
    rows: Rows | None = None

    def column(self, kind: str) -> str:
        """Name one of the sums, or results, of this node."""
        return f"_eg_{kind}_{self.number}"

    @property
    def score(self) -> str:
        """The column of the score per service."""
        return self.rows.columns.score if self.rows else nodes.e(self.number)

    @property
    def flags(self) -> list[str]:
        """The 0/1 columns per service that are summed."""
        if self.rows is None:
            return [nodes.flag(kind, self.number) for kind in ("on", "off", "none")]
        names = self.rows.columns
        off = [names.off] if self.rows.may_be_off else []
        return off + ([names.zero, names.none] if self.rows.by_status else [])

    @property
    def values(self) -> list[str]:
        """The numeric columns per service that are summed."""
        if self.node.pooled and self.rows:
            return [self.rows.columns.numerator, self.rows.columns.denominator]
        return [self.score] if self.rows else [self.score, nodes.c(self.number)]


def roll_up(
    frame: Any, parts: Iterable[Rolled], weight: str | None, extra: Mapping[str, nw.Expr]
) -> Any:
    """Sum everything per agency.

    Args:
        frame: Services in scope with their working columns, a narwhals frame of any engine.
        parts: What is rolled up.
        weight: Column that weighs the services (≥ 0, null for no weight), or None for equal.
        extra: Further columns to compute per service and sum per agency, by name.

    Returns:
        A frame with ``agency``, the number of its services, and the sums.
    """
    products: dict[str, nw.Expr] = dict(extra)
    sums, counts = list(extra), {}
    if weight is not None:
        w = nw.col(weight).cast(nw.Float64)
        products[WEIGHT] = w
        products[UNWEIGHTED] = w.is_null().cast(nw.Int8)
        sums += [WEIGHT, UNWEIGHTED]
    for part in parts:
        counts[part.column("n")] = part.score
        sums += [*part.values, *part.flags]
        if weight is not None and not part.node.pooled:
            w = nw.col(weight).cast(nw.Float64)
            present = ~nw.col(part.score).is_null()
            heavy = {
                f"{column}w": nw.col(column).cast(nw.Float64) * w
                for column in [*part.values, *part.flags]
            }
            heavy[part.column("wn")] = nw.when(present).then(w).otherwise(nw.lit(0.0))
            products |= heavy
            sums += list(heavy)
    frame = frame.with_columns(**products) if products else frame
    return frame.group_by("agency").agg(
        nw.len().alias(SERVICES),
        *[nw.col(column).count().alias(name) for name, column in counts.items()],
        *[nw.col(column).sum() for column in dict.fromkeys(sums)],
    )


def settle(
    table: pl.DataFrame, parts: Sequence[Rolled], scale: Scale, *, weighted: bool
) -> pl.DataFrame:
    """Turn the agencies' sums into each node's score, coverage and state.

    Adds the four working columns of ``nodes``, and by :meth:`Rolled.column` ``raw`` (the score
    before the policy), ``n``, ``missing`` and ``off``: how many services were scored, missing,
    not applicable.

    Formulas: mean = Σ w s / Σ w over the scored services; with policy ``zero`` a missing service
    enters with its weight and the scale's low end; pooled ratio = top · Σ numerator / Σ
    denominator. Where no scored service has a weight, they weigh equally.
    """
    table = table.with_columns(pl.col(SERVICES).fill_null(0))
    table = table.with_columns(expression for part in parts for expression in _counts(part))
    return table.with_columns(
        expression for part in parts for expression in _settled(part, scale, weighted=weighted)
    )


def _counts(part: Rolled) -> list[pl.Expr]:
    """Name how many services were valued, scored, missing and not applicable."""
    valued = _sum(part.column("n"))
    off = _sum(part.flags[1]) if part.rows is None else _off(part, "")
    scored = _sum(part.flags[0]) if part.rows is None else valued
    return [
        valued.alias(part.column("valued")),
        scored.alias(part.column("n")),
        off.alias(part.column("off")),
        (pl.col(SERVICES) - scored - off).alias(part.column("missing")),
    ]


def _settled(part: Rolled, scale: Scale, *, weighted: bool) -> list[pl.Expr]:
    if part.node.pooled:
        raw, score, cover = _pooled(part, scale)
    elif weighted:
        equal, heavy = _mean(part, scale, ""), _mean(part, scale, "w")
        usable = _sum(part.column("wn")) > 0
        raw, score, cover = (
            pl.when(usable).then(one).otherwise(other)
            for one, other in zip(heavy, equal, strict=True)
        )
    else:
        raw, score, cover = _mean(part, scale, "")
    none = _taken(part, "exclude", "")
    n, absent = pl.col(part.column("n")), pl.col(part.column("missing"))
    state = (
        pl.when(n > 0)
        .then(pl.lit(nodes.SCORED))
        .when(absent > 0)
        .then(pl.lit(nodes.MISSING))
        .otherwise(pl.lit(nodes.NOT_APPLICABLE))
    )
    return [
        raw.alias(part.column("raw")),
        pl.when(none == 0).then(score).alias(nodes.e(part.number)),
        cover.alias(nodes.c(part.number)),
        state.alias(nodes.t(part.number)),
        (none > 0).alias(nodes.x(part.number)),
    ]


def _mean(part: Rolled, scale: Scale, w: Literal["", "w"]) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """Give raw score, score and coverage of a mean, equal (``""``) or weighted (``"w"``)."""
    total = _sum(part.score + w)
    valued = _sum(part.column("wn")) if w else pl.col(part.column("valued"))
    everyone = _sum(WEIGHT) if w else _sum(SERVICES)
    raw = _ratio(total, valued)
    if part.rows is None:
        applicable = everyone - _sum(part.flags[1] + w)
        return raw, raw, _ratio(_sum(nodes.c(part.number) + w), applicable)
    zero = _taken(part, "zero", w)
    score = _ratio(total + zero * scale.low, valued + zero)
    return raw, score, _ratio(valued + zero, everyone - _off(part, w))


def _pooled(part: Rolled, scale: Scale) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """Give the same of a pooled ratio: a missing service cannot enter, since it has no size.

    Only where nothing can be pooled at all do services that count as zero give the low end.
    """
    criterion = part.node.criterion
    assert criterion is not None  # noqa: S101 - only criteria are pooled
    top = 1.0 if criterion.top is None else criterion.top
    numerator, denominator = part.values
    share = _ratio(_sum(numerator), _sum(denominator))
    raw = on_scale(share * top, criterion.top, scale)
    n, absent = pl.col(part.column("n")), pl.col(part.column("missing"))
    zero = _taken(part, "zero", "")
    as_zero = raw.is_null() & (zero > 0)
    score = pl.when(as_zero).then(pl.lit(scale.low)).otherwise(raw)
    counted = pl.when(as_zero).then(zero).otherwise(0.0)
    return raw, score, _ratio(n + counted, n + absent)


def _off(part: Rolled, w: Literal["", "w"]) -> pl.Expr:
    rows = part.rows
    return _sum(rows.columns.off + w) if rows and rows.may_be_off else pl.lit(0.0)


def _taken(part: Rolled, policy: str, w: Literal["", "w"]) -> pl.Expr:
    """Count (or weigh) the missing services that a policy takes: by status, or all, or none."""
    rows = part.rows
    if rows is None:
        return _sum(part.flags[2]) if policy == "exclude" else pl.lit(0.0)
    if rows.by_status:
        return _sum((rows.columns.zero if policy == "zero" else rows.columns.none) + w)
    if rows.policy != policy:
        return pl.lit(0.0)
    if w:
        return _sum(WEIGHT) - _sum(part.column("wn")) - _off(part, w)
    return pl.col(part.column("missing"))


def _sum(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.Float64).fill_null(0.0)


def _ratio(numerator: pl.Expr, denominator: pl.Expr) -> pl.Expr:
    return pl.when(denominator > 0).then(numerator / denominator)
