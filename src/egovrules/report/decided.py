"""What decided a score beside the mean of its children: that there is none, caps, rounding."""

from collections.abc import Mapping

import polars as pl

from egovrules.aggregation import BUILT_IN
from egovrules.explanation import Explained, ExplainedCap, Explanation
from egovrules.recomputing import aggregation_of, combine
from egovrules.report.blocks import Block, Line
from egovrules.report.combined import rounding
from egovrules.report.plain import on_one_line
from egovrules.report.reasons import Reasons, Rows
from egovrules.report.tree import labels
from egovrules.text import format_number, pick, translate

_BUILT_IN = frozenset(one.id for one in BUILT_IN if not one.whole)
_MORE = 4  # decimals that are shown of a mean beyond those that it was rounded to


def decided(explanation: Explanation, language: str) -> list[Block]:
    """Say below the tree why a node has no score although there is something to score it by.

    And of each node that was rounded, what it was.
    """
    tree = explanation.evaluation.manifest.tree
    table = explanation.evaluation.criteria
    own = table.filter(pl.col("agency") == explanation.agency["agency"])
    rows: Rows = {row["node"]: row for row in own.iter_rows(named=True)}
    reasons = Reasons(tree)
    shown = [node.info for node in explanation.root.walk()]
    named = labels(tree, language) | labels(shown, language)
    blocks: list[Block] = []
    for node in explanation.root.walk():
        reason = None if node.info.inside else reasons.at(node.info, rows)
        told = reason.told(named[node.info.id], named, language) if reason else ""
        blocks += [Line(told, "warning")] if told else []
    for node in explanation.root.walk():
        told = _rounded(node, reasons, rows, named, language)
        blocks += [Line(told)] if told else []
    return blocks


def capped(cap: ExplainedCap, node: str, before: str, language: str) -> str:
    """Say that a cap bit, what the score was before, and why."""
    message = "{node} is capped at {at}; it was {before}"
    told = translate(message, language, node=node, at=cap.at, before=before)
    because = pick(cap.because, language)
    return f"{told}: {on_one_line(f'{because} ({cap.when})' if because else cap.when)}"


def _rounded(
    node: Explained, reasons: Reasons, rows: Rows, named: Mapping[str, str], language: str
) -> str:
    """Say what a node's score was before it was rounded, where that made a difference."""
    info = node.info
    if info.round is None or node.raw is None or node.uncapped is None:
        return ""
    if (info.aggregation or "") not in _BUILT_IN:
        return ""
    decimals, rule = info.round
    there = [(rows[one.id]["score"], one.weight) for one in reasons.children.get(info.id, [])]
    known = [(score, weight) for score, weight in there if score is not None]
    method = aggregation_of(info, None)
    exact = method.combine_exactly([s for s, _ in known], [w for _, w in known])
    before = combine(method, known) if exact is None else exact
    if before is None or round(before, decimals + _MORE) == round(node.uncapped, decimals + _MORE):
        return ""
    return translate(
        "{node} is rounded from {before} to {after}, {rule}",
        language,
        node=named[info.id],
        before=format_number(round(before, decimals + _MORE), language),
        after=format_number(node.uncapped, language, decimals),
        rule=rounding(rule, language),
    )
