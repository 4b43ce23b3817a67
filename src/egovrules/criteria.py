"""What a criterion is: indicators in, a score out, written once as a narwhals expression.

A criterion is a frozen pydantic model. Its fields are its parameters; those made with
:func:`reads` name the columns it reads, and what such a column must hold. A ruleset sets
parameters under ``with:``, so the same criterion serves another country's columns.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, Self

import narwhals as nw
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

IndicatorType = Literal["number", "boolean", "text", "date"]
Direction = Literal["up", "down", "none"]
Level = Literal["service", "agency"]

Column = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""The name of one column; give it a default and a contract with :func:`reads`."""

Columns = tuple[Column, ...]
"""The names of several columns, at least one, that share one contract."""

_ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
CONTRACT = "indicator"  # the key under which reads() leaves its contract on a pydantic field


@dataclass(frozen=True, slots=True)
class Indicator:
    """The contract of a column that a criterion reads.

    Attributes:
        type: What the cells hold.
        unit: Unit of a number, for people (``visits per case``).
        direction: Whether more of it is better (``up``), worse (``down``) or neither is said.
        low: Smallest value allowed; None for no bound.
        high: Largest value allowed; None for no bound.
        values: The closed list of texts allowed; empty for free text.
        optional: Whether a cell may be empty without making the score missing.
        at_most: Parameter of the same criterion whose column bounds this one, row by row.
    """

    type: IndicatorType = "number"
    unit: str = ""
    direction: Direction = "none"
    low: float | None = None
    high: float | None = None
    values: tuple[str, ...] = ()
    optional: bool = False
    at_most: str | None = None


def reads(
    default: str | Sequence[str],
    *,
    type: IndicatorType = "number",  # noqa: A002 - the word that plugin authors will look for
    unit: str = "",
    direction: Direction = "none",
    low: float | None = None,
    high: float | None = None,
    values: Sequence[str] = (),
    optional: bool = False,
    at_most: str | None = None,
) -> Any:
    """Declare a parameter that names a column, or several columns of one kind.

    Args:
        default: The column's usual name; a list of names for a :data:`Columns` parameter.
        type: See :class:`Indicator`, as for all that follow.
        unit: Unit of a number.
        direction: ``up`` or ``down`` where better is known; the conformance kit then tests it.
        low: Smallest value allowed.
        high: Largest value allowed.
        values: The closed list of texts allowed.
        optional: Whether an empty cell may still give a score.
        at_most: Name of the parameter whose column this one may not exceed in any row.
    """
    indicator = Indicator(
        type, unit, direction, low, high, tuple(values), optional=optional, at_most=at_most
    )
    plain = default if isinstance(default, str) else tuple(default)
    extra: Any = {CONTRACT: indicator}  # pydantic types this as JSON, but keeps any object
    return Field(default=plain, json_schema_extra=extra)


@dataclass(frozen=True, slots=True)
class Read:
    """One column that a bound criterion reads, the parameter that names it, and its contract."""

    column: str
    parameter: str
    indicator: Indicator


class Criterion(BaseModel):
    """Turns indicators into a score: subclass, set ``id`` and ``level``, write ``score()``.

    Every expression must be element-wise (one row decides its own result); what needs the whole
    table is declared in :meth:`population` and arrives as a number. Required indicator empty in,
    null out: the engine reads null as *missing*, and a false :meth:`applies` as *not applicable*.
    A text beneath a parameter, as beneath :data:`Column` above, explains it in editors.

    Attributes:
        id: ``axis.name``, unique among all installed plugins.
        level: Whether it scores services or agencies; ``any`` leaves it to the ruleset.
        title: What people read; plain text or ``{"en": …, "fa": …}``.
        top: The score of a perfect row: scores live in ``[0, top]``, and the engine converts
            them to the ruleset's scale by the exact ratio. None: the native value is the score.
        slow: Set when :meth:`score_row` is overridden: plain Python, local engine only.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    id: ClassVar[str]
    level: ClassVar[Literal["service", "agency", "any"]]
    title: ClassVar[str | Mapping[str, str]] = ""
    top: ClassVar[float | None] = 100.0
    slow: ClassVar[bool] = False

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """Check the attributes at import, where the author sees it, and note the slow path."""
        if "id" not in vars(cls):
            return  # an abstract base of a family of criteria
        if not _ID.fullmatch(cls.id):
            raise TypeError(f"criterion id {cls.id!r} must look like 'axis.name'")
        if getattr(cls, "level", None) not in ("service", "agency", "any"):
            raise TypeError(f"criterion {cls.id!r} needs level = 'service', 'agency' or 'any'")
        cls.slow = cls.score_row is not Criterion.score_row
        for name, field in cls.model_fields.items():
            bound = contract(field)
            if bound and bound.at_most and bound.at_most not in cls.model_fields:
                raise TypeError(f"criterion {cls.id!r}: {name} is at_most an unknown parameter")

    @model_validator(mode="after")
    def _some_columns(self) -> Self:
        """Refuse a list of columns without entries, be it given or the default."""
        for name, field in type(self).model_fields.items():
            if contract(field) and getattr(self, name) == ():
                context = {"loc": (name,), "name": name}
                message = "name at least one column under `with:`, as `{name}: [...]`"
                raise PydanticCustomError("columns", message, context)
        return self

    def reads(self) -> tuple[Read, ...]:
        """Name every column that this criterion reads, in the order of its parameters."""
        found: list[Read] = []
        for name, field in type(self).model_fields.items():
            indicator = contract(field)
            if indicator is None:
                continue
            value = getattr(self, name)
            columns = (value,) if isinstance(value, str) else tuple(value or ())
            found += [Read(column, name, indicator) for column in columns]
        return tuple(found)

    def population(self) -> Mapping[str, nw.Expr]:
        """Declare whole-population figures by name; each arrives in :meth:`score` as a number."""
        return {}

    def applies(self) -> nw.Expr | None:
        """Say for which rows the criterion applies; None for all. A ratio over nothing does not."""
        pair = self.ratio()
        return None if pair is None else pair[1] > 0

    def ratio(self) -> tuple[nw.Expr, nw.Expr] | None:
        """Give numerator and denominator instead of a score, so that a rollup can pool them."""
        return None

    def score(self, *_: Any, **population: Any) -> nw.Expr:
        """Give the score, an expression in ``[0, top]`` or null.

        Args:
            population: The numbers of :meth:`population` by name; None where no row had a value.

        Raises:
            TypeError: When an author wrote neither this nor :meth:`ratio`.
        """
        pair = self.ratio()
        if pair is None:
            message = f"criterion {self.id!r} defines neither score() nor ratio()"
            raise TypeError(message + (f" for {sorted(population)}" if population else ""))
        numerator, denominator = pair
        top = 1.0 if self.top is None else self.top
        share = numerator.cast(nw.Float64) / denominator.cast(nw.Float64)
        return nw.when(denominator > 0).then(top * share)

    def steps(self, *_: Any, **population: Any) -> Mapping[str, nw.Expr]:  # noqa: ARG002 - authors override it
        """Name intermediate results for the explanation."""
        return {}

    def score_row(self, row: Mapping[str, Any]) -> float | None:
        """Score one row in plain Python, where no expression can; slow, local engine only."""
        raise TypeError(f"criterion {self.id!r} has no row path: {sorted(row)} were given")


def contract(field: Any) -> Indicator | None:
    """Return what :func:`reads` left on a pydantic field, or None for an ordinary parameter."""
    extra = field.json_schema_extra
    return extra.get(CONTRACT) if isinstance(extra, dict) else None


@dataclass(frozen=True, slots=True)
class Axis:
    """A government priority as a plugin brings it: an id, a title, and its criteria."""

    id: str
    title: str | Mapping[str, str] = ""
    criteria: tuple[type[Criterion], ...] = ()

    def __post_init__(self) -> None:
        """Accept a list of criteria, and refuse an id that a ruleset could not spell."""
        object.__setattr__(self, "criteria", tuple(self.criteria))
        if not _ID.fullmatch(self.id) or "." in self.id:
            raise TypeError(f"axis id {self.id!r} must be lower-case letters, digits and _")
