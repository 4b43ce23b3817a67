"""Answers that were refused: how many by agency, and one by one."""

from typing import Any

import polars as pl

from egovrules.folding import LEDGERS
from egovrules.html.card.expanded import Shown
from egovrules.html.dossier.telling import Teller
from egovrules.model import AnswerStatus
from egovrules.report.answers import STATUS
from egovrules.report.blocks import enumerated, number, worded
from egovrules.report.called import called
from egovrules.report.plain import on_one_line
from egovrules.text import NO_VALUE

_OF = {"agencies": "code", "services": "agency"}  # tables, and the column of who answers in them
_SAID = {"source": "Source", "date": "Date", "evidence": "Evidence", "assessor": "Assessor"}


def counted_answers(teller: Teller) -> Shown:
    """Count by agency the answers that were refused, its own and those on its services."""
    counts = (
        _refused(teller)
        .group_by("agency")
        .agg(*((pl.col("of") == name).sum().alias(name) for name in _OF), pl.len())
        .sort(["len", "agency"], descending=[True, False])
    )
    rows = [
        (
            teller.agency(row["agency"]),
            row["agency"],
            *(teller.figure(row[name]) for name in _OF),
        )
        for row in counts.iter_rows(named=True)
    ]
    heads = [number("Of the body itself"), number("On its services")]
    columns = teller.headed("Agency", "Code", *heads)
    nothing = teller.t("No answer is recorded as refused.")
    return teller.part("refused", teller.t("Answers refused"), columns, rows, nothing=nothing)


def refused_answers(teller: Teller) -> list[Shown]:
    """List the answers that were refused, with what the ledger says of them; none where none is."""
    found = _refused(teller)
    if not found.height:
        return []
    told = [one for one in _SAID if any(found[one])]
    rows = [
        (
            teller.agency(row["agency"]),
            teller.service(row["subject"]) if row["of"] == "services" else NO_VALUE,
            row["subject"],
            called(teller.evaluation.manifest, row["of"], row["indicator"], teller.language),
            *(_said(teller, one, row[one]) for one in told),
        )
        for row in teller.first(found)
    ]
    columns = teller.headed("Agency", "Service", "Code", "Indicator", *(_SAID[one] for one in told))
    files = [f"inputs/{name}.parquet" for name in _OF if name in found["of"]]
    return [
        teller.part(
            "refused-answers",
            teller.with_count(teller.t("Answers refused, one by one"), found.height),
            columns,
            rows,
            nothing="",
            above=teller.not_shown(found.height, enumerated(files, teller.language)),
        )
    ]


def _refused(teller: Teller) -> pl.DataFrame:
    """Find the cells that say so, and what the ledger says of those that it filled."""
    keys = ("agency", "of", "subject", "indicator")
    found = [pl.DataFrame(schema=dict.fromkeys(keys, pl.String))]
    for name, owner in _OF.items():
        table = teller.in_scope(name)
        cells = [one for one in table.columns if one.endswith(STATUS)]
        if cells:
            own = table.select(*cells, of=pl.lit(name), subject="code", agency=owner)
            each = own.unpivot(cells, index=keys[:3], variable_name=keys[3], value_name="is")
            found.append(each.filter(pl.col("is") == AnswerStatus.REFUSED).select(keys))
    indicator = pl.col("indicator").str.strip_suffix(STATUS)
    ledger = teller.input("answers")
    if not ledger.columns:
        ledger = pl.DataFrame(schema=LEDGERS["answers"])
    return pl.concat(found).with_columns(indicator).join(ledger, on=keys[1:], how="left").sort(keys)


def _said(teller: Teller, column: str, value: Any) -> str:
    """Show a cell of the ledger."""
    if not value:
        return NO_VALUE
    if column == "source":
        return worded(value, teller.language)
    return teller.day(value) if column == "date" else on_one_line(value)
