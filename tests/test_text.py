"""Text is checked against the decimal module, Unicode tables and lists written by hand."""

import os
import subprocess
import sys
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ConfigDict, TypeAdapter, ValidationError

from egovrules.text import (
    Localised,
    fill,
    format_date,
    format_number,
    latin_digits,
    name_key,
    persian_digits,
    persian_sort_key,
    pick,
    placeholders,
    translate,
)

FUZZ = int(os.environ.get("EGOVRULES_FUZZ", "1"))
BUDGET = settings(max_examples=150 * FUZZ, derandomize=True, deadline=None, database=None)
FINITE = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15)
LOCALISED = TypeAdapter(Localised, config=ConfigDict(strict=True))


# --- text in several languages ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "language", "expected"),
    [
        ("Total", "fa", "Total"),
        ({"en": "Total", "fa": "کل"}, "fa", "کل"),
        ({"en": "Total", "fa": "کل"}, "ko", "Total"),
        ({"ko": "총점", "fa": "کل"}, "de", "총점"),
        (None, "fa", "?"),
        ({}, "fa", "?"),
    ],
)
def test_pick_asked_language_then_english_then_the_first(value, language, expected):
    assert pick(value, language, "?") == expected


def test_titles_are_stripped_and_kept():
    assert LOCALISED.validate_python("  Total ") == "Total"
    assert LOCALISED.validate_json('{"en": " Total", "fa": "می\u200cشود"}') == {
        "en": "Total",
        "fa": "می\u200cشود",
    }
    assert LOCALISED.validate_python("x" * 500) == "x" * 500


ONE_LINE = "the text holds a line break or a control character"
REORDERS = "the text holds an invisible character that reorders the line"


@pytest.mark.parametrize(
    ("value", "where", "message"),
    [
        (5, (), "write text here, or one text per language, as {en: ..., fa: ...}"),
        (["a"], (), "write text here, or one text per language, as {en: ..., fa: ...}"),
        ("a\nb", ("text",), f"{ONE_LINE} (U+000A)"),
        ("a\x00b", ("text",), f"{ONE_LINE} (U+0000)"),
        ("a\u2028b", ("text",), f"{ONE_LINE} (U+2028)"),
        ("a\u202eb", ("text",), f"{REORDERS} (U+202E)"),
        ({"fa": "a\u2066b"}, ("languages", "fa"), f"{REORDERS} (U+2066)"),
        ({"EN": "a"}, ("languages", "EN", "[key]"), "'EN' is not a language code"),
        ({"engl": "a"}, ("languages", "engl", "[key]"), "'engl' is not a language code"),
    ],
)
def test_titles_refused(value, where, message):
    with pytest.raises(ValidationError) as caught:
        LOCALISED.validate_python(value)
    (found,) = caught.value.errors()
    assert (found["loc"], found["msg"]) == (where, message)


@pytest.mark.parametrize("value", ["", "  ", {}, {"en": ""}, "x" * 501, {"en": 5}])
def test_titles_of_wrong_length_or_type_refused(value):
    with pytest.raises(ValidationError):
        LOCALISED.validate_python(value)


def test_all_problems_of_a_title_at_once():
    with pytest.raises(ValidationError) as caught:
        LOCALISED.validate_python({"EN": "a", "fa": "a\tb", "ko": ""})
    assert caught.value.error_count() == 3


# --- messages --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{name} has {total}", "Justice has 48.23"),
        ("{unknown} {0} {} {{name}} {name", "{unknown} {0} {} {Justice} {name"),
        ("{name.__class__} {name[0]} {name!r} {total:.1f}",) * 2,
        ("{nested}", "{name}"),
        ("{count} on {day}, {none}, {flag}", "5,989 on 2021-09-23, –, yes"),
        ("{امتیاز} {نمره‌ی_کل}", "7 8"),
    ],
)
def test_fill(template, expected):
    values = {
        "name": "Justice",
        "total": 48.23456,
        "nested": "{name}",
        "count": 5989,
        "day": date(2021, 9, 23),
        "none": None,
        "flag": True,
        "امتیاز": 7,
        "نمره‌ی_کل": 8,
    }
    assert fill(template, values) == expected


def test_fill_shows_values_as_the_language_does():
    values = {"n": 1234.5, "d": date(2021, 9, 23), "f": False}
    assert fill("{n} {d} {f}", values, "fa") == "۱٬۲۳۴٫۵ ۱۴۰۰/۰۷/۰۱ خیر"


def test_placeholders():
    assert placeholders("{a} {b1} {a} {1} {c.d} {{e}}") == {"a", "b1", "e"}


@BUDGET
@given(st.text(alphabet="{}ab.!:[]0 ", max_size=30))
def test_fill_without_values_changes_nothing(template):
    assert fill(template, {}) == template


def test_translate_falls_back_to_english():
    assert translate("Autumn", "fa") == "پاییز"
    assert translate("Autumn", "en") == translate("Autumn", "ko") == "Autumn"
    assert translate("no such {thing}", "fa", thing=12) == "no such ۱۲"
    assert translate("{count} service", "fa", count=5989) == "۵٬۹۸۹ خدمت"
    assert translate("Autumn", "../fa") == "Autumn"
    assert translate("no", "fa") == "خیر"
    assert translate("", "fa") == ""  # under which gettext has the header


def test_messages_load_no_yaml_and_no_polars():
    code = (
        "import sys; from egovrules.text import translate; translate('Total', 'fa');"
        "costly = {'yaml', 'polars', 'narwhals', 'persiantools'} & set(sys.modules);"
        "sys.exit(', '.join(costly) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.strip()) == (0, "")


# --- digits and names ------------------------------------------------------------------------


def test_digits():
    assert latin_digits("۱٬۲۳۴٫۵٪ ٠٩ \u2212۳") == "1234.5% 09 -3"
    assert latin_digits("خدمت A1") == "خدمت A1"
    assert persian_digits("1400/07") == "۱۴۰۰/۰۷"


@BUDGET
@given(st.integers(min_value=0, max_value=10**30))
def test_digits_mean_the_number_that_python_reads(number):
    assert int(persian_digits(str(number))) == number
    assert latin_digits(persian_digits(str(number))) == str(number)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("سازمان ملي بهره‌وري", "سازمان ملی بهره وری"),
        ("وزارت كشور", "وزارت کشور"),
        ("ادارۀ كل", "اداره کل"),
        ("ادارهٔ کل", "اداره کل"),
        ("دائرة المعارف", "دائره المعارف"),
        ("محـــمّد", "محمد"),
        ("مُحَمَّد", "محمد"),
        ("\u200fسازمان\u00a0ثبت\u200e ", "سازمان ثبت"),
        ("\u202bسازمان\u202c   ثبت", "سازمان\tثبت"),
        ("منطقهٔ ۲۲", "منطقه 22"),
        ("Ministry of JUSTICE", "ministry  of justice"),
        ("Straße", "STRASSE"),
        ("Cafe\u0301", "Café"),
        ("ا\u0653ب", "آب"),
    ],
)
def test_spellings_of_one_name_match(first, second):
    assert name_key(first) == name_key(second)


@pytest.mark.parametrize(
    ("first", "second"), [("آب", "اب"), ("سازمان ثبت", "سازمانثبت"), ("نفت", "تفت"), ("", "ا")]
)
def test_different_names_do_not_match(first, second):
    assert name_key(first) != name_key(second)


PERSIAN_TEXT = st.text(
    alphabet="آابپيیىكکگةۀهـٔ\u064b\u0651\u0653\u06e4\u0301\u0345 \u200c\u200f\u00a0eÉ۲٢2"
)


@BUDGET
@given(st.one_of(st.text(), PERSIAN_TEXT))
def test_name_key_is_idempotent_and_ignores_marks(name):
    key = name_key(name)
    assert name_key(key) == key
    assert not set(key) & set("يىكۀةـ\u200c\u00a0\u200e\u200f\u0651\u064b")
    assert key == " ".join(key.split())
    assert name_key("\u200f" + name.replace(" ", " \u00a0") + "\u200c") == key


def test_name_key_is_idempotent_for_every_character_of_the_basic_plane():
    characters = [chr(code) for code in range(0x10000) if not 0xD800 <= code < 0xE000]
    assert [c for c in characters if name_key(name_key(f"a{c}b")) != name_key(f"a{c}b")] == []


def test_persian_alphabetical_order():
    # By hand, as the index of a Persian directory: آ before ا, ه before ی, Latin at the end.
    in_order = """۲ راه|آب|اب|ابر|بازار|پارس|تهران|چای|حج|دانش|راه‌آهن|راه شهر|راهبرد|ژاله|سازمان|
        شهر|کار|كارت|گاز|لار|مال|مؤسسه|مدرسه|نفت|ورزش|هنر|یزد|Bank|ministry"""
    names = [name.strip() for name in in_order.split("|")]
    assert sorted(sorted(names), key=persian_sort_key) == names
    assert sorted(names) != names


@BUDGET
@given(st.lists(st.one_of(st.text(max_size=5), PERSIAN_TEXT), max_size=6), st.randoms())
def test_sorting_does_not_depend_on_the_order_before(names, random):
    before = sorted(names, key=persian_sort_key)
    random.shuffle(names)
    assert sorted(names, key=persian_sort_key) == before


# --- numbers and dates -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "options", "english", "persian"),
    [
        (None, {}, "–", "–"),
        (float("nan"), {}, "–", "–"),
        (float("inf"), {"decimals": 1}, "–", "–"),
        (1234.5, {}, "1,234.5", "۱٬۲۳۴٫۵"),
        (5989, {}, "5,989", "۵٬۹۸۹"),
        (5989, {"decimals": 2}, "5,989.00", "۵٬۹۸۹٫۰۰"),
        (5.0, {}, "5", "۵"),
        (1e-7, {}, "0.0000001", "۰٫۰۰۰۰۰۰۱"),
        (0.5, {"decimals": 0}, "0", "۰"),
        (1.5, {"decimals": 0}, "2", "۲"),
        (2.5, {"decimals": 0}, "2", "۲"),
        (0.125, {"decimals": 2}, "0.12", "۰٫۱۲"),
        (2.675, {"decimals": 2}, "2.67", "۲٫۶۷"),  # the float lies below 2.675
        (-48.2, {"decimals": 1}, "-48.2", "\u200e\u2212۴۸٫۲"),
        (3.1, {"decimals": 1, "signed": True}, "+3.1", "\u200e+۳٫۱"),
        (-0.04, {"decimals": 1, "signed": True}, "0.0", "۰٫۰"),
        (0.04, {"decimals": 1, "signed": True}, "0.0", "۰٫۰"),
        (-0.0, {}, "0", "۰"),
        (2.7, {"decimals": 1, "percent": True}, "2.7%", "۲٫۷٪"),
        (10**400, {"decimals": 1}, f"{10**400:,}.0", None),
    ],
)
def test_format_number(value, options, english, persian):
    assert format_number(value, "en", **options) == english
    if persian is not None:
        assert format_number(value, "fa", **options) == persian


@BUDGET
@given(FINITE, st.integers(min_value=0, max_value=6))
def test_rounding_is_half_even_on_the_exact_decimal_value(value, decimals):
    exact = Decimal(value).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN)
    shown = format_number(value, "en", decimals)
    assert Decimal(shown.replace(",", "")) == exact
    assert len(shown.partition(".")[2]) == decimals


@BUDGET
@given(FINITE, st.none() | st.integers(min_value=0, max_value=6), st.booleans(), st.booleans())
def test_persian_shows_the_same_number(value, decimals, signed, percent):
    english, persian = (
        format_number(value, language, decimals, signed=signed, percent=percent)
        for language in ("en", "fa")
    )
    assert latin_digits(persian) == english.replace(",", "")


@BUDGET
@given(FINITE)
def test_shortest_form_reads_back_as_the_same_float(value):
    assert float(format_number(value, "en").replace(",", "")) == value


@pytest.mark.parametrize(
    ("day", "persian"),
    [
        ("2021-09-23", "۱۴۰۰/۰۷/۰۱"),
        ("2021-12-21", "۱۴۰۰/۰۹/۳۰"),
        ("2021-03-20", "۱۳۹۹/۱۲/۳۰"),
        ("2024-03-20", "۱۴۰۳/۰۱/۰۱"),
        ("2025-03-20", "۱۴۰۳/۱۲/۳۰"),
        ("2025-03-21", "۱۴۰۴/۰۱/۰۱"),
        ("1979-02-11", "۱۳۵۷/۱۱/۲۲"),
    ],
)
def test_format_date(day, persian):
    assert format_date(day, "fa") == format_date(date.fromisoformat(day), "fa") == persian
    assert format_date(day, "en") == format_date(date.fromisoformat(day), "en") == day


@BUDGET
@given(st.dates(min_value=date(1850, 1, 1), max_value=date(2200, 1, 1)))
def test_persian_dates_count_on_by_days(day):
    year, month, number = (int(part) for part in format_date(day, "fa").split("/"))
    following = [int(part) for part in format_date(day + timedelta(days=1), "fa").split("/")]
    ends = {31} if month <= 6 else {30} if month <= 11 else {29, 30}
    allowed = [[year, month, number + 1]] if number < max(ends) else []
    if number in ends:
        allowed.append([year + month // 12, month % 12 + 1, 1])
    assert following in allowed


def test_a_date_that_is_none_is_refused():
    with pytest.raises(ValueError, match="Invalid isoformat"):
        format_date("1400/07/01", "fa")
