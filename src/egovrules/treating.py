"""Treatment of the agencies' columns: after the scope and before anything is measured or scored.

The steps are carried out in order, each on what the former left. What was read stays among the
inputs of an evaluation; what each step changed is told value by value.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import narwhals as nw
import polars as pl

from egovrules.errors import EgovrulesError, EvaluationError, Problem
from egovrules.result import TREATMENTS, TreatmentInfo
from egovrules.ruleset import Ruleset
from egovrules.steps import BoundStep
from egovrules.treatment import PASSED

_NAMED = 5  # columns that a message names
_NEVER = "not_applicable"  # the status of a question that does not arise


@dataclass(frozen=True)
class Treated:
    """What treatment made of the agencies.

    Attributes:
        frame: The agencies in scope, narwhals over Polars; where anything was treated, by code.
        table: Every value that was changed; see :attr:`egovrules.result.Evaluation.treatments`.
        done: What was done, by step and column.
        warnings: Of values that were lost, and of steps that did not reach what they are for.
    """

    frame: Any
    table: pl.DataFrame
    done: tuple[TreatmentInfo, ...]
    warnings: tuple[Problem, ...]


def treat(ruleset: Ruleset, agencies: Any, history: nw.DataFrame[Any] | None) -> Treated:
    """Carry out the steps of treatment.

    A cell whose status is ``not_applicable``, or one that the ruleset maps under ``missing:
    status:``, stays missing whatever a step would make of it. Any other that is filled loses its
    status.

    Args:
        ruleset: The rules.
        agencies: Those in scope; over all of them means and limits are taken.
        history: What is known of other periods; needed where a step is historical.

    Raises:
        EvaluationError: When a step cannot be carried out.
    """
    frame: pl.DataFrame = agencies.to_native()
    settled = {_NEVER, *ruleset.file.missing.status}
    changed: list[pl.DataFrame] = []
    done: list[TreatmentInfo] = []
    warnings: list[Problem] = []
    for step in ruleset.treatment:
        gaps: dict[str, tuple[int, int]] = {}
        for column in step.of:
            known = _known_of(column, step, history)
            before, were = frame[column], _gaps(frame, column, settled)
            after, figures = _carried_out(step, frame, column, known)
            frame = _with_values(frame, after, settled)
            rows = _rows(step, frame["code"], before, frame[column])
            changed.append(rows)
            done.append(_info(step, column, figures))
            warnings += _odd(step, column, rows, figures)
            gaps[column] = were, _gaps(frame, column, settled)
        warnings += _unfilled(step, gaps)
    table = pl.concat([pl.DataFrame(schema=TREATMENTS), *changed])
    return Treated(nw.from_native(frame, eager_only=True), table, tuple(done), tuple(warnings))


def _known_of(column: str, step: BoundStep, history: nw.DataFrame[Any] | None) -> pl.DataFrame:
    if history is None or not step.treatment.historical:
        schema = {"code": pl.String, "period": pl.Float64, "value": pl.Float64}
        return pl.DataFrame(schema=schema)
    table: pl.DataFrame = history.to_native()
    return table.select("code", "period", value=column)


def _carried_out(
    step: BoundStep, frame: pl.DataFrame, column: str, known: pl.DataFrame
) -> tuple[pl.Series, Mapping[str, Any]]:
    """Treat one column, and check that as many finite numbers come back."""
    read = dict.fromkeys(("code", *(read.column for read in step.treatment.reads())))
    where = f"{step.name}, column {column}"
    author = f"tell the author of {step.treatment.id}"
    try:
        after, figures = step.treatment.treat(frame[column], frame.select(list(read)), known)
        after = after.cast(pl.Float64).alias(column)
    except EgovrulesError as error:
        raise EvaluationError([_placed(one, where) for one in error.problems]) from None
    except Exception as error:  # an author's code may fail in any way
        message = f"the treatment fails: {type(error).__name__}: {error}"
        raise EvaluationError.of(message, where=where, hint=author) from error
    if len(after) != frame.height:
        message = f"it gives {len(after)} values for {frame.height} agencies"
        raise EvaluationError.of(message, where=where, hint=author)
    endless = frame["code"].filter(~after.is_finite())
    if len(endless):
        message = f"it gives no finite number for {endless[0]}"
        raise EvaluationError.of(message, where=where, hint="check the values, and the parameters")
    return after, figures


def _placed(problem: Problem, where: str) -> Problem:
    return problem if problem.where else replace(problem, where=where)


def _with_values(frame: pl.DataFrame, after: pl.Series, settled: set[str]) -> pl.DataFrame:
    """Put a treated column in its place, but for cells whose status has decided already."""
    status = f"{after.name}__status"
    if status not in frame.columns:
        return frame.with_columns(after)
    decided = pl.col(status).is_in(list(settled)).fill_null(value=False)
    frame = frame.with_columns(pl.when(~decided).then(after).alias(after.name))
    return frame.with_columns(
        pl.when(pl.col(after.name).is_null()).then(pl.col(status)).alias(status)
    )


def _rows(step: BoundStep, codes: pl.Series, before: pl.Series, after: pl.Series) -> pl.DataFrame:
    rows = pl.DataFrame({"agency": codes, "before": before, "after": after})
    rows = rows.filter(pl.col("before").ne_missing(pl.col("after")))
    told = {"step": step.number, "do": step.treatment.id, "indicator": before.name}
    return rows.with_columns(**{k: pl.lit(v) for k, v in told.items()}).select(
        pl.col(name).cast(kind) for name, kind in TREATMENTS.items()
    )


def _info(step: BoundStep, column: str, figures: Mapping[str, Any]) -> TreatmentInfo:
    treatment = step.treatment
    title = treatment.title if isinstance(treatment.title, str) else dict(treatment.title)
    return TreatmentInfo(
        step=step.number,
        do=treatment.id,
        title=title or treatment.id,
        parameters=treatment.model_dump(mode="json"),
        indicator=column,
        figures=dict(figures),
    )


def _gaps(frame: pl.DataFrame, column: str, settled: set[str]) -> int:
    """Count the missing values that a step might fill."""
    empty, status = frame[column].is_null(), f"{column}__status"
    if status in frame.columns:
        empty &= ~frame[status].is_in(list(settled)).fill_null(value=False)
    return int(empty.sum())


def _unfilled(step: BoundStep, gaps: Mapping[str, tuple[int, int]]) -> list[Problem]:
    """Tell of an imputation that leaves gaps: it found nothing to fill them with."""
    if not step.treatment.imputes:
        return []
    left = [f"{name} ({after} of {before})" for name, (before, after) in gaps.items() if after]
    if not left:
        return []
    more = f" and {len(left) - _NAMED} more columns" if len(left) > _NAMED else ""
    message = f"{step.name} leaves values missing: {', '.join(left[:_NAMED])}{more}"
    hint = "there is nothing that it could fill them with; another step may, or `missing:` decides"
    return [Problem(message, severity="warning", hint=hint)]


def _odd(
    step: BoundStep, column: str, rows: pl.DataFrame, figures: Mapping[str, Any]
) -> list[Problem]:
    """Tell of values that became missing, and of a step that was not enough."""
    lost = rows.filter(pl.col("before").is_not_null(), pl.col("after").is_null())["agency"]
    told = []
    if len(lost):
        more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
        told.append(f"{step.name} leaves {column} of {lost[0]}{more} without a value")
    if figures.get(PASSED) is False:
        told.append(f"{step.name} is not enough for {column}: it is still beyond the limits")
    return [Problem(text, severity="warning") for text in told]
