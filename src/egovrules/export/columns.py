"""The codebook: every column of every table, what it is called and what it means."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import polars as pl

from egovrules.export.cells import legible
from egovrules.export.meanings import KNOWN, Kind, Known
from egovrules.report.answers import STATUS
from egovrules.report.blocks import titled
from egovrules.report.called import all_called, grouped, title_of
from egovrules.report.plain import on_one_line
from egovrules.result import Evaluation, Manifest
from egovrules.text import format_number, pick, translate

# What follows a node's id in the name of a column of services.
_PARTS: dict[str, Known] = {
    "state": ("word", "state", "Scored, missing or not applicable"),
    "zero": ("flag", "counts as zero", "Whether the score is missing and counts as zero"),
    "numerator": ("number", "numerator", "What is added up over the services, above the line"),
    "denominator": ("number", "denominator", "What is added up over the services, below the line"),
    "uncapped": ("points", "uncapped score", "Before caps"),
    "cap": ("text", "cap", "Path of the cap that bounded the score"),
}
_UNITS: dict[Kind, str] = {
    "points": "points from {low} to {high}",
    "change": "points",
    "share": "share from 0 to 1",
    "rank": "place",
    "places": "places",
    "count": "count",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes:
        name: As the table has it.
        title: Its heading, in the language asked for.
        kind: What sort of value it holds.
        type: ``string``, ``integer``, ``number``, ``boolean`` or ``date``.
        unit: Of its numbers; empty where they have none, or where it is not known.
        meaning: In one sentence; empty where the title says it.
    """

    name: str
    title: str
    kind: Kind
    type: str
    unit: str
    meaning: str


class Described(NamedTuple):
    """A table, and what its columns are."""

    table: pl.DataFrame
    columns: tuple[Column, ...]


def with_codebook(
    tables: Mapping[str, pl.DataFrame], evaluation: Evaluation, language: str
) -> dict[str, Described]:
    """Describe every column of every table, and add the table of all columns, ``codebook``.

    That has the columns as well that were read of agencies and services.

    Args:
        tables: By name.
        evaluation: Whose tables they are.
        language: Of titles and meanings.
    """
    manifest = evaluation.manifest
    found = {name: described(name, table, manifest, language) for name, table in tables.items()}
    rows: list[tuple[str | None, ...]] = [
        (table, one.name, one.title, one.unit or None, one.type, one.meaning or None)
        for table, columns in found.items()
        for one in columns
    ]
    rows += _read(evaluation, language)
    schema = dict.fromkeys(KNOWN["codebook"], pl.String())
    book = legible(pl.DataFrame(rows, schema=schema, orient="row"))
    made = {name: Described(tables[name], columns) for name, columns in found.items()}
    own = described("codebook", book, manifest, language)
    return {**made, "codebook": Described(book, own)}


def _read(evaluation: Evaluation, language: str) -> Iterator[tuple[str | None, ...]]:
    """Describe the columns that were read, which the tables of results do not have."""
    meaning = translate("Column of the data that was read, before treatment", language)
    for table in ("agencies", "services"):
        known = evaluation.inputs.get(table, pl.DataFrame()).schema
        columns = [name for name in known if not name.endswith(STATUS)]
        for name, title in all_called(evaluation.manifest, table, columns, language).items():
            yield f"inputs/{table}", name, title, None, _type(known[name]), meaning


def described(
    table: str, frame: pl.DataFrame, manifest: Manifest, language: str
) -> tuple[Column, ...]:
    """Describe every column of a table; where several have one title, each with its name."""
    columns = [
        _column(name, dtype, _known(table, name, dtype, manifest, language), manifest, language)
        for name, dtype in frame.schema.items()
    ]
    count = Counter(column.title for column in columns)
    return tuple(
        one if count[one.title] == 1 else replace(one, title=f"{one.title} ({one.name})")
        for one in columns
    )


def _column(
    name: str, dtype: pl.DataType, known: Known, manifest: Manifest, language: str
) -> Column:
    kind, title, meaning = known
    low, high = (format_number(bound, language) for bound in manifest.ruleset.scale)
    return Column(
        name=name,
        title=on_one_line(title),
        kind=kind,
        type=_type(dtype),
        unit=translate(_UNITS.get(kind, ""), language, low=low, high=high),
        meaning=translate(meaning, language),
    )


def _known(table: str, name: str, dtype: pl.DataType, manifest: Manifest, language: str) -> Known:
    """Find out what a column is: the engine's own, a node's, a band's, a rank's, or derived.

    Only the engine's own is looked up in the catalogue; what a ruleset names is said as it is.
    """
    if name in KNOWN.get(table, {}):
        kind, title, meaning = KNOWN[table][name]
        return kind, translate(title, language), meaning
    titles = {node.id: pick(node.title, language, node.id) for node in manifest.tree}
    if name in titles:
        return "points", titles[name], "Score of this axis or criterion"
    node, _, part = name.rpartition(".")
    if part in _PARTS and node in titles:
        kind, words, meaning = _PARTS[part]
        return kind, f"{titles[node]}: {translate(words, language)}", meaning
    if name.startswith("band_"):
        rule = manifest.bands.get(name.removeprefix("band_"))
        title = titled(rule.title if rule else None, name.removeprefix("band_"), language)
        return "word", title, "Which band it is in"
    if name.startswith("rank_in_"):
        heading = grouped(manifest, name.removeprefix("rank_in_"), language)
        return "rank", heading, "Place by the total among those of the same group"
    title = title_of(manifest, table, name, language) or name.replace("_", " ").capitalize()
    derived = "A value that the ruleset derives" if table in ("agencies", "services") else ""
    return _kind(dtype), title, derived


def _kind(dtype: pl.DataType) -> Kind:
    if dtype.is_numeric():
        return "number"
    return "flag" if dtype == pl.Boolean else "text"


def _type(dtype: pl.DataType) -> str:
    if dtype.is_integer():
        return "integer"
    if dtype.is_float():
        return "number"
    return {pl.Boolean: "boolean", pl.Date: "date"}.get(type(dtype), "string")
