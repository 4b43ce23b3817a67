"""The national summary of an evaluation: one page of what a round found."""

from collections import Counter
from collections.abc import Mapping
from statistics import fmean

import polars as pl

from egovrules.report.blocks import (
    Block,
    Line,
    Table,
    headed,
    name_of,
    number,
    parted,
    percent,
    percent_of,
    shortened,
    titled,
    worded,
)
from egovrules.report.called import title_of
from egovrules.report.findings import fired_rules
from egovrules.report.plain import on_one_line
from egovrules.report.reasons import of_totals
from egovrules.report.recorded import growth_notes
from egovrules.result import Evaluation, RulesetInfo, RuleTitle
from egovrules.text import format_number, pick, translate

SYNTHETIC = "SYNTHETIC DATA: these rows are made up and describe no real agency or service"
WHAT_IF = "WHAT-IF, not the ruleset as published; changed for this run: {settings}"
FROM_WHAT_IF = (
    "Growth is measured from a WHAT-IF, not from a ruleset as published; "
    "changed for that run: {settings}"
)
LISTED = 10  # rows of a list that are shown
_SMALL_SCALE = 10  # a scale shorter than this needs more decimals than two
# The program's own values of agencies that a list can be ordered by.
_OWN = {
    "total": "Total",
    "coverage": "Coverage",
    "growth": "Growth",
    "rank_growth": "Places won",
    "rank": "Rank",
}


def national_summary(evaluation: Evaluation, language: str = "en") -> list[Block]:
    """Say what an evaluation found: counts, bands, gaps, lists, growth, findings."""
    return [
        *heading(evaluation, language),
        *counts(evaluation, language),
        *bands(evaluation, language),
        *gaps(evaluation, language),
        *lists(evaluation, language),
        *growth(evaluation, language),
        *fired_rules(evaluation, language),
    ]


def decimals_of(info: RulesetInfo) -> int:
    """Tell how many decimals a score is shown with: those that are ranked, else two or four."""
    if info.decimals is not None:
        return info.decimals
    low, high = info.scale
    return 4 if high - low < _SMALL_SCALE else 2


def heading(evaluation: Evaluation, language: str) -> list[Block]:
    """Say which evaluation it is, and what nobody may overlook about it."""
    info = evaluation.manifest.ruleset
    period = pick(info.period_title, language)
    which = translate("Ruleset {id}", language, id=info.id)
    blocks: list[Block] = [
        Line(on_one_line(pick(info.title, language)), "heading"),
        Line(f"{period} · {which}" if period else which, "quiet"),
    ]
    return [*blocks, *marks(language, evaluation)]


def marked(evaluation: Evaluation, language: str) -> str:
    """Return the marks in a word or two, for headings; empty for an official evaluation."""
    manifest = evaluation.manifest
    words = ["SYNTHETIC DATA"] if manifest.synthetic else []
    words += ["WHAT-IF"] if manifest.ruleset.settings else []
    return " · ".join(translate(word, language) for word in words)


def marks(language: str, *evaluations: Evaluation) -> list[Line]:
    """Say what nobody may overlook: made-up data, and what-ifs, also where growth starts."""
    blocks: list[Line] = []
    if any(one.manifest.synthetic for one in evaluations):
        blocks.append(Line(translate(SYNTHETIC, language), "warning"))
    for one in evaluations:
        earlier = one.manifest.previous
        used = [(WHAT_IF, one.manifest.ruleset)]
        used += [(FROM_WHAT_IF, earlier.ruleset)] if earlier else []
        for text, info in used:
            if info.settings:
                told = on_one_line(parted(info.settings, language))
                blocks.append(Line(translate(text, language, settings=told), "warning"))
    return blocks


def counts(evaluation: Evaluation, language: str) -> list[Block]:
    """Count agencies and services, in scope and out, and give the average total."""
    found, info = evaluation.manifest.counts, evaluation.manifest.ruleset
    totals = evaluation.agencies["total"].drop_nulls()
    rows = [
        ("Number of agencies", found.get("agencies", 0)),
        ("Agencies out of scope", found.get("agencies_out_of_scope", 0)),
        ("Number of services", found.get("services", 0)),
        ("Services out of scope", found.get("services_out_of_scope", 0)),
    ]
    kept = [(label, count) for label, count in rows if count]
    shown = [(translate(label, language), format_number(count, language)) for label, count in kept]
    if len(totals):
        average = format_number(fmean(totals), language, decimals_of(info))
        shown.append((translate("Average total", language), average))
    lines: list[Block] = [Line(""), *[Line(f"{label}: {text}") for label, text in shown]]
    return [*lines, *_treated(evaluation, language), *_unranked(evaluation, language)]


def _treated(evaluation: Evaluation, language: str) -> list[Block]:
    """Count the indicators of agencies that were imputed, and those that were otherwise treated."""
    table = evaluation.treatments
    if not table.height:
        return []
    was_missing = pl.col("before").is_null()
    imputed, changed = (
        table.filter(which).select("indicator", "agency").unique().height
        for which in (was_missing, ~was_missing)
    )
    text = "Before scoring, values imputed: {imputed}; values changed: {changed}"
    return [Line(translate(text, language, imputed=imputed, changed=changed))]


def _unranked(evaluation: Evaluation, language: str) -> list[Block]:
    """Count those without a rank: kept out of the ranking, or with too little to be ranked."""
    least = evaluation.manifest.ruleset.min_coverage
    unranked = evaluation.agencies.filter(pl.col("rank").is_null())
    enough = pl.col("coverage").fill_null(0.0) >= least - 1e-12
    outside = unranked.filter(enough & pl.col("total").is_not_null()).height
    under = unranked.filter(~enough).height
    lines: list[Block] = []
    if outside:
        label = translate("Scored, and kept out of the ranking", language)
        lines.append(Line(f"{label}: {format_number(outside, language)}"))
    if under:
        minimum = format_number(100 * least, language, percent=True)
        label = translate("Not ranked, coverage under {minimum}", language, minimum=minimum)
        lines.append(Line(f"{label}: {format_number(under, language)}", "warning"))
    without = unranked.filter(enough & pl.col("total").is_null())["agency"].to_list()
    told = Counter(one.counted(language) for one in of_totals(evaluation, without))
    lines += [Line(f"{one}: {format_number(n, language)}", "warning") for one, n in told.items()]
    return lines


def bands(evaluation: Evaluation, language: str) -> list[Block]:
    """Count every band, with its shares of all and of those assessed; the last row is the sum."""
    blocks: list[Block] = []
    for counted in evaluation.bands.partition_by("band", maintain_order=True):
        name = str(counted["band"][0])
        rule = evaluation.manifest.bands.get(name, RuleTitle(title=name))
        of = str(counted["of"][0])
        columns = headed(
            language,
            "Band",
            number("Services" if of == "services" else "Agencies"),
            number("Share of all"),
            number("Share of assessed"),
        )
        rows = [
            (
                titled(rule.labels.get(row["label"]), row["label"], language),
                format_number(row["count"], language),
                percent(row["share_of_all"], language),
                percent(row["share_of_assessed"], language),
            )
            for row in counted.iter_rows(named=True)
        ]
        whole = int(counted["count"].sum())
        whole_share = percent(1.0 if whole else None, language)
        rows.append((translate("all", language), format_number(whole, language), whole_share, ""))
        blocks.append(Table(titled(rule.title, name, language), columns, tuple(rows)))
        blocks += _unassessed(evaluation.manifest.unassessed.get(name, {}), language)
    return blocks


def _unassessed(reasons: Mapping[str, int], language: str) -> list[Block]:
    """Say why services have no value to be banded by."""
    if not any(reasons.values()):
        return []
    named = [
        f"{worded(reason, language)} {format_number(count, language)}"
        for reason, count in reasons.items()
        if count
    ]
    head = translate("Why services are not assessed", language)
    return [Line(f"{head}: {parted(named, language)}", "warning")]


def gaps(evaluation: Evaluation, language: str) -> list[Block]:
    """Call out every total that its parts do not add up to."""
    blocks: list[Block] = []
    titles = evaluation.manifest.reconciliations
    for row in evaluation.reconciliations.iter_rows(named=True):
        if row["holds"]:
            continue
        name = row["reconciliation"]
        title = titled(titles[name].title if name in titles else name, name, language)
        sums = translate(
            "The parts sum to {parts}, the total is {total}",
            language,
            parts=row["parts"],
            total=row["total"],
        )
        share = percent_of(row["gap"], row["total"], language)
        gap = translate(
            "The difference is {difference} ({share})", language, difference=row["gap"], share=share
        )
        text = f"{translate(row['severity'], language)}: {title}. {sums}. {gap}."
        blocks += [Line(""), Line(text, "bad" if row["severity"] == "error" else "warning")]
    return blocks


def lists(evaluation: Evaluation, language: str) -> list[Block]:
    """Show lists of agencies row by row; of services, how many they hold."""
    blocks: list[Block] = []
    counted: list[tuple[str, ...]] = []
    for name, rule in evaluation.manifest.lists.items():
        chosen = evaluation.lists.filter(pl.col("list") == name)
        title = titled(rule.title, name, language)
        if rule.of == "services":
            counted.append((title, format_number(chosen.height, language)))
        elif chosen.height:
            blocks.append(_agency_list(evaluation, chosen, title, rule.by, language=language))
            rest = chosen.height - LISTED
            if rest > 0:
                blocks.append(Line(translate("and {count} more", language, count=rest), "quiet"))
    if counted:
        columns = headed(language, "List", number("Services"))
        blocks.append(Table(translate("Lists of services", language), columns, tuple(counted)))
    return blocks


def _agency_list(
    evaluation: Evaluation, chosen: pl.DataFrame, title: str, by: str, *, language: str
) -> Table:
    decimals = decimals_of(evaluation.manifest.ruleset)
    agencies = {row["agency"]: row for row in evaluation.agencies.iter_rows(named=True)}
    columns = headed(language, number("Position"), "Agency", "Code")
    if by:
        columns += (number(on_one_line(_heading(by, evaluation, language))),)
    positions = chosen["position"].drop_nulls()
    shared = set(positions.filter(positions.is_duplicated()))
    tied = on_one_line(evaluation.manifest.ruleset.tied)
    rows = []
    for row in chosen.head(LISTED).iter_rows(named=True):
        value = format_number(row["value"], language, decimals, signed=by.endswith("growth"))
        cells = (
            (tied if row["position"] in shared else "") + format_number(row["position"], language),
            name_of(agencies.get(row["agency"], row), language),
            row["agency"],
        )
        rows.append((*cells, value) if by else cells)
    return Table(title, columns, tuple(rows))


def _heading(value: str, evaluation: Evaluation, language: str) -> str:
    """Name the value that a list is ordered by, as the tree does where it is a node."""
    for node in evaluation.manifest.tree:
        if node.id == value and node.kind == "axis":
            return titled(node.title, value, language)
    if value in _OWN:
        return translate(_OWN[value], language)
    title = title_of(evaluation.manifest, "agencies", value, language)
    return title or value.replace("_", " ").capitalize()


def growth(evaluation: Evaluation, language: str) -> list[Block]:
    """Tell of growth against the previous evaluation, and of bodies that have none."""
    table = evaluation.agencies
    if "continuity" not in table.columns:
        return []
    blocks = continuity(table, evaluation.vanished, language)
    grown = table["growth"].drop_nulls()
    if len(grown):
        decimals = max(2, decimals_of(evaluation.manifest.ruleset))
        text = format_number(fmean(grown), language, decimals, signed=True)
        notes = [Line(one, "warning") for one in growth_notes(evaluation, language)]
        blocks = [Line(f"{translate('Average growth', language)}: {text}"), *notes, *blocks]
    return [Line(translate("Growth", language), "heading"), *blocks]


def continuity(agencies: pl.DataFrame, vanished: pl.DataFrame, language: str) -> list[Block]:
    """Name the bodies that are new, renamed, merged or split, and those that are gone."""
    states = ("new", "renamed", "merged", "split")
    parts = [(state, agencies.filter(pl.col("continuity") == state)) for state in states]
    blocks: list[Block] = []
    for state, table in [*parts, ("vanished", vanished)]:
        names = [on_one_line(name_of(row, language)) for row in table.iter_rows(named=True)]
        if names:
            count = format_number(len(names), language)
            named = shortened(names, LISTED, language)
            blocks.append(Line(f"{translate(state, language)} ({count}): {named}"))
    return blocks
