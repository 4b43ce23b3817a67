"""Periods are checked against published calendar dates, persiantools, and laws of calendars."""

import os
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from persiantools.jdatetime import JalaliDate
from pydantic import ValidationError

from egovrules.calendars import MONTHS, SEASONS, YEARS
from egovrules.errors import EgovrulesError
from egovrules.periods import Period, parse_period

FUZZ = int(os.environ.get("EGOVRULES_FUZZ", "1"))
BUDGET = settings(max_examples=150 * FUZZ, derandomize=True, deadline=None, database=None)
DAY = timedelta(days=1)

JALALI_YEARS = st.integers(YEARS["jalali"][0], YEARS["jalali"][-1])
GREGORIAN_YEARS = st.integers(YEARS["gregorian"][0], YEARS["gregorian"][-1])
YEAR = st.one_of(
    JALALI_YEARS.map(lambda year: {"calendar": "jalali", "year": year}),
    GREGORIAN_YEARS.map(lambda year: {"year": year}),
)
PART = st.one_of(
    st.just({}),
    st.integers(1, 2).map(lambda half: {"half": half}),
    st.integers(1, 4).map(lambda quarter: {"quarter": quarter}),
    st.integers(1, 12).map(lambda month: {"month": month}),
    st.sampled_from(SEASONS).map(lambda season: {"season": season}),
)
STARTS = st.dates(date(2001, 1, 2), date(2001, 12, 31)).map(lambda day: f"{day:%m-%d}")
FISCAL = st.one_of(
    GREGORIAN_YEARS.map(lambda year: {"fiscal_year": year}),
    st.builds(
        lambda year, starts: {"fiscal_year": f"{year}-{year + 1}", "starts": starts},
        GREGORIAN_YEARS,
        STARTS,
    ),
    st.builds(
        lambda year, starts: {"fiscal_year": f"{year}", "starts": starts}, GREGORIAN_YEARS, STARTS
    ),
)
PERIODS = st.one_of(
    st.builds(lambda year, part: Period.model_validate(year | part), YEAR, PART),
    FISCAL.map(Period.model_validate),
)


@pytest.mark.parametrize(
    ("fields", "start", "end"),
    [
        # 1 Farvardin as published by the calendar centre of the University of Tehran.
        ({"calendar": "jalali", "year": 1399}, "2020-03-20", "2021-03-20"),
        ({"calendar": "jalali", "year": 1400}, "2021-03-21", "2022-03-20"),
        ({"calendar": "jalali", "year": 1401}, "2022-03-21", "2023-03-20"),
        ({"calendar": "jalali", "year": 1402}, "2023-03-21", "2024-03-19"),
        ({"calendar": "jalali", "year": 1403}, "2024-03-20", "2025-03-20"),
        ({"calendar": "jalali", "year": 1400, "season": "autumn"}, "2021-09-23", "2021-12-21"),
        ({"calendar": "jalali", "year": 1400, "season": "spring"}, "2021-03-21", "2021-06-21"),
        ({"calendar": "jalali", "year": 1404, "half": 1}, "2025-03-21", "2025-09-22"),
        ({"calendar": "jalali", "year": 1403, "month": 12}, "2025-02-19", "2025-03-20"),
        ({"year": 2024}, "2024-01-01", "2024-12-31"),
        ({"year": 2024, "month": 2}, "2024-02-01", "2024-02-29"),
        ({"year": 2100, "month": 2}, "2100-02-01", "2100-02-28"),
        ({"year": 2024, "quarter": 3}, "2024-07-01", "2024-09-30"),
        ({"year": 2024, "half": 2}, "2024-07-01", "2024-12-31"),
        ({"year": 2023, "season": "winter"}, "2023-12-01", "2024-02-29"),
        ({"year": 2024, "season": "spring"}, "2024-03-01", "2024-05-31"),
        ({"fiscal_year": "2023-2024", "starts": "04-01"}, "2023-04-01", "2024-03-31"),
        ({"fiscal_year": "2023-2024"}, "2023-04-01", "2024-03-31"),
        ({"fiscal_year": "2023–2024", "starts": "07-01"}, "2023-07-01", "2024-06-30"),
        ({"fiscal_year": 2024}, "2024-01-01", "2024-12-31"),
        ({"fiscal_year": "2024", "starts": "10-01"}, "2024-10-01", "2025-09-30"),
    ],
)
def test_first_and_last_day(fields, start, end):
    period = Period.model_validate(fields)
    assert (f"{period.start}", f"{period.end}") == (start, end)
    assert period.contains(period.start)
    assert period.contains(period.end)
    assert not period.contains(period.start - DAY)
    assert not period.contains(period.end + DAY)


@BUDGET
@given(JALALI_YEARS, st.integers(1, 12))
def test_jalali_months_agree_with_persiantools(year, month):
    period = Period(calendar="jalali", year=year, month=month)
    first, last, after = (JalaliDate(day) for day in (period.start, period.end, period.end + DAY))
    assert (first.year, first.month, first.day) == (year, month, 1)
    assert (last.year, last.month) == (year, month)
    assert after.day == 1


@BUDGET
@given(YEAR)
def test_parts_tile_the_year(year):
    whole = Period.model_validate(year)
    kinds = {"half": range(1, 3), "quarter": range(1, 5), "month": range(1, 13), "season": SEASONS}
    for kind, values in kinds.items():
        parts = [Period.model_validate(year | {kind: value}) for value in values]
        assert all(left.end + DAY == right.start for left, right in pairwise(parts))
        assert parts == sorted(parts)
        if kind == "season" and whole.calendar == "gregorian":
            assert parts[0].start == date(whole.year, 3, 1)
            assert parts[-1].end + DAY == date(whole.year + 1, 3, 1)
        else:
            assert (parts[0].start, parts[-1].end) == (whole.start, whole.end)


@BUDGET
@given(PERIODS)
def test_slugs_round_trip(period):
    assert parse_period(period.slug) == period
    assert Period.model_validate_json(period.model_dump_json()) == period


@BUDGET
@given(st.lists(PERIODS, max_size=6), st.randoms())
def test_order_is_total_and_by_start_then_end(periods, random):
    in_order = sorted(periods)
    random.shuffle(periods)
    assert sorted(periods) == in_order
    spans = [(period.start, period.end) for period in in_order]
    assert spans == sorted(spans)
    for left in periods:
        for right in periods:
            assert (left < right) + (left == right) + (left > right) == 1
            assert (left <= right) == (not right < left)


@pytest.mark.parametrize(
    ("fields", "slug", "english", "persian"),
    [
        ({"calendar": "jalali", "year": 1400}, "1400", "1400", "۱۴۰۰"),
        (
            {"calendar": "jalali", "year": 1400, "season": "autumn"},
            "1400-autumn",
            "Autumn 1400",
            "پاییز ۱۴۰۰",
        ),
        (
            {"calendar": "jalali", "year": 1404, "half": 1},
            "1404-h1",
            "First half of 1404",
            "نیمهٔ نخست ۱۴۰۴",
        ),
        ({"calendar": "jalali", "year": 1400, "month": 7}, "1400-07", "Mehr 1400", "مهر ۱۴۰۰"),
        ({"year": 2024, "month": 7}, "2024-07", "July 2024", "ژوئیه ۲۰۲۴"),
        (
            {"year": 2024, "quarter": 3},
            "2024-q3",
            "Third quarter of 2024",
            "سه‌ماههٔ سوم ۲۰۲۴",
        ),
        ({"fiscal_year": "2023-2024"}, "fy2023-2024", "2023–2024", "۲۰۲۳–۲۰۲۴"),
        (
            {"fiscal_year": "2023-2024", "starts": "07-01"},
            "fy2023-2024-07-01",
            "2023–2024",
            "۲۰۲۳–۲۰۲۴",
        ),
        ({"fiscal_year": 2024}, "fy2024", "2024", "۲۰۲۴"),
    ],
)
def test_names(fields, slug, english, persian):
    period = Period.model_validate(fields)
    assert (period.slug, period.display("en"), period.display("fa")) == (slug, english, persian)


def test_every_season_and_month_has_a_persian_name():
    for calendar, year in (("jalali", 1400), ("gregorian", 2024)):
        parts = [{"season": season} for season in SEASONS]
        parts += [{"month": month} for month in range(1, 13)]
        for part in parts:
            shown = Period.model_validate({"calendar": calendar, "year": year} | part).display("fa")
            assert not shown.isascii()
            assert not any(character.isascii() and character != " " for character in shown), shown
    assert all(len(names) == len(set(names)) == 12 for names in MONTHS.values())


@pytest.mark.parametrize(
    ("typed", "slug"),
    [
        ("۱۴۰۰-پاییز", "1400-autumn"),
        ("1400-پاييز", "1400-autumn"),
        (" 1400-Autumn ", "1400-autumn"),
        ("۱۴۰۰-۷", "1400-07"),
        ("1400-H2", "1400-h2"),
        ("FY2023-2024-04-01", "fy2023-2024"),
    ],
)
def test_parse_what_people_type(typed, slug):
    assert parse_period(typed).slug == slug


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("autumn", "'autumn' is not a period"),
        ("", "'' is not a period"),
        ("14٠٠-०७", "'14٠٠-०७' is not a period"),
        ("1400-13", "'1400-13' is not a period: there is no month 13"),
        ("1400-h3", "'1400-h3' is not a period: there is no half 3"),
        ("1400-autum", "'1400-autum' is not a period: there is no season autum"),
        (
            "1650",
            "'1650' is not a period: 1650 is not a year of the Gregorian calendar that can be used",
        ),
        ("fy2023-2025", "'fy2023-2025' is not a period: '2023-2025' is not a fiscal year"),
        ("fy2024-02-29", "'fy2024-02-29' is not a period: '02-29' is not a month and a day"),
    ],
)
def test_parse_refuses_and_lists_the_forms(typed, message):
    with pytest.raises(EgovrulesError) as caught:
        parse_period(typed)
    (problem,) = caught.value.problems
    assert problem.message == message
    for form in ("1400-autumn", "1400-پاییز", "1400-h2", "1400-q3", "1400-07", "fy2023-2024"):
        assert form in problem.hint


@settings(BUDGET, max_examples=400 * FUZZ)
@given(
    st.one_of(
        st.text(max_size=12),
        st.text(alphabet="0123456789-fyhqW۰۱۴autmn", max_size=16),
        st.from_regex(r"\A(fy)?\d{4}(-\w{1,6}){0,3}\Z"),
    )
)
def test_parse_raises_nothing_but_its_own_error(typed):
    try:
        period = parse_period(typed)
    except EgovrulesError:
        return
    assert period.start <= period.end
    assert parse_period(period.slug) == period


@pytest.mark.parametrize(
    ("fields", "message", "hint"),
    [
        (
            {},
            "the period has no year",
            "add 'year: 1400' with 'calendar: jalali', 'year: 2024', or 'fiscal_year: 2024'",
        ),
        (
            {"year": 1400},
            "1400 is not a year of the Gregorian calendar that can be used",
            "for a Jalali year write 'calendar: jalali'",
        ),
        (
            {"calendar": "jalali", "year": 99},
            "99 is not a year of the Jalali calendar that can be used",
            "write a year from 1200 to 1600",
        ),
        (
            {"year": 2024, "half": 1, "season": "autumn"},
            "a period has one part of the year, and here are half and season",
            "keep one of them",
        ),
        (
            {"year": 2024, "fiscal_year": 2024, "month": 2},
            "a fiscal year stands alone, and here it stands beside year, month",
            "keep one of them",
        ),
        (
            {"calendar": "jalali", "fiscal_year": 2024},
            "fiscal years are Gregorian here",
            "Iran's fiscal year is the Jalali year: write 'year' instead",
        ),
        (
            {"fiscal_year": "2023-24"},
            "'2023-24' is not a fiscal year",
            "write 2023-2024 (two years that follow each other) or 2024",
        ),
        (
            {"fiscal_year": "2024", "starts": "4-1"},
            "'4-1' is not a month and a day",
            "write month-day, such as '04-01' for 1 April",
        ),
        (
            {"fiscal_year": "2024", "starts": "W01"},
            "'W01' is not a month and a day",
            "write month-day, such as '04-01' for 1 April",
        ),
        (
            {"year": 2024, "starts": "04-01"},
            "'starts' says when a fiscal year starts, and there is none",
            "add fiscal_year, or remove this",
        ),
        (
            {"fiscal_year": "2023-2024", "starts": "01-01"},
            "a fiscal year that starts on 1 January lies in one year, '2023-2024' names two",
            "write fiscal_year: 2023, or the day on which it starts",
        ),
    ],
)
def test_refused_with_advice(fields, message, hint):
    with pytest.raises(ValidationError) as caught:
        Period.model_validate(fields)
    (found,) = caught.value.errors()
    assert (found["type"], found["msg"], found["ctx"]["hint"]) == ("period", message, hint)


@pytest.mark.parametrize(
    "wrong",
    [
        {"year": "2024"},
        {"year": 2024.0},
        {"year": True},
        {"year": 2024, "half": 3},
        {"year": 2024, "month": 0},
        {"year": 2024, "season": "fall"},
        {"year": 2024, "calendar": "hijri"},
        {"year": 2024, "number": 0},
        {"year": 2024, "week": 3},
        {"fiscal_year": True},
    ],
)
def test_wrong_types_ranges_and_keys_refused(wrong):
    with pytest.raises(ValidationError):
        Period.model_validate(wrong)


def test_the_round_number_does_not_move_a_period_but_tells_it_apart():
    plain = Period(calendar="jalali", year=1400, season="autumn")
    numbered = Period(calendar="jalali", year=1400, season="autumn", number=8)
    assert plain != numbered
    assert plain.slug == numbered.slug
    assert plain < numbered < Period(calendar="jalali", year=1400, season="winter")
    with pytest.raises(ValidationError):
        numbered.number = 9
