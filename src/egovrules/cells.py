"""What a cell of text means, once it is known what it is needed for.

All functions take and give Polars expressions, so a column is read at once. A cell that cannot be
read becomes null; comparing with the text tells which ones these are.
"""

import polars as pl

from egovrules.fields import FieldType
from egovrules.model import AnswerStatus
from egovrules.text import DIGITS, name_key

EARLIEST_YEAR = 1800  # a year before it is a Jalali one that was taken for Gregorian

# Why there is no value, as a cell may say it; `valid` says nothing.
STATUSES: tuple[str, ...] = tuple(one.value for one in AnswerStatus if one != AnswerStatus.VALID)

_YES = ("true", "yes", "y", "1", "بله", "بلی", "آری")
_NO = ("false", "no", "n", "0", "خیر", "نه")
BOOLEANS = {**dict.fromkeys(_YES, True), **dict.fromkeys(_NO, False)}

# Digits and signs in Latin; unlike in `text`, the thousands mark stays one, to be checked.
_LATIN = {**DIGITS, "٬": ",", "\u00a0": " ", "\u202f": " ", "\u200c": ""}
_LETTERS = {"ي": "ی", "ى": "ی", "ك": "ک", "\u200c": "", "\u0640": ""}

_SIMPLE = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?|\.[0-9]+"
_NUMBER = rf"^(?:%\s*)?[+-]?(?:{_SIMPLE})(?:[eE][+-]?[0-9]{{1,3}})?$"
_PERCENT = rf"^[+-]?(?:{_SIMPLE})\s*%$"


def expected(kind: FieldType) -> str:
    """Say what a cell of a type must hold, for a message."""
    return {
        "number": "a number",
        "boolean": "yes or no",
        "date": "a Gregorian date (YYYY-MM-DD)",
        "text": "text",
    }[kind]


def read(text: pl.Expr, kind: FieldType) -> pl.Expr:
    """Read stripped text as a type; null where it is none."""
    if kind == "number":
        return number(text)
    if kind == "boolean":
        return boolean(text)
    return date(text) if kind == "date" else text


def latin(text: pl.Expr) -> pl.Expr:
    """Turn Persian and Arabic digits and number signs to Latin."""
    return text.str.replace_many(list(_LATIN), list(_LATIN.values()))


def number(text: pl.Expr) -> pl.Expr:
    """Read numbers: ``1,234.5``, ``۱٬۲۳۴٫۵``, ``1e6``; ``12%`` is 12.

    Thousands are separated in groups of three or not at all, and decimals by a point. ``NaN`` and
    infinities are no numbers.
    """
    plain = latin(text)
    is_number = plain.str.contains(_NUMBER) | plain.str.contains(_PERCENT)
    digits = plain.str.replace_all(",", "", literal=True).str.strip_chars("% ")
    value = digits.cast(pl.Float64, strict=False)
    return pl.when(is_number & value.is_finite()).then(value)


def boolean(text: pl.Expr) -> pl.Expr:
    """Read yes and no: ``true yes y 1 بله بلی`` and ``false no n 0 خیر نه``, in any case."""
    plain = latin(text).str.replace_many(list(_LETTERS), list(_LETTERS.values()))
    return plain.str.to_lowercase().replace_strict(BOOLEANS, default=None, return_dtype=pl.Boolean)


def date(text: pl.Expr) -> pl.Expr:
    """Read ISO dates, with or without midnight, as Excel gives them. Jalali dates are refused."""
    plain = latin(text).str.extract(
        r"^([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[ T]00:00(?::00(?:\.0+)?)?)?$"
    )
    day = plain.str.to_date("%Y-%m-%d", strict=False)
    return pl.when(day.dt.year() >= EARLIEST_YEAR).then(day)


def year(text: pl.Expr) -> pl.Expr:
    """Read the year in which a period ends: ``2022``, ``2021-2022`` and ``2021-22`` are 2022."""
    plain = latin(text)
    whole = plain.str.extract(r"(?:^|[^0-9])([0-9]{4})$").cast(pl.Float64, strict=False)
    pair = r"^([0-9]{4})\s*[-–/]\s*([0-9]{2})$"
    first = plain.str.extract(pair, 1).cast(pl.Float64, strict=False)
    second = plain.str.extract(pair, 2).cast(pl.Float64, strict=False)
    century = (first / 100).floor() * 100
    turned = pl.when(century + second < first).then(century + 100).otherwise(century)
    return pl.coalesce(whole, turned + second)


def status(text: pl.Expr) -> pl.Expr:
    """Return the status that a cell holds in place of a value, else null."""
    word = text.str.to_lowercase()
    return pl.when(word.is_in(STATUSES)).then(word)


def fold(value: str, values: tuple[str, ...]) -> str | None:
    """Find a value of a closed list in another spelling: case, Arabic letters, digits, spaces."""
    if value in values:
        return value
    keys = {_key(one): one for one in values}
    return keys.get(_key(value))


def _key(value: str) -> str:
    return name_key(value).replace(" ", "_").replace("-", "_")
