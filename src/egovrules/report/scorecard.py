"""The explanation of one agency's score, as blocks: its tree, its caps, its services."""

from collections.abc import Iterator

import polars as pl

from egovrules.explanation import Explained, Explanation
from egovrules.report.answers import answered, as_called, columns_named, read_by
from egovrules.report.blocks import (
    Block,
    Line,
    Table,
    headed,
    name_of,
    number,
    pairs,
    parameters,
    parted,
    percent,
    rank_of,
    shown,
    titled,
    worded,
)
from egovrules.report.called import grouped
from egovrules.report.combined import combined
from egovrules.report.decided import capped, decided
from egovrules.report.findings import listed_findings
from egovrules.report.normalised import normalised
from egovrules.report.plain import on_one_line
from egovrules.report.services import carriers, over_services
from egovrules.report.summary import decimals_of, heading
from egovrules.report.treated import treated
from egovrules.report.tree import labels, shares_inside
from egovrules.text import NO_VALUE, format_number, translate

_INSIDE = "rank_in_"  # begins the name of a rank inside a group
_KEYS = ("code", "agency", "name", "name_en", "name_fa")


def scorecard(
    explanation: Explanation, language: str = "en", *, criterion: str | None = None
) -> list[Block]:
    """Say why an agency has its score.

    Args:
        explanation: Of the whole tree, of the path to one node, or of one service.
        language: Of headings, names and digits.
        criterion: The node that was asked for, which is then told in full.
    """
    blocks = [*heading(explanation.evaluation, language), *_agency(explanation, language)]
    if explanation.service is not None:
        own = explanation.findings.filter(pl.col("subject") == explanation.service["service"])
        own = own.filter(pl.col("of") == "services")
        told = _service(explanation, language, criterion)
        return [*blocks, *told, *listed_findings(own, language)]
    blocks += [_tree(explanation, language), *_caps(explanation, language)]
    blocks += decided(explanation, language)
    nodes = [node for node in explanation.root.walk() if node.info.id == criterion]
    if nodes:
        blocks += _in_full(nodes[0], explanation, language)
    else:
        blocks += [*_population(explanation.root, language), *treated(explanation, language)]
        blocks += _normalised(explanation.root, language)
        blocks += carriers(over_services(explanation.root), explanation, language)
    return [*blocks, *listed_findings(explanation.findings, language)]


def _agency(explanation: Explanation, language: str) -> list[Block]:
    row, manifest = explanation.agency, explanation.evaluation.manifest
    info = manifest.ruleset
    decimals = decimals_of(info)
    rank = rank_of(row, info.tied, language)
    groups = [name.removeprefix(_INSIDE) for name in row if name.startswith(_INSIDE)]
    facts = [
        ("Total", format_number(row["total"], language, decimals)),
        ("Rank", rank if row["rank"] else translate("not ranked", language)),
        *[
            (grouped(manifest, group, language), format_number(row[_INSIDE + group], language))
            for group in groups
        ],
        ("Coverage", percent(row["coverage"], language)),
    ]
    if row.get("growth") is not None:
        facts.append(("Growth", format_number(row["growth"], language, decimals, signed=True)))
    name = on_one_line(name_of(row, language))
    told = " · ".join(f"{translate(label, language)} {text}" for label, text in facts)
    return [Line(f"{name} ({on_one_line(row['agency'])})", "heading"), Line(told)]


def _labels(root: Explained, language: str) -> dict[str, str]:
    return labels((node.info for node in root.walk()), language)


def _tree(explanation: Explanation, language: str) -> Table:
    info = explanation.evaluation.manifest.ruleset
    decimals = decimals_of(info)
    called = _labels(explanation.root, language)
    weighed = shares_inside(explanation.evaluation.manifest.tree)
    rows = []
    for node, depth in _deep(explanation.root, 0):
        rows.append(
            (
                "  " * depth + called[node.info.id],
                percent(weighed.get(node.info.id, node.share), language),
                format_number(node.score, language, decimals),
                rank_of({"rank": node.rank, "rank_label": node.rank_label}, info.tied, language),
                format_number(node.contribution, language, decimals),
                percent(node.coverage, language),
                _state(node, language),
            )
        )
    columns = headed(
        language,
        "Node",
        number("Share"),
        number("Score"),
        number("Rank"),
        number("Contribution"),
        number("Coverage"),
        "State",
    )
    return Table("", columns, tuple(rows))


def _deep(node: Explained, depth: int) -> Iterator[tuple[Explained, int]]:
    yield node, depth
    for child in node.children:
        yield from _deep(child, depth + 1)


def _state(node: Explained, language: str) -> str:
    state = worded(node.state, language)
    if node.state == "missing" and node.score is not None:
        state = translate("missing, counts as {score}", language, score=node.score)
    missing = node.counts.get("missing", 0)
    if missing and node.state == "scored":
        told = f"{translate('missing', language)} {format_number(missing, language)}"
        state = parted((state, told), language)
    return f"{state} *" if node.cap else state


def _caps(explanation: Explanation, language: str) -> list[Block]:
    """Say which caps bit, what the score was before, and why."""
    decimals = decimals_of(explanation.evaluation.manifest.ruleset)
    called = _labels(explanation.root, language)
    blocks: list[Block] = []
    for node in explanation.root.walk():
        if node.cap is None:
            continue
        before = format_number(node.uncapped, language, decimals)
        told = capped(node.cap, called[node.info.id], before, language)
        blocks.append(Line(f"* {told}", "warning"))
    return blocks


def _population(root: Explained, language: str) -> list[Block]:
    called = _labels(root, language)
    told = [
        Line(f"{called[node.info.id]}: {pairs(node.population, language)}")
        for node in root.walk()
        if node.population
    ]
    return [Line(translate("Population numbers", language), "heading"), *told] if told else []


def _normalised(root: Explained, language: str) -> list[Block]:
    called = _labels(root, language)
    told = [
        Line(f"{called[node.info.id]}: {normalised(node, language)}")
        for node in root.walk()
        if node.info.normalisation is not None
    ]
    return [Line(translate("Normalisation", language), "heading"), *told] if told else []


def _in_full(node: Explained, explanation: Explanation, language: str) -> list[Block]:
    """Tell all there is about one node: formula, parameters, numbers, indicators, services."""
    info = node.info
    named = f"{on_one_line(titled(info.title, info.id, language))} ({info.id})"
    blocks: list[Block] = [Line(named, "heading")]
    if info.formula:
        blocks.append(Line(on_one_line(info.formula)))
    facts = {"Population numbers": node.population}
    if info.level == "agency":
        reads = read_by(info.parameters, answered(explanation.inputs))
        facts["Indicators"] = as_called(
            explanation.evaluation.manifest, "agencies", reads, language
        )
    lines = [(label, pairs(values, language)) for label, values in facts.items() if values]
    if info.parameters:
        lines.insert(0, ("Parameters", parameters(info.parameters, language)))
    blocks += [Line(f"{translate(label, language)}: {text}") for label, text in lines]
    read = [name for one in node.walk() for name in columns_named(one.info.parameters)]
    blocks += treated(explanation, language, read=read)
    if info.normalisation is not None:
        told = f"{translate('Normalisation', language)}: {normalised(node, language)}"
        blocks.append(Line(told))
    if info.aggregation is not None:
        told = f"{translate('Aggregation', language)}: {combined(info, language)}"
        blocks.append(Line(told))
    if node.services is not None:
        rows = list(node.services.drop_nulls(["share", "score"]).iter_rows(named=True))
        return [*blocks, *carriers(rows, explanation, language)]
    return [*blocks, *carriers(over_services(node), explanation, language)]


def _service(explanation: Explanation, language: str, criterion: str | None) -> list[Block]:
    """Tell of one service: its scores, and the indicators behind them."""
    row, called = explanation.service or {}, _labels(explanation.root, language)
    decimals = decimals_of(explanation.evaluation.manifest.ruleset)
    answers = answered(explanation.inputs)
    scores, reads = [], {}
    for node in explanation.root.walk():
        if node.info.kind != "criterion" or f"{node.info.id}.state" not in row:
            continue
        state = worded(str(row[f"{node.info.id}.state"]), language)
        score = format_number(row[node.info.id], language, decimals)
        scores.append((called[node.info.id], score, state))
        reads.update(read_by(node.info.parameters, answers))
    inputs = reads if criterion else {k: v for k, v in answers.items() if k not in _KEYS}
    told = as_called(explanation.evaluation.manifest, "services", inputs, language)
    rows = [
        (key, NO_VALUE if value is None else shown(value, language)) for key, value in told.items()
    ]
    named = f"{on_one_line(name_of(row, language))} ({on_one_line(str(row['service']))})"
    columns = headed(language, "Criterion", number("Score"), "State")
    of_inputs = headed(language, "Indicator", "Value")
    return [
        Line(named, "heading"),
        Table("", columns, tuple(scores)),
        Table(translate("Indicators", language), of_inputs, tuple(rows)),
    ]
