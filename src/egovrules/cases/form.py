"""The form of a file of cases, as pydantic models: what may stand where."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from egovrules.fixed import Entry
from egovrules.spelling import Text, some
from egovrules.text import Localised

State = Literal["scored", "missing", "not_applicable"]

Cell = str | float | int | bool | None
"""What a column holds in one row; a status such as ``refused`` is a text, as in a file."""

Row = dict[Text, Cell]


class Expected(Entry):
    """What must come out, with a tolerance or further than the value alone.

    Attributes:
        is_: The value; a number may be a fraction such as 1/3, ``null`` is no value.
        within: How far a number may be off.
        state: Whether it is scored, missing or not applicable.
        coverage: Of an agency: the share of the weight that was assessed, 0 to 1.
        rank: Of an agency: its place by this score, among those that are ranked.
        uncapped: The score before its caps.
        cap: Path of the cap that decided, as ``axes.integrated.caps.0``; ``null`` is none.
    """

    is_: float | bool | Text | None = Field(default=None, alias="is")
    within: float | None = Field(default=None, ge=0)
    state: State | None = None
    coverage: float | Text | None = None
    rank: float | None = None
    uncapped: float | Text | None = None
    cap: Text | None = None


LEAST_ERROR = 8  # letters and digits of an expected error, such as "-1 is below 0"
DETAILS = ("state", "coverage", "rank", "uncapped", "cap")  # what nodes have beside their score

Value = float | bool | Text | Expected | None
Values = Annotated[dict[Text, Value], AfterValidator(some)]


class Expect(Entry):
    """What must come of a case; of a list or finding that is named, all of it is compared.

    Attributes:
        agencies: By agency, the values that it must have.
        services: By service, the values that it must have.
        bands: By band, how many subjects each label must have.
        lists: By list, everybody on it, first to last.
        findings: By finding, everybody that it must fire for, in any order.
        reconcile: By reconciliation, whether it must hold.
        error: A part of the message with which the data must be refused, long enough to tell it.
    """

    agencies: dict[Text, Values] = Field(default_factory=dict)
    services: dict[Text, Values] = Field(default_factory=dict)
    bands: dict[Text, Annotated[dict[Text, int], AfterValidator(some)]] = Field(
        default_factory=dict
    )
    lists: dict[Text, tuple[Text, ...]] = Field(default_factory=dict)
    findings: dict[Text, tuple[Text, ...]] = Field(default_factory=dict)
    reconcile: dict[Text, bool] = Field(default_factory=dict)
    error: Text | None = None

    @model_validator(mode="after")
    def _something(self) -> "Expect":
        told = [name for name in type(self).model_fields if getattr(self, name)]
        if not told:
            raise PydanticCustomError("expect", "nothing is expected, so the case tests nothing")
        if self.error is not None and len(told) > 1:
            message = "a case that ends in an error has no result to expect anything of"
            raise PydanticCustomError("expect", message)
        if self.error is not None and sum(map(str.isalnum, self.error)) < LEAST_ERROR:
            message = f"so short a text fits many errors: give at least {LEAST_ERROR} letters"
            raise PydanticCustomError("expect", message, {"loc": ("error",)})
        return self


class Tables(Entry):
    """Rows by their code; links, answers and history, which have none of their own, as lists.

    Attributes:
        agencies: Agencies by code, with their columns; left out, those that services name.
        services: Services by code, with their columns; ``agency`` says whose each is.
        links: Links between services and agencies.
        answers: The ledger of answers.
        history: What agencies had in other periods.
    """

    agencies: dict[Text, Row] = Field(default_factory=dict)
    services: dict[Text, Row] = Field(default_factory=dict)
    links: tuple[Row, ...] = ()
    answers: tuple[Row, ...] = ()
    history: tuple[Row, ...] = ()

    @model_validator(mode="after")
    def _data(self) -> Self:
        if not self.agencies and not self.services:
            message = "there are no data here: give `services` or `agencies`"
            raise PydanticCustomError("data", message, {"at": "key"})
        return self


class Earlier(Tables):
    """The data of an earlier evaluation, for growth, and the ruleset if it was another.

    Attributes:
        ruleset: The file of its ruleset, beside this one; left out, the ruleset that is tested.
    """

    ruleset: Text | None = None


class Case(Tables):
    """One worked example.

    Attributes:
        tolerance: How far its numbers may be off, in place of that of the file.
        previous: The data of an earlier evaluation, for growth.
        expect: What must come of it.
    """

    description: Localised | None = None
    tolerance: float | None = Field(default=None, ge=0)
    previous: Earlier | None = None
    expect: Expect


class Defaults(Entry):
    """What every row holds that does not say otherwise.

    Attributes:
        agencies: Columns of every agency.
        services: Columns of every service.
    """

    agencies: Row = Field(default_factory=dict)
    services: Row = Field(default_factory=dict)


class CasesFile(Entry):
    """A whole ``<id>.test.yaml``, after ``extends`` has been resolved.

    Attributes:
        schema_: The form of the file.
        extends: A file of tests that this one changes, as rulesets do.
        tolerance: How far numbers may be off; 0 means equal in nine decimals.
        defaults: What every row holds that does not say otherwise.
        cases: The worked examples by name: each tells one rule.
    """

    schema_: Literal["egovrules-tests/1"] = Field(alias="schema")
    extends: Text | None = None
    description: Localised | None = None
    tolerance: float = Field(default=0.0, ge=0)
    defaults: Defaults = Defaults()
    cases: Annotated[dict[Text, Case], AfterValidator(some)]
