"""``egovrules report``: a saved evaluation as a document for people."""

from pathlib import Path

import click

from egovrules.cli.options import language_option
from egovrules.cli.output import tell, working
from egovrules.store import keep_own, load
from egovrules.text import translate


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    required=True,
    help="File to write, such as round.html.",
)
@click.option(
    "--report",
    "name",
    metavar="ID",
    default="html",
    show_default=True,
    help="Which report; `egovrules plugins` lists them.",
)
@click.option("--agency", metavar="ID", help="One agency's scorecard alone: its code or name.")
@click.option(
    "--dossier",
    is_flag=True,
    help="Add the regulator's dossier: findings by rule, links that are not live, digests.",
)
@click.option("--force", is_flag=True, help="Replace an earlier report.")
@language_option
def report(
    *,
    folder: Path,
    out: Path,
    name: str,
    agency: str | None,
    dossier: bool,
    force: bool,
    language: str,
) -> None:
    """Write an evaluation as one page that opens offline.

    DIR is an evaluation saved by `egovrules evaluate ... --out DIR`. The page is in Persian and
    English, and needs no network and no program but a browser; --lang is the language in which
    it opens.
    """
    given = {"agency": agency, "dossier": dossier or None}
    options = {key: value for key, value in given.items() if value is not None}
    with working("Reading the evaluation"):
        evaluation = load(folder)
    keep_own(folder, out)
    with working("Writing"):
        evaluation.report(out, language=language, report=name, replace=force, **options)
    tell(translate("Written to {path}", language, path=str(out)))
