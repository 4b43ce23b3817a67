"""What is needed of a table, column by column: who reads it, as what, within which bounds."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from egovrules.errors import Problem, did_you_mean
from egovrules.fields import FieldSpec, FieldType

_NAMED = 3  # readers of a column that a message names


@dataclass(frozen=True, slots=True)
class Need:
    """What one reader needs of one column.

    Attributes:
        column: The column.
        type: What its cells hold.
        by: Who needs it, for messages: ``criterion user_centric.visits``.
        low: Smallest value allowed; None for no bound.
        high: Largest value allowed.
        values: The closed list of texts allowed; empty for free text.
        required: Whether it must be there; else an absent column is added empty.
        at_most: Another column of the same table, which this one may exceed in no row.
    """

    column: str
    type: FieldType
    by: str
    low: float | None = None
    high: float | None = None
    values: tuple[str, ...] = ()
    required: bool = True
    at_most: str | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """All that is needed of one column, put together.

    Attributes:
        column: The column.
        type: What its cells hold.
        values: The texts that everyone allows; empty for free text.
        several: Whether a cell may hold several values, separated by ``;``.
        filled: Whether no cell may be empty.
        default: What an empty cell, or an absent column, stands for.
        needs: The needs behind it, for bounds and messages.
    """

    column: str
    type: FieldType
    values: tuple[str, ...] = ()
    several: bool = False
    filled: bool = False
    default: Any = None
    needs: tuple[Need, ...] = ()

    @property
    def required(self) -> bool:
        """Whether the column must be there."""
        return self.filled or any(need.required for need in self.needs)

    @property
    def readers(self) -> str:
        """Who needs it, for messages."""
        names = list(dict.fromkeys(need.by for need in self.needs)) or ["every evaluation"]
        more = len(names) - _NAMED
        return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def put_together(
    fields: Mapping[str, FieldSpec],
    needs: Sequence[Need],
    present: Collection[str],
) -> tuple[list[Wanted], list[Problem]]:
    """Join the model's own columns with what is needed of a table.

    Args:
        fields: The model's own columns.
        needs: From criteria, conditions and so on.
        present: The columns that the table has.

    Returns:
        One entry per column, in order; and what readers do not agree on.
    """
    wanted = {
        name: Wanted(name, spec.type, spec.values, spec.several, spec.required, spec.default)
        for name, spec in fields.items()
    }
    for name in present:
        if re.fullmatch(r"name_[a-z]{2,3}", name) and name not in wanted and "name" in fields:
            wanted[name] = Wanted(name, "text")
    problems = []
    for need in needs:
        before = wanted.get(need.column)
        if before is None:
            wanted[need.column] = Wanted(need.column, need.type, need.values, needs=(need,))
        elif before.type != need.type:
            message = f"{need.by} reads it as {need.type}, and {before.readers} as {before.type}"
            hint = "let both read it as the same, or use two columns"
            problems.append(Problem(message, where=f"column {need.column}", hint=hint))
        else:
            values = _common(before.values, need.values)
            wanted[need.column] = replace(before, values=values, needs=(*before.needs, need))
    return list(wanted.values()), problems


def _common(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    if not first or not second:
        return first or second
    return tuple(value for value in first if value in second)


def missing_columns(
    wanted: Iterable[Wanted], present: Collection[str], source: str
) -> list[Problem]:
    """Tell which columns must be there and are not."""
    names = sorted(name for name in present if not name.startswith("__"))
    return [
        Problem(
            f"the column '{one.column}' is missing; {one.readers} needs it",
            source,
            hint=did_you_mean(one.column, names),
        )
        for one in wanted
        if one.required and one.column not in present
    ]
