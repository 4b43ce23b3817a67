"""The checks of a table: each a flag per row, counted in one pass; rows are asked for on demand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from egovrules import cells
from egovrules._advice import number_advice
from egovrules._frames import collected
from egovrules.contract.need import Need, Wanted
from egovrules.contract.typed import Typed
from egovrules.dataset import Table
from egovrules.errors import Problem, did_you_mean
from egovrules.readers.common import ROW, shown
from egovrules.tally import EXAMPLES, Tally

Cell = Mapping[str, Any]
"""What is read of a row with a wrong cell: ``row``, ``code``, ``cell`` and ``other``."""

# What stands for no number in tables of others, the World Bank's among them; a lone dash is "".
_BLANKS = frozenset(
    {
        *("", ".", "..", "...", "–", "—", "na", "n/a", "n.a.", "#n/a", "null", "none"),
        *("nan", "inf", "infinity"),
    }
)


@dataclass(frozen=True)
class Check:
    """One thing that no row may be.

    Attributes:
        column: The column that is checked.
        wrong: True where a row is wrong.
        cell: What of the row is shown.
        message: Says what is wrong with a row.
        among: True where a row could be wrong; where all of these are, some are shown.
        other: A second cell that the message shows.
        hint: What to do.
    """

    column: str
    wrong: nw.Expr
    cell: nw.Expr
    message: Callable[[Cell], str]
    among: nw.Expr | None = None
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
        among=_holds(plan),
        hint=lambda row: _hint(one, row["cell"]),
    )


def _hint(one: Wanted, cell: Any) -> str:
    if one.type == "text":
        return did_you_mean(str(cell), one.values)
    if one.type == "number" and str(cell).strip("+-").lower() in _BLANKS:
        return "leave the cell empty, or list this under 'missing' in a source file"
    return number_advice(str(cell)) if one.type == "number" else ""


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
    wrong = plan.value.is_null()
    if plan.fallible or plan.wanted.type == "text":  # a number may be NaN, which is none
        wrong &= ~_holds(plan)  # what cannot be read is told as that, and not as empty
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
    wrong = {f"n{at}": check.wrong.sum() for at, check in enumerate(checks)}
    among = {
        f"of{at}": check.among.sum() for at, check in enumerate(checks) if check.among is not None
    }
    counts = collected(frame.select(**wrong, **among), table.source).row(0, named=True)
    for at, check in enumerate(checks):
        if count := counts[f"n{at}"]:
            is_of_another_kind = count == counts.get(f"of{at}")
            room = min(tally.room, EXAMPLES) if is_of_another_kind else tally.room
            tell(frame, check, int(count), table, tally, room)


def tell(
    frame: nw.LazyFrame[Any],
    check: Check,
    count: int,
    table: Table,
    tally: Tally,
    room: int | None = None,
) -> None:
    """Ask for the rows that a check found, *room* or as many as there is room for; note them."""
    names = frame.collect_schema().names()
    parts = {"cell": check.cell}
    parts |= {"other": check.other} if check.other is not None else {}
    parts |= {"row": nw.col(ROW)} if ROW in names else {}
    parts |= {"code": nw.col("code")} if "code" in names else {}
    wrong = frame.filter(check.wrong).select(**parts)
    shown_rows = wrong.head(tally.room if room is None else room)
    rows = collected(shown_rows, table.source).rows(named=True)
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
