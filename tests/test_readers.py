"""Reading files: against the csv and json modules, xlsxwriter, and broken files."""

import csv
import io
import json
import os
import re
import zipfile
from datetime import date

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from egovrules import readers
from egovrules.errors import DatasetError
from egovrules.readers import ROW, Layout, files, read_text, scan_parquet

BUDGET = 150 * int(os.environ.get("EGOVRULES_FUZZ", "1"))
CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\x1f\0"), max_size=8)


def refused(path, layout=None, table=""):
    with pytest.raises(DatasetError) as caught:
        read_text(path, path.name, layout, table)
    return str(caught.value)


def written(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@settings(max_examples=BUDGET, deadline=None, derandomize=True, database=None)
@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=6), st.sampled_from(",;\t"))
def test_csv_is_read_as_the_csv_module_writes_it(tmp_path_factory, rows, delimiter):
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([["a", "b", "c"], *rows])
    path = written(tmp_path_factory.mktemp("csv"), "services.csv", stream.getvalue())
    frame, _ = read_text(path, path.name, Layout(delimiter=delimiter))
    stripped = [[cell.strip(readers.BLANKS) or None for cell in row] for row in rows]
    kept = [(at, *row) for at, row in enumerate(stripped, 2) if any(row)]
    assert frame.select(ROW, "a", "b", "c").rows() == kept


def test_codes_keep_their_zeros_and_rows_their_numbers(tmp_path):
    path = written(
        tmp_path,
        "services.csv",
        "\ufeffcode , visits\r\n 007 ,1\r\n\r\n,\r\n\u06f0\u06f1,\u200c \r\n",
    )
    frame, digest = read_text(path, "services.csv")
    assert frame.rows() == [(2, "007", "1"), (5, "۰۱", None)]
    assert frame.columns == [ROW, "code", "visits"]
    assert digest == readers.file_digest(path)


def test_line_ends_inside_quotes_stay(tmp_path):
    path = written(tmp_path, "services.csv", 'code,note\n1,"a\nb, ""c"""\n2,d\n')
    assert read_text(path, "x")[0].rows() == [(2, "1", 'a\nb, "c"'), (3, "2", "d")]


def test_a_layout_skips_to_the_header_and_stops_at_the_footer(tmp_path):
    text = 'Title, "odd\n\ncode;n\n1;2\n3;4\n\nTimestamp:2026\n'
    path = written(tmp_path, "services.csv", text)
    layout = Layout(delimiter=";", header_row=3, stop_at="Timestamp:")
    assert read_text(path, "x", layout)[0].rows() == [(4, "1", "2"), (5, "3", "4")]


@pytest.mark.parametrize("encoding", ["utf-16", "windows-1256", "cp437"])
def test_a_named_encoding_is_read(tmp_path, encoding):
    word = "سلام" if encoding != "cp437" else "café"
    path = written(tmp_path, "services.csv", f"code\n{word}\n".encode(encoding))
    assert read_text(path, "x", Layout(encoding=encoding))[0]["code"].to_list() == [word]


BROKEN = [
    ("", "services.csv: the file is empty"),
    ("\ufeff \n\n", "services.csv: the file is empty"),
    (",,\n1,2,3\n", "services.csv: the file has no header"),
    ("1,2\n3,4\n", "services.csv: the file has no header: its first row holds numbers"),
    ("a,b,a\n1,2,3\n", "services.csv: the name 'a' heads columns 1 and 3  (row 1)"),
    ("a,,\n1,2,3\n", "services.csv: columns without a name: 2, 3  (row 1)"),
    ("a,__row\n1,2\n", "services.csv: the name '__row' starts with '__'  (row 1)"),
    ("a,b\n1,2\n3\n4,5,6\n7,8", "services.csv: the row has 1 instead of 2 cells  (row 3)"),
    ("a,b\n1,2\n4,5,6\n7,8", "services.csv: the row has more than 2 cells  (row 3)"),
    ('a,b\n1,2\n3,"4\n5,6\n', "services.csv:3: a quotation mark is not closed"),
    ('a,b\n1,"2"x\n', "services.csv:2: a quotation mark is not closed, or stands inside"),
    ("a;b\n1;2\n", "services.csv: the columns seem to be separated by ';'"),
    ("a,b\n1,\x1f\n", "services.csv: the file holds the control character U+001F"),
    (b"a,b\n1,caf\xe9\n", "services.csv: the byte 0xE9 on line 2 is not utf-8"),
    ("a,b\n1,2\n".encode("utf-16"), "services.csv: this is not UTF-8 text"),
    (b"a,b\n1,\0\n", "services.csv: this is not UTF-8 text"),
    (b"PK\x03\x04rest", "services.csv: this is an Excel file"),
]


@pytest.mark.parametrize(("content", "message"), BROKEN)
def test_broken_csv_says_what_is_wrong_and_where(tmp_path, content, message):
    assert refused(written(tmp_path, "services.csv", content)).startswith(message)


@pytest.mark.parametrize(
    ("text", "encoding", "advice"),
    [
        ("سازمان ثبت", "cp1256", "windows-1256"),
        ("café à", "cp1252", "windows-1252"),
        ("سازمان", "utf-16", "utf-16"),
    ],
)
def test_the_right_encoding_is_advised_and_works(tmp_path, text, encoding, advice):
    path = written(tmp_path, "services.csv", f"name\n{text}\n".encode(encoding))
    assert f"encoding: {advice}" in refused(path)
    assert read_text(path, "x", Layout(encoding=advice))[0]["name"].to_list() == [text]


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        ("name\nقم\n".encode("cp1256"), "windows-1256"),  # a word of two letters
        (b"name\n" + b"plain\n" * 20_000 + "سازمان\n".encode("cp1256"), "windows-1256"),
        ("name\nÅre\nKöln\nøå\n".encode("cp1252"), "windows-1252"),
    ],
)
def test_an_encoding_is_guessed_from_the_first_strange_byte_on(tmp_path, content, advice):
    assert f"encoding: {advice}" in refused(written(tmp_path, "services.csv", content))


def test_all_ragged_rows_are_told_the_first_hundred_in_full(tmp_path):
    path = written(tmp_path, "services.csv", "a,b\n" + "1\n" * 1334)
    lines = refused(path).splitlines()
    assert len(lines) == 101
    assert lines[99] == "services.csv: the row has 1 instead of 2 cells  (row 101)"
    assert lines[100] == "services.csv: and 1,234 more such rows"


def test_too_many_columns_and_too_many_bytes_are_refused(tmp_path, monkeypatch):
    wide = written(tmp_path, "services.csv", ",".join(f"c{at}" for at in range(10_001)) + "\n")
    assert "10,001 columns are too many" in refused(wide)
    monkeypatch.setattr(readers, "MAX_BYTES", 10)
    assert "larger than 4 GiB" in refused(wide)


FUZZ = st.binary(max_size=60) | st.text("a,;\"'\n\r\t1\0é سن", max_size=60).map(str.encode)


@settings(max_examples=2 * BUDGET, deadline=None, derandomize=True, database=None)
@given(FUZZ, st.sampled_from([".csv", ".tsv", ".jsonl", ".xlsx"]))
def test_whatever_is_in_a_file_is_read_or_refused(tmp_path_factory, content, suffix):
    path = written(tmp_path_factory.mktemp("fuzz"), f"services{suffix}", content)
    try:
        frame, _ = read_text(path, path.name)
    except DatasetError:
        return  # and nothing else is ever raised
    assert set(frame.schema.values()) <= {pl.Int64(), pl.String()}


def workbook(path, sheets):
    book = xlsxwriter.Workbook(str(path))
    as_date = book.add_format({"num_format": "yyyy-mm-dd"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(at, column, cell, as_date)
                elif isinstance(cell, str):
                    sheet.write_string(at, column, cell)
                elif cell is not None:
                    sheet.write(at, column, cell)
    book.close()
    return path


def test_excel_cells_are_what_was_put_in(tmp_path):
    numbers = [0.3333333333333333, 1e-12, 123456789.123456, -0.1, 1e15, 12.0]
    rows = [["code", "n", "b", "d"], ["007", "1.10", True, date(2024, 2, 29)], [None] * 4]
    rows += [[5, number, None, None] for number in numbers]
    path = workbook(tmp_path / "services.xlsx", {"services": rows})
    frame, _ = read_text(path, "x")
    assert frame.row(0) == (2, "007", "1.10", "true", "2024-02-29 00:00:00")
    assert frame[ROW].to_list()[1:] == list(range(4, 4 + len(numbers)))
    assert frame["code"].to_list()[1:] == ["5"] * len(numbers)
    assert [float(cell) for cell in frame["n"].to_list()[1:]] == numbers


def test_the_sheet_is_the_one_named_as_the_table_or_the_only_one(tmp_path):
    sheets = {"notes": [["x"]], "services": [["code"], ["1"]]}
    path = workbook(tmp_path / "book.xlsx", sheets)
    assert read_text(path, "x", table="services")[0]["code"].to_list() == ["1"]
    assert read_text(path, "x", Layout(sheet="notes"))[0].columns == [ROW, "x"]
    message = refused(path, table="service")
    assert message == "book.xlsx: there is no sheet 'service'\n  hint: did you mean 'services'?"


def test_broken_and_swollen_excel_files_are_refused(tmp_path, monkeypatch):
    path = workbook(tmp_path / "services.xlsx", {"services": [["code"], ["1"]]})
    cut = written(tmp_path, "cut.xlsx", path.read_bytes()[:-40])
    assert "not a whole Excel file" in refused(cut)
    other = tmp_path / "other.xlsx"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("a", "b")
    assert "not a whole Excel file" in refused(other)
    empty = workbook(tmp_path / "empty.xlsx", {"services": []})
    assert "the sheet is empty" in refused(empty)
    monkeypatch.setattr(files, "MAX_UNPACKED", 100)
    assert "unpacks to more than 1 GiB" in refused(path)


ERRORS = ["#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"]


def test_excel_errors_are_told_by_cell(tmp_path):
    path = tmp_path / "services.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet, other = book.add_worksheet("services"), book.add_worksheet("notes")
    sheet.write_formula("C1", "=1/0", value="#DIV/0!")  # above the header
    sheet.write_row("A2", ["code", "n"])
    for row, error in enumerate(ERRORS, 2):
        sheet.write_string(row, 0, "#N/A")  # typed as text, so no error
        sheet.write_formula(row, 27, "=1/0", value=error)
    sheet.set_footer("footer")
    other.write_row("A1", ["a", "b"])
    other.write_row("A2", [1, 2])
    book.close()
    problems = [
        f"services.xlsx: AB{row} holds {error}  (sheet services)\n"
        "  hint: mend or empty the cell, and save the file again"
        for row, error in enumerate(ERRORS, 3)
    ]
    told = refused(path, Layout(sheet="services", header_row=2))
    assert told == "\n".join(problems)
    frame, _ = read_text(path, path.name, Layout(sheet="notes"))
    assert frame.rows() == [(2, "1", "2")]


def test_of_many_excel_errors_a_hundred_are_told_in_full(tmp_path):
    path = tmp_path / "services.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    sheet.write("A1", "code")
    for row in range(1, 1235):
        sheet.write_formula(row, 0, "=1/0", value="#N/A")
    book.close()
    told = refused(path).splitlines()
    assert told[198] == "services.xlsx: A101 holds #N/A  (sheet Sheet1)"
    assert told[200:] == ["services.xlsx: and 1,134 more such cells  (sheet Sheet1)"]


def test_a_stray_cell_far_out_is_named_and_not_reserved_for(tmp_path):
    path = tmp_path / "services.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("services")
    sheet.write_row("A1", ["code", "n"])
    sheet.write_blank("XFD1048576", None, book.add_format({"bold": True}))  # a colour, no content
    book.close()
    assert read_text(path, path.name)[0].is_empty()
    far = "XFD1048576", [], "XFD1048576"
    apart = "XFD1", ["B1048576"], "B1048576 and XFD1"
    for cell, others, named in (far, apart):
        book = xlsxwriter.Workbook(str(path))
        sheet = book.add_worksheet("services")
        for one in [cell, *others]:
            sheet.write(one, 1)
        book.close()
        expected = f"the sheet reaches out to {named}: 1,048,576 rows × 16,384 columns"
        assert expected in refused(path)


def repacked(path, part, edit):
    """Write a workbook again with one part changed."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = edit(parts[part])
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


SHEET = "xl/worksheets/sheet1.xml"


def test_a_sheet_may_be_written_in_other_ways_and_is_scanned_all_the_same(tmp_path):
    rows = b'<row r="1048576"><c><v>1</v></c><c foo=">" r="xfd1048576"><v>1</v></c></row>'
    path = workbook(tmp_path / "services.xlsx", {"services": [["code"], ["1"]]})
    repacked(path, SHEET, lambda xml: xml.replace(b"</sheetData>", rows + b"</sheetData>"))
    assert "reaches out to A1048576 and XFD1048576" in refused(path)

    def without_places(xml):
        return re.sub(rb'(<(?:c|row))( r="[A-Z0-9]+")', rb"\1", xml)

    path = workbook(tmp_path / "services.xlsx", {"services": [["code", "n"], ["1", 2]]})
    repacked(path, SHEET, without_places)
    frame, _ = read_text(path, path.name)
    assert frame.rows() == [(2, "1", "2")]


@pytest.mark.parametrize(
    "edit",
    [
        lambda xml: xml.replace(b"<worksheet", b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet', 1),
        lambda xml: xml.replace(b'r="A1"', b'r="1A"'),
        lambda xml: xml[:-20],
        lambda _: b"",
    ],
)
def test_a_sheet_that_excel_would_not_write_is_refused(tmp_path, edit):
    path = workbook(tmp_path / "services.xlsx", {"services": [["code"], ["1"]]})
    assert "not a whole Excel file" in refused(repacked(path, SHEET, edit))


JSON_CELLS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | CELLS
)
RECORDS = st.lists(st.dictionaries(st.sampled_from("abc"), JSON_CELLS, min_size=1), min_size=1)


@settings(max_examples=BUDGET, deadline=None, derandomize=True, database=None)
@given(RECORDS)
def test_json_lines_keep_every_cell(tmp_path_factory, records):
    text = "".join(json.dumps(record) + "\n" for record in records)
    path = written(tmp_path_factory.mktemp("json"), "services.jsonl", text)
    frame, _ = read_text(path, path.name)
    found = {row.pop(ROW): row for row in frame.rows(named=True)}
    for line, record in enumerate(records, 1):
        row = found.get(line, {})
        for name, cell in record.items():
            if isinstance(cell, str):
                assert row.get(name) == (cell.strip(readers.BLANKS) or None)
            else:
                assert row.get(name) == (None if cell is None else json.dumps(cell))


def test_broken_json_lines_are_all_named(tmp_path):
    lines = ['{"a": 1}', "", "[1]", '{"a": ', '{"a": 1, "a": 2}', '{"a": {"b": 1}}', '{"a": "x"}']
    message = refused(written(tmp_path, "services.jsonl", "\n".join(lines)))
    assert [line.split(": ")[0] for line in message.splitlines() if line.startswith("ser")] == [
        f"services.jsonl:{line}" for line in (3, 4, 5, 6)
    ]
    deep = written(tmp_path, "deep.jsonl", '{"a":' * 100_000)
    assert refused(deep).startswith("deep.jsonl:1: this line is not JSON")


def test_a_parquet_file_that_was_cut_is_refused(tmp_path):
    path = tmp_path / "services.parquet"
    pl.DataFrame({"code": ["1"]}).write_parquet(path)
    assert scan_parquet(path, "x").collect().rows() == [("1",)]
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(DatasetError, match=r"services.parquet: this is not a whole Parquet file"):
        scan_parquet(path, path.name)


def test_a_missing_extra_says_what_to_install():
    with pytest.raises(DatasetError, match=r"pip install 'egovrules\[excel\]'"):
        readers.optional("no_such_module_at_all", "excel")
