"""What an export holds: every number as evaluated, every text harmless, every column described."""

import csv
import io
import json
import math
import re
import zipfile
from dataclasses import replace
from datetime import date
from xml.etree import ElementTree as ET

import fastexcel
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from egovrules.dataset import Dataset
from egovrules.errors import EvaluationError
from egovrules.evaluation import evaluate
from egovrules.export import cells, export, workbook
from egovrules.export.columns import described
from egovrules.export.tables import tables_of
from egovrules.report.plain import printable
from egovrules.result import TABLES
from egovrules.ruleset import read_ruleset
from egovrules.text import translate

RULESET = """
schema: egovrules/1
id: t
title: {en: "=Round & co", fa: دور}
rank: {decimals: 2}
rollup: {weight: annual_volume}
axes:
  a:
    title: {en: Access, fa: دسترسی}
    criteria:
      x: {use: core.value, normalise: min_max, level: service, with: {column: v}}
      y: {use: core.value, with: {column: own}, title: {en: Same, fa: همان}}
  b:
    title: "=1+1"
    criteria:
      z: {use: core.value, with: {column: own}, title: {en: Same, fa: همان}}
derive: {score: a.x}
bands: {b: {of: services, by: score, labels: [{low: "< 50", title: {fa: کم}}], otherwise: rest}}
lists:
  best: {of: agencies, by: total, top: 9}
  low: {of: services, when: score < 50}
findings:
  f: {of: services, severity: warning, when: score < 50, message: "{name}: {score}"}
  g: {of: agencies, severity: info, when: total > 0, message: "{name}"}
reconcile: {r: {total: 4, parts: bands.b}}
"""
SPACE = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
HOSTILE = [
    '=HYPERLINK("http://x.example","pay")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "+1+1",
    "-1+1",
    "\t=1+1",
    "\r=1+1",
    " \u00a0=1+1",
    "＝1+1",
    "'=1+1",
    "<r><t>rich</t></r>",
    "<r>&<broken></r>",
    "<script>alert(1)</script>",
    "</t></is></c>",
    "_x0041_",
    "\u202egnp.exe\u202c",
    "a\x00b\x07c\x1b[31m",
    "\ufffe\uffff",
    "x" * 500,
    "😀" * 20_000,
    "وزارت «راه»، ۱۲۳",
]


def made(names=("پست", "راه"), *, services=True, previous=None, own=50.0):
    codes = [f"A{number}" for number in range(len(names))]
    agencies = pl.DataFrame(
        {
            "code": codes,
            "name_fa": list(names),
            "name_en": [None, *names[1:]],
            "own": [own + number / 3 for number in range(len(names))],
        }
    )
    table = pl.DataFrame(
        {
            "code": ["001", "002", "003"],
            "agency": [codes[0], codes[0], codes[-1]],
            "name": [names[0], None, ""],
            "v": [10.0, None, 30.0],
            "annual_volume": [5.0, 1.0, None],
        }
    )
    dataset = Dataset.of(agencies=agencies, services=table if services else None)
    text = RULESET if services else agencies_only()
    return evaluate(read_ruleset(text), dataset, previous=previous)


def agencies_only():
    kept = [
        line for line in RULESET.splitlines() if not re.search(r"service|score|rollup|recon", line)
    ]
    return "\n".join(kept)


@pytest.fixture(scope="module")
def evaluation():
    return made(previous=made(own=40.0))


def tag(name):
    return f"{{{SPACE['m']}}}{name}"


def parsed(archive, name):
    return ET.fromstring(archive.read(name))  # noqa: S314 - written by the code under test


def sheets(path):
    """Read every cell of a workbook by eye of XML alone: {sheet: {(row, column): value}}."""
    with zipfile.ZipFile(path) as archive:
        names = [
            one.get("name")
            for one in parsed(archive, "xl/workbook.xml").iter()
            if one.tag.endswith("}sheet")
        ]
        found = {}
        for number, name in enumerate(names, 1):
            root = parsed(archive, f"xl/worksheets/sheet{number}.xml")
            assert root.find(".//m:f", SPACE) is None, "a formula"
            cell = {}
            for one in root.iterfind(".//m:c", SPACE):
                text = "".join(part.text or "" for part in one.iterfind(".//m:t", SPACE))
                number_text = one.findtext("m:v", None, SPACE)
                value = text if one.get("t") == "inlineStr" else float(number_text)
                cell[one.get("r")] = value
            found[name] = (root, cell)
    return found


def columns_of(sheet):
    """Turn the cells of a sheet into {heading: [values beneath]}."""
    rows = {}
    for place, value in sheet.items():
        letters, number = re.fullmatch("([A-Z]+)([0-9]+)", place).groups()
        rows.setdefault(letters, {})[int(number)] = value
    last = max(max(one) for one in rows.values())
    return {one[1]: [one.get(number) for number in range(2, last + 1)] for one in rows.values()}


def read_csv(path, encoding="utf-8"):
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode(encoding), newline="")))


# --- numbers ------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "fa"])
def test_every_number_of_the_workbook_is_the_evaluations(evaluation, tmp_path, language):
    path = export(evaluation, tmp_path / "r.xlsx", language=language)
    _, *cells, _ = sheets(path).values()  # what it is about, the tables, the codebook
    compared = 0
    for (name, table), (_, cell) in zip(tables_of(evaluation).items(), cells, strict=True):
        heads = {
            one.name: one.title
            for one in described(name, table, evaluation.manifest, language)
            if table.schema[one.name].is_numeric()
        }
        if not table.height:
            continue
        written = columns_of(cell)
        for column, head in heads.items():
            for want, got in zip(table[column], written[head], strict=False):
                compared += want is not None
                assert (got is None) if want is None else math.isclose(got, want, rel_tol=1e-15)
            assert len(written[head]) == table.height
    assert compared > 100


def test_another_reader_finds_the_same_totals(evaluation, tmp_path):
    path = export(evaluation, tmp_path / "r.xlsx")
    frame = fastexcel.read_excel(path).load_sheet("Agencies").to_polars()
    assert frame["Total"].to_list() == pytest.approx(evaluation.agencies["total"].to_list(), 1e-15)
    assert frame["Agency code"].to_list() == evaluation.agencies["agency"].to_list()
    assert frame["Agency code"].dtype == pl.String


def test_csv_and_json_hold_every_number_to_the_last_bit(evaluation, tmp_path):
    export(evaluation, tmp_path / "c", "csv")
    rows = read_csv(tmp_path / "c" / "criteria.csv", "utf-8-sig")
    assert [row["Score"] for row in rows] == [
        "" if score is None else repr(score) for score in evaluation.criteria["score"]
    ]
    document = json.loads(export(evaluation, tmp_path / "r.json").read_text(encoding="utf-8"))
    for name in (*TABLES, "services", "vanished"):
        assert document["tables"][name] == getattr(evaluation, name).to_dicts()
    assert document["digests"]["scores"] == evaluation.digests["scores"]


def test_what_is_no_number_is_an_empty_cell(evaluation):
    broken = evaluation.agencies.with_columns(pl.Series("b", [math.nan, math.inf]))
    changed = replace(evaluation, agencies=broken)
    assert tables_of(changed)["agencies"]["b"].to_list() == [None, None]


# --- texts from strangers -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def hostile():
    return made(HOSTILE)


def test_hostile_names_are_texts_in_the_workbook(hostile, tmp_path):
    path = export(hostile, tmp_path / "r.xlsx", language="fa")
    root, cell = sheets(path)["دستگاه‌های اجرایی"]
    codes = columns_of(cell)["کد دستگاه"]
    written = dict(zip(codes, columns_of(cell)["نام"], strict=True))
    unescaped = {f"A{n}": re.sub("_x005F_", "_", written[f"A{n}"]) for n in range(len(HOSTILE))}
    for number, name in enumerate(HOSTILE):
        clean = printable(name.replace("\r", " ")).strip("\ufffe\uffff") or f"A{number}"
        assert unescaped[f"A{number}"] == clean[: 32_767 // 2 if "😀" in name else None], name
    styles = styled(path, root)
    assert {codes[row - 2] for row, quoted in styles.items() if quoted} == {
        f"A{number}" for number in range(9)
    }


def styled(path, root):
    """Tell for each row of the agencies' names whether it bears Excel's mark for text."""
    with zipfile.ZipFile(path) as archive:
        styles = parsed(archive, "xl/styles.xml")
    formats = styles.find("m:cellXfs", SPACE)
    quoted = [one.get("quotePrefix") == "1" for one in formats]
    return {
        int(one.get("r")[1:]): quoted[int(one.get("s"))]
        for one in root.iterfind(".//m:c", SPACE)
        if re.fullmatch("B[0-9]+", one.get("r")) and one.get("r") != "B1"
    }


def test_another_reader_opens_the_hostile_workbook(hostile, tmp_path):
    path = export(hostile, tmp_path / "r.xlsx")
    book = fastexcel.read_excel(path)
    assert len(book.sheet_names) == len(tables_of(hostile)) + 2
    for name in book.sheet_names:
        book.load_sheet(name).to_polars()


@pytest.mark.parametrize(("form", "encoding"), [("csv", "utf-8-sig"), ("datapackage", "utf-8")])
def test_no_cell_of_a_csv_file_is_taken_for_a_formula(hostile, tmp_path, form, encoding):
    export(hostile, tmp_path / "c", form, language="en")
    seen = 0
    for path in (tmp_path / "c").glob("*.csv"):
        text = path.read_bytes().decode(encoding)
        assert path.read_bytes().startswith(b"\xef\xbb\xbf") == (form == "csv")
        for row in csv.reader(io.StringIO(text, newline="")):
            for cell in row:
                seen += 1
                number = re.fullmatch(r"-?[0-9.]+(e-?[0-9]+)?", cell)
                assert number or not re.match(r"[\s]*[=+\-@＝]|[\t\r\n]", cell), (path.name, cell)
    assert seen > 500
    assert ("=Round" in (tmp_path / "c" / "about.csv").read_text(encoding)) if form == "csv" else 1


def test_a_package_gives_every_text_back_as_it_was(hostile, tmp_path):
    export(hostile, tmp_path / "c", "datapackage")
    rows = read_csv(tmp_path / "c" / "agencies.csv")
    sign = re.compile(r"'+(\s*[=+\-@＝＋－＠]|[\t\r\n])")
    got = {
        row["agency"]: row["name_fa"][1:] if sign.match(row["name_fa"]) else row["name_fa"]
        for row in rows
    }
    assert got == {f"A{number}": name for number, name in enumerate(HOSTILE)}


@given(st.lists(st.text(), min_size=1))
@example(["\x1c=1", "\x85=1", "'", "'\t"])
def test_neutralised_texts_come_back_by_taking_one_apostrophe_off(texts):
    written = cells.neutralised(pl.DataFrame({"t": texts}, schema={"t": pl.String}))["t"]
    for text, cell in zip(texts, written, strict=True):
        assert cell in (text, f"'{text}")
        assert cell == cells.neutral(text)
        assert not re.match(r"\s*[=+\-@]|[\t\r\n]", cell)
        taken = cell[1:] if re.match(r"'+(\s*[=+\-@＝＋－＠]|[\t\r\n])", cell) else cell
        assert taken == text


@given(st.text())
def test_legible_drops_what_the_terminal_drops(text):
    (cell,) = cells.legible(pl.DataFrame({"t": [text]}, schema={"t": pl.String}))["t"]
    breaks = "\t\r\f\v\x85\u2028\u2029"
    expected = printable("".join(" " if c in breaks else c for c in text))
    assert cell == expected.replace("\ufffe", "").replace("\uffff", "")


# --- as people read it --------------------------------------------------------------------------


def test_a_persian_workbook_runs_from_right_to_left(evaluation, tmp_path):
    english = sheets(export(evaluation, tmp_path / "e.xlsx"))
    persian = sheets(export(evaluation, tmp_path / "f.xlsx", language="fa"))
    for found, expected in ((english, None), (persian, "1")):
        for root, _ in found.values():
            assert next(root.iter(tag("sheetView"))).get("rightToLeft") == expected
    _, cell = persian["دستگاه‌های اجرایی"]
    assert columns_of(cell)["نام"] == ["راه", "پست"]
    _, cell = english["Agencies"]
    assert columns_of(cell)["Name"] == ["راه", "پست"]  # the second has no English name


def test_headers_are_frozen_and_filtered(evaluation, tmp_path):
    for title, (root, _) in sheets(export(evaluation, tmp_path / "r.xlsx")).items():
        if title != "About":
            assert next(root.iter(tag("pane"))).get("ySplit") == "1"
            assert next(root.iter(tag("autoFilter"))).get("ref").startswith("A1:")
        widths = [float(one.get("width")) for one in root.iter(tag("col"))]
        assert all(7 < width < 62 for width in widths) or title == "About"


def test_states_bands_and_answers_are_spelled_out(evaluation, tmp_path):
    export(evaluation, tmp_path / "c", "csv", language="fa")
    services = read_csv(tmp_path / "c" / "services.csv", "utf-8-sig")
    assert {row["مقدار: وضعیت"] for row in services} == {"امتیازدهی‌شده", "فاقد داده"}
    bands = read_csv(tmp_path / "c" / "bands.csv", "utf-8-sig")
    assert [row["برچسب"] for row in bands] == ["کم", "rest"]  # the second has no title
    (row,) = read_csv(tmp_path / "c" / "reconciliations.csv", "utf-8-sig")
    assert row["برقرار"] == "خیر"


def test_codes_are_followed_by_the_names_they_stand_for(evaluation, tmp_path):
    export(evaluation, tmp_path / "c", "csv")
    rows = read_csv(tmp_path / "c" / "criteria.csv", "utf-8-sig")
    assert {(row["Agency code"], row["Name"]) for row in rows} == {("A0", "پست"), ("A1", "راه")}
    lists = read_csv(tmp_path / "c" / "lists.csv", "utf-8-sig")
    assert [(row["Subject"], row["Name"]) for row in lists if row["List"] == "low"] == [
        ("001", "پست")
    ]
    services = read_csv(tmp_path / "c" / "services.csv", "utf-8-sig")
    assert {row["Service code"]: row["Name"] for row in services} == {
        "001": "پست",
        "002": "002",
        "003": "003",
    }


def test_columns_of_one_title_are_told_apart(evaluation):
    columns = described("services", evaluation.services, evaluation.manifest, "en")
    titles = [column.title for column in columns]
    assert len(titles) == len(set(titles))
    nodes = pl.DataFrame({"a.y": [1.0], "b.z": [1.0]})
    assert [one.title for one in described("services", nodes, evaluation.manifest, "en")] == [
        "Same (a.y)",
        "Same (b.z)",
    ]
    totals = pl.DataFrame({"total": [1.0], "Total": [1.0]})
    assert [one.title for one in described("agencies", totals, evaluation.manifest, "en")] == [
        "Total (total)",
        "Total (Total)",
    ]


def test_every_column_and_word_of_an_export_is_persian_but_for_names(evaluation):
    told = set()
    for name, table in tables_of(evaluation).items():
        for column in described(name, table, evaluation.manifest, "fa"):
            told |= {column.title, column.unit, column.meaning} - {""}
    latin = {text for text in told if re.search("[A-Za-z]", re.sub(r"a\.[xy]|b\.z", "", text))}
    assert latin == {"b", "Score"}  # a band without a title, and what the ruleset derives
    assert all(translate(word, "fa") != word for word in ("same", "up", "down"))


# --- sizes, digits, days ------------------------------------------------------------------------


def test_a_table_larger_than_a_sheet_is_refused(evaluation, tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "MAX_ROWS", 2)
    with pytest.raises(EvaluationError, match=r"holds 2 rows(.|\n)*csv or datapackage"):
        export(evaluation, tmp_path / "r.xlsx")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("form", ["xlsx", "csv", "json", "datapackage", "press"])
def test_the_same_evaluation_gives_the_same_bytes(evaluation, tmp_path, form):
    ending = {"xlsx": ".xlsx", "json": ".json", "press": ".md"}.get(form, "")
    first = export(evaluation, tmp_path / f"one{ending}", form)
    second = export(made(previous=made(own=40.0)), tmp_path / f"two{ending}", form)
    assert content(first) == content(second)


def content(path):
    files = [path] if path.is_file() else sorted(path.rglob("*"))
    return [(one.name if path.is_dir() else "", one.read_bytes()) for one in files]


def test_a_workbook_tells_no_day_of_its_making(evaluation, tmp_path):
    with zipfile.ZipFile(export(evaluation, tmp_path / "r.xlsx")) as archive:
        assert {one.date_time[0] for one in archive.infolist()} == {1980}
        core = archive.read("docProps/core.xml").decode()
    assert str(date.today().year) not in core  # noqa: DTZ011


def test_colours_can_be_read():
    def light(colour):
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05

    for style in (workbook._HEADER, workbook._MARK):
        pair = sorted([light(style["font_color"]), light(style["bg_color"])])
        assert pair[1] / pair[0] > 7


@pytest.mark.parametrize("form", ["xlsx", "csv", "json", "datapackage", "press"])
def test_an_evaluation_without_services_is_exported(tmp_path, form):
    ending = {"xlsx": ".xlsx", "json": ".json", "press": ".md"}.get(form, "")
    assert export(made(services=False), tmp_path / f"r{ending}", form, language="fa").exists()


def test_numbers_about_an_evaluation_are_numbers_in_the_workbook(evaluation, tmp_path):
    path = export(evaluation, tmp_path / "r.xlsx")
    cells = sheets(path)["About"][1]
    told = {value: cells.get(f"B{key[1:]}") for key, value in cells.items() if key[0] == "A"}
    assert told["Number of services"] == 3.0
    assert told["Number of agencies"] == 2.0
    totals = evaluation.agencies["total"].drop_nulls().to_list()
    assert told["Average total"] == pytest.approx(sum(totals) / len(totals), abs=1e-12)
    (row,) = evaluation.reconciliations.iter_rows(named=True)
    (label,) = [one for one in told if one.startswith("not accounted for") and one[-1] != ")"]
    assert told[label] == row["total"] - row["parts"]


def test_tables_of_what_an_index_has_not_are_left_out(tmp_path):
    names = {path.stem for path in export(made(services=False), tmp_path / "r", "csv").iterdir()}
    assert not names & {"services", "reconciliations", "vanished"}
    assert {"agencies", "nodes", "criteria", "about", "codebook"} <= names


GROWN = """
schema: egovrules/1
id: grown
title: T
rank: {decimals: 2, ties: TIES}
axes: {a: {criteria: {x: {use: core.value, with: {column: own}}}}}
bands: {b: {of: agencies, by: total, labels: [{low: "< 50"}], otherwise: rest}}
"""


def number_formats(path, sheet):
    """Return the number format of every column's first cell that holds a number, by heading."""
    with zipfile.ZipFile(path) as book:
        styles = ET.fromstring(book.read("xl/styles.xml"))  # noqa: S314 - our own file
        cells = ET.fromstring(book.read(f"xl/worksheets/sheet{sheet}.xml"))  # noqa: S314
    known = {
        one.get("numFmtId"): one.get("formatCode") for one in styles.iterfind(".//m:numFmt", SPACE)
    }
    known |= {"0": "General", "1": "0", "2": "0.00", "3": "#,##0", "49": "@"}
    used = [known[one.get("numFmtId")] for one in styles.iterfind("m:cellXfs/m:xf", SPACE)]
    heads, found = {}, {}
    for cell in cells.iterfind(".//m:c", SPACE):
        column = re.match("[A-Z]+", cell.get("r"))[0]
        if cell.get("t") == "inlineStr":
            heads.setdefault(column, "".join(cell.itertext()))
        else:
            found.setdefault(heads[column], used[int(cell.get("s", 0))])
    return found


def grown(tmp_path, language, ties="min"):
    rules = read_ruleset(GROWN.replace("TIES", ties))
    agencies = pl.DataFrame({"code": ["A", "B"], "own": [60.0, 40.0]})
    before = evaluate(rules, Dataset.of(agencies=agencies.with_columns(own=pl.lit(20.0))))
    made = evaluate(rules, Dataset.of(agencies=agencies), previous=before)
    return made, export(made, tmp_path / f"{language}-{ties}.xlsx", language=language)


def test_numbers_are_shown_as_what_they_are(tmp_path):
    made, path = grown(tmp_path, "en")
    shown = number_formats(path, 2)
    for heading, form in {
        "Rank": "0",
        "Total": "0.00",
        "Coverage": "0.0%",
        "Growth": "+0.00;-0.00;0.00",
        "Places won": "+0;-0;0",
        "Number of services": "#,##0",
    }.items():
        assert shown[heading] == form, heading
    shares = number_formats(path, 2 + list(tables_of(made)).index("bands"))
    assert (shares["Share of all"], shares["Share of assessed"]) == ("0.0%", "0.0%")
    made, path = grown(tmp_path, "fa")
    change = next(
        one
        for one in described("agencies", made.agencies, made.manifest, "fa")
        if one.name == "growth"
    )
    digits = "[$-3000429]"
    assert number_formats(path, 2)[change.title] == f"{digits}+0.00;{digits}-0.00;{digits}0.00"


def test_the_mean_of_shared_ranks_keeps_its_half(tmp_path):
    _, path = grown(tmp_path, "en", ties="average")
    assert number_formats(path, 2)["Rank"] == "General"
