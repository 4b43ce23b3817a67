"""The columns of each table that are the model's own; every other column is an indicator."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from egovrules.model import (
    AgencyKind,
    AnswerSource,
    AnswerStatus,
    Audience,
    LinkKind,
    LinkStatus,
)

FieldType = Literal["number", "boolean", "text", "date"]


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """What a column of a table holds.

    Attributes:
        type: How its cells are read.
        required: The column must be there, with a value in every row.
        values: The only values that its cells (or their parts) may have; empty = any.
        default: What an empty cell, or an absent column, stands for.
        several: A cell of text may hold several values, separated by ``;``.
    """

    type: FieldType
    required: bool = False
    values: tuple[str, ...] = ()
    default: object = None
    several: bool = False


def _one_of(
    values: type[StrEnum], *, required: bool = False, default: StrEnum | None = None
) -> FieldSpec:
    names = tuple(value.value for value in values)
    return FieldSpec("text", required, names, default.value if default else None)


_CODE = FieldSpec("text", required=True)
_TEXT = FieldSpec("text")
_DATE = FieldSpec("date")
_NUMBER = FieldSpec("number")
# `name` is the record (Persian, or plain); at least one of the three must be there.
_NAMES = {"name": _TEXT, "name_en": _TEXT, "name_fa": _TEXT}

# The columns of each table that are the model's own; every other column is an indicator.
AGENCY_FIELDS: Mapping[str, FieldSpec] = MappingProxyType(
    {
        "code": _CODE,
        **_NAMES,
        "aliases": FieldSpec("text", several=True),
        "kind": _one_of(AgencyKind),
        "parent": _TEXT,
        "is_main": FieldSpec("boolean", default=False),
        "predecessors": FieldSpec("text", several=True),
        "valid_from": _DATE,
        "valid_to": _DATE,
    }
)
SERVICE_FIELDS: Mapping[str, FieldSpec] = MappingProxyType(
    {
        "code": _CODE,
        "agency": _CODE,
        **_NAMES,
        "parent": _TEXT,
        "audience": FieldSpec("text", values=tuple(part.value for part in Audience), several=True),
        "eligible": FieldSpec("boolean", default=True),
        "ineligible_because": FieldSpec("text", default=""),
        "annual_volume": _NUMBER,
    }
)
LINK_FIELDS: Mapping[str, FieldSpec] = MappingProxyType(
    {
        "consumer": _CODE,
        "provider": _CODE,
        "provider_service": _TEXT,
        "dataset": FieldSpec("text", default=""),
        "kind": _one_of(LinkKind, required=True),
        "status": _one_of(LinkStatus, required=True),
        "requested_on": _DATE,
        "due_on": _DATE,
        "calls": _NUMBER,
        "successes": _NUMBER,
        "blocking": FieldSpec("boolean", default=False),
        "affected_population": _NUMBER,
    }
)
HISTORY_FIELDS: Mapping[str, FieldSpec] = MappingProxyType(
    {"code": _CODE, "period": FieldSpec("number", required=True)}
)
ANSWER_FIELDS: Mapping[str, FieldSpec] = MappingProxyType(
    {
        "subject": _CODE,
        "indicator": _CODE,
        "value": _TEXT,  # read as text, then as the indicator's own type
        "status": _one_of(AnswerStatus, default=AnswerStatus.VALID),
        "source": _one_of(AnswerSource, default=AnswerSource.DECLARED),
        "evidence": FieldSpec("text", default=""),
        "date": _DATE,
        "assessor": FieldSpec("text", default=""),
    }
)
