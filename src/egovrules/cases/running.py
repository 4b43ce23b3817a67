"""Running cases: each is evaluated as a dataset of its own, and what comes out is judged."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from egovrules._yaml import Loc
from egovrules.cases import Cases
from egovrules.cases.form import Case, Cell, Defaults, Row, Tables
from egovrules.cases.judging import judge, judge_error
from egovrules.cases.names import FIELDS, agency_codes
from egovrules.dataset import Dataset
from egovrules.entries import Subjects
from egovrules.errors import EgovrulesError, Problem
from egovrules.evaluation import evaluate
from egovrules.fields import HISTORY_FIELDS
from egovrules.folding import GAP, LINK_COLUMNS
from egovrules.needs import history_needs, needs
from egovrules.result import Evaluation
from egovrules.ruleset import Ruleset


@dataclass(frozen=True)
class Ran:
    """A case that was run.

    Attributes:
        name: Its name.
        line: Where it stands.
        problems: What was expected and did not come, or the error that came instead; none where
            the case passes.
        evaluation: What came out, if anything did.
    """

    name: str
    line: int
    problems: tuple[Problem, ...]
    evaluation: Evaluation | None

    @property
    def passed(self) -> bool:
        """Whether everything came out as expected."""
        return not self.problems


def run_cases(cases: Cases) -> Iterator[Ran]:
    """Run the cases of one ruleset, one after the other."""
    for name, case in cases.file.cases.items():
        loc: Loc = ("cases", name)
        place = cases.document.place(loc)
        line = (place.key or place.value).line
        try:
            evaluation = _evaluated(cases, case)
        except EgovrulesError as error:
            problems = judge_error(error, case.expect, cases.document, loc)
            yield Ran(name, line, tuple(problems), None)
            continue
        tolerance = cases.file.tolerance if case.tolerance is None else case.tolerance
        found = judge(case.expect, evaluation, cases.document, (*loc, "expect"), tolerance)
        yield Ran(name, line, tuple(found), evaluation)


def _evaluated(cases: Cases, case: Case) -> Evaluation:
    defaults, previous = cases.file.defaults, None
    if case.previous is not None:
        named = case.previous.ruleset
        ruleset = cases.ruleset if named is None else cases.earlier[named]
        previous = evaluate(ruleset, dataset(case.previous, defaults, ruleset))
    data = dataset(case, defaults, cases.ruleset)
    return evaluate(cases.ruleset, data, previous=previous)


def dataset(tables: Tables, defaults: Defaults, ruleset: Ruleset) -> Dataset:
    """Make the dataset of a case: cells of text, as a file has them; what is not told is empty.

    Raises:
        DatasetError: When there are neither agencies nor services.
    """
    # What is counted from links and answers must not be there already, not even empty.
    counted = (*(LINK_COLUMNS if tables.links else ()), *([GAP] if tables.answers else ()))
    wanted = {
        subjects: [need.column for need in needs(ruleset)[subjects] if need.column not in counted]
        for subjects in FIELDS
    }
    agencies = tables.agencies or {code: {} for code in agency_codes(tables)}
    return Dataset.of(
        agencies=_frame(agencies, defaults.agencies, wanted["agencies"], "agencies"),
        services=_frame(tables.services, defaults.services, wanted["services"], "services"),
        links=_plain(tables.links),
        answers=_plain(tables.answers),
        history=_plain(tables.history, _looked_up(ruleset)),
    )


def _looked_up(ruleset: Ruleset) -> tuple[str, ...]:
    """Name the columns of the history; none where no step looks anything up there."""
    wanted = [need.column for need in history_needs(ruleset)]
    return (*HISTORY_FIELDS, *wanted) if wanted else ()


def _frame(
    rows: Mapping[str, Row], defaults: Row, wanted: list[str], subjects: Subjects
) -> pl.DataFrame | None:
    if not rows:
        return None
    full = [{"name": code, **defaults, **row, "code": code} for code, row in rows.items()]
    own = {column for row in full for column in row}
    # Columns of the model that no row names have defaults of their own, and stay away.
    columns = [*own, *(name for name in wanted if name not in own | set(FIELDS[subjects]))]
    data = {column: [_text(row.get(column)) for row in full] for column in columns}
    return pl.DataFrame(data, schema=dict.fromkeys(columns, pl.String))


def _plain(rows: tuple[Row, ...], wanted: tuple[str, ...] = ()) -> pl.DataFrame | None:
    """Make a table of rows; columns that are wanted and that no row names are empty."""
    columns = dict.fromkeys((*(column for row in rows for column in row), *wanted))
    if not columns:
        return None
    data = {column: [_text(row.get(column)) for row in rows] for column in columns}
    return pl.DataFrame(data, schema=dict.fromkeys(columns, pl.String))


def _text(cell: Cell) -> str | None:
    if isinstance(cell, bool):
        return str(cell).lower()
    return None if cell is None else str(cell)
