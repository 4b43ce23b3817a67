"""The checks of a table: each a flag per row, counted in one pass; rows are asked for on demand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from egovrules import cells
from egovrules._frames import collected
from egovrules.contract.need import Need, Wanted
from egovrules.contract.typed import Typed
from egovrules.dataset import Table
from egovrules.errors import Problem, did_you_mean
from egovrules.readers.common import ROW, shown
from egovrules.tally import Tally

Cell = Mapping[str, Any]
"""What is read of a row with a wrong cell: ``row``, ``code``, ``cell`` and ``other``."""


@dataclass(frozen=True)
class Check:
    """One thing that no row may be.

    Attributes:
        column: The column that is checked.
        wrong: True where a row is wrong.
        cell: What of the row is shown.
        message: Says what is wrong with a row.
        other: A second cell that the message shows.
        hint: What to do.
    """

    column: str
    wrong: nw.Expr
    cell: nw.Expr
    message: Callable[[Cell], str]
    other: nw.Expr | None = None
    hint: Callable[[Cell], str] = lambda _: ""


def cell_checks(plans: Mapping[str, Typed]) -> list[Check]:
    """List the checks of all columns that are there."""
    found: list[Check] = []
    for plan in plans.values():
        one = plan.wanted
        if plan.fallible:
            found.append(_readable(plan))
        if one.type == "number":
            found.append(_finite(plan))
        if one.filled:
            found.append(_filled(plan))
        for need in _distinct(one.needs):
            found += _bounds(plan, need)
            if need.at_most is not None and need.at_most in plans:
                found.append(_at_most(plan, need, plans[need.at_most]))
    return found


def _distinct(needs: Sequence[Need]) -> list[Need]:
    """Keep one need of several that say the same."""
    return list({(n.low, n.high, n.at_most): n for n in reversed(needs)}.values())


def _holds(plan: Typed) -> nw.Expr:
    """Tell where something was typed."""
    typed = nw.col(plan.shown)
    there = ~typed.is_null()
    return there & (typed.cast(nw.String()) != "") if plan.wanted.type == "text" else there


def _readable(plan: Typed) -> Check:
    one = plan.wanted
    wrong = _holds(plan) & plan.value.is_null()
    if plan.token is not None:
        wrong = wrong & plan.token.is_null()
    expected = f"one of the values of '{one.column}'" if one.type == "text" else None
    return Check(
        one.column,
        wrong,
        nw.col(plan.shown),
        lambda row: f"{shown(row['cell'])} is not {expected or cells.expected(one.type)}",
        hint=lambda row: _hint(one, row["cell"]),
    )


def _hint(one: Wanted, cell: Any) -> str:
    if one.type == "text":
        return did_you_mean(str(cell), one.values)
    if one.type == "number" and str(cell).strip("+-").lower() in ("nan", "inf", "infinity", "na"):
        return "leave the cell empty, or list this under 'missing' in a source file"
    return ""


def _finite(plan: Typed) -> Check:
    return Check(
        plan.wanted.column,
        ~plan.value.is_finite(),
        plan.value,
        lambda _: "infinity is not a number to reckon with",
        hint=lambda _: "leave the cell empty",
    )


def _filled(plan: Typed) -> Check:
    column = plan.wanted.column
    # What cannot be read is told as that, and not as empty.
    wrong = plan.value.is_null() & ~_holds(plan)
    return Check(column, wrong, plan.value, lambda _: f"the {column} is empty")


def _bounds(plan: Typed, need: Need) -> list[Check]:
    column, found = need.column, []
    if need.low is not None:
        low = need.low
        found.append(
            Check(
                column,
                plan.value < low,
                plan.value,
                lambda row: f"{row['cell']:g} is below {low:g}, the least for {need.by}",
            )
        )
    if need.high is not None:
        high = need.high
        found.append(
            Check(
                column,
                plan.value > high,
                plan.value,
                lambda row: f"{row['cell']:g} is above {high:g}, the most for {need.by}",
            )
        )
    return found


def _at_most(plan: Typed, need: Need, other: Typed) -> Check:
    return Check(
        need.column,
        plan.value > other.value,
        plan.value,
        lambda row: f"{row['cell']:g} is more than {need.at_most}, which is {row['other']:g}",
        other=other.value,
        hint=lambda _: f"{need.by} reads it as a part of {need.at_most}",
    )


def run(frame: nw.LazyFrame[Any], checks: Sequence[Check], table: Table, tally: Tally) -> None:
    """Count all flags in one pass, and tell the rows of those that were found.

    Raises:
        DatasetError: The table cannot be read.
    """
    if not checks:
        return
    counts = collected(
        frame.select(**{f"n{at}": check.wrong.sum() for at, check in enumerate(checks)}),
        table.source,
    ).row(0)
    for check, count in zip(checks, counts, strict=True):
        if count:
            tell(frame, check, int(count), table, tally)


def tell(frame: nw.LazyFrame[Any], check: Check, count: int, table: Table, tally: Tally) -> None:
    """Ask for the rows that a check found, as many as there is room for, and note them."""
    names = frame.collect_schema().names()
    parts = {"cell": check.cell}
    parts |= {"other": check.other} if check.other is not None else {}
    parts |= {"row": nw.col(ROW)} if ROW in names else {}
    parts |= {"code": nw.col("code")} if "code" in names else {}
    wrong = frame.filter(check.wrong).select(**parts)
    rows = collected(wrong.head(tally.room), table.source).rows(named=True)
    found = [
        Problem(
            check.message(row),
            table.source,
            where=f"{place(row, table)}, column {check.column}",
            hint=check.hint(row),
        )
        for row in rows
    ]
    tally.cells(found, count, table.source, check.column)


def place(row: Cell, table: Table) -> str:
    """Name a row: by its number in the file, or where it has none, by its code."""
    if row.get("row") is not None:
        return f"{table.rows} {row['row']}"
    return f"code {shown(row.get('code'))}"
