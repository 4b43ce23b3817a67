"""The folds of a source: checked against the child table, then carried out."""

from dataclasses import dataclass
from typing import Literal

import polars as pl

from egovrules import conditions
from egovrules._document import Loc
from egovrules.conditions import ConditionError, Field
from egovrules.errors import Problem, did_you_mean
from egovrules.folding import fold_children
from egovrules.source import Source
from egovrules.source.calculated import within
from egovrules.source.form import FoldEntry


@dataclass(frozen=True, slots=True)
class Shaped:
    """A table that a source has made.

    Attributes:
        frame: Its columns, with the row column of its file.
        fields: What a condition may know of them.
        source: Name of the file.
        rows: What a message calls a row; after a pivot, a row stands for several of the file, and
            has the number of the first.
    """

    frame: pl.DataFrame
    fields: dict[str, Field]
    source: str
    rows: Literal["row", "unit at row"] = "row"


def misplaced(source: Source, entry: FoldEntry, parent: str, loc: Loc) -> Problem | None:
    """Say what is wrong with the table that a fold names; None where it can be folded."""
    tables = source.file.tables
    if entry.table not in tables:
        hint = did_you_mean(entry.table, tables)
        return source.document.problem((*loc, "table"), f"no table '{entry.table}'", hint=hint)
    if entry.table == parent or (parent, entry.table) == ("services", "agencies"):
        message = f"'{entry.table}' cannot be folded into '{parent}'"
        return source.document.problem((*loc, "table"), message)
    return None


def fold(
    source: Source, entry: FoldEntry, child: Shaped, keys: pl.Series, loc: Loc
) -> pl.Series | list[Problem]:
    """Fold a child table into one column, or say what is wrong with the entry.

    Args:
        source: The source that the entry is from.
        entry: The fold.
        child: The table that it names.
        keys: Codes of the parents.
        loc: Path of the entry.
    """
    problem = source.document.problem
    of = entry.sum or entry.mean
    wrong = [
        problem(
            (*loc, key),
            f"the table '{entry.table}' has no column '{column}'",
            hint=did_you_mean(column, child.fields),
        )
        for key, column in (("by", entry.by), (entry.operation, of))
        if column is not None and column not in child.fields
    ]
    if of is not None and of in child.fields and child.fields[of].type != "number":
        hint = f"under the columns of '{entry.table}', write {of}: {{from: ..., type: number}}"
        wrong.append(problem((*loc, entry.operation), f"'{of}' is not a number", hint=hint))
    when = None
    if entry.when is not None:
        try:
            when = conditions.parse(entry.when, child.fields)
        except ConditionError as error:
            wrong.append(within(source, (*loc, "when"), error))
    if wrong:
        return wrong
    return fold_children(keys, child.frame, entry.by, entry.operation, of=of, when=when)
