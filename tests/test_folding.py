"""Which answer counts, what it replaces, and how far declarations are from audits, row by row."""

from datetime import date

import polars as pl
import pytest

from egovrules.conditions import Field, parse
from egovrules.folding import answered, declaration_gaps, effective, fold_children
from egovrules.readers.common import ROW

KINDS = {
    "subject": pl.String,
    "indicator": pl.String,
    "value": pl.String,
    "status": pl.String,
    "source": pl.String,
    "date": pl.Date,
    ROW: pl.Int64,
}
OLD, NEW = date(2024, 1, 1), date(2024, 5, 1)


def ledger(*rows):
    """Return answers; each is subject, value, status, source and day, in the order of the file."""
    table = pl.DataFrame(
        [(subject, "v", *rest, row) for row, (subject, *rest) in enumerate(rows, 2)],
        schema=KINDS,
        orient="row",
    )
    return table.reverse()  # a table need not come in the order of its rows


def test_the_highest_source_counts_then_the_last_day_then_the_last_row():
    answers = ledger(
        ("1", "a", "valid", "appealed", OLD),
        ("1", "b", "valid", "audited", NEW),
        ("2", "a", "valid", "declared", NEW),
        ("2", "b", "valid", "declared", NEW),
        ("2", "c", "valid", "declared", OLD),
        ("2", "d", "valid", "declared", None),
    )
    assert sorted(effective(answers).select("subject", "value").rows()) == [("1", "a"), ("2", "b")]


def test_an_answer_takes_the_place_of_value_and_status_alike():
    table = pl.LazyFrame(
        {
            "code": ["1", "2", "3", "4"],
            "v": [1.0, 2.0, None, 4.0],
            "v__status": [None, None, "refused", None],
        }
    )
    answers = ledger(
        ("1", None, "refused", "declared", None),
        ("2", "20", "valid", "declared", None),
        ("3", "30", "valid", "declared", None),
        ("9", "90", "valid", "declared", None),
    )
    other = answers.with_columns(indicator=pl.lit("w"))
    found = answered(table, pl.concat([answers, other]), ["v"]).collect()
    assert found.columns == ["code", "v", "v__status"]
    assert found.rows() == [
        ("1", None, "refused"),
        ("2", "20", None),
        ("3", "30", None),
        ("4", "4.0", None),
    ]
    elsewhere = answered(table.filter(pl.col("code") == "4"), answers, ["v"])
    assert elsewhere.collect_schema() == table.collect_schema()  # no answer is on a row of it


def test_a_gap_is_of_the_last_valid_answers_of_either_source():
    answers = ledger(
        ("1", "10", "valid", "declared", OLD),
        ("1", "14", "valid", "declared", NEW),
        ("1", "99", "valid", "declared", None),
        ("1", "98", "refused", "declared", NEW),
        ("1", "11", "valid", "audited", None),
        ("2", "5", "valid", "declared", None),
        ("2", "6", "valid", "declared", None),
        ("2", "8", "valid", "audited", None),
        ("3", "1", "valid", "declared", None),
    )
    owners = pl.DataFrame({"subject": ["1", "2", "3"], "agency": ["A", "A", "B"]})
    found = declaration_gaps(answers, owners)
    assert found.rows() == [("A", (abs(14 - 11) + abs(6 - 8)) / 2)]


@pytest.mark.parametrize("kind", [pl.String, pl.Int64])
def test_parents_are_told_by_their_codes_as_text(kind):
    child = pl.DataFrame({"by": ["1", "1", "2"], "n": [3.0, None, None]})
    child = child.with_columns(pl.col("by").cast(kind))
    keys = pl.Series(["2", "1", "3"])
    assert fold_children(keys, child, "by", "sum", of="n").to_list() == [None, 3.0, 0.0]


def test_a_sum_over_no_row_is_nothing_and_over_unknown_numbers_unknown():
    child = pl.DataFrame(
        {"by": ["1", "1", "2", "3"], "n": [3.0, 4.0, None, None], "k": list("aabc")}
    )
    when = parse("k = 'b'", {"k": Field("text")})
    keys = pl.Series(["1", "2", "3", "4"])
    found = fold_children(keys, child, "by", "sum", of="n", when=when)
    assert found.to_list() == [0.0, None, 0.0, 0.0]
