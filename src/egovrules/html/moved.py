"""What changed since the period before: who grew most, and how the ranks moved."""

from collections.abc import Iterator
from statistics import fmean

import polars as pl

from egovrules.comparison import growth_by_axis
from egovrules.html.charts import Change, Movement, Number, growth_extremes, ranks_moved
from egovrules.html.panels import Panel, Section, tabled
from egovrules.html.shown_axes import shown_axes
from egovrules.html.words import Words
from egovrules.report.blocks import Line, headed, number
from egovrules.report.recorded import growth_notes
from egovrules.report.summary import continuity
from egovrules.result import Evaluation
from egovrules.text import pick

SHOWN = 5  # that rose most, and in ranks as many that fell


def growth_section(evaluation: Evaluation, words: Words) -> Section:
    """Show growth and moves; nothing where there is no period before."""
    panels: list[Panel] = []
    if evaluation.manifest.previous is not None and "growth" in evaluation.agencies.columns:
        panels = [*_rises(evaluation, words), *_moves(evaluation, words)]
        panels += [*_by_axis(evaluation, words), *_continuity(evaluation, words)]
    return Section("growth", words.t("Growth"), tuple(panels))


def risen(evaluation: Evaluation) -> pl.DataFrame:
    """Return the agencies that grew most, as the ruleset lists them, else the first five."""
    chosen = [
        evaluation.lists.filter(pl.col("list") == name)
        for name, rule in evaluation.manifest.lists.items()
        if rule.by == "growth" and rule.of == "agencies"
    ]
    if chosen and chosen[0].height:
        wanted = chosen[0].select("agency")
        return wanted.join(evaluation.agencies, on="agency", maintain_order="left")
    grown = evaluation.agencies.filter(pl.col("growth") > 0)
    return grown.sort("growth", descending=True, maintain_order=True).head(SHOWN)


def periods(evaluation: Evaluation, words: Words) -> tuple[str, str]:
    """Name the period before and this one."""
    info, earlier = evaluation.manifest.ruleset, evaluation.manifest.previous
    before = earlier.ruleset if earlier else info
    return (
        pick(before.period_title, words.language) or words.t("the last period"),
        pick(info.period_title, words.language) or words.t("this period"),
    )


def incomparable(evaluation: Evaluation, words: Words) -> list[str]:
    """Say how many agencies have no growth; nothing where all have."""
    count = evaluation.agencies["growth"].null_count()
    text = "{count} cannot be compared."
    return [words.t(text, count=count)] if count else []


def _rises(evaluation: Evaluation, words: Words) -> Iterator[Panel]:
    shown = risen(evaluation)
    known = evaluation.agencies.filter(pl.col("growth").is_not_null())
    if not known.height:
        return
    changes = [
        Change(words.name(row), Number(row["growth"], words.growth(row["growth"])))
        for row in known.iter_rows(named=True)
    ]
    chart = growth_extremes(
        words.t("Agencies that rose and fell most, in points"), changes, language=words.language
    )
    rows = [
        (
            words.agency(row),
            words.points(row["previous_total"]),
            words.points(row["total"]),
            words.growth(row["growth"]),
        )
        for row in shown.iter_rows(named=True)
    ]
    columns = headed(words.language, "Agency", number("Before"), number("Now"), number("Growth"))
    grown = known["growth"]
    note = words.t(
        "{up} rose, {down} fell; on average {growth} points",
        up=int((grown > 0).sum()),
        down=int((grown < 0).sum()),
        growth=words.growth(fmean(grown)),
    )
    notes = (note, *incomparable(evaluation, words), *growth_notes(evaluation, words.language))
    table = tabled(columns, rows) if rows else None
    yield Panel("rises", words.t("Highest growth"), notes, chart=chart, table=table)


def _by_axis(evaluation: Evaluation, words: Words) -> Iterator[Panel]:
    """Average the growth on every axis, over the agencies that have one there."""
    grown = growth_by_axis(evaluation)
    if grown is None:
        return
    rows = []
    for axis in shown_axes(evaluation):
        points = grown.filter(pl.col("node") == axis.id)["growth"].drop_nulls()
        if len(points):
            cells = [words.number(int(one)) for one in ((points > 0).sum(), (points < 0).sum())]
            rows.append((words.title(axis.title, axis.id), words.growth(fmean(points)), *cells))
    columns = headed(
        words.language, "Axis", number("Average growth"), number("Risen"), number("Fallen")
    )
    if rows:
        notes = tuple(growth_notes(evaluation, words.language, reason=False))
        title = words.t("Growth by axis")
        yield Panel("growth-by-axis", title, notes, table=tabled(columns, rows))


def _moves(evaluation: Evaluation, words: Words) -> Iterator[Panel]:
    table = evaluation.agencies
    known = table.filter(pl.col("rank_growth").is_not_null())
    if not known.height:
        return
    movements = [
        Movement(
            words.name(row),
            _place(row["previous_rank"], words),
            _place(row["rank"], words),
            "" if row["continuity"] == "same" else row["continuity"],
        )
        for row in table.iter_rows(named=True)
    ]
    movements += [
        Movement(words.name(row), _place(row["rank"], words), _place(None, words))
        for row in evaluation.vanished.iter_rows(named=True)
    ]
    chart = ranks_moved(
        words.t("Each line is one agency, from its rank before to its rank now"),
        movements,
        periods(evaluation, words),
        language=words.language,
    )
    ordered = known.sort("rank_growth", descending=True, maintain_order=True)
    most = pl.concat(
        [
            ordered.filter(pl.col("rank_growth") > 0).head(SHOWN),
            ordered.filter(pl.col("rank_growth") < 0).tail(SHOWN),
        ]
    )
    rows = [
        (
            words.agency(row),
            words.number(row["previous_rank"]),
            words.number(row["rank"]),
            words.places(row["rank_growth"]),
        )
        for row in most.iter_rows(named=True)
    ]
    columns = headed(
        words.language, "Agency", number("Rank before"), number("Rank now"), number("Places")
    )
    yield Panel(
        "movement",
        words.t("Movement of ranks"),
        chart=chart,
        table=tabled(columns, rows),
    )


def _place(rank: float | None, words: Words) -> Number:
    return Number(rank, words.number(rank))


def _continuity(evaluation: Evaluation, words: Words) -> Iterator[Panel]:
    told = continuity(evaluation.agencies, evaluation.vanished, words.language)
    notes = tuple(line.text for line in told if isinstance(line, Line))
    if notes:
        yield Panel("continuity", words.t("New, changed and gone"), notes)
