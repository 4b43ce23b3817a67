"""Why an agency has its total: the headline figures, and the tree with the weight that shifted."""

from dataclasses import replace

import polars as pl

from egovrules.html.card.compact import Part, constant, told, worded
from egovrules.html.card.telling import Telling
from egovrules.report.blocks import percent, rank_of
from egovrules.result import NodeInfo
from egovrules.text import LANGUAGES, format_number


def headline(telling: Telling) -> Part:
    """Show the headline figures."""
    info, lexicon = telling.evaluation.manifest.ruleset, telling.lexicon
    ranked = telling.agencies.get_column("rank").drop_nulls().len()
    growth = "growth" in telling.agencies.columns
    labels = ["Total", "Rank", "Coverage", *["Growth"] * growth, "Number of services"]
    cells: list[int] = []
    for row in telling.agencies.iter_rows(named=True):
        place = (
            lexicon.told(
                "{rank} of {count}",
                rank=[rank_of(row, info.tied, one) for one in LANGUAGES],
                count=ranked,
            )
            if row["rank"]
            else telling.word("not ranked")
        )
        grown = format_number(row.get("growth"), "en", telling.decimals, signed=True)
        cells += [
            lexicon.number(format_number(row["total"], "en", telling.decimals)),
            place,
            lexicon.number(percent(row["coverage"], "en")),
            *[lexicon.number(grown)] * growth,
            lexicon.number(format_number(row["services"], "en")),
        ]
    columns = [
        constant(telling.word("Figure"), [telling.word(one) for one in labels]),
        worded(telling.word("Value"), cells, numeric=True),
    ]
    return Part("facts", telling.word("In short"), columns, telling.per_agency(len(labels)))


def weighed(telling: Telling) -> Part:
    """Show the tree, and where a missing score shifted its weight to."""
    order = {node: number for number, node in enumerate(telling.nodes)}
    place = pl.col("node").replace_strict(order, return_dtype=pl.Int64)
    table = telling.evaluation.criteria.sort("agency", place)
    nodes, lexicon = list(telling.nodes.values()), telling.lexicon
    declared = [lexicon.number(percent(_declared(telling, one), "en")) for one in nodes]
    ended = table.select("node", "state", pl.col("score").is_null(), pl.col("cap").is_not_null())
    states = {row: _state(telling, *row) for row in ended.unique().iter_rows()}
    known = "rank" in table.columns  # evaluations of earlier versions have none
    ranks = table.get_column("rank") if known else pl.repeat(None, table.height, eager=True)
    score = telling.points("Score", table.get_column("score"))
    columns = [
        constant(telling.word("Node"), [telling.node(one.id) for one in nodes]),
        constant(telling.word("Weight"), declared, numeric=True),
        telling.shares("Share carried", table.get_column("share")),
        replace(score, spec={**score.spec, "bar": 1}),
        telling.counts("Rank", ranks),
        telling.points("Contribution", table.get_column("contribution")),
        telling.shares("Coverage", table.get_column("coverage")),
        telling.counts("Services without a score", table.get_column("missing")),
        worded(telling.word("State"), [states[row] for row in ended.iter_rows()]),
    ]
    notes = [
        telling.word("Where a score is missing, its weight is carried by the others beside it.")
    ]
    return Part(
        "tree",
        telling.word("Why this total"),
        columns,
        telling.per_agency(len(nodes)),
        [_depth(telling, one) for one in nodes],
        notes,
    )


def _depth(telling: Telling, node: NodeInfo) -> int:
    return 0 if node.parent is None else 1 + _depth(telling, telling.nodes[node.parent])


def _declared(telling: Telling, node: NodeInfo) -> float | None:
    """Return the share of its parent's weight that a node has where nothing is missing."""
    if node.parent is None:
        return 1.0
    whole = sum(one.weight for one in telling.nodes.values() if one.parent == node.parent)
    return node.weight / whole if whole else None


def _state(telling: Telling, node: str, state: str, without: bool, capped: bool) -> int:
    """Say how a node stands, and where its weight went if it has no score."""
    info, words = telling.nodes[node], told(state.replace("_", " "))
    if state == "missing" and not without:
        low = telling.evaluation.manifest.ruleset.scale[0]
        words = told("missing, counts as {score}", score=low)
    elif without and info.parent is not None and not info.inside:
        above = telling.titles[info.parent]
        if state == "missing" and info.missing == "exclude":
            words = told("{state}: leaves {parent} without a score", state=words, parent=above)
        elif info.weight > 0:
            share = [percent(_declared(telling, info), one) for one in LANGUAGES]
            message = "{state}: its {share} of {parent} moved to the others"
            words = told(message, state=words, share=share, parent=above)
    return telling.lexicon.words([f"{one} *" for one in words] if capped else words)
