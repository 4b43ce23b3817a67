"""Which new columns of a table are calculated from which others, and in what order to make them."""

from collections.abc import Collection, Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

from egovrules import conditions
from egovrules._document import Loc
from egovrules.conditions import ConditionError
from egovrules.errors import DatasetError, Problem
from egovrules.source import Source
from egovrules.source.form import ColumnEntry

Needs = Mapping[str, set[str]]


def needs_of(source: Source, table: str, folds: Collection[str]) -> dict[str, set[str]]:
    """Return which other columns each new column of a table is calculated from.

    Args:
        source: The source.
        table: Name of the table.
        folds: Columns that other tables are folded into; each hangs on the table's codes.

    Raises:
        DatasetError: When a calculation cannot be read.
    """
    columns = source.file.tables[table].columns
    known = {*columns, *folds}
    needs: dict[str, set[str]] = {}
    for name, entry in columns.items():
        text, loc = calculation(entry, ("tables", table, "columns", name))
        needs[name] = (names_in(source, text, loc) & known) - {name}
    return needs | {name: {"code"} & known for name in folds}


def in_order(source: Source, table: str, needs: Needs) -> list[str]:
    """Return the new columns, each after those that it is calculated from.

    Raises:
        DatasetError: When they go in a circle.
    """
    try:
        return list(TopologicalSorter(needs).static_order())
    except CycleError as error:
        names = " → ".join(error.args[1])
        message = f"these columns are calculated from one another: {names}"
        loc = ("tables", table, "columns", error.args[1][0])
        raise DatasetError([source.document.problem(loc, message, at="key")]) from None


def with_needed(names: Iterable[str], needs: Needs) -> set[str]:
    """Return the names that are new columns, and all that these are calculated from."""
    found: set[str] = set()
    waiting = [name for name in names if name in needs]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += needs[name]
    return found


def calculation(entry: str | ColumnEntry, loc: Loc) -> tuple[str | None, Loc]:
    """Return the condition or calculation of a column, and its place; None where it has none."""
    if isinstance(entry, str):
        return None, loc
    return (entry.when, (*loc, "when")) if entry.when else (entry.value, (*loc, "value"))


def names_in(source: Source, text: str | None, loc: Loc) -> set[str]:
    """Return the names in a condition; what is wrong with their use is told when it is parsed.

    Raises:
        DatasetError: When it cannot be read.
    """
    if text is None:
        return set()
    try:
        return set(conditions.names(text))
    except ConditionError as error:
        raise DatasetError([within(source, loc, error)]) from None


def within(source: Source, loc: Loc, error: ConditionError) -> Problem:
    """Point into a condition of the source file."""
    place = (error.start, error.end)
    return source.document.problem(loc, error.message, hint=error.hint, within=place)
