"""Links that are not live: how many by agency, which were refused, and which are overdue."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from egovrules.folding import LINK_COLUMNS, count_links
from egovrules.html.card.expanded import Shown
from egovrules.html.dossier.telling import Teller
from egovrules.model import LinkStatus
from egovrules.periods import parse_period
from egovrules.report.blocks import enumerated, number, shown, worded
from egovrules.report.plain import on_one_line
from egovrules.text import NO_VALUE

FILE = "inputs/links.parquet"
# Those that the provider still owes. A degraded link has come about, however badly it works.
OWED = (LinkStatus.NEEDED, LinkStatus.REQUESTED, LinkStatus.AGREED, LinkStatus.TEST)
_LISTS = {"refused": "Refused", "overdue": "Overdue"}


def counted_links(teller: Teller) -> Shown:
    """Count by agency the links that should be live and are not."""
    title = teller.t("Links that are not live")
    counts = _counts(teller)
    if counts is None:
        nothing = teller.t("No counts of links are recorded.")
        return teller.part("links", title, (), (), nothing=nothing)
    there = [one for one in _LISTS if one in counts.columns]
    lacking = pl.col("links_required") - pl.col("links_live")
    table = counts.with_columns(lacking=lacking).filter(
        pl.any_horizontal(pl.col("lacking", *there) > 0)
    )
    rows = [
        (
            teller.agency(row["agency"]),
            row["agency"],
            *(teller.figure(row[key]) for key in (*LINK_COLUMNS, "lacking", *there)),
        )
        for row in table.sort(["lacking", "agency"], descending=[True, False]).iter_rows(named=True)
    ]
    heads = ("Links required", "Links live", "Not live", *(_LISTS[one] for one in there))
    columns = teller.headed("Agency", "Code", *(number(one) for one in heads))
    unknown = teller.t(
        "Which links these are is not recorded: the dataset has no table of links, or an earlier "
        "version of egovrules made the evaluation."
    )
    nothing = teller.t("No link that is required is known not to be live.")
    above = [unknown] if rows and "links" not in teller.evaluation.inputs else []
    return teller.part("links", title, columns, rows, nothing=nothing, above=above)


def _counts(teller: Teller) -> pl.DataFrame | None:
    """Count the links of each agency, and where these are recorded, those of either list."""
    services, links = teller.in_scope("services"), teller.input("links")
    recorded = "consumer" in links.columns
    if not set(LINK_COLUMNS) <= set(services.columns):
        if not recorded:
            return None
        services = services.select("code", "agency").join(count_links(links), on="code", how="left")
    table = services.group_by("agency").agg(pl.col(LINK_COLUMNS).sum())
    if not recorded:
        return table
    end = _end(teller)
    lists = {"refused": _refused()} | ({} if end is None else {"overdue": _overdue(end)})
    marks = links.join(services.select("agency", consumer="code"), on="consumer")
    more = marks.group_by("agency").agg(**{name: one.sum() for name, one in lists.items()})
    return table.join(more, on="agency", how="left").with_columns(
        pl.col(list(lists)).fill_null(0).cast(pl.Int64)
    )


def refused_links(teller: Teller) -> Shown:
    """List the links that were refused, the longest due first."""
    links = teller.input("links").filter(_refused())
    unknown = links["due_on"].null_count()
    told = teller.counted(
        unknown,
        "{count} of them has no due date, and stands at the end.",
        "{count} of them have no due date, and stand at the end.",
    )
    return _listed(
        teller,
        "refused-links",
        teller.t("Links refused"),
        links,
        None,
        nothing=teller.t("No link is recorded as refused."),
        above=[told] if unknown else [],
    )


def overdue_links(teller: Teller) -> Shown:
    """List the links that are owed and were due before the period ended, the oldest first."""
    title, end = teller.t("Links overdue"), _end(teller)
    if end is None:
        nothing = teller.t("The ruleset has no period, so nobody can tell which links are overdue.")
        return teller.part("overdue-links", title, (), (), nothing=nothing)
    links = teller.input("links")
    told = (
        "As of {date}, the last day of the period. A degraded link has come about, and is not "
        "overdue."
    )
    above = [teller.t(told, date=teller.day(end))]
    if unknown := links.filter(_owed(), pl.col("due_on").is_null()).height:
        above.append(
            teller.counted(
                unknown,
                "{count} more link has not come about, and has no due date.",
                "{count} more links have not come about, and have no due date.",
            )
        )
    nothing, links = teller.t("No link is overdue."), links.filter(_overdue(end))
    return _listed(teller, "overdue-links", title, links, end, nothing=nothing, above=above)


def _listed(
    teller: Teller,
    name: str,
    title: str,
    links: pl.DataFrame,
    end: date | None,
    *,
    nothing: str,
    above: Sequence[str],
) -> Shown:
    """List links by their due dates; up to the *end*, if any, with their status and the delay."""
    owners = teller.input("services").select("agency", consumer="code")
    table = links.join(owners, on="consumer", how="left").sort(
        "due_on", "agency", *links.columns, nulls_last=True
    )
    delayed = end is not None
    columns = teller.headed(
        *("Service", "Code", "Agency", "Provider", "What is needed", "Kind"),
        *(["Status"] if delayed else []),
        *(number(one) for one in ("Requested on", "Due on")),  # which are not to be broken
        *([number("Days overdue")] if delayed else []),
        "Blocking",
    )
    rows = [_row(teller, row, end) for row in teller.first(table)]
    above = [*above, *teller.not_shown(links.height, FILE)]
    title = teller.with_count(title, links.height)
    return teller.part(name, title, columns, rows, nothing=nothing, above=above)


def _row(teller: Teller, row: Mapping[str, Any], end: date | None) -> list[str]:
    return [
        teller.service(row["consumer"]),
        row["consumer"],
        teller.agency(row["agency"]),
        teller.agency(row["provider"]),
        _needed(teller, row),
        worded(row["kind"], teller.language),
        *([] if end is None else [worded(row["status"], teller.language)]),
        *(teller.day(row[one]) for one in ("requested_on", "due_on")),
        *([] if end is None else [teller.figure((end - row["due_on"]).days)]),
        shown(row["blocking"], teller.language),
    ]


def _needed(teller: Teller, row: Mapping[str, Any]) -> str:
    """Name the provider's service and dataset, as far as either is told."""
    service, dataset = row["provider_service"], row["dataset"]
    names = [teller.service(service)] if service else []
    names += [on_one_line(dataset)] if dataset else []
    return enumerated(dict.fromkeys(names), teller.language) if names else NO_VALUE


def _end(teller: Teller) -> date | None:
    """Return the last day of the period, if there is one: never today, which proves nothing."""
    period = teller.evaluation.manifest.ruleset.period
    return None if period is None else parse_period(period).end


def _refused() -> pl.Expr:
    return pl.col("status") == LinkStatus.REFUSED


def _owed() -> pl.Expr:
    return pl.col("status").is_in(OWED)


def _overdue(end: date) -> pl.Expr:
    return _owed() & (pl.col("due_on") < end)
