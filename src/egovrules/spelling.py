"""How names, ids and weights are spelt in a ruleset, and what to say when they are not."""

import re
from collections.abc import Sized
from functools import partial
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from egovrules._advice import number_advice
from egovrules._yaml_rules import shorten
from egovrules.errors import did_you_mean
from egovrules.text import latin_digits

# Names that the result itself uses: an axis or derived value may not take them.
RESERVED = frozenset(
    (
        "agency",
        "service",
        "name",
        "name_en",
        "name_fa",
        "kind",
        "parent",
        "is_main",
        "rank",
        "rank_label",
        "total",
        "coverage",
        "growth",
        "rank_growth",
        "services",
        "state",
        "previous_total",
        "previous_rank",
        "continuity",
        "weight",
        "code",
        "predecessors",
        "subject",
    )
)
_PARTS = frozenset({"services", "agency"})  # ``<axis>.services`` and ``.agency`` are parts of it
_STATUSES = ("not_answered", "refused", "unverifiable", "exempt", "auditor_unable")
_ENDLESS = 1e9  # above it, a weight is a slip, and sums would lose the small ones
_NAME = "[a-z][a-z0-9_]{0,63}"
_MARK = r"[^\d\s]{1,3}"
_ID = "[a-z0-9][a-z0-9._-]{0,63}"
_FRACTION = r"\s*([0-9]+(?:\.[0-9]+)?)\s*/\s*([0-9]+(?:\.[0-9]+)?)\s*"


def _name(value: str, at: str = "value") -> str:
    """Refuse what conditions and columns of results could not be called."""
    if not re.fullmatch(_NAME, value):
        hint = "write lower-case letters, digits and _, at most 64, and a letter first"
        context = {"name": shorten(value), "hint": hint, "at": at}
        raise PydanticCustomError("name", "'{name}' cannot be a name here", context)
    return value


def _id(value: str) -> str:
    if not re.fullmatch(_ID, value):
        hint = "write lower-case letters, digits and . _ -, at most 64, as in ir-1400-autumn"
        context = {"name": shorten(value), "hint": hint}
        raise PydanticCustomError("name", "'{name}' cannot be the id of a ruleset", context)
    return value


def _free(value: str) -> str:
    if value in RESERVED or value.startswith(("band_", "rank_in_")):
        context = {"name": value, "hint": "choose another name", "at": "key"}
        raise PydanticCustomError("reserved", "'{name}' is a column of every result", context)
    return value


def _no_part(value: str) -> str:
    if value in _PARTS:
        context = {"name": value, "hint": "choose another name", "at": "key"}
        message = "'{name}' is what the rollup calls a part of the axis"
        raise PydanticCustomError("reserved", message, context)
    return value


def _mark(value: str) -> str:
    if not re.fullmatch(_MARK, value) or not value.isprintable():
        hint = 'write 1 to 3 characters, none of them a digit or a blank, as in "="'
        context = {"name": shorten(value), "hint": hint}
        raise PydanticCustomError("mark", "'{name}' cannot mark a rank that is shared", context)
    return value


def _status(value: str) -> str:
    if value not in _STATUSES:
        context = {"name": shorten(value), "hint": did_you_mean(value, _STATUSES), "at": "key"}
        raise PydanticCustomError("status", "there is no status '{name}'", context)
    return value


def fraction(text: str) -> float | None:
    """Read ``1/3`` as a number, so that a published fraction is written as published."""
    found = re.fullmatch(_FRACTION, text)
    return float(found[1]) / float(found[2]) if found and float(found[2]) > 0 else None


def _weight(value: Any) -> Any:
    read = fraction(value) if isinstance(value, str) else None
    if read is not None:
        return read
    if isinstance(value, str | bool):
        hint = "write it without quotes and signs, as in 25 or 1/3; the sum need not be 100"
        if fraction(latin := latin_digits(str(value))):
            hint = f"write it in Latin digits: {latin}"
        hint = number_advice(str(value)) or hint
        message = "a weight is a number or a fraction such as 1/3"
        raise PydanticCustomError("weight", message, {"hint": hint})
    return value


def _not_negative(value: float) -> float:
    if not 0 <= value <= _ENDLESS:
        context = {
            "value": f"{value:g}",
            "hint": "give one from 0 (shown, not counted) to 1 billion",
        }
        raise PydanticCustomError("weight", "{value} cannot be a weight", context)
    return value


def some(value: Sized) -> Any:
    """Refuse a list or a mapping without entries."""
    if not value:
        raise PydanticCustomError("empty", "nothing stands here, and at least one entry is needed")
    return value


Text = Annotated[str, StringConstraints(min_length=1, max_length=1000)]


def _said(pattern: str, **more: Any) -> WithJsonSchema:
    """Say to editors, in JSON Schema, what a validator here asks of a text."""
    return WithJsonSchema({"type": "string", "pattern": f"^{pattern}$", **more})


Name = Annotated[str, AfterValidator(_name), _said(_NAME)]
Key = Annotated[str, AfterValidator(partial(_name, at="key")), _said(_NAME)]
FreeKey = Annotated[
    Key,
    AfterValidator(_free),
    _said("(?!band_|rank_in_)" + _NAME, **{"not": {"enum": sorted(RESERVED)}}),
]
CriterionKey = Annotated[
    Key, AfterValidator(_no_part), _said(_NAME, **{"not": {"enum": sorted(_PARTS)}})
]
Mark = Annotated[str, AfterValidator(_mark), _said(_MARK)]
Status = Annotated[
    str, AfterValidator(_status), WithJsonSchema({"type": "string", "enum": list(_STATUSES)})
]
RulesetId = Annotated[str, AfterValidator(_id), _said(_ID)]
Weight = Annotated[
    float,
    BeforeValidator(
        _weight,
        json_schema_input_type=Annotated[float, Field(ge=0, le=_ENDLESS)]
        | Annotated[str, StringConstraints(pattern=f"^{_FRACTION}$")],
    ),
    AfterValidator(_not_negative),
]
