"""Which files a command is about: those that are named, and in folders those that are ours.

In a folder, and in the folders in it, a YAML file is ours where one of the keys below stands at
its top, and where it is no YAML at all, because then nobody knows. All other YAML is foreign.
Hidden files and folders are passed over, and so are folders that are links.
"""

import os
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from egovrules import _yaml
from egovrules.cases import SUFFIX
from egovrules.errors import DatasetError, EgovrulesError, Problem, RulesetError

SOURCE_SUFFIX = ".source.yaml"
OURS = frozenset({"schema", "extends", "axes", "cases", "tables"})
_AT_TOP = re.compile(rf"""^\ufeff?(?:{{\s*)?["']?(?:{"|".join(OURS)})["']?\s*:""", re.MULTILINE)
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_ENDING = re.compile(r"(?:[ ._-]?tests?|[ ._-]cases)?\.ya?ml$", re.IGNORECASE)


def find(paths: Sequence[Path]) -> tuple[list[Path], list[Problem]]:
    """Put the files of a folder in its place, and find those that are called wrongly.

    Returns:
        The files, each once; and a problem for each that is left out because a command would pass
        it over or wait for it for ever: a name that does not say what it holds, a pipe, a folder
        that cannot be opened.

    Raises:
        RulesetError: A folder holds nothing of ours.
    """
    files: list[Path] = []
    problems: list[Problem] = []
    for path in paths:
        before = len(files) + len(problems)
        in_folder = path.is_dir()
        for one in _inside(path, problems) if in_folder else [path]:
            top = _top(one)
            if in_folder and _is_foreign(one, top):
                continue
            wrong = _unfit(one, top)
            problems += [wrong] if wrong else []
            files += [] if wrong else [one]
        if len(files) + len(problems) == before:
            raise RulesetError.of("this folder holds no ruleset", source=str(path))
    return list(dict.fromkeys(files)), list(dict.fromkeys(problems))


def is_source(path: Path) -> bool:
    """Tell whether a file is a source, by its name or by what it says of itself."""
    return path.name.endswith(SOURCE_SUFFIX) or _says(_top(path), "egovrules-source")


@contextmanager
def source_offered(ruleset: Path | None, source: Path | None) -> Iterator[None]:
    """Where data cannot be used, name the source beside the ruleset if none was given.

    That is the one of the ruleset's own name, or the only one in its folder.

    Raises:
        DatasetError: As within, with that advice at its end.
    """
    try:
        yield
    except DatasetError as error:
        beside = _source_beside(ruleset) if ruleset is not None and source is None else None
        if beside is None:
            raise
        hint = f"did you mean --source {shlex.quote(str(beside))}?"
        message = "a source lies beside the ruleset, and none was given"
        offer = Problem(message, str(beside), hint=hint, severity="info")
        raise DatasetError([*error.problems, offer]) from None


def _source_beside(ruleset: Path) -> Path | None:
    own = ruleset.with_name(ruleset.stem + SOURCE_SUFFIX)
    if own.is_file():
        return own
    found = [] if ruleset.is_dir() else list(ruleset.parent.glob(f"*{SOURCE_SUFFIX}"))
    return found[0] if len(found) == 1 else None


def _inside(folder: Path, problems: list[Problem]) -> Iterator[Path]:
    def tell(error: OSError) -> None:
        message = f"this folder cannot be opened: {error.strerror or error}"
        problems.append(Problem(message, source=str(error.filename)))

    for here, folders, names in os.walk(folder, onerror=tell):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if _is_yaml(Path(name)) and not name.startswith("."):
                yield Path(here, name)


def _is_yaml(path: Path) -> bool:
    return path.suffix.lower() in {".yaml", ".yml"}


def _top(path: Path) -> Mapping[str, Any] | None:
    """Return what stands at the top of a file; None where it cannot be read, as pipes cannot."""
    if not path.is_file():
        return None
    try:
        data = _yaml.read(path).data
    except EgovrulesError:
        return None
    return data if isinstance(data, dict) else {}


def _is_foreign(path: Path, top: Mapping[str, Any] | None) -> bool:
    """Tell whether a file is none of ours; of one that we cannot read, by what it looks like."""
    if top is not None:
        return OURS.isdisjoint(top)
    if not path.is_file():
        return False  # a pipe, or a link to nothing: told
    try:
        with path.open("rb") as stream:
            text = stream.read(_yaml.MAX_BYTES).decode("utf-8", "replace")
        return not _AT_TOP.search(text) and all(yaml.parse(text, Loader=_LOADER))
    except (OSError, yaml.YAMLError):
        return False


def _says(top: Mapping[str, Any] | None, schema: str) -> bool:
    return str((top or {}).get("schema")).startswith(schema)


def _unfit(path: Path, top: Mapping[str, Any] | None) -> Problem | None:
    """Say why a file cannot be used under its name; what is wrong in it is told by its reader."""
    if path.exists() and not path.is_file():
        return Problem("this is no file that could be read to its end", source=str(path))
    has_cases = "cases" in (top or {}) and not _says(top, "egovrules/")
    if (has_cases or _says(top, "egovrules-tests")) and not path.name.endswith(SUFFIX):
        message = "these are worked examples, and under this name nobody runs them"
        right = _ENDING.sub(SUFFIX, path.name)
        hint = f"rename it to '{right}' (the name of its ruleset, and {SUFFIX} in place of .yaml)"
        return Problem(message, source=str(path), hint=hint)
    if _is_yaml(path) and path.suffix != ".yaml":
        hint = f"rename it to '{path.stem}.yaml'"
        return Problem("the name of the file must end in .yaml", source=str(path), hint=hint)
    return None
