"""The entries of a ruleset that decide scores, as pydantic models; ``schema`` has the rest.

This is form only. Whether names are known and conditions make sense is decided in ``binding``.
"""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from egovrules.fixed import Entry
from egovrules.parameters import IndicatorType
from egovrules.rounding import Rule
from egovrules.spelling import (
    CriterionKey,
    FreeKey,
    Mark,
    Status,
    Text,
    Weight,
)
from egovrules.text import Localised

# What a missing score means to the node above: 0, left out, or no score at all.
Policy = Literal["zero", "skip", "exclude"]
Subjects = Literal["services", "agencies"]
Ties = Literal["min", "max", "dense", "average", "ordinal"]
# A way of plugins: its id, or a mapping of `by:` and its parameters.
Method = Text | dict[Text, Any]


class Step(Entry):
    """A step of treatment; its parameters stand beside these.

    Attributes:
        do: Id of the treatment.
        of: Columns of agencies; left out, all numbers that criteria of agencies read.
    """

    model_config = ConfigDict(extra="allow")

    do: Text
    of: tuple[Text, ...] | None = Field(default=None, min_length=1)

    @property
    def parameters(self) -> dict[str, Any]:
        """What stands beside ``do`` and ``of``."""
        return dict(self.model_extra or {})


class Round(Entry):
    """How scores are rounded as they are aggregated.

    Attributes:
        decimals: How many decimals are kept.
        rule: ``half_even``: to the nearer decimal as it is stored, a tie to the even one (as R);
            ``half_up``: a half as it is printed goes up (as spreadsheets); ``exact``: by the exact
            binary value (as Python).
    """

    decimals: int = Field(ge=0, le=12)
    rule: Rule = "half_even"


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
        direction: Whether more is better; ``down`` turns the values about before normalisation.
        normalise: How its values become scores; left out, as the axis or the file says.
        rollup: From services to their agency: the mean of scores, or one ratio of sums.
        when: A condition: where false, the criterion is not applicable; where unknown, missing.
        caps: Bounds on its score; the lowest that applies holds.
    """

    weight: Weight = 1.0
    use: Text | None = None
    level: Literal["service", "agency"] | None = None
    parameters: dict[str, Any] = Field(default_factory=dict, alias="with")
    missing: Policy | None = None
    direction: Literal["up", "down"] | None = None
    normalise: Method | None = None
    rollup: Literal["mean", "pooled"] | None = None
    when: Text | None = None
    caps: tuple[Cap, ...] = ()
    title: Localised | None = None
    description: Localised | None = None


class AxisEntry(Entry):
    """A node that groups criteria, or further axes, or both.

    ``missing`` is the default for what is below it, and what the node above makes of this axis
    where it has no score at all; there it is ``skip`` unless the axis itself says otherwise.

    Attributes:
        weight: Among its siblings: a number or a fraction such as 1/3, in any unit.
        normalise: How values below become scores, where they do not say so themselves.
        aggregate: How its children combine; left out, as the file says.
        min_share: Share of its children, 0 to 1, that must have a score for it to have one; for
            the axes below, too.
        round: How its score is rounded, and those of the axes below.
        missing: What a missing score means, for the criteria below and for the axis itself.
        caps: Bounds on its score; the lowest that applies holds.
        criteria: Its criteria, by key; the key of one of a plugin is its id without the axis.
        axes: Further axes below it.
    """

    weight: Weight = 1.0
    title: Localised | None = None
    description: Localised | None = None
    normalise: Method | None = None
    aggregate: Method | None = None
    min_share: float | None = Field(default=None, ge=0, le=1)
    round: Round | None = None
    missing: Policy | None = None
    caps: tuple[Cap, ...] = ()
    criteria: dict[CriterionKey, CriterionEntry] = Field(default_factory=dict)
    axes: dict[FreeKey, "AxisEntry"] = Field(default_factory=dict)


class IndicatorEntry(Entry):
    """A column that conditions read although no criterion does; or the title of any column.

    Attributes:
        type: What the cells hold; left out, what a criterion says that reads it, else a number.
        values: The only texts allowed.
        low: Smallest number allowed.
        high: Largest number allowed.
        unit: For people.
        title: What people call the column, whatever its criterion calls it.
        optional: Whether the column may be absent.
    """

    type: IndicatorType | None = None
    values: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    unit: str = ""
    title: Localised | None = None
    optional: bool = False

    @model_validator(mode="after")
    def _fitting(self) -> "IndicatorEntry":
        bounds = [bound for bound in (self.low, self.high) if bound is not None]
        if bounds and self.type not in (None, "number"):
            raise PydanticCustomError("indicator", "only a number can have `low:` and `high:`")
        if self.values and self.type != "text":
            raise PydanticCustomError("indicator", "only text can have `values:`")
        if sorted(bounds) != bounds:
            raise PydanticCustomError("indicator", "`low:` lies above `high:`")
        return self

    @property
    def is_open(self) -> bool:
        """Whether it leaves to a criterion what the column holds."""
        return self.type is None and self.low is None and self.high is None


class DerivedEntry(Entry):
    """A name for a value; one that nobody has to call otherwise is written as its text alone.

    Attributes:
        value: A criterion, a calculation, or ``sum of FIELD over services``.
    """

    value: Text
    title: Localised | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_short_form(cls, value: Any) -> Any:
        return value if isinstance(value, Mapping) else {"value": value}


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
        exact: Whether totals that differ in their last bit differ; else nine decimals count.
        ties: Which rank equal totals share: ``min`` 1 2 2 4, ``max`` 1 3 3 4, ``dense`` 1 2 2 3.
        tied: What is put before a rank that several share, as in ``=3``; adds ``rank_label``.
        among: A condition on agencies: who is ranked. The others have scores and no rank.
        within: Columns of agencies that hold text: each adds ranks among those of the same text,
            ``rank_in_<column>``.
    """

    decimals: int | None = Field(default=None, ge=0, le=12)
    exact: bool = False
    ties: Ties = "min"
    tied: Mark | None = None
    among: Text | None = None
    within: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _shared(self) -> "Rank":
        if self.tied is not None and self.ties == "ordinal":
            message = "with `ties: ordinal` no rank is shared, so none can be marked"
            raise PydanticCustomError("rank", message, {"loc": ("tied",), "hint": "remove `tied:`"})
        if self.exact and self.decimals is not None:
            message = "what is rounded to {n} decimals is not ranked exactly"
            context = {"n": self.decimals, "loc": ("exact",), "hint": "keep one of the two"}
            raise PydanticCustomError("rank", message, context)
        return self
