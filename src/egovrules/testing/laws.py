"""The laws that every criterion obeys, each applied only where the criterion declares it.

Each is a function that yields what is wrong with a criterion on one table, in words.
"""

import math
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import polars as pl
from pydantic import ValidationError

from egovrules.criteria import Criterion
from egovrules.parameters import Read
from egovrules.testing import trial
from egovrules.testing.checking import FEW, law
from egovrules.testing.strategies import schema
from egovrules.testing.trial import (
    APPLIES,
    PART,
    SCORE,
    TOLERANCE,
    WHOLE,
    close,
    differences,
    slack,
)


def metadata(criterion: Criterion, _: pl.DataFrame) -> Iterator[str]:
    """A criterion says in its id, title, docstring and contracts what it is and what it reads."""
    kind = type(criterion)
    if "." not in kind.id:
        yield f"its id '{kind.id}' names no axis: write 'axis.{kind.id}'"
    titles = {"en": kind.title} if isinstance(kind.title, str) else kind.title
    if not titles.get("en", "").strip():
        yield "it has no English title"
    yield from (f"its title in '{lang}' is empty" for lang, text in titles.items() if not text)
    if not (vars(kind).get("__doc__") or "").strip():
        yield "it has no docstring: say what it measures, and its formula"
    for read in criterion.reads():
        yield from _contract_faults(criterion, read)


def _contract_faults(criterion: Criterion, read: Read) -> Iterator[str]:
    one, name = read.indicator, read.parameter
    if one.low is not None and one.high is not None and one.low > one.high:
        yield f"{name} lies between {one.low} and {one.high}, which nothing does"
    if one.values and one.type != "text":
        yield f"{name} lists values, and is not a text"
    if one.direction != "none" and one.type not in ("number", "boolean"):
        yield f"{name} has a direction, and {one.type} has no order"
    if one.at_most and not isinstance(getattr(criterion, one.at_most), str):
        yield f"{name} is at_most {one.at_most}, which does not name one column"
    called = {f"column {read.column}": one.title}
    called |= {f"'{text}' in column {read.column}": title for text, title in one.words.items()}
    for what, title in called.items():
        if title and not isinstance(title, str):
            if not title.get("en", "").strip():
                yield f"{what} has no English title"
            yield from (
                f"the title of {what} in '{lang}' is empty" for lang in title if not title[lang]
            )


def within_scale(criterion: Criterion, table: pl.DataFrame) -> Iterator[str]:
    """A score is none, or a finite number from 0 to the criterion's top."""
    scores = trial.run(criterion, trial.plan_for(criterion, table), table)[SCORE]
    for number, score in enumerate(scores):
        if score is None:
            continue
        if not math.isfinite(score):
            yield f"row {number}: the score is {score}"
        elif criterion.top is not None and not (-TOLERANCE <= score <= criterion.top + TOLERANCE):
            yield f"row {number}: the score {score} is not within 0 and {criterion.top}"


def missing_in_missing_out(criterion: Criterion, table: pl.DataFrame) -> Iterator[str]:
    """A row that lacks a required indicator has no score."""
    gaps = [
        (read, table.with_columns(pl.lit(None, table.schema[read.column]).alias(read.column)))
        for read in _required(criterion)
    ]
    for (read, _), scored in zip(gaps, _run_each(criterion, table, gaps), strict=True):
        for number, score in enumerate(scored):
            if score is not None:
                yield f"row {number}: without {read.column} the score is still {score}"


def not_applicable(criterion: Criterion, table: pl.DataFrame) -> Iterator[str]:
    """Whether the criterion applies is yes or no wherever its required indicators are known."""
    applies = trial.run(criterion, trial.plan_for(criterion, table), table)[APPLIES]
    if applies.dtype != pl.Boolean:
        yield f"applies() gives {applies.dtype}, not yes or no"
    required = [read.column for read in _required(criterion)]
    for number, row in enumerate(table.iter_rows(named=True)):
        if applies[number] is None and None not in [row[name] for name in required]:
            yield f"row {number}: everything is known, yet applies() does not say yes or no"


def deterministic(criterion: Criterion, table: pl.DataFrame) -> Iterator[str]:
    """The same rows give the same scores again, from a criterion made anew."""
    again = type(criterion)(**_parameters(criterion))
    first = trial.run(criterion, trial.plan_for(criterion, table), table)
    second = trial.run(again, trial.plan_for(again, table), table)
    yield from differences(first, second, "the first time", "the second", tolerance=0.0)


def row_by_row(criterion: Criterion, table: pl.DataFrame) -> Iterator[str]:
    """A row's score depends on no other row: not on their order, nor on their being there."""
    planned = trial.plan_for(criterion, table)
    together = trial.run(criterion, planned, table)
    backwards = trial.run(criterion, planned, table.reverse()).reverse()
    yield from differences(together, backwards, "in order", "in reverse order")
    alone = trial.run(criterion, planned, table.head(1))
    yield from differences(together.head(1), alone, "among the others", "alone")


def reads_what_it_declares(criterion: Criterion, table: pl.DataFrame) -> Iterator[str]:
    """It works on just the columns that it declares, and no other column changes a score."""
    planned = trial.plan_for(criterion, table)
    dry = trial.run(criterion, planned, pl.DataFrame(schema=schema(criterion.reads())))
    if not dry.schema[SCORE].is_numeric():
        yield f"score() gives {dry.schema[SCORE]}, not a number"
    bare = trial.run(criterion, planned, table)
    noisy = table.with_columns(_low=pl.lit(-1e6), _high=pl.lit(1e6))
    with_noise = trial.run(criterion, planned, noisy)
    yield from differences(bare, with_noise, "as declared", "beside columns of others")
    if criterion.slow:
        watched = [trial.Watched(row) for row in table.iter_rows(named=True)]
        asked = {name for row in watched for name in _asked(criterion, row)}
        for name in sorted(asked - set(table.columns)):
            yield f"score_row asks for '{name}', which the criterion does not declare"


def monotone(criterion: Criterion, table: pl.DataFrame) -> Iterator[str]:
    """More of an indicator never scores against its declared direction, all else being equal."""
    before = trial.run(criterion, trial.plan_for(criterion, table), table)[SCORE]
    changes = list(_raised(criterion, table))
    for (read, raised), after in zip(changes, _run_each(criterion, table, changes), strict=True):
        sign = 1 if read.indicator.direction == "up" else -1
        for number, (old, new) in enumerate(zip(before, after, strict=True)):
            if old is not None and new is not None and sign * (new - old) < -slack(old):
                yield (
                    f"row {number}: {read.column} from {table[read.column][number]} to "
                    f"{raised[read.column][number]} moves the score from {old} to {new}, "
                    f"against its direction '{read.indicator.direction}'"
                )


def _raised(criterion: Criterion, table: pl.DataFrame) -> Iterator[tuple[Read, pl.DataFrame]]:
    """Raise one directed indicator at a time, as far as its bounds allow."""
    for read in criterion.reads():
        one, column = read.indicator, pl.col(read.column)
        if one.direction == "none":
            continue
        if one.type == "boolean":
            higher = [pl.lit(value=True)]
        else:
            ceilings = [pl.lit(float("inf") if one.high is None else float(one.high))]
            if one.at_most:
                ceilings.append(pl.col(getattr(criterion, one.at_most)))
            steps = (column + 0.5, column + 1, column.abs() * 10 + 1)
            higher = [pl.min_horizontal(step, *ceilings) for step in steps]
        for value in higher:
            raised = pl.when(column.is_not_null()).then(value).alias(read.column)
            yield read, table.with_columns(raised)


def parameters_checked(criterion: Criterion, table: pl.DataFrame) -> Iterator[str]:
    """Wrong parameters are refused, a criterion cannot change, and what is accepted scores."""
    given_ones = _parameters(criterion)
    if _accepted(criterion, {"no_such_parameter": 1}):
        yield "it accepts the unknown parameter 'no_such_parameter'"
    for name, value in given_ones.items():
        if _accepted(criterion, {name: object()}):
            yield f"it accepts anything for '{name}'"
        copy = type(criterion)(**given_ones)
        try:
            setattr(copy, name, value)
        except ValidationError:
            pass
        else:
            yield f"'{name}' can be changed after the criterion is made"
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        for probe in (-1, 0, 1, 1_000_000):
            changed = _accepted(criterion, {name: type(value)(probe)})
            for fault in within_scale(changed, table) if changed else ():
                yield f"it accepts {name}={probe}, and then {fault}"


def same_on_every_engine(criterion: Criterion, table: pl.DataFrame) -> Iterator[str]:
    """Polars, eager and lazy, and DuckDB agree within 1e-9, on population numbers and scores."""
    here = trial.population(criterion, table)
    there = trial.population(criterion, trial.on_duckdb(table))
    for name, value in here.items():
        if not close(value, there[name], TOLERANCE):
            yield f"the population's {name} is {value} on Polars and {there[name]} on DuckDB"
    planned = {**trial.plan(criterion, here), **trial.parts(criterion)}
    eager = trial.run(criterion, planned, table)
    lazy = trial.run_lazily(planned, table)
    yield from differences(eager, lazy, "on Polars", "on lazy Polars")
    yield from differences(eager, trial.run_on_duckdb(planned, table), "on Polars", "on DuckDB")


def population_is_numbers(criterion: Criterion, table: pl.DataFrame) -> Iterator[str]:
    """Each population number is one number, and a population without values is survived."""
    for name, values in trial.population_columns(criterion, pl.concat([table, table])).items():
        if len(values) != 1:
            yield f"population() gives {len(values)} numbers for '{name}': aggregate to one"
    nobody = pl.DataFrame(schema=schema(criterion.reads()))
    planned = trial.plan(criterion, trial.population(criterion, nobody))
    trial.run(criterion, planned, table)


def steps_evaluate(criterion: Criterion, table: pl.DataFrame) -> Iterator[str]:
    """Every named step can be computed for each row, alone or among others."""
    steps = criterion.steps(**trial.population(criterion, table))
    together = trial.run_steps(steps, table)
    alone = pl.concat(trial.run_steps(steps, one) for one in table.iter_slices(1))
    yield from differences(together, alone, "among the others", "alone")


def ratio_is_the_score(criterion: Criterion, table: pl.DataFrame) -> Iterator[str]:
    """The score is top × numerator / denominator, and the numerator is between 0 and that."""
    top = 1.0 if criterion.top is None else criterion.top
    planned = {**trial.plan_for(criterion, table), **trial.parts(criterion)}
    result = trial.run(criterion, planned, table)
    for number, row in enumerate(result.iter_rows(named=True)):
        part, whole, score = row[PART], row[WHOLE], row[SCORE]
        if part is not None and whole is not None and not 0 <= part <= whole:
            yield f"row {number}: the numerator {part} is not within 0 and {whole}"
        over = part is not None and whole is not None and whole > 0 and row[APPLIES] is not False
        expected = top * part / whole if over else None
        if not close(score, expected, TOLERANCE):
            yield f"row {number}: the score is {score}, and {part} of {whole} makes {expected}"


def _run_each(
    criterion: Criterion, table: pl.DataFrame, changes: list[tuple[Read, pl.DataFrame]]
) -> list[pl.Series]:
    """Score changed copies of a table, all in one run, with the table's own population numbers."""
    stacked = pl.concat(changed for _, changed in changes)
    scores = trial.run(criterion, trial.plan_for(criterion, table), stacked)[SCORE]
    return [scores.slice(start, table.height) for start in range(0, len(scores), table.height)]


def _required(criterion: Criterion) -> list[Read]:
    return [read for read in criterion.reads() if not read.indicator.optional]


def _parameters(criterion: Criterion) -> dict[str, Any]:
    return {name: getattr(criterion, name) for name in type(criterion).model_fields}


def _accepted(criterion: Criterion, change: Mapping[str, Any]) -> Criterion | None:
    try:
        return type(criterion)(**{**_parameters(criterion), **change})
    except ValidationError:
        return None


def _asked(criterion: Criterion, row: trial.Watched) -> set[str]:
    with suppress(KeyError):  # asking for a column that is not there is what we look for
        criterion.score_row(row)
    return row.asked


LAWS = (
    law(metadata, tables=1),
    law(within_scale),
    law(missing_in_missing_out, _required),
    law(not_applicable, lambda one: one.applies() is not None),
    law(deterministic, tables=FEW),
    law(row_by_row),
    law(reads_what_it_declares),
    law(monotone, lambda one: any(r.indicator.direction != "none" for r in one.reads())),
    law(parameters_checked, tables=FEW),
    law(same_on_every_engine, lambda one: not one.slow),
    law(population_is_numbers, lambda one: one.population(), tables=FEW),
    law(steps_evaluate, lambda one: type(one).steps is not Criterion.steps),
    law(ratio_is_the_score, lambda one: one.ratio() is not None),
)
"""All laws, in the order in which they are best read."""
