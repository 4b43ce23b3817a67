"""The steps of ``treatment:``, bound: which treatment, of which columns, and what it reads."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from egovrules._yaml import Loc
from egovrules.checker import TYPES, Checker, results_of
from egovrules.entries import Step
from egovrules.errors import did_you_mean
from egovrules.methods import bind_method
from egovrules.plugins import Registry
from egovrules.schema import RulesetFile
from egovrules.treatment import Treatment
from egovrules.tree import Node


@dataclass(frozen=True, slots=True)
class BoundStep:
    """One step of treatment.

    Attributes:
        number: Its place, from 1.
        treatment: What is done.
        of: The columns of agencies that are treated.
    """

    number: int
    treatment: Treatment
    of: tuple[str, ...]

    @property
    def name(self) -> str:
        """What messages call it."""
        return f"treatment step {self.number} ({self.treatment.id})"

    def as_data(self) -> dict[str, Any]:
        """Name it with all that it is told, as the digest needs it."""
        parameters = self.treatment.model_dump(mode="json")
        return {"do": self.treatment.id, "of": list(self.of), **parameters}


def bind_treatment(
    file: RulesetFile, checker: Checker, root: Node, registry: Registry
) -> tuple[BoundStep, ...]:
    """Bind the steps once the criteria are bound, and learn which columns they read."""
    found: list[BoundStep] = []
    usual = tuple(dict.fromkeys(_numbers(root)))
    for place, entry in enumerate(file.treatment):
        loc: Loc = ("treatment", place)
        written = {"do": entry.do, **entry.parameters}
        known = registry.treatments
        treatment = bind_method("treatment", known, written, loc, checker, key="do")
        if entry.of is not None:
            _check_columns(entry.of, (*loc, "of"), file, checker)
        if treatment is None:
            continue
        own = _learn(treatment, entry, loc, checker)
        of = _columns(treatment, entry, loc, checker, own=own, usual=usual)
        _check_history(treatment, of, loc, found, checker)
        found.append(BoundStep(place + 1, treatment, of))
    return tuple(found)


def _numbers(root: Node) -> Iterator[str]:
    """Yield the numbers that criteria of agencies read, but for the parts of ratios.

    Outliers of a count, its logarithm or its mean say nothing of the ratio that it is a part of.
    """
    criteria = [node.criterion for node in root.criteria("agency") if node.criterion]
    ratios = [one for one in criteria if one.ratio() is not None]
    parts = {read.column for one in ratios for read in one.reads()}
    for read in (read for one in criteria for read in one.reads()):
        if read.indicator.type == "number" and read.column not in parts:
            yield read.column


def _check_columns(of: Sequence[str], loc: Loc, file: RulesetFile, checker: Checker) -> None:
    """Refuse what is no number of agencies, and what stands twice."""
    known = checker.known("agencies", derived=False, elsewhere=_elsewhere(file, checker))
    numbers = [name for name, field in known.fields.items() if field.type == "number"]
    for place, name in enumerate(of):
        here = (*loc, place)
        checker.used.add(("agencies", name))
        if name in of[:place]:
            checker.problem(here, f"'{name}' stands here twice", hint="remove one of the two")
        elif name in known.fields:
            if name not in numbers:
                kind = TYPES[known.fields[name].type]
                hint = "name a column of numbers"
                checker.problem(
                    here, f"'{name}' is {kind}, and only numbers are treated", hint=hint
                )
        elif not checker.is_told(name, known):
            hint = known.elsewhere.get(name) or did_you_mean(name, numbers)
            checker.problem(here, f"no column '{name}' of agencies is known", hint=hint)


def _elsewhere(file: RulesetFile, checker: Checker) -> Mapping[str, str]:
    late = "treatment comes before anything is derived or scored: name a column of agencies"
    services = "'{}' is a column of services, and only columns of agencies are treated"
    names = (*results_of(file.rank), *file.axes, *file.derive)
    return dict.fromkeys(names, late) | {
        name: services.format(name) for name in checker.indicators["services"]
    }


def _learn(treatment: Treatment, entry: Step, loc: Loc, checker: Checker) -> frozenset[str]:
    """Let conditions name what a step reads beside the columns that it treats."""
    known = checker.indicators["agencies"]
    for read in treatment.reads():
        checker.used.add(("agencies", read.column))
        if read.column not in known:
            checker.learnt[read.column] = ".".join(map(str, (*loc, read.parameter)))
        before = known.setdefault(read.column, read.indicator)
        if before.type != read.indicator.type:
            place = (*loc, read.parameter) if read.parameter in entry.parameters else loc
            message = f"'{read.column}' is {TYPES[before.type]}, and {treatment.id} reads it as "
            hint = f"name another column: `{read.parameter}: …`"
            checker.problem(place, message + TYPES[read.indicator.type], hint=hint)
    return frozenset(read.column for read in treatment.reads())


def _columns(
    treatment: Treatment,
    entry: Step,
    loc: Loc,
    checker: Checker,
    *,
    own: frozenset[str],
    usual: Sequence[str],
) -> tuple[str, ...]:
    """Say which columns are treated."""
    if entry.of is not None:
        for place, name in enumerate(entry.of):
            if name in own:
                message = f"{treatment.id} reads '{name}' itself, so it cannot treat it here"
                hint = "remove it here, or treat it in a step of its own"
                checker.problem((*loc, "of", place), message, hint=hint)
        return entry.of
    if treatment.named:
        message = f"which columns {treatment.id} is for must be said: `of:` is missing"
        checker.problem((*loc, "do"), message, hint="such as of: [visits, cases]")
    elif not usual and not checker.failed:
        message = (
            "no criterion of agencies reads a number that is no part of a ratio, so there is "
            "nothing to treat"
        )
        checker.problem((*loc, "do"), message, hint="name the columns: `of: […]`")
    return tuple(name for name in usual if name not in own)


def _check_history(
    treatment: Treatment, of: Sequence[str], loc: Loc, before: Sequence[BoundStep], checker: Checker
) -> None:
    """Refuse to fill changed columns from earlier values, which are in the unit of the data."""
    if not treatment.historical:
        return
    changed = {name: step for step in before if not step.treatment.imputes for name in step.of}
    for name in of:
        if name in changed:
            message = f"{changed[name].name} changes '{name}' first, and `history` holds it as read"
            checker.problem((*loc, "do"), message, hint="move this step before that one")
            return
