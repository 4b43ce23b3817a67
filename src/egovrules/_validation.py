"""Checking a document against a pydantic model, and saying what is wrong in an analyst's words.

Pydantic says *where* by a path that mixes keys of the file with names of union members, and
*what* in a programmer's words. Here the path is walked along the model's annotations, so that
each step is known to be one or the other, and each kind of error is put into plain language.
"""

import json
import math
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from egovrules._advice import WHOLE, advice_on, described
from egovrules._annotations import is_union, keys_of, member_called, most_of, step, unwrapped
from egovrules._document import Document, Loc
from egovrules._excerpt import in_order
from egovrules._yaml_rules import shorten
from egovrules.errors import (
    EgovrulesError,
    Problem,
    RulesetError,
    closest,
    did_you_mean,
)

M = TypeVar("M", bound=BaseModel)
_MOST = 1_000  # faults that are put into words; of further ones, only their number is told


def validate(
    model: type[M], document: Document, *, error: type[EgovrulesError] = RulesetError
) -> M:
    """Make a model of what a document says: strictly, a quoted ``"30"`` is not a number.

    A validator in the model may raise ``PydanticCustomError``; of its context are read ``hint``;
    ``start`` and ``end``, offsets in the scalar's text to point at; ``loc``, a path inside the
    validated value; and ``at``, ``"key"`` to point at the key.

    Raises:
        EgovrulesError: Of the class *error*, with a problem for everything that is wrong.
    """
    if document.data is None:
        raise error([document.problem((), "the file is empty")])
    try:
        # Strict from JSON: no text is taken for a number, but a date may be written as text.
        return model.model_validate_json(json.dumps(document.data), strict=True)
    except ValidationError as failure:
        problems = explain(failure, model, document)
    raise error(in_order(problems))


def explain(
    failure: ValidationError, model: type[BaseModel], document: Document, under: Loc = ()
) -> list[Problem]:
    """Return a problem for everything that pydantic found wrong in a part of a document.

    Args:
        failure: What pydantic raised.
        model: What was to be made.
        document: Where the values stand.
        under: Path of the part that *model* was made of.
    """
    details = failure.errors(include_url=False, include_input=False)
    faults = [_fault(model, document, detail, under) for detail in details[:_MOST]]
    further = Problem("", document.source, line=sys.maxsize)  # behind those that are shown
    return _problems(_choose_members(faults), document) + [further] * (len(details) - _MOST)


@dataclass(frozen=True, slots=True)
class _Fault:
    """One pydantic error, with its path told apart.

    ``known`` are the keys of the model that holds the last key, ``inner`` those of the model that
    is to stand here; ``members`` are the union members passed on the way, each with the path of
    the union; ``of_key`` says that the last key itself is at fault; ``most`` is the largest number
    that may stand here.
    """

    detail: ErrorDetails
    loc: Loc
    known: tuple[str, ...]
    inner: tuple[str, ...]
    members: tuple[tuple[Loc, str], ...]
    of_key: bool
    most: float


def _fault(model: type[BaseModel], document: Document, detail: ErrorDetails, under: Loc) -> _Fault:
    annotation: Any = model
    loc = under
    known: tuple[str, ...] = ()
    most = math.inf
    members: list[tuple[Loc, str]] = []
    parts = detail["loc"]
    for index, part in enumerate(parts):
        annotation = unwrapped(annotation)
        is_last = index == len(parts) - 1
        if part == "[key]":  # pydantic's mark for a key of a mapping that is itself wrong
            break
        if is_union(annotation):
            members.append((loc, str(part)))
            annotation = member_called(annotation, str(part))
        elif (*loc, part) in document.places or (is_last and detail["type"] == "missing"):
            known = tuple(keys_of(annotation))
            most = most_of(annotation, part)
            annotation = step(annotation, part)
            loc = (*loc, part)
        # else: pydantic names a step of its own, such as a validator around a union
    inner = tuple(keys_of(unwrapped(annotation)))
    return _Fault(detail, loc, known, inner, tuple(members), "[key]" in parts, most)


def _choose_members(faults: list[_Fault]) -> list[_Fault]:
    """Keep, of each union, the errors of the member that was most likely meant.

    That is the one with the fewest errors among those whose shape fits; where none fits, all stay
    and are told as one problem.
    """
    for depth in range(max((len(fault.members) for fault in faults), default=0)):
        by_union: dict[Loc, dict[str, list[_Fault]]] = {}
        for fault in faults:
            if depth < len(fault.members):
                union, label = fault.members[depth]
                by_union.setdefault(union, {}).setdefault(label, []).append(fault)
        dropped: set[int] = set()
        for union, members in by_union.items():
            fitting = {
                label: of_member
                for label, of_member in members.items()
                if not any(one.loc == union and _needed(one) for one in of_member)
            }
            if fitting:
                meant = min(fitting, key=lambda label: len(fitting[label]))
                dropped |= {
                    id(one) for label in members if label != meant for one in members[label]
                }
        faults = [fault for fault in faults if id(fault) not in dropped]
    return faults


def _problems(faults: Sequence[_Fault], document: Document) -> list[Problem]:
    found: list[Problem] = []
    needed: dict[Loc, dict[str, _Fault]] = {}
    misspelt = {
        (*fault.loc[:-1], name)
        for fault in faults
        if fault.detail["type"] == "extra_forbidden"
        for name in (closest(str(fault.loc[-1]), fault.known),)
        if name
    }
    for fault in faults:
        kind = fault.detail["type"]
        if kind == "missing" and fault.loc in misspelt:
            continue  # told by the unknown key
        if thing := _needed(fault):
            needed.setdefault(fault.loc, {})[thing] = fault
        else:
            found.append(_problem(fault, document))
    for loc, things in needed.items():
        value = _value(document, loc)
        wanted = " or ".join(things)
        message = f"{wanted} is needed here, this is {described(value)}"
        keys = next((fault.inner for fault in things.values() if fault.inner), ())
        most = min(fault.most for fault in things.values())
        hint = advice_on(value, wanted, keys, most)
        found.append(document.problem(loc, message, hint=hint))
    return found


_NEEDED = {
    "string_type": "a text",
    "bool_type": "true or false",
    "none_required": "nothing (null)",
    "date_type": "a date",
    "datetime_type": "a date and time",
}
_NEEDED_PATTERNS = [
    (r"int_(type|parsing|from_float)", "a whole number"),
    (r"(float|decimal)_(type|parsing)", "a number"),
    (r"(list|tuple|set|frozen_set|iterable)_type", "a list"),
    (r"(dict|model|mapping|dataclass|model_attributes)_type", "a mapping (lines of 'key: value')"),
]


def _needed(fault: _Fault) -> str:
    """Return what must stand here, when a value of the wrong type does; else nothing."""
    kind = fault.detail["type"]
    if kind in _NEEDED:
        return _NEEDED[kind]
    return next((thing for pattern, thing in _NEEDED_PATTERNS if re.fullmatch(pattern, kind)), "")


# Kind of error → message; the braces are filled from pydantic's context.
_MESSAGES = {
    "greater_than": "this must be more than {gt:g}, not {value}",
    "greater_than_equal": "this must be at least {ge:g}, not {value}",
    "less_than": "this must be less than {lt:g}, not {value}",
    "less_than_equal": "this must be at most {le:g}, not {value}",
    "multiple_of": "this must be a multiple of {multiple_of:g}, not {value}",
    "finite_number": "this must be a finite number",
    "too_short": "too few entries: {actual_length}, at least {min_length} needed",
    "too_long": "too many entries: {actual_length}, at most {max_length} allowed",
    "string_too_short": "this text is empty",
    "string_too_long": "this text is too long: at most {max_length} characters allowed",
    "string_pattern_mismatch": "{described} does not have the form {pattern}",
    "date_parsing": "{described} is not a date that exists (year-month-day)",
    "date_from_datetime_parsing": "{described} is not a date that exists (year-month-day)",
    "datetime_parsing": "{described} is not a date and time",
    "value_error": "{error}",
    "assertion_error": "{error}",
    "union_tag_not_found": "the key {discriminator} is missing",
}


def _problem(fault: _Fault, document: Document) -> Problem:
    """Put one error into words, and point at its place."""
    detail, loc = fault.detail, fault.loc
    kind, context = detail["type"], detail.get("ctx", {})
    value = _value(document, loc)
    if kind == "missing":
        part = f"entry {loc[-1] + 1}" if isinstance(loc[-1], int) else f"the key '{loc[-1]}'"
        return document.problem(loc, f"{part} is missing")
    if kind == "extra_forbidden":
        hint = did_you_mean(str(loc[-1]), fault.known)
        return document.problem(loc, f"unknown key '{shorten(str(loc[-1]))}'", hint=hint, at="key")
    if kind == "union_tag_invalid":
        loc = (*loc, context["discriminator"].strip("'"))
        return _not_allowed(document, loc, context["tag"], context["expected_tags"])
    if kind in {"literal_error", "enum"}:
        return _not_allowed(document, loc, value, context["expected"])
    if kind in _MESSAGES:
        filled = {**context, "value": value, "described": described(value)}
        at: Literal["key", "value"] = "key" if fault.of_key else "value"
        is_share = kind == "less_than_equal" and context["le"] == 1 and value <= WHOLE
        hint = f"write {value / WHOLE:g} for {value:g} %" if is_share else ""
        return document.problem(loc, _MESSAGES[kind].format_map(filled), hint=hint, at=at)
    return _custom(document, fault)


def _not_allowed(document: Document, loc: Loc, value: Any, expected: str) -> Problem:
    words = re.findall(r"'([^']*)'", expected)
    hint = did_you_mean(str(value), words) if words else f"known: {expected}"
    if len(words) == 1:
        hint = f"write {words[0]}: nothing else can stand here"
    return document.problem(loc, f"{described(value)} is not allowed here", hint=hint)


def _custom(document: Document, fault: _Fault) -> Problem:
    detail, loc = fault.detail, fault.loc
    context = detail.get("ctx", {})
    within = (context["start"], context["end"]) if {"start", "end"} <= context.keys() else None
    is_key = fault.of_key or context.get("at") == "key"
    at: Literal["key", "value"] = "key" if is_key else "value"
    message = re.sub(r"^Input should be", "this should be", detail["msg"])
    loc = (*loc, *context.get("loc", ()))
    return document.problem(loc, message, hint=context.get("hint", ""), at=at, within=within)


def _value(document: Document, loc: Loc) -> Any:
    """Return the value at a path, or of the deepest part of it that exists."""
    value = document.data
    for part in loc:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            break
    return value
