"""The national page's view: what it is about, headline figures, quotes and sections."""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import fmean, median

import polars as pl

from egovrules.html.leaders import leaders_section
from egovrules.html.measured import bands_section, largest_labels, title_of
from egovrules.html.moved import growth_section, periods
from egovrules.html.named import findings_section, lists_section
from egovrules.html.panels import Section
from egovrules.html.quotes import Quote, quotes
from egovrules.html.words import Words
from egovrules.report.findings import by_rule
from egovrules.report.recorded import growth_notes
from egovrules.result import Evaluation

MOST = 8  # headline figures


@dataclass(frozen=True)
class Figure:
    """A headline figure: one number, what it counts, what to know of it, and where it is from."""

    value: str
    label: str
    note: str
    of: str
    alert: bool = False


@dataclass(frozen=True)
class National:
    """What the national page shows besides the ranking."""

    figures: tuple[Figure, ...]
    quotes: tuple[Quote, ...]
    before: tuple[Section, ...]
    after: tuple[Section, ...]


def national(evaluation: Evaluation, words: Words) -> National:
    """Collect the national page in one language.

    Returns:
        Its parts; sections that have nothing to show are left out.
    """
    before = [bands_section(evaluation, words), leaders_section(evaluation, words)]
    after = [
        growth_section(evaluation, words),
        lists_section(evaluation, words),
        findings_section(evaluation, words),
    ]
    return National(
        tuple(list(headline(evaluation, words))[:MOST]),
        tuple(quotes(evaluation, words)),
        tuple(one for one in before if one.panels),
        tuple(one for one in after if one.panels),
    )


def headline(evaluation: Evaluation, words: Words) -> Iterator[Figure]:
    """Give the figures at the head of the page, the most important first."""
    yield from _counted(evaluation, words)
    yield from _totals(evaluation, words)
    yield from _largest_bands(evaluation, words)
    yield from _unaccounted(evaluation, words)
    yield from _fired(evaluation, words)
    yield from _listed(evaluation, words)


def _counted(evaluation: Evaluation, words: Words) -> Iterator[Figure]:
    counts, agencies = evaluation.manifest.counts, evaluation.agencies
    unranked = agencies["rank"].null_count()
    note = words.t("{count} without a rank", count=unranked) if unranked else words.t("all ranked")
    yield Figure(words.number(agencies.height), words.t("agencies in scope"), note, "ranking")
    if services := counts.get("services", 0):
        out = counts.get("services_out_of_scope", 0)
        note = words.t("{count} more are out of scope", count=out) if out else ""
        yield Figure(words.number(services), words.t("services in scope"), note, "ranking")


def _totals(evaluation: Evaluation, words: Words) -> Iterator[Figure]:
    totals = evaluation.agencies["total"].drop_nulls().to_list()
    if totals:
        low, high = evaluation.manifest.ruleset.scale
        note = words.t(
            "median {median}; the scale is {low} to {high}",
            median=words.points(median(totals)),
            low=low,
            high=high,
        )
        yield Figure(words.points(fmean(totals)), words.t("average total"), note, "ranking")
    if "growth" in evaluation.agencies.columns and evaluation.manifest.previous is not None:
        grown = evaluation.agencies["growth"].drop_nulls().to_list()
        if grown:
            up, down = sum(one > 0 for one in grown), sum(one < 0 for one in grown)
            before, _ = periods(evaluation, words)
            label = words.t("average growth since {period}", period=before)
            note = words.t("{up} rose, {down} fell", up=up, down=down)
            told = growth_notes(evaluation, words.language, reason=False)
            note = " ".join([f"{note}.", *told]) if told else note
            yield Figure(words.growth(fmean(grown)), label, note, "rises")


def _largest_bands(evaluation: Evaluation, words: Words) -> Iterator[Figure]:
    """Give the largest group of every band, with both denominators."""
    for one in largest_labels(evaluation, words):
        subjects = (
            "of assessed services are in the band “{label}” alone"
            if one.of == "services"
            else "of assessed agencies are in the band “{label}” alone"
        )
        label, share = words.t(subjects, label=one.label), words.percent(one.of_assessed)
        all_ = words.percent(one.of_all)
        note = words.t("{share} of all {count}", share=all_, count=one.whole)
        yield Figure(share, label, note if one.assessed < one.whole else "", f"band-{one.band}")


def _unaccounted(evaluation: Evaluation, words: Words) -> Iterator[Figure]:
    for row in evaluation.reconciliations.filter(~pl.col("holds")).iter_rows(named=True):
        title = title_of(evaluation.manifest.reconciliations, row["reconciliation"], words)
        label = words.t("not accounted for: {title}", title=title)
        share = words.percent_of(row["gap"], row["total"])
        note = words.t("{share} of {total}", share=share, total=words.number(row["total"]))
        yield Figure(words.number(row["gap"]), label, note, "sums", alert=True)


def _fired(evaluation: Evaluation, words: Words) -> Iterator[Figure]:
    for rule in by_rule(evaluation.findings):
        name = str(rule["finding"][0])
        if rule["of"][0] == "agencies":
            title = title_of(evaluation.manifest.findings, name, words)
            alert = rule["severity"][0] != "info"
            yield Figure(words.number(rule.height), title, "", f"finding-{name}", alert=alert)


def _listed(evaluation: Evaluation, words: Words) -> Iterator[Figure]:
    whole = evaluation.manifest.counts.get("services", 0)
    for name, rule in evaluation.manifest.lists.items():
        chosen = evaluation.lists.filter(pl.col("list") == name)
        if rule.of == "services" and whole:
            title = title_of(evaluation.manifest.lists, name, words)
            note = words.t("{share} of all services", share=words.percent(chosen.height / whole))
            yield Figure(words.number(chosen.height), title, note, f"list-{name}")
