"""What became of computing an evaluation anew, as blocks."""

import polars as pl

from egovrules._yaml_rules import shorten
from egovrules.report.blocks import Block, Line, Table, headed, number, parted
from egovrules.report.plain import on_one_line
from egovrules.report.summary import heading
from egovrules.text import NO_VALUE, format_number, translate
from egovrules.verification import INPUTS, Verification
from egovrules.verification.claims import EARLIER, FILES, PUBLISHED
from egovrules.verification.differences import ROW

LISTED = 20  # differences that are shown
_WIDEST = 70  # characters of a cell that are shown; a SHA-256 in quotes has 66
_UNCHECKED = {
    FILES: "the files of the data, and what was said on reading them (--data)",
    PUBLISHED: "whether the ruleset is the published one (--ruleset)",
    EARLIER: "the earlier evaluation (--previous)",
}
_SAME = (
    "Computed anew from its own inputs: the same, bit for bit, in {tables} tables ({cells} cells)"
)
_NEAR = (
    "Computed anew from its own inputs: the same within 0.000000001 in {tables} tables "
    "({cells} cells)"
)
_OTHER = "Computed anew from its own inputs: not the same; differences: {count}"


def verdict(verification: Verification, language: str = "en") -> list[Block]:
    """Say whether an evaluation is the same when it is computed anew, and what differs."""
    found, table = verification.differences, pl.col("table")
    given = {name: found.filter(table == name) for name in (FILES, PUBLISHED, EARLIER)}
    of_inputs = table.str.starts_with(INPUTS)
    return [
        *heading(verification.evaluation, language),
        Line(""),
        *_results(verification, found.filter(~of_inputs & ~table.is_in(list(given))), language),
        *_versions(verification, language),
        *_dataset(verification, given[FILES], found.filter(of_inputs), language),
        *_published(verification, given[PUBLISHED], language),
        *_earlier(verification, given[EARLIER], language),
        *_unchecked(verification, language),
    ]


def _results(verification: Verification, found: pl.DataFrame, language: str) -> list[Block]:
    """Say whether the tables are the same, and list the first differences."""
    cells = {k: n for k, n in verification.cells.items() if not k.startswith(INPUTS)}
    counts = {
        "cells": format_number(sum(cells.values()), language),
        "tables": format_number(len(cells), language),
        "count": format_number(found.height, language),
    }
    if found.height:
        told = Line(translate(_OTHER, language, **counts), "bad")
        return [told, *_listed(found, "Differences", language)]
    return [Line(translate(_SAME if verification.exact else _NEAR, language, **counts))]


def _listed(found: pl.DataFrame, title: str, language: str) -> list[Block]:
    """Count differences by table, print the first, and count the rest."""
    by_table = found.group_by("table", maintain_order=True).len()
    totals = tuple((str(name), format_number(count, language)) for name, count in by_table.rows())
    first = found.head(LISTED).select("table", "key", "column", "recorded", "now").rows()
    rows = tuple(tuple(_shown(cell, row[2], language) for cell in row) for row in first)
    columns = headed(language, "Table", "Row", "Column", "Recorded", "Now")
    blocks: list[Block] = [
        Table("", headed(language, "Table", number("Differences")), totals),
        Table(translate(title, language), columns, rows),
    ]
    rest = found.height - LISTED
    if rest > 0:
        more = "and {count} more, all of them with --format csv"
        count = format_number(rest, language)
        blocks.append(Line(translate(more, language, count=count), "quiet"))
    return blocks


def _shown(cell: str | None, column: str | None, language: str) -> str:
    """Print a cell as it is; where a whole row is meant, say that it is there."""
    if cell is None:
        return NO_VALUE
    return translate(cell, language) if cell == ROW and column is None else _short(cell)


def _short(text: str) -> str:
    return shorten(on_one_line(text), _WIDEST)


def _versions(verification: Verification, language: str) -> list[Block]:
    """Say which versions differ, or why else numbers were compared within a tolerance."""
    if verification.exact:
        return []
    if not verification.versions:
        text = "Sums on DuckDB, and of very many services, depend on the order of adding up"
        return [Line(translate(text, language), "quiet")]
    rows = tuple(
        (_short(name), *(_short(one) or NO_VALUE for one in pair))
        for name, pair in verification.versions.items()
    )
    columns = headed(language, "Name", "Recorded", "Here")
    return [Table(translate("Versions that differ", language), columns, rows)]


def _dataset(
    verification: Verification, files: pl.DataFrame, inputs: pl.DataFrame, language: str
) -> list[Block]:
    """Say whether a dataset is the one that the evaluation was made from."""
    if verification.files is None:
        return []
    blocks: list[Block] = [Line("")]
    if not files.height:
        count = format_number(verification.files, language)
        text = "The files of the dataset are those that it was made from: {count}, unchanged"
        blocks.append(Line(translate(text, language, count=count)))
    else:
        text = "The files of the dataset are not those that it was made from:"
        blocks.append(Line(translate(text, language), "bad"))
    for name, recorded, now in files.select("key", "recorded", "now").rows():
        told = "changed" if recorded and now else "not there" if recorded else "not recorded"
        blocks.append(Line(f"  {_short(name)}: {translate(told, language)}"))
    if inputs.height:
        text = "What was read of them is not what the dataset holds; differences: {count}"
        blocks += _otherwise(inputs, text, "Differences of the inputs", language)
    return blocks


def _published(verification: Verification, found: pl.DataFrame, language: str) -> list[Block]:
    """Say whether the ruleset is the published one, where that was given."""
    if PUBLISHED in verification.unchecked:
        return []
    if found.height:
        text = "The ruleset is not the published one; differences: {count}"
        return _otherwise(found, text, "Differences from the published ruleset", language)
    text = "The ruleset is the published one"
    if verification.evaluation.manifest.ruleset.settings:
        text = "The ruleset is the published one, with the changes for this run"
    return [Line(translate(text, language))]


def _earlier(verification: Verification, found: pl.DataFrame, language: str) -> list[Block]:
    """Say whether growth was measured against the earlier evaluation that was given."""
    if EARLIER in verification.unchecked or verification.evaluation.manifest.previous is None:
        return []
    if found.height:
        text = "Growth was not measured against this earlier evaluation; differences: {count}"
        return _otherwise(found, text, "Differences from the earlier evaluation", language)
    return [Line(translate("Growth was measured against this earlier evaluation", language))]


def _otherwise(found: pl.DataFrame, text: str, title: str, language: str) -> list[Block]:
    count = format_number(found.height, language)
    told = Line(translate(text, language, count=count), "bad")
    return [told, *_listed(found, title, language)]


def _unchecked(verification: Verification, language: str) -> list[Block]:
    """Say what was taken as recorded, since nothing was given to compare it with."""
    if not verification.unchecked:
        return []
    names = (translate(_UNCHECKED[name], language) for name in verification.unchecked)
    parts = parted(names, language)
    return [Line(translate("Not checked, but taken as recorded: {parts}", language, parts=parts))]
