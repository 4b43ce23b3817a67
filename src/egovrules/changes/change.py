"""One difference between two rulesets: what it is, what it lies in, and how it is told."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal

from egovrules._yaml_rules import shorten

Kind = Literal["method", "outcome", "words"]

_LONGEST = 60  # characters of a value in a message


class _Absent(Enum):
    """The one value that is no value, told apart from a ``null`` that was written."""

    ABSENT = "absent"

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = _Absent.ABSENT


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Attributes:
        loc: Path in the effective ruleset, as
            ``("axes", "user_centric", "criteria", "online_steps", "weight")``. A number counts
            the caps or labels of the new ruleset; of dropped ones, those of the old.
        old: What stood there, as plain data; the schema's default where nothing was written, and
            ABSENT where there is none.
        new: What stands there now, likewise.
        kind: Whether it decides scores (``method``), what is made of them (``outcome``: bands,
            lists, findings, ranks, reconciliations, the bridge of growth), or neither
            (``words``: titles, messages, id, period, accepted versions of plugins).
    """

    loc: tuple[str | int, ...]
    old: Any
    new: Any
    kind: Kind


def home(loc: Sequence[str | int]) -> tuple[str, tuple[str | int, ...]]:
    """Part a path into what it lies in (a node's id, ``bands/<id>``, ``scope``) and the rest."""
    depth, axis = 0, ""
    while tuple(loc[depth : depth + 1]) == ("axes",) and len(loc) > depth + 1:
        axis, depth = str(loc[depth + 1]), depth + 2
    rest = tuple(loc[depth:])
    if axis and rest[:1] == ("criteria",):
        return f"{axis}.{rest[1]}", rest[2:]
    if axis:
        return axis, rest
    if rest[0] in ("bands", "lists", "findings", "reconcile"):
        return f"{rest[0]}/{rest[1]}", rest[2:]
    if rest[0] in ("caps", "aggregate", "min_share", "round"):
        return "total", rest
    return str(rest[0]), rest[1:]


def told(change: Change) -> str:
    """Return one plain English line for messages, as ``aggregate: arithmetic → geometric``."""
    where = ".".join(str(part) for part in change.loc)
    if change.old is ABSENT:
        return f"{where}: added{_appended(change.new)}"
    if change.new is ABSENT:
        return f"{where}: dropped{_appended(change.old)}"
    old, new = shown(change.old), shown(change.new)
    return f"{where}: {old} → {new}" if old != new else f"{where}: differs"


def shown(value: Any) -> str:
    """Write a value as a ruleset would, on one line and not too long."""
    if isinstance(value, str):
        return shorten(value, _LONGEST)
    if isinstance(value, float) and value.is_integer():
        return f"{value:.0f}"
    return shorten(json.dumps(value, ensure_ascii=False).replace('"', ""), _LONGEST)


def _appended(value: Any) -> str:
    return "" if isinstance(value, Mapping) else f", {shown(value)}"
