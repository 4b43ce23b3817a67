"""The shape of a ruleset file, as pydantic models: what may stand where, in which unit.

This is form only. Whether names are known and conditions make sense is decided in ``binding``.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)
from pydantic_core import PydanticCustomError

from egovrules.criteria import IndicatorType
from egovrules.errors import EgovrulesError, Severity
from egovrules.periods import Period, parse_period
from egovrules.spelling import (
    CriterionKey,
    FreeKey,
    Key,
    Name,
    RulesetId,
    Status,
    Text,
    Weight,
    some,
)
from egovrules.text import Localised

Policy = Literal["zero", "skip", "exclude"]
"""What a missing score means to the node above: 0, left out, or no score at all."""

Subjects = Literal["services", "agencies"]
Ties = Literal["min", "max", "dense", "average", "ordinal"]


def _period(value: Any) -> Any:
    """Read ``1400-autumn`` as the period that it names."""
    if not isinstance(value, str):
        return value
    try:
        return parse_period(value)
    except EgovrulesError as error:
        problem = error.problems[0]
        raise PydanticCustomError(
            "period", "{text}", {"text": problem.message, "hint": problem.hint}
        ) from error


WrittenPeriod = Annotated[Period, BeforeValidator(_period)]


class Entry(BaseModel):
    """Base of everything in a ruleset: frozen, strict, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Missing(Entry):
    """What happens where a score is missing, and how much must be there to be ranked."""

    policy: Policy = "skip"
    min_coverage: float = Field(default=0.0, ge=0, le=1)
    status: dict[Status, Policy] = Field(default_factory=dict)


class Cap(Entry):
    """A bound on a score, ``at`` (on the ruleset's scale), wherever ``when`` is true."""

    at: float
    when: Text
    because: Localised | None = None


class CriterionEntry(Entry):
    """One criterion under an axis: its weight and its parameters."""

    weight: Weight = 1.0
    use: Text | None = None
    level: Literal["service", "agency"] | None = None
    parameters: dict[str, Any] = Field(default_factory=dict, alias="with")
    missing: Policy | None = None
    rollup: Literal["mean", "pooled"] | None = None
    caps: tuple[Cap, ...] = ()
    title: Localised | None = None
    description: Localised | None = None


class AxisEntry(Entry):
    """A node that groups criteria, or further axes, or both.

    ``missing`` is the default for what is below it, and what the node above makes of this axis
    where it has no score at all; there it is ``skip`` unless the axis itself says otherwise.
    """

    weight: Weight = 1.0
    title: Localised | None = None
    description: Localised | None = None
    aggregate: str | None = None
    missing: Policy | None = None
    caps: tuple[Cap, ...] = ()
    criteria: dict[CriterionKey, CriterionEntry] = Field(default_factory=dict)
    axes: dict[FreeKey, "AxisEntry"] = Field(default_factory=dict)


class IndicatorEntry(Entry):
    """A column that conditions read although no criterion does."""

    type: IndicatorType = "number"
    values: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    unit: str = ""
    title: Localised | None = None
    optional: bool = False

    @model_validator(mode="after")
    def _fitting(self) -> "IndicatorEntry":
        bounds = [bound for bound in (self.low, self.high) if bound is not None]
        if bounds and self.type != "number":
            raise PydanticCustomError("indicator", "only a number can have `low:` and `high:`")
        if self.values and self.type != "text":
            raise PydanticCustomError("indicator", "only text can have `values:`")
        if sorted(bounds) != bounds:
            raise PydanticCustomError("indicator", "`low:` lies above `high:`")
        return self


class Indicators(Entry):
    """Such columns, by the table that they are in."""

    services: dict[Text, IndicatorEntry] = Field(default_factory=dict)
    agencies: dict[Text, IndicatorEntry] = Field(default_factory=dict)


class Scope(Entry):
    """Who is evaluated: a condition on services, and one on agencies; none means all."""

    services: Text | None = None
    agencies: Text | None = None


class Rollup(Entry):
    """How services become their agency: when, weighted by which column, mean or pooled."""

    after: Literal["criterion", "axis", "total"] = "criterion"
    weight: str | None = None
    method: Literal["mean", "pooled"] = "mean"


class Scale(Entry):
    """The range that every score lives in."""

    low: float = 0.0
    high: float = 100.0

    @model_validator(mode="after")
    def _rising(self) -> "Scale":
        if self.low >= self.high:
            raise PydanticCustomError("scale", "the scale's low end must be below its high end")
        return self


class Rank(Entry):
    """How agencies are ranked: on the rounded or the raw total, and how ties are broken."""

    decimals: int | None = Field(default=None, ge=0, le=12)
    ties: Ties = "min"


class Label(Entry):
    """One band: a comparison with the banded value, and perhaps a further condition."""

    name: Name
    test: Text
    when: Text | None = None
    title: Localised | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_short_form(cls, value: Any) -> Any:
        """Read ``{full: "= 100", when: …}`` as name and test."""
        if not isinstance(value, Mapping):
            return value
        shape = {"shape": '{full: "= 100"}'}
        names = [key for key in value if key not in ("when", "title")]
        if len(names) != 1:
            message = "a band is one label and its test, such as {shape}"
            raise PydanticCustomError("label", message, shape)
        name = names[0]
        if not isinstance(value[name], str):
            message = "a band's test is a comparison in quotes, as {shape}"
            raise PydanticCustomError("label", message, {**shape, "loc": (name,)})
        return {"name": name, "test": value[name]} | {k: value[k] for k in value if k != name}


class Band(Entry):
    """Labels in order, the first that fits; ``otherwise`` where none does, or nothing is known."""

    of: Subjects
    by: Text
    labels: Annotated[tuple[Label, ...], AfterValidator(some)]
    otherwise: Name
    rounded: bool = False
    title: Localised | None = None


class ListEntry(Entry):
    """Subjects picked by a condition, or the first ``top`` by a value (ties at the end kept)."""

    of: Subjects
    by: Text | None = None
    top: int | None = Field(default=None, ge=1)
    when: Text | None = None
    order: Literal["descending", "ascending"] = "descending"
    title: Localised | None = None

    @model_validator(mode="after")
    def _some_choice(self) -> "ListEntry":
        if self.when is None and self.top is None:
            raise PydanticCustomError("list", "a list needs `when:`, or `by:` and `top:`")
        if self.top is not None and self.by is None:
            raise PydanticCustomError("list", "`top:` needs `by:`, the value to order by")
        return self


class Finding(Entry):
    """A rule that fires for every subject for which ``when`` is true."""

    of: Subjects
    when: Text
    severity: Severity = "warning"
    message: Localised
    title: Localised | None = None


class Reconcile(Entry):
    """A total that must equal the sum of its parts."""

    total: float | Text
    parts: Text | Annotated[tuple[Text, ...], AfterValidator(some)]
    without: tuple[Name, ...] = ()
    when_not: Severity = "warning"
    title: Localised | None = None


class Bridge(Entry):
    """A declared exception: growth against another method is meant, for a stated reason."""

    from_: RulesetId = Field(alias="from")
    because: Localised


class RulesetFile(Entry):
    """A whole ruleset file, after ``extends`` has been resolved."""

    schema_: Literal["egovrules/1"] = Field(alias="schema")
    id: RulesetId
    title: Localised
    description: Localised | None = None
    extends: str | None = None
    period: WrittenPeriod | None = None
    plugins: dict[str, str] = Field(default_factory=dict)
    indicators: Indicators = Indicators()
    scope: Scope = Scope()
    missing: Missing = Missing()
    derive: dict[FreeKey, Text] = Field(default_factory=dict)
    axes: Annotated[dict[FreeKey, AxisEntry], AfterValidator(some)]
    rollup: Rollup = Rollup()
    aggregate: str = "arithmetic"
    caps: tuple[Cap, ...] = ()
    scale: Scale = Scale()
    rank: Rank = Rank()
    bands: dict[Key, Band] = Field(default_factory=dict)
    lists: dict[Key, ListEntry] = Field(default_factory=dict)
    findings: dict[Key, Finding] = Field(default_factory=dict)
    reconcile: dict[Key, Reconcile] = Field(default_factory=dict)
    bridge: Bridge | None = None
