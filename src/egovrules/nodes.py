"""From the leaves of a tree to its root, on any frame: rows of services or rows of agencies.

Every node of number *k* has four working columns: its effective score ``e`` (after its
missing-data policy, null where it has none), its coverage ``c``, its state ``t``, and ``x``, true
where a missing score forbids the node above a score (policy ``exclude``).
"""

from collections.abc import Mapping
from typing import Any

import narwhals as nw

from egovrules.aggregation import Child, added
from egovrules.entries import Policy
from egovrules.scoring import Rows
from egovrules.tree import Node

_NOISE = 1e-9  # by which a share of children may stray from what was meant
SCORED, MISSING, NOT_APPLICABLE = 0, 1, 2
STATES = ("scored", "missing", "not_applicable")


def e(number: int) -> str:
    """Name the column of a node's effective score."""
    return f"_eg_e{number}"


def c(number: int) -> str:
    """Name the column of a node's coverage, 0 to 1, null where it does not apply."""
    return f"_eg_c{number}"


def t(number: int) -> str:
    """Name the column of a node's state."""
    return f"_eg_t{number}"


def x(number: int) -> str:
    """Name the column that tells whether a node forbids the one above a score."""
    return f"_eg_x{number}"


def leaf(rows: Rows, number: int, low: float) -> dict[str, nw.Expr]:
    """Give a criterion's four columns where each row is scored by itself.

    Args:
        rows: The criterion with its working columns.
        number: The node's number.
        low: The low end of the ruleset's scale, which the policy ``zero`` gives.
    """
    score = nw.col(rows.columns.score)
    absent = score.is_null()
    off = nw.col(rows.columns.off) == 1 if rows.may_be_off else None
    if off is not None:
        absent = absent & ~off
    zero, none = (absent if rows.policy == one else None for one in ("zero", "exclude"))
    if rows.by_status:
        zero, none = nw.col(rows.columns.zero) == 1, nw.col(rows.columns.none) == 1
    covered = _number(~absent if zero is None else ~absent | zero)
    state = _number(absent, nw.Int32)
    return {
        e(number): score if zero is None else nw.when(zero).then(low).otherwise(score),
        c(number): covered if off is None else nw.when(~off).then(covered),
        t(number): state if off is None else nw.when(off).then(NOT_APPLICABLE).otherwise(state),
        x(number): nw.lit(value=False) if none is None else none,
    }


def weighed(node: Node, numbers: Mapping[str, int]) -> dict[str, float]:
    """Return the weights of a node's children that count, by the column of their score."""
    return {e(numbers[one.id]): one.weight for one in node.children if one.weight > 0}


def whole_column(number: int) -> str:
    """Name the column of a node's score that is worked out for all agencies at once."""
    return f"_eg_whole{number}"


def inner(
    node: Node, numbers: Mapping[str, int], combined: nw.Expr | None = None
) -> dict[str, nw.Expr]:
    """Give an inner node's score, coverage and state before caps and its own policy.

    Args:
        node: The node.
        numbers: Number of every node by id.
        combined: Its children's scores combined, where that has been done.

    Returns:
        Expressions over the children's columns, by the names of this node's columns.
    """
    assert node.aggregation is not None  # noqa: S101 - inner nodes always have one
    number = numbers[node.id]
    kids = [(child, numbers[child.id]) for child in node.children]
    counted = [(child, k) for child, k in kids if child.weight > 0]
    if not counted:  # all that would count weighs nothing
        return {
            e(number): nw.lit(None, nw.Float64),
            c(number): nw.lit(None, nw.Float64),
            t(number): nw.lit(NOT_APPLICABLE),
            x(number): nw.lit(value=False),
        }
    forbidden = nw.any_horizontal(nw.col(*[x(k) for _, k in counted]), ignore_nulls=True)
    if combined is None:
        combined = node.aggregation.combine(
            [Child(nw.col(e(k)), child.weight) for child, k in counted]
        )
    if node.min_share:
        there = added([_number(~nw.col(e(k)).is_null()) for _, k in counted])
        all_of = added([_number(nw.col(t(k)) != NOT_APPLICABLE) for _, k in counted])
        forbidden = forbidden | (there < node.min_share * all_of - _NOISE)
    whole = added([_number(nw.col(t(k)) != NOT_APPLICABLE) * child.weight for child, k in counted])
    covered = added([nw.col(c(k)) * child.weight for child, k in counted])
    best = nw.min_horizontal(nw.col(*[t(k) for _, k in counted]))
    # No score although children have one: a geometric mean of a negative score, for example.
    without = (forbidden | combined.is_null()) & (best != NOT_APPLICABLE)
    return {
        e(number): nw.when(~forbidden).then(combined),
        c(number): nw.when(best != NOT_APPLICABLE).then(covered / whole),
        t(number): nw.when(without).then(MISSING).otherwise(best),
        x(number): nw.lit(value=False),
    }


def policy(number: int, missing: Policy, low: float) -> dict[str, nw.Expr]:
    """Give the columns that a node's own policy changes where the node is missing."""
    absent = nw.col(e(number)).is_null() & (nw.col(t(number)) == MISSING)
    if missing == "zero":
        return {
            e(number): nw.when(absent).then(nw.lit(low)).otherwise(nw.col(e(number))),
            c(number): nw.when(absent).then(nw.lit(1.0)).otherwise(nw.col(c(number))),
        }
    if missing == "exclude":
        return {x(number): absent | nw.col(x(number))}
    return {}


def combine_rows(
    frame: Any, services: Node, rows: Mapping[str, Rows], numbers: Mapping[str, int], low: float
) -> Any:
    """Aggregate a ``services`` node row by row, so that it can be rolled up like a criterion."""
    leaves: dict[str, nw.Expr] = {}
    for node in services.criteria():
        leaves |= leaf(rows[node.id], numbers[node.id], low)
    frame = frame.with_columns(**leaves)
    for node in reversed([one for one in services.walk() if one.children]):
        frame = frame.with_columns(**inner(node, numbers))
        number = numbers[node.id]
        changed = policy(number, node.missing, low)
        frame = frame.with_columns(**changed) if changed else frame
        state = nw.col(t(number))
        frame = frame.with_columns(
            (state == SCORED).cast(nw.Int8).alias(flag("on", number)),
            (state == NOT_APPLICABLE).cast(nw.Int8).alias(flag("off", number)),
            nw.col(x(number)).cast(nw.Int8).alias(flag("none", number)),
        )
    return frame


def flag(kind: str, number: int) -> str:
    """Name a 0/1 column of an inner node of services: ``on`` (scored), ``off`` or ``none``."""
    return f"_eg_{kind}{number}"


def _number(condition: nw.Expr, dtype: type[nw.Float64 | nw.Int32] = nw.Float64) -> nw.Expr:
    return condition.cast(dtype)
