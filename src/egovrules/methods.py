"""Normalisations, aggregations and treatments: from what a ruleset writes to the class's object."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import ValidationError

from egovrules._validation import explain
from egovrules._yaml import Loc
from egovrules.checker import Checker
from egovrules.entries import Method
from egovrules.errors import Problem, closest, did_you_mean
from egovrules.parameters import Parameters

P = TypeVar("P", bound=Parameters)


def spelt_out(method: Method | None, above: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Write a method out as ``by`` and parameters; without ``by`` it changes the one above."""
    if method is None:
        return above
    if isinstance(method, str):
        return {"by": method}
    return method if "by" in method else {**(above or {}), **method}


def bind_method(
    kind: str,
    known: Mapping[str, type[P]],
    written: Mapping[str, Any],
    loc: Loc,
    checker: Checker,
    *,
    key: str = "by",
    in_part: bool = False,
) -> P | None:
    """Make the object of what is written, or note what is wrong and return None.

    Args:
        kind: What it is called in messages: ``normalisation``.
        known: The classes, by id.
        written: The id under *key*, and the parameters.
        loc: Where it is written.
        checker: Takes the problems.
        key: Under which the id stands.
        in_part: Whether what is missing may be given further down, and is not told.
    """
    name = written.get(key)
    near = closest(key, [one for one in written if one != key]) or key
    if name is None and near != key and (*loc, near) in checker.document.places:
        hint = f"did you mean '{key}'?"
        checker.problem((*loc, near), f"unknown key '{near}'", hint=hint, at="key")
        return None
    if name is None:
        hint = f"such as {{{key}: {next(iter(known), '…')}}}"
        checker.problem(loc, f"which {kind} is meant? `{key}:` is missing", hint=hint, at="key")
        return None
    if not isinstance(name, str) or name not in known:
        place = (*loc, key) if (*loc, key) in checker.document.places else loc
        hint = did_you_mean(str(name), known)
        checker.problem(place, f"there is no {kind} '{name}'", hint=hint)
        return None
    parameters = {field: value for field, value in written.items() if field != key}
    try:
        # JSON, because strictness then reads a list as a tuple, and no text as a number.
        return known[name].model_validate_json(json.dumps(parameters))
    except ValidationError as error:
        gaps = [str(one["loc"][0]) for one in error.errors() if _is_gap(one["type"], one["loc"])]
        if len(gaps) == error.error_count():
            if not in_part:
                wanted = "".join(f", {gap}: …" for gap in gaps)
                hint = f"write {{{key}: {name}{wanted}}}"
                message = f"{name} needs {' and '.join(f'`{gap}:`' for gap in gaps)}"
                checker.problem(loc, message, hint=hint, at="key")
            return None
        is_inherited = (*loc, key) not in checker.document.places and loc in checker.document.places
        for one in explain(error, known[name], checker.document, loc):
            is_own = one.where.rpartition(".")[0] == ".".join(map(str, loc))
            checker.problems.append(
                _of_another(one, known[name], is_inherited=is_inherited) if is_own else one
            )
        return None


def _of_another(problem: Problem, kind: type[Parameters], *, is_inherited: bool) -> Problem:
    """Say whose parameter is unknown where it is no slip: most likely another way's."""
    known = re.fullmatch("unknown key '(.*)'", problem.message)
    if known is None or problem.hint.startswith("did you mean"):
        return problem
    parameters = f"its parameters: {', '.join(kind.model_fields)}" if kind.model_fields else ""
    repair = "remove this, or say `by:` here, too" if is_inherited else ""
    hint = "; ".join(filter(None, (parameters, repair))) or "it has none: remove this"
    return replace(problem, message=f"{kind.id} has no parameter '{known[1]}'", hint=hint)


def _is_gap(kind: str, loc: tuple[int | str, ...]) -> bool:
    """Whether a parameter is missing; so may an entry of one."""
    return kind == "missing" and len(loc) == 1


def called(method: Parameters | None) -> dict[str, Any] | None:
    """Name a method with all its parameters, as the digest needs it."""
    return None if method is None else {"by": method.id, **method.model_dump(mode="json")}
