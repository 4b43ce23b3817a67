"""``egovrules evaluate``: from a ruleset and a dataset to a national summary."""

import shlex
from pathlib import Path
from typing import Any

import click

from egovrules.cli.files import source_offered
from egovrules.cli.options import (
    engine_option,
    output_options,
    period_option,
    set_option,
    source_option,
)
from egovrules.cli.output import show, tell, tell_problems, working, write_csv, write_json
from egovrules.dataset import load_dataset
from egovrules.evaluation import evaluate as run
from egovrules.export.document import as_document
from egovrules.report.blocks import Block, Line, parted
from egovrules.report.summary import WHAT_IF, national_summary
from egovrules.result import Evaluation
from egovrules.ruleset import load_ruleset
from egovrules.store import load, save
from egovrules.text import translate

FAILED = 1


@click.command()
@click.argument("ruleset", type=click.Path(path_type=Path))
@click.argument("dataset", type=click.Path(path_type=Path))
@source_option
@click.option(
    "--previous",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Saved evaluation to measure growth against.",
)
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="DIR", help="Folder to save the result to."
)
@engine_option
@period_option
@set_option
@output_options
def evaluate(
    *,
    ruleset: Path,
    dataset: Path,
    source: Path | None,
    previous: Path | None,
    out: Path | None,
    engine: Any,
    period: str | None,
    settings: tuple[str, ...],
    form: str,
    language: str,
) -> int:
    """Score, rank and classify a dataset by a ruleset.

    RULESET is a YAML file, or a folder of them together with --period. DATASET is a folder with
    agencies and services as CSV, Parquet, Excel or JSON Lines.

    Exits with 1 when a finding or reconciliation of severity error fired; the result is printed
    and saved all the same.
    """
    earlier = None if previous is None else load(previous)
    with working("Reading the ruleset"):
        rules = load_ruleset(ruleset, period=period, settings=settings)
    with source_offered(ruleset, source):
        with working("Reading the dataset"):
            data = load_dataset(dataset, source, engine=engine)
        with working("Evaluating"):
            evaluation = run(rules, data, previous=earlier)
    tell_problems(evaluation.warnings)
    if settings and form != "table":  # a table says so itself
        tell(translate(WHAT_IF, language, settings=parted(settings, language)))
    if out is not None:
        with working("Saving"):
            save(evaluation, out)
        tell(translate("Written to {path}", language, path=str(out)))
    if form == "json":
        write_json(as_document(evaluation))
    elif form == "csv":
        write_csv(evaluation.agencies.write_csv())
    else:
        show([*national_summary(evaluation, language), *_next_steps(evaluation, out, language)])
    return FAILED if evaluation.failed else 0


def _next_steps(evaluation: Evaluation, out: Path | None, language: str) -> list[Block]:
    """Say where to go from here."""
    if out is None:
        step = translate("Add --out DIR to save all tables and to explain any score.", language)
        return [Line(""), Line(step, "quiet")]
    if not evaluation.agencies.height:
        return []
    code = evaluation.agencies["agency"][0]
    command = shlex.join(["egovrules", "explain", str(out), code])
    step = translate("To see why an agency has its score: {command}", language, command=command)
    return [Line(""), Line(step, "quiet")]
