"""``egovrules schema``: what editors need to complete and check rulesets."""

import json
from pathlib import Path

import click

from egovrules.cli.output import tell_problems, write
from egovrules.errors import RulesetError
from egovrules.json_schema import ruleset_schema, source_schema, tests_schema
from egovrules.plugins import Registry


@click.command()
@click.argument(
    "kind",
    metavar="[KIND]",
    type=click.Choice(["ruleset", "source", "tests"]),
    default="ruleset",
    required=False,
)
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="Write it to a file instead."
)
def schema(kind: str, out: Path | None) -> None:
    """Write the JSON Schema by which editors check rulesets.

    KIND is the kind of file: ruleset (if left out), source or tests. The schema of rulesets has
    the criteria of the installed plugins, so write it anew when a plugin is installed.
    """
    if kind == "ruleset":
        registry = Registry.installed()
        tell_problems(registry.problems)
        found = ruleset_schema(registry)
    else:
        found = source_schema() if kind == "source" else tests_schema()
    text = json.dumps(found, ensure_ascii=False, indent=2) + "\n"
    if out is None:
        write(text)
        return
    try:
        out.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        message = f"the file cannot be written: {error.strerror or error}"
        raise RulesetError.of(message, source=str(out)) from None
