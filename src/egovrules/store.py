"""Saving an evaluation to a folder and reading it back: whole or not at all.

A saved evaluation stands by itself: the manifest, the effective ruleset, every table as Parquet
and CSV, and under ``inputs/`` the columns that were read, those of the earlier evaluation too.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import ValidationError

from egovrules._drafts import in_its_place
from egovrules._place import refuse_foreign
from egovrules._yaml_rules import shorten
from egovrules.errors import EvaluationError, Problem
from egovrules.folding import FULL, LEDGERS
from egovrules.result import (
    MANIFEST_SCHEMA,
    TABLES,
    TREATMENTS,
    Evaluation,
    Frozen,
    Manifest,
)

MANIFEST = "evaluation.json"
RULESET = "ruleset.yaml"
EXTRA = ("vanished",)
INPUTS = ("agencies", "services", "history", "previous", *LEDGERS)
MAX_MANIFEST = 64 * 2**20  # bytes; that of a national round has a ten-thousandth of it
_KNOWN = {
    RULESET,
    *(f"{name}.{form}" for name in (*TABLES, "services", *EXTRA) for form in ("parquet", "csv")),
    *(f"inputs/{name}.parquet" for name in INPUTS),
}


class _TwiceError(ValueError):
    """A key that stands twice in one place."""


class _Contents(Frozen):
    """What the manifest's file says beside the manifest: digests, and SHA-256 of the files."""

    digests: dict[str, str]
    files: dict[str, str]


def save(evaluation: Evaluation, folder: str | Path) -> Path:
    """Write an evaluation to a folder, in one step.

    Everything is written beside the folder first, and then put in its place: where writing fails
    (a full disk, say) an earlier result stays as it was.

    Args:
        evaluation: What to write.
        folder: Made where it does not exist. One that holds an evaluation is replaced; any other
            folder with something in it is refused.

    Raises:
        EvaluationError: When the folder is not ours to replace, or cannot be written.
    """
    folder = Path(folder)
    try:
        place = folder.resolve()  # a link stays, and what it points at is replaced
        _check_replaceable(place)
        place.parent.mkdir(parents=True, exist_ok=True)
        with in_its_place(place) as draft:
            _write(evaluation, draft)
    except (OSError, RuntimeError) as error:  # RuntimeError: links that lead in a circle
        raise EvaluationError.of(
            f"the result cannot be written: {getattr(error, 'strerror', None) or error}",
            source=str(folder),
            hint="an earlier result in this folder is untouched; free space or choose another",
        ) from error
    return folder


def load(folder: str | Path) -> Evaluation:
    """Read a saved evaluation; its services and inputs are read when first asked for.

    Raises:
        EvaluationError: When the folder holds no evaluation, a file is missing or has changed.
    """
    folder = Path(folder)
    manifest, contents = _read_manifest(folder)
    files, digests = contents.files, contents.digests
    if strange := sorted(files.keys() - _KNOWN):
        raise _damaged(folder / MANIFEST, f"no evaluation has a file '{shorten(strange[0])}'")
    tables = {
        name: _read_table(folder, name, files)
        for name in (*TABLES, *EXTRA)
        if name != "treatments" or "treatments.parquet" in files  # earlier versions have none
    }
    evaluation = Evaluation(
        manifest=manifest,
        ruleset_text=_checked(folder, RULESET, files).decode(),
        agencies=tables["agencies"],
        criteria=tables["criteria"],
        bands=tables["bands"],
        lists=tables["lists"],
        findings=tables["findings"],
        reconciliations=tables["reconciliations"],
        vanished=tables["vanished"],
        treatments=tables.get("treatments", pl.DataFrame(schema=TREATMENTS)),
        warnings=tuple(Problem(text, severity="warning") for text in manifest.warnings),
        _services=lambda: _read_table(folder, "services", files),
        _inputs=lambda: {
            name: _read_input(folder, name, files)
            for name in INPUTS
            if f"inputs/{name}.parquet" in files
        },
        _dataset_digest=lambda: digests.get("dataset", ""),
    )
    _check_digests(evaluation, digests, folder)
    return evaluation


def _check_digests(evaluation: Evaluation, told: Mapping[str, str], folder: Path) -> None:
    """Check that the manifest's digests are those of its ruleset and of the table of agencies."""
    try:
        digests = evaluation.digests
    except pl.exceptions.PolarsError:
        raise EvaluationError.of(
            "the table lacks columns that every evaluation has, or they are of another kind",
            source=str(folder / "agencies.parquet"),
            hint="restore it, or evaluate anew",
        ) from None
    if strange := sorted(told.keys() - digests.keys()):
        raise _damaged(folder / MANIFEST, f"there is no digest '{shorten(strange[0])}'")
    for name in ("scores", *digests):
        if told.get(name) != digests[name]:
            raise EvaluationError.of(
                f"the manifest's digest of the {name} is not that of what it belongs to",
                source=str(folder / MANIFEST),
                hint="restore it, or evaluate anew",
            )


def _write(evaluation: Evaluation, folder: Path) -> None:
    tables = {name: getattr(evaluation, name) for name in (*TABLES, "services", *EXTRA)}
    (folder / "inputs").mkdir()
    inputs = {f"inputs/{name}": table for name, table in evaluation.inputs.items()}
    try:
        for name, table in {**tables, **inputs}.items():
            table.write_parquet(folder / f"{name}.parquet")
        for name, table in tables.items():
            table.write_csv(folder / f"{name}.csv")
    except pl.exceptions.PolarsError as error:  # how Polars tells of a full disk
        raise OSError(str(error).rpartition("IO error: ")[2]) from error
    (folder / RULESET).write_text(evaluation.ruleset_text, encoding="utf-8")
    files = {
        path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    manifest = evaluation.manifest.model_dump(mode="json")
    document = {
        "schema": manifest.pop("schema_"),
        "digests": dict(evaluation.digests),
        **manifest,
        "files": files,
    }
    text = json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def keep_own(folder: Path, place: Path) -> None:
    """Keep what is made of an evaluation from replacing a file of that evaluation.

    Raises:
        EvaluationError: *place* is such a file.
    """
    own = {folder.resolve() / name for name in (MANIFEST, *_KNOWN)}
    if place.resolve() in own:
        raise EvaluationError.of(
            "this file is a part of the evaluation itself",
            source=str(place),
            hint="choose another place",
        )


def _check_replaceable(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():  # a file, and no less a device such as /dev/null
        raise EvaluationError.of("this is no folder, and a folder is needed", source=str(folder))
    if not folder.is_dir() or not any(folder.iterdir()):
        return
    ours: set[str] = set()
    if (folder / MANIFEST).is_file():
        ours = {MANIFEST, *_read_manifest(folder)[1].files}
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir()}
    refuse_foreign(folder, there - ours, "an evaluation")


def _read_manifest(folder: Path) -> tuple[Manifest, _Contents]:
    path = folder / MANIFEST
    if not path.is_file():
        raise EvaluationError.of(
            "here is no saved evaluation",
            source=str(folder),
            hint=f"it has a file {MANIFEST}, written by `egovrules evaluate … --out DIR`",
        )
    if path.stat().st_size > MAX_MANIFEST:
        raise _damaged(path, "it is larger than any manifest")
    try:
        document = json.loads(_read(path), object_pairs_hook=_once)
        json.dumps(document, ensure_ascii=False).encode()  # halves of a character are refused
    except _TwiceError as error:
        raise _damaged(path, f"the key '{shorten(str(error))}' stands twice in one place") from None
    except (ValueError, RecursionError):
        raise _damaged(path, "it is not JSON") from None
    if not isinstance(document, dict):
        raise _damaged(path, "it is no manifest")
    form = document.get("schema")
    if form != MANIFEST_SCHEMA:
        raise EvaluationError.of(
            f"this is no evaluation of a form that is known here: {str(form)[:80]}",
            source=str(path),
            hint=f"this version reads {MANIFEST_SCHEMA}",
        )
    try:
        own = {key: document.pop(key) for key in ("digests", "files") if key in document}
        del document["schema"]
        return Manifest.model_validate(document), _Contents.model_validate(own)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in fault["loc"])
        raise _damaged(path, f"'{where}' is missing or not what it should be") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of JSON, in which no key may be hidden by another."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _TwiceError(key)
        found[key] = value
    return found


def _damaged(path: Path, reason: str) -> EvaluationError:
    return EvaluationError.of(
        f"the manifest is damaged: {reason}", source=str(path), hint="restore it, or evaluate anew"
    )


def _read_table(folder: Path, name: str, files: Mapping[str, str]) -> pl.DataFrame:
    _checked(folder, f"{name}.parquet", files)
    text = None if name.startswith("inputs/") else _checked(folder, f"{name}.csv", files)
    try:
        table = pl.read_parquet(folder / f"{name}.parquet", glob=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        message = f"the table cannot be read: {str(error).splitlines()[0]}"
        raise EvaluationError.of(message, source=str(folder / f"{name}.parquet")) from error
    if text is not None and not _says(text, table):  # what people read must be what was evaluated
        raise EvaluationError.of(
            f"this file does not say what {name}.parquet says",
            source=str(folder / f"{name}.csv"),
            hint="restore it, or evaluate anew",
        )
    return table


def _read_input(folder: Path, name: str, files: Mapping[str, str]) -> pl.DataFrame:
    table = _read_table(folder, f"inputs/{name}", files)
    wrong = ""
    if dict(table.schema) != LEDGERS.get(name, table.schema):
        wrong = "the table lacks columns that it always has, or they are of another kind"
    elif name == "links" and (empty := [one for one in FULL if table[one].null_count()]):
        wrong = f"the table lacks values in a column that always has one, '{empty[0]}'"
    if wrong:
        source = str(folder / f"inputs/{name}.parquet")
        raise EvaluationError.of(wrong, source=source, hint="restore it, or evaluate anew")
    return table


def _says(text: bytes, table: pl.DataFrame) -> bool:
    """Tell whether a CSV file holds what a table holds."""
    try:  # the second, because another version of Polars may have written the same otherwise
        return table.write_csv().encode() == text or pl.read_csv(text, schema=table.schema).equals(
            table
        )
    except pl.exceptions.PolarsError:
        return False


def _checked(folder: Path, name: str, files: Mapping[str, str]) -> bytes:
    """Read a file and check that it is the one that was written."""
    path = folder / name
    if not path.is_file() or name not in files:
        raise EvaluationError.of("a file of this evaluation is missing", source=str(path))
    content = _read(path)
    if sha256(content).hexdigest() != files[name]:
        raise EvaluationError.of(
            "this file has changed since the evaluation was saved",
            source=str(path),
            hint="restore it, or evaluate anew",
        )
    return content


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"this file cannot be read: {error.strerror or error}"
        raise EvaluationError.of(message, source=str(path)) from error
