"""Who leads: the best agencies with what each axis brings them, and the axes themselves."""

from collections.abc import Iterator
from dataclasses import replace
from statistics import fmean

import polars as pl

from egovrules.html.charts import (
    Means,
    Number,
    Rivals,
    Standing,
    axes_by_kind,
    spread_of_totals,
    top_by_axis,
)
from egovrules.html.panels import League, Panel, Section, tabled
from egovrules.html.shown_axes import shown_axes, top_axes, with_scores
from egovrules.html.words import ROUNDED, Words
from egovrules.report.blocks import Column, headed, number, rank_of, worded
from egovrules.result import Evaluation, NodeInfo

TOP = 10
BY_AXIS = "by-axis"  # the panel with the top ten of each axis
FEWEST = 5  # totals whose spread is worth a chart
KINDS = range(2, 13)  # of agencies, that are worth one


def leaders_section(evaluation: Evaluation, words: Words) -> Section:
    """Show the top ten, those of each axis, and how the axes, kinds and totals stand."""
    axes, table = shown_axes(evaluation), with_scores(evaluation)
    if not table.height:
        return Section("leaders", words.t("Who leads"), ())
    small = [*_kinds(evaluation, table, axes, words), *_axes(table, axes, words)]
    small += _spread(evaluation, words)
    panels = [  # the small ones stand beside the first, and the wide one below them
        *_top(evaluation, table, axes, words),
        *small,
        *_top_by_axis(evaluation, axes, words),
    ]
    return Section("leaders", words.t("Who leads"), tuple(panels))


def leading(evaluation: Evaluation) -> pl.DataFrame:
    """Return the agencies that are ranked, the best first, ten at most."""
    return _first(evaluation.agencies)


def _first(table: pl.DataFrame) -> pl.DataFrame:
    return table.filter(pl.col("rank").is_not_null()).head(TOP)


def ranked_on(evaluation: Evaluation, axis: str) -> pl.DataFrame:
    """Return the agencies that are ranked on an axis, the best first.

    Equal ones stand as in the ranking by the total.

    Returns:
        agency, names, and of the axis score, rank and where there is one rank_label; no rows where
        ranks on axes are not recorded, as in evaluations of earlier versions.
    """
    table, agencies = evaluation.criteria, evaluation.agencies
    if "rank" not in table.columns:
        table = table.with_columns(rank=pl.lit(None, pl.Int64))
    labels = [name for name in ("rank_label",) if name in table.columns]
    found = table.filter(pl.col("node") == axis).select("agency", "score", "rank", *labels)
    names = [name for name in ("name", "name_en", "name_fa") if name in agencies.columns]
    ranked = found.filter(pl.col("rank").is_not_null())
    joined = agencies.select("agency", *names).join(ranked, on="agency", maintain_order="left")
    return joined.sort("rank", maintain_order=True)


def _top_by_axis(evaluation: Evaluation, axes: list[NodeInfo], words: Words) -> Iterator[Panel]:
    """Rank within each axis: the first ten there, whatever their total."""
    title, tied = words.t("Top ten by axis"), evaluation.manifest.ruleset.tied
    if "rank" not in evaluation.criteria.columns:
        yield Panel(BY_AXIS, title, (words.t("Ranks on the axes are not recorded."),))
    leagues = []
    for axis in axes:
        ranked = ranked_on(evaluation, axis.id)
        shown = list(ranked.head(TOP).iter_rows(named=True))
        rows = [
            (rank_of(row, tied, words.language), words.agency(row), words.points(row["score"]))
            for row in shown
        ]
        if rows:
            title_, more = words.title(axis.title, axis.id), _more(ranked, rows[-1][0], words)
            leagues.append(League(title_, tuple(rows), more))
    if leagues:
        yield Panel(BY_AXIS, title, leagues=tuple(leagues))


def _more(ranked: pl.DataFrame, last: str, words: Words) -> str:
    """Say how many more share the rank of the last that is shown, which is printed as *last*."""
    ranks = ranked.get_column("rank")
    shared = int((ranks.slice(TOP) == ranks[TOP - 1]).sum()) if len(ranks) > TOP else 0
    return words.t("and {count} more at rank {rank}", count=shared, rank=last) if shared else ""


def _top(
    evaluation: Evaluation, scored: pl.DataFrame, axes: list[NodeInfo], words: Words
) -> Iterator[Panel]:
    shown, info = _first(scored), evaluation.manifest.ruleset
    points = _contributions(evaluation, axes)
    adds_up = len(points) > 0
    standings, rows = [], []
    for row in shown.iter_rows(named=True):
        scores = [row.get(axis.id) for axis in axes]
        own = [points.get((row["agency"], axis.id)) for axis in axes] if adds_up else scores
        rank = rank_of(row, info.tied, words.language)
        total = Number(row["total"], words.points(row["total"]))
        parts = [Number(value, words.points(value)) for value in own]
        standings.append(Standing(rank, words.name(row), total, parts))
        cells = [words.points(value) for value in scores]
        rows.append((rank, words.agency(row), words.points(row["total"]), *cells))
    titles = [words.title(axis.title, axis.id) for axis in axes]
    caption = "Points that each axis brings to the total" if adds_up else "Scores by axis"
    chart = None
    if axes and standings:
        chart = top_by_axis(
            words.t(caption),
            standings,
            titles,
            adds_up=adds_up,
            scale=info.scale,
            language=words.language,
            rivals=Rivals(
                [words.name(row) for row in scored.iter_rows(named=True)],
                words.points(info.scale[1]),
            ),
        )
    columns = [
        *headed(words.language, number("Rank"), "Agency", number("Total")),
        *[Column(title, numeric=True) for title in titles],
    ]
    table = tabled(columns, rows)
    notes = (words.t(ROUNDED),) if adds_up else ()
    ranked = scored.filter(pl.col("rank").is_not_null())
    more = _more(ranked, rows[-1][0], words) if rows else ""
    if chart is not None:
        yield Panel("top", words.t("Top ten"), notes, chart=replace(chart, table=table), more=more)
    elif rows:
        yield Panel("top", words.t("Top ten"), table=table, more=more)


def _contributions(
    evaluation: Evaluation, axes: list[NodeInfo]
) -> dict[tuple[str, str], float | None]:
    """Return the points that each axis brings; empty where these do not add up to the total."""
    tops = {evaluation.manifest.tree[0].id}
    if axes != (above := top_axes(evaluation)):  # what the one axis is made of, that is the total
        tops = {one.id for one in above}
    own = [axis.id for axis in axes if axis.parent in tops]
    table = evaluation.criteria.filter(pl.col("node").is_in(own))
    if not own or table["contribution"].null_count() == table.height:
        return {}
    found = table.select("agency", "node", "contribution").iter_rows()
    return {(agency, node): points for agency, node, points in found}


def _axes(table: pl.DataFrame, axes: list[NodeInfo], words: Words) -> Iterator[Panel]:
    if not axes:
        return
    whole = sum(axis.weight for axis in axes)
    rows = []
    for axis in axes:
        known = table[axis.id].drop_nulls()
        weight = words.percent_of(axis.weight, whole)
        average = words.points(fmean(known) if len(known) else None)
        rows.append((words.title(axis.title, axis.id), weight, average))
    columns = headed(words.language, "Axis", number("Weight"), number("Average"))
    yield Panel("axes", words.t("The axes"), table=tabled(columns, rows))


def _spread(evaluation: Evaluation, words: Words) -> Iterator[Panel]:
    totals = evaluation.agencies["total"].drop_nulls().to_list()
    if len(totals) >= FEWEST:
        chart = spread_of_totals(
            words.t("How many agencies have which total"),
            totals,
            scale=evaluation.manifest.ruleset.scale,
            language=words.language,
            decimals=words.decimals,
        )
        yield Panel("spread", words.t("The spread of totals"), chart=chart)


def _kinds(
    evaluation: Evaluation, table: pl.DataFrame, axes: list[NodeInfo], words: Words
) -> Iterator[Panel]:
    """Compare kinds of agencies, those with the most agencies first."""
    if "kind" not in table.columns or not axes:
        return
    known = table.filter(pl.col("kind").is_not_null())
    parts = sorted(known.partition_by("kind"), key=lambda part: -part.height)
    if len(parts) in KINDS:
        kinds = [_means(part, axes, words) for part in parts]
        titles = [words.title(axis.title, axis.id) for axis in axes]
        scale = evaluation.manifest.ruleset.scale
        caption = words.t("Average score of each kind of agency on each axis")
        chart = axes_by_kind(caption, kinds, titles, scale=scale, language=words.language)
        yield Panel("kinds", words.t("By kind of agency"), chart=chart)


def _means(part: pl.DataFrame, axes: list[NodeInfo], words: Words) -> Means:
    scores = [part[axis.id].drop_nulls() for axis in axes]
    means = [fmean(one) if len(one) else None for one in scores]
    title = worded(str(part["kind"][0]), words.language)
    return Means(title, part.height, [Number(one, words.points(one)) for one in means])
