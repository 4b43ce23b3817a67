"""Evaluation periods in two calendars: what they span, how they sort, how they are shown."""

import re
from datetime import date, timedelta
from functools import total_ordering
from typing import Annotated

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from egovrules.calendars import MONTHS, SEASONS, YEARS, Calendar, Season, first_day
from egovrules.errors import EgovrulesError
from egovrules.text import latin_digits, local_digits, name_key, translate

_HALVES = ("First half of {year}", "Second half of {year}")
_QUARTERS = (
    "First quarter of {year}",
    "Second quarter of {year}",
    "Third quarter of {year}",
    "Fourth quarter of {year}",
)
_FORMS = (
    "write 1400, 1400-autumn (or 1400-پاییز), 1400-h2, 1400-q3, 1400-07, fy2023-2024 or fy2024; "
    "years 1200 to 1600 are Jalali, 1700 to 2600 Gregorian"
)
_FISCAL = re.compile(r"([0-9]{4})(?:-([0-9]{4}))?")
_MONTH_AND_DAY = re.compile(r"[0-9]{2}-[0-9]{2}")
_SLUG = re.compile(
    r"""fy (?P<fiscal_year> [0-9]{4} (?:-[0-9]{4})? ) (?:- (?P<starts> [0-9]{2}-[0-9]{2} ))?
    | (?P<year> [0-9]{4} ) (?:- (?: h(?P<half> [0-9] ) | q(?P<quarter> [0-9] )
                               | (?P<month> [0-9]{1,2} ) | (?P<season> [^\W\d]+ ) ))?""",
    re.VERBOSE,
)


def _fiscal_text(value: object) -> object:
    """Let a person write ``fiscal_year: 2024`` without quotes, in any digits, with a dash."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return latin_digits(value).replace("–", "-") if isinstance(value, str) else value


@total_ordering
class Period(BaseModel):
    """The span of time that an evaluation is about: a year, a part of one, or a fiscal year.

    Attributes:
        calendar: ``gregorian`` or ``jalali`` (Iran's solar calendar).
        year: Jalali 1200 to 1600 or Gregorian 1700 to 2600; None with ``fiscal_year``.
        half: 1 or 2.
        season: Jalali: spring is months 1-3, and so on. Gregorian, northern and meteorological:
            spring is March to May; winter is December of the year to February of the next.
        quarter: 1 to 4.
        month: 1 to 12.
        fiscal_year: Gregorian: ``2023-2024``, or ``2024`` for one that starts in 2024.
        starts: Month and day on which the fiscal year starts. By default ``01-01``, and ``04-01``
            for one that is named by two years.
        number: The round's number, from 1; not part of what the period spans.

    Periods sort by start, then by end.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    calendar: Calendar = "gregorian"
    year: int | None = None
    half: Annotated[int, Field(ge=1, le=2)] | None = None
    season: Season | None = None
    quarter: Annotated[int, Field(ge=1, le=4)] | None = None
    month: Annotated[int, Field(ge=1, le=12)] | None = None
    fiscal_year: Annotated[
        str | None, BeforeValidator(_fiscal_text, json_schema_input_type=str | int | None)
    ] = None
    starts: str | None = Field(default=None, validate_default=True)
    number: Annotated[int, Field(ge=1)] | None = None

    @field_validator("year")
    @classmethod
    def _check_year(cls, year: int | None, info: ValidationInfo) -> int | None:
        calendar: Calendar = info.data.get("calendar", "gregorian")
        years = YEARS[calendar]
        if year is None or year in years:
            return year
        other: Calendar = "jalali" if calendar == "gregorian" else "gregorian"
        hint = f"write a year from {years[0]} to {years[-1]}"
        if year in YEARS[other]:
            hint = f"for a {other.title()} year write 'calendar: {other}'"
        message = "{year} is not a year of the {calendar} calendar that can be used"
        context = {"year": year, "calendar": calendar.title(), "hint": hint}
        raise PydanticCustomError("period", message, context)

    @field_validator("fiscal_year")
    @classmethod
    def _check_fiscal_year(cls, text: str | None) -> str | None:
        if text is None:
            return None
        match = _FISCAL.fullmatch(text)
        first = int(match[1]) if match else 0
        if match and first in YEARS["gregorian"] and int(match[2] or first + 1) == first + 1:
            return text
        message = "'{text}' is not a fiscal year"
        hint = "write 2023-2024 (two years that follow each other) or 2024"
        raise PydanticCustomError("period", message, {"text": text, "hint": hint})

    @field_validator("starts")
    @classmethod
    def _check_starts(cls, text: str | None, info: ValidationInfo) -> str | None:
        named = info.data.get("fiscal_year")
        if named is None:
            # A refused fiscal_year is absent from info.data and is told by its own problem.
            if text is None or "fiscal_year" not in info.data:
                return None
            message = "'starts' says when a fiscal year starts, and there is none"
            raise PydanticCustomError(
                "period", message, {"hint": "add fiscal_year, or remove this"}
            )
        text = latin_digits(text) if text else ("04-01" if "-" in named else "01-01")
        if not _is_day_of_every_year(text):
            message = "'{text}' is not a month and a day"
            hint = "write month-day, such as '04-01' for 1 April"
            raise PydanticCustomError("period", message, {"text": text, "hint": hint})
        if text == "01-01" and "-" in named:
            message = "a fiscal year that starts on 1 January lies in one year, '{named}' names two"
            hint = f"write fiscal_year: {named[:4]}, or the day on which it starts"
            raise PydanticCustomError("period", message, {"named": named, "hint": hint})
        return text

    @model_validator(mode="after")
    def _check_form(self) -> "Period":
        parts = {
            "half": self.half,
            "season": self.season,
            "quarter": self.quarter,
            "month": self.month,
        }
        given = [name for name, value in parts.items() if value is not None]
        if self.fiscal_year is None and self.year is None:
            hint = "add 'year: 1400' with 'calendar: jalali', 'year: 2024', or 'fiscal_year: 2024'"
            raise PydanticCustomError("period", "the period has no year", {"hint": hint})
        if self.fiscal_year is not None and (self.year is not None or given):
            others = ", ".join(["year"] * (self.year is not None) + given)
            message = "a fiscal year stands alone, and here it stands beside {others}"
            hint = "keep one of them"
            raise PydanticCustomError("period", message, {"others": others, "hint": hint})
        if self.fiscal_year is not None and self.calendar == "jalali":
            message = "fiscal years are Gregorian here"
            hint = "Iran's fiscal year is the Jalali year: write 'year' instead"
            raise PydanticCustomError("period", message, {"hint": hint})
        if len(given) > 1:
            message = "a period has one part of the year, and here are {given}"
            context = {"given": " and ".join(given), "hint": "keep one of them"}
            raise PydanticCustomError("period", message, context)
        return self

    def _months(self) -> tuple[int, int]:
        """Return the first month, and how many there are."""
        if self.half is not None:
            return 6 * self.half - 5, 6
        if self.quarter is not None:
            return 3 * self.quarter - 2, 3
        if self.month is not None:
            return self.month, 1
        if self.season is not None:
            first = 1 if self.calendar == "jalali" else 3
            return first + 3 * SEASONS.index(self.season), 3
        return 1, 12

    @property
    def start(self) -> date:
        """The first day, as a Gregorian date."""
        if self.fiscal_year is not None:
            return date.fromisoformat(f"{self.fiscal_year[:4]}-{self.starts}")
        return first_day(self.calendar, self.year or 0, self._months()[0])

    @property
    def end(self) -> date:
        """The last day (it belongs to the period), as a Gregorian date."""
        if self.fiscal_year is not None:
            return self.start.replace(year=self.start.year + 1) - timedelta(days=1)
        first, count = self._months()
        return first_day(self.calendar, self.year or 0, first + count) - timedelta(days=1)

    @property
    def slug(self) -> str:
        """The period's short name for files and commands; :func:`parse_period` reads it."""
        if self.fiscal_year is not None:
            usual = "04-01" if "-" in self.fiscal_year else "01-01"
            return f"fy{self.fiscal_year}" + (f"-{self.starts}" if self.starts != usual else "")
        if self.half is not None:
            return f"{self.year}-h{self.half}"
        if self.quarter is not None:
            return f"{self.year}-q{self.quarter}"
        if self.month is not None:
            return f"{self.year}-{self.month:02}"
        return f"{self.year}-{self.season}" if self.season else f"{self.year}"

    def contains(self, day: date) -> bool:
        """Tell whether a Gregorian date lies in the period."""
        return self.start <= day <= self.end

    def display(self, language: str) -> str:
        """Return the name for readers: ``Autumn 1400``, ``پاییز ۱۴۰۰``; a fiscal 2023–2024."""
        year = local_digits(str(self.year), language)
        if self.fiscal_year is not None:
            return local_digits(self.fiscal_year.replace("-", "–"), language)
        if self.half is not None:
            return translate(_HALVES[self.half - 1], language, year=year)
        if self.quarter is not None:
            return translate(_QUARTERS[self.quarter - 1], language, year=year)
        if self.month is not None:
            return f"{translate(MONTHS[self.calendar][self.month - 1], language)} {year}"
        return f"{translate(self.season.title(), language)} {year}" if self.season else year

    def __lt__(self, other: "Period") -> bool:
        """Order by start, then end; the slug and the number only make equal spans definite."""
        return self._order() < other._order()

    def _order(self) -> tuple[date, date, str, int]:
        return self.start, self.end, self.slug, self.number or 0


def _is_day_of_every_year(text: str) -> bool:
    try:
        date.fromisoformat(f"2001-{text}")  # no leap year, so 29 February is refused
    except ValueError:
        return False
    return _MONTH_AND_DAY.fullmatch(text) is not None  # ISO dates may also name a week


def parse_period(text: str) -> Period:
    """Read a period from its slug, in any digits: ``1400-autumn``, ``۱۴۰۰-پاییز``, ``fy2023-2024``.

    Raises:
        EgovrulesError: The text is no such period; the hint lists the accepted forms.
    """
    match = _SLUG.fullmatch(latin_digits(text).strip().lower())
    if not match:
        raise EgovrulesError.of(f"'{text}' is not a period", hint=_FORMS)
    fields: dict[str, object] = {name: value for name, value in match.groupdict().items() if value}
    for name in {"year", "half", "quarter", "month"} & fields.keys():
        fields[name] = int(str(fields[name]))
    if fields.get("year") in YEARS["jalali"]:
        fields["calendar"] = "jalali"
    if "season" in fields:
        fields["season"] = _season_names().get(name_key(str(fields["season"])), fields["season"])
    try:
        return Period.model_validate(fields)
    except ValidationError as error:
        found = error.errors()[0]
        reason = found["msg"]
        if found["type"] != "period":
            reason = f"there is no {found['loc'][0]} {found['input']}"
        raise EgovrulesError.of(f"'{text}' is not a period: {reason}", hint=_FORMS) from None


def _season_names() -> dict[str, Season]:
    return {name_key(translate(season.title(), "fa")): season for season in SEASONS}
