"""The bands of a round and what must add up: counts with both denominators, gaps in the open."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import polars as pl

from egovrules.html.charts import Part, band_shares
from egovrules.html.panels import Panel, Section, tabled
from egovrules.html.words import Words
from egovrules.report.blocks import Line, Table, headed, number
from egovrules.report.summary import bands
from egovrules.result import Evaluation, RuleTitle


def bands_section(evaluation: Evaluation, words: Words) -> Section:
    """Show every band as a bar, with its counts and both shares, and what does not add up."""
    told = bands(evaluation, words.language)
    panels: list[Panel] = []
    for at, block in enumerate(told):
        if isinstance(block, Table):
            after = told[at + 1 : at + 2]
            notes = tuple(line.text for line in after if isinstance(line, Line))
            panels.append(_band(evaluation, len(panels), block, notes, words))
    panels += _sums(evaluation, words)
    return Section("bands", words.t("Bands and sums"), tuple(panels))


def _band(
    evaluation: Evaluation, place: int, table: Table, notes: tuple[str, ...], words: Words
) -> Panel:
    counted = evaluation.bands.partition_by("band", maintain_order=True)[place]
    name = str(counted["band"][0])
    of: Literal["agencies", "services"] = (
        "services" if counted["of"][0] == "services" else "agencies"
    )
    rule = evaluation.manifest.bands.get(name, RuleTitle(title=name))
    parts = [
        Part(
            words.title(rule.labels.get(row["label"]), row["label"]),
            row["count"],
            row["share_of_all"],
            row["share_of_assessed"],
        )
        for row in counted.iter_rows(named=True)
    ]
    caption = words.t("Services by band" if of == "services" else "Agencies by band")
    chart = band_shares(f"band-{name}", caption, parts, of=of, language=words.language)
    chart = replace(chart, table=table)
    return Panel(f"band-{name}", words.title(rule.title, name), notes, chart, table)


def _sums(evaluation: Evaluation, words: Words) -> Iterator[Panel]:
    """Show what must add up, and by how much it does not."""
    if not evaluation.reconciliations.height:
        return
    columns = headed(
        words.language,
        "What must add up",
        number("The whole"),
        number("Parts"),
        number("Difference"),
        number("Share of the total"),
        "Holds",
    )
    rows = [
        (
            title_of(evaluation.manifest.reconciliations, row["reconciliation"], words),
            words.number(row["total"]),
            words.number(row["parts"]),
            words.number(row["gap"]),
            words.percent_of(row["gap"], row["total"]),
            words.t("yes" if row["holds"] else "no"),
        )
        for row in evaluation.reconciliations.iter_rows(named=True)
    ]
    broken = evaluation.reconciliations.filter(~pl.col("holds")).height > 0
    title = words.t("Do the numbers add up?")
    yield Panel("sums", title, table=tabled(columns, rows), alert=broken)


@dataclass(frozen=True, slots=True)
class Largest:
    """The label of a band that most have, of those that could be assessed."""

    band: str
    of: str
    label: str
    count: int
    of_all: float
    of_assessed: float
    whole: int
    assessed: int


def largest_labels(evaluation: Evaluation, words: Words) -> Iterator[Largest]:
    """Find the largest label of every band in which anything could be assessed."""
    for counted in evaluation.bands.partition_by("band", maintain_order=True):
        known = counted.filter(pl.col("share_of_assessed").is_not_null())
        assessed = int(known["count"].sum())
        if assessed:
            most = known.sort("count", descending=True, maintain_order=True).row(0, named=True)
            name, label = most["band"], most["label"]
            rule = evaluation.manifest.bands.get(name)
            yield Largest(
                name,
                most["of"],
                words.title(rule.labels.get(label) if rule else None, label),
                most["count"],
                most["share_of_all"],
                most["share_of_assessed"],
                int(counted["count"].sum()),
                assessed,
            )


def title_of(titles: Mapping[str, RuleTitle], name: str, words: Words) -> str:
    """Return the title of a band, list, finding or reconciliation."""
    return words.title(titles[name].title if name in titles else None, name)
