"""``egovrules verify``: a saved evaluation, computed anew and compared."""

from pathlib import Path
from typing import Any

import click

from egovrules.cli.files import source_offered
from egovrules.cli.options import data_option, output_options, source_option
from egovrules.cli.output import show, working, write_csv, write_json
from egovrules.dataset import load_dataset
from egovrules.errors import RulesetError
from egovrules.report.verification import verdict
from egovrules.ruleset import load_ruleset
from egovrules.store import load
from egovrules.verification import Verification
from egovrules.verification import verify as run

DIFFERS = 1


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@data_option("Check as well that the evaluation was made from these files.")
@source_option
@click.option(
    "--ruleset",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Check as well that the ruleset is this one, as published.",
)
@click.option(
    "--previous",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Check as well that growth was measured against this saved evaluation.",
)
@output_options
def verify(
    *,
    folder: Path,
    data: Path | None,
    source: Path | None,
    ruleset: Path | None,
    previous: Path | None,
    form: str,
    language: str,
) -> int:
    """Compute a saved evaluation anew, and say what differs.

    DIR is an evaluation saved by `egovrules evaluate ... --out DIR`; it is computed from the
    ruleset and the inputs in that folder, and every cell of every table is compared.

    Exits with 1 when anything differs.
    """
    if source is not None and data is None:
        raise click.UsageError("--source goes with --data")
    if ruleset is not None and ruleset.is_dir():
        message, hint = "this is a folder", "name one of the rulesets in it"
        raise RulesetError.of(message, source=str(ruleset), hint=hint)
    with working("Reading the evaluation"):
        evaluation = load(folder)
        earlier = None if previous is None else load(previous)
    published = None if ruleset is None else load_ruleset(ruleset)
    dataset = None
    if data is not None:
        with source_offered(ruleset, source), working("Reading the dataset"):
            dataset = load_dataset(data, source)
    with working("Computing it anew"):
        verification = run(evaluation, dataset=dataset, published=published, previous=earlier)
    if form == "json":
        write_json(as_document(verification))
    elif form == "csv":
        write_csv(verification.differences.write_csv())
    else:
        show(verdict(verification, language))
    return 0 if verification.same else DIFFERS


def as_document(verification: Verification) -> dict[str, Any]:
    """Put a verification into one document."""
    manifest = verification.evaluation.manifest
    return {
        "evaluation": manifest.ruleset.id,
        "synthetic": manifest.synthetic,
        "same": verification.same,
        "exact": verification.exact,
        "versions": {
            name: {"recorded": recorded, "now": now}
            for name, (recorded, now) in verification.versions.items()
        },
        "cells": dict(verification.cells),
        "files": verification.files,
        "unchecked": list(verification.unchecked),
        "differences": verification.differences.to_dicts(),
    }
