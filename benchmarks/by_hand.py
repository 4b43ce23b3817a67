"""The ruleset ``ir-1400-spring`` once more, hand-written in Polars for this one purpose.

The same arithmetic and the same tables as ``egovrules.evaluate`` makes at once, as someone who
knows Polars well would write them: no checks of the input, no ruleset, no plugins, no reasons for
the numbers. It is what the general engine is measured against.
"""

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Any

import polars as pl
from polars import col, lit, when

from benchmarks.rounds import (
    AGENCY_PAIRS,
    ENABLERS,
    FEATURES,
    HELP,
    PERSONAL_DATA,
    POINTS,
    PROVISIONS,
    REGISTER,
    TERMS,
)

WEIGHTS = {
    "user_centric": {
        "online_steps": 2,
        "visits": 1,
        "on_time": 1,
        "accessible": 1,
        "online_uptake": 1,
        "help": 1,
        "satisfaction": 1,
    },
    "transparent": dict.fromkeys(
        (
            "register_complete",
            "tracking",
            "published_terms",
            "personal_data",
            "open_data",
            "honest_declaration",
        ),
        1,
    ),
    "integrated": dict.fromkeys(
        (
            "live_links",
            "once_only",
            "single_window",
            "shared_enablers",
            "exchange_success",
            "data_requests",
            "no_duplicates",
        ),
        1,
    ),
    "participatory": dict.fromkeys(
        ("consultations", "comments", "complaints", "features", "improved", "inclusive"), 1
    ),
}
CRITERIA = [f"{axis}.{name}" for axis, names in WEIGHTS.items() for name in names]
BANDS = ("not_started", "under_50", "mid", "full", "over_90", "not_assessed")
# Criteria of services that are means: those that may not apply to a service, and those that do.
RATIOS = ("online_steps", "live_links", "once_only", "shared_enablers")
PLAIN = (
    "visits",
    "satisfaction",
    "register_complete",
    "tracking",
    "published_terms",
    "single_window",
    "improved",
)
POOLED = {"on_time": ("cases_on_time", "cases"), "online_uptake": ("requests_online", "requests")}
SKIPPED = ("satisfaction", "honest_declaration")  # missing is not zero


def evaluate(services: pl.DataFrame, agencies: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Make the tables agencies, criteria, bands, lists, findings and reconciliations."""
    scored = _scored(services.lazy().filter("eligible"))
    # Two passes: pl.collect_all of both is slower here, and holds a third more memory.
    summed = _summed(scored).collect(engine="streaming")
    flagged = _flagged(scored).collect(engine="streaming")
    table = _axes(_settled(agencies.join(summed, left_on="code", right_on="agency", how="left")))
    bands = _bands(summed)
    counted = bands.filter(col("label") != "not_assessed")["count"].sum()
    total = summed["services"].sum()
    ranked = _ranked(table)
    return {
        "agencies": ranked.drop(CRITERIA).drop(f"{name}.coverage" for name in CRITERIA),
        "criteria": _criteria(table),
        "bands": bands,
        "lists": _lists(ranked, flagged),
        "findings": _findings(ranked, flagged),
        "reconciliations": pl.DataFrame(
            {"total": [float(total)], "parts": [float(counted)], "gap": [float(total - counted)]}
        ),
    }


def _all(expressions: Sequence[pl.Expr]) -> pl.Expr:
    """Add up; one null leaves null."""
    return reduce(add, expressions)


def _yes(names: Sequence[str]) -> pl.Expr:
    """100 · yes / columns; one null leaves null."""
    return _all([col(name).cast(pl.Int8) for name in names]) * 100.0 / len(names)


def _ratio(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    return when(whole > 0).then(100.0 * part / whole)


def _within(part: str, whole: str) -> pl.Expr:
    return when(col(part) > col(whole)).then(col(whole)).otherwise(col(part).clip(0))


def _scored(services: pl.LazyFrame) -> pl.LazyFrame:
    """Score the thirteen criteria of services, each under its name."""
    worth = [
        when(col(p) == "online").then(1.0).when(col(p) == "partial").then(0.5)
        .when(col(p).is_not_null()).then(0.0)
        for p in POINTS
    ]  # fmt: skip
    wholes = {
        "online_steps": _all([(col(p) != "not_applicable").cast(pl.Int8) for p in POINTS]),
        "live_links": col("links_required"),
        "once_only": col("documents_asked"),
        "shared_enablers": _all([(col(e) != "not_applicable").cast(pl.Int8) for e in ENABLERS]),
    }
    parts = {
        "online_steps": _all(worth),
        "live_links": _within("links_live", "links_required"),
        "once_only": col("documents_asked") - _within("documents_already_held", "documents_asked"),
        "shared_enablers": _all([(col(e) == "used").cast(pl.Int8) for e in ENABLERS]),
    }
    stretched = (25 * (col("satisfaction_mean") - 1)).clip(0, 100)
    filled = [(col(r).fill_null("").str.strip_chars() != "").cast(pl.Int8) for r in REGISTER]
    tracking = col("tracking")
    columns = {
        **{name: _ratio(parts[name], wholes[name]) for name in RATIOS},
        **{f"{name}.off": wholes[name] <= 0 for name in RATIOS},
        "visits": 100 * (1 - col("visits").clip(0, 3) / 3),
        "satisfaction": when(col("satisfaction_answers") >= 20).then(stretched),
        "register_complete": _all(filled) * 100.0 / len(REGISTER),
        "tracking": when(tracking == "status_and_date").then(100.0)
        .when(tracking == "status").then(50.0).when(tracking == "none").then(0.0),
        "published_terms": _yes(TERMS),
        "single_window": _yes(("agency_window", "national_window")),
        "improved": _yes(("improved_from_feedback",)),
    }  # fmt: skip
    for name, (part, whole) in POOLED.items():
        both = col(part).is_not_null() & (col(whole) > 0)
        columns[f"{name}.part"] = when(both).then(_within(part, whole))
        columns[f"{name}.whole"] = when(both).then(col(whole))
        columns[f"{name}.off"] = col(whole) <= 0
    return services.select(
        "code",
        "agency",
        "name_en",
        "name_fa",
        "links_live",
        no_visits=col("visits") == 0,
        some_visits=col("visits") > 0,
        **columns,
    )


def _summed(scored: pl.LazyFrame) -> pl.LazyFrame:
    """Sum up per agency: scores, how many there are, how many do not apply, and the bands."""
    steps = col("online_steps")
    band = (
        when(steps == 0).then(0).when(steps < 50).then(1).when(steps <= 90).then(2)
        .when((steps == 100) & col("no_visits")).then(3).when(steps > 90).then(4).otherwise(5)
    )  # fmt: skip
    means = (*RATIOS, *PLAIN)
    pooled = [f"{name}.{half}" for name in POOLED for half in ("part", "whole")]
    return (
        scored.with_columns(band=band)
        .group_by("agency")
        .agg(
            pl.len().alias("services"),
            col(*means, *pooled, "links_live").sum(),
            col(*means).count().name.suffix(".n"),
            *[col(f"{name}.whole").count().alias(f"{name}.n") for name in POOLED],
            col(*[f"{name}.off" for name in (*RATIOS, *POOLED)]).sum(),
            col("links_live").count().alias("links_known"),
            *[(col("band") == i).sum().alias(f"band{i}") for i in range(len(BANDS))],
        )
    )


def _flagged(scored: pl.LazyFrame) -> pl.LazyFrame:
    """Bring the services that stand in a list or a finding."""
    steps = col("online_steps")
    return scored.filter((steps > 90) | (steps == 0)).select(
        "code", "agency", "name_en", "name_fa", "some_visits", electronization=steps
    )


def _settled(table: pl.DataFrame) -> pl.DataFrame:
    """Make the twenty-six scores of each agency, and the coverage of each, from the sums."""
    everyone = col("services").fill_null(0)
    columns: dict[str, pl.Expr] = {}
    for name in (*RATIOS, *PLAIN):
        off = col(f"{name}.off") if name in RATIOS else lit(0)
        count = col(f"{name}.n") if name in SKIPPED else everyone - off
        columns[name] = when(count > 0).then(col(name) / count)
        covered = col(f"{name}.n") / everyone if name in SKIPPED else lit(1.0)
        columns[f"{name}.coverage"] = when(everyone - off > 0).then(covered)
    for name in POOLED:
        score = _ratio(col(f"{name}.part"), col(f"{name}.whole"))
        count, applicable = col(f"{name}.n"), everyone - col(f"{name}.off")
        nothing = when(applicable > 0).then
        columns[name] = when(count > 0).then(score).otherwise(nothing(0.0))
        share = when(count > 0).then(count / applicable).otherwise(1.0)
        columns[f"{name}.coverage"] = nothing(share)
    pairs = dict(
        zip(
            (
                "accessible",
                "open_data",
                "exchange_success",
                "data_requests",
                "no_duplicates",
                "consultations",
                "comments",
                "complaints",
            ),
            AGENCY_PAIRS,
            strict=True,
        )
    )
    for name, (part, whole) in pairs.items():
        share = _ratio(_within(part, whole), col(whole))
        share = 100 - share if name == "no_duplicates" else share
        off = (col(whole) <= 0).fill_null(value=False)
        columns[name] = when(~off).then(share.fill_null(0.0))
        columns[f"{name}.coverage"] = when(~off).then(1.0)
    shares = {
        "help": HELP,
        "personal_data": PERSONAL_DATA,
        "features": FEATURES,
        "inclusive": PROVISIONS,
    }
    for name, answers in shares.items():
        columns[name] = _yes(answers).fill_null(0.0)
        columns[f"{name}.coverage"] = lit(1.0)
    honest = (100 - col("declaration_gap")).clip(0, 100)
    columns["honest_declaration"] = honest
    columns["honest_declaration.coverage"] = honest.is_not_null().cast(pl.Float64)
    axis = {name: axis for axis, names in WEIGHTS.items() for name in names}
    return table.select(
        "code",
        "name_en",
        "name_fa",
        "is_main",
        services=everyone.cast(pl.Int64),
        electronization=when(col("online_steps.n") > 0)
        .then(col("online_steps") / col("online_steps.n")),
        agency_live_links=when((col("links_known") > 0) | (everyone == 0)).then("links_live"),
        **{f"{axis[name.split('.')[0]]}.{name}": value for name, value in columns.items()},
    )  # fmt: skip


def _axes(table: pl.DataFrame) -> pl.DataFrame:
    """Add the four axes, the total, and its coverage."""
    scores, coverages = {}, {}
    for axis, weights in WEIGHTS.items():
        names = {f"{axis}.{name}": weight for name, weight in weights.items()}
        present = pl.sum_horizontal(col(n).is_not_null() * w for n, w in names.items())
        summed = pl.sum_horizontal(col(n) * w for n, w in names.items())
        applies = pl.sum_horizontal(
            col(f"{n}.coverage").is_not_null() * w for n, w in names.items()
        )
        covered = pl.sum_horizontal(col(f"{n}.coverage") * w for n, w in names.items())
        none = when(applies > 0).then(0.0)
        scores[axis] = when(present > 0).then(summed / present).otherwise(none)
        full = when(present > 0).then(covered / applies).otherwise(1.0)
        coverages[f"{axis}.coverage"] = when(applies > 0).then(full)
    shares_nothing = (col("agency_live_links") == 0) & (col("integrated") > 50)
    capped = when(shares_nothing).then(50.0).otherwise("integrated")
    return (
        table.with_columns(**scores, **coverages)
        .with_columns(integrated=capped)
        .with_columns(
            total=pl.mean_horizontal(*WEIGHTS),
            coverage=pl.mean_horizontal(f"{axis}.coverage" for axis in WEIGHTS),
        )
    )


def _criteria(table: pl.DataFrame) -> pl.DataFrame:
    scores = table.select("code", *CRITERIA).unpivot(index="code", value_name="score")
    coverages = table.select(f"{n}.coverage" for n in CRITERIA).unpivot(value_name="coverage")
    return scores.rename({"code": "agency", "variable": "node"}).hstack(coverages[["coverage"]])


def _ranked(table: pl.DataFrame) -> pl.DataFrame:
    printed = pl.Series([None if t is None else round(t, 2) for t in table["total"]])
    enough = table["coverage"].fill_null(0.0) >= 0.8 - 1e-12
    ranks = pl.select(when(enough).then(printed)).to_series().rank("min", descending=True)
    ranked = table.with_columns(rank=ranks.cast(pl.Int64)).rename({"code": "agency"})
    order = ["rank", "total", "agency"]
    return ranked.sort(order, descending=[False, True, False], nulls_last=True)


def _bands(summed: pl.DataFrame) -> pl.DataFrame:
    counts = [int(summed[f"band{i}"].sum()) for i in range(len(BANDS))]
    return pl.DataFrame({"label": BANDS, "count": counts})


def _lists(agencies: pl.DataFrame, flagged: pl.DataFrame) -> pl.DataFrame:
    name = pl.coalesce("name_en", "name_fa").alias("name")
    top = agencies.drop_nulls("total").select(
        lit("top_10").alias("list"),
        col("total").rank("min", descending=True).cast(pl.Int64).alias("position"),
        col("agency").alias("subject"),
        "agency",
        name,
        col("total").alias("value"),
    )
    top = top.filter(col("position") <= 10).sort("position", "subject")
    ready = flagged.filter(col("electronization") > 90).select(
        lit("smart_ready").alias("list"),
        col("electronization").rank("min", descending=True).cast(pl.Int64).alias("position"),
        col("code").alias("subject"),
        "agency",
        name,
        col("electronization").alias("value"),
    )
    ready = ready.sort("value", "subject", descending=[True, False])
    idle = flagged.filter(col("electronization") == 0).select(
        lit("not_started").alias("list"),
        lit(None, pl.Int64).alias("position"),
        col("code").alias("subject"),
        "agency",
        name,
        lit(None, pl.Float64).alias("value"),
    )
    return pl.concat([top, ready, idle.sort("subject")])


def _findings(agencies: pl.DataFrame, flagged: pl.DataFrame) -> pl.DataFrame:
    poor = agencies.filter(col("is_main") & (col("total") < 50))
    total = [f"{round(t, 2):.2f}".rstrip("0").rstrip(".") for t in poor["total"]]
    digits = str.maketrans("0123456789.", "۰۱۲۳۴۵۶۷۸۹٫")
    printed = {"en": total, "fa": [text.translate(digits) for text in total]}
    undesirable = poor.with_columns(pl.Series(f"t_{k}", v, pl.String) for k, v in printed.items())
    return pl.concat(
        [
            _finding(
                undesirable,
                "undesirable",
                "agency",
                pl.format("{}: total {} is below 50; a report is due", "name_en", "t_en"),
                pl.format("{}: امتیاز کل {} کمتر از ۵۰ است؛ گزارش ارسال شود", "name_fa", "t_fa"),
            ),
            _finding(
                flagged.filter((col("electronization") == 100) & col("some_visits")).sort("code"),
                "full_with_visits",
                "code",
                pl.format("{}: every step is online, yet a visit is required", "name_en"),
                pl.format("{}: همهٔ گام‌ها برخط است ولی مراجعهٔ حضوری لازم است", "name_fa"),
            ),
        ]
    )


def _finding(
    rows: pl.DataFrame, name: str, subject: str, english: Any, persian: Any
) -> pl.DataFrame:
    return rows.select(
        lit(name).alias("finding"),
        lit("warning").alias("severity"),
        col(subject).alias("subject"),
        "agency",
        english.alias("message_en"),
        persian.alias("message_fa"),
    )
