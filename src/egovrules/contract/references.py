"""Checks between rows and tables: codes that are unique, and codes that lead somewhere."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import narwhals as nw
import polars as pl

from egovrules import cells
from egovrules._frames import collected
from egovrules.contract.checks import Check, place, run, tell
from egovrules.contract.columns import Checked
from egovrules.contract.need import Need
from egovrules.errors import Problem, did_you_mean
from egovrules.fields import FieldType
from egovrules.readers.common import ROW, shown
from egovrules.tally import Tally

_NAMED = 10  # rows of one code that a message names


def check_codes(checked: Checked, tally: Tally) -> None:
    """Refuse codes that several rows share, and rows that are their own parent."""
    frame, table = checked.frame, checked.table
    code = nw.col("code")
    own = code == nw.col("parent")
    counts = collected(frame.select(rows=nw.len(), own=own.sum()), table.source).row(0, named=True)
    if counts["own"]:
        check = Check("parent", own, code, lambda row: f"{shown(row['cell'])} is its own parent")
        tell(frame, check, int(counts["own"]), table, tally)
    if _count_distinct(checked) < counts["rows"]:
        _tell_duplicates(checked, tally)


def _count_distinct(checked: Checked) -> int:
    """Count distinct codes; never too many, though on Polars, by chance, one too few."""
    frame = checked.frame
    if frame.implementation.is_polars():  # counting hashes takes a third of the time
        hashes = frame.to_native().select(pl.col("code").hash().n_unique())
        return int(collected(nw.from_native(hashes), checked.table.source).item())
    distinct = frame.select(nw.col("code").n_unique())
    return int(collected(distinct, checked.table.source).item())


def _tell_duplicates(checked: Checked, tally: Tally) -> None:
    frame, table = checked.frame, checked.table
    counted = frame.filter(~nw.col("code").is_null()).group_by("code").agg(nw.len().alias("rows"))
    several = counted.filter(nw.col("rows") > 1)
    total = collected(several.select(nw.len().alias("codes")), table.source).item()
    if not total:
        return
    codes = collected(several.sort("code").head(tally.room), table.source)["code"]
    found = []
    numbered = ROW in frame.collect_schema().names()
    row = [nw.col(ROW).alias("row")] if numbered else []
    rows = collected(
        frame.filter(nw.col("code").is_in(codes.to_list())).select("code", *row), table.source
    )
    for code in codes:
        same = rows.filter(rows["code"] == code)
        if numbered:
            numbers = sorted(same["row"].to_list())
            named = ", ".join(str(number) for number in numbers[:_NAMED])
            more = len(numbers) - _NAMED
            named += f" and {more} more" if more > 0 else ""
            message = f"the code {shown(code)} stands on {table.rows}s {named}"
            where = place({"row": numbers[-1]}, table)
        else:
            message = f"the code {shown(code)} stands on {same.height} rows"
            where = place({"code": code}, table)
        hint = "each needs a code of its own"
        found.append(Problem(message, table.source, where=f"{where}, column code", hint=hint))
    tally.cells(found, int(total), table.source, "code")


def check_owners(services: Checked, agencies: Checked, tally: Tally) -> None:
    """Refuse services of agencies that are not in the table of agencies."""
    _check_known(services, "agency", _codes(agencies), "agency", tally)


def check_links(links: Checked, agencies: Checked, services: Checked | None, tally: Tally) -> None:
    """Refuse links of unknown services, or to unknown bodies, and more successes than calls."""
    _check_known(links, "provider", _codes(agencies), "agency", tally)
    for column in ("consumer", "provider_service"):
        _check_known(links, column, _among(links, column, services), "service", tally)
    calls, successes = nw.col("calls"), nw.col("successes")
    check = Check(
        "successes",
        successes > calls,
        successes,
        lambda row: f"{row['cell']:g} is more than calls, which is {row['other']:g}",
        other=calls,
    )
    run(links.frame, [check], links.table, tally)


def check_subjects(
    answers: Checked, agencies: Checked, services: Checked | None, tally: Tally
) -> None:
    """Refuse answers whose subject is neither an agency nor a service."""
    known = _codes(agencies) | _among(answers, "subject", services)
    _check_known(answers, "subject", known, "agency or service", tally)


def check_history(history: Checked | None, agencies: Checked, tally: Tally) -> None:
    """Refuse rows of unknown agencies, and several of one agency and period."""
    if history is None:
        return
    _check_known(history, "code", _codes(agencies), "agency", tally)
    code, period = nw.col("code"), nw.col("period")
    several = (nw.len().over("code", "period") > 1) & ~code.is_null() & ~period.is_null()
    check = Check(
        "period",
        several,
        period,
        lambda row: f"{shown(row['code'])} has several rows of period {row['cell']:g}",
        hint=lambda _: "keep one of them",
    )
    run(history.frame, [check], history.table, tally)


def check_answers(answers: Checked, needs: Iterable[Need], tally: Tally) -> None:
    """Refuse valid answers without a value, or whose value is not what the indicator is read as."""
    is_valid, value = nw.col("status") == "valid", nw.col("value")
    empty = Check(
        "value", is_valid & value.is_null(), value, lambda _: "a valid answer has a value"
    )
    run(answers.frame, [empty], answers.table, tally)
    kinds = {need.column: need.type for need in needs if need.type != "text"}
    ledger = collected(answers.frame, answers.table.source)
    for indicator, kind in kinds.items():
        given = ledger.filter(pl.col("indicator") == indicator, pl.col("status") == "valid")
        wrong = given.filter(cells.read(pl.col("value"), kind).is_null())["value"].drop_nulls()
        if len(wrong):
            _tell_answers(answers, indicator, kind, wrong.unique().to_list(), tally)


def _tell_answers(
    answers: Checked, indicator: str, kind: FieldType, wrong: list[str], tally: Tally
) -> None:
    asked = (nw.col("indicator") == indicator) & (nw.col("status") == "valid")
    value = nw.col("value")
    check = Check(
        "value",
        asked & value.is_in(wrong),
        value,
        lambda row: f"{shown(row['cell'])} is not {cells.expected(kind)}, as '{indicator}' needs",
    )
    run(answers.frame, [check], answers.table, tally)


def check_agencies(agencies: Checked, tally: Tally) -> None:
    """Refuse agencies that belong to one another in a circle; warn of unknown parents."""
    table = agencies.table
    pairs = collected(agencies.frame.select("code", "parent"), table.source)
    parents: dict[str, str] = {
        code: parent for code, parent in pairs.rows() if code and parent and code != parent
    }
    for parent in sorted(set(parents.values()) - set(pairs["code"])):
        message = f"the parent {shown(parent)} is not among the agencies"
        problem = Problem(message, table.source, where="column parent", severity="warning")
        tally.warnings.append(problem)
    for circle in _circles(parents):
        message = f"agencies belong to one another in a circle: {' → '.join(circle)}"
        tally.add(Problem(message, table.source, where="column parent"))


def _circles(parents: Mapping[str, str]) -> list[list[str]]:
    """Return every circle of parents once, from its smallest code and back to it."""
    circles, seen = [], set[str]()
    for start in sorted(parents):
        path: dict[str, None] = {}
        code: str | None = start
        while code is not None and code not in seen and code not in path:
            path[code] = None
            code = parents.get(code)
        if code is not None and code in path:
            names = list(path)
            circle = names[names.index(code) :]
            first = circle.index(min(circle))
            circles.append([*circle[first:], *circle[:first], circle[first]])
        seen |= path.keys()
    return circles


def _codes(checked: Checked) -> set[str]:
    column = collected(checked.frame.select("code"), checked.table.source)["code"]
    return set(column.drop_nulls())


def _among(checked: Checked, column: str, others: Checked | None) -> set[str]:
    """Return which codes of a column are codes of another table, which may be very long."""
    if others is None:
        return set()
    named = collected(checked.frame.select(column).unique(), checked.table.source)[column]
    asked = others.frame.filter(nw.col("code").is_in(named.drop_nulls().to_list()))
    return set(collected(asked.select("code"), others.table.source)["code"])


def _check_known(
    checked: Checked, column: str, known: Collection[str], thing: str, tally: Tally
) -> None:
    """Refuse cells that are not among known codes."""
    named = collected(checked.frame.select(column).unique(), checked.table.source)[column]
    strange = sorted(set(named.drop_nulls()) - set(known))
    if not strange:
        return

    def hint(row: Mapping[str, Any]) -> str:
        advice = did_you_mean(str(row["cell"]), known)
        # Of services, only those that something refers to were asked for: no list of them all.
        return advice if thing == "agency" or advice.startswith("did") else ""

    cell = nw.col(column)
    check = Check(
        column,
        cell.is_in(strange),
        cell,
        lambda row: f"no {thing} has the code {shown(row['cell'])}",
        hint=hint,
    )
    run(checked.frame, [check], checked.table, tally)
