"""Cells of text against Python's own reading of them, and against DuckDB."""

import datetime as dt
import os
import re

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egovrules import cells
from egovrules.model import AnswerStatus
from egovrules.text import format_number

BUDGET = 200 * int(os.environ.get("EGOVRULES_FUZZ", "1"))
SLOWLY = settings(max_examples=BUDGET, deadline=None, derandomize=True, database=None)


def read(function, *texts):
    return pl.DataFrame({"t": list(texts)}).select(function(pl.col("t")).alias("v"))["v"].to_list()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12), ("007", 7), ("-3.5", -3.5), ("+4", 4), (".5", 0.5), ("1e3", 1000),
        ("1,234", 1234), ("12,345,678.9", 12345678.9), ("۱٬۲۳۴٫۵", 1234.5), ("٣٫٥", 3.5),
        ("۱۲٪", 12), ("12 %", 12), ("٪۱۲", 12), ("\u22123", -3), ("۱۲\u200e", 12),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(text, value):
    assert read(cells.number, text) == [value]


@pytest.mark.parametrize(
    "text",
    ["1,23", "12,34,567", "1,234,5", ",123", "1.2.3", "12,5", "nan", "NaN", "inf", "-Infinity",
     "1e999", "0x1F", "1_000", "5.", "1 234", "one", "%", "-", "%5%", "1e5%", "--1", ""],
)  # fmt: skip
def test_what_is_no_number(text):
    assert read(cells.number, text) == [None]


@SLOWLY
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
def test_every_float_is_read_back_exactly(values):
    assert read(cells.number, *map(repr, values)) == values


@SLOWLY
@given(st.integers(-(10**15), 10**15), st.sampled_from(["en", "fa"]))
def test_a_number_that_we_show_is_read_back(value, language):
    assert read(cells.number, format_number(value, language)) == [value]


@SLOWLY
@given(st.lists(st.text("0123456789.,-+e% ", max_size=9), min_size=1, max_size=30))
def test_numbers_are_those_of_a_plain_reading(texts):
    def plain(text):
        body = (
            text.removesuffix("%").rstrip()
            if text.endswith("%")
            else text.removeprefix("%").lstrip()
        )
        if text.endswith("%") and "e" in text:
            return None
        if not re.fullmatch(r"[+-]?(\d{1,3}(,\d{3})+|\d*)(\.\d+)?(e[+-]?\d{1,3})?", body):
            return None
        try:
            value = float(body.replace(",", ""))
        except ValueError:
            return None
        return value if abs(value) != float("inf") else None

    texts = [text.strip() for text in texts]
    assert read(cells.number, *texts) == [plain(text) for text in texts]


def test_booleans():
    yes = ["true", "TRUE", "Yes", "y", "1", "۱", "بله", "بلي", "بلی", "آری"]
    no = ["false", "No", "N", "0", "٠", "خیر", "خير", "نه"]
    assert read(cells.boolean, *yes, *no) == [True] * len(yes) + [False] * len(no)
    assert read(cells.boolean, "maybe", "2", "on", "", "truee") == [None] * 5


@SLOWLY
@given(st.lists(st.dates(dt.date(1800, 1, 1)), min_size=1, max_size=10))
def test_dates_are_read_back(days):
    assert read(cells.date, *(day.isoformat() for day in days)) == days
    assert read(cells.date, *(f"{day} 00:00:00" for day in days)) == days


def test_what_is_no_date():
    wrong = ["2024-02-30", "1400-07-01", "24-01-01", "2024/01/01", "2024-1-1", "2024-01-01 10:00"]
    assert read(cells.date, *wrong) == [None] * len(wrong)
    assert read(cells.date, "۲۰۲۴-۰۲-۲۹") == [dt.date(2024, 2, 29)]


def test_years_are_those_in_which_a_period_ends():
    texts = ["2022", "2021-2022", "2021-22", "1999-00", "2021/22", "2021–2022", "۲۰۲۱-۲۰۲۲"]
    assert read(cells.year, *texts) == [2022, 2022, 2022, 2000, 2022, 2022, 2022]
    assert read(cells.year, "22", "20212", "soon", "2021-2", None) == [None] * 5


def test_numbers_are_read_as_duckdb_reads_them():
    texts = ["1", "-2.5", "1e3", ".5", "x", "1.5e-3", "00012", "+7"]
    rows = duckdb.execute("select try_cast(unnest(?) as double)", [texts]).fetchall()
    assert read(cells.number, *texts) == [value for (value,) in rows]


def test_statuses_are_those_of_an_answer_but_valid():
    words = [status.value for status in AnswerStatus]
    assert read(cells.status, *words) == [None if word == "valid" else word for word in words]
    assert read(cells.status, "Refused", "refuse", "12") == ["refused", None, None]


def test_values_of_a_closed_list_are_found_in_other_spellings():
    values = ("not_applicable", "online", "کتبی")
    assert [cells.fold(text, values) for text in values] == list(values)
    assert cells.fold("Not Applicable", values) == "not_applicable"
    assert cells.fold("ONLINE", values) == "online"
    assert cells.fold("كتبي", values) == "کتبی"
    assert cells.fold("onlin", values) is None
