"""``egovrules show``: the ruleset that is in effect, and where each value comes from."""

from pathlib import Path

import click

from egovrules.cli.options import format_option, period_option, set_option
from egovrules.cli.output import write, write_json
from egovrules.report.effective import effective_text, origins
from egovrules.ruleset import load_ruleset


@click.command()
@click.argument("ruleset", type=click.Path(path_type=Path))
@period_option
@set_option
@format_option("yaml", "json")
def show(ruleset: Path, period: str | None, settings: tuple[str, ...], form: str) -> None:
    """Print a ruleset as it is in effect, each value with its origin.

    What RULESET extends is laid beneath it, generation by generation. The YAML that is printed is
    a ruleset of its own: without `extends`, and with the same digest.
    """
    loaded = load_ruleset(ruleset, period=period, settings=settings)
    if form == "json":
        write_json(
            {
                "ruleset": loaded.id,
                "digest": loaded.digest,
                "values": list(origins(loaded.document)),
            }
        )
    else:
        write(effective_text(loaded.document))
