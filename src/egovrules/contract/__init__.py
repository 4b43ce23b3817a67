"""What a table must hold, checked as a whole; what comes out is typed and can be relied on.

All checks of a table are aggregates of one pass, wherever the table lives. Only where one of them
finds something is the table asked again, for the rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import narwhals as nw
import polars as pl

from egovrules._frames import local
from egovrules.contract.columns import Checked, check_table
from egovrules.contract.joining import with_answers, with_folded
from egovrules.contract.need import Need
from egovrules.contract.references import (
    check_agencies,
    check_answers,
    check_codes,
    check_history,
    check_links,
    check_owners,
    check_subjects,
)
from egovrules.dataset import Dataset, Table
from egovrules.errors import DatasetError, Problem
from egovrules.fields import (
    AGENCY_FIELDS,
    ANSWER_FIELDS,
    HISTORY_FIELDS,
    LINK_FIELDS,
    SERVICE_FIELDS,
)
from egovrules.folding import GAP, LINK_COLUMNS, count_links, declaration_gaps, effective
from egovrules.readers import optional
from egovrules.readers.common import ROW
from egovrules.tally import Tally

__all__ = ["Need", "Prepared", "prepare"]

Subjects = Literal["agencies", "services"]


@dataclass(frozen=True)
class Prepared:
    """Tables that hold what is needed, typed.

    Numbers are Float64 and finite, booleans Boolean, dates Date, all else text; null = missing.
    Beside the columns that were asked for stand those of the model (``code``, ``agency``, …),
    added empty, or with their default, where the data lack them; and ``name_<language>``.

    Attributes:
        agencies: One row per agency, over a Polars frame in this process.
        services: One row per service, lazy, on the dataset's engine; None if there are none.
        statuses: By table, the columns beside which ``<column>__status`` says why a cell is
            missing; null there where the cell is ordinary.
        warnings: What is odd, yet no error.
        history: What agencies had in other periods: ``code``, ``period`` and what was asked for,
            over a Polars frame in this process; None where nothing was.
        links: The table of links, if there is one, with the model's columns.
        counted: The columns of services that were counted from it.
        answers: By table, the answers in force that say of a needed cell why it has no value.
    """

    agencies: nw.DataFrame[Any]
    services: nw.LazyFrame[Any] | None
    statuses: Mapping[str, frozenset[str]]
    warnings: tuple[Problem, ...]
    history: nw.DataFrame[Any] | None = None
    links: nw.LazyFrame[Any] | None = None
    counted: tuple[str, ...] = ()
    answers: Mapping[Subjects, pl.DataFrame] = field(default_factory=dict)


def prepare(
    dataset: Dataset, needs: Mapping[Subjects, Sequence[Need]], history: Sequence[Need] = ()
) -> Prepared:
    """Check a dataset against what is needed of it, and make it so.

    Args:
        dataset: The dataset.
        needs: What ``agencies`` and ``services`` must hold. A column that nobody needs is neither
            read nor checked, but for those of the model.
        history: What the table ``history`` must hold; where that is nothing, it is not read.

    Raises:
        DatasetError: With all problems; of wrong cells the first hundred in full.
    """
    tally = Tally()
    tally.warnings += dataset.warnings
    wanted: dict[Subjects, Sequence[Need]] = {"agencies": (), "services": (), **needs}
    if dataset.services is None and wanted["services"]:
        tally.add(_no_table(dataset, "services", wanted["services"]))
    links = _small(dataset.tables.get("links"), LINK_FIELDS, tally)
    answers = _small(dataset.tables.get("answers"), ANSWER_FIELDS, tally)
    earlier = _history(dataset, history, tally)
    if answers is not None:
        check_answers(answers, [*wanted["services"], *wanted["agencies"]], tally)
    tally.settle()  # what follows builds on these
    counting = None if answers is None else effective(_frame(answers))
    counted = _to_count(dataset, wanted["services"], links)
    services = _services(dataset, wanted["services"], links, counted, counting, tally)
    agencies = _agencies(dataset, wanted["agencies"], services, answers, tally)
    if agencies is not None:
        check_agencies(agencies, tally)
        check_history(earlier, agencies, tally)
    # What refers to a table that failed would only be told of its failure once more.
    if agencies is not None and (services is not None or dataset.services is None):
        if services is not None:
            check_owners(services, agencies, tally)
        if links is not None:
            check_links(links, agencies, services, tally)
        if answers is not None:
            check_subjects(answers, agencies, services, tally)
    tally.settle()
    if agencies is None:  # not without a problem, so this cannot be
        raise DatasetError.of("the agencies cannot be read")
    statuses = {"agencies": agencies.statuses}
    if services is not None:
        statuses["services"] = services.statuses
    return Prepared(
        nw.from_native(_frame(agencies).drop(ROW)),
        None if services is None else _on_engine(services, dataset),
        statuses,
        tuple(tally.warnings),
        None if earlier is None else _plain(earlier),
        None if links is None else links.frame.select(*LINK_FIELDS),
        counted,
        {} if counting is None else {n: _valueless(counting, wanted[n]) for n in wanted},
    )


def _valueless(answers: pl.DataFrame, needs: Sequence[Need]) -> pl.DataFrame:
    """Keep the answers to what is needed that say why there is no value."""
    asked = pl.col("indicator").is_in([need.column for need in needs])
    return answers.filter(asked, pl.col("status") != "valid")


def _no_table(dataset: Dataset, name: str, needs: Sequence[Need]) -> Problem:
    readers = sorted({need.by for need in needs})
    who = f"{', '.join(readers[:3])} {'needs' if len(readers) == 1 else 'need'} one"
    near = dataset.near.get(name)
    meant = f"did you mean '{near}' by it? " if near else ""
    hint = f"{meant}add {name}.csv to the folder"
    return Problem(f"there is no table of {name}, and {who}", hint=hint)


def _small(table: Table | None, fields: Any, tally: Tally) -> Checked | None:
    """Check a table that is needed as a whole: links, answers."""
    return None if table is None else check_table(table, fields, (), tally, must_have_rows=False)


def _history(dataset: Dataset, needs: Sequence[Need], tally: Tally) -> Checked | None:
    """Check what is known of other periods, where anything is asked of it."""
    table = dataset.tables.get("history")
    if not needs:
        return None
    if table is None:
        tally.add(_no_table(dataset, "history", needs))
        return None
    return check_table(table, HISTORY_FIELDS, needs, tally, must_have_rows=False)


def _plain(checked: Checked) -> nw.DataFrame[Any]:
    """Keep the values; why one is missing does not matter in another period."""
    frame = _frame(checked).drop(ROW)
    return nw.from_native(frame.drop(f"{name}__status" for name in checked.statuses))


def _frame(checked: Checked) -> pl.DataFrame:
    return local(checked.frame)


def _to_count(dataset: Dataset, needs: Sequence[Need], links: Checked | None) -> tuple[str, ...]:
    """Name the counts of links that are needed and that the services do not come with."""
    if links is None or dataset.services is None:
        return ()
    present = dataset.services.frame.collect_schema().names()
    wanted = {need.column for need in needs}
    lacking = (name for name in LINK_COLUMNS if name in wanted and name not in present)
    return tuple(lacking) if "code" in present else ()


def _services(
    dataset: Dataset,
    needs: Sequence[Need],
    links: Checked | None,
    counted: Sequence[str],
    answers: pl.DataFrame | None,
    tally: Tally,
) -> Checked | None:
    table = dataset.services
    if table is None:
        return None
    wanted = {need.column for need in needs}
    present = table.frame.collect_schema().names()
    if links is not None and counted:
        counts = count_links(_frame(links)).select("code", *counted)
        table = with_folded(table, counts, dataset, dict.fromkeys(counted, 0.0))
    if answers is not None and "code" in present:
        table = with_answers(table, answers, wanted)
    checked = check_table(table, SERVICE_FIELDS, needs, tally)
    if checked is not None:
        check_codes(checked, tally)
    return checked


def _agencies(
    dataset: Dataset,
    needs: Sequence[Need],
    services: Checked | None,
    answers: Checked | None,
    tally: Tally,
) -> Checked | None:
    table = dataset.agencies or _owners(dataset, services)
    if table is None:
        return None
    table = Table(table.name, nw.from_native(local(table.frame)), table.source, table.rows)
    wanted = {need.column for need in needs}
    present = table.frame.collect_schema().names()
    if answers is not None and "code" in present:
        ledger = _frame(answers)
        table = with_answers(table, effective(ledger), wanted)
        if GAP in wanted and GAP not in present:
            owners = _owner_of_subjects(ledger, table, services)
            table = with_folded(table, declaration_gaps(ledger, owners), dataset, {})
    if dataset.agencies is None:
        present = table.frame.collect_schema().names()
        lacking = [need for need in needs if need.required and need.column not in present]
        if lacking:
            tally.add(_no_table(dataset, "agencies", lacking))
            return None
    named = dataset.agencies is not None  # else the services have no rows, which is told already
    checked = check_table(table, AGENCY_FIELDS, needs, tally, must_have_rows=named)
    if checked is not None:
        check_codes(checked, tally)
    return checked


def _owners(dataset: Dataset, services: Checked | None) -> Table | None:
    """Make the table of agencies from those that the services name."""
    if services is None or dataset.services is None:
        return None
    named = local(services.frame.select("agency").unique())
    codes = named.drop_nulls().rename({"agency": "code"}).sort("code")
    return Table("agencies", nw.from_native(codes), dataset.services.source)


def _owner_of_subjects(
    answers: pl.DataFrame, agencies: Table, services: Checked | None
) -> pl.DataFrame:
    """Say whose answer each subject's is: its own, or that of the service's agency."""
    codes = local(agencies.frame).select(subject="code", agency="code").cast(pl.String)
    if services is None:
        return codes
    subjects = answers["subject"].unique().to_list()
    rows = services.frame.filter(nw.col("code").is_in(subjects)).select("code", "agency")
    return pl.concat([codes, local(rows).rename({"code": "subject"})]).unique()


def _on_engine(services: Checked, dataset: Dataset) -> nw.LazyFrame[Any]:
    """Hand the services over to the engine that they are computed on."""
    frame = services.frame.drop(ROW, strict=False)
    if dataset.engine != "duckdb" or frame.implementation.is_duckdb():
        return frame
    duckdb = optional("duckdb", "duckdb")
    optional("pyarrow", "duckdb")
    connection = dataset.connection or duckdb.connect()
    relation = connection.from_arrow(local(frame).to_arrow())
    handed: nw.LazyFrame[Any] = nw.from_native(relation)
    return handed
