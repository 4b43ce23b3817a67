"""An evaluation as CSV files for spreadsheets: in a language, with a byte order mark."""

from pathlib import Path

import polars as pl

from egovrules.export.about import about
from egovrules.export.cells import legible, neutral, neutralised
from egovrules.export.spoken import spoken
from egovrules.result import Evaluation
from egovrules.text import translate


def write_csv_files(evaluation: Evaluation, folder: Path, language: str) -> None:
    """Fill a folder with one file per table, ``about.csv`` and ``codebook.csv``.

    Headings and words are in the language; numbers are plain (12.5), in full precision.

    Raises:
        OSError: A file cannot be written.
    """
    for name, (table, columns) in spoken(evaluation, language).items():
        heads = {column.name: neutral(column.title) for column in columns}
        write_csv(table.rename(heads), folder / f"{name}.csv", mark=True)
    names = [translate(head, language) for head in ("Fact", "Value")]
    told = [(one.label, one.text) for one in about(evaluation, language)]
    facts = pl.DataFrame(told, schema=names, orient="row")
    write_csv(legible(facts), folder / "about.csv", mark=True)


def write_csv(table: pl.DataFrame, path: Path, *, mark: bool) -> None:
    """Write a table as CSV in UTF-8, texts that could be taken for formulas neutralised.

    Args:
        table: What to write.
        path: The file.
        mark: Whether it starts with a byte order mark, without which Excel mistakes Persian.

    Raises:
        OSError: The file cannot be written.
    """
    try:
        neutralised(table).write_csv(path, include_bom=mark)
    except pl.exceptions.PolarsError as error:  # how Polars tells of a full disk
        raise OSError(str(error).rpartition("IO error: ")[2]) from error
