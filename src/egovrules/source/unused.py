"""What a source brings and nothing reads: tables, and columns that no ruleset asks for."""

from collections.abc import Collection, Iterator, Mapping

from egovrules import conditions
from egovrules._document import Loc
from egovrules.conditions import ConditionError
from egovrules.entries import Subjects
from egovrules.errors import Problem, did_you_mean
from egovrules.fields import AGENCY_FIELDS, SERVICE_FIELDS, FieldSpec
from egovrules.source import Source
from egovrules.source.form import ColumnEntry

_STANDARD = ("agencies", "services", "links", "answers", "history")
_OWN: Mapping[Subjects, Mapping[str, FieldSpec]] = {
    "agencies": AGENCY_FIELDS,
    "services": SERVICE_FIELDS,
}


def unused_tables(source: Source) -> Iterator[Problem]:
    """Yield the tables that are none of those of a dataset and are folded into none."""
    folded = {fold.table for folds in source.file.folds.values() for fold in folds.values()}
    for name in source.file.tables:
        if name not in (*_STANDARD, *folded):
            near = did_you_mean(name, _STANDARD)
            hint = near if near.startswith("did") else "fold it under `folds:`, or remove it"
            yield _warning(source, ("tables", name), f"nothing reads the table '{name}'", hint)


def unused_columns(source: Source, read: Mapping[Subjects, Collection[str]]) -> Iterator[Problem]:
    """Yield the columns of agencies and services that neither rulesets nor the source read.

    Args:
        source: The source.
        read: The columns that rulesets read, by table. The model's own, names among them, are
            always read.
    """
    for table, own in _OWN.items():
        places: dict[str, Loc] = {}
        if table in source.file.tables:
            columns = source.file.tables[table].columns
            places = {name: ("tables", table, "columns", name) for name in columns}
        places |= {name: ("folds", table, name) for name in source.file.folds.get(table, {})}
        known = {*own, *read.get(table, ()), *_used_within(source, table)}
        for name, loc in places.items():
            if name not in known and not name.startswith("name_"):
                message = f"no ruleset that is checked reads '{name}'"
                yield _warning(source, loc, message, "remove it, or use it")


def _used_within(source: Source, table: Subjects) -> set[str]:
    """Name the columns of a table that the source itself reads."""
    found: set[str] = set()
    entry = source.file.tables.get(table)
    if entry is not None:
        found |= {*entry.distinct}
        found |= set() if entry.pivot else _names(entry.where)  # before a pivot, of the file
        for name, column in entry.columns.items():
            if isinstance(column, ColumnEntry):  # its own name is a column of the file there
                found |= (_names(column.when) | _names(column.value)) - {name}
    for folds in source.file.folds.values():
        for fold in folds.values():
            if fold.table == table:
                found |= {name for name in (fold.by, fold.sum, fold.mean) if name}
                found |= _names(fold.when)
    return found


def _names(text: str | None) -> frozenset[str]:
    """Return the names in a condition; what is wrong with it is told when it is carried out."""
    try:
        return conditions.names(text) if text else frozenset()
    except ConditionError:
        return frozenset()


def _warning(source: Source, loc: Loc, message: str, hint: str) -> Problem:
    return source.document.problem(loc, message, hint=hint, severity="warning", at="key")
