"""Rules that fired, every finding, and totals that their parts do not add up to."""

from collections.abc import Mapping

import polars as pl

from egovrules.html.card.expanded import Shown
from egovrules.html.dossier.telling import FILE, Teller
from egovrules.report.blocks import message_column, number, percent_of, titled
from egovrules.report.findings import GRAVEST_FIRST
from egovrules.report.plain import on_one_line


def rules(teller: Teller) -> Shown:
    """List every rule that fired, the gravest first, with its condition and its place."""
    rows = []
    for name, severity, count in _fired(teller):
        rule = teller.document.data["findings"][name]
        rows.append(
            (
                _title(teller, teller.evaluation.manifest.findings, name),
                teller.t(severity),
                teller.figure(count),
                on_one_line(rule["when"]),
                teller.place(("findings", name)),
            )
        )
    columns = teller.headed("Finding", "Severity", number("Count"), "Condition", "Place")
    note = teller.t("Places are lines of the file {file} in the saved evaluation.", file=FILE)
    return teller.part(
        "rules",
        teller.t("Rules that fired"),
        columns,
        rows,
        nothing=teller.t("No rule fired."),
        below=[note] if rows else [],
    )


def findings(teller: Teller) -> Shown:
    """List every finding."""
    order = {name: place for place, (name, *_) in enumerate(_fired(teller))}
    table = teller.evaluation.findings.sort(
        pl.col("finding").replace_strict(order, return_dtype=pl.Int64), "agency", "subject"
    )
    rows = [
        (
            _title(teller, teller.evaluation.manifest.findings, row["finding"]),
            teller.agency(row["agency"]),
            row["subject"],
            on_one_line(row[message_column(teller.language)]),
            teller.place(("findings", row["finding"])),
        )
        for row in table.iter_rows(named=True)
    ]
    columns = teller.headed("Finding", "Agency", "Code", "Message", "Place")
    nothing = teller.t("There are no findings.")
    return teller.part("fired", teller.t("Findings"), columns, rows, nothing=nothing)


def reconciliations(teller: Teller) -> Shown:
    """List the totals that their parts do not add up to."""
    checked = teller.evaluation.reconciliations
    rows = [
        (
            _title(teller, teller.evaluation.manifest.reconciliations, row["reconciliation"]),
            teller.t(row["severity"]),
            teller.figure(row["total"]),
            teller.figure(row["parts"]),
            teller.figure(row["gap"]),
            percent_of(row["gap"], row["total"], teller.language),
            teller.place(("reconcile", row["reconciliation"])),
        )
        for row in checked.filter(~pl.col("holds")).iter_rows(named=True)
    ]
    columns = teller.headed(
        "Reconciliation",
        "Severity",
        *(number(one) for one in ("Total", "Sum of the parts", "Difference", "Share of it")),
        "Place",
    )
    nothing = "Everything that is checked adds up." if checked.height else "No sums are checked."
    title = teller.t("What does not add up")
    return teller.part("gaps", title, columns, rows, nothing=teller.t(nothing))


def _fired(teller: Teller) -> list[tuple[str, str, int]]:
    counts = teller.evaluation.findings.group_by("finding", "severity").len().rows()
    return sorted(counts, key=lambda row: (GRAVEST_FIRST.index(row[1]), row[0]))


def _title(teller: Teller, titles: Mapping[str, object], name: str) -> str:
    known = titles.get(name)
    return on_one_line(titled(getattr(known, "title", None), name, teller.language))
