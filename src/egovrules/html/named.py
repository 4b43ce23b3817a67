"""The lists of the ruleset, and its findings: which agencies, and whose services."""

from collections.abc import Iterator

import polars as pl

from egovrules.html.leaders import leading
from egovrules.html.measured import title_of
from egovrules.html.moved import risen
from egovrules.html.panels import Panel, Section, tabled
from egovrules.html.words import Words
from egovrules.report.blocks import headed, message_column, number
from egovrules.report.findings import by_rule
from egovrules.report.plain import on_one_line
from egovrules.result import Evaluation

LISTED = 10  # rows that are shown of a list, or agencies of a list of services
MESSAGES = 40  # findings on agencies that are shown of one rule


def lists_section(evaluation: Evaluation, words: Words) -> Section:
    """Show the lists that say more than the top ten and the growth above."""
    panels = []
    above = [leading(evaluation)["agency"].to_list()]
    if "growth" in evaluation.agencies.columns:
        above.append(risen(evaluation)["agency"].to_list())
    for name, rule in evaluation.manifest.lists.items():
        chosen = evaluation.lists.filter(pl.col("list") == name)
        title = title_of(evaluation.manifest.lists, name, words)
        if rule.of == "services":
            panels.append(_of_services(evaluation, chosen, f"list-{name}", title, words))
        elif chosen["agency"].to_list() not in above:
            panels.append(_of_agencies(evaluation, chosen, name, title, words))
    return Section("lists", words.t("Lists"), tuple(panels))


def _of_agencies(
    evaluation: Evaluation, chosen: pl.DataFrame, name: str, title: str, words: Words
) -> Panel:
    by = evaluation.manifest.lists[name].by
    agencies = _rows(evaluation)
    rows = []
    for row in chosen.head(LISTED).iter_rows(named=True):
        value = words.growth(row["value"]) if by == "growth" else words.points(row["value"])
        own = agencies.get(row["agency"], row)
        rows.append((words.number(row["position"]), words.agency(own), *([value] if by else [])))
    columns = headed(
        words.language, number("Position"), "Agency", *([number("Value")] if by else [])
    )
    more = _more(chosen.height - len(rows), words)
    return Panel(f"list-{name}", title, table=tabled(columns, rows), more=more)


def _of_services(
    evaluation: Evaluation, chosen: pl.DataFrame, key: str, title: str, words: Words
) -> Panel:
    """Count a list's services, or those of a finding, by agency: the ten with most of them."""
    counted = chosen.group_by("agency", maintain_order=True).len()
    counted = counted.sort("len", descending=True, maintain_order=True)
    agencies = _rows(evaluation)
    known = "services" in evaluation.agencies.columns
    rows = []
    for code, count in counted.head(LISTED).iter_rows():
        row = agencies.get(code, {"agency": code})
        share = [words.percent_of(count, row.get("services"))]
        rows.append((words.agency(row), words.number(count), *(share if known else [])))
    columns = headed(
        words.language,
        "Agency",
        number("Services"),
        *([number("Share of its services")] if known else []),
    )
    notes = (services_counted(evaluation, chosen, words),)
    table = tabled(columns, rows) if rows else None
    return Panel(key, title, notes, table=table, more=_more(counted.height - len(rows), words))


def services_counted(evaluation: Evaluation, chosen: pl.DataFrame, words: Words) -> str:
    """Say how many services were chosen, of how many, in how many agencies."""
    whole = evaluation.manifest.counts.get("services", 0)
    return words.t(
        "{count} of {all} services ({share}); agencies concerned: {agencies}",
        count=chosen.height,
        all=whole,
        share=words.percent_of(chosen.height, whole),
        agencies=chosen["agency"].n_unique(),
    )


def findings_section(evaluation: Evaluation, words: Words) -> Section:
    """Show every rule that fired, the gravest first."""
    panels = [_rule(evaluation, rule, words) for rule in by_rule(evaluation.findings)]
    return Section("fired", words.t("Findings"), tuple(panels))


def _rule(evaluation: Evaluation, rule: pl.DataFrame, words: Words) -> Panel:
    name, of, severity = (str(rule[column][0]) for column in ("finding", "of", "severity"))
    title, key = title_of(evaluation.manifest.findings, name, words), f"finding-{name}"
    alert = severity != "info"
    if of == "services":
        panel = _of_services(evaluation, rule, key, title, words)
        return Panel(key, title, panel.notes, table=panel.table, more=panel.more, alert=alert)
    rows = list(_messages(evaluation, rule, words))
    whole = evaluation.agencies.height
    share = words.percent_of(rule.height, whole)
    text = "{count} of {all} agencies ({share})"
    note = words.t(text, count=rule.height, all=whole, share=share)
    columns = headed(words.language, number("Rank"), "Agency", number("Total"), "Finding")
    more = _more(rule.height - len(rows), words)
    return Panel(key, title, (note,), table=tabled(columns, rows), more=more, alert=alert)


def _messages(
    evaluation: Evaluation, rule: pl.DataFrame, words: Words
) -> Iterator[tuple[str, ...]]:
    agencies = _rows(evaluation)
    for row in rule.head(MESSAGES).iter_rows(named=True):
        own = agencies.get(row["agency"], row)
        yield (
            words.number(own.get("rank")),
            words.agency(own),
            words.points(own.get("total")),
            on_one_line(row[message_column(words.language)]),
        )


def _rows(evaluation: Evaluation) -> dict[str, dict[str, object]]:
    return {row["agency"]: row for row in evaluation.agencies.iter_rows(named=True)}


def _more(rest: int, words: Words) -> str:
    return words.t("and {count} more", count=rest) if rest > 0 else ""
