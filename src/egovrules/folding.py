"""Tables folded into one another: child rows, links between services, and the ledger of answers.

Everything here is of national size at most, so it works on Polars frames in this process.
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

import narwhals as nw
import polars as pl

from egovrules import cells
from egovrules.conditions import Condition
from egovrules.fields import ANSWER_FIELDS, LINK_FIELDS, FieldType
from egovrules.model import AnswerSource
from egovrules.readers.common import ROW

LINK_COLUMNS = ("links_required", "links_live")
GAP = "declaration_gap"
_TYPES: Mapping[FieldType, Any] = MappingProxyType(
    {"number": pl.Float64, "boolean": pl.Boolean, "text": pl.String, "date": pl.Date}
)
# The columns of links and answers that an evaluation records, whatever a ruleset reads.
LEDGERS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "links": {name: _TYPES[spec.type] for name, spec in LINK_FIELDS.items()},
        "answers": {"of": pl.String}
        | {name: _TYPES[spec.type] for name, spec in ANSWER_FIELDS.items() if name != "value"},
    }
)
# The columns of links that are empty in no row.
FULL = tuple(name for name, spec in LINK_FIELDS.items() if spec.required)


def fold_children(
    keys: pl.Series,
    child: pl.DataFrame,
    by: str,
    operation: str,
    *,
    of: str | None = None,
    when: Condition | None = None,
    columns: dict[str, str] | None = None,
) -> pl.Series:
    """Fold the rows of a child table into one value per parent.

    Args:
        keys: Codes of the parents, in the order of the result.
        child: The child table.
        by: Its column of parents' codes.
        operation: ``count``, ``share`` (0 to 1), ``any``, ``sum`` or ``mean``.
        of: The column (Float64) that ``sum`` and ``mean`` take.
        when: Which rows are meant; where it is unknown, a row is not. All where None.
        columns: Column of each field of *when* whose name differs.

    Returns:
        One value per key: 0 or false without children, missing for ``share`` and ``mean``; also
        missing where no value of a ``sum`` is known.
    """
    hit = nw.lit(value=True) if when is None else when.expression(columns)
    marked = nw.from_native(child).with_columns(hit.alias("__hit")).to_native()
    value = (pl.col(of) if of else pl.lit(None, pl.Float64)).filter(pl.col("__hit"))
    hits, known = pl.col("__hit").sum(), pl.col("__hit").count()
    folded = (
        marked.group_by(pl.col(by).alias("__key"))
        .agg(
            count=hits.cast(pl.Float64),
            any=hits > 0,
            share=pl.when(known > 0).then(hits / known),
            sum=pl.when((value.count() > 0) | (hits == 0)).then(value.sum()),
            mean=value.mean(),
            __present=pl.lit(value=True),
        )
        .with_columns(pl.col("__key").cast(pl.String))
    )
    joined = keys.to_frame("__key").join(folded, on="__key", how="left", maintain_order="left")
    result = joined[operation]
    nothing: dict[str, pl.Expr] = {
        "count": pl.lit(0.0),
        "sum": pl.lit(0.0),
        "any": pl.lit(value=False),
    }
    if operation in nothing:
        absent = pl.col("__present").is_null()
        settled = pl.when(absent).then(nothing[operation]).otherwise(pl.col(operation))
        result = joined.select(settled.alias(operation)).to_series()
    return result


def count_links(links: pl.DataFrame) -> pl.DataFrame:
    """Count the links of each consumer service, and those of them that are live."""
    return links.group_by(pl.col("consumer").alias("code")).agg(
        links_required=pl.len().cast(pl.Float64),
        links_live=(pl.col("status") == "live").sum().cast(pl.Float64),
    )


def effective(answers: pl.DataFrame) -> pl.DataFrame:
    """Keep the answer that counts for each subject and indicator.

    That is the latest one of the highest source, appealed before audited before declared; of one
    day the later row. An answer without a date is the earliest.
    """
    order = [source.value for source in AnswerSource]
    ranked = answers.with_columns(
        __rank=pl.col("source").replace_strict(order, range(len(order)), return_dtype=pl.Int8)
    )
    return (
        ranked.sort("__rank", "date", ROW, nulls_last=False)
        .unique(["subject", "indicator"], keep="last", maintain_order=True)
        .drop("__rank")
    )


def answered(
    frame: pl.LazyFrame, answers: pl.DataFrame, indicators: Collection[str]
) -> pl.LazyFrame:
    """Put effective answers in the place of what a table says.

    Args:
        frame: The table of agencies or services.
        answers: From :func:`effective`.
        indicators: The columns that are wanted.

    Returns:
        The frame with, for each wanted indicator that has answers on a row of it, a column of
        text and its ``__status``.
    """
    present = frame.collect_schema().names()
    codes = frame.select("code").collect()["code"].implode()
    wanted = answers.filter(
        pl.col("indicator").is_in(list(indicators)) & pl.col("subject").is_in(codes)
    )
    for name in wanted["indicator"].unique(maintain_order=True):
        one = wanted.filter(pl.col("indicator") == name).select(
            code="subject",
            __value="value",
            __status=pl.when(pl.col("status") != "valid").then("status"),
            __answered=pl.lit(value=True),
        )
        status = f"{name}__status"
        old_value = pl.col(name).cast(pl.String) if name in present else pl.lit(None, pl.String)
        old_status = pl.col(status) if status in present else pl.lit(None, pl.String)
        has = pl.col("__answered").is_not_null()
        frame = (
            frame.join(one.lazy(), on="code", how="left", maintain_order="left")
            .with_columns(
                pl.when(has).then("__value").otherwise(old_value).alias(name),
                pl.when(has).then("__status").otherwise(old_status).alias(status),
            )
            .drop("__value", "__status", "__answered")
        )
    return frame


def declaration_gaps(answers: pl.DataFrame, owners: pl.DataFrame) -> pl.DataFrame:
    """Compute each agency's mean absolute difference between declared and audited numbers.

    Args:
        answers: The whole ledger.
        owners: Columns ``subject`` and ``agency``: whose answer it is.

    Returns:
        Columns ``code`` and ``declaration_gap``, in the unit of the answers; agencies without an
        indicator that was both declared and audited are left out.
    """
    numbers = answers.filter(pl.col("status") == "valid").with_columns(
        __number=cells.number(pl.col("value"))
    )
    latest = numbers.sort("date", ROW, nulls_last=False)

    def of(source: AnswerSource) -> pl.DataFrame:
        one = latest.filter(pl.col("source") == source.value)
        one = one.unique(["subject", "indicator"], keep="last")
        return one.select("subject", "indicator", pl.col("__number").alias(source.value))

    pairs = of(AnswerSource.DECLARED).join(of(AnswerSource.AUDITED), on=["subject", "indicator"])
    gap = (pl.col("declared") - pl.col("audited")).abs()
    by_agency = pairs.join(owners, on="subject").group_by("agency", maintain_order=True)
    return by_agency.agg(gap.mean().alias(GAP)).select(code="agency", declaration_gap=GAP)
