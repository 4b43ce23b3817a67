"""The form of a source file, as pydantic models: what may stand where.

Whether its files and columns exist shows when ``shaping`` reads them.
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from egovrules.readers import Encoding, Layout
from egovrules.text import Localised

Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\s_]")]
FileColumn = Annotated[str, StringConstraints(min_length=1, max_length=200)]
TableName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
Phrase = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
FileName = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Mark = Annotated[str, StringConstraints(min_length=1, max_length=10)]
Tokens = Annotated[tuple[str, ...], Field(max_length=1000)]
Code = str | bool | int | float | None


class _Entry(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, populate_by_name=True
    )


class _File(_Entry):
    """A file and its layout; see :class:`egovrules.readers.Layout`.

    Attributes:
        file: Its name as seen from the dataset's folder, or from that of the source.
        sheet: Of an Excel file; left out, the one named as the table, or the only one.
        encoding: Of CSV and JSON Lines.
        delimiter: Between the cells of a CSV file; left out, a comma, or a tab in ``.tsv``.
        header_row: Which line holds the names of the columns, from 1.
        stop_at: Reading a CSV file ends before the first row that starts with this.
    """

    file: FileName
    sheet: str | None = None
    encoding: Encoding = "utf-8"
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] | None = None
    header_row: int = Field(default=1, ge=1, le=1000)
    stop_at: Mark | None = None

    @property
    def layout(self) -> Layout:
        """How the file is laid out."""
        return Layout(self.encoding, self.delimiter, self.sheet, self.header_row, self.stop_at)


class Lookup(_File):
    """A file of two columns: a cell equal to *key* becomes *value*.

    Attributes:
        key: The column to find the cell in.
        value: The column to take instead.
    """

    key: FileColumn
    value: FileColumn


class ColumnEntry(_Entry):
    """How one column comes about: one of ``from``, ``join``, ``count``, ``when`` and ``value``.

    Attributes:
        from_: Column of the file. The text is then, in this order, split, looked up or put
            through codes, cleared of missing tokens, and read as a type.
        type: ``year`` is the year in which a period ends (``2021-22`` is 2022). Left out, the
            column stays text and is read as what a criterion needs.
        unit: For people.
        split: Cut the text at this mark, and keep the *part*-th part, from 1.
        codes: What each text stands for; a text that is not listed is an error.
        missing: Texts that mean missing, in place of those of the table.
        lookup: A table of names or codes; a text that it does not have is an error.
        any_of: True where a cell, a set of texts between separators, holds one of these.
        separator: Between the texts of a set, and between those that are joined.
        join: The texts of these columns, one after the other; missing where one is missing.
        count: How many of these columns hold one of the texts under ``of``.
        when: A condition: true, false, or missing where it is unknown.
        value: A calculation.
    """

    from_: FileColumn | None = Field(default=None, alias="from")
    type: Literal["number", "boolean", "text", "date", "year"] | None = None
    unit: str = ""
    split: Mark | None = None
    part: int = Field(default=1, ge=1, le=100)
    codes: dict[str, Code] | None = None
    missing: Tokens | None = None
    lookup: Lookup | None = None
    any_of: Tokens = ()
    separator: Mark = ","
    join: Annotated[tuple[FileColumn, ...], Field(max_length=20)] = ()
    count: tuple[FileColumn, ...] = ()
    of: Tokens = ()
    when: Phrase | None = None
    value: Phrase | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        ways = [self.from_, self.join, self.count, self.when, self.value]
        if sum(bool(way) for way in ways) != 1:
            message = "one of 'from', 'join', 'count', 'when' and 'value' is needed here"
            hint = "such as {from: visits, type: number}"
            raise PydanticCustomError("column", message, {"hint": hint})
        if bool(self.count) != bool(self.of):
            message = "'count' names columns, and 'of' the texts that count"
            hint = "such as {count: [counter, web], of: [Y]}"
            raise PydanticCustomError("column", message, {"hint": hint})
        others = {"from_", "join", "count", "of", "when", "value", "unit"}
        of_from = self.model_fields_set - others - ({"separator"} if self.join else set())
        if of_from and not self.from_:
            message = "'{key}' goes with 'from' only"
            raise PydanticCustomError("column", message, {"key": min(of_from)})
        if sum(map(bool, (self.codes, self.lookup, self.any_of))) > 1:
            message = "only one of 'codes', 'lookup' and 'any_of' can be used"
            raise PydanticCustomError("column", message, {"hint": "keep one of them"})
        if self.any_of and self.type not in (None, "boolean"):
            message = "'any_of' is true or false, not a {type}"
            raise PydanticCustomError("column", message, {"type": self.type, "loc": ("type",)})
        return self


class PivotEntry(_Entry):
    """How a long file, with one row per unit and variable, becomes one row per unit.

    Attributes:
        rows: Columns of the file that tell the units apart; all are kept.
        names: The column that says which variable a row is about; each text makes a column.
        values: The column with the values.
        prefix: Put before the names of the new columns.
    """

    rows: tuple[FileColumn, ...] = Field(min_length=1, max_length=50)
    names: FileColumn
    values: FileColumn
    prefix: Annotated[str, StringConstraints(max_length=50)] = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        named = [*self.rows, self.names, self.values]
        if len(set(named)) < len(named):
            twice = next(name for name in named if named.count(name) > 1)
            message = "the column '{name}' is named twice"
            hint = "'rows', 'names' and 'values' are different columns of the file"
            raise PydanticCustomError("pivot", message, {"name": twice, "hint": hint})
        if self.prefix.startswith("_") or self.prefix[:1].isspace():
            message = "a column's name cannot begin with '_' or a blank"
            context = {"loc": ("prefix",), "hint": "such as prefix: m_"}
            raise PydanticCustomError("pivot", message, context)
        return self


class TableEntry(_File):
    """One table: a file, which of its rows, and its columns.

    Attributes:
        missing: Texts that mean missing in this table, in place of those of the source.
        where: Keeps the rows for which it is true; sees columns of the file, and those below,
            unless there is a pivot, which comes after it.
        pivot: Makes the file wide; what follows sees the columns that it gives.
        distinct: Keeps the first row of each combination of these columns.
        columns: By name, from what; left out, the columns are those of the file.
    """

    missing: Tokens | None = None
    where: Phrase | None = None
    pivot: PivotEntry | None = None
    distinct: tuple[FileColumn, ...] = ()
    columns: dict[Name, FileColumn | ColumnEntry] = Field(default_factory=dict)


class FoldEntry(_Entry):
    """How rows of a child table become one value per row of its parent.

    Attributes:
        table: The child table.
        by: Its column that holds the parent's code.
        count: How many rows (for which ``when`` is true); 0 without children.
        share: The share, from 0 to 1, for which ``when`` is true of those for which it is known.
        any: Whether there is one (for which ``when`` is true).
        sum: Sum of a column; 0 without children.
        mean: Mean of a column; missing without children.
        when: Which rows are meant; all where it is left out.
    """

    table: TableName
    by: FileColumn
    count: Literal[True] | None = None
    share: Literal[True] | None = None
    any: Literal[True] | None = None
    sum: FileColumn | None = None
    mean: FileColumn | None = None
    when: Phrase | None = None

    @property
    def operation(self) -> str:
        """Which of the five it is."""
        return next(name for name in OPERATIONS if getattr(self, name))

    @model_validator(mode="after")
    def _check(self) -> Self:
        if sum(bool(getattr(self, name)) for name in OPERATIONS) != 1:
            message = "one of 'count', 'share', 'any', 'sum' and 'mean' is needed here"
            hint = "such as {table: standards, by: service, count: true}"
            raise PydanticCustomError("fold", message, {"hint": hint})
        if self.share and not self.when:
            message = "'share' needs 'when': the share of what?"
            raise PydanticCustomError("fold", message, {"hint": "such as when: met = 'Y'"})
        return self


OPERATIONS = ("count", "share", "any", "sum", "mean")


class SourceFile(_Entry):
    """A whole source file, after ``extends`` has been resolved.

    Attributes:
        schema_: The form of the file.
        extends: A source file beside this one; this file then holds only what changes.
        missing: Texts that mean missing, in every table.
        tables: By name: ``agencies``, ``services``, ``links``, ``answers``, ``history``, and child
            tables.
        folds: Rows of a child table, made one value for each row of its parent.
    """

    schema_: Literal["egovrules-source/1"] = Field(alias="schema")
    title: Localised | None = None
    description: Localised | None = None
    extends: str | None = None
    missing: Tokens = ()
    tables: dict[TableName, TableEntry] = Field(min_length=1)
    folds: dict[Literal["agencies", "services"], dict[Name, FoldEntry]] = Field(
        default_factory=dict
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not {"agencies", "services"} & self.tables.keys():
            message = "there is no table 'agencies' or 'services'"
            raise PydanticCustomError("source", message, {"loc": ("tables",)})
        for parent, folds in self.folds.items():
            if parent not in self.tables:
                message = "'{parent}' is no table of this source"
                context = {"parent": parent, "loc": ("folds", parent), "at": "key"}
                raise PydanticCustomError("source", message, context)
            for name in folds:
                if name in self.tables[parent].columns:
                    message = "'{name}' is a column of '{parent}' already"
                    place = {"loc": ("folds", parent, name), "at": "key"}
                    raise PydanticCustomError(
                        "source", message, {"name": name, "parent": parent, **place}
                    )
        return self
