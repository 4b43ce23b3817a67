"""Saving an evaluation to a folder and reading it back: whole or not at all.

A saved evaluation stands by itself: the manifest, the effective ruleset, every table as Parquet
and CSV, and under ``inputs/`` the columns that were read.
"""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import ValidationError

from egovrules.errors import EvaluationError
from egovrules.result import MANIFEST_SCHEMA, TABLES, Evaluation, Manifest

MANIFEST = "evaluation.json"
RULESET = "ruleset.yaml"
EXTRA = ("vanished",)


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
    _check_replaceable(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _in_its_place(folder) as draft:
            _write(evaluation, draft)
    except OSError as error:
        raise EvaluationError.of(
            f"the result cannot be written: {error.strerror or error}",
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
    manifest, digests, files = _read_manifest(folder)
    tables = {name: _read_table(folder, name, files) for name in (*TABLES, *EXTRA)}
    return Evaluation(
        manifest=manifest,
        ruleset_text=_checked(folder, RULESET, files).decode(),
        agencies=tables["agencies"],
        criteria=tables["criteria"],
        bands=tables["bands"],
        lists=tables["lists"],
        findings=tables["findings"],
        reconciliations=tables["reconciliations"],
        vanished=tables["vanished"],
        _services=lambda: _read_table(folder, "services", files),
        _inputs=lambda: {
            name: _read_table(folder, f"inputs/{name}", files)
            for name in ("agencies", "services")
            if f"inputs/{name}.parquet" in files
        },
        _dataset_digest=lambda: str(digests.get("dataset", "")),
    )


def _write(evaluation: Evaluation, folder: Path) -> None:
    tables = {name: getattr(evaluation, name) for name in (*TABLES, "services", *EXTRA)}
    (folder / "inputs").mkdir()
    for name, table in tables.items():
        table.write_parquet(folder / f"{name}.parquet")
        table.write_csv(folder / f"{name}.csv")
    for name, table in evaluation.inputs.items():
        table.write_parquet(folder / "inputs" / f"{name}.parquet")
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


@contextmanager
def _in_its_place(folder: Path) -> Iterator[Path]:
    """Give a fresh folder beside *folder*, and swap it in when all went well."""
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    old = draft.with_name(draft.name + ".old")
    try:
        draft.chmod(0o755)  # mkdtemp's 0700 would keep a shared result from others
        yield draft
        if folder.exists():
            folder.rename(old)
        try:
            draft.rename(folder)
        except OSError:
            if old.exists():
                old.rename(folder)
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def _check_replaceable(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():  # a file, and no less a device such as /dev/null
        raise EvaluationError.of("this is no folder, and a folder is needed", source=str(folder))
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MANIFEST).is_file():
        raise EvaluationError.of(
            "this folder holds other things than an evaluation",
            source=str(folder),
            hint="choose an empty or a new folder",
        )


def _read_manifest(folder: Path) -> tuple[Manifest, dict[str, Any], dict[str, str]]:
    path = folder / MANIFEST
    if not path.is_file():
        raise EvaluationError.of(
            "here is no saved evaluation",
            source=str(folder),
            hint=f"it has a file {MANIFEST}, written by `egovrules evaluate … --out DIR`",
        )
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document.get("schema") != MANIFEST_SCHEMA:
            raise EvaluationError.of(
                f"this evaluation is of the form {document.get('schema')!r}",
                source=str(path),
                hint=f"this version reads {MANIFEST_SCHEMA!r}",
            )
        manifest = Manifest.model_validate(document)
        return manifest, dict(document["digests"]), dict(document["files"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ValidationError) as error:
        reason = str(error).splitlines()[0]
        raise EvaluationError.of(f"the manifest is damaged: {reason}", source=str(path)) from error


def _read_table(folder: Path, name: str, files: dict[str, str]) -> pl.DataFrame:
    _checked(folder, f"{name}.parquet", files)
    try:
        return pl.read_parquet(folder / f"{name}.parquet", glob=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        message = f"the table cannot be read: {str(error).splitlines()[0]}"
        raise EvaluationError.of(message, source=str(folder / f"{name}.parquet")) from error


def _checked(folder: Path, name: str, files: dict[str, str]) -> bytes:
    """Read a file and check that it is the one that was written."""
    path = folder / name
    if not path.is_file() or name not in files:
        raise EvaluationError.of("a file of this evaluation is missing", source=str(path))
    content = path.read_bytes()
    if sha256(content).hexdigest() != files[name]:
        raise EvaluationError.of(
            "this file has changed since the evaluation was saved",
            source=str(path),
            hint="restore it, or evaluate anew",
        )
    return content
