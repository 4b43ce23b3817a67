"""One table of a source on its way: its file, its rows, its columns, in the order they need.

So a code that is unknown, or a number that is none, matters only in rows that are kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

import narwhals as nw
import polars as pl

from egovrules import conditions
from egovrules._document import Loc
from egovrules.conditions import Condition, ConditionError, Field, FieldType
from egovrules.errors import DatasetError, Problem, did_you_mean
from egovrules.readers.common import ROW
from egovrules.source import Source
from egovrules.source.calculated import (
    calculation,
    in_order,
    names_in,
    needs_of,
    with_needed,
    within,
)
from egovrules.source.columns import joined, lookup_table, read_column, rows_where, type_of
from egovrules.source.files import SourceFiles
from egovrules.source.folds import Shaped, fold, misplaced
from egovrules.source.form import ColumnEntry, FoldEntry, Lookup, PivotEntry, TableEntry
from egovrules.source.pivot import CELL_ROW, pivoted
from egovrules.tally import Tally

_NEW = "\x1fnew "  # before a column that is being made, so that it cannot hide one of the file
_DTYPES: dict[FieldType, pl.DataType] = {
    "number": pl.Float64(),
    "boolean": pl.Boolean(),
    "text": pl.String(),
    "date": pl.Date(),
}


@dataclass
class SourceTable:
    """One table on its way."""

    source: Source
    files: SourceFiles
    done: dict[str, Shaped]
    tally: Tally
    name: str
    frame: pl.DataFrame = field(default_factory=pl.DataFrame)
    originals: tuple[str, ...] = ()  # columns of the file, or of what a pivot makes of it
    before: tuple[str, ...] = ()  # columns of the file that a pivot was made of
    spread: frozenset[str] = frozenset()  # columns that a pivot made
    fields: dict[str, Field] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)  # of each field, its column now
    needs: dict[str, set[str]] = field(default_factory=dict)  # new columns behind a new column
    order: list[str] = field(default_factory=list)  # in which new columns can be made

    @property
    def entry(self) -> TableEntry:
        """What the source file says of this table."""
        return self.source.file.tables[self.name]

    @property
    def loc(self) -> Loc:
        """Where it says so."""
        return ("tables", self.name)

    @property
    def folds(self) -> dict[str, FoldEntry]:
        """What is folded into this table, by the name of the new column."""
        folds = self.source.file.folds
        if self.name == "services":
            return folds.get("services", {})
        return folds.get("agencies", {}) if self.name == "agencies" else {}

    def problem(
        self, loc: Loc, message: str, *, at: Literal["key", "value"] = "value", **more: Any
    ) -> Problem:
        """Point into the source file."""
        return self.source.document.problem(loc, message, at=at, **more)

    def made(self) -> Shaped:
        """Go through all steps."""
        self.frame = self.files.read(self.entry.file, self.entry.layout, self.loc, self.name)
        self.start([column for column in self.frame.columns if column != ROW])
        self.needs = needs_of(self.source, self.name, self.folds)
        self.order = in_order(self.source, self.name, self.needs)
        if self.entry.pivot is not None:
            self.pivot(self.entry.pivot)
        else:
            self.keep_rows()
        self.keep_distinct()
        self.make(self.needs)
        return self.finished()

    def start(self, originals: Iterable[str]) -> None:
        """Begin with columns of text, which the new ones are made of."""
        self.originals = tuple(originals)
        self.fields = dict.fromkeys(self.originals, Field("text"))
        self.columns = {column: column for column in self.originals}

    def pivot(self, entry: PivotEntry) -> None:
        """Keep the rows that are meant, and make them wide; new columns are made of the result."""
        self.before = self.originals
        self.frame, made = pivoted(
            self.source, self.name, entry, self.frame, new=self.needs, tally=self.tally
        )
        self.spread = frozenset(made)
        self.start([*entry.rows, *made])

    def make(self, names: Iterable[str]) -> None:
        """Make new columns, and what they are calculated from, unless they are made already."""
        wanted = with_needed(names, self.needs)
        for name in self.order:
            if name not in wanted or self.columns.get(name) == _NEW + name:
                continue
            if name in self.folds:
                self.fold(name, self.folds[name])
            else:
                self.make_column(name)

    def make_column(self, name: str) -> None:
        """Make one column; where that fails, an empty one, so that the rest can go on."""
        entry, loc = self.entry.columns[name], (*self.loc, "columns", name)
        if isinstance(entry, str):
            entry = ColumnEntry.model_validate({"from": entry})
        else:
            loc = (*loc, "from") if entry.from_ else loc
        if entry.from_:
            self.take_over(name, entry, loc)
        elif entry.join:
            self.join(name, entry, loc)
        elif entry.count:
            self.count(name, entry, loc)
        else:
            want: FieldType = "boolean" if entry.when else "number"
            text, loc = calculation(entry, loc)
            condition = self.condition(str(text), loc, want)
            columns = dict(self.columns)  # before this name means the new column
            self.add(name, None, Field(want))
            if condition is not None:
                made = condition.expression(columns).alias(_NEW + name)
                self.frame = nw.from_native(self.frame).with_columns(made).to_native()

    def take_over(self, name: str, entry: ColumnEntry, loc: Loc) -> None:
        """Add a column that is taken from one of the file, read as its entry says."""
        if not self.has(str(entry.from_), loc):
            self.add(name, None, Field(type_of(entry)))
            return
        lookup = self.lookup(entry.lookup, loc[:-1]) if entry.lookup else None
        if entry.lookup and lookup is None:
            self.add(name, None, Field(type_of(entry)))
            return
        frame, column = self.frame, str(entry.from_)
        if self.entry.pivot is not None and column in self.spread:
            frame = frame.with_columns(pl.col(CELL_ROW + column).alias(ROW))
            column = self.entry.pivot.values
        values, statuses, known = read_column(
            frame,
            entry,
            missing=self.tokens(entry.missing),
            lookup=lookup,
            source=self.entry.file,
            column=column,
            tally=self.tally,
        )
        self.add(name, values, known)
        if statuses is not None:
            self.add(f"{name}__status", statuses, Field("text"))

    def lookup(self, entry: Lookup, loc: Loc) -> dict[str, str] | None:
        """Read a look-up table; None, and the problems noted, where it cannot be used."""
        loc = (*loc, "lookup")
        frame = self.files.read(entry.file, entry.layout, loc)
        wrong = [
            self.problem(
                (*loc, key),
                f"'{entry.file}' has no column '{column}'",
                hint=did_you_mean(column, set(frame.columns) - {ROW}),
            )
            for key, column in (("key", entry.key), ("value", entry.value))
            if column not in frame.columns
        ]
        self.tally.add(*wrong)
        return None if wrong else lookup_table(frame, entry.key, entry.value)

    def count(self, name: str, entry: ColumnEntry, loc: Loc) -> None:
        """Add a column that counts how many columns hold one of some texts, row by row."""
        there = [self.has(column, (*loc, "count", at)) for at, column in enumerate(entry.count)]
        total = None
        if all(there):
            hits = pl.col(entry.count).is_in(list(entry.of)).fill_null(value=False)
            total = self.frame.select(pl.sum_horizontal(hits.cast(pl.Float64))).to_series()
        self.add(name, total, Field("number"))

    def join(self, name: str, entry: ColumnEntry, loc: Loc) -> None:
        """Add a column of texts that are put together."""
        there = [self.has(column, (*loc, "join", at)) for at, column in enumerate(entry.join)]
        texts = joined(self.frame, entry, self.tokens()) if all(there) else None
        self.add(name, texts, Field("text"))

    def tokens(self, own: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """Return what means missing: a column's own tokens, else the table's, else the file's."""
        tokens = (own, self.entry.missing, self.source.file.missing)
        return next(one for one in tokens if one is not None)

    def has(self, column: str, loc: Loc) -> bool:
        """Tell whether the file has a column; if not, say so."""
        if column in self.originals:
            return True
        message = f"'{self.entry.file}' has no column '{column}'"
        hint = did_you_mean(column, self.originals)
        if self.before:
            message = f"the pivot of '{self.entry.file}' makes no column '{column}'"
            hint = "name it in 'rows', to keep it" if column in self.before else hint
        self.tally.add(self.problem(loc, message, hint=hint))
        return False

    def condition(self, text: str, loc: Loc, want: FieldType) -> Condition | None:
        """Parse a condition over the columns so far; None (and a problem) if it is wrong."""
        try:
            return conditions.parse(text, self.fields, want=want)
        except ConditionError as error:
            self.tally.add(within(self.source, loc, error))
            return None

    def add(self, name: str, values: pl.Series | None, known: Field) -> None:
        """Add a column; an empty one where there are no values."""
        if values is None:
            values = pl.Series(_NEW + name, [None], _DTYPES[known.type]).new_from_index(
                0, self.frame.height
            )
        self.frame = self.frame.with_columns(values.alias(_NEW + name))
        self.fields[name] = known
        self.columns[name] = _NEW + name

    def keep_rows(self) -> None:
        """Apply ``where``, and make the new columns that it asks for."""
        loc = (*self.loc, "where")
        names = names_in(self.source, self.entry.where, loc)
        for name in sorted(with_needed(names, self.needs) & self.folds.keys()):
            message = f"'{name}' is folded from another table, after the rows are chosen"
            raise DatasetError([self.problem(loc, message)])
        self.make(names)
        if self.entry.where is not None:
            where = self.condition(self.entry.where, loc, "boolean")
            if where is not None:
                self.frame = rows_where(self.frame, where, self.columns)

    def keep_distinct(self) -> None:
        """Apply ``distinct``."""
        if self.entry.distinct:
            self.make(self.entry.distinct)
            subset = []
            for at, name in enumerate(self.entry.distinct):
                if name in self.columns or self.has(name, (*self.loc, "distinct", at)):
                    subset.append(self.columns[name])
            if subset:
                self.frame = self.frame.unique(subset, keep="first", maintain_order=True)

    def fold(self, name: str, entry: FoldEntry) -> None:
        """Fold another table into one column."""
        loc: Loc = ("folds", self.name, name)
        kind: FieldType = "boolean" if entry.operation == "any" else "number"
        child = self.done.get(entry.table)
        wrong = misplaced(self.source, entry, self.name, loc)
        folded: pl.Series | None = None
        if wrong is not None:
            self.tally.add(wrong)
        elif "code" not in self.columns:
            message = f"the table '{self.name}' has no column 'code' to fold by"
            self.tally.add(self.problem(loc, message, at="key"))
        elif child is not None:  # else its own problems are told already
            keys = self.frame[self.columns["code"]].cast(pl.String)
            result = fold(self.source, entry, child, keys, loc)
            if isinstance(result, list):
                self.tally.add(*result)
            else:
                folded = result
        self.add(name, folded, Field(kind))

    def finished(self) -> Shaped:
        """Keep the new columns; where none are listed, those of the file as well."""
        kept = () if self.entry.columns else self.originals
        made = [name for name, column in self.columns.items() if column.startswith(_NEW)]
        names = list(dict.fromkeys([*kept, *made]))
        columns = (pl.col(self.columns[name]).alias(name) for name in names)
        frame = self.frame.select(ROW, *columns)
        fields = {name: self.fields[name] for name in names}
        rows: Literal["row", "unit at row"] = "unit at row" if self.entry.pivot else "row"
        return Shaped(frame, fields, self.entry.file, rows)
