"""``egovrules diff``: what changed between two rulesets, and what it does to the scores."""

import json
from pathlib import Path
from typing import Any

import click
import polars as pl
from click.core import ParameterSource

from egovrules.changes import ABSENT, Change
from egovrules.cli.files import source_offered
from egovrules.cli.options import data_option, engine_option, output_options, source_option
from egovrules.cli.output import show, tell_problems, working, write_csv, write_json
from egovrules.dataset import load_dataset
from egovrules.errors import RulesetError
from egovrules.impact import Impact
from egovrules.impact import impact as run
from egovrules.plugins import Registry
from egovrules.report.impact import impact_page
from egovrules.report.ruleset_changes import ruleset_changes
from egovrules.report.wording import Wording
from egovrules.ruleset import load_ruleset

DIFFERENT = 1


@click.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@data_option("Folder of tables that both are applied to.")
@source_option
@engine_option
@click.option("--exit-code", "strict", is_flag=True, help="Exit with 1 when anything differs.")
@output_options
def diff(
    *,
    old: Path,
    new: Path,
    data: Path | None,
    source: Path | None,
    engine: Any,
    strict: bool,
    form: str,
    language: str,
) -> int:
    """Say what changed from one ruleset to another, and what that does.

    OLD and NEW are YAML files. With --data both are applied to the same dataset: who moves, who
    enters or leaves a list, a band or a finding, and which changed rule caused how much of it.
    Comments, layout, the order of keys and defaults written out make no difference.
    """
    if source is not None and data is None:
        raise click.UsageError("--source says what the columns of --data are: give both")
    asked = click.get_current_context().get_parameter_source("engine")
    if data is None and asked is not ParameterSource.DEFAULT:
        raise click.UsageError("--engine says where --data is scored: give both")
    for path in (old, new):
        if path.is_dir():
            message, hint = "this is a folder", "name one of the rulesets in it"
            raise RulesetError.of(message, source=str(path), hint=hint)
    registry = Registry.installed()
    with working("Reading the rulesets"):
        before, after = (load_ruleset(path, registry=registry) for path in (old, new))
        wording = Wording(before, after, language)
    found = [as_document(change) for change in wording.found]
    head = {"old": before.id, "new": after.id, "changes": found}
    if data is None:
        if form == "json":
            write_json(head)
        elif form == "csv":
            write_csv(_changes_table(wording.found).write_csv())
        else:
            show(ruleset_changes(wording))
    else:
        with source_offered(new, source):
            with working("Reading the dataset"):
                dataset = load_dataset(data, source, engine=engine)
            with working("Applying both rulesets"):
                impact = run(before, after, dataset, registry=registry)
        tell_problems(dict.fromkeys([*impact.old.warnings, *impact.new.warnings]))
        if form == "json":
            write_json({**head, **_impact_document(impact)})
        elif form == "csv":
            write_csv(_agency_table(impact).write_csv())
        else:
            show(impact_page(impact, wording))
    return DIFFERENT if strict and found else 0


def as_document(change: Change) -> dict[str, Any]:
    """Put a change into a document; what was absent is left out."""
    values = {key: getattr(change, key) for key in ("old", "new")}
    return {
        "path": list(change.loc),
        "kind": change.kind,
        **{key: value for key, value in values.items() if value is not ABSENT},
    }


def _changes_table(found: tuple[Change, ...]) -> pl.DataFrame:
    """Make one row per change: path, kind, old, new; null where absent."""
    rows = [
        (
            ".".join(map(str, change.loc)),
            change.kind,
            *(None if value is ABSENT else _plain(value) for value in (change.old, change.new)),
        )
        for change in found
    ]
    schema = dict.fromkeys(("path", "kind", "old", "new"), pl.String)
    return pl.DataFrame(rows, schema=schema, orient="row")


def _plain(value: Any) -> str:
    """Write a value as text: JSON, but for what is text already."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _impact_document(impact: Impact) -> dict[str, Any]:
    tables = ("agencies", "deciles", "scope", "lists", "bands", "services", "findings")
    attribution = impact.attribution
    return {
        "what_if": "both rulesets applied to the same data",
        "synthetic": impact.new.manifest.synthetic,
        "rules": [
            {
                "id": part.id,
                "changes": [as_document(c) for rule in part.rules for c in rule.changes],
            }
            for part in attribution.parts
        ],
        "exact": attribution.exact,
        "tables": {name: getattr(impact, name).to_dicts() for name in tables}
        | {"attribution": attribution.table.to_dicts()},
    }


def _agency_table(impact: Impact) -> pl.DataFrame:
    """Make one row per agency and rule: its totals and ranks, and the rule's points and places."""
    parts = impact.attribution.table.rename({"points": "rule_points", "places": "rule_places"})
    return impact.agencies.join(parts, on="agency", how="left", maintain_order="left_right")
