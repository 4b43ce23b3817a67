"""What is evaluated: agencies, their services, the links between them, and the answers given.

The classes are for library users; tables of a dataset are checked column by column against the
``*_FIELDS`` below, because a million rows are too many for one object each.
"""

import datetime as dt
import math
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict, model_validator
from pydantic_core import PydanticCustomError

from egovrules.text import Localised


class AgencyKind(StrEnum):
    """What sort of body an agency is."""

    MINISTRY = "ministry"
    ORGANISATION = "organisation"
    COMPANY = "company"
    RESEARCH = "research"
    PUBLIC_NON_STATE = "public_non_state"
    PROVINCE = "province"


class Audience(StrEnum):
    """Whom a service is for: citizens, businesses, other bodies, employees."""

    G2C = "g2c"
    G2B = "g2b"
    G2G = "g2g"
    G2E = "g2e"


class PointState(StrEnum):
    """How far one interaction point of a service (payment, tracking, ...) is online."""

    OFFLINE = "offline"
    PARTIAL = "partial"
    ONLINE = "online"
    NOT_APPLICABLE = "not_applicable"

    @property
    def degree(self) -> float | None:
        """The share that is online: 0, ½ or 1; None where the point does not apply."""
        return {"offline": 0.0, "partial": 0.5, "online": 1.0}.get(self.value)


class LinkKind(StrEnum):
    """What a link carries: another body's data, or an enabler such as the identity card."""

    DATA = "data"
    ENABLER = "enabler"


class LinkStatus(StrEnum):
    """How far a link has come."""

    NEEDED = "needed"
    REQUESTED = "requested"
    REFUSED = "refused"
    AGREED = "agreed"
    TEST = "test"
    LIVE = "live"
    DEGRADED = "degraded"


class AnswerStatus(StrEnum):
    """What kind of answer was given on an indicator."""

    VALID = "valid"
    NOT_APPLICABLE = "not_applicable"
    NOT_ANSWERED = "not_answered"
    REFUSED = "refused"
    UNVERIFIABLE = "unverifiable"
    EXEMPT = "exempt"
    AUDITOR_UNABLE = "auditor_unable"


class AnswerSource(StrEnum):
    """Who gave the answer, in rising precedence: an appealed one outranks an audited one."""

    DECLARED = "declared"
    AUDITED = "audited"
    APPEALED = "appealed"


class Obstacle(StrEnum):
    """Why a service is held back. Obstacles are of services; no person is ever named."""

    CONFLICT_OF_INTEREST = "conflict_of_interest"
    DISCRETIONARY_SIGNATURE = "discretionary_signature"
    LEGACY_STRUCTURE = "legacy_structure"
    UPSTREAM_ENABLER = "upstream_enabler"
    DATA_WITHHELD = "data_withheld"
    LAW = "law"
    BUDGET = "budget"
    SKILLS = "skills"
    TECHNOLOGY = "technology"
    SECURITY = "security"


_CODE_LENGTH = 64


def _check_code(code: str) -> str:
    if not 1 <= len(code) <= _CODE_LENGTH or not code.isprintable() or code != code.strip():
        message = "a code has 1 to 64 visible characters"
        hint = "check it for line breaks and invisible characters; leading zeros are kept"
        raise PydanticCustomError("code", message, {"hint": hint})
    return code


def _check_finite(value: float) -> float:
    if not math.isfinite(value):
        message = "a number is needed here, not infinity or 'not a number'"
        raise PydanticCustomError("number", message, {"hint": "leave the value out (None)"})
    return value


Code = Annotated[str, AfterValidator(_check_code)]
Number = Annotated[float, Strict(), AfterValidator(_check_finite)]
Amount = Annotated[Number, Field(ge=0)]
Count = Annotated[int, Strict(), Field(ge=0)]
Flag = Annotated[bool, Strict()]
Note = Annotated[str, Field(max_length=2000)]
# A cell: whole or decimal number, yes or no, date, text; None = missing.
Value = Flag | Annotated[int, Strict()] | Number | Annotated[dt.date, Strict()] | Note | None


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Agency(_Record):
    """A government body.

    Attributes:
        code: Text of 1 to 64 visible characters, unique in a round; leading zeros count.
        name: Plain text, or one per language; the Persian one is the record.
        aliases: Other names by which files call it.
        kind: None where the source has no kinds.
        parent: Code of the body that it belongs to.
        is_main: One of the main bodies of the round.
        predecessors: Codes of the bodies of the previous period that this one continues: one for
            a body that was renamed, several for bodies that were merged.
        valid_from: First day of its existence (Gregorian); None = always.
        valid_to: Last day of its existence; None = still there.
        indicators: Measured values by indicator name, in the indicator's unit; None = missing.
    """

    code: Code
    name: Localised
    aliases: tuple[Note, ...] = ()
    kind: AgencyKind | None = None
    parent: Code | None = None
    is_main: Flag = False
    predecessors: tuple[Code, ...] = ()
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    indicators: dict[Code, Value] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check(self) -> "Agency":
        _refuse_self(self.code, self.parent, "an agency cannot be its own parent")
        if len(set(self.predecessors)) < len(self.predecessors):
            message = "a predecessor is named twice"
            raise PydanticCustomError("agency", message, {"hint": "keep one of the two"})
        _refuse_backwards(self.valid_from, self.valid_to, "valid_to lies before valid_from")
        return self


class Service(_Record):
    """A service that one agency gives.

    Attributes:
        code: Text of 1 to 64 visible characters, unique in a round; leading zeros count.
        agency: Code of the agency that gives it.
        name: Plain text, or one per language.
        parent: Code of the service that this is a part of.
        audience: Any of ``g2c``, ``g2b``, ``g2g``, ``g2e``.
        eligible: It can be electronic.
        ineligible_because: Why not, where it cannot.
        annual_volume: Cases per year, 0 or more; None = unknown.
        indicators: Measured values by indicator name, in the indicator's unit; None = missing.
    """

    code: Code
    agency: Code
    name: Localised
    parent: Code | None = None
    audience: frozenset[Audience] = frozenset()
    eligible: Flag = True
    ineligible_because: Note = ""
    annual_volume: Amount | None = None
    indicators: dict[Code, Value] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check(self) -> "Service":
        _refuse_self(self.code, self.parent, "a service cannot be its own parent")
        return self


class Link(_Record):
    """What a service needs from another agency: its data, or an enabler such as an identity card.

    Attributes:
        consumer: Code of the service that needs it.
        provider: Code of the agency that has it.
        provider_service: Code of the provider's service that is needed, if it is one.
        dataset: Name of the provider's dataset that is needed, if it is one.
        kind: ``data`` or ``enabler``.
        status: From ``needed`` to ``live``, or ``refused``, or ``degraded``.
        requested_on: Day of the request (Gregorian).
        due_on: Day by which the provider owes it.
        calls: Calls in the period, 0 or more; None = not measured.
        successes: Calls that succeeded, at most ``calls``.
        blocking: The service cannot be integrated without it.
        affected_population: People concerned, 0 or more; None = unknown.
    """

    consumer: Code
    provider: Code
    provider_service: Code | None = None
    dataset: Note = ""
    kind: LinkKind
    status: LinkStatus
    requested_on: dt.date | None = None
    due_on: dt.date | None = None
    calls: Count | None = None
    successes: Count | None = None
    blocking: Flag = False
    affected_population: Amount | None = None

    @model_validator(mode="after")
    def _check(self) -> "Link":
        _refuse_self(self.consumer, self.provider_service, "a service cannot depend on itself")
        _refuse_backwards(self.requested_on, self.due_on, "due_on lies before requested_on")
        if self.calls is not None and self.successes is not None and self.successes > self.calls:
            message = "there are more successes ({successes}) than calls ({calls})"
            hint = "successes are counted among the calls"
            context = {"successes": self.successes, "calls": self.calls, "hint": hint}
            raise PydanticCustomError("link", message, context)
        return self


class Answer(_Record):
    """One line of the ledger: what was answered on an indicator. Appended, never overwritten.

    The effective answer is the latest one of the highest source: appealed, audited, declared.

    Attributes:
        subject: Code of the agency or service.
        indicator: Name of the indicator.
        value: The value, in the indicator's unit; a valid answer has one.
        status: ``valid``, or why there is no valid value.
        source: ``declared``, ``audited`` or ``appealed``.
        evidence: A URL or the name of a file.
        date: Day of the answer (Gregorian).
        assessor: The office that assessed it.
    """

    subject: Code
    indicator: Code
    value: Value = None
    status: AnswerStatus = AnswerStatus.VALID
    source: AnswerSource = AnswerSource.DECLARED
    evidence: Note = ""
    date: dt.date | None = None
    assessor: Note = ""

    @model_validator(mode="after")
    def _check(self) -> "Answer":
        if self.status is AnswerStatus.VALID and self.value is None:
            hint = "give the value, or a status such as not_answered"
            raise PydanticCustomError("answer", "a valid answer needs a value", {"hint": hint})
        return self


def _refuse_self(code: str, other: str | None, problem: str) -> None:
    if code == other:
        context = {"problem": problem, "code": code, "hint": "give another's code, or none"}
        raise PydanticCustomError("itself", "{problem} ({code})", context)


def _refuse_backwards(first: dt.date | None, last: dt.date | None, problem: str) -> None:
    if first and last and last < first:
        context = {"problem": problem, "first": first, "last": last, "hint": "exchange the dates"}
        raise PydanticCustomError("dates", "{problem} ({last}, {first})", context)
