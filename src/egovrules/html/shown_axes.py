"""The axes that tables show: those below the total, or what a single one is made of."""

import polars as pl

from egovrules.html.payload import top_axes
from egovrules.result import Evaluation, NodeInfo


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


def with_scores(evaluation: Evaluation) -> pl.DataFrame:
    """Return the table of agencies with a column of scores for each of :func:`shown_axes`."""
    table = evaluation.agencies
    for one in shown_axes(evaluation):
        if one.id not in table.columns:
            found = evaluation.criteria.filter(pl.col("node") == one.id)
            scores = found.select("agency", pl.col("score").alias(one.id))
            table = table.join(scores, on="agency", how="left", maintain_order="left")
    return table
