"""Why an agency has its total: the headline figures, and the tree with the weight that shifted."""

from dataclasses import replace

import polars as pl

from egovrules.html.card.compact import Part, constant, told, worded
from egovrules.html.card.services import counted_as_lowest, service_criteria
from egovrules.html.card.telling import Telling
from egovrules.html.words import ROUNDED
from egovrules.report.blocks import percent, rank_of
from egovrules.report.summary import marks
from egovrules.result import NodeInfo
from egovrules.text import LANGUAGES, format_number


def headline(telling: Telling) -> Part:
    """Show the headline figures."""
    info, lexicon = telling.evaluation.manifest.ruleset, telling.lexicon
    ranked = telling.agencies.get_column("rank").drop_nulls().len()
    growth = "growth" in telling.agencies.columns
    services = bool(telling.evaluation.manifest.counts.get("services", 0))
    labels = ["Total", "Rank", "Coverage", *["Growth"] * growth]
    labels += ["Number of services"] * services
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
            *[lexicon.number(format_number(row["services"], "en"))] * services,
        ]
    columns = [
        constant(telling.word("Figure"), [telling.word(one) for one in labels]),
        worded(telling.word("Value"), cells, numeric=True),
    ]
    told = [marks(one, telling.evaluation) for one in LANGUAGES]
    lines = [
        ("warning", [lexicon.words(line.text for line in texts)])
        for texts in zip(*told, strict=True)
    ]
    return Part(
        "facts",
        telling.word("In short"),
        columns,
        telling.per_agency(len(labels)),
        lines=dict.fromkeys(telling.agencies.get_column("agency"), lines) if lines else {},
    )


def weighed(telling: Telling) -> Part:
    """Show the tree, and where a missing score shifted its weight to."""
    order = {node: number for number, node in enumerate(telling.nodes)}
    place = pl.col("node").replace_strict(order, return_dtype=pl.Int64)
    table = telling.evaluation.criteria.sort("agency", place)
    nodes, lexicon = list(telling.nodes.values()), telling.lexicon
    declared = [lexicon.number(percent(_declared(telling, one), "en")) for one in nodes]
    table = table.join(_counted(telling), on=["agency", "node"], how="left", maintain_order="left")
    table = table.with_columns(pl.col("counted").fill_null(0), moved=_moved(telling, table))
    ended = table.select(
        "node", "state", pl.col("score").is_null(), pl.col("cap").is_not_null(), "counted", "moved"
    )
    states = {row: _state(telling, *row) for row in ended.unique(maintain_order=True).iter_rows()}
    known = "rank" in table.columns  # evaluations of earlier versions have none
    ranks = table.get_column("rank") if known else pl.repeat(None, table.height, eager=True)
    score = telling.points("Score", table.get_column("score"))
    columns = [
        constant(telling.word("Axis or criterion"), [telling.node(one.id) for one in nodes]),
        replace(score, spec={**score.spec, "bar": 1}),
        telling.counts("Rank", ranks),
        constant(telling.word("Weight"), declared, numeric=True),
        telling.shares("Share carried", table.get_column("share")),
        telling.points("Contribution", table.get_column("contribution")),
        telling.shares("Coverage", table.get_column("coverage")),
        telling.counts("Services without a score", table.get_column("missing")),
        worded(telling.word("State"), [states[row] for row in ended.iter_rows()]),
    ]
    return Part(
        "tree",
        telling.word("Why this total"),
        columns,
        telling.per_agency(len(nodes)),
        [_depth(telling, one) for one in nodes],
        [telling.word(ROUNDED)],
        _what_became(telling, table),
    )


def _counted(telling: Telling) -> pl.DataFrame:
    """Count by agency and criterion the services that lack a score and count as the lowest."""
    services = telling.evaluation.services
    found = [
        services.select("agency", node=pl.lit(node.id), counted=counted_as_lowest(services, node))
        for node in service_criteria(telling.evaluation)
        if f"{node.id}.state" in services.columns
    ]
    schema = {"agency": pl.String, "node": pl.String, "counted": pl.Boolean}
    every = pl.concat([pl.DataFrame(schema=schema), *found])
    return every.group_by("agency", "node").agg(pl.col("counted").cast(pl.Int64).sum())


def _what_became(telling: Telling, table: pl.DataFrame) -> dict[str, list[tuple[str, list[int]]]]:
    """Say to each agency what became of missing scores, as far as it has any."""
    low = telling.evaluation.manifest.ruleset.scale[0]
    texts = [
        (
            pl.col("moved"),
            telling.word("Where there is no score, its weight is carried by the others beside it."),
        ),
        (
            pl.col("counted") > 0,
            telling.word(
                "Services without a score that count as {score} keep their weight.", score=low
            ),
        ),
    ]
    lines: dict[str, list[tuple[str, list[int]]]] = {}
    for concerned, text in texts:
        for code in table.filter(concerned).get_column("agency").unique().sort():
            lines.setdefault(code, []).append(("quiet", [text]))
    return lines


def _moved(telling: Telling, table: pl.DataFrame) -> pl.Series:
    """Tell of each row whether it has no score, and others beside it carry its weight."""
    nodes = telling.nodes.values()
    weighty = [one.id for one in nodes if one.weight > 0 and not one.inside]
    forbids = [one.id for one in nodes if one.missing == "exclude"]
    above = table.filter(pl.col("state") == "scored").select("agency", "node", carried=True)
    parents = pl.DataFrame(
        [(one.id, one.parent) for one in nodes],
        schema={"node": pl.String, "parent": pl.String},
        orient="row",
    )
    rows = table.join(parents, on="node", how="left", maintain_order="left").join(
        above,
        left_on=["agency", "parent"],
        right_on=["agency", "node"],
        how="left",
        maintain_order="left",
    )
    forbidden = (pl.col("state") == "missing") & pl.col("node").is_in(forbids)
    return rows.select(
        pl.col("node").is_in(weighty)
        & pl.col("score").is_null()
        & ~forbidden
        & pl.col("carried").fill_null(value=False)
    ).to_series()


def _depth(telling: Telling, node: NodeInfo) -> int:
    return 0 if node.parent is None else 1 + _depth(telling, telling.nodes[node.parent])


def _declared(telling: Telling, node: NodeInfo) -> float | None:
    """Return the share of its parent's weight that a node has where nothing is missing."""
    if node.parent is None:
        return 1.0
    whole = sum(one.weight for one in telling.nodes.values() if one.parent == node.parent)
    return node.weight / whole if whole else None


def _state(
    telling: Telling,
    node: str,
    state: str,
    without: bool,  # a score
    capped: bool,
    counted: int,
    moved: bool,
) -> int:
    """Say how a node stands, and where its weight went if it has no score.

    *counted* is how many services lack a score and count as the lowest; *moved* whether others
    carry its weight.
    """
    info, words = telling.nodes[node], told(state.replace("_", " "))
    if state == "missing" and not without:
        low = telling.evaluation.manifest.ruleset.scale[0]
        words = told("missing, counts as {score}", score=low)
    elif without and info.parent is not None and not info.inside:
        above = telling.titles[info.parent]
        if state == "missing" and info.missing == "exclude":
            words = told("{state}: leaves {parent} without a score", state=words, parent=above)
        elif moved:
            share = [percent(_declared(telling, info), one) for one in LANGUAGES]
            message = "{state}: its {share} of {parent} moved to the others"
            words = told(message, state=words, share=share, parent=above)
    if counted:
        low = telling.evaluation.manifest.ruleset.scale[0]
        message = "{state}; {count} counted as {score}"
        words = told(message, state=words, count=counted, score=low)
    return telling.lexicon.words([f"{one} *" for one in words] if capped else words)
