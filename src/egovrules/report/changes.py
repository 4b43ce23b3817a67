"""Two evaluations side by side, as blocks: who rose, who fell, and by what."""

import polars as pl

from egovrules.comparison import Comparison
from egovrules.report.blocks import (
    Block,
    Line,
    Table,
    enumerated,
    headed,
    name_of,
    number,
    percent,
    rank_of,
    titled,
)
from egovrules.report.plain import on_one_line
from egovrules.report.summary import LISTED, continuity, decimals_of, marks
from egovrules.text import format_number, pick, translate


def changes(comparison: Comparison, language: str = "en") -> list[Block]:
    """Say what changed from one evaluation to the next."""
    grown = comparison.agencies.drop_nulls("growth")
    risen = grown.filter(pl.col("growth") > 0)
    fallen = grown.filter(pl.col("growth") < 0).reverse()
    blocks = _title(comparison, language)
    counts = [
        ("Agencies compared", grown.height),
        ("risen", risen.height),
        ("fallen", fallen.height),
    ]
    told = [f"{translate(label, language)} {format_number(n, language)}" for label, n in counts]
    blocks.append(Line(" · ".join(told)))
    blocks += _league("Highest growth", risen, comparison, language)
    blocks += _league("Largest losses", fallen, comparison, language)
    blocks.append(_nodes(comparison, language))
    bodies = continuity(comparison.agencies, comparison.vanished, language)
    if bodies:
        blocks += [Line(translate("Bodies", language), "heading"), *bodies]
    return [*blocks, *_method(comparison, language)]


def _title(comparison: Comparison, language: str) -> list[Block]:
    new, old = comparison.new.manifest, comparison.old.manifest
    names = [on_one_line(pick(one.ruleset.title, language)) for one in (new, old)]
    text = translate("{new} against {old}", language, new=names[0], old=names[1])
    blocks: list[Block] = [Line(text, "heading")]
    blocks += marks(language, comparison.new, comparison.old)
    if comparison.method == "bridge":
        message = "The methods differ; the ruleset declares that they are compared all the same"
        blocks.append(Line(translate(message, language), "warning"))
    return blocks


def _league(title: str, table: pl.DataFrame, comparison: Comparison, language: str) -> list[Block]:
    if not table.height:
        return []
    decimals = decimals_of(comparison.new.manifest.ruleset)
    rows = [
        (
            name_of(row, language),
            row["agency"],
            format_number(row["previous_total"], language, decimals),
            format_number(row["total"], language, decimals),
            format_number(row["growth"], language, decimals, signed=True),
            rank_of(row, comparison.new.manifest.ruleset.tied, language),
            format_number(row["rank_growth"], language, 0, signed=True),
        )
        for row in table.head(LISTED).iter_rows(named=True)
    ]
    columns = headed(
        language,
        "Agency",
        "Code",
        number("Before"),
        number("Total"),
        number("Growth"),
        number("Rank"),
        number("Places"),
    )
    return [Table(translate(title, language), columns, tuple(rows))]


def _nodes(comparison: Comparison, language: str) -> Table:
    """Show the average growth of every node that both trees have."""
    decimals = decimals_of(comparison.new.manifest.ruleset)
    averages = comparison.criteria.group_by("node").agg(
        pl.col("growth").mean().alias("average"),
        (pl.col("growth") > 0).sum().alias("risen"),
        (pl.col("growth") < 0).sum().alias("fallen"),
    )
    found = {row["node"]: row for row in averages.iter_rows(named=True)}
    depths: dict[str, int] = {}
    rows = []
    for node in comparison.new.manifest.tree:
        depths[node.id] = depths[node.parent] + 1 if node.parent else 0
        row = found.get(node.id)
        if row is None or row["average"] is None:
            continue
        rows.append(
            (
                "  " * depths[node.id] + on_one_line(titled(node.title, node.id, language)),
                format_number(row["average"], language, decimals, signed=True),
                format_number(row["risen"], language),
                format_number(row["fallen"], language),
            )
        )
    columns = headed(language, "Node", number("Average growth"), number("Risen"), number("Fallen"))
    return Table(translate("By axis and criterion", language), columns, tuple(rows))


def _method(comparison: Comparison, language: str) -> list[Block]:
    """Tell what changed in the tree itself."""
    blocks: list[Block] = []
    parts = [
        ("Only in the later", comparison.added),
        ("Only in the earlier", comparison.dropped),
    ]
    for label, nodes in parts:
        if nodes:
            blocks.append(Line(f"{translate(label, language)}: {enumerated(nodes, language)}"))
    for row in comparison.reweighted.iter_rows(named=True):
        text = translate(
            "{node} weighs {share} of its parent; before, {previous}",
            language,
            node=row["node"],
            share=percent(row["share"], language),
            previous=percent(row["previous_share"], language),
        )
        blocks.append(Line(text, "quiet"))
    title = Line(translate("Changes of the method", language), "heading")
    return [title, *blocks] if blocks else []
