"""Datasets from folders, frames of four libraries, and objects."""

import datetime as dt
import hashlib

import duckdb
import pandas as pd
import polars as pl
import pytest

from egovrules.contract import Need, prepare
from egovrules.dataset import Dataset, load_dataset
from egovrules.errors import DatasetError
from egovrules.model import Agency, Answer, Link, Service

NEEDS = {
    "services": [
        Need("n", "number", "this test"),
        Need("flag", "boolean", "this test"),
        Need("day", "date", "this test"),
    ]
}
ROWS = [
    {"code": "007", "agency": "a", "n": 1.5, "flag": True, "day": dt.date(2024, 2, 29)},
    {"code": "008", "agency": "b", "n": None, "flag": None, "day": None},
]
EXPECTED = [("007", "a", 1.5, True, dt.date(2024, 2, 29)), ("008", "b", None, None, None)]


def rows(dataset, needs=NEEDS):
    frame = prepare(dataset, needs).services.collect("polars").to_native()
    return sorted(frame.select("code", "agency", "n", "flag", "day").rows())


def to_relation(frame):
    return duckdb.connect().from_arrow(frame.to_arrow())


FRAMES = {
    "polars": lambda frame: frame,
    "lazy": lambda frame: frame.lazy(),
    "pandas": lambda frame: pd.DataFrame(frame.rows(named=True)),
    "pandas-arrow": lambda frame: frame.to_pandas(use_pyarrow_extension_array=True),
    "pyarrow": lambda frame: frame.to_arrow(),
    "duckdb": to_relation,
    "dicts": lambda frame: frame.rows(named=True),
    "generator": lambda frame: iter(frame.rows(named=True)),
}


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@pytest.mark.parametrize("kind", FRAMES)
def test_every_kind_of_frame_gives_the_same(kind, engine):
    services = FRAMES[kind](pl.DataFrame(ROWS))
    dataset = Dataset.of(services=services, engine=engine)
    assert rows(dataset) == EXPECTED
    prepared = prepare(dataset, NEEDS)
    assert prepared.services.implementation.is_duckdb() == (engine == "duckdb")
    assert prepared.agencies.to_native()["code"].to_list() == ["a", "b"]


@pytest.mark.parametrize("suffix", ["csv", "tsv", "parquet", "xlsx", "jsonl", "ndjson"])
@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_every_format_gives_the_same(tmp_path, suffix, engine):
    frame = pl.DataFrame(ROWS)
    path = tmp_path / f"services.{suffix}"
    if suffix == "tsv":
        frame.write_csv(path, separator="\t")
    elif suffix == "xlsx":
        frame.write_excel(path, worksheet="services")
    else:
        getattr(frame, f"write_{suffix.replace('jsonl', 'ndjson')}")(path)
    dataset = load_dataset(tmp_path, engine=engine)
    assert rows(dataset) == EXPECTED
    assert dataset.files == {path.name: hashlib.sha256(path.read_bytes()).hexdigest()}
    assert rows(load_dataset(path, engine=engine)) == EXPECTED  # the file alone


def test_objects_of_the_model_are_tables():
    agencies = [
        Agency(
            code="a",
            name={"fa": "الف", "en": "A"},
            aliases=("x", "y"),
            kind="ministry",
            is_main=True,
            predecessors=("z",),
            valid_from=dt.date(2020, 1, 1),
            indicators={"budget": 3},
        )
    ]
    services = [
        Service(code="1", agency="a", name="One", audience={"g2c", "g2b"}, indicators={"n": 2.5}),
        Service(code="2", agency="a", name="Two", eligible=False),
    ]
    links = [Link(consumer="1", provider="a", kind="data", status="live")]
    answers = [
        Answer(subject="2", indicator="n", value=7.25),
        Answer(subject="2", indicator="m", status="refused"),
    ]
    dataset = Dataset.of(agencies=agencies, services=services, links=links, answers=answers)
    needs = [Need(name, "number", "this test") for name in ("n", "m", "links_live")]
    prepared = prepare(dataset, {"services": needs, "agencies": [Need("budget", "number", "x")]})
    frame = prepared.services.collect("polars").to_native()
    columns = ["code", "name", "audience", "eligible", "n", "m", "m__status", "links_live"]
    assert frame.select(columns).rows() == [
        ("1", "One", "g2b;g2c", True, 2.5, None, None, 1.0),
        ("2", "Two", None, False, 7.25, None, "refused", 0.0),
    ]
    columns = ["name", "name_en", "name_fa", "aliases", "kind", "is_main", "predecessors"]
    agencies = prepared.agencies.to_native()
    assert agencies.select(*columns, "valid_from", "budget").rows() == [
        ("الف", "A", "الف", "x;y", "ministry", True, "z", dt.date(2020, 1, 1), 3.0)
    ]


def test_whole_numbers_are_codes_and_decimals_are_not():
    dataset = Dataset.of(agencies=pd.DataFrame({"code": [7, 8]}))
    assert prepare(dataset, {}).agencies.to_native()["code"].to_list() == ["7", "8"]
    with pytest.raises(DatasetError, match="the column 'code' holds numbers, and text is needed"):
        prepare(Dataset.of(agencies=pd.DataFrame({"code": [7.0, None]})), {})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "there is neither a table of agencies nor of services"),
        ({"agencies": "folder"}, "a frame, or a list of records, is expected"),
        ({"agencies": 5}, "a frame, or a list of records, is expected"),
        ({"agencies": [1]}, "a frame, or a list of records, is expected, not of int"),
        ({"agencies": [{"n": 1.5}, {"n": dt.date(2024, 1, 1)}]}, "mixes dates and numbers"),
        ({"agencies": [{"n": 10**40}]}, "the records do not make a table"),
        ({"agencies": [{"n": [1]}, {"n": 1}]}, "a column mixes list and numbers"),
    ],
)
def test_what_is_no_table_is_refused(given, message):
    with pytest.raises(DatasetError, match=message):
        Dataset.of(**given)


def test_records_may_hold_a_status_in_place_of_a_number():
    records = [
        {"code": "1", "agency": "a", "n": 1.5},
        {"code": "2", "agency": "a", "n": "refused"},
        {"code": "3", "agency": "a"},
    ]
    prepared = prepare(Dataset.of(services=records), {"services": NEEDS["services"][:1]})
    frame = prepared.services.collect("polars").to_native()
    assert frame.select("n", "n__status").rows() == [(1.5, None), (None, "refused"), (None, None)]


def test_the_digest_follows_the_content():
    frame = pl.DataFrame(ROWS)
    digest = Dataset.of(services=frame).digest
    assert len(digest) == 64
    assert Dataset.of(services=frame.select(sorted(frame.columns))).digest == digest
    assert Dataset.of(services=frame.lazy()).digest == digest
    assert Dataset.of(services=frame.to_arrow()).digest == digest
    changed = frame.with_columns(n=pl.Series([1.5, 0.0]))
    others = [changed, frame.reverse(), frame.rename({"n": "m"}), frame.drop("n")]
    digests = {Dataset.of(services=other).digest for other in others}
    assert len(digests | {digest}) == 5
    assert Dataset.of(agencies=frame).digest != digest


def test_the_digest_of_files_is_that_of_a_copy(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "agencies.csv").write_text("code\n1\n")
    assert load_dataset(tmp_path / "one").digest == load_dataset(tmp_path / "two").digest
    (tmp_path / "two" / "agencies.csv").write_text("code\n2\n")
    assert load_dataset(tmp_path / "one").digest != load_dataset(tmp_path / "two").digest


def refused(path, **options):
    with pytest.raises(DatasetError) as caught:
        load_dataset(path, **options)
    return str(caught.value)


def test_folders_that_cannot_be_read_are_refused(tmp_path):
    assert "there is no such folder" in refused(tmp_path / "none")
    assert "the folder has no table of services or agencies" in refused(tmp_path)
    (tmp_path / "service.csv").write_text("code\n1\n")
    assert "did you mean 'service.csv'" in refused(tmp_path)
    (tmp_path / "notes.txt").write_text("x")
    assert "this format is not read" in refused(tmp_path / "notes.txt")
    (tmp_path / "services.csv").write_text("code,agency\n1,a\n")
    (tmp_path / "services.xlsx").write_bytes(b"x")
    (tmp_path / "links.csv").write_text("a,a\n")
    message = refused(tmp_path)
    assert "there are two files for one table: services.csv and services.xlsx" in message
    assert "links.csv: the name 'a' heads columns 1 and 2" in message


def told(dataset):
    return [(one.message, one.hint) for one in dataset.warnings]


def test_files_that_are_no_table_are_told_with_the_one_that_was_meant(tmp_path):
    readable = "these can be read: .csv, .tsv, .xlsx, .jsonl, .ndjson, .parquet"
    no_table, no_format = "its name is not that of a table", "its format is not known"
    (tmp_path / "services.csv").write_text("code,agency\n1,a\n")
    other = "rename it to the table that it holds, or take it out of the folder"
    expected = {
        "Links.CSV": (no_table, "did you mean 'links.csv'?"),
        "agencis.csv": (no_table, "did you mean 'agencies.csv'?"),
        "answer.csv.gz": (no_format, f"save it as answers.csv; {readable}"),
        "answers.xls": (no_format, f"save it as answers.csv; {readable}"),
        "budget.csv": (no_table, other),
        "service.csv": (no_table, other),  # there is a services.csv
    }
    ignored = [
        *("README.csv", "SHA256SUMS", "agencies.yaml", "agencies.md", "agencies.txt"),
        *(".agencies.csv", "~$agencies.xlsx", "agencies.csv~", "picture.png"),
    ]
    for name in [*expected, *ignored]:
        (tmp_path / name).write_text("code\n1\n")
    (tmp_path / "links.csv.d").mkdir()
    dataset = load_dataset(tmp_path)
    assert told(dataset) == [
        (f"the file '{name}' is not read: {why}", hint) for name, (why, hint) in expected.items()
    ]
    assert all(one.severity == "warning" for one in dataset.warnings)
    assert prepare(dataset, {}).warnings[: len(expected)] == dataset.warnings
    assert set(dataset.files) == {"services.csv"}


def test_of_very_many_files_that_are_no_table_some_are_told(tmp_path):
    (tmp_path / "agencies.csv").write_text("code\n1\n")
    for at in range(25):
        (tmp_path / f"x{at}.csv").write_text("code\n1\n")
    assert told(load_dataset(tmp_path))[20:] == [("and 5 more files that are not read", "")]


def test_the_error_for_a_missing_table_names_the_near_file(tmp_path):
    (tmp_path / "Services.XLS").write_text("x")
    assert "did you mean 'Services.XLS' by it? name a file services.csv" in refused(tmp_path)
    (tmp_path / "agencies.csv").write_text("code\na\n")
    with pytest.raises(DatasetError) as caught:
        prepare(load_dataset(tmp_path), NEEDS)
    hint = "did you mean 'Services.XLS' by it? add services.csv to the folder"
    assert caught.value.problems[0].hint == hint


def test_a_misspelt_table_of_agencies_is_told_once_and_not_column_by_column(tmp_path):
    (tmp_path / "agencis.csv").write_text("code,n,m\na,1,2\n")
    (tmp_path / "services.csv").write_text("code,agency\n1,a\n")
    needs = [Need(name, "number", "criterion a.b") for name in ("n", "m")]
    with pytest.raises(DatasetError) as caught:
        prepare(load_dataset(tmp_path), {"agencies": needs})
    missing, warning = caught.value.problems
    assert missing.message == "there is no table of agencies, and criterion a.b needs one"
    assert missing.hint == "did you mean 'agencis.csv' by it? add agencies.csv to the folder"
    assert warning.severity == "warning"
    assert warning.hint == "did you mean 'agencies.csv'?"


def test_a_table_that_the_source_leaves_out_is_told(tmp_path):
    text = "schema: egovrules-source/1\ntables: {agencies: {file: bodies.csv}}\n"
    (tmp_path / "a.source.yaml").write_text(text)
    for name in ("bodies.csv", "agencies.csv", "links.csv", "other.csv"):
        (tmp_path / name).write_text("code\n1\n")
    assert told(load_dataset(tmp_path)) == [
        (
            "the file 'links.csv' is not read: the source does not name it",
            "add the table 'links' to the source, or take the file out of the folder",
        )
    ]


def test_a_source_does_not_go_with_one_file(tmp_path):
    (tmp_path / "services.csv").write_text("code,agency\n1,a\n")
    text = "schema: egovrules-source/1\ntables: {services: {file: services.csv}}\n"
    (tmp_path / "a.source.yaml").write_text(text)
    message = refused(tmp_path / "services.csv", source=tmp_path / "a.source.yaml")
    assert "it goes with a folder, not with one file" in message
    assert f"give the folder, '{tmp_path}'" in message


def test_of_several_sources_one_must_be_chosen(tmp_path):
    (tmp_path / "agencies.csv").write_text("code\n1\n")
    for name in ("a", "b"):
        text = "schema: egovrules-source/1\ntables: {agencies: {file: agencies.csv}}\n"
        (tmp_path / f"{name}.source.yaml").write_text(text)
    message = refused(tmp_path)
    assert "choose one with --source" in message
    assert "a.source.yaml, b.source.yaml" in message
    chosen = load_dataset(tmp_path, tmp_path / "b.source.yaml")
    assert set(chosen.files) == {"agencies.csv", "b.source.yaml"}
    assert "there is no such file" in refused(tmp_path, source=tmp_path / "c.source.yaml")


def test_a_missing_engine_says_what_to_install(tmp_path, monkeypatch):
    (tmp_path / "agencies.csv").write_text("code\n1\n")
    monkeypatch.setitem(__import__("sys").modules, "duckdb", None)
    assert "pip install 'egovrules[duckdb]'" in refused(tmp_path, engine="duckdb")


def test_a_file_name_with_a_pattern_in_it_is_that_file(tmp_path):
    folder = tmp_path / "a[1]*?"
    folder.mkdir()
    pl.DataFrame(ROWS).write_parquet(folder / "services.parquet")
    for engine in ("polars", "duckdb"):
        assert rows(load_dataset(folder, engine=engine)) == EXPECTED
