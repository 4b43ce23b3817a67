"""``egovrules compare``: what changed between two saved evaluations."""

from pathlib import Path
from typing import Any

import click

from egovrules.cli.options import output_options
from egovrules.cli.output import show, write_csv, write_json
from egovrules.comparison import Comparison
from egovrules.comparison import compare as run
from egovrules.report.changes import changes
from egovrules.store import load


@click.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@output_options
def compare(old: Path, new: Path, form: str, language: str) -> None:
    """Compare two saved evaluations.

    OLD and NEW are folders saved by `egovrules evaluate ... --out DIR`. Evaluations by different
    methods are refused, unless the newer ruleset declares a bridge.
    """
    comparison = run(load(new), load(old))
    if form == "json":
        write_json(as_document(comparison))
    elif form == "csv":
        write_csv(comparison.agencies.write_csv())
    else:
        show(changes(comparison, language))


def as_document(comparison: Comparison) -> dict[str, Any]:
    """Put a comparison into one document."""
    new, old = comparison.new.manifest, comparison.old.manifest
    return {
        "new": new.ruleset.id,
        "old": old.ruleset.id,
        "synthetic": new.synthetic or old.synthetic,
        "method": comparison.method,
        "added": list(comparison.added),
        "dropped": list(comparison.dropped),
        "reweighted": comparison.reweighted.to_dicts(),
        "agencies": comparison.agencies.to_dicts(),
        "criteria": comparison.criteria.to_dicts(),
        "vanished": comparison.vanished.to_dicts(),
    }
