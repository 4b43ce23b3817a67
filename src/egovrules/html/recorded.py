"""What a page computes with beyond the scores: the caps of the recorded ruleset, and who they bind.

Everything comes from the evaluation, so that no plugin has to be installed to read its report.
"""

from collections.abc import Iterator, Mapping, Sequence

import narwhals as nw
import polars as pl

from egovrules.conditions import ConditionError, Field, FieldType, names, parse
from egovrules.entries import AxisEntry, Cap
from egovrules.result import Evaluation
from egovrules.schema import RulesetFile

_TOTAL = "total"


def caps_of_nodes(file: RulesetFile) -> Mapping[str, Sequence[Cap]]:
    """Return the caps of every node that has some, by its id."""
    found = dict(_caps_below(file.axes))
    return {node: caps for node, caps in {_TOTAL: file.caps, **found}.items() if caps}


def _caps_below(axes: Mapping[str, AxisEntry]) -> Iterator[tuple[str, Sequence[Cap]]]:
    for axis, entry in axes.items():
        yield axis, entry.caps
        yield from ((f"{axis}.{key}", one.caps) for key, one in entry.criteria.items())
        yield from _caps_below(entry.axes)


def facts_of_agencies(evaluation: Evaluation) -> pl.DataFrame:
    """Put beside what came out for every agency the indicators that went in, treated.

    Returns:
        One row per agency, in the order of the table of agencies, named by ``code`` as well.
    """
    results = evaluation.agencies.with_columns(pl.col("agency").alias("code"))
    inputs = evaluation.inputs.get("agencies")
    if inputs is None:
        return results
    own = [name for name in inputs.columns if name not in results.columns]
    return results.join(
        _treated(evaluation, inputs).select("code", *own),
        on="code",
        how="left",
        maintain_order="left",
    )


def _treated(evaluation: Evaluation, inputs: pl.DataFrame) -> pl.DataFrame:
    """Put what treatment made of a value in its place: scores and conditions come from that."""
    last = evaluation.treatments.sort("step").group_by("indicator", "agency").last()
    for name in last.get_column("indicator").unique():
        changed = last.filter(pl.col("indicator") == name).select(
            pl.col("agency").alias("code"), pl.col("after").alias("_eg_after"), _eg_is=True
        )
        value = pl.when("_eg_is").then("_eg_after").otherwise(name).alias(name)
        inputs = inputs.join(changed, on="code", how="left", maintain_order="left")
        inputs = inputs.with_columns(value).drop("_eg_after", "_eg_is")
    return inputs


def holds(condition: str, facts: pl.DataFrame) -> pl.Series:
    """Tell for which rows a condition of the ruleset is true; where it is unknown, it is not."""
    found = parse(condition, _fields(facts)).expression()
    table: pl.DataFrame = nw.from_native(facts).with_columns(_eg_holds=found).to_native()
    return table.get_column("_eg_holds").fill_null(value=False)


def bound_by(caps: Sequence[Cap], facts: pl.DataFrame) -> pl.Series:
    """Return the lowest of the caps whose condition is true, whether it bit or not; else null."""
    bounds = pl.Series("bound", [None] * facts.height, dtype=pl.Float64)
    for cap in caps:
        at = pl.repeat(float(cap.at), facts.height, eager=True, dtype=pl.Float64)
        lower = holds(cap.when, facts) & (bounds.is_null() | (bounds > cap.at))
        bounds = at.zip_with(lower, bounds).alias("bound")
    return bounds


def derived_anew(
    facts: pl.DataFrame, derive: Mapping[str, str], node: str, score: float
) -> pl.DataFrame:
    """Derive the values of agencies again, one after the other.

    Args:
        facts: Of :func:`facts_of_agencies`, in which something may have changed.
        derive: The values as the ruleset writes them.
        node: The criterion that has another score.
        score: That score, for all agencies.

    Returns:
        The same rows. What is counted over services stays as it was.
    """
    for name, text in derive.items():
        if text.strip() == node:
            facts = facts.with_columns(pl.lit(score).alias(name))
        elif name in facts.columns and _is_calculation(text):
            value = parse(text, _fields(facts), want=None).expression()
            facts = nw.from_native(facts).with_columns(value.alias(name)).to_native()
    return facts


def _is_calculation(text: str) -> bool:
    """Tell it from another criterion and from what is counted over services."""
    try:
        return bool(names(text))
    except ConditionError:
        return False


def _fields(facts: pl.DataFrame) -> dict[str, Field]:
    return {name: Field(_type_of(dtype)) for name, dtype in facts.schema.items()}


def _type_of(dtype: pl.DataType) -> FieldType:
    if dtype.is_numeric():
        return "number"
    if dtype == pl.Boolean:
        return "boolean"
    return "date" if dtype == pl.Date else "text"
