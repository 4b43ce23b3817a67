"""Typing the columns of one table and checking them, in one aggregate pass on its engine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from egovrules import cells
from egovrules._frames import collected
from egovrules.contract.checks import cell_checks, run
from egovrules.contract.need import Need, Wanted, missing_columns, put_together
from egovrules.contract.typed import DTYPES, Spellings, Typed, has_nan, read_texts, typed
from egovrules.dataset import Table
from egovrules.errors import DatasetError, Problem
from egovrules.fields import FieldSpec
from egovrules.readers.common import ROW
from egovrules.tally import Tally

MAX_DISTINCT = 10_000  # spellings of a column with a closed list that are looked at
_STATUSES = (*cells.STATUSES, "valid")


@dataclass(frozen=True)
class Checked:
    """A table whose cells hold what is needed.

    Attributes:
        frame: Its columns, typed, lazy, on its engine; with ROW, unless it is in DuckDB.
        statuses: Columns that have a ``<column>__status`` companion.
        table: Where it comes from.
    """

    frame: nw.LazyFrame[Any]
    statuses: frozenset[str]
    table: Table


def check_table(
    table: Table,
    fields: Mapping[str, FieldSpec],
    needs: Sequence[Need],
    tally: Tally,
    *,
    must_have_rows: bool = True,
) -> Checked | None:
    """Type and check one table.

    Args:
        table: The table.
        fields: The model's own columns.
        needs: What is needed beyond these.
        tally: Takes all that is wrong.
        must_have_rows: Whether an empty table is wrong.

    Returns:
        The table, or None where columns are missing or of another kind altogether.
    """
    frame, schema = _opened(table)
    wanted, problems = put_together(fields, needs, schema)
    problems += missing_columns(wanted, schema, table.source)
    there = [one for one in wanted if one.column in schema]
    there += [
        Wanted(f"{one.column}__status", "text", _STATUSES)
        for one in there
        if f"{one.column}__status" in schema
    ]
    names = [one.column for one in there]
    frame = frame.select(*([ROW] if ROW in schema else []), *names)
    was_text: frozenset[str] = frozenset()
    if frame.implementation.is_polars():
        native = read_texts(frame.to_native(), there, schema, is_file=table.rows != "record")
        # Cells of a text file are read once, not in every pass.
        is_eager = isinstance(table.frame, nw.DataFrame)
        frame = nw.from_native(native.collect().lazy() if is_eager else native)
        raw = {name for name in frame.collect_schema().names() if name.startswith("__raw_")}
        was_text = frozenset(name.removeprefix("__raw_") for name in raw)
    spellings = _spellings(frame, there, schema, table)
    plans: dict[str, Typed] = {}
    for one in there:
        dtype = schema[one.column]
        plan = typed(one, dtype, spellings.get(one.column), was_text=one.column in was_text)
        if isinstance(plan, str):
            problems.append(Problem(f"the column '{one.column}' {plan}", table.source))
        else:
            plans[one.column] = plan
    tally.add(*problems)
    statuses = _look(frame, plans, schema, table, tally, must_have_rows=must_have_rows)
    _tell_percents(frame, [plans[name] for name in was_text if name in plans], table, tally)
    run(frame, cell_checks(plans), table, tally)
    if problems:
        return None
    return Checked(_finished(frame, wanted, plans, statuses), frozenset(statuses), table)


def _opened(table: Table) -> tuple[nw.LazyFrame[Any], Mapping[str, Any]]:
    """Return the frame, lazy, with a row column where its engine can number rows."""
    frame = table.frame.lazy()
    try:
        if frame.implementation.is_polars() and ROW not in frame.collect_schema().names():
            frame = nw.from_native(frame.to_native().with_row_index(ROW, offset=1))
        return frame, frame.collect_schema()
    except DatasetError:
        raise
    except Exception:
        collected(frame.head(0), table.source)  # says it in plain words
        raise


def _spellings(
    frame: nw.LazyFrame[Any], there: Sequence[Wanted], schema: Mapping[str, Any], table: Table
) -> dict[str, Spellings]:
    """Find out what cells stand for that are not among the values of a closed list as written.

    A column without such cells, which is the rule, is left out.
    """
    closed = {
        one.column: one
        for one in there
        if one.values and (schema[one.column] in (nw.String, nw.Categorical, nw.Enum))
    }
    if not closed:
        return {}
    texts = {name: nw.col(name).cast(nw.String()) for name in closed}
    strange = {name: ~text.is_in(closed[name].values) for name, text in texts.items()}
    counts = collected(
        frame.select(**{name: wrong.sum() for name, wrong in strange.items()}), table.source
    ).row(0, named=True)
    found = {}
    for name, count in counts.items():
        if count:
            distinct = frame.filter(strange[name]).select(texts[name].alias(name)).unique()
            column = collected(distinct.head(MAX_DISTINCT), table.source)[name]
            found[name] = _explained(column.to_list(), closed[name])
    return found


def _explained(strange: Sequence[str], one: Wanted) -> Spellings:
    values: dict[str, str] = {}
    statuses: dict[str, str] = {}
    for cell in filter(None, strange):
        parts = [part.strip() for part in cell.split(";")] if one.several else [cell]
        folded = [cells.fold(part, one.values) for part in parts if part]
        status = cells.fold(cell, cells.STATUSES)
        if all(folded):
            values[cell] = ";".join(str(part) for part in folded)
        elif status is not None:
            statuses[cell] = status
    return Spellings(values, statuses)


def _look(
    frame: nw.LazyFrame[Any],
    plans: Mapping[str, Typed],
    schema: Mapping[str, Any],
    table: Table,
    tally: Tally,
    *,
    must_have_rows: bool,
) -> dict[str, nw.Expr]:
    """Count rows, NaN, gaps that a default fills, and statuses; return the latter, by column."""
    statuses: dict[str, nw.Expr] = {}
    for name, plan in plans.items():
        explicit = plans.get(f"{name}__status")
        told: list[nw.Expr] = [] if plan.token is None else [plan.token]
        if explicit is not None:
            told.insert(0, nw.when(explicit.value != "valid").then(explicit.value))
        if told:
            statuses[name] = nw.coalesce(*told)
    nans = [name for name in plans if has_nan(schema[name])]
    # Where a table has such a column, a cell that was left empty may have been forgotten.
    flags = [name for name, plan in plans.items() if isinstance(plan.wanted.default, bool)]
    counts = collected(
        frame.select(
            nw.len().alias("rows"),
            **{f"nan {name}": nw.col(name).is_nan().sum() for name in nans},
            **{f"gaps {name}": plans[name].value.is_null().sum() for name in flags},
            **{f"status {name}": (~one.is_null()).sum() for name, one in statuses.items()},
        ),
        table.source,
    ).row(0, named=True)
    if must_have_rows and not counts["rows"]:
        tally.add(Problem("the table has columns, and no rows", table.source))
    for name in nans:
        if count := int(counts[f"nan {name}"] or 0):
            cells_hold = "cell holds" if count == 1 else "cells hold"
            message = f"{count:,} {cells_hold} NaN ('not a number'), read as missing"
            where = f"column {name}"
            tally.warnings.append(Problem(message, table.source, where=where, severity="warning"))
    for name in flags:
        if count := int(counts[f"gaps {name}"] or 0):
            cells_are = "cell in {} is" if count == 1 else "cells in {} are"
            read_as = str(plans[name].wanted.default).lower()
            message = f"{count:,} empty {cells_are.format(name)} read as {read_as}"
            hint = "write yes or no in each"
            where = f"column {name}"
            tally.warnings.append(
                Problem(message, table.source, where=where, hint=hint, severity="warning")
            )
    return {name: one for name, one in statuses.items() if counts[f"status {name}"]}


def _tell_percents(
    frame: nw.LazyFrame[Any], texts: Sequence[Typed], table: Table, tally: Tally
) -> None:
    """Warn of columns in which some numbers carry % and others do not: 80% is 80, beside 0.6."""
    numbers = {one.wanted.column: one for one in texts if one.wanted.type == "number"}
    if not numbers:
        return
    marked = {name: nw.col(one.shown).str.contains("[%٪]") for name, one in numbers.items()}
    # A look at the texts alone is cheap, and mostly there is no such mark in any.
    found = collected(frame.select(**{n: m.any() for n, m in marked.items()}), table.source)
    numbers = {name: one for name, one in numbers.items() if found[name].any()}
    if not numbers:
        return
    counts = collected(
        frame.select(
            **{
                f"marked {name}": (marked[name] & ~one.value.is_null()).sum()
                for name, one in numbers.items()
            },
            **{
                f"plain {name}": (~marked[name] & (one.value != 0)).sum()
                for name, one in numbers.items()
            },
        ),
        table.source,
    ).row(0, named=True)
    for name in sorted(numbers):
        count, plain = (int(counts[f"{kind} {name}"] or 0) for kind in ("marked", "plain"))
        if count and plain:
            message = (
                f"{count:,} of {count + plain:,} numbers are written with %; 80% is read as 80"
            )
            hint = "write all of them alike: 80, or 0.8, in each"
            where = f"column {name}"
            tally.warnings.append(
                Problem(message, table.source, where=where, hint=hint, severity="warning")
            )


def _finished(
    frame: nw.LazyFrame[Any],
    wanted: Sequence[Wanted],
    plans: Mapping[str, Typed],
    statuses: Mapping[str, nw.Expr],
) -> nw.LazyFrame[Any]:
    """Put the columns together: values, their statuses, and what the table lacks."""
    columns: dict[str, nw.Expr] = {}
    for one in wanted:
        empty = nw.lit(one.default, DTYPES[one.type])
        plan = plans.get(one.column)
        if plan is None:
            columns[one.column] = empty
            continue
        value = plan.value
        if one.column in statuses:
            value = nw.when(statuses[one.column].is_null()).then(value)
            columns[f"{one.column}__status"] = statuses[one.column]
        if one.default is not None:
            value = nw.coalesce(value, empty)
        columns[one.column] = value
    row = [nw.col(ROW)] if ROW in frame.collect_schema().names() else []
    return frame.select(*row, **columns)
