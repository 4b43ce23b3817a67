"""The shape of a ruleset file, as pydantic models: what may stand where, in which unit.

What decides scores is in ``entries``; what is made of scores, and the whole file, is here.

This is form only. Whether names are known and conditions make sense is decided in ``binding``.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    model_validator,
)
from pydantic_core import PydanticCustomError

from egovrules.entries import (
    AxisEntry,
    Cap,
    DerivedEntry,
    Indicators,
    Method,
    Missing,
    Rank,
    Rollup,
    Round,
    Scale,
    Scope,
    Step,
    Subjects,
)
from egovrules.errors import EgovrulesError, Severity
from egovrules.fixed import Entry
from egovrules.periods import Period, parse_period
from egovrules.spelling import (
    FreeKey,
    Key,
    Name,
    RulesetId,
    Text,
    some,
)
from egovrules.text import Localised


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


WrittenPeriod = Annotated[
    Period, BeforeValidator(_period, json_schema_input_type=int | str | Period)
]


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
        indicators: Columns that conditions read although no criterion does, and titles of any.
        scope: Who is evaluated; left out, all.
        missing: What a missing score means.
        treatment: What is done, in order, to columns of agencies before anything is scored.
        derive: Names for values: a criterion, a calculation, or ``sum of FIELD over services``.
        axes: The tree of axes and criteria.
        rollup: How services become their agency.
        normalise: How values become scores; left out, they are scores.
        aggregate: How axes combine into the total, and criteria into their axis.
        min_share: Share of the children, 0 to 1, that must have a score for a node to have one.
        round: How scores of axes and of the total are rounded; left out, not at all.
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
    treatment: tuple[Step, ...] = ()
    derive: dict[FreeKey, DerivedEntry] = Field(default_factory=dict)
    axes: Annotated[dict[FreeKey, AxisEntry], AfterValidator(some)]
    rollup: Rollup = Rollup()
    normalise: Method | None = None
    aggregate: Method = "arithmetic"
    min_share: float = Field(default=0.0, ge=0, le=1)
    round: Round | None = None
    caps: tuple[Cap, ...] = ()
    scale: Scale = Scale()
    rank: Rank = Rank()
    bands: dict[Key, Band] = Field(default_factory=dict)
    lists: dict[Key, ListEntry] = Field(default_factory=dict)
    findings: dict[Key, Finding] = Field(default_factory=dict)
    reconcile: dict[Key, Reconcile] = Field(default_factory=dict)
    bridge: Bridge | None = None
