"""The lines of a scorecard that few agencies have: caps that bit, findings, treated values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from egovrules import _yaml
from egovrules.explanation import cap_at
from egovrules.report.blocks import Line, titled
from egovrules.report.called import all_called
from egovrules.report.decided import capped
from egovrules.report.findings import listed_findings
from egovrules.report.summary import decimals_of
from egovrules.report.treated import figures, short
from egovrules.result import Evaluation
from egovrules.text import LANGUAGES, format_number, translate

Lines = Mapping[str, Sequence[tuple[str, Sequence[str]]]]  # by agency: tone, texts by language


@dataclass(frozen=True)
class Notes:
    """Lines by agency."""

    caps: Lines
    urgent: Lines  # findings about the agency itself that are more than information
    findings: Lines
    treated: Lines


def notes_of_agencies(evaluation: Evaluation, titles: Mapping[str, list[str]]) -> Notes:
    """Collect the lines of all agencies.

    Args:
        evaluation: What to tell of.
        titles: Of every node, in every language.
    """
    findings = evaluation.findings
    urgent = findings.filter(pl.col("of") == "agencies", pl.col("severity") != "info")
    return Notes(
        _caps(evaluation, titles), _findings(urgent), _findings(findings), _treated(evaluation)
    )


def _caps(evaluation: Evaluation, titles: Mapping[str, list[str]]) -> Lines:
    """Say which caps bit, what the score was before, and why."""
    found: dict[str, list[tuple[str, Sequence[str]]]] = {}
    bit = evaluation.criteria.drop_nulls("cap")
    if not bit.height:
        return found
    ruleset = _yaml.parse(evaluation.ruleset_text, "ruleset.yaml").data
    decimals = decimals_of(evaluation.manifest.ruleset)
    for row in bit.iter_rows(named=True):
        cap = cap_at(ruleset, row["cap"])
        texts = [
            capped(cap, title, format_number(row["uncapped"], language, decimals), language)
            for language, title in zip(LANGUAGES, titles[row["node"]], strict=True)
        ]
        found.setdefault(row["agency"], []).append(("warning", texts))
    return found


def _findings(findings: pl.DataFrame) -> Lines:
    found = {}
    for (code,), table in findings.partition_by("agency", as_dict=True).items():
        texts = [listed_findings(table, one, most=table.height)[1:] for one in LANGUAGES]
        found[str(code)] = [
            (lines[0].tone, [line.text for line in lines])
            for lines in zip(*texts, strict=True)
            if isinstance(lines[0], Line)
        ]
    return found


def _treated(evaluation: Evaluation) -> Lines:
    """Say which values of an agency were changed before they were scored, and by what."""
    steps = {one.step: one for one in evaluation.manifest.treatments}
    known = {(one.step, one.indicator): one.figures for one in evaluation.manifest.treatments}
    names = dict.fromkeys(indicator for _, indicator in known)
    heads = {one: all_called(evaluation.manifest, "agencies", names, one) for one in LANGUAGES}
    found: dict[str, list[tuple[str, Sequence[str]]]] = {}
    for step, do, indicator, code, before, after in evaluation.treatments.iter_rows():
        texts = []
        for language in LANGUAGES:
            title = titled(steps[step].title if step in steps else None, do, language)
            was, now = (format_number(short(one), language) for one in (before, after))
            by = figures(known.get((step, indicator), {}), language)
            message = "{indicator}: {before} became {after}"
            called = heads[language].get(indicator, indicator)
            moved = translate(message, language, indicator=called, before=was, after=now)
            text = f"{title} · {moved}"
            texts.append(f"{text} ({by})" if by else text)
        found.setdefault(code, []).append(("plain", texts))
    return found
