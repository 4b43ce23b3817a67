"""Long tables made wide by a source: against plain loops, the other way round, and every error."""

import csv
import json
import os
import re
import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egovrules.contract import Need, prepare
from egovrules.dataset import load_dataset
from egovrules.errors import DatasetError
from egovrules.readers import ROW
from egovrules.source import load_source, pivot
from egovrules.source.unused import unused_columns

ROOT = Path(__file__).parents[1]
FUZZ = int(os.environ.get("EGOVRULES_FUZZ", "1"))
HEAD = "schema: egovrules-source/1\ntables:\n"
LONG = """unit,event,code,label,value
AL,Average,1,one,5
AL,Career,1,one,50
AL,Career,1.1,part,NA
BE,Career,1.10,other,"1,200"
BE,Career,1,one,
AL,Moving,1,one,refused
"""
SERVICES = (
    HEAD
    + """  services:
    file: long.csv
    where: event != 'Average'
    pivot: {rows: [unit, event], names: code, values: value}
"""
)


def load(tmp_path, yaml, **files):
    (tmp_path / "x.source.yaml").write_text(yaml, encoding="utf-8")
    for name, text in files.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return load_dataset(tmp_path)


def services(tmp_path, yaml, **files):
    return load(tmp_path, yaml, **files).services.frame.to_native()


def refused(tmp_path, yaml, **files):
    """Return what is told, without excerpts."""
    with pytest.raises(DatasetError) as caught:
        load(tmp_path, yaml, **files)
    lines = []
    for one in caught.value.problems:
        place = f"{one.line}:{one.column}" if one.line else one.source
        lines.append(f"{place}: {one.message}" + (f"  ({one.where})" if not one.line else ""))
        lines += [f"  hint: {one.hint}"] if one.hint else []
    return lines


# --- what it makes ------------------------------------------------------------------------------


def test_each_text_makes_a_column_in_the_order_of_the_file_after_where(tmp_path):
    frame = services(tmp_path, SERVICES, long=LONG)
    assert frame.columns == [ROW, "unit", "event", "1", "1.1", "1.10"]
    assert frame.rows() == [
        (3, "AL", "Career", "50", "NA", None),
        (5, "BE", "Career", None, None, "1,200"),
        (7, "AL", "Moving", "refused", None, None),
    ]


def test_what_follows_works_on_the_new_columns(tmp_path):
    yaml = """missing: [NA]
    columns:
      agency: unit
      event: {from: event, codes: {Career: C, Moving: M}}
      all: {from: i_1, type: number}
      part: {from: i_1.1, type: number}
      other: {from: i_1.10, type: number}
      high: {when: i_1 = '50'}
      twice: {value: all * 2}
      held: {count: [i_1, i_1.10], of: ["50", "1,200"]}
      place: {from: unit, lookup: {file: names.csv, key: code, value: name}}
"""
    yaml = SERVICES.replace("values: value", "values: value, prefix: i_") + "    " + yaml
    frame = services(tmp_path, yaml, long=LONG, names="code,name\nAL,Albania\nBE,Belgium\n")
    assert frame.to_dict(as_series=False) == {
        ROW: [3, 5, 7],
        "agency": ["AL", "BE", "AL"],
        "event": ["C", "C", "M"],
        "all": [50.0, None, None],
        "all__status": [None, None, "refused"],
        "part": [None, None, None],
        "other": [None, 1200.0, None],
        "high": [True, None, False],
        "twice": [100.0, None, None],
        "held": [1.0, 1.0, 0.0],
        "place": ["Albania", "Belgium", "Albania"],
    }


def test_where_means_the_file_where_a_new_column_has_the_name_of_one_of_its(tmp_path):
    yaml = SERVICES + "    columns: {event: {from: event, codes: {Career: Average, Moving: M}}}\n"
    assert services(tmp_path, yaml, long=LONG)["event"].to_list() == ["Average", "Average", "M"]
    unused = [one.message for one in unused_columns(load_source(tmp_path / "x.source.yaml"), {})]
    assert unused == ["no ruleset that is checked reads 'event'"]


def test_a_condition_without_fields_keeps_all_or_nothing(tmp_path):
    yaml = SERVICES.replace("event != 'Average'", "1 = 1")
    assert services(tmp_path, yaml, long=LONG).height == 4
    plain = re.sub("    pivot.*\n", "", yaml)
    assert services(tmp_path, plain, long=LONG).height == 6


def test_distinct_comes_after_the_pivot(tmp_path):
    yaml = SERVICES + "    distinct: [unit]\n    columns: {unit: unit, one: '1'}\n"
    assert services(tmp_path, yaml, long=LONG).rows() == [(3, "AL", "50"), (5, "BE", None)]


def test_an_empty_cell_among_rows_is_a_unit_of_its_own(tmp_path):
    long = "unit,event,code,value\nA,,x,1\nA,e,x,2\nA,,y,3\n"
    yaml = re.sub("    where.*\n", "", SERVICES)
    assert services(tmp_path, yaml, long=long).rows() == [
        (2, "A", None, "1", "3"),
        (3, "A", "e", "2", None),
    ]


def test_a_child_table_is_made_wide_and_folded(tmp_path):
    yaml = (
        HEAD
        + """  scores:
    file: long.csv
    where: event != 'Average'
    pivot: {rows: [unit, event], names: code, values: value}
    missing: [NA]
    columns: {agency: unit, one: {from: "1", type: number}}
  agencies: {file: agencies.csv}
folds:
  agencies:
    events: {table: scores, by: agency, count: true}
    mean: {table: scores, by: agency, mean: one}
"""
    )
    frame = load(tmp_path, yaml, long=LONG, agencies="code\nAL\nBE\nDE\n").agencies.frame
    assert frame.to_native().rows() == [
        (2, "AL", 2.0, 50.0),
        (3, "BE", 1.0, None),
        (4, "DE", 0.0, None),
    ]


def test_extends_may_take_the_pivot_away(tmp_path):
    (tmp_path / "base.yaml").write_text(SERVICES, encoding="utf-8")
    yaml = "extends: base.yaml\ntables: {services: {pivot: null}}\n"
    assert services(tmp_path, yaml, long=LONG).height == 5


texts = st.text("abÄم1.-,\" '", min_size=1, max_size=3).filter(lambda one: one == one.strip())
tables = st.lists(texts, min_size=1, max_size=4, unique=True).flatmap(
    lambda names: st.tuples(
        st.just(names),
        st.dictionaries(
            st.tuples(texts, texts),
            st.dictionaries(st.sampled_from(names), texts, min_size=1),
            min_size=1,
            max_size=6,
        ),
        st.randoms(use_true_random=False),
    )
)


@settings(max_examples=60 * FUZZ, deadline=None, derandomize=True, database=None)
@given(tables)
def test_a_wide_table_made_long_and_wide_again_is_the_same(drawn):
    names, wide, random = drawn
    cells = [(*unit, name, value) for unit, row in wide.items() for name, value in row.items()]
    random.shuffle(cells)
    with tempfile.TemporaryDirectory() as folder:
        with (Path(folder) / "long.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([("unit", "event", "code", "value"), *cells])
        yaml = re.sub("    where.*\n", "", SERVICES).replace("}", ", prefix: 'p '}")
        frame = services(Path(folder), yaml)
    found = {
        (row["unit"], row["event"]): {
            name: row[f"p {name}"] for name in names if row.get(f"p {name}") is not None
        }
        for row in frame.rows(named=True)
    }
    assert found == wide
    assert frame.height == len(wide)
    assert set(frame.columns) == {ROW, "unit", "event", *(f"p {cell[2]}" for cell in cells)}
    for row, unit, event in frame.select(ROW, "unit", "event").rows():
        assert [cell[:2] for cell in cells].index((unit, event)) == row - 2


# --- what it refuses ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        ("rows: [unit, event], ", "", "6:5: the key 'rows' is missing"),
        ("[unit, event]", "[]", "6:19: too few entries: 0, at least 1 needed"),
        ("names: code", "name: code", "6:34: unknown key 'name'"),
        ("values: value", "values: unit", "6:12: the column 'unit' is named twice"),
        ("value}", "value, prefix: _x}", "6:70: a column's name cannot begin with '_' or a blank"),
        ("value}", "value, prefix: ' '}", "6:70: a column's name cannot begin with '_' or a blank"),
    ],
)
def test_a_form_that_cannot_be_is_refused(tmp_path, was, now, expected):
    assert expected in refused(tmp_path, SERVICES.replace(was, now), long=LONG)


def test_columns_that_the_file_does_not_have_are_told_with_a_where_that_is_wrong(tmp_path):
    yaml = HEAD + (
        "  services:\n    file: long.csv\n    where: evnt != 'Average'\n"
        "    pivot: {rows: [unit, evnt], names: cod, values: vale}\n"
        "    columns: {code: nothing}\n"
    )
    assert refused(tmp_path, yaml, long=LONG) == [
        "5:12: unknown field 'evnt'",
        "  hint: did you mean 'event'?",
        "6:26: 'long.csv' has no column 'evnt'",
        "  hint: did you mean 'event'?",
        "6:40: 'long.csv' has no column 'cod'",
        "  hint: did you mean 'code'?",
        "6:53: 'long.csv' has no column 'vale'",
        "  hint: did you mean 'value'?",
    ]


def test_where_cannot_ask_for_what_comes_after_the_pivot(tmp_path):
    yaml = SERVICES.replace("event !=", "kind !=") + "    columns: {kind: event}\n"
    assert refused(tmp_path, yaml, long=LONG) == [
        "5:12: 'kind' is made after the pivot, and 'where' comes before it",
        "  hint: 'where' sees the columns of the file",
    ]


def test_a_where_that_is_no_condition_is_told_once(tmp_path):
    yaml = SERVICES.replace("event !=", "event ! =")
    (line, *hint) = refused(tmp_path, yaml, long=LONG)
    assert line.startswith("5:")
    assert len(hint) <= 1


def test_columns_that_the_pivot_does_not_make_are_told(tmp_path):
    yaml = SERVICES.replace("value}", "value, prefix: i_}")
    yaml += '    distinct: [lable]\n    columns: {a: "1.1", b: label, c: {count: [i_2], of: [x]}}\n'
    assert refused(tmp_path, yaml, long=LONG) == [
        "7:16: the pivot of 'long.csv' makes no column 'lable'",
        "  hint: known: event, i_1, i_1.1, i_1.10, unit",
        "8:18: the pivot of 'long.csv' makes no column '1.1'",
        "  hint: did you mean 'i_1.1'?",
        "8:28: the pivot of 'long.csv' makes no column 'label'",
        "  hint: name it in 'rows', to keep it",
        "8:47: the pivot of 'long.csv' makes no column 'i_2'",
        "  hint: did you mean 'i_1'?",
    ]


def test_cells_given_twice_are_told_by_their_rows_equal_ones_too(tmp_path):
    long = LONG + "BE,Career,1.10,other,7\nAL,Moving,1,one,refused\n,Career,2,x,1\n,Career,2,x,\n"
    hint = "  hint: keep one of them by 'where', or name in 'rows' the column that tells them apart"
    assert refused(tmp_path, SERVICES, long=long) == [
        "long.csv: '1.10' of 'BE', 'Career' stands on rows 5 and 8  (row 8, column value)",
        hint,
        "long.csv: '1' of 'AL', 'Moving' stands on rows 7 and 9  (row 9, column value)",
        hint,
        "long.csv: '2' of an empty cell, 'Career' stands on rows 10 and 11  (row 11, column value)",
        hint,
    ]


def test_many_cells_given_twice_are_counted(tmp_path):
    long = "unit,event,code,value\n" + "".join(f"{n % 150},e,x,1\n" for n in range(1050))
    told = refused(tmp_path, SERVICES, long=long)
    assert told[0] == (
        "long.csv: 'x' of '0', 'e' stands on rows 2, 152, 302, 452, 602 and 2 more"
        "  (row 152, column value)"
    )
    assert told[-1] == "long.csv: and 50 more like these  (column value)"
    assert len(told) == 201


def test_texts_that_cannot_name_a_column_are_told_each_once_with_all_else(tmp_path):
    long = LONG + (
        f"BE,Career,_x,u,7\nBE,Moving,_x,u,7\nBE,Career,,u,7\nBE,Career,{'x' * 201},u,7\n"
        "BE,Career,unit,u,7\nBE,Career,1.10,u,1\n"
    )
    yaml = SERVICES + '    columns: {one: {from: "1.1", type: number}}\n'
    cannot = "cannot name a column:"
    assert refused(tmp_path, yaml, long=long) == [
        "long.csv: '_x' cannot name a column: it begins with '_'  (row 8, column code)",
        "  hint: put something before it, as in prefix: m_",
        "long.csv: the cell is empty, and a column needs a name  (row 10, column code)",
        "  hint: leave the row out by 'where', or fill the cell in",
        f"long.csv: '{'x' * 59}…' {cannot} it has more than 200 characters  (row 11, column code)",
        "  hint: let 'names' be a column of shorter texts, such as codes",
        "long.csv: 'unit' cannot name a column: 'rows' has a column 'unit'  (row 12, column code)",
        "  hint: put something before it, as in prefix: m_",
        "long.csv: '1.10' of 'BE', 'Career' stands on rows 5 and 13  (row 13, column value)",
        "  hint: keep one of them by 'where', or name in 'rows' the column that tells them apart",
        "long.csv: 'NA' is not a number  (row 4, column value)",
    ]


def test_a_prefix_makes_a_name_of_what_is_none(tmp_path):
    long = "unit,event,code,value\nA,e,_x,1\nA,e,unit,2\n"
    frame = services(tmp_path, SERVICES.replace("value}", "value, prefix: m}"), long=long)
    assert frame.columns == [ROW, "unit", "event", "m_x", "munit"]


def test_an_empty_name_is_not_that_of_a_text_null(tmp_path):
    long = "unit,event,code,value\nA,e,null,1\nA,e,,2\n"
    assert refused(tmp_path, SERVICES, long=long) == [
        "long.csv: the cell is empty, and a column needs a name  (row 3, column code)",
        "  hint: leave the row out by 'where', or fill the cell in",
    ]


def test_a_name_with_a_blank_at_its_end_is_told(tmp_path):
    cannot = "cannot name a column:"
    cells = {"unit": ["A", "A"], "event": ["e", "e"], "code": ["x ", " "], "value": [1.5, 2.0]}
    pl.DataFrame(cells).write_parquet(tmp_path / "long.parquet")
    assert refused(tmp_path, SERVICES.replace("long.csv", "long.parquet")) == [
        f"long.parquet: 'x' {cannot} it begins or ends with a blank  (row 1, column code)",
        "  hint: take the blank off in the file",
        f"long.parquet: '' {cannot} it begins or ends with a blank  (row 2, column code)",
        "  hint: take the blank off in the file",
    ]


def test_control_characters_in_names_do_no_harm(tmp_path):
    lines = [{"unit": "A", "event": "e", "code": f"\x1f{n}", "value": "1"} for n in "ab"]
    lines += [{"unit": "A", "event": "e", "code": "a\x1fvalue \n", "value": "1"}]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (tmp_path / "long.jsonl").write_text(text, encoding="utf-8")
    told = refused(tmp_path, SERVICES.replace("long.csv", "long.jsonl"))
    assert [line.partition(": it")[2] for line in told[::2]] == [
        " begins or ends with a blank  (row 1, column code)",
        " begins or ends with a blank  (row 2, column code)",
    ]


@pytest.mark.parametrize(
    "long", ["unit,event,code,value\n", "unit,event,code,value\nA,Average,x,1\n"]
)
def test_no_rows_are_refused(tmp_path, long):
    assert refused(tmp_path, SERVICES, long=long) == [
        "6:5: there are no rows to make columns of",
        "  hint: does 'where' keep any?",
    ]


def test_too_many_columns_are_refused(tmp_path):
    rows = [f"A,e,{n},1\n" for n in range(5_001)]
    assert refused(tmp_path, SERVICES, long="unit,event,code,value\n" + "".join(rows)) == [
        "6:41: 5,001 columns would be made of this; at most 5,000 are",
        "  hint: name a column that holds few different texts, or keep fewer rows by 'where'",
    ]
    frame = services(tmp_path, SERVICES, long="unit,event,code,value\n" + "".join(rows[1:]))
    assert frame.shape == (1, 5_003)


def test_too_large_a_table_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(pivot, "MAX_CELLS", 8)
    assert refused(tmp_path, SERVICES, long=LONG) == [
        "6:5: 3 rows and 3 columns are too large a table; at most 8 cells are made",
        "  hint: keep fewer rows by 'where'",
    ]


def test_wrong_cells_are_told_by_their_own_rows(tmp_path):
    yaml = SERVICES + (
        "    columns:\n"
        '      num: {from: "1", type: number}\n'
        '      code: {from: "1.1", codes: {"5": five}}\n'
        "      name: {from: unit, lookup: {file: names.csv, key: code, value: name}}\n"
        "    distinct: [unit]\n"
    )
    long = LONG.replace("AL,Career,1,one,50", "AL,Career,1,one,many")
    assert refused(tmp_path, yaml, long=long, names="code,name\nAL,Albania\n") == [
        "long.csv: 'many' is not a number  (row 3, column value)",
        "long.csv: 'NA' is not among the codes  (row 4, column value)",
        "  hint: known: 5",
        "long.csv: 'BE' is not known  (row 5, column unit)",
    ]


def test_the_contract_speaks_of_units_and_claims_no_row_of_the_file(tmp_path):
    yaml = SERVICES.replace("services", "agencies") + '    columns: {code: unit, part: "1.1"}\n'
    dataset = load(tmp_path, yaml, long=LONG)
    with pytest.raises(DatasetError) as caught:
        prepare(dataset, {"agencies": [Need("part", "number", "this test")]})
    assert str(caught.value).splitlines() == [
        "long.csv: 'NA' is not a number  (unit at row 3, column part)",
        "  hint: leave the cell empty, or list this under 'missing' in a source file",
        "long.csv: the code 'AL' stands on unit at rows 3, 7  (unit at row 7, column code)",
        "  hint: each needs a code of its own",
    ]


# --- the page -----------------------------------------------------------------------------------


def test_the_example_of_the_reference_makes_the_table_beneath_it(tmp_path):
    page = (ROOT / "docs/reference/sources.md").read_text(encoding="utf-8")
    section = page.partition("## A pivot\n")[2].partition("\n## ")[0]
    for name, text in re.findall(
        r"^```\w+\n# file: (\S+)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
    table = section.partition("| agency |")[2].partition("\n\n")[0].splitlines()[2:]
    expected = [[cell.strip() for cell in line.strip("|").split("|")] for line in table]
    frame = load_dataset(tmp_path).services.frame.to_native()
    shown = [["" if cell is None else f"{cell:g}" for cell in row[3:]] for row in frame.rows()]
    assert frame.columns[1:] == ["agency", "event", "online", "mobile"]
    assert [list(row[1:3]) for row in frame.rows()] == [row[:2] for row in expected]
    assert shown == [row[2:] for row in expected]
    assert len(expected) == 3


# --- published files ----------------------------------------------------------------------------


def long_rows(path):
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.published
def test_every_cell_of_bipa_2024_is_that_of_the_long_file(shared, tmp_path):
    (tmp_path / "x.source.yaml").write_text(
        HEAD
        + "  agencies:\n    file: bipa2024_all_data.csv\n"
        + "    pivot: {rows: [cc_iso3c], names: structure_id, values: value, prefix: m_}\n",
        encoding="utf-8",
    )
    frame = load_dataset(shared / "bipa", tmp_path / "x.source.yaml").agencies.frame.to_native()
    expected = {}
    for row in long_rows(shared / "bipa" / "bipa2024_all_data.csv"):
        expected.setdefault(row["cc_iso3c"], {})[f"m_{row['structure_id']}"] = row["value"]
    assert frame.height == len(expected) == 120
    assert len(frame.columns) == 2 + 135
    assert {"m_0", "m_10102", "m_10102.01"} < set(frame.columns)
    seen = 0
    for row in frame.drop(ROW).rows(named=True):
        there = {name: cell for name, cell in row.items() if cell is not None}
        assert there.pop("cc_iso3c") == row["cc_iso3c"]
        assert there == expected[row["cc_iso3c"]]
        seen += len(there)
    assert seen == 14_411


@pytest.mark.published
def test_life_events_of_the_eu_are_services_with_a_column_per_indicator(shared, tmp_path):
    averages = ["Average (2021)", "Average (2022)", "Biennial average 2021 + 2022"]
    (tmp_path / "x.source.yaml").write_text(
        HEAD
        + f"""  services:
    file: indicators-2021-2022.csv
    where: not column in ({", ".join(f"'{name}'" for name in averages)})
    pivot: {{rows: [country, column], names: indicator, values: value}}
    columns:
      agency: country
      life_event: column
      total: {{from: "0", type: number}}
      online: {{from: "1.1", type: number}}
      delivery: {{from: "4.4", type: number}}
""",
        encoding="utf-8",
    )
    frame = load_dataset(shared / "eu", tmp_path / "x.source.yaml").services.frame.to_native()
    expected = {}
    for row in long_rows(shared / "eu" / "indicators-2021-2022.csv"):
        if row["column"] not in averages:
            cells = expected.setdefault((row["country"], row["column"]), {})
            cells[row["indicator"]] = float(row["value"]) if row["value"] else None
    assert frame.height == len(expected) == 37 * 9
    for row in frame.rows(named=True):
        cells = expected[row["agency"], row["life_event"]]
        found = [row["total"], row["online"], row["delivery"]]
        assert found == [cells["0"], cells["1.1"], cells["4.4"]]
