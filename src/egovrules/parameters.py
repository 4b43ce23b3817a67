"""Parameters that a ruleset sets, and the columns among them: what every kind of rule is made of.

A criterion, a normalisation, an aggregation and a treatment are frozen pydantic models. Their
fields are their parameters; those made with :func:`reads` name the columns that are read, and
what such a column must hold.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

IndicatorType = Literal["number", "boolean", "text", "date"]
Direction = Literal["up", "down", "none"]

Column = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""The name of one column; give it a default and a contract with :func:`reads`."""

Columns = tuple[Column, ...]
"""The names of several columns, at least one, that share one contract."""

Title = str | Mapping[str, str]
"""What people read: plain text, or ``{"en": …, "fa": …}``; empty for none."""

ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
# The keys under which reads() leaves its contract, and titles by column, on a pydantic field.
CONTRACT, TITLES = "indicator", "titles"


@dataclass(frozen=True, slots=True)
class Indicator:
    """The contract of a column that is read.

    Attributes:
        type: What the cells hold.
        unit: Unit of a number, for people (``visits per case``).
        direction: Whether more of it is better (``up``), worse (``down``) or neither is said.
        low: Smallest value allowed; None for no bound.
        high: Largest value allowed; None for no bound.
        values: The closed list of texts allowed; empty for free text.
        optional: Whether a cell may be empty without making the score missing.
        at_most: Parameter of the same class whose column bounds this one, row by row.
        title: What people call the column; it tells no two contracts apart.
        words: What people call the texts allowed, as far as they are not said as they stand; nor
            do these.
    """

    type: IndicatorType = "number"
    unit: str = ""
    direction: Direction = "none"
    low: float | None = None
    high: float | None = None
    values: tuple[str, ...] = ()
    optional: bool = False
    at_most: str | None = None
    title: Title = field(default="", compare=False)
    words: Mapping[str, Title] = field(default_factory=dict, compare=False)


def reads(
    default: str | Sequence[str] | Mapping[str, Title],
    *,
    type: IndicatorType = "number",  # noqa: A002 - the word that plugin authors will look for
    unit: str = "",
    direction: Direction = "none",
    low: float | None = None,
    high: float | None = None,
    values: Sequence[str] | Mapping[str, Title] = (),
    optional: bool = False,
    at_most: str | None = None,
    title: Title = "",
) -> Any:
    """Declare a parameter that names a column, or several columns of one kind.

    Args:
        default: The column's usual name. For a :data:`Columns` parameter a list of names, or a
            mapping of names to what people call these columns.
        type: See :class:`Indicator`, as for all that follow.
        unit: Unit of a number.
        direction: ``up`` or ``down`` where better is known; the conformance kit then tests it.
        low: Smallest value allowed.
        high: Largest value allowed.
        values: The closed list of texts allowed, or a mapping of them to what people call them.
        optional: Whether an empty cell may still give a score.
        at_most: Name of the parameter whose column this one may not exceed in any row.
        title: What people call the column, whichever it is that a ruleset names.

    Raises:
        TypeError: When one title is given for several columns.
    """
    several = not isinstance(default, str)
    if title and several:
        raise TypeError("several columns are titled one by one: reads({name: title, ...})")
    indicator = Indicator(
        type,
        unit,
        direction,
        low,
        high,
        tuple(values),
        optional=optional,
        at_most=at_most,
        title=title,
        words=dict(values) if isinstance(values, Mapping) else {},
    )
    titles = dict(default) if isinstance(default, Mapping) else {}
    # pydantic types this as JSON, but keeps any object
    extra: Any = {CONTRACT: indicator, TITLES: titles}
    return Field(default=tuple(default) if several else default, json_schema_extra=extra)


@dataclass(frozen=True, slots=True)
class Read:
    """One column that is read, the parameter that names it, and its contract."""

    column: str
    parameter: str
    indicator: Indicator


class Parameters(BaseModel):
    """Base of all that plugins bring and rulesets parametrise; a subclass sets ``id``.

    A text beneath a parameter, as beneath :data:`Column` above, explains it in editors.

    Attributes:
        id: What a ruleset calls it, unique among all installed plugins.
        title: What people read; plain text or ``{"en": …, "fa": …}``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    id: ClassVar[str]
    title: ClassVar[Title] = ""

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """Check the id and the contracts at import, where the author sees it."""
        if "id" not in vars(cls):
            return  # an abstract base of a family
        if not ID.fullmatch(cls.id):
            raise TypeError(f"the id {cls.id!r} must be lower-case letters, digits, _ and dots")
        for name, info in cls.model_fields.items():
            bound = contract(info)
            if bound and bound.at_most and bound.at_most not in cls.model_fields:
                raise TypeError(f"{cls.id!r}: {name} is at_most an unknown parameter")

    @model_validator(mode="after")
    def _some_columns(self) -> Self:
        """Refuse a list of columns without entries, be it given or the default."""
        for name, info in type(self).model_fields.items():
            if contract(info) and getattr(self, name) == ():
                context = {"loc": (name,), "name": name}
                message = "name at least one column under `with:`, as `{name}: [...]`"
                raise PydanticCustomError("columns", message, context)
        return self

    def reads(self) -> tuple[Read, ...]:
        """Name every column that is read, in the order of the parameters."""
        found: list[Read] = []
        for name, info in type(self).model_fields.items():
            indicator = contract(info)
            if indicator is None:
                continue
            value = getattr(self, name)
            if isinstance(value, str):
                found.append(Read(value, name, indicator))
                continue
            titles = _titles(info)
            found += [
                Read(column, name, replace(indicator, title=titles.get(column, "")))
                for column in value or ()
            ]
        return tuple(found)


def contract(info: Any) -> Indicator | None:
    """Return what :func:`reads` left on a pydantic field, or None for an ordinary parameter."""
    extra = info.json_schema_extra
    return extra.get(CONTRACT) if isinstance(extra, dict) else None


def _titles(info: Any) -> Mapping[str, Title]:
    """Return what several columns of one parameter are called, as far as their author says."""
    titles: Mapping[str, Title] = info.json_schema_extra[TITLES]
    return titles
