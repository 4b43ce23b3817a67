"""What a change of the rules does to one dataset: who moves, who crosses a line, and why."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

import polars as pl

from egovrules.changes import changes, changes_between
from egovrules.dataset import Dataset
from egovrules.evaluation import evaluate
from egovrules.impact.attribution import Attribution, Part, apportion, attribute
from egovrules.impact.hybrids import UNITS, Hybrids, changed_rules
from egovrules.plugins import Registry
from egovrules.result import DIGITS, Evaluation, RuleTitle
from egovrules.ruleset import Ruleset
from egovrules.text import LANGUAGES

__all__ = ["UNITS", "Attribution", "Impact", "Part", "apportion", "impact", "of_both"]

TENTHS = 10
SCOPE = {"of": pl.String, "enters": pl.Int64, "leaves": pl.Int64}
LISTS = {"list": pl.String, "agency": pl.String, "event": pl.String}
BANDS = {"band": pl.String, "agency": pl.String, "old": pl.String, "new": pl.String}
SERVICES = {"band": pl.String, "old": pl.String, "new": pl.String, "services": pl.Int64}
_NAMES = ("name", "name_en", "name_fa")


@dataclass(frozen=True, eq=False)
class Impact:
    """One dataset under two rulesets.

    Attributes:
        old: The evaluation by the old ruleset.
        new: The evaluation by the new one.
        agencies: agency, names, old_total, total, shift (points, in steps of
            1e-9), old_rank, rank, places (won); every agency in the scope of either, the best by
            the new ruleset first. Null where a ruleset gives no total or no rank.
        deciles: decile (1 holds the lowest old totals), agencies, low and high (of the old
            totals), mean, least and most (of the shift): always ten rows, equal totals in one.
        scope: of (``agencies``, ``services``), enters, leaves: how many only one of the two
            evaluates.
        lists: list, agency, event (``enters`` or ``leaves``): lists of agencies of both rulesets.
        bands: band, agency, old and new (labels): agencies that cross, in bands of both.
        services: band, old and new (labels; null out of scope), services (how many cross).
        findings: finding, of, subject, agency, event (``fires`` now, or ``ends``), message per
            language.
        attribution: How much of it each changed rule caused.
    """

    old: Evaluation
    new: Evaluation
    agencies: pl.DataFrame
    deciles: pl.DataFrame
    scope: pl.DataFrame
    lists: pl.DataFrame
    bands: pl.DataFrame
    services: pl.DataFrame
    findings: pl.DataFrame
    attribution: Attribution


def impact(
    old: Ruleset, new: Ruleset, dataset: Dataset, *, registry: Registry | None = None
) -> Impact:
    """Apply two rulesets to the same dataset, and say what the change does.

    Args:
        old: The ruleset as it was.
        new: The ruleset as it is to be.
        dataset: What both are applied to.
        registry: The plugins that they are bound to; the installed ones by default.

    Raises:
        EgovrulesError: As :func:`egovrules.evaluation.evaluate`, for either ruleset.
    """
    registry = registry or Registry.installed()
    before, after = evaluate(old, dataset), evaluate(new, dataset)
    agencies = _agencies(before, after)
    found = changes_between(old, new)
    rules, told = changed_rules(found), {change.loc for change in found}
    whole = changes(old.effective, new.effective)
    settled = [change for change in whole if change.loc not in told]
    hybrids = Hybrids(old.effective, new.effective, dataset, registry, settled)
    hybrids.learn((), before)
    hybrids.learn(rules, after)
    return Impact(
        old=before,
        new=after,
        agencies=agencies,
        deciles=_deciles(agencies),
        scope=_scope(before, after, of_services=any(one.loc[0] == "scope" for one in found)),
        lists=_lists(before, after),
        bands=_bands(before, after),
        services=_services(before, after),
        findings=_findings(before, after),
        attribution=attribute(rules, agencies["agency"].to_list(), hybrids),
    )


def _agencies(before: Evaluation, after: Evaluation) -> pl.DataFrame:
    """Put the agencies of both side by side."""
    new, old = after.agencies, before.agencies
    names = [name for name in _NAMES if name in new.columns]
    table = new.select("agency", *names, "total", "rank").join(
        old.select("agency", *names, old_total="total", old_rank="rank"),
        on="agency",
        how="full",
        coalesce=True,
        maintain_order="left_right",
    )
    totals = table.select("total", "old_total").iter_rows()
    # Divided here, because Polars would multiply by 1e-9, which is not the same to the last bit.
    shift = [None if None in pair else _shift(*pair) for pair in totals]
    return table.select(
        "agency",
        *[pl.coalesce(name, f"{name}_right").alias(name) for name in names],
        "old_total",
        "total",
        pl.Series("shift", shift, dtype=pl.Float64),
        "old_rank",
        "rank",
        (pl.col("old_rank") - pl.col("rank")).cast(pl.Float64).alias("places"),
    )


def _shift(total: float, old: float) -> float:
    return (round(total * UNITS) - round(old * UNITS)) / UNITS


def _deciles(agencies: pl.DataFrame) -> pl.DataFrame:
    """Sum the shift up by tenths of the agencies, from the lowest old totals to the highest."""
    moved = agencies.drop_nulls("shift")
    place = pl.col("old_total").round(DIGITS).rank("min").cast(pl.Int64) - 1
    moved = moved.with_columns((place * TENTHS // max(moved.height, 1) + 1).alias("decile"))
    told = moved.group_by("decile").agg(
        pl.len().cast(pl.Int64).alias("agencies"),
        pl.col("old_total").min().alias("low"),
        pl.col("old_total").max().alias("high"),
        pl.col("shift").mean().alias("mean"),
        pl.col("shift").min().alias("least"),
        pl.col("shift").max().alias("most"),
    )
    tenths = pl.DataFrame({"decile": range(1, TENTHS + 1)}, schema={"decile": pl.Int64})
    table = tenths.join(told, on="decile", how="left", maintain_order="left")
    return table.with_columns(pl.col("agencies").fill_null(0))


def _scope(before: Evaluation, after: Evaluation, *, of_services: bool) -> pl.DataFrame:
    """Count who comes into scope and who leaves; services only where that can be."""
    rows = []
    for of, key in (("agencies", "agency"), ("services", "service")):
        counts = [0, 0]
        if of == "agencies" or of_services:
            old, new = (getattr(one, of) for one in (before, after))
            if key in old.columns:
                pairs = ((new, old), (old, new))
                counts = [one.join(other, on=key, how="anti").height for one, other in pairs]
        rows.append((of, *counts))
    return pl.DataFrame(rows, schema=SCOPE, orient="row")


def of_both(
    before: Mapping[str, RuleTitle], after: Mapping[str, RuleTitle], of: str
) -> Iterator[str]:
    """Name the bands or lists that both have, of services or of agencies."""
    for name, rule in after.items():
        if name in before and before[name].of == rule.of == of:
            yield name


def _lists(before: Evaluation, after: Evaluation) -> pl.DataFrame:
    """Tell who enters and who leaves a list of agencies."""
    rows = []
    for name in of_both(before.manifest.lists, after.manifest.lists, "agencies"):
        was, now = (
            one.lists.filter(pl.col("list") == name)["agency"].to_list() for one in (before, after)
        )
        rows += [(name, agency, "enters") for agency in now if agency not in was]
        rows += [(name, agency, "leaves") for agency in was if agency not in now]
    return pl.DataFrame(rows, schema=LISTS, orient="row")


def _bands(before: Evaluation, after: Evaluation) -> pl.DataFrame:
    """Tell which agencies have another label."""
    tables = [pl.DataFrame(schema=BANDS)]
    for name in of_both(before.manifest.bands, after.manifest.bands, "agencies"):
        new = after.agencies.select("agency", new=f"band_{name}")
        old = before.agencies.select("agency", old=f"band_{name}")
        both = new.join(old, on="agency", maintain_order="left")
        crossing = both.filter(pl.col("old") != pl.col("new"))
        tables.append(crossing.select(pl.lit(name).alias("band"), "agency", "old", "new"))
    return pl.concat(tables)


def _services(before: Evaluation, after: Evaluation) -> pl.DataFrame:
    """Count the services that have another label, or come into scope or leave it."""
    rows = []
    for name in of_both(before.manifest.bands, after.manifest.bands, "services"):
        new = after.services.select("service", new=f"band_{name}")
        old = before.services.select("service", old=f"band_{name}")
        both = new.join(old, on="service", how="full", coalesce=True)
        counts = Counter(both.select("old", "new").iter_rows())
        was, now = (list(one.manifest.bands[name].labels) for one in (before, after))
        rows += [
            (name, *pair, counts[pair])
            for pair in product([*was, None], [*now, None])
            if pair[0] != pair[1] and counts[pair]
        ]
    return pl.DataFrame(rows, schema=SERVICES, orient="row")


def _findings(before: Evaluation, after: Evaluation) -> pl.DataFrame:
    """Tell for whom a finding fires that did not, and for whom it no longer does."""
    key = ["finding", "of", "subject"]
    fires = after.findings.join(before.findings, on=key, how="anti", maintain_order="left")
    ends = before.findings.join(after.findings, on=key, how="anti", maintain_order="left")
    messages = [f"message_{language}" for language in LANGUAGES]
    return pl.concat(
        table.select(*key, "agency", pl.lit(event).alias("event"), *messages)
        for event, table in (("fires", fires), ("ends", ends))
    )
