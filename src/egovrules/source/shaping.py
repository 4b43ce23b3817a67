"""Carrying out a source: from its files to the tables of a dataset."""

from pathlib import Path

from egovrules.errors import DatasetError
from egovrules.source import Source
from egovrules.source.files import SourceFiles
from egovrules.source.folds import Shaped
from egovrules.source.table import SourceTable
from egovrules.tally import Tally

__all__ = ["Shaped", "shape"]

_MAIN = ("history", "links", "answers", "services", "agencies")  # made last, in this order


def shape(source: Source, folder: Path, tally: Tally) -> tuple[dict[str, Shaped], dict[str, str]]:
    """Make the tables of a source.

    Args:
        source: From :func:`egovrules.source.load_source`.
        folder: Where the files are.
        tally: Takes everything that is wrong, and warnings.

    Returns:
        The tables by name, those that failed left out; and the digest of each file by name.
    """
    files = SourceFiles(source, folder)
    done: dict[str, Shaped] = {}
    names = [name for name in source.file.tables if name not in _MAIN]
    names += [name for name in _MAIN if name in source.file.tables]
    for name in names:
        try:
            done[name] = SourceTable(source, files, done, tally, name).made()
        except DatasetError as error:
            tally.take(error)
    used = {fold.table for folds in source.file.folds.values() for fold in folds.values()}
    for name in names:
        if name not in used and name not in _MAIN:
            message, hint = f"the table '{name}' is not used", "fold it into another, or delete it"
            place = source.document.problem
            tally.warnings.append(
                place(("tables", name), message, hint=hint, at="key", severity="warning")
            )
    # What points into the source file comes first, by position; then cells, as they were found.
    tally.places_first()
    return done, files.digests
