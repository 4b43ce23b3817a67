"""Which services carry a score, and which hold it back, as blocks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from egovrules.explanation import Explained, Explanation
from egovrules.report.blocks import Block, Table, headed, name_of, number, percent
from egovrules.report.summary import decimals_of
from egovrules.text import format_number, translate

SHOWN = 5  # services at either end


def over_services(root: Explained) -> list[dict[str, Any]]:
    """Add up what each service brings to a node, over everything beneath it.

    Follows the shares down the tree, as far as contributions add up; caps are left aside.

    Returns:
        service, name, contribution (points brought) and share (of the node's weight), the
        largest contribution first.
    """
    found: dict[str, dict[str, Any]] = {}
    for node, weight in _weighted(root, 1.0):
        if node.services is None:
            continue
        for row in node.services.drop_nulls(["share", "score"]).iter_rows(named=True):
            empty = {"service": row["service"], "name": row["name"], "contribution": 0.0}
            one = found.setdefault(row["service"], {**empty, "share": 0.0})
            one["contribution"] += weight * row["contribution"]
            one["share"] += weight * row["share"]
    return sorted(found.values(), key=lambda one: (-one["contribution"], one["service"]))


def _weighted(node: Explained, weight: float) -> Iterator[tuple[Explained, float]]:
    yield node, weight
    for child in node.children:
        if child.share is not None and child.contribution is not None:
            yield from _weighted(child, weight * child.share)


def carriers(
    rows: Sequence[Mapping[str, Any]], explanation: Explanation, language: str
) -> list[Block]:
    """Show the services that bring most, and those that bring least of what they could."""
    high = explanation.evaluation.manifest.ruleset.scale[1]
    names = _names(explanation)
    gains = [
        _Gain(
            name_of(names.get(row["service"], row), language),
            row["service"],
            row["share"],
            row["contribution"],
            high * row["share"] - row["contribution"],
        )
        for row in rows
    ]
    lost = sorted((one for one in gains if one.lost > 0), key=lambda one: (-one.lost, one.code))
    decimals = decimals_of(explanation.evaluation.manifest.ruleset)
    parts = (
        ("Services that carry it", "Contribution", [(one, one.brought) for one in gains]),
        ("Services that hold it back", "Points lost", [(one, one.lost) for one in lost]),
    )
    blocks: list[Block] = []
    for title, value_heading, chosen in parts:
        columns = headed(language, "Service", "Code", number("Share"), number(value_heading))
        cells = tuple(
            (
                one.name,
                one.code,
                percent(one.share, language, 2),
                format_number(value, language, decimals),
            )
            for one, value in chosen[:SHOWN]
        )
        if cells:
            blocks.append(Table(translate(title, language), columns, cells))
    return blocks


@dataclass(frozen=True, slots=True)
class _Gain:
    """What one service brings to a node, and what it could bring more."""

    name: str
    code: str
    share: float
    brought: float
    lost: float


def _names(explanation: Explanation) -> dict[str, Mapping[str, Any]]:
    table = explanation.evaluation.services
    own = table.filter(pl.col("agency") == explanation.agency["agency"])
    chosen = [c for c in ("service", "name", "name_en", "name_fa") if c in own.columns]
    return {row["service"]: row for row in own.select(chosen).iter_rows(named=True)}
