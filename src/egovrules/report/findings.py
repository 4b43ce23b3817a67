"""What fired, as blocks: rules with their messages, and the findings of one agency."""

import polars as pl

from egovrules.report.blocks import (
    Block,
    Line,
    Table,
    Tone,
    headed,
    message_column,
    name_of,
    number,
    shortened,
    titled,
)
from egovrules.report.plain import on_one_line
from egovrules.result import Evaluation
from egovrules.text import format_number, translate

MESSAGES = 5  # of one rule in the summary
MESSAGES_OF_AGENCY = 10
NAMED = 20  # bodies that are named in one line; the tables that are saved name all
GRAVEST_FIRST = ("error", "warning", "info")
_TONES: dict[str, Tone] = {"error": "bad", "warning": "warning"}


def fired_rules(evaluation: Evaluation, language: str) -> list[Block]:
    """Count what fired by rule, the gravest first, and print what has to be acted upon."""
    titles = evaluation.manifest.findings
    if not evaluation.findings.height:
        return []
    rows = []
    lines: list[Line] = []
    for rule in by_rule(evaluation.findings):
        key, of, severity = (str(rule[column][0]) for column in ("finding", "of", "severity"))
        title = titled(titles[key].title if key in titles else key, key, language)
        count = format_number(rule.height, language)
        rows.append((title, translate(severity, language), translate(of, language), count))
        if severity != "info":
            lines += [Line(f"{title}:", _TONES[severity]), *_messages(rule, evaluation, language)]
        elif of == "agencies":
            lines.append(Line(f"{title}: {_names(rule, evaluation, language)}"))
    columns = headed(language, "Finding", "Severity", "Subject", number("Count"))
    return [Table(translate("Findings", language), columns, tuple(rows)), *lines]


def by_rule(findings: pl.DataFrame) -> list[pl.DataFrame]:
    """Part findings by the rule that fired, the gravest first."""
    rules = findings.partition_by("finding", maintain_order=True)
    return sorted(rules, key=lambda rule: GRAVEST_FIRST.index(rule["severity"][0]))


def _messages(rule: pl.DataFrame, evaluation: Evaluation, language: str) -> list[Line]:
    """Print the first messages of a rule, each with the code of its subject, and count the rest."""
    lines = [
        Line(f"  {_message(row, language)}") for row in rule.head(MESSAGES).iter_rows(named=True)
    ]
    rest = rule.slice(MESSAGES)
    if rest.height:
        more = translate("and {count} more in findings.csv", language, count=rest.height)
        if rule["of"][0] == "agencies":
            more += f": {_names(rest, evaluation, language)}"
        lines.append(Line(f"  {more}", "quiet"))
    return lines


def _message(row: dict[str, str], language: str) -> str:
    return on_one_line(f"{row['subject']}: {row[message_column(language)]}")


def _names(rule: pl.DataFrame, evaluation: Evaluation, language: str) -> str:
    names = {
        row["agency"]: on_one_line(name_of(row, language))
        for row in evaluation.agencies.iter_rows(named=True)
    }
    bodies = [names.get(code, code) for code in rule["agency"]]
    return shortened(bodies, NAMED, language)


def listed_findings(table: pl.DataFrame, language: str, *, most: int | None = None) -> list[Block]:
    """Print *most* findings of one agency and its services: its own, then the gravest, first."""
    most = MESSAGES_OF_AGENCY if most is None else most
    if not table.height:
        return []
    rows = sorted(
        table.iter_rows(named=True),
        key=lambda row: (row["of"] != "agencies", GRAVEST_FIRST.index(row["severity"])),
    )
    lines = []
    for row in rows[:most]:
        message = (
            on_one_line(row[message_column(language)])
            if row["of"] == "agencies"
            else _message(row, language)
        )
        severity = translate(row["severity"], language)
        lines.append(Line(f"{severity}: {message}", _TONES.get(row["severity"], "plain")))
    rest = len(rows) - most
    if rest > 0:
        more = translate("and {count} more in findings.csv", language, count=rest)
        lines.append(Line(more, "quiet"))
    return [Line(translate("Findings", language), "heading"), *lines]
