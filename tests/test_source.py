"""Source files: every way to make a column, against naive loops and DuckDB; every way to err."""

import os
import random

import duckdb
import pytest

from egovrules.dataset import load_dataset
from egovrules.errors import DatasetError
from egovrules.readers import ROW
from egovrules.source import load_source

HEAD = "schema: egovrules-source/1\n"


def folder_of(tmp_path, yaml, **files):
    (tmp_path / "x.source.yaml").write_text(HEAD + yaml, encoding="utf-8")
    for name, text in files.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path


def services(tmp_path, columns, data, **files):
    """Make a table of services from a file `raw.csv` with these columns."""
    yaml = f"tables:\n  services:\n    file: raw.csv\n    columns:\n{columns}"
    dataset = load_dataset(folder_of(tmp_path, yaml, raw=data, **files))
    return dataset.services.frame.to_native()


def refused(tmp_path, yaml, **files):
    with pytest.raises(DatasetError) as caught:
        load_dataset(folder_of(tmp_path, yaml, **files))
    return str(caught.value)


RAW = """id,org,app,pay,num,fee,year,scope,title
007,Tax  Office,Y,N,"1,200",N,2021-2022,"IN, OUT",Tax | Impôt
008,tax office,N,NA,NA,Y,2021-22,IN,One
009,ثبت احوال,NA,Y,refused,Y,,"X,OUT",A | B | C
"""
VARIANTS = "variant,code\nTax Office,01\nثبت احوال,02\nثبت أحوال,02\n"


def test_each_way_to_make_a_column(tmp_path):
    columns = """
      code: id
      agency: {from: org, lookup: {file: orgs.csv, key: variant, value: code}}
      point: {from: app, codes: {Y: online, N: offline, NA: not_applicable}}
      paid: {from: fee, codes: {Y: true, N: false}}
      weight: {from: app, codes: {Y: 1, N: 0.5, NA: null}}
      num: {from: num, type: number, missing: [NA], unit: cases}
      year: {from: year, type: year}
      age: {value: 2024 - year}
      old: {when: age > 2}
      out: {from: scope, any_of: [OUT], separator: ","}
      online: {count: [app, pay], of: ["Y"]}
      en: {from: title, split: "|"}
      fr: {from: title, split: "|", part: 2}
"""
    frame = services(tmp_path, columns, RAW, orgs=VARIANTS)
    found = frame.to_dict(as_series=False)
    assert found == {
        ROW: [2, 3, 4],
        "code": ["007", "008", "009"],
        "agency": ["01", "01", "02"],
        "point": ["online", "offline", "not_applicable"],
        "paid": [False, True, True],
        "weight": [1.0, 0.5, None],
        "num": [1200.0, None, None],
        "num__status": [None, None, "refused"],
        "year": [2022.0, 2022.0, None],
        "age": [2.0, 2.0, None],
        "old": [False, False, None],
        "out": [True, False, True],
        "online": [1.0, 0.0, 1.0],
        "en": ["Tax", "One", "A"],
        "fr": ["Impôt", None, "B"],
    }


def test_texts_are_joined_and_missing_where_one_of_them_is(tmp_path):
    raw = "country,event,year\nAL,Career,2022\n,Career,2022\nBE,NA,2021\nBE,Health,\n"
    yaml = """
missing: [NA]
tables:
  services:
    file: raw.csv
    columns:
      code: {join: [country, event], separator: " · "}
      year: {join: [year, year, country]}
"""
    frame = load_dataset(folder_of(tmp_path, yaml, raw=raw)).services.frame.to_native()
    assert frame["code"].to_list() == ["AL · Career", None, None, "BE · Health"]
    assert frame["year"].to_list() == ["2022,2022,AL", None, "2021,2021,BE", None]


def test_where_sees_the_file_and_new_columns_and_drops_rows_before_they_can_err(tmp_path):
    yaml = """
tables:
  services:
    file: raw.csv
    where: year = '2024' and inside
    columns:
      code: id
      inside: {from: scope, any_of: [IN]}
      num: {from: num, type: number}
      state: {from: state, codes: {Y: online}}
"""
    raw = "id,year,scope,num,state\n1,2023,IN,bad,?\n2,2024,IN,5,Y\n3,2024,OUT,bad,?\n4,,IN,bad,?\n"
    frame = load_dataset(folder_of(tmp_path, yaml, raw=raw)).services.frame.to_native()
    assert frame.rows(named=True) == [
        {ROW: 3, "code": "2", "inside": True, "num": 5.0, "state": "online"}
    ]


def test_a_new_column_may_be_calculated_from_one_of_its_own_name(tmp_path):
    frame = services(tmp_path, "      code: id\n      fee: {when: fee = 'Y'}\n", RAW)
    assert frame["fee"].to_list() == [False, True, True]


def test_distinct_keeps_the_first_row_of_each(tmp_path):
    yaml = "tables:\n  agencies:\n    file: raw.csv\n    distinct: [code]\n"
    yaml += "    columns: {code: fee, name: org}\n"
    frame = load_dataset(folder_of(tmp_path, yaml, raw=RAW)).agencies.frame.to_native()
    assert frame.rows() == [(2, "N", "Tax  Office"), (3, "Y", "tax office")]


def test_without_columns_a_table_is_its_file_and_its_folds(tmp_path):
    yaml = """
tables:
  services: {file: raw.csv}
  children: {file: kids.csv}
folds:
  services:
    kids: {table: children, by: parent, count: true}
"""
    files = {"raw": "code,agency\n1,a\n2,b\n", "kids": "parent\n1\n1\n9\n"}
    frame = load_dataset(folder_of(tmp_path, yaml, **files)).services.frame.to_native()
    assert frame.columns == [ROW, "code", "agency", "kids"]
    assert frame["kids"].to_list() == [2.0, 0.0]


def test_tokens_of_a_column_outrank_those_of_the_table_and_the_source(tmp_path):
    yaml = """
missing: [A]
tables:
  services:
    file: raw.csv
    missing: [B]
    columns: {code: id, one: x, two: {from: x, missing: [C]}}
  agencies: {file: raw.csv, columns: {code: id, one: x}}
"""
    dataset = load_dataset(folder_of(tmp_path, yaml, raw="id,x\n1,A\n2,B\n3,C\n"))
    frame = dataset.services.frame.to_native()
    assert frame["one"].to_list() == ["A", None, "C"]
    assert frame["two"].to_list() == ["A", "B", None]
    assert dataset.agencies.frame["one"].to_list() == [None, "B", "C"]


FOLDS = """
tables:
  children:
    file: kids.csv
    columns: {parent: parent, num: {from: num, type: number}, kind: kind}
  services: {file: parents.csv, columns: {code: code, big: {when: total > 10 or many}}}
folds:
  services:
    all: {table: children, by: parent, count: true}
    count: {table: children, by: parent, count: true, when: kind = 'a'}
    share: {table: children, by: parent, share: true, when: kind = 'a'}
    many: {table: children, by: parent, any: true, when: num > 8}
    total: {table: children, by: parent, sum: num}
    mean: {table: children, by: parent, mean: num, when: kind != 'b'}
"""
SQL = """
select p.code,
  count(c.parent)::double,
  (count(c.parent) filter (kind = 'a'))::double,
  (count(c.parent) filter (kind = 'a')) / nullif(count(kind), 0)::double,
  coalesce(count(c.parent) filter (num > 8) > 0, false),
  case when count(c.parent) = 0 then 0 else sum(num) end,
  avg(num) filter (kind != 'b')
from parents p left join kids c on c.parent = p.code group by p.code order by p.code
"""


def test_folds_equal_duckdb(tmp_path):
    draw = random.Random(7)  # noqa: S311 - the same draws each time
    for round_ in range(5 * int(os.environ.get("EGOVRULES_FUZZ", "1"))):
        folder = tmp_path / str(round_)
        folder.mkdir()
        kids = "parent,num,kind\n" + "".join(
            f"{draw.randint(1, 40)},{draw.choice(['', 1, 2.5, 9])},{draw.choice(['', 'a', 'b'])}\n"
            for _ in range(draw.randint(0, 60))
        )
        parents = "code\n" + "".join(f"{code}\n" for code in range(1, 31))
        dataset = load_dataset(folder_of(folder, FOLDS, kids=kids, parents=parents))
        names = ["code", "all", "count", "share", "many", "total", "mean"]
        found = sorted(dataset.services.frame.to_native().select(names).rows())
        con = duckdb.connect()
        read = (
            "read_csv(?, header=true, columns={'parent':'varchar','num':'double','kind':'varchar'})"
        )
        con.execute(f"create table kids as from {read}", [str(folder / "kids.csv")])
        con.execute("create table parents as select code::varchar code from range(1, 31) t(code)")
        expected = sorted(con.execute(SQL).fetchall())
        assert [row[:5] for row in found] == [row[:5] for row in expected]
        for ours, theirs in zip(found, expected, strict=True):
            assert ours[5:] == pytest.approx(theirs[5:], abs=1e-12, nan_ok=True), ours


def test_extends_changes_what_it_names(tmp_path):
    table = "{file: a.csv, columns: {code: id, size: size}}"
    base = f"{HEAD}missing: [X]\ntables:\n  services: {table}\n"
    (tmp_path / "base.source.yaml").write_text(base)
    child = "extends: base.source.yaml\ntables: {services: {file: b.csv, columns: {size: null}}}\n"
    (tmp_path / "child.source.yaml").write_text(child)
    (tmp_path / "b.csv").write_text("id\n1\n")
    dataset = load_dataset(tmp_path, tmp_path / "child.source.yaml")
    assert dataset.services.frame.columns == [ROW, "code"]
    assert set(dataset.files) == {"b.csv", "base.source.yaml", "child.source.yaml"}
    (tmp_path / "base.source.yaml").write_text(
        base.replace("tables:", "extends: child.source.yaml\ntables:")
    )
    with pytest.raises(DatasetError, match="goes in a circle"):
        load_source(tmp_path / "child.source.yaml")


def test_all_that_is_wrong_with_the_file_is_told_with_its_place(tmp_path):
    yaml = """tables:
  services:
    file: raw.csv
    where: yeer = '2024'
    columns:
      code: idd
      num: {from: nn, type: number}
      old: {when: numm > 1}
      many: {count: [app, pai], of: ["Y"]}
folds:
  services:
    kids: {table: kid, by: parent, count: true}
    more: {table: kids, by: paren, sum: text, when: a = 1}
  """.replace("folds", "  kids: {file: kids.csv}\nfolds")
    message = refused(tmp_path, yaml, raw=RAW, kids="parent,text\n1,2\n")
    heads = [line for line in message.splitlines() if line.startswith(("/", str(tmp_path)))]
    places = [line.split("source.yaml:")[1].split("  (")[0] for line in heads]
    assert places == [
        "5:12: unknown field 'yeer'",
        "7:13: 'raw.csv' has no column 'idd'",
        "8:19: 'raw.csv' has no column 'nn'",
        "9:19: unknown field 'numm'",
        "10:27: 'raw.csv' has no column 'pai'",
        "14:19: no table 'kid'",
        "15:29: the table 'kids' has no column 'paren'",
        "15:41: 'text' is not a number",
        "15:53: unknown field 'a'",
    ]


def test_wrong_cells_are_told_by_file_row_and_column(tmp_path):
    yaml = """
tables:
  services:
    file: raw.csv
    columns:
      code: id
      agency: {from: org, lookup: {file: orgs.csv, key: variant, value: code}}
      num: {from: num, type: number}
      app: {from: app, codes: {Y: online, N: offline}}
      year: {from: year, type: year}
"""
    raw = RAW.replace("2021-22,", "soon,").replace("tax office", "tax ofice")
    assert refused(tmp_path, yaml, raw=raw, orgs=VARIANTS).splitlines() == [
        "raw.csv: 'tax ofice' is not known  (row 3, column org)",
        "raw.csv: 'NA' is not a number  (row 3, column num)",
        "raw.csv: 'NA' is not among the codes  (row 4, column app)",
        "  hint: did you mean 'N'?",
        "raw.csv: 'soon' is not a year or a period such as 2021-2022  (row 3, column year)",
    ]


@pytest.mark.parametrize(
    "name", ["../raw.csv", "/etc/passwd", "a/../../raw.csv", "..\\raw.csv", "link.csv"]
)
def test_no_file_outside_the_folder_is_read(tmp_path, name):
    (tmp_path / "in").mkdir()
    (tmp_path / "raw.csv").write_text("code\n1\n")
    (tmp_path / "in" / "link.csv").symlink_to(tmp_path / "raw.csv")
    message = refused(tmp_path / "in", f"tables:\n  agencies: {{file: {name!r}}}\n")
    assert "a file must lie inside" in message or "there is no file" in message


ONE = "tables: {agencies: {file: a.csv}}\n"
OF_ONE = "tables: {agencies: {file: a.csv, columns: {x: %s}}}\n"
FOLD = ONE + "folds: {agencies: {x: {table: %s, by: code%s}}}\n"


@pytest.mark.parametrize(
    ("yaml", "expected"),
    [
        ("", "1:1: the key 'tables' is missing"),
        ("tables: {kids: {file: a.csv}}\n", "there is no table 'agencies' or 'services'"),
        ("tables: {agencies: {fil: a.csv}}\n", "unknown key 'fil'"),
        ("tables: {agencies: {file: a.csv, encoding: latin9}}\n", "is not allowed here"),
        ("tables: {agencies: {file: b.csv}}\n", "there is no file 'b.csv'"),
        (OF_ONE % "{}", "one of 'from', 'join', 'count'"),
        (OF_ONE % "{join: [code, cod]}", "'a.csv' has no column 'cod'"),
        (OF_ONE % "{join: [code], split: x}", "'split' goes with 'from' only"),
        (OF_ONE % "{count: [code]}", "'count' names columns"),
        (OF_ONE % "{when: x = 1, type: number}", "'type' goes with 'from' only"),
        (OF_ONE % "{value: z}, z: {value: x}", "these columns are calculated from one another"),
        (FOLD % ("agencies", ", count: true"), "'agencies' cannot be folded into 'agencies'"),
        (FOLD % ("kids", ""), "one of 'count', 'share', 'any', 'sum' and 'mean'"),
        (FOLD % ("kids", ", share: true"), "'share' needs 'when'"),
        (
            (FOLD % ("agencies", ", count: true")).replace("folds: {agencies", "folds: {services"),
            "'services' is no table of this source",
        ),
    ],
)
def test_a_source_that_cannot_be_carried_out_is_refused(tmp_path, yaml, expected):
    assert expected in refused(tmp_path, yaml, a="code\n1\n")


def test_where_cannot_ask_for_what_comes_after_it(tmp_path):
    yaml = FOLDS.replace("parents.csv,", "parents.csv, where: total > 1,")
    message = refused(tmp_path, yaml, kids="parent,num,kind\n", parents="code\n1\n")
    assert "'total' is folded from another table, after the rows are chosen" in message


def test_an_unused_table_is_a_warning(tmp_path):
    yaml = "tables:\n  agencies: {file: a.csv}\n  kids: {file: a.csv}\n"
    dataset = load_dataset(folder_of(tmp_path, yaml, a="code\n1\n"))
    assert [one.message for one in dataset.warnings] == ["the table 'kids' is not used"]
    assert dataset.warnings[0].line == 4


def test_a_parquet_file_reads_as_its_text_would(tmp_path):
    row = "select '007' code, 0.1::double num, true b"
    duckdb.sql(f"copy ({row}) to '{tmp_path}/raw.parquet' (format parquet)")
    columns = "{code: code, num: {from: num, type: number}, b: b}"
    yaml = f"tables:\n  agencies: {{file: raw.parquet, columns: {columns}}}\n"
    dataset = load_dataset(folder_of(tmp_path, yaml))
    assert dataset.agencies.frame.to_native().rows() == [(1, "007", 0.1, "true")]
