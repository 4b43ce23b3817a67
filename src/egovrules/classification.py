"""Step 5: bands, lists, findings and reconciliations, from scores that are settled.

Services are classified where they live, in one pass; only those that a list or finding names
are brought here. Agencies are a small local table.
"""

import math
from collections.abc import Mapping
from typing import Any

import narwhals as nw
import polars as pl

from egovrules.placing import ranked_total, round_exactly, true_of
from egovrules.plan import Plan, all_true, band_index, count_column
from egovrules.population import local
from egovrules.ranking import Ties, rank
from egovrules.rules import Part
from egovrules.ruleset import Ruleset
from egovrules.schema import Finding, ListEntry
from egovrules.text import LANGUAGES, fill, local_digits, pick, placeholders

BANDS = {
    "band": pl.String,
    "of": pl.String,
    "label": pl.String,
    "count": pl.Int64,
    "share_of_all": pl.Float64,
    "share_of_assessed": pl.Float64,
}
LISTS = {
    "list": pl.String,
    "of": pl.String,
    "position": pl.Int64,
    "subject": pl.String,
    "agency": pl.String,
    "name": pl.String,
    "value": pl.Float64,
}
FINDINGS = {
    "finding": pl.String,
    "severity": pl.String,
    "of": pl.String,
    "subject": pl.String,
    "agency": pl.String,
    "message_en": pl.String,
    "message_fa": pl.String,
}
RECONCILIATIONS = {
    "reconciliation": pl.String,
    "total": pl.Float64,
    "parts": pl.Float64,
    "gap": pl.Float64,
    "holds": pl.Boolean,
    "severity": pl.String,
}


def as_printed(agencies: pl.DataFrame, ruleset: Ruleset) -> pl.DataFrame:
    """Round total, growth, axes and derived numbers to ``rank.decimals``, for comparisons."""
    decimals = ruleset.file.rank.decimals
    assert decimals is not None  # noqa: S101 - `rounded:` is refused without
    axes = (node.id for node in ruleset.root.walk() if node.kind == "axis")
    derived = (one.name for one in ruleset.rules.derive if "agency" in one.levels)
    numbers = [c for c in ("total", "growth", *axes, *derived) if agencies.schema[c].is_float()]
    return agencies.with_columns(
        round_exactly(agencies.get_column(name), decimals) for name in numbers
    )


def band_agencies(agencies: pl.DataFrame, ruleset: Ruleset) -> pl.DataFrame:
    """Add one column per band of agencies, ``band_<id>``, with the label of each."""
    for name, band in ruleset.file.bands.items():
        if band.of != "agencies":
            continue
        frame = nw.from_native(as_printed(agencies, ruleset) if band.rounded else agencies)
        index = frame.select(band_index(ruleset.rules.bands[name], {}).alias("i")).to_native()
        labels = [*(label.name for label in band.labels), band.otherwise]
        label = pl.Series(f"band_{name}", [labels[i] for i in index["i"]], dtype=pl.String)
        agencies = agencies.with_columns(label)
    return agencies


def count_bands(
    ruleset: Ruleset, agencies: pl.DataFrame, counts: pl.DataFrame | None
) -> pl.DataFrame:
    """Count every label: the table ``bands``, each band's labels in order, ``otherwise`` last.

    Args:
        ruleset: The rules.
        agencies: With the columns of :func:`band_agencies`.
        counts: Sums of :func:`egovrules.plan.sums`; None without services.

    Returns:
        Counts, and shares (0 to 1) of all subjects and of those with a label of their own.
    """
    rows = []
    for name, band in ruleset.file.bands.items():
        labels = [*(label.name for label in band.labels), band.otherwise]
        if band.of == "agencies":
            found = agencies.get_column(f"band_{name}").to_list()
            numbers = [found.count(label) for label in labels]
        elif counts is None:
            numbers = [0] * len(labels)
        else:
            numbers = [int(counts[count_column(name, i)].sum() or 0) for i in range(len(labels))]
        everyone, assessed = sum(numbers), sum(numbers[:-1])
        for label, number in zip(labels, numbers, strict=True):
            of_assessed = number / assessed if assessed and label != band.otherwise else None
            share = number / everyone if everyone else None
            rows.append((name, band.of, label, number, share, of_assessed))
    return pl.DataFrame(rows, schema=BANDS, orient="row")


def flag_services(ruleset: Ruleset, plan: Plan) -> pl.DataFrame | None:
    """Bring the services that any list or finding names, with a column per rule and value."""
    file, rules = ruleset.file, ruleset.rules
    flags: dict[str, nw.Expr] = {}
    for name, entry in file.lists.items():
        condition = rules.lists[name]
        if entry.of == "services" and condition is not None:
            flags[f"list {name}"] = all_true((condition,), plan.fields).fill_null(value=False)
        elif entry.of == "services":
            flags[f"list {name}"] = ~nw.col(
                plan.fields.get(entry.by or "", entry.by or "")
            ).is_null()
    for name, finding in file.findings.items():
        if finding.of == "services":
            test = all_true((rules.findings[name],), plan.fields)
            flags[f"finding {name}"] = test.fill_null(value=False)
    if not flags:
        return None
    own = [c for c in ("name", "name_en", "name_fa") if c in plan.frame.collect_schema().names()]
    shown = {field for field in _shown_fields(ruleset) if field not in own}
    columns = set(plan.frame.collect_schema().names())
    values = {field: plan.fields.get(field, field) for field in sorted(shown)}
    frame = plan.frame.select(
        nw.col("code").alias("subject"),
        nw.col("agency"),
        *[nw.col(name) for name in own],
        *[
            nw.col(column).alias(field)
            for field, column in values.items()
            if column in columns and field not in ("subject", "agency")
        ],
        *[expression.alias(name) for name, expression in flags.items()],
    ).filter(nw.any_horizontal(*[nw.col(name) for name in flags], ignore_nulls=True))
    return local(frame).to_native().sort("subject")  # type: ignore[no-any-return]  # Polars


def _shown_fields(ruleset: Ruleset) -> set[str]:
    """Name the fields of services that lists order by or messages print."""
    found = {e.by for e in ruleset.file.lists.values() if e.of == "services" and e.by}
    for finding in ruleset.file.findings.values():
        if finding.of == "services":
            for language in LANGUAGES:
                found |= placeholders(pick(finding.message, language))
    return found


def make_lists(
    ruleset: Ruleset, agencies: pl.DataFrame, services: pl.DataFrame | None
) -> pl.DataFrame:
    """Make the table ``lists``: for each list its subjects, first to last.

    The first by total are the first by rank: a tie there is one here, and a body that is not
    ranked is not among them. Agencies share positions as they share ranks, services the smallest.

    Returns:
        The columns of ``LISTS``; positions are Float64 where equal values share the mean.
    """
    ties = ruleset.file.rank.ties
    schema = pl.Schema(LISTS | ({"position": pl.Float64} if ties == "average" else {}))
    tables = []
    for name, entry in ruleset.file.lists.items():
        if entry.of == "services":
            if services is None:
                continue
            chosen = services.filter(pl.col(f"list {name}"))
        else:
            chosen = agencies.with_columns(pl.col("agency").alias("subject"))
            condition = ruleset.rules.lists[name]
            if condition is not None:
                compared = as_printed(chosen, ruleset) if entry.rounded else chosen
                chosen = chosen.filter(true_of(condition, compared))
            if entry.by == "total":
                chosen = chosen if entry.top is None else chosen.drop_nulls("rank")
                chosen = chosen.with_columns(ranked_total(chosen, ruleset).alias("_eg_order"))
        listed = _listed(name, entry, chosen, ties if entry.of == "agencies" else "min")
        tables.append(listed.cast(schema))
    return pl.concat(tables) if tables else pl.DataFrame(schema=schema)


def _listed(name: str, entry: ListEntry, chosen: pl.DataFrame, ties: Ties) -> pl.DataFrame:
    """Order a list's subjects by its value, and cut it after ``top``, ties at the end kept."""
    value = pl.lit(None, pl.Float64) if entry.by is None else pl.col(entry.by).cast(pl.Float64)
    order = pl.col("_eg_order") if "_eg_order" in chosen.columns else value
    table = chosen.select(
        pl.col("subject"),
        pl.col("agency"),
        _name(chosen).alias("name"),
        value.alias("value"),
        order.alias("order"),
    ).sort("subject")  # which parts equals where positions are ordinal
    if entry.by is not None:
        descending = entry.order == "descending"
        table = table.drop_nulls("value") if entry.top is not None else table
        found = table.get_column("order")
        position = rank(found, ties, descending=descending).alias("position")
        # However the equal share a position, all of them come in or none.
        first = position if ties == "ordinal" else rank(found, descending=descending)
        table = table.with_columns(position, first.alias("first")).sort(
            ["first", "value", "subject"], descending=[False, descending, False], nulls_last=True
        )
        if entry.top is not None:
            table = table.filter(pl.col("first") <= entry.top)
    else:
        table = table.with_columns(pl.lit(None, pl.Int64).alias("position"))
    return table.select(
        pl.lit(name).alias("list"),
        pl.lit(entry.of).alias("of"),
        "position",
        "subject",
        "agency",
        "name",
        "value",
    )


def _name(frame: pl.DataFrame) -> pl.Expr:
    names = [pl.col(c) for c in ("name", "name_en", "name_fa") if c in frame.columns]
    return pl.coalesce(*names, pl.col("subject")) if names else pl.col("subject")


def make_findings(
    ruleset: Ruleset, agencies: pl.DataFrame, services: pl.DataFrame | None
) -> pl.DataFrame:
    """Make the table ``findings``: one row for every subject that a rule fired for."""
    rows: list[tuple[Any, ...]] = []
    for name, finding in ruleset.file.findings.items():
        if finding.of == "services":
            fired = None if services is None else services.filter(pl.col(f"finding {name}"))
        else:
            condition = ruleset.rules.findings[name]
            compared = as_printed(agencies, ruleset) if finding.rounded else agencies
            fired = compared.filter(true_of(condition, compared))
            fired = fired.with_columns(pl.col("agency").alias("subject"))
        if fired is not None:
            rows += _found(name, finding, fired)
    return pl.DataFrame(rows, schema=FINDINGS, orient="row")


def _found(name: str, finding: Finding, fired: pl.DataFrame) -> list[tuple[Any, ...]]:
    """Make the rows of one finding; only what its messages print is read row by row."""
    own = fired.select("subject", "agency").rows()
    messages = [_messages(finding, fired, language) for language in LANGUAGES]
    return [
        (name, finding.severity, finding.of, *subject, *texts)
        for subject, *texts in zip(own, *messages, strict=True)
    ]


def _messages(finding: Finding, fired: pl.DataFrame, language: str) -> list[str]:
    template = pick(finding.message, language)
    names = [
        c
        for c in dict.fromkeys((f"name_{language}", "name", "name_en", "name_fa", "subject"))
        if c in fired.columns
    ]
    named = pl.coalesce(pl.when(pl.col(c) != "").then(pl.col(c)) for c in names).alias("name")
    shown = sorted((placeholders(template) & set(fired.columns)) - {"name"})
    if "rank_label" in shown:  # a text that is a number, too
        digits = [label and local_digits(label, language) for label in fired["rank_label"]]
        fired = fired.with_columns(pl.Series("rank_label", digits, dtype=pl.String))
    rows = fired.select(named, *shown).iter_rows(named=True)
    return [fill(template, row, language) for row in rows]


def reconcile(ruleset: Ruleset, counts: Mapping[str, int], bands: pl.DataFrame) -> pl.DataFrame:
    """Make the table ``reconciliations``: total, sum of the parts, gap, and whether it holds."""
    rows = []
    for name, terms in ruleset.rules.reconcile.items():
        entry = ruleset.file.reconcile[name]
        total = _amount(terms.total, counts, bands, ())
        parts = math.fsum(_amount(part, counts, bands, entry.without) for part in terms.parts)
        gap = total - parts
        rows.append((name, total, parts, gap, gap == 0, entry.when_not))
    return pl.DataFrame(rows, schema=RECONCILIATIONS, orient="row")


def _amount(
    part: Part, counts: Mapping[str, int], bands: pl.DataFrame, without: tuple[str, ...]
) -> float:
    if part.kind == "number":
        return part.value
    if part.kind == "count":
        return float(counts[part.name])
    chosen = bands.filter((pl.col("band") == part.name) & ~pl.col("label").is_in(list(without)))
    if part.label:
        chosen = chosen.filter(pl.col("label") == part.label)
    return float(chosen["count"].sum())
