"""Which files of a folder are tables, and which were perhaps meant to be."""

from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from egovrules.errors import Problem
from egovrules.readers import FORMATS

_TOLD = 20  # files that are told of
_TEXTS = (".md", ".txt", ".yaml", ".yml", ".bak")  # these lie beside tables, and are none


@dataclass(frozen=True, slots=True)
class Stray:
    """A file that is not read.

    Attributes:
        name: Its name.
        table: The table that it may have been meant for; empty if it resembles none.
        warning: What to tell of it.
    """

    name: str
    table: str
    warning: Problem


def files_of(folder: Path, table: str) -> list[Path]:
    """Return the files that are named as a table; more than one is one too many."""
    return [path for end in FORMATS if (path := folder / f"{table}{end}").is_file()]


def strays(folder: Path, missing: Collection[str], read: Collection[str]) -> list[Stray]:
    """Find files that are no table by their names, or in no format that is read.

    Left out are texts, hidden files, and files in another format that resemble no table.

    Args:
        folder: The folder.
        missing: The tables that it lacks.
        read: Names of the files that are tables.
    """
    found = []
    for path in sorted(folder.iterdir()):
        aside = path.name.startswith((".", "~")) or path.name.endswith("~")
        aside = aside or path.name.upper().startswith("README")
        if aside or path.name in read or path.suffix.lower() in _TEXTS or not path.is_file():
            continue
        stem = path.name.partition(".")[0].strip().lower()
        table = next(iter(get_close_matches(stem, sorted(missing), n=1)), "")
        is_readable = path.suffix.lower() in FORMATS
        if not (is_readable or table):
            continue
        message = f"the file '{path.name}' is not read: "
        if is_readable:
            message += "its name is not that of a table"
            hint = f"did you mean '{table}{path.suffix.lower()}'?"
        else:
            message += "its format is not known"
            hint = f"save it as {table}.csv; these can be read: {', '.join(FORMATS)}"
        if not table:
            hint = "rename it to the table that it holds, or take it out of the folder"
        warning = Problem(message, str(folder), hint=hint, severity="warning")
        found.append(Stray(path.name, table, warning))
    return found


def told(found: list[Stray], folder: Path) -> list[Problem]:
    """Return the warnings of strays; of very many, the first and their number."""
    warnings = [one.warning for one in found[:_TOLD]]
    more = len(found) - _TOLD
    if more > 0:
        message = f"and {more:,} more files that are not read"
        warnings.append(Problem(message, str(folder), severity="warning"))
    return warnings
