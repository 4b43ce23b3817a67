"""An evaluation as a Data Package: CSV files, and a description that programs read.

The form is that of https://specs.frictionlessdata.io (version 1, tabular data package).
"""

import json
import re
from hashlib import sha256
from pathlib import Path
from typing import Any

from egovrules.export.about import about
from egovrules.export.columns import Column, Described, with_codebook
from egovrules.export.csv_files import write_csv
from egovrules.export.press import escaped
from egovrules.export.tables import KEYS, REFERENCES, tables_of, title_of
from egovrules.report.summary import marks
from egovrules.result import Evaluation
from egovrules.text import direction, pick, translate

DESCRIPTOR, README, RULESET = "datapackage.json", "README.md", "ruleset.yaml"
_FILES = (
    "datapackage.json describes every column for programs, codebook.csv for people; "
    "ruleset.yaml is the ruleset in force."
)
_CELLS = (
    "An empty cell has no value. A text that a spreadsheet could take for a formula has an "
    "apostrophe before it; take one off for the text as it was."
)


def write_package(
    evaluation: Evaluation, folder: Path, language: str, licence: str | None = None
) -> None:
    """Fill a folder with a Data Package.

    Cells are as the evaluation has them (states are words such as ``not_applicable``); titles and
    meanings are in the language. Files are UTF-8 without a byte order mark.

    Args:
        evaluation: What to write.
        folder: Where to.
        language: Of titles and meanings.
        licence: Identifier such as CC-BY-4.0, or the address of a licence.

    Raises:
        OSError: A file cannot be written.
    """
    found = with_codebook(tables_of(evaluation, language), evaluation, language)
    resources = []
    for name, described in found.items():
        path = folder / f"{name}.csv"
        write_csv(described.table, path, mark=False)
        resources.append(_resource(name, described, path, language))
    info = evaluation.manifest.ruleset
    told = [line.text for line in marks(language, evaluation)]
    description = pick(info.description, language)
    package: dict[str, Any] = {
        "profile": "tabular-data-package",
        "name": re.sub(r"[^a-z0-9._-]+", "-", info.id.lower()),
        "title": pick(info.title, language),
        "description": "\n\n".join([*told, description] if description else told),
        "licenses": [] if licence is None else [_licence(licence)],
        "egovrules": {
            "digests": dict(evaluation.digests),
            "engine": evaluation.manifest.engine,
            "period": info.period,
            "settings": info.settings,
            "synthetic": evaluation.manifest.synthetic,
        },
        "resources": resources,
    }
    kept = {key: value for key, value in package.items() if value not in ("", [])}
    text = json.dumps(kept, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    (folder / DESCRIPTOR).write_text(text, encoding="utf-8", newline="\n")
    (folder / RULESET).write_text(evaluation.ruleset_text, encoding="utf-8", newline="\n")
    (folder / README).write_text(_readme(evaluation, found, language), "utf-8", newline="\n")


def _licence(licence: str) -> dict[str, str]:
    return {"path": licence} if licence.startswith(("https://", "http://")) else {"name": licence}


def _resource(name: str, described: Described, path: Path, language: str) -> dict[str, Any]:
    key = KEYS.get(name, ())
    schema: dict[str, Any] = {
        "fields": [_field(column, key) for column in described.columns],
        "missingValues": [""],
    }
    if key:
        schema["primaryKey"] = list(key)
    if references := REFERENCES.get(name):
        schema["foreignKeys"] = [
            {
                "fields": column,
                "reference": {"resource": "" if table == name else table, "fields": field},
            }
            for column, (table, field) in references.items()
        ]
    content = path.read_bytes()
    return {
        "profile": "tabular-data-resource",
        "name": name,
        "path": path.name,
        "title": translate(title_of(name), language),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{sha256(content).hexdigest()}",
        "schema": schema,
    }


def _field(column: Column, key: tuple[str, ...]) -> dict[str, Any]:
    field: dict[str, Any] = {"name": column.name, "type": column.type, "title": column.title}
    if column.meaning:
        field["description"] = column.meaning
    if column.unit:
        field["unit"] = column.unit
    constraints: dict[str, Any] = {"required": True} if column.name in key else {}
    if column.kind in ("count", "rank"):
        constraints["minimum"] = 0 if column.kind == "count" else 1
    if constraints:
        field["constraints"] = constraints
    return field


def _readme(evaluation: Evaluation, found: dict[str, Described], language: str) -> str:
    """Say what the package holds, to people."""
    title = escaped(pick(evaluation.manifest.ruleset.title, language))
    facts = [
        f"- **{escaped(one.label)}**: {escaped(one.text)}" for one in about(evaluation, language)
    ]
    files = [
        f"- `{name}.csv`: {escaped(translate(title_of(name), language))} "
        f"({translate('rows: {count}', language, count=one.table.height)})"
        for name, one in found.items()
    ]
    told = [escaped(translate(note, language)) for note in (_FILES, _CELLS)]
    body = "\n".join([f"# {title}", "", *facts, "", *files, "", *told])
    if direction(language) == "rtl":
        return f'<div dir="rtl" lang="{language}">\n\n{body}\n\n</div>\n'
    return f"{body}\n"
