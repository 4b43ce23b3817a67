"""An evaluation as one JSON document."""

import json
from pathlib import Path
from typing import Any

from egovrules.export.tables import plain
from egovrules.result import TABLES, Evaluation


def as_document(evaluation: Evaluation, *, services: bool = False) -> dict[str, Any]:
    """Put manifest, digests and tables into one document; services, many, if asked for."""
    manifest = evaluation.manifest.model_dump(mode="json")
    names = (*TABLES, *(["services"] if services else []), "vanished")
    return {
        "schema": manifest.pop("schema_"),
        "failed": evaluation.failed,
        "digests": dict(evaluation.digests),
        **manifest,
        "tables": {name: plain(getattr(evaluation, name)).to_dicts() for name in names},
    }


def write_document(evaluation: Evaluation, path: Path) -> None:
    """Write the document in UTF-8; numbers are numbers, and what is missing is null."""
    document = as_document(evaluation, services=True)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        json.dump(document, file, ensure_ascii=False, indent=1, allow_nan=False, default=str)
        file.write("\n")
