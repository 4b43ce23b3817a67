"""The condition language against tables written by hand, and against DuckDB's SQL."""

import os
from collections import Counter
from datetime import date, timedelta
from itertools import chain

import duckdb
import narwhals as nw
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egovrules import _grammar, errors
from egovrules.conditions import ConditionError, Field, names, parse

FUZZ = int(os.environ.get("EGOVRULES_FUZZ", "1"))
KINDS = ("ministry", "organisation", "company")
FIELDS = {
    "visits": Field("number"),
    "done": Field("number"),
    "asked": Field("number"),
    "online": Field("boolean"),
    "is_main": Field("boolean"),
    "kind": Field("text", KINDS),
    "name": Field("text"),
    "opened": Field("date"),
    "closed": Field("date"),
    "مدت_انتظار": Field("number"),
    "نیمه\u200cباز": Field("boolean"),
}
ROWS = 400
FIRST_DAY, DAYS = date(2020, 2, 1), 60


@pytest.fixture(scope="module")
def frame():
    """400 rows with a fifth of nulls; whole numbers near the limit of their column, and zeros."""
    rng = np.random.default_rng(1400)

    def with_nulls(values):
        return [
            None if hole else value
            for value, hole in zip(values, rng.random(ROWS) < 0.2, strict=True)
        ]

    def days():
        return with_nulls([FIRST_DAY + timedelta(int(n)) for n in rng.integers(0, DAYS, ROWS)])

    def numbers(options):
        return with_nulls(rng.choice(options, ROWS).tolist())

    texts = [*KINDS, "it's", "تهران"]
    return pl.DataFrame(
        {
            "visits": pl.Series(numbers([0, 1, 2, 3, 100, 2_147_483_647]), dtype=pl.Int32),
            "done": pl.Series(numbers([0, -1, 5, 40, 9_000]), dtype=pl.Int64),
            "asked": pl.Series(numbers([0.0, -0.0, 0.1, 0.5, 1.0, 3.0, 70.25]), dtype=pl.Float64),
            "online": pl.Series(with_nulls((rng.random(ROWS) < 0.5).tolist()), dtype=pl.Boolean),
            "is_main": pl.Series(with_nulls((rng.random(ROWS) < 0.2).tolist()), dtype=pl.Boolean),
            "kind": pl.Series(with_nulls(rng.choice(KINDS, ROWS).tolist()), dtype=pl.String),
            "name": pl.Series(with_nulls(rng.choice(texts, ROWS).tolist()), dtype=pl.String),
            "opened": pl.Series(days(), dtype=pl.Date),
            "closed": pl.Series(days(), dtype=pl.Date),
            "مدت_انتظار": pl.Series(numbers([0, 3, 7]), dtype=pl.Int64),
            "نیمه\u200cباز": pl.Series(
                with_nulls((rng.random(ROWS) < 0.5).tolist()), dtype=pl.Boolean
            ),
        }
    )


def values(text, want="boolean", **columns):
    """Evaluate over one short table; its columns are lists."""
    table = nw.from_native(pl.DataFrame(columns, strict=False))
    return table.with_columns(r=parse(text, FIELDS, want=want).expression())["r"].to_list()


# --- what is refused, and how

DOTS = "a name has no dots, and a number starts with a digit (0.5)"
COMPARE = "compare it, as in visits > 0 or kind = 'ministry'"
DAY = "write a Gregorian date from 1800 on as 'YYYY-MM-DD'"
NUMBER = "at most 15 digits before and after one decimal point, no leading zeros or commas"
QUOTES = "text stands in quotes, numbers do not"
PATTERNS = "there are no patterns; list the values: in ('…', '…')"
IS_MISSING = "write 'x is missing'"


@pytest.mark.parametrize(
    ("text", "at", "message", "hint"),
    [
        ("", "", "the condition is empty", ""),
        ("  ", "  ", "the condition is empty", ""),
        # names
        ("visitss > 3", "visitss", "unknown field 'visitss'", "did you mean 'visits'?"),
        ("Visits > 3", "Visits", "unknown field 'Visits'", "did you mean 'visits'?"),
        ("a.b > 3", ".", "'.' is not known", DOTS),
        ("visits >= .5", ".", "'.' is not known", DOTS),
        (
            "online or نيمه\u200cباز",
            "نيمه\u200cباز",
            "unknown field 'نيمه\u200cباز'",
            "did you mean 'نیمه\u200cباز'? Some letters look alike, and are others",
        ),
        ("visits\u200c > 3", "\u200c", "U+200C is not known", "delete this invisible character"),
        (
            "visits >\u200f 3",
            "\u200f",
            "the invisible character U+200F is not allowed",
            "delete it",
        ),
        # other languages' habits
        ("!online", "!", "'!' is not known", "write 'not'"),
        ("online && is_main", "&&", "'&&' is not known", "write 'and'"),
        ("online & is_main", "&", "'&' is not known", "write 'and'"),
        ("online | is_main", "|", "'|' is not known", "write 'or'"),
        ("visits ** 2 > 1", "**", "'**' is not known", "there are no powers; write x * x"),
        ("visits ^ 2 > 1", "^", "'^' is not known", "there are no powers; write x * x"),
        ("visits => 3", "=>", "'=>' is not known", "write '>='"),
        ("visits ≥ 3", "≥", "'≥' is not known", "write '>='"),
        ("visits = 50%", "%", "'%' is not known", "write 50 for 50 %"),
        ("name = “x”", "“", "'“' is not known", "text stands in straight quotes: 'text'"),
        ("online; is_main", ";", "';' is not known", ""),
        ("kind like 'a%'", "like", "'like' cannot follow here", PATTERNS),
        ("online و is_main", "و", "'و' cannot follow here", "write 'and'"),
        (
            "max(visits) = 2",
            "max",
            "there are no functions, so no 'max(…)'",
            "compare fields, with + - * /; other calculations belong in a criterion",
        ),
        (
            "online is true",
            "true",
            "'missing' is expected, not 'true'",
            "'is' asks only for 'missing'; write x, not x, or =",
        ),
        ("visits = null", "null", "a field or a value is expected, not 'null'", IS_MISSING),
        (
            "visits in (1, missing)",
            "missing",
            "a field or a value is expected, not 'missing'",
            IS_MISSING,
        ),
        ("visits not = 3", "=", "'in' or 'between' is expected, not '='", "or write '!='"),
        # comparisons in a row
        (
            "0 < visits < 5",
            "0 < visits < 5",
            "comparisons cannot be chained",
            "write 0 < visits and visits < 5",
        ),
        (
            "online and 1 <= visits + 1 == done",
            "1 <= visits + 1 == done",
            "comparisons cannot be chained",
            "write 1 <= visits + 1 and visits + 1 = done",
        ),
        # what is missing or too much
        ("online and visits <=", "", "a field or a value is expected, not the end", ""),
        ("(online or (is_main)", "", "')' is expected, not the end", ""),
        ("online)", ")", "')' cannot follow here", "close as many brackets as you open"),
        (
            "online is_main",
            "is_main",
            "'is_main' cannot follow here",
            "join two conditions with 'and' or 'or'",
        ),
        ("visits between 1", "", "'and' is expected, not the end", ""),
        ("visits in ()", ")", "a field or a value is expected, not ')'", ""),
        ("visits in 3", "3", "'(' is expected, not '3'", ""),
        ("visits in (1 + 1)", "+", "')' is expected, not '+'", ""),
        ("visits in (-done)", "-done", "a list holds plain values only", ""),
        (
            "kind in (ministry)",
            "ministry",
            "a list holds plain values only",
            "text stands in quotes: 'ministry'",
        ),
        (
            "name = 'open",
            "'open",
            "the text is not closed",
            "end the text with the same quote, on the same line",
        ),
        # types
        ("visits", "visits", "true or false is expected; 'visits' is a number", COMPARE),
        ("online and visits", "visits", "'and' takes conditions; 'visits' is a number", COMPARE),
        ("not kind", "kind", "'not' takes conditions; 'kind' is text", COMPARE),
        ("kind < 'ministry'", "kind", "'<' compares numbers and dates; 'kind' is text", ""),
        ("visits < '3'", "'3'", "'<' compares numbers and dates; '3' is text", QUOTES),
        ("visits + '3' > 1", "'3'", "'+' calculates with numbers; '3' is text", QUOTES),
        ("3 > kind", "kind", "'>' compares numbers and dates; 'kind' is text", ""),
        (
            "online >= true",
            "online",
            "'>=' compares numbers and dates; 'online' is true or false",
            "",
        ),
        (
            "name between 'a' and 'b'",
            "name",
            "'between' compares numbers and dates; 'name' is text",
            "",
        ),
        ("visits * 2 - kind > 3", "kind", "'-' calculates with numbers; 'kind' is text", ""),
        ("-online", "online", "'-' calculates with numbers; 'online' is true or false", ""),
        (
            "visits = '3'",
            "'3'",
            "two types cannot be compared: 'visits' is a number, '3' is text",
            QUOTES,
        ),
        (
            "3 = kind",
            "kind",
            "two types cannot be compared: 3 is a number, 'kind' is text",
            QUOTES,
        ),
        (
            "opened > 2021",
            "2021",
            "two types cannot be compared: 'opened' is a date, 2021 is a number",
            "write a date as 'YYYY-MM-DD'",
        ),
        (
            "visits = true",
            "true",
            "two types cannot be compared: 'visits' is a number, true is true or false",
            "",
        ),
        # values
        (
            "kind = 'minstry'",
            "'minstry'",
            "'minstry' is not a value of 'kind'",
            "did you mean 'ministry'?",
        ),
        (
            "'minstry' != kind",
            "'minstry'",
            "'minstry' is not a value of 'kind'",
            "did you mean 'ministry'?",
        ),
        (
            "kind not in ('company', 'x')",
            "'x'",
            "'x' is not a value of 'kind'",
            "known: company, ministry, organisation",
        ),
        *(
            (f"opened > '{day}'", f"'{day}'", f"'{day}' is not a date", DAY)
            for day in (
                "2021-02-29",
                "2021/03/21",
                "1700-01-01",
                "2021-2-3",
                "20210203",
                "2021-W01-1",
                "",
            )
        ),
        *(
            (
                f"opened > '{day}'",
                f"'{day}'",
                f"'{day}' is not a date",
                f"dates are Gregorian here: write '{gregorian}'",
            )
            for day, gregorian in (  # 31 Ordibehesht is a day of the Jalali calendar
                ("1400-07-01", "2021-09-23"),
                ("1400-02-31", "2021-05-21"),
                ("1399-12-30", "2021-03-20"),
                ("۱۴۰۰/۱/۱", "2021-03-21"),
            )
        ),
        *(
            (
                f"opened > '{day}'",
                f"'{day}'",
                f"'{day}' is not a date",
                f"the Jalali calendar has no such day; {DAY}",
            )
            for day in ("1400-11-31", "1400-12-30", "1400-13-01", "1400-00-10", "1400-07-00")
        ),
        *(
            (
                f"opened > {day}",
                day,
                f"{day} stands without quotes",
                f"write '{day}' if it is a date, and spaces between numbers if it is none",
            )
            for day in ("2021-03-21", "2021-10-21", "1400/07/01", "۱۴۰۰-۰۷-۰۱")
        ),
        *(
            (
                f"visits > {number}",
                number,
                f"'{number}' is not a number",
                NUMBER,
            )
            for number in (
                "1e5",
                "007",
                "1.",
                "1.2.3",
                "1_000",
                "9" * 16,
                "0." + "1" * 16,
                "3x",
                "۱٬۰۰۰",
            )
        ),
    ],
)
def test_refused(text, at, message, hint):
    with pytest.raises(ConditionError) as caught:
        parse(text, FIELDS)
    error = caught.value
    assert (error.message, error.hint, text[error.start : error.end]) == (message, hint, at)
    assert str(error) == (f"{message} ({hint})" if hint else message)
    if not at.strip():
        assert error.end == len(text)


@pytest.mark.parametrize(
    ("text", "word", "hint"),
    [
        ("kind = ministry", "ministry", "text stands in quotes: 'ministry'"),  # one of its values
        ("kind = bank", "bank", "text stands in quotes: 'bank'; known: kind"),
    ],
)
def test_a_bare_word_is_taken_for_a_text_without_quotes(text, word, hint):
    with pytest.raises(ConditionError) as caught:
        parse(text, {"kind": FIELDS["kind"]})
    assert (caught.value.message, caught.value.hint) == (f"unknown field '{word}'", hint)


def test_numbers_with_spaces_between_are_no_date():
    assert values("visits = 2021 - 10 - 21", visits=[1990, 2021]) == [True, False]
    assert values("visits = 2020 / 10/2", visits=[101]) == [True]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("not online", "not online"),
        ("visits in (1, 2)", "visits in (1, 2)"),
        ("visits is missing", "visits is missing"),
        ("(online) + 1", "(online)"),
        ("kind = -5", "-5"),
    ],
)
def test_what_is_pointed_at_is_the_whole_part(text, part):
    with pytest.raises(ConditionError) as caught:
        parse(text, FIELDS, want="number")
    assert text[caught.value.start : caught.value.end] == part


def test_a_list_begins_with_a_value():
    with pytest.raises(ConditionError, match="a field or a value is expected, not ','"):
        parse("visits in (, 1)", FIELDS)


def test_the_first_day_that_is_read():
    assert parse("opened >= '1800-01-01'", FIELDS).fields == {"opened"}


def test_true_and_false_count_among_the_values():
    with pytest.raises(ConditionError, match="more than 200 fields and values"):
        parse("visits in (" + "1," * 160 + "true," * 40 + "1)", FIELDS)


def test_place_is_exact_among_equal_words():
    with pytest.raises(ConditionError) as caught:
        parse("visits > 1 and visits", FIELDS)
    assert (caught.value.start, caught.value.end) == (15, 21)


# --- what is accepted


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("online AND NOT is_main Or done Is Missing", "online and not is_main or done is missing"),
        ("visits == 3", "visits = 3"),
        ("visits <> 3", "visits != 3"),
        ("visits is not null", "not (visits is missing)"),
        ("visits >= ۳٫۵ and done < ٤", "visits >= 3.5 and done < 4"),
        ('kind = "ministry"', "kind = 'ministry'"),
        ("visits not in (1, -2.5)", "not (visits = 1 or visits = -2.5)"),
        ("visits\n  > 3\n\tand\u00a0online", "visits > 3 and online"),
        ("'2020-03-01' <= opened", "opened >= '2020-03-01'"),
        ("opened in ('2020-02-29', '2020-03-01')", "opened between '2020-02-29' and '2020-03-01'"),
        ("نیمه\u200cباز or مدت_انتظار > ۳٫۵", "not (not نیمه\u200cباز and not مدت_انتظار > 3.5)"),
        # precedence
        ("online or is_main and visits > 1", "online or (is_main and visits > 1)"),
        ("not online and is_main", "(not online) and is_main"),
        ("not visits = 1", "not (visits = 1)"),
        ("not visits between 1 and 2 and online", "(not (visits between 1 and 2)) and online"),
        ("visits - done - asked > 1", "(visits - done) - asked > 1"),
        ("done / asked * 2 > 1", "(done / asked) * 2 > 1"),
        ("visits + done * 2 > 3", "visits + (done * 2) > 3"),
        ("-visits + done > 3", "(-visits) + done > 3"),
        ("online = true", "online"),
        ("online = (visits > 1)", "online and visits > 1 or not online and not visits > 1"),
        ("true and online", "online"),
        ("online = false", "not online"),
    ],
)
def test_two_spellings_of_one_condition(text, same, frame):
    table = nw.from_native(frame).with_columns(
        a=parse(text, FIELDS).expression(), b=parse(same, FIELDS).expression()
    )
    assert table["a"].to_list() == table["b"].to_list()
    assert {True, False} <= set(table["a"].to_list())


def test_what_a_condition_says_of_itself():
    condition = parse("online and visits / done > 0.5", FIELDS)
    assert (condition.text, condition.type) == ("online and visits / done > 0.5", "boolean")
    assert condition.fields == {"online", "visits", "done"}
    assert condition == parse(condition.text, FIELDS)
    assert names("online and visits / nothing > 0.5 or kind = 3") == {
        "online",
        "visits",
        "nothing",
        "kind",
    }
    with pytest.raises(ConditionError, match="expected, not the end"):
        names("online and")


@pytest.mark.parametrize(
    ("text", "of_type"),
    [("visits * 2", "number"), ("online", "boolean"), ("name", "text"), ("opened", "date")],
)
def test_type_of_the_result(text, of_type):
    assert parse(text, FIELDS, want=None).type == of_type
    assert parse(text, FIELDS, want=of_type).type == of_type
    other = "boolean" if of_type == "number" else "number"
    with pytest.raises(ConditionError, match="is expected; "):
        parse(text, FIELDS, want=other)


def test_a_date_alone():
    assert values("'2021-03-21'", want="date", online=[True]) == [date(2021, 3, 21)]
    with pytest.raises(ConditionError, match="is not a date"):
        parse("'yesterday'", FIELDS, want="date")


def test_columns_of_another_name():
    table = nw.from_native(pl.DataFrame({"v": [1, 5], "online": [True, True]}))
    condition = parse("visits > 3 and online", FIELDS)
    assert table.with_columns(r=condition.expression({"visits": "v"}))["r"].to_list() == [
        False,
        True,
    ]


@pytest.mark.parametrize("text", ["1 < 2", "true", "'a' = 'a' or 1 / 0 > 1", "1 in (1, 2)"])
def test_constants_hold_on_every_row(text):
    assert values(text, visits=[1, 2, 3]) == [True, True, True]


# --- three-valued logic

T, F, U = True, False, None


@pytest.mark.parametrize(
    ("word", "table"),
    [
        ("and", {(T, T): T, (T, F): F, (T, U): U, (F, F): F, (F, U): F, (U, U): U}),
        ("or", {(T, T): T, (T, F): T, (T, U): T, (F, F): F, (F, U): U, (U, U): U}),
        ("=", {(T, T): T, (T, F): F, (T, U): U, (F, F): T, (F, U): U, (U, U): U}),
    ],
)
def test_truth_table(word, table):
    for (left, right), expected in table.items():
        assert values(f"online {word} is_main", online=[left], is_main=[right]) == [expected]
        assert values(f"online {word} is_main", online=[right], is_main=[left]) == [expected]


def test_not_in_and_missing():
    assert values("not online", online=[T, F, U]) == [F, T, U]
    assert values("visits in (1, 2)", visits=[1, 3, None]) == [T, F, U]
    assert values("visits not in (1, 2)", visits=[1, 3, None]) == [F, T, U]
    assert values("visits between 1 and 2", visits=[1, 3, None]) == [T, F, U]
    assert values("visits is missing", visits=[1, None]) == [F, T]
    assert values("(online and is_main) is missing", online=[U, U], is_main=[T, F]) == [T, F]


def test_division_by_zero_is_unknown():
    assert values("visits / done", "number", visits=[0, 1, 1, None], done=[0, 0, 4, 1]) == [
        None,
        None,
        0.25,
        None,
    ]
    assert values("visits / 0 > 1 or visits = 1", visits=[1, 2]) == [T, U]
    assert values("1 / (1 / visits)", "number", visits=[0, 4]) == [None, 4.0]
    assert values("visits / done is missing", visits=[1, 1], done=[0, 1]) == [T, F]


@pytest.mark.parametrize("engine", ["eager", "lazy", "duckdb"])
def test_division_by_a_constant_is_exact(engine):
    """Polars may multiply by 1 / 100 instead, and 57 * 0.01 is not 0.57."""
    table = pl.DataFrame({"done": [57, 57, None]})
    lazy = table.lazy() if engine == "lazy" else duckdb.from_arrow(table.to_arrow())
    native = table if engine == "eager" else lazy
    for text in ("done / 100 = 0.57", "done / (40 + 60) = 0.57", "2 * done / 100 / 2 = 0.57"):
        expression = parse(text, FIELDS).expression()
        found = nw.from_native(native).with_columns(r=expression).lazy().collect("polars")
        assert found["r"].to_list() == [True, True, None]


def test_numbers_neither_wrap_nor_overflow():
    assert values(
        "visits * visits + 1", "number", visits=pl.Series([2**31 - 1], dtype=pl.Int32)
    ) == [(2.0**31 - 1) ** 2 + 1]
    huge = pl.Series([1e200, 1.0])
    assert values("asked * asked", "number", asked=huge) == [None, 1.0]
    assert values("1 / (asked * asked)", "number", asked=huge) == [None, 1.0]
    assert values("asked * asked - asked * asked = 0", asked=huge) == [None, True]


# --- limits


def test_limits():
    assert parse("online" + " " * 994, FIELDS)
    assert parse(" or ".join(["1=1"] * 100), FIELDS)
    assert parse(" or ".join(["(not (online))"] * 40), FIELDS)
    for text, message, start in (
        ("online" + " " * 995, "1,001 characters are too long; at most 1,000 are read", 1_000),
        ("1" + "+1" * 200, "more than 200 fields and values", 400),
        ("(" * 17 + "online" + ")" * 17, "more than 16 levels of nesting", 16),
        ("not " * 17 + "online", "more than 16 levels of nesting", 64),
        ("- " * 17 + "visits", "more than 16 levels of nesting", 32),
    ):
        with pytest.raises(ConditionError) as caught:
            parse(text, FIELDS)
        assert (caught.value.message, caught.value.start) == (message, start)
    assert parse("(" * 16 + "online" + ")" * 16, FIELDS)


# The worst that was found for each part of the parser; the last is the work that is allowed.
WORST = {
    "10 MB of letters": ("a" * 10_000_000, 0),
    "10 MB of brackets": ("(" * 10_000_000, 0),
    "10 MB of quotes": ("'" * 10_000_000, 0),
    "an unseen mark at the end": ("a " * 499 + "\u200f", 0),
    "brackets": ("(" * 1_000, 1_000),
    "nots": ("not " * 250, 250),
    "minus signs": ("-" * 1_000, 1_000),
    "terms": ("+".join("1" * 500), 401),
    "a name": ("a" * 1_000, 1),
    "a name with joiners": ("a\u200c" * 499 + "a", 1),
    "a name with accents": ("a" + "\u0301" * 999, 1),
    "quotes": ("'" * 999, 2),
    "an open text": ("'" + "a" * 999, 1),
    "digits": ("1" * 1_000, 1),
    "digits and points": ("1." * 500, 1),
    "half a date": ("1000-1" * 166, 400),
    "signs": ("<" * 1_000, 1_000),
    "spaces": ("a" + " " * 998 + "a", 2),
}


@pytest.mark.parametrize(("text", "work"), WORST.values(), ids=WORST)
def test_the_work_is_bounded(monkeypatch, text, work):
    """Time is measured elsewhere; here, how often a token is made and a part is nested."""
    made, nested = [], []
    token, deeper = _grammar._token, _grammar._Parser.nested
    monkeypatch.setattr(_grammar, "_token", lambda match: made.append(1) or token(match))
    monkeypatch.setattr(
        _grammar._Parser, "nested", lambda *parts: nested.append(1) or deeper(*parts)
    )
    with pytest.raises(ConditionError):
        parse(text, FIELDS)
    assert len(made) <= work
    assert len(nested) <= 17


@pytest.mark.parametrize(("length", "count"), [(20, 1_000), (60, 100), (101, 10)])
@pytest.mark.parametrize("what", ["names", "values"])
def test_the_nearest_name_is_sought_only_where_that_is_quick(monkeypatch, length, count, what):
    """To compare a hundred long names would take longer than everything else."""
    sought = []
    monkeypatch.setattr(
        errors, "get_close_matches", lambda word, _, n: sought.append(word) or [][:n]
    )
    for several in (count // 10, count):
        known = tuple(f"{'f' * (length - 4)}{number:04}" for number in range(several))
        fields = {"a": Field("text", known), **dict.fromkeys(known, Field("number"))}
        word = "g" * length
        sought.clear()
        with pytest.raises(ConditionError):
            parse(f"a = '{word}'" if what == "values" else f"{word} > 1", fields)
        quick = length * length * several <= 500_000 and length <= 100
        assert (word in sought) == quick


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_long_and_deep_conditions_run(engine):
    fields = {"a": Field("number"), "b": Field("boolean")}
    table = pl.DataFrame({"a": [1.0, 0.0], "b": [False, False]})
    native = table.lazy() if engine == "polars" else duckdb.from_arrow(table.to_arrow())
    texts = {
        "or": "not b or " + " or ".join(["b"] * 190),
        "and": " and ".join(["a=1"] * 99),
        "sum": "+".join(["a"] * 199) + " = 199",
        "quotient": "/".join(["a"] * 199) + " = 1",
        "nested": "1/(a+" * 16 + "1" + ")" * 16 + " > 0",
        "divided": "1/(" * 16 + "a" + ")" * 16 + " = 1",
        "nots": "not " * 16 + "a = 1",
    }
    built = {name: parse(text, fields).expression() for name, text in texts.items()}
    result = nw.from_native(native).with_columns(**built).select(*built).collect("polars")
    assert result.to_native().rows() == [
        (True,) + (True,) * 6,
        (True, False, False, None, True, None, False),
    ]


# --- DuckDB's SQL as oracle
#
# A random expression is one tree, written out twice: in our language with as few brackets as
# precedence allows, and in SQL with all of them. Neither way goes through our parser.

NUMBERS, BOOLEANS, DATES = ("visits", "done", "asked"), ("online", "is_main"), ("opened", "closed")
TEXTS = (*KINDS, "it's", "تهران", "")
LEVELS = {"or": 1, "and": 2, "not": 3, "test": 4, "+": 5, "-": 5, "*": 6, "/": 6, "minus": 7}


class Maker:
    """Random typed trees: (kind, operands...), leaves as ('leaf', ours, sql)."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)

    def one(self, options):
        return options[self.rng.integers(len(options))]

    def chance(self, share):
        return self.rng.random() < share

    def number_leaf(self):
        value = self.one(["0", "1", "2", "3", "0.5", "100", "70.25", "9000", "2147483647"])
        persian = value.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
        return ("leaf", persian if self.chance(0.1) else value, f"CAST('{value}' AS DOUBLE)")

    def number(self, depth):
        if depth == 0 or self.chance(0.35):
            if self.chance(0.3):
                return self.number_leaf()
            name = self.one(NUMBERS)
            return ("leaf", name, f"CAST({name} AS DOUBLE)")
        if self.chance(0.1):
            return ("minus", self.number(depth - 1))
        return (self.one("+-*/"), self.number(depth - 1), self.number(depth - 1))

    def date(self):
        if self.chance(0.5):
            name = self.one(DATES)
            return ("leaf", name, name)
        return self.day()

    def day(self):
        day = f"'{FIRST_DAY + timedelta(int(self.rng.integers(DAYS)))}'"
        return ("leaf", day, f"DATE {day}")

    def text(self, name, literal_only=False):
        if not literal_only and self.chance(0.3):
            return ("leaf", name, name)
        value = self.one(KINDS if name == "kind" else TEXTS)
        sql = "'" + value.replace("'", "''") + "'"
        return ("leaf", f'"{value}"' if self.chance(0.3) else sql, sql)

    def comparison(self, depth):
        sign = self.one(["=", "!=", "<", "<=", ">", ">="])
        if self.chance(0.6):
            return (sign, self.number(depth), self.number(depth))
        if self.chance(0.4):
            name = self.one(DATES)
            return (sign, ("leaf", name, name), self.date())
        equal = self.one(["=", "!="])
        if self.chance(0.3):
            return (equal, self.boolean(depth), self.boolean(depth))
        name = self.one(["kind", "name"])
        pair = [("leaf", name, name), self.text(name)]
        return (equal, *(pair if self.chance(0.5) else pair[::-1]))

    def listed(self, depth):
        count = int(self.rng.integers(1, 4))
        if self.chance(0.4):
            name = self.one(["kind", "name"])
            return ("in", ("leaf", name, name), *(self.text(name, True) for _ in range(count)))
        if self.chance(0.3):
            name = self.one(DATES)
            return ("in", ("leaf", name, name), *(self.day() for _ in range(count)))
        return ("in", self.number(depth), *(self.number_leaf() for _ in range(count)))

    def boolean(self, depth):
        if depth == 0 or self.chance(0.1):
            name = self.one([*BOOLEANS, *BOOLEANS, "true", "false"])
            return ("leaf", name, name)
        simple = [self.listed, self.between, self.missing, self.negation]
        make = self.one([*[self.comparison] * 4, *simple, *[self.joined] * 3])
        return make(depth - 1)

    def between(self, depth):
        if self.chance(0.3):
            name = self.one(DATES)
            return ("between", ("leaf", name, name), self.date(), self.date())
        return ("between", *(self.number(depth) for _ in range(3)))

    def missing(self, depth):
        return ("missing", self.one([self.number, self.boolean])(depth))

    def negation(self, depth):
        return ("not", self.boolean(depth))

    def joined(self, depth):
        count = int(self.rng.integers(2, 5))
        return (self.one(["and", "or"]), *(self.boolean(depth) for _ in range(count)))


def sql(tree):
    kind = tree[0]
    if kind == "leaf":
        return tree[2]
    parts = [sql(part) for part in tree[1:]]
    if kind in ("and", "or"):
        return "(" + f" {kind} ".join(parts) + ")"
    if kind == "in":
        return f"({parts[0]} IN ({', '.join(parts[1:])}))"
    forms = {
        "not": "(NOT {0})",
        "missing": "({0} IS NULL)",
        "between": "({0} BETWEEN {1} AND {2})",
        "minus": "(- {0})",
        "/": "({0} / nullif({1}, 0))",
    }
    return forms.get(kind, "({0} " + kind + " {1})").format(*parts)


def ours(tree, above=0):
    """Write *tree*, in brackets only if it binds less than the level *above* asks."""
    kind = tree[0]
    if kind == "leaf":
        return tree[1]
    level = LEVELS.get(kind, LEVELS["test"])
    if kind in ("and", "or"):
        text = f" {kind} ".join(ours(part, level + 1) for part in tree[1:])
    elif kind in LEVELS and len(tree) == 3:
        text = f"{ours(tree[1], level)} {kind} {ours(tree[2], level + 1)}"
    elif kind in ("not", "minus"):
        text = {"not": "not ", "minus": "-"}[kind] + ours(tree[1], level)
    else:
        parts = [ours(part, LEVELS["test"] + 1) for part in tree[1:]]
        forms = {"missing": "{0} is missing", "between": "{0} between {1} and {2}"}
        if kind == "in":
            text = f"{parts[0]} in ({', '.join(parts[1:])})"
        else:
            text = forms.get(kind, "{0} " + kind + " {1}").format(*parts)
    return f"({text})" if level < above else text


def random_texts(seed, count, *, want="boolean"):
    """Return *count* pairs of our text and SQL that lie within the limits."""
    maker, pairs = Maker(seed), {}
    while len(pairs) < count:
        tree = maker.boolean(4) if want == "boolean" else maker.number(4)
        text = ours(tree)
        if len(text) <= 1_000:
            pairs[text] = sql(tree)
    return list(pairs.items())


def kinds_in(tree):
    yield tree[0]
    for part in tree[1:] if tree[0] != "leaf" else ():
        yield from kinds_in(part)


def check_against_sql(frame, pairs, want, ways):
    """Compare in batches of one query each, on every one of the *ways* to run ours.

    Returns how often each value came out, over all expressions and rows.
    """
    relation = duckdb.from_arrow(frame.to_arrow())
    natives = {"eager": frame, "lazy": frame.lazy(), "duckdb": relation}
    outcomes = Counter()
    for start in range(0, len(pairs), 50):
        batch = {f"e{n}": pair for n, pair in enumerate(pairs[start : start + 50])}
        theirs = relation.project(", ".join(f"{s} AS {n}" for n, (_, s) in batch.items())).pl()
        built = {n: parse(text, FIELDS, want=want).expression() for n, (text, _) in batch.items()}
        for way in ways:
            table = nw.from_native(natives[way]).with_columns(**built).select(*built).lazy()
            mine = table.collect("polars").to_native()
            unlike = [
                (way, *batch[name])
                for name in built
                if not mine[name].equals(theirs[name], null_equal=True)
            ]
            assert unlike == []
            assert mine.height == ROWS
        if want == "boolean":
            for name in built:
                outcomes.update(mine[name].to_list())
    return outcomes


def test_the_table_has_every_case(frame):
    """A fifth of every column is null, and a sixth of what is divided by is zero."""
    assert frame.height == 400
    for name in FIELDS:
        assert 0.1 < frame[name].null_count() / ROWS < 0.3
    for name in NUMBERS:
        assert (frame[name] == 0).sum() / ROWS > 0.1
    whole = frame.drop_nulls(list(NUMBERS))
    found = nw.from_native(whole).with_columns(
        r=parse("1 / visits", FIELDS, want=None).expression()
    )
    assert found["r"].is_null().sum() == (whole["visits"] == 0).sum() > 20


def test_random_conditions_have_every_part():
    maker = Maker(1)
    trees = [maker.boolean(4) for _ in range(3_000)]
    kinds = Counter(kind for tree in trees for kind in set(kinds_in(tree)))
    parts = ("and", "or", "not", "in", "between", "missing", "minus", *"+-*/")
    assert min(kinds[kind] for kind in (*parts, "=", "!=", "<", "<=", ">", ">=")) > 150
    written = " ".join(ours(tree) for tree in trees)
    for name in (*NUMBERS, *BOOLEANS, *DATES, "kind", "name", "'ministry'", "'2020-0"):
        assert written.count(name) > 100


def test_random_conditions_equal_sql(frame):
    outcomes = check_against_sql(frame, random_texts(1, 3_000 * FUZZ), "boolean", ["eager"])
    assert outcomes.total() == 3_000 * FUZZ * ROWS
    assert min(outcomes[value] for value in (True, False, None)) > 0.15 * outcomes.total()


def test_random_conditions_equal_sql_on_every_engine(frame):
    check_against_sql(frame, random_texts(2, 200 * FUZZ), "boolean", ["eager", "lazy", "duckdb"])


def test_random_calculations_equal_sql_on_every_engine(frame):
    pairs = random_texts(3, 150 * FUZZ, want="number")
    check_against_sql(frame, pairs, "number", ["eager", "lazy", "duckdb"])


# --- anything at all may be typed


def check_answer(text):
    """Either an error with a place and a message, or a condition that compiles."""
    try:
        condition = parse(text, FIELDS, want=None)
    except ConditionError as caught:
        error = caught
    else:
        condition.expression()
        assert condition.fields == names(text)
        return True
    assert error.message
    assert 0 <= error.start <= error.end <= len(text)
    assert error.start < error.end or error.end == len(text)
    return False


WORDS = [
    *(" and ", " or ", " not ", " in ", " is ", " between ", " missing ", "true", "null"),
    *("visits", "online", "kind", "opened", "nothing", "'ministry'", "'2021-03-21'", '"', "'"),
    *("1", "0", "۳", "٫", "1.5", "99999999999999999", *"()()+-*/<>=!,.", "<=", "!=", "**"),
    *(" ", "\t", "\n", "é", "이", "\u200c", "\u200f", "\x00", "\ud800", "&&", "{", "#", "--"),
]


def joined_words(rng, count):
    for length in rng.integers(1, 12, count):
        yield "".join(WORDS[n] for n in rng.integers(0, len(WORDS), length))


def broken_conditions(rng, count):
    """Sound conditions, of which a few characters are left out, doubled or exchanged."""
    sound = [text for text, _ in random_texts(8, 300) if len(text) < 200]
    for number in range(count):
        text = sound[number % len(sound)]
        start, other = rng.integers(len(text), size=2)
        length = int(rng.integers(1, 4))
        middle = ("", text[other : other + length], WORDS[other % len(WORDS)])[number % 3]
        yield text[:start] + middle + text[start + length :]


def test_fuzz_of_100_000_strings():
    rng = np.random.default_rng(7)
    words, broken = joined_words(rng, 85_000 * FUZZ), broken_conditions(rng, 15_000 * FUZZ)
    answers = Counter(check_answer(text) for text in chain(words, broken))
    assert answers.total() >= 100_000 * FUZZ
    assert answers[True] > 2_000 * FUZZ


@settings(max_examples=300 * FUZZ, derandomize=True, deadline=None)
@given(st.text(max_size=60))
def test_fuzz_of_any_text(text):
    check_answer(text)


@settings(max_examples=100 * FUZZ, derandomize=True, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=30))
def test_quoted_text_is_read_back(text):
    for quote in "'\"":
        written = quote + text.replace(quote, quote * 2) + quote
        assert values(f"name = {written}", name=[text, text + "x"]) == [True, False]


@settings(max_examples=100 * FUZZ, derandomize=True, deadline=None)
@given(st.decimals(0, 10**14, allow_nan=False, places=3), st.sampled_from(["0٠", "0۰"]))
def test_numbers_are_read_in_three_scripts(number, zeros):
    written = str(number).translate({ord("0") + n: chr(ord(zeros[1]) + n) for n in range(10)})
    for text in (str(number), written, written.replace(".", "٫")):
        assert values(f"-{text}", "number", visits=[1]) == [-float(number)]
