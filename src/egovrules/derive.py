"""Derived values: a name for a criterion's score, for a calculation, or for one over services."""

import re
from collections.abc import Mapping
from typing import Literal

from egovrules._yaml import Document, Loc
from egovrules.checker import Checker, Known, results_of
from egovrules.conditions import ConditionError, Field, names
from egovrules.criteria import Level
from egovrules.entries import Subjects
from egovrules.errors import closest, did_you_mean
from egovrules.rules import Derived, Operation
from egovrules.schema import RulesetFile
from egovrules.tree import Node

_OVER = re.compile(r"\s*(sum|mean|share|count|any)\s+of\s+(.+?)\s+over\s+services\s*", re.DOTALL)
_ALIKE = re.compile(
    r"\s*([a-z]+)\s+of\s+(.+?)(?:\s+(?:over|of|in|per|by)(?:\s+\w+)?)?\s*", re.DOTALL
)
_OPERATIONS = ("any", "count", "mean", "share", "sum")
_CRITERION = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")
_OF_NUMBERS = frozenset({"sum", "mean"})
_BOTH: frozenset[Level] = frozenset({"service", "agency"})
_SUBJECTS: Mapping[Level, Subjects] = {"service": "services", "agency": "agencies"}


def bind_derived(file: RulesetFile, checker: Checker, root: Node) -> tuple[Derived, ...]:
    """Bind ``derive:``; a value may use those above it. The checker learns their names."""
    criteria = {node.id: node for node in root.criteria()}
    axes = {node.id for node in root.walk() if node.kind == "axis"}
    scored = {
        name: f"'{name}' is known only once agencies are scored; values are derived before"
        for name in (*results_of(file.rank), *axes)
    }
    found: list[Derived] = []
    for position, (name, entry) in enumerate(file.derive.items()):
        text = entry.value
        below = list(file.derive)[position:]
        elsewhere = scored | {
            other: f"a value uses those above it only: put '{other}' before '{name}'"
            for other in below
        }
        known = {s: checker.known(s, elsewhere=elsewhere) for s in _SUBJECTS.values()}
        if _is_taken(name, checker, axes):
            continue
        one = None
        if not _is_alike(name, text.strip(), checker):
            one = _derived(name, text.strip(), text, checker, criteria, known)
        if one is None:
            checker.failed.add(name)
            continue
        derived, kind = one
        found.append(derived)
        for level in derived.levels:
            checker.derived[_SUBJECTS[level]][name] = kind
    return tuple(found)


def written_at(name: str, document: Document) -> Loc:
    """Return where the text of a derived value stands: as its whole entry, or beside a title."""
    loc = ("derive", name, "value")
    return loc if loc in document.places else loc[:2]


def _is_taken(name: str, checker: Checker, axes: set[str]) -> bool:
    """Tell whether something else bears the name already, and note it."""
    columns = any(name in known for known in checker.indicators.values())
    if columns or name in axes:
        what = "an indicator" if columns else "an axis"
        checker.problem(
            ("derive", name), f"'{name}' is {what} already", at="key", hint="choose another name"
        )
    return columns or name in axes


def _is_alike(name: str, text: str, checker: Checker) -> bool:
    """Tell whether a text was meant for a value over services, and note what it lacks."""
    alike = None if _OVER.fullmatch(text) else _ALIKE.fullmatch(text)
    if alike is None:
        return False
    right = closest(alike[1], _OPERATIONS) or "mean"
    hint = f"write `{right} of {alike[2]} over services`; known: {', '.join(_OPERATIONS)}"
    loc = written_at(name, checker.document)
    checker.problem(loc, f"'{text}' is no value over services", hint=hint)
    return True


def _derived(
    name: str,
    text: str,
    written: str,
    checker: Checker,
    criteria: Mapping[str, Node],
    known: Mapping[Subjects, Known],
) -> tuple[Derived, Field] | None:
    loc = written_at(name, checker.document)
    if text in criteria:
        node = criteria[text]
        levels: frozenset[Level] = _BOTH if node.level == "service" else frozenset({"agency"})
        return Derived(name, levels, node=node.id), Field("number")
    if _CRITERION.fullmatch(text):
        lost = checker.unsure and closest(text, criteria) is None
        if text not in checker.failed and not lost:
            hint = f"{did_you_mean(text, criteria)} Or add it under `axes:`"
            checker.problem(loc, f"no axis has a criterion '{text}'", hint=hint)
        return None
    over = _OVER.fullmatch(written)
    if over:
        operation: Operation = over[1]  # type: ignore[assignment]  # the pattern names just these
        want: Literal["number", "boolean"] = "number" if operation in _OF_NUMBERS else "boolean"
        condition = checker.condition(
            over[2], known["services"], loc, want=want, offset=over.start(2)
        )
        if condition is None:
            return None
        kind = Field("boolean" if operation == "any" else "number")
        return Derived(name, frozenset({"agency"}), operation=operation, condition=condition), kind
    level = _level(text, known)
    condition = checker.condition(written, known[_SUBJECTS[level]], loc, want=None)
    if condition is None:
        return None
    return Derived(name, frozenset({level}), condition=condition), Field(condition.type)


def _level(text: str, known: Mapping[Subjects, Known]) -> Level:
    """Return whose calculation it is: theirs who have more of its names, services in doubt."""
    try:
        used = names(text)
    except ConditionError:
        return "service"
    of_services, of_agencies = (
        len(used & set(known[subjects].fields)) for subjects in ("services", "agencies")
    )
    return "agency" if of_agencies > of_services else "service"
