"""``egovrules fmt``: rulesets laid out evenly, with nothing else changed."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from tempfile import NamedTemporaryFile

import click

from egovrules import _yaml
from egovrules.cli.files import find
from egovrules.cli.options import language_option
from egovrules.cli.output import tell, tell_problems, write
from egovrules.errors import EgovrulesError, Problem
from egovrules.formatting import formatted
from egovrules.report.plain import on_one_line, printable
from egovrules.text import translate

CHANGED, UNUSABLE = 1, 2
_WRITABLE = 0o222  # by anybody; a person who may write all can protect a file so, too


@dataclass(frozen=True, slots=True)
class LaidOut:
    """A file as it is, and as it is to be."""

    path: Path
    old: str
    new: str


@click.command()
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if a file would change.")
@click.option("--diff", is_flag=True, help="Write nothing; print what would change.")
@language_option
def fmt(paths: tuple[Path, ...], check: bool, diff: bool, language: str) -> int:
    """Lay rulesets out evenly, comments kept.

    PATH is a ruleset, a source or a file of tests, or a folder, searched with the folders in it;
    left out, the folder that you are in. In a folder, foreign YAML files are passed over.

    Exits with 2 when a file cannot be laid out. It stays as it is; the others are laid out.
    """
    found, misnamed = find(paths or (Path(),))
    files, problems = _lay_out(found)
    problems += misnamed
    changed = [file for file in files if file.old != file.new]
    unwritten: list[LaidOut] = []
    for file in changed:
        if diff:
            write(printable(_difference(file)))
        elif not check and (failed := _replace(file)):
            problems += failed
            unwritten.append(file)
    changed = [file for file in changed if file not in unwritten]
    tell_problems(problems)
    say = tell if diff else _print
    for file in changed:
        message = "{path} would be laid out anew" if check or diff else "{path} is laid out anew"
        say(translate(message, language, path=str(file.path)))
    count = {"changed": len(changed), "count": len(files)}
    say(translate("Laid out anew: {changed} of {count}", language, **count))
    if problems:
        return UNUSABLE
    return CHANGED if check and changed else 0


def _lay_out(paths: Sequence[Path]) -> tuple[list[LaidOut], list[Problem]]:
    files: list[LaidOut] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            _yaml.read(path)  # tells what is missing, too large or not UTF-8
            text = path.read_bytes().decode("utf-8")
            files.append(LaidOut(path, text, formatted(text, str(path))))
        except EgovrulesError as error:
            problems += error.problems
    return files, problems


def _difference(file: LaidOut) -> str:
    """Return a unified diff, as ``patch`` reads it."""
    old, new = (text.splitlines(keepends=True) for text in (file.old, file.new))
    name = file.path.as_posix()
    lines = unified_diff(old, new, f"{name}", f"{name}")
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def _replace(file: LaidOut) -> list[Problem]:
    """Write the new text beside the file, and put it in its place; a link stays a link."""
    place = file.path.resolve()
    draft: Path | None = None
    try:
        if not place.stat().st_mode & _WRITABLE:
            message, hint = "the file is protected against writing", "it stays as it was"
            return [Problem(message, source=str(file.path), hint=hint)]
        with NamedTemporaryFile(
            "w",
            encoding="utf-8",
            newline="\n",
            prefix=f".{place.name}.",
            dir=place.parent,
            delete=False,
        ) as stream:
            draft = Path(stream.name)
            stream.write(file.new)
        shutil.copymode(place, draft)
        draft.replace(place)
    except OSError as error:
        if draft is not None:
            draft.unlink(missing_ok=True)
        message = f"the file cannot be written: {error.strerror or error}"
        return [Problem(message, source=str(file.path), hint="it stays as it was")]
    return []


def _print(line: str) -> None:
    write(on_one_line(line) + "\n")
