"""``egovrules export``: a saved evaluation as a file for others."""

from pathlib import Path

import click

from egovrules.cli.options import language_option
from egovrules.cli.output import tell, working
from egovrules.export import FORMS
from egovrules.export import export as run
from egovrules.store import keep_own, load
from egovrules.text import translate


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="PATH",
    required=True,
    help="File to write; for csv and datapackage a folder.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMS)),
    help="What to write; left out, the end of PATH tells: .xlsx, .json, .md (press).",
)
@click.option(
    "--licence",
    metavar="ID",
    help="Licence of a Data Package, such as CC-BY-4.0, or its address.",
)
@click.option("--force", is_flag=True, help="Replace an earlier export.")
@language_option
def export(
    *, folder: Path, out: Path, form: str | None, licence: str | None, force: bool, language: str
) -> None:
    """Write an evaluation as a workbook, CSV, Data Package and others.

    DIR is an evaluation saved by `egovrules evaluate ... --out DIR`. The forms are xlsx, a
    workbook with a sheet per table; csv, a folder of files for spreadsheets; json, one document;
    datapackage, a folder that programs can check; and press, half a page of Markdown.
    """
    with working("Reading the evaluation"):
        evaluation = load(folder)
    keep_own(folder, out)
    with working("Writing"):
        run(evaluation, out, form, language=language, licence=licence, replace=force)
    tell(translate("Written to {path}", language, path=str(out)))
