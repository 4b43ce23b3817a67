"""What became of computing an evaluation anew, as blocks."""

import polars as pl

from egovrules.report.blocks import Block, Line, Table, headed, number
from egovrules.report.plain import on_one_line
from egovrules.report.summary import heading
from egovrules.text import NO_VALUE, format_number, translate
from egovrules.verification import FILES, INPUTS, Verification
from egovrules.verification.differences import ROW

LISTED = 20  # differences that are shown
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
    found = verification.differences
    of_files = pl.col("table") == FILES
    of_inputs = pl.col("table").str.starts_with(INPUTS)
    return [
        *heading(verification.evaluation, language),
        Line(""),
        *_results(verification, found.filter(~of_files & ~of_inputs), language),
        *_versions(verification, language),
        *_dataset(verification, found.filter(of_files), found.filter(of_inputs), language),
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
    return translate(cell, language) if cell == ROW and column is None else on_one_line(cell)


def _versions(verification: Verification, language: str) -> list[Block]:
    """Say which versions differ, or why else numbers were compared within a tolerance."""
    if verification.exact:
        return []
    if not verification.versions:
        text = "Sums on DuckDB, and of very many services, depend on the order of adding up"
        return [Line(translate(text, language), "quiet")]
    rows = tuple(
        (on_one_line(name), *(on_one_line(one) or NO_VALUE for one in pair))
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
        blocks.append(Line(f"  {on_one_line(name)}: {translate(told, language)}"))
    if inputs.height:
        text = "What was read of them is not what the dataset holds; differences: {count}"
        count = format_number(inputs.height, language)
        blocks.append(Line(translate(text, language, count=count), "bad"))
        blocks += _listed(inputs, "Differences of the inputs", language)
    return blocks
