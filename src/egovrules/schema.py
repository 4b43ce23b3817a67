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
    """Read ``1400-autumn``, or a plain year, as the period that it names."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return value
    try:
        return parse_period(str(value))
    except EgovrulesError as error:
        problem = error.problems[0]
        raise PydanticCustomError(
            "period", "{text}", {"text": problem.message, "hint": problem.hint}
        ) from error


WrittenPeriod = Annotated[Period, BeforeValidator(_period, json_schema_input_type=str | Period)]


class Entry(BaseModel):
    """Base of everything in a ruleset: frozen, strict, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Missing(Entry):
    """What happens where a score is missing, and how much must be there to be ranked.

    Attributes:
        policy: What a missing score means to the node above: ``zero`` counts as the scale's low
            end, ``skip`` leaves the mean, ``exclude`` leaves the node above without a score.
        min_coverage: Share of the weight, from 0 to 1, that must be assessed to be ranked.
        status: Another policy where the cell holds such a status.
    """

    policy: Policy = "skip"
    min_coverage: float = Field(default=0.0, ge=0, le=1)
    status: dict[Status, Policy] = Field(default_factory=dict)


class Cap(Entry):
    """A bound on a score, ``at`` (on the ruleset's scale), wherever ``when`` is true.

    Attributes:
        at: The highest score possible where ``when`` is true, on the file's scale.
        when: A condition.
        because: The reason, shown where a score is explained.
    """

    at: float
    when: Text
    because: Localised | None = None


class CriterionEntry(Entry):
    """One criterion under an axis: its weight and its parameters.

    Attributes:
        weight: Among its siblings: a number or a fraction such as 1/3, in any unit.
        use: Id of the criterion, where it is not ``<axis>.<key>``.
        level: What is scored, for criteria that can score both.
        parameters: Parameters of the criterion, and the columns that it reads.
        missing: What a missing score means to the axis; left out, that of the axis or the file.
        rollup: From services to their agency: the mean of scores, or one ratio of sums.
        caps: Bounds on its score; the lowest that applies holds.
    """

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

    Attributes:
        weight: Among its siblings: a number or a fraction such as 1/3, in any unit.
        aggregate: How its children combine; left out, as the file says.
        missing: What a missing score means, for the criteria below and for the axis itself.
        caps: Bounds on its score; the lowest that applies holds.
        criteria: Its criteria, by key; the key of one of a plugin is its id without the axis.
        axes: Further axes below it.
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
    """A column that conditions read although no criterion does.

    Attributes:
        type: What the cells hold.
        values: The only texts allowed.
        low: Smallest number allowed.
        high: Largest number allowed.
        unit: For people.
        optional: Whether the column may be absent.
    """

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
    """Such columns, by the table that they are in.

    Attributes:
        services: Columns of the table of services, by name.
        agencies: Columns of the table of agencies, by name.
    """

    services: dict[Text, IndicatorEntry] = Field(default_factory=dict)
    agencies: dict[Text, IndicatorEntry] = Field(default_factory=dict)


class Scope(Entry):
    """Who is evaluated: a condition on services, and one on agencies; none means all.

    Attributes:
        services: A condition: which services are evaluated.
        agencies: A condition: which agencies are evaluated.
    """

    services: Text | None = None
    agencies: Text | None = None


class Rollup(Entry):
    """How services become their agency: when, weighted by which column, mean or pooled.

    Attributes:
        after: Where services become their agency.
        weight: A column that weighs services, such as ``annual_volume``; without, all are equal.
        method: The mean of scores, or one ratio of sums (for criteria that are ratios).
    """

    after: Literal["criterion", "axis", "total"] = "criterion"
    weight: str | None = None
    method: Literal["mean", "pooled"] = "mean"


class Scale(Entry):
    """The range that every score lives in.

    Attributes:
        low: The lowest score.
        high: The highest score.
    """

    low: float = 0.0
    high: float = 100.0

    @model_validator(mode="after")
    def _rising(self) -> "Scale":
        if self.low >= self.high:
            raise PydanticCustomError("scale", "the scale's low end must be below its high end")
        return self


class Rank(Entry):
    """How agencies are ranked: on the rounded or the raw total, and how ties are broken.

    Attributes:
        decimals: Totals are rounded to this before they are ranked.
        ties: Which rank equal totals share: ``min`` 1 2 2 4, ``max`` 1 3 3 4, ``dense`` 1 2 2 3.
    """

    decimals: int | None = Field(default=None, ge=0, le=12)
    ties: Ties = "min"


class Label(Entry):
    """One band: a comparison with the banded value, and perhaps a further condition.

    Attributes:
        name: The label.
        test: A comparison with the value, in quotes: ``"< 50"``.
        when: A further condition.
    """

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
        shape = {"shape": '{full: "= 100"}', "hint": "put each on a line of its own, after '- '"}
        names = [key for key in value if key not in ("when", "title")]
        if len(names) != 1:
            message = "a band is one label and its test, such as {shape}"
            raise PydanticCustomError("label", message, shape)
        name = names[0]
        if not isinstance(value[name], str):
            message = "a band's test is a comparison in quotes, as {shape}"
            hint = f'write "= {value[name]}"' if isinstance(value[name], int | float) else ""
            raise PydanticCustomError("label", message, {**shape, "loc": (name,), "hint": hint})
        return {"name": name, "test": value[name]} | {k: value[k] for k in value if k != name}


class Band(Entry):
    """Labels in order, the first that fits; ``otherwise`` where none does, or nothing is known.

    ``rounded`` compares scores of agencies as they print; ``false`` says that unrounded is meant.

    Attributes:
        of: Who is put into bands.
        by: The value: an indicator, a derived value, and for agencies an axis or ``total``.
        labels: In order, the first that fits: ``- {low: "< 50"}``.
        otherwise: The label where none fits, or the value is missing.
        rounded: Compare scores as they print, rounded; agencies only.
    """

    of: Subjects
    by: Text
    labels: Annotated[tuple[Label, ...], AfterValidator(some)]
    otherwise: Name
    rounded: bool | None = None
    title: Localised | None = None


class ListEntry(Entry):
    """Subjects picked by a condition, or the first ``top`` by a value (ties at the end kept).

    ``rounded`` is about ``when``, as in :class:`Band`; order is of the values as they are.

    Attributes:
        of: Who is listed.
        by: The value to order by.
        top: How many; all that tie with the last are kept.
        when: A condition: who is in the list.
        rounded: Compare scores in ``when`` as they print, rounded; agencies only.
        order: The largest or the smallest value first.
    """

    of: Subjects
    by: Text | None = None
    top: int | None = Field(default=None, ge=1)
    when: Text | None = None
    rounded: bool | None = None
    order: Literal["descending", "ascending"] = "descending"
    title: Localised | None = None

    @model_validator(mode="after")
    def _some_choice(self) -> "ListEntry":
        if self.when is None and self.top is None:
            raise PydanticCustomError("list", "a list needs `when:`, or `by:` and `top:`")
        if self.top is not None and self.by is None:
            raise PydanticCustomError("list", "`top:` needs `by:`, the value to order by")
        if self.rounded is not None and self.when is None:
            message = "`rounded:` is about what `when:` compares, and there is no `when:`"
            raise PydanticCustomError("list", message, {"loc": ("rounded",), "at": "key"})
        return self


class Finding(Entry):
    """A rule that fires for every subject for which ``when`` is true; ``rounded`` as in a band.

    Attributes:
        of: Who is looked at.
        when: A condition: where it is true, the rule fires.
        rounded: Compare scores as they print, rounded; agencies only.
        severity: ``error`` makes the exit code 1.
        message: A text with ``{name}``, ``{agency}`` or any value of the subject in braces.
    """

    of: Subjects
    when: Text
    rounded: bool | None = None
    severity: Severity = "warning"
    message: Localised
    title: Localised | None = None


class Reconcile(Entry):
    """A total that must equal the sum of its parts.

    Attributes:
        total: A number, ``count of services`` or ``agencies``, ``bands.ID`` or ``bands.ID.LABEL``.
        parts: One or several of the same, which are summed.
        without: Labels that are left out of the parts.
        when_not: How grave it is where total and parts differ.
    """

    total: float | Text
    parts: Text | Annotated[tuple[Text, ...], AfterValidator(some)]
    without: tuple[Name, ...] = ()
    when_not: Severity = "warning"
    title: Localised | None = None


class Bridge(Entry):
    """A declared exception: growth against another method is meant, for a stated reason.

    Attributes:
        from_: Id of the ruleset of the earlier evaluation.
        because: Why growth against another method is meant.
    """

    from_: RulesetId = Field(alias="from")
    because: Localised


class RulesetFile(Entry):
    """A whole ruleset file, after ``extends`` has been resolved.

    Attributes:
        schema_: The form of the file.
        id: The ruleset's name in results and messages, such as ``ir-1400-autumn``.
        extends: A ruleset file beside this one; this file then holds only what changes.
        period: What the evaluation is about: ``1400-autumn``, or calendar, year and so on.
        plugins: What must be installed, and in which versions.
        indicators: Columns that conditions read although no criterion does.
        scope: Who is evaluated; left out, all.
        missing: What a missing score means.
        derive: Names for values: a criterion, a calculation, or ``sum of FIELD over services``.
        axes: The tree of axes and criteria.
        rollup: How services become their agency.
        aggregate: How axes combine into the total, and criteria into their axis.
        caps: Bounds on the total.
        scale: The range of all scores.
        rank: How agencies are ranked.
        bands: Labels for ranges of a value.
        lists: Who is picked by a condition, or comes first by a value.
        findings: Rules that fire with a message.
        reconcile: Totals that must equal the sum of their parts.
        bridge: Growth against another method is meant.
    """

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
