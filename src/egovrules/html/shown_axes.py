"""The axes that tables show: those below the total, or what a single one is made of."""

import polars as pl

from egovrules.result import Evaluation, NodeInfo


def top_axes(evaluation: Evaluation) -> list[NodeInfo]:
    """Return the axes right below the total, in the ruleset's order.

    Where services are rolled up after the total, these are no children of it: the axes are then
    those that the table of agencies has a column for.
    """
    tree = evaluation.manifest.tree
    axes = [one for one in tree if one.kind == "axis" and one.id in evaluation.agencies.columns]
    outer = {one.id for one in axes}
    return [one for one in axes if one.parent not in outer]


def shown_axes(evaluation: Evaluation) -> list[NodeInfo]:
    """Return the axes right below the total, in the ruleset's order.

    An index has one axis that is the total again. To show it says nothing, so its own criteria
    stand for it.
    """
    axes, table = top_axes(evaluation), evaluation.agencies
    if len(axes) != 1 or evaluation.manifest.counts.get("services", 0):
        return axes
    if not table["total"].equals(table[axes[0].id]):
        return axes
    parts = [one for one in evaluation.manifest.tree if one.parent == axes[0].id]
    return parts if len(parts) > 1 else []


def whole_of(evaluation: Evaluation) -> NodeInfo:
    """Return the node that :func:`shown_axes` add up to: the total, or the one axis that it is."""
    tree, shown = evaluation.manifest.tree, shown_axes(evaluation)
    if shown == top_axes(evaluation):  # also where services stand between
        return tree[0]
    return next((one for one in tree if shown and one.id == shown[0].parent), tree[0])


def with_scores(evaluation: Evaluation) -> pl.DataFrame:
    """Return the table of agencies with a column of scores for each of :func:`shown_axes`."""
    table = evaluation.agencies
    for one in shown_axes(evaluation):
        if one.id not in table.columns:
            found = evaluation.criteria.filter(pl.col("node") == one.id)
            scores = found.select("agency", pl.col("score").alias(one.id))
            table = table.join(scores, on="agency", how="left", maintain_order="left")
    return table
