"""``egovrules explain``: why an agency has its score."""

import shlex
from pathlib import Path
from typing import Any

import click
import polars as pl

from egovrules.cli.options import output_options
from egovrules.cli.output import show, write_csv, write_json
from egovrules.explanation import Explained, Explanation
from egovrules.explanation import explain as run
from egovrules.report.blocks import Block, Line
from egovrules.report.scorecard import scorecard
from egovrules.store import load
from egovrules.text import pick, translate


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.argument("agency")
@click.option("--criterion", metavar="ID", help="Tell one criterion or axis in full.")
@click.option("--service", metavar="CODE", help="Tell the scores of one service.")
@output_options
def explain(
    *,
    folder: Path,
    agency: str,
    criterion: str | None,
    service: str | None,
    form: str,
    language: str,
) -> None:
    """Say why an agency has its score.

    DIR is an evaluation saved by `egovrules evaluate ... --out DIR`; AGENCY is a code or a name.
    """
    explanation = run(load(folder), agency, criterion=criterion, service=service)
    if form == "json":
        write_json(as_document(explanation))
    elif form == "csv":
        write_csv(node_table(explanation).write_csv())
    else:
        blocks = scorecard(explanation, language, criterion=criterion)
        show(blocks if criterion else [*blocks, *_next_step(explanation, folder, language)])


def _next_step(explanation: Explanation, folder: Path, language: str) -> list[Block]:
    """Show how to look closer, with the weakest criterion as example."""
    scored = [
        (node.score, node.info.id)
        for node in explanation.root.walk()
        if node.info.kind == "criterion" and node.score is not None
    ]
    if not scored:
        return []
    code, weakest = explanation.agency["agency"], min(scored)[1]
    command = shlex.join(["egovrules", "explain", str(folder), code, "--criterion", weakest])
    step = translate("To look closer: {command}", language, command=command)
    return [Line(""), Line(step, "quiet")]


def as_document(explanation: Explanation) -> dict[str, Any]:
    """Put an explanation into one document, the tree nested as it is."""
    return {
        "evaluation": explanation.evaluation.manifest.ruleset.id,
        "synthetic": explanation.evaluation.manifest.synthetic,
        "agency": dict(explanation.agency),
        "tree": _nested(explanation.root),
        "findings": explanation.findings.to_dicts(),
        "service": explanation.service and dict(explanation.service),
        "inputs": dict(explanation.inputs),
        "treatments": explanation.treatments.to_dicts(),
    }


def _nested(node: Explained) -> dict[str, Any]:
    return {
        **_flat(node),
        "title": node.info.title,
        "formula": node.info.formula,
        "parameters": node.info.parameters,
        "aggregation": node.info.aggregation,
        "aggregation_parameters": node.info.aggregation_parameters,
        "min_share": node.info.min_share,
        "round": node.info.round,
        "cap": None if node.cap is None else vars(node.cap),
        "counts": dict(node.counts),
        "population": dict(node.population),
        "normalised": dict(node.normalised),
        "services": None if node.services is None else node.services.to_dicts(),
        "children": [_nested(child) for child in node.children],
    }


def _flat(node: Explained) -> dict[str, Any]:
    return {
        "node": node.info.id,
        "parent": node.info.parent,
        "kind": node.info.kind,
        "title": pick(node.info.title, "en"),
        "weight": node.info.weight,
        "share": node.share,
        "score": node.score,
        "rank": node.rank,
        "raw": node.raw,
        "uncapped": node.uncapped,
        "value": node.value,
        "contribution": node.contribution,
        "coverage": node.coverage,
        "state": node.state,
        "cap": None if node.cap is None else node.cap.at,
    }


def node_table(explanation: Explanation) -> pl.DataFrame:
    """Put the tree into a table, one row per node, parents first."""
    of_scores = ("score", "raw", "uncapped", "value", "contribution", "coverage", "cap")
    numbers = ("weight", "share", *of_scores)
    kind = explanation.evaluation.criteria.schema.get("rank", pl.Int64())
    types = {**dict.fromkeys(numbers, pl.Float64()), "rank": kind}
    rows = [_flat(node) for node in explanation.root.walk()]
    return pl.DataFrame(rows, schema_overrides=types, infer_schema_length=None)
