"""The contract of tables: what is typed, what is refused, and that nothing is lost on the way."""

import datetime as dt
import os
import random
import re

import duckdb
import narwhals as nw
import polars as pl
import pytest

from egovrules.contract import Need, prepare
from egovrules.dataset import Dataset, load_dataset
from egovrules.errors import DatasetError

POINTS = ("offline", "partial", "online", "not_applicable")


def need(column, kind="number", **more):
    return Need(column, kind, more.pop("by", "criterion a.b"), **more)


def written(folder, **files):
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def rows(prepared, *columns):
    return prepared.services.collect("polars").to_native().select(columns).rows()


def problems(dataset, **needs):
    with pytest.raises(DatasetError) as caught:
        prepare(dataset, needs)
    return str(caught.value).splitlines()


def of_services(tmp_path, text, *needs):
    return problems(load_dataset(written(tmp_path, services=text)), services=needs)


ENGINES = ["polars", "duckdb"]


@pytest.mark.parametrize("engine", ENGINES)
def test_text_becomes_what_is_needed(tmp_path, engine):
    text = "code,agency,n,yes,day,point,free\n"
    text += '007,۱,"۱٬۲۳۴",بله,2024-02-29,Online, x \n008,1,,,,,\n'
    dataset = load_dataset(written(tmp_path, services=text), engine=engine)
    prepared = prepare(
        dataset,
        {
            "services": [
                need("n"),
                need("yes", "boolean"),
                need("day", "date"),
                need("point", "text", values=POINTS),
                need("free", "text"),
                need("extra", required=False),
            ]
        },
    )
    assert isinstance(prepared.services, nw.LazyFrame)
    assert prepared.services.implementation.is_duckdb() == (engine == "duckdb")
    columns = ("code", "agency", "n", "yes", "day", "point", "free", "extra", "eligible")
    assert rows(prepared, *columns) == [
        ("007", "1", 1234.0, True, dt.date(2024, 2, 29), "online", "x", None, True),
        ("008", "1", None, None, None, None, None, None, True),
    ]
    assert prepared.agencies.to_native()["code"].to_list() == ["1"]
    assert prepared.agencies.to_native()["is_main"].to_list() == [False]
    assert prepared.statuses == {"agencies": frozenset(), "services": frozenset()}
    schema = prepared.services.collect_schema()
    assert (schema["n"], schema["extra"], schema["day"]) == (nw.Float64, nw.Float64, nw.Date)
    assert "__row" not in schema.names()


@pytest.mark.parametrize("engine", ENGINES)
def test_statuses_stand_beside_their_cells(tmp_path, engine):
    text = "code,agency,n,p,free,q,q__status\n1,a,refused,Exempt,refused,5,\n"
    text += (
        "2,a,7,not_applicable,x,,auditor unable\n3,a,,online,,9,valid\n4,a,1,online,,9,refused\n"
    )
    dataset = load_dataset(written(tmp_path, services=text), engine=engine)
    needs = [need("n"), need("p", "text", values=POINTS), need("free", "text"), need("q")]
    prepared = prepare(dataset, {"services": needs})
    assert prepared.statuses["services"] == {"n", "p", "q"}
    columns = ("n", "n__status", "p", "p__status", "free", "q", "q__status")
    assert rows(prepared, *columns) == [
        (None, "refused", None, "exempt", "refused", 5.0, None),
        (7.0, None, "not_applicable", None, "x", None, "auditor_unable"),
        (None, None, "online", None, None, 9.0, None),
        (1.0, None, "online", None, None, None, "refused"),
    ]


def test_every_wrong_cell_is_told_with_row_and_column(tmp_path):
    text = """code,agency,visits,cases,point,yes
001,a,-1,2,online,yes
,a,nan,2,onlin,perhaps

003,b,5,2,,no
003,b,x,inf,online,no
004,c,1,3,online,no
"""
    written(tmp_path, agencies="code\na\nb\n")
    told = of_services(
        tmp_path,
        text,
        need("visits", low=0, high=4, at_most="cases"),
        need("cases"),
        need("point", "text", values=POINTS),
        need("yes", "boolean"),
    )
    assert told == [
        "services.csv: the code is empty  (row 3, column code)",
        "services.csv: 'nan' is not a number  (row 3, column visits)",
        "  hint: leave the cell empty, or list this under 'missing' in a source file",
        "services.csv: 'x' is not a number  (row 6, column visits)",
        "services.csv: -1 is below 0, the least for criterion a.b  (row 2, column visits)",
        "services.csv: 5 is above 4, the most for criterion a.b  (row 5, column visits)",
        "services.csv: 5 is more than cases, which is 2  (row 5, column visits)",
        "  hint: criterion a.b reads it as a part of cases",
        "services.csv: 'inf' is not a number  (row 6, column cases)",
        "  hint: leave the cell empty, or list this under 'missing' in a source file",
        "services.csv: 'onlin' is not one of the values of 'point'  (row 3, column point)",
        "  hint: did you mean 'online'?",
        "services.csv: 'perhaps' is not yes or no  (row 3, column yes)",
        "services.csv: the code '003' stands on rows 5, 6  (row 6, column code)",
        "  hint: each needs a code of its own",
        "services.csv: no agency has the code 'c'  (row 7, column agency)",
        "  hint: known: a, b",
    ]


def test_missing_columns_and_wrong_cells_are_told_together(tmp_path):
    told = of_services(
        tmp_path,
        "code,agency,vists,n\n1,a,1,x\n",
        need("visits"),
        need("visits", by="band b"),
        need("n"),
    )
    assert told == [
        "services.csv: the column 'visits' is missing; criterion a.b, band b needs it",
        "  hint: did you mean 'vists'?",
        "services.csv: 'x' is not a number  (row 2, column n)",
    ]


def test_a_hundred_cells_in_full_some_of_each_column_and_of_the_rest_their_number(tmp_path):
    text = "code,agency,n,m\n" + "".join(f"{at},a,x,y\n" for at in range(1334)) + "z,a,1,1\n"
    told = of_services(tmp_path, text, need("n"), need("m"))
    assert len(told) == 102
    assert told[96] == "services.csv: 'x' is not a number  (row 98, column n)"
    assert told[97] == "services.csv: and 1,237 more like these  (column n)"
    assert told[98] == "services.csv: 'y' is not a number  (row 2, column m)"
    assert told[101] == "services.csv: and 1,331 more like these  (column m)"


def test_of_a_column_that_holds_something_else_altogether_three_cells_are_shown(tmp_path):
    text = "code,agency,n,m\n" + "".join(f"{at},a,x,y\n" for at in range(200)) + "z,a,,1\n"
    told = of_services(tmp_path, text, need("n"), need("m"))
    assert told[:4] == [
        *(f"services.csv: 'x' is not a number  (row {row}, column n)" for row in (2, 3, 4)),
        "services.csv: and 197 more like these  (column n)",
    ]
    assert len([line for line in told if "'y'" in line]) == 97


@pytest.mark.parametrize(
    ("cell", "hint"),
    [
        *(
            (blank, "leave the cell empty")
            for blank in ("n/a", "..", "-", "–", "NA", "#N/A", "null")
        ),
        ("0;8", None),
        ("0,8", "write 0.8"),
        ("12 500", "write 12500"),
        ("abc", None),
    ],
)
def test_a_cell_that_is_no_number_gets_the_hint_that_fits_it(tmp_path, cell, hint):
    said = of_services(tmp_path, f'code,agency,n\n1,a,"{cell}"\n2,a,3\n', need("n"))
    assert said[0] == f"services.csv: '{cell}' is not a number  (row 2, column n)"
    assert said[1].startswith(f"  hint: {hint}") if hint else len(said) == 1


def test_percent_and_shares_in_one_column_are_told(tmp_path):
    def warnings(*cells_of_n):
        rows = "".join(f"{at},a,{cell}\n" for at, cell in enumerate(cells_of_n))
        dataset = load_dataset(written(tmp_path, services="code,agency,n\n" + rows))
        return [str(one) for one in prepare(dataset, {"services": [need("n")]}).warnings]

    message = "services.csv: warning: 1 of 3 numbers are written with %; 80% is read as 80"
    hint = "  hint: write all of them alike: 80, or 0.8, in each"
    assert warnings("80%", "0.6", "0.9", "") == [f"{message}  (column n)\n{hint}"]
    assert warnings("80٪", "0.6", "0.9", "0") == [f"{message}  (column n)\n{hint}"]
    assert warnings("80%", "60 %", "0", "") == []
    assert warnings("80", "0.6", "") == []


@pytest.mark.parametrize(("columns", "examples"), [(1, 100), (33, 3), (60, 1), (100, 1)])
def test_every_column_gets_examples_and_together_they_are_a_hundred(tmp_path, columns, examples):
    names = [f"n{at}" for at in range(columns)]
    text = f"code,agency,{','.join(names)}\n"
    text += "".join(f"{at},a{',x' * columns}\n" for at in range(200))
    text += f"z,a{',1' * columns}\n"
    told = of_services(tmp_path, text, *map(need, names))
    in_full = [line for line in told if "row " in line]
    assert len(in_full) == 100
    shown = [sum(line.endswith(f"column {name})") for line in in_full) for name in names]
    assert min(shown) == examples
    rests = [line for line in told if "more like these" in line]
    counted = sum(int(re.search(r"and (\d+) more", line)[1]) for line in rests)
    assert counted + 100 == 200 * columns


def test_beyond_a_hundred_columns_there_are_numbers(tmp_path):
    names = [f"n{at}" for at in range(101)]
    text = f"code,agency,{','.join(names)}\n1,a{',x' * 101}\n"
    told = of_services(tmp_path, text, *map(need, names))
    assert told[99:] == [
        "services.csv: 'x' is not a number  (row 2, column n99)",
        "services.csv: 1 wrong cell here  (column n100)",
    ]


def test_a_long_cell_is_shortened_and_made_printable(tmp_path):
    told = of_services(tmp_path, f'code,agency,n\n1,a,"\x1b[31m{"x" * 500}"\n', need("n"))
    assert "\x1b" not in told[0]
    assert len(told[0]) < 130


def test_two_readers_must_agree(tmp_path):
    told = of_services(
        tmp_path, "code,agency,n\n1,a,1\n", need("n"), need("n", "text", by="list x")
    )
    assert told[0] == "list x reads it as text, and criterion a.b as number  (column n)"


def test_an_empty_table_and_none_at_all(tmp_path):
    assert of_services(tmp_path, "code,agency\n") == [
        "services.csv: the table has columns, and no rows"
    ]
    dataset = Dataset.of(agencies=[{"code": "a", "gdp": 1.5}])
    assert prepare(dataset, {"agencies": [need("gdp")]}).services is None
    told = problems(dataset, services=[need("n")])
    assert told[0] == "there is no table of services, and criterion a.b needs one"


def test_parents_and_names_of_agencies(tmp_path):
    text = "code,name,name_de,kind,parent,is_main\na,A,Amt,Ministry,,yes\nb,B,,,zz,\n"
    prepared = prepare(load_dataset(written(tmp_path, agencies=text)), {})
    frame = prepared.agencies.to_native()
    assert frame.select("name_de", "kind", "is_main").rows() == [
        ("Amt", "ministry", True), (None, None, False)
    ]  # fmt: skip
    assert [one.message for one in prepared.warnings] == [
        "1 empty cell in is_main is read as false",
        "the parent 'zz' is not among the agencies",
    ]
    circle = written(tmp_path, agencies="code,parent\nc,a\na,b\nb,c\nd,d\ne,a\n")
    assert problems(load_dataset(circle)) == [
        "agencies.csv: 'd' is its own parent  (row 5, column parent)",
        "agencies.csv: agencies belong to one another in a circle: a → b → c → a  (column parent)",
    ]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_empty_flags_are_counted_and_absent_ones_are_not(tmp_path, engine, kind):
    cells = ["yes", None, "no", None] if kind == "csv" else [True, None, False, None]
    frame = pl.DataFrame({"code": ["1", "2", "3", "4"], "agency": ["a"] * 4})
    getattr(frame, f"write_{kind}")(tmp_path / f"services.{kind}")
    assert prepare(load_dataset(tmp_path, engine=engine), {}).warnings == ()
    flagged = frame.with_columns(eligible=pl.Series(cells))
    getattr(flagged, f"write_{kind}")(tmp_path / f"services.{kind}")
    prepared = prepare(load_dataset(tmp_path, engine=engine), {})
    warning = "warning: 2 empty cells in eligible are read as true  (column eligible)"
    hint = "  hint: write yes or no in each"
    assert [str(one) for one in prepared.warnings] == [f"services.{kind}: {warning}\n{hint}"]
    assert sorted(rows(prepared, "code", "eligible")) == [
        ("1", True), ("2", True), ("3", False), ("4", True)
    ]  # fmt: skip


def test_audience_holds_several_values(tmp_path):
    text = "code,agency,audience\n1,a,G2C; g2b\n2,a,g2g\n"
    assert rows(prepare(load_dataset(written(tmp_path, services=text)), {}), "audience") == [
        ("g2c;g2b",), ("g2g",)
    ]  # fmt: skip
    assert "'g2c;x' is not one of the values" in of_services(tmp_path, text + "3,a,g2c;x\n")[0]


# --- typed tables ----------------------------------------------------------------------------

TYPED = {
    "code": ["1", "2", "3", "4"],
    "agency": ["a", "a", "b", "b"],
    "n": [1.0, float("nan"), None, 4.0],
    "small": pl.Series([100, 100, None, 127], dtype=pl.Int8),
    "flag": [1, 0, None, 1],
    "when": [dt.datetime(2024, 1, 1, 5), None, None, None],  # noqa: DTZ001 - as files have it
    "point": ["online", "Offline", "", None],
}
TYPED_NEEDS = [
    need("n"),
    need("small"),
    need("flag", "boolean"),
    need("when", "date"),
    need("point", "text", values=POINTS),
]


@pytest.mark.parametrize("engine", ENGINES)
def test_typed_columns_keep_their_meaning(tmp_path, engine):
    pl.DataFrame(TYPED).write_parquet(tmp_path / "services.parquet")
    prepared = prepare(load_dataset(tmp_path, engine=engine), {"services": TYPED_NEEDS})
    assert prepared.services.implementation.is_duckdb() == (engine == "duckdb")
    assert sorted(rows(prepared, "code", "n", "small", "flag", "when", "point")) == [
        ("1", 1.0, 100.0, True, dt.date(2024, 1, 1), "online"),
        ("2", None, 100.0, False, None, "offline"),
        ("3", None, None, None, None, None),
        ("4", 4.0, 127.0, True, None, None),
    ]
    assert [str(one) for one in prepared.warnings] == [
        "services.parquet: warning: 1 cell holds NaN ('not a number'), read as missing  (column n)"
    ]
    doubled = prepared.services.select((nw.col("small") + nw.col("small")).max().alias("m"))
    assert doubled.collect("polars")["m"].to_list() == [254.0]


@pytest.mark.parametrize("engine", ENGINES)
def test_wrong_cells_of_parquet_are_told_by_record(tmp_path, engine):
    frame = pl.DataFrame(TYPED).with_columns(
        pl.Series("n", [-1.0, float("inf"), 3.0, 4.0]),
        pl.Series("code", ["1", "2", "2", None]),
        pl.Series("point", ["online", "of", None, "refused"]),
        pl.Series("flag", [1, 7, 0, 1]),
    )
    frame.write_parquet(tmp_path / "services.parquet")
    dataset = load_dataset(tmp_path, engine=engine)
    needs = [need("n", low=0, high=3.5), *TYPED_NEEDS[1:]]
    told = [line for line in problems(dataset, services=needs) if not line.startswith("  hint")]
    assert [line.removeprefix("services.parquet: ") for line in told] == [
        "the code is empty  (record 4, column code)",
        "infinity is not a number to reckon with  (record 2, column n)",
        "-1 is below 0, the least for criterion a.b  (record 1, column n)",
        "inf is above 3.5, the most for criterion a.b  (record 2, column n)",
        "4 is above 3.5, the most for criterion a.b  (record 4, column n)",
        "'7' is not yes or no  (record 2, column flag)",
        "'of' is not one of the values of 'point'  (record 2, column point)",
        "the code '2' stands on records 2, 3  (record 3, column code)",
    ]


def test_columns_of_another_kind_are_told(tmp_path):
    frame = pl.DataFrame({"code": [1], "agency": ["a"], "n": [True], "d": [[1]], "t": [1.5]})
    frame.write_parquet(tmp_path / "services.parquet")
    needs = [need("n"), need("d"), need("t", "text")]
    assert problems(load_dataset(tmp_path), services=needs) == [
        "services.parquet: the column 'n' holds true and false, and a number is needed",
        "services.parquet: the column 'd' holds values of type List(Int64), and a number is needed",
        "services.parquet: the column 't' holds numbers, and text is needed",
    ]


def test_a_damaged_parquet_file_is_an_error_of_the_dataset(tmp_path):
    path = tmp_path / "services.parquet"
    pl.DataFrame({"code": [str(at) for at in range(5000)], "agency": ["a"] * 5000}).write_parquet(
        path
    )
    content = bytearray(path.read_bytes())
    content[10:60] = bytes(50)
    path.write_bytes(content)
    for engine in ENGINES:
        told = problems(load_dataset(tmp_path, engine=engine))
        assert told[0].startswith("services.parquet: it cannot be read: ")


def test_a_relation_without_row_numbers_is_told_by_code():
    con = duckdb.connect()
    relation = con.sql("select 'x' code, 'a' agency, -1 n union all select 'y', 'a', 2")
    dataset = Dataset.of(services=relation, engine="duckdb")
    assert problems(dataset, services=[need("n", low=0)]) == [
        "services: -1 is below 0, the least for criterion a.b  (code 'x', column n)"
    ]
    assert sorted(rows(prepare(dataset, {"services": [need("n")]}), "code", "n")) == [
        ("x", -1.0), ("y", 2.0)
    ]  # fmt: skip
    text = con.sql("select 'x' code, 'a' agency, '5' n")
    told = problems(Dataset.of(services=text, engine="duckdb"), services=[need("n")])
    assert told[0].startswith("services: the column 'n' holds text, which is not read here")


@pytest.mark.parametrize("engine", ENGINES)
def test_checks_find_what_duckdb_finds(tmp_path, engine):
    draw = random.Random(3)  # noqa: S311 - the same draws each time
    for at in range(4 * int(os.environ.get("EGOVRULES_FUZZ", "1"))):
        frame = pl.DataFrame(
            {
                "code": [f"{draw.randint(1, 60)}" for _ in range(50)],
                "agency": [draw.choice("abc") for _ in range(50)],
                "n": [draw.choice([None, -1.0, 0.5, 7.0]) for _ in range(50)],
                "m": [draw.choice([None, 0.0, 1.0]) for _ in range(50)],
            }
        )
        folder = tmp_path / str(at)
        folder.mkdir()
        frame.write_parquet(folder / "services.parquet")
        needs = [need("n", low=0, high=5, at_most="m"), need("m")]
        dataset = load_dataset(folder, engine=engine)
        with pytest.raises(DatasetError) as caught:
            prepare(dataset, {"services": needs})
        messages = [problem.message for problem in caught.value.problems]
        found = [
            sum(word in message for message in messages)
            for word in ("below", "above", "more than", "stands on")
        ]
        expected = duckdb.sql(
            "select count(*) filter (n < 0), count(*) filter (n > 5), count(*) filter (n > m),"
            " (select count(*) from (from frame select code group by code having count(*) > 1))"
            " from frame"
        ).fetchall()[0]
        assert tuple(found) == expected


# --- links and answers -----------------------------------------------------------------------

LINKS = """consumer,provider,kind,status,calls,successes
1,b,data,live,10,9
1,b,enabler,Needed,,
2,a,data,live,1,1
"""


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_links_are_counted_per_service(tmp_path, engine, kind):
    written(tmp_path, agencies="code\na\nb\n", links=LINKS)
    frame = pl.DataFrame({"code": ["1", "2", "3"], "agency": ["a", "a", "b"]})
    getattr(frame, f"write_{kind}")(tmp_path / f"services.{kind}")
    needs = {"services": [need("links_required"), need("links_live")]}
    prepared = prepare(load_dataset(tmp_path, engine=engine), needs)
    assert sorted(rows(prepared, "code", "links_required", "links_live")) == [
        ("1", 2.0, 1.0), ("2", 1.0, 1.0), ("3", 0.0, 0.0)
    ]  # fmt: skip


def test_links_that_lead_nowhere_are_refused(tmp_path):
    text = LINKS + "9,zz,data,live,1,2\n1,b,date,up,,\n"
    written(tmp_path, agencies="code\na\nb\n", services="code,agency\n1,a\n2,a\n", links=text)
    told = problems(load_dataset(tmp_path))
    assert [line for line in told if "hint" not in line] == [
        "links.csv: 'date' is not one of the values of 'kind'  (row 6, column kind)",
        "links.csv: 'up' is not one of the values of 'status'  (row 6, column status)",
    ]
    (tmp_path / "links.csv").write_text(text.replace("1,b,date,up,,\n", ""))
    told = problems(load_dataset(tmp_path))
    assert [line for line in told if "hint" not in line] == [
        "links.csv: no agency has the code 'zz'  (row 5, column provider)",
        "links.csv: no service has the code '9'  (row 5, column consumer)",
        "links.csv: 2 is more than calls, which is 1  (row 5, column successes)",
    ]


ANSWERS = """subject,indicator,value,status,source,date
1,visits,5,,declared,2024-01-05
1,visits,3,,audited,2024-01-02
1,visits,4,,audited,2024-01-03
2,visits,,refused,declared,
2,visits,8,,declared,2023-01-01
3,visits,1,,declared,2024-01-01
3,visits,2,,appealed,2020-01-01
3,visits,9,,audited,2025-01-01
a,budget,10,,declared,
a,budget,16,,audited,
"""


def test_the_effective_answer_takes_the_place_of_the_table(tmp_path):
    written(
        tmp_path,
        agencies="code,budget\na,1\nb,2\n",
        services="code,agency,visits\n1,a,0\n2,a,0\n3,b,0\n4,b,7\n",
        answers=ANSWERS,
    )
    needs = {
        "services": [need("visits", low=0)],
        "agencies": [need("budget"), need("declaration_gap")],
    }
    prepared = prepare(load_dataset(tmp_path), needs)
    # A refusal without a date is the earliest: the dated declaration outranks it.
    assert rows(prepared, "code", "visits") == [("1", 4.0), ("2", 8.0), ("3", 2.0), ("4", 7.0)]
    assert prepared.agencies.to_native().select("code", "budget", "declaration_gap").rows() == [
        ("a", 16.0, (abs(5 - 4) + abs(10 - 16)) / 2),
        ("b", 2.0, 8.0),
    ]


def test_a_refused_answer_is_a_status_and_a_wrong_one_is_told(tmp_path):
    written(
        tmp_path,
        services="code,agency\n1,a\n2,a\n",
        answers="subject,indicator,value,status\n1,visits,,Refused\n2,visits,2,\n",
    )
    prepared = prepare(load_dataset(tmp_path), {"services": [need("visits")]})
    assert rows(prepared, "visits", "visits__status") == [(None, "refused"), (2.0, None)]
    text = "subject,indicator,value\n1,visits,many\n7,visits,1\n2,visits,\n"
    (tmp_path / "answers.csv").write_text(text)
    assert problems(load_dataset(tmp_path), services=[need("visits")]) == [
        "answers.csv: a valid answer has a value  (row 4, column value)",
        "answers.csv: 'many' is not a number, as 'visits' needs  (row 2, column value)",
    ]
    (tmp_path / "answers.csv").write_text("subject,indicator,value\n1,visits,2\n7,visits,1\n")
    assert problems(load_dataset(tmp_path), services=[need("visits")]) == [
        "answers.csv: no agency or service has the code '7'  (row 3, column subject)",
    ]
