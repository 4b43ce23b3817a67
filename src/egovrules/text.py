"""Languages, digits, names and the display of numbers and dates.

A language is a code of two or three letters. English is the source of every message and the
fallback of every text. A language is one more catalogue in ``locale``, compiled as gettext reads
it; Persian has digits and a calendar besides.
"""

import math
import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, StringConstraints, Tag, WithJsonSchema
from pydantic_core import PydanticCustomError

LANGUAGES = ("en", "fa")  # that results hold messages in; views may speak others: `languages`
LOCALE = Path(__file__).with_name("locale")
_RIGHT_TO_LEFT = frozenset({"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
NO_VALUE = "–"  # what a table shows where there is no number

# --- text in one or several languages --------------------------------------------------------


def _check_language(code: str) -> str:
    if not re.fullmatch("[a-z]{2,3}", code):
        message = "'{code}' is not a language code"
        hint = "use two or three small letters: en, fa"
        raise PydanticCustomError("language", message, {"code": code, "hint": hint})
    return code


def _check_characters(text: str) -> str:
    for character in text:
        context = {"code": f"U+{ord(character):04X}"}
        # These reorder what stands around them, so a title could show as something else.
        if "\u202a" <= character <= "\u202e" or "\u2066" <= character <= "\u2069":
            context["hint"] = "delete it; text of the other direction needs no mark in a title"
            message = "the text holds an invisible character that reorders the line ({code})"
            raise PydanticCustomError("characters", message, context)
        if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}:
            context["hint"] = "write the text on one line, without tabs"
            message = "the text holds a line break or a control character ({code})"
            raise PydanticCustomError("characters", message, context)
    return text


def _form(value: Any) -> str | None:
    """Tell pydantic which form was typed, so that it reports the problems of that form only."""
    if isinstance(value, str):
        return "text"
    return "languages" if isinstance(value, dict) else None


LanguageCode = Annotated[
    str,
    AfterValidator(_check_language),
    WithJsonSchema({"type": "string", "pattern": "^[a-z]{2,3}$"}),
]
Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500),
    AfterValidator(_check_characters),
]
# One text, or one per language: {en: Total, fa: کل}. A pydantic field type, strict or not.
Localised = Annotated[
    Annotated[Text, Tag("text")]
    | Annotated[dict[LanguageCode, Text], Field(min_length=1), Tag("languages")],
    Discriminator(
        _form,
        custom_error_type="localised",
        custom_error_message="write text here, or one text per language, as {en: ..., fa: ...}",
    ),
]


def pick(text: Localised | Mapping[str, str] | None, language: str, default: str = "") -> str:
    """Return *text* in *language*, else in English, else in the first language that it has."""
    if not text:
        return default
    if isinstance(text, str):
        return text
    return text.get(language) or text.get("en") or next(iter(text.values()))


# --- messages --------------------------------------------------------------------------------

# {name}, in any script; ZWNJ joins the parts of a Persian name. Nothing else is a placeholder:
# no attributes, indices or formats, because templates come from rulesets that others wrote.
_PLACEHOLDER = re.compile(r"\{([^\W\d][\w\u200c]*)\}")


def placeholders(template: str) -> frozenset[str]:
    """Return the names that *template* has between braces."""
    return frozenset(_PLACEHOLDER.findall(template))


def fill(template: str, values: Mapping[str, object], language: str = "en") -> str:
    """Put *values* into the ``{name}`` placeholders of *template*.

    Text is put in as it is; numbers (at most two decimals, digits grouped) and dates are shown
    as the language does, so pass a year or a code as text; None is shown as a dash. A placeholder
    without a value stays as typed, and braces inside values are not looked at again.
    """

    def shown(match: re.Match[str]) -> str:
        name = match[1]
        return _show(values[name], language) if name in values else match[0]

    return _PLACEHOLDER.sub(shown, template)


def _show(value: object, language: str) -> str:
    if isinstance(value, bool):
        return translate("yes" if value else "no", language)
    if value is None or isinstance(value, int | float):
        return format_number(value if value is None else round(value, 2), language)
    if isinstance(value, date):
        return format_date(value, language)
    return str(value)


def translate(message: str, language: str, **values: object) -> str:
    """Return the English *message* in *language*, filled as :func:`fill` does.

    The English message is the key, as in gettext; without an entry it is shown in English.
    """
    known = _catalogue(language).gettext(message) if message else ""  # "" is the header's key
    return fill(known, values, language)


def languages() -> tuple[str, ...]:
    """Return the codes of the languages that views can be shown in: English, then the others."""
    return ("en", *sorted(path.parts[-3] for path in LOCALE.glob("*/LC_MESSAGES/egovrules.mo")))


@lru_cache(maxsize=16)
def _catalogue(language: str) -> NullTranslations:
    """Read the catalogue of a language; that of English and of unknown languages is empty."""
    path = LOCALE / language / "LC_MESSAGES" / "egovrules.mo"
    if not re.fullmatch("[a-z]{2,3}", language) or not path.is_file():
        return NullTranslations()
    with path.open("rb") as file:
        return GNUTranslations(file)


def direction(language: str) -> Literal["ltr", "rtl"]:
    """Tell which way a language is written, as the attribute ``dir`` of HTML does."""
    return "rtl" if language in _RIGHT_TO_LEFT else "ltr"


# --- digits and names ------------------------------------------------------------------------

_LATIN, _PERSIAN, _ARABIC = "0123456789", "۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩"

# How a number as people type it reads in plain Latin characters. The last line holds direction
# marks, which travel unseen with a number that was pasted from a right-to-left page.
DIGITS: Mapping[str, str] = MappingProxyType(
    dict(zip(_PERSIAN + _ARABIC, _LATIN * 2, strict=True))
    | {"٫": ".", "٬": "", "٪": "%", "\u2212": "-"}
    | dict.fromkeys("\u200e\u200f\u061c", "")
)
_TO_LATIN = str.maketrans(dict(DIGITS))
_TO_PERSIAN = str.maketrans(_LATIN, _PERSIAN)


def latin_digits(text: str) -> str:
    """Return *text* with Persian and Arabic digits and number signs in Latin: ۱٬۲۳۴٫۵ is 1234.5."""
    return text.translate(_TO_LATIN)


def persian_digits(text: str) -> str:
    """Return *text* with the digits 0-9 as ۰-۹."""
    return text.translate(_TO_PERSIAN)


def local_digits(text: str, language: str) -> str:
    """Return *text* with its digits as *language* writes them."""
    return persian_digits(text) if language == "fa" else text


_HARAKAT = "".join(
    chr(code)
    for start, stop in ((0x610, 0x61B), (0x64B, 0x660), (0x6D6, 0x6EE))
    for code in range(start, stop)
    if unicodedata.combining(chr(code))
)
_DIRECTION = "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_SAME_IN_NAMES = str.maketrans(
    {"ي": "ی", "ى": "ی", "ك": "ک", "ۀ": "ه", "ة": "ه"}
    | dict(zip(_PERSIAN + _ARABIC, _LATIN * 2, strict=True))
    | {"\u200c": " ", "\u200b": " ", "\u200d": "", "\u0640": "", "\u0670": "", "\ufeff": ""}
    | dict.fromkeys(_HARAKAT + _DIRECTION, "")
)


def name_key(name: str) -> str:
    """Return the key by which two spellings of one name match. Applying it twice changes nothing.

    Arabic letters become Persian, digits Latin; harakat, tatweel and direction marks are dropped;
    ZWNJ and every other space become one space; case is folded. For matching, never for display.
    """
    letters = unicodedata.normalize("NFC", name).translate(_SAME_IN_NAMES)
    # Unicode 3.13 D145: case folds reliably on decomposed text only.
    folded = unicodedata.normalize("NFD", letters).casefold()
    return " ".join(unicodedata.normalize("NFC", folded).split())


# The order of the Unicode CLDR for `fa`: آ before ا, every carrier of hamza as ء, ه before ی.
_ALPHABET = "آاءبپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"
_ORDER = {character: place for place, character in enumerate(_LATIN + _ALPHABET, start=1)}
_CARRIERS = str.maketrans(dict.fromkeys("أإؤئ", "ء") | {"ٱ": "ا"})


def persian_sort_key(name: str) -> tuple[tuple[int, ...], str]:
    """Return the key that sorts names as a Persian index does: word by word.

    Spaces and punctuation come first, then digits, the Persian alphabet, and all other letters
    (Latin among them) by code point. Names that differ only in spelling are ordered by it.
    """
    places = tuple(
        _ORDER.get(character, 100 + ord(character)) if character.isalnum() else 0
        for character in name_key(name).translate(_CARRIERS)
    )
    return places, name


# --- numbers and dates -----------------------------------------------------------------------

# As in the Unicode CLDR. The Persian signs bear a left-to-right mark: without it the sign moves
# to the wrong end of the number in a right-to-left line.
_PERSIAN_SIGNS = str.maketrans(
    {",": "٬", ".": "٫", "%": "٪", "-": "\u200e\u2212", "+": "\u200e+"}
    | dict(zip(_LATIN, _PERSIAN, strict=True))
)


def local_number(printed: str, language: str) -> str:
    """Return a number that was printed in English as *language* writes it: digits and signs."""
    return printed.translate(_PERSIAN_SIGNS) if language == "fa" else printed


def format_number(
    value: float | None,
    language: str,
    decimals: int | None = None,
    *,
    signed: bool = False,
    percent: bool = False,
) -> str:
    """Show a number: ``1,234.5`` in English, ``۱٬۲۳۴٫۵`` in Persian.

    Args:
        value: The number; None, NaN and infinities are shown as a dash.
        language: ``fa`` for Persian; every other language is shown as English.
        decimals: Decimals to show. Ties round to even on the exact value of the float, in all
            languages alike. None shows the shortest text that reads back as the same number.
        signed: Show ``+`` before positive numbers. Zero, also after rounding, has no sign.
        percent: Add the per cent sign; the value is in per cent already (2.7 shows as 2.7%).

    Returns:
        The text, in Persian with the minus sign U+2212 where English has a hyphen.
    """
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return NO_VALUE
    if isinstance(value, int):  # not by way of a float, which would lose digits of a large one
        text = f"{value:,}" + (f".{'0' * decimals}" if decimals else "")
    elif decimals is not None:
        text = f"{value:,.{decimals}f}"
    else:
        text = f"{Decimal(repr(value)):,f}".removesuffix(".0")
    if not text.strip("-0.,"):
        text = text.removeprefix("-")
    elif signed and value > 0:
        text = f"+{text}"
    if percent:
        text = f"{text}%"
    return local_number(text, language)


def format_date(day: str | date, language: str) -> str:
    """Show a date (or ISO text of one): 2021-09-23 in English, the Jalali ۱۴۰۰/۰۷/۰۱ in Persian.

    Raises:
        ValueError: The text is no ISO date, or a Persian date lies before 622-03-22.
    """
    day = date.fromisoformat(day) if isinstance(day, str) else date(day.year, day.month, day.day)
    if language != "fa":
        return day.isoformat()
    jalali = import_module("persiantools.jdatetime").JalaliDate(day)  # only Persian pays for it
    return persian_digits(f"{jalali.year:04}/{jalali.month:02}/{jalali.day:02}")
