"""Links and answers that an evaluation records: what of them, on every engine, and verified."""

import csv
import json
from dataclasses import replace
from datetime import date
from hashlib import sha256

import polars as pl
import pytest

from egovrules import store
from egovrules.dataset import load_dataset
from egovrules.errors import EvaluationError
from egovrules.evaluation import evaluate
from egovrules.ruleset import read_ruleset
from egovrules.verification import verify

RULESET = """
schema: egovrules/1
id: t
title: T
scope: {services: eligible, agencies: is_main}
missing: {status: {refused: zero, exempt: skip}}
derive: {required: sum of links_required over services}
indicators: {services: {links_required: {type: number}}}
axes:
  x:
    criteria:
      live: {use: core.value, level: service, with: {column: links_live}}
      own: {use: core.value, with: {column: own}}
"""
AGENCIES = """code,name_en,is_main,own
A,Post,yes,1
B,Roads,yes,2
C,Water,no,3
"""
SERVICES = """code,agency,eligible
1,A,yes
2,A,yes
3,B,yes
4,B,no
5,C,yes
6,B,yes
"""
LINKS = """provider,consumer,kind,status,due_on,dataset,calls,extra
B,1,data,live,2020-01-02,roads,5,x
C,1,data,refused,,water,,x
C,1,Data,refused,2019-05-06,water,,x
A,3,enabler,requested,2021-01-01,,,x
A,4,data,live,2020-01-01,,,x
A,5,data,needed,,,,x
C,2,enabler,degraded,2018-01-01,water,7,x
"""
ANSWERS = """subject,indicator,value,status,source,date,evidence,assessor
A,own,,refused,declared,2021-05-05,letter 7,Audit Office
A,own,4,,declared,2020-01-01,,
B,own,,exempt,declared,2020-01-01,,
B,own,5,,appealed,2019-01-01,,
C,own,,refused,declared,2020-01-01,,
1,unread,,refused,declared,2020-01-01,,
1,own,,refused,declared,2020-01-01,,
"""
ENGINES = ("polars", "duckdb")


@pytest.fixture
def folder(tmp_path):
    files = {"agencies": AGENCIES, "links": LINKS, "answers": ANSWERS, "services": SERVICES}
    for name, text in files.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path


def evaluated(folder, *, engine="polars", rules=RULESET):
    return evaluate(read_ruleset(rules), load_dataset(folder, engine=engine))


def on_duckdb(folder):
    """Put the services into a file that DuckDB holds by itself."""
    table = pl.read_csv(folder / "services.csv", infer_schema=False)
    yes = pl.col("eligible") == "yes"
    table.with_columns(eligible=yes).write_parquet(folder / "services.parquet")
    (folder / "services.csv").unlink()
    return folder


# --- what is recorded ---------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("arranged", [lambda folder: folder, on_duckdb])
def test_links_of_those_that_take_part_are_recorded_and_no_others(folder, engine, arranged):
    recorded = evaluated(arranged(folder), engine=engine).inputs["links"]
    part = {"1", "2", "3", "6"}  # eligible, and of a main body
    told = [row for row in csv.DictReader(LINKS.splitlines()) if row["consumer"] in part]
    expected = {
        (
            row["consumer"],
            row["provider"],
            row["dataset"],
            row["kind"].lower(),
            row["status"],
            date.fromisoformat(row["due_on"]) if row["due_on"] else None,
            float(row["calls"]) if row["calls"] else None,
            False,
        )
        for row in told
    }
    columns = ("consumer", "provider", "dataset", "kind", "status", "due_on", "calls", "blocking")
    assert recorded.height == len(told) == 5
    assert set(recorded.select(columns).rows()) == expected
    assert "extra" not in recorded.columns


def test_links_stand_in_one_order_however_the_file_has_them(folder):
    first = evaluated(folder).inputs["links"]
    head, *rest = LINKS.splitlines()
    (folder / "links.csv").write_text("\n".join([head, *reversed(rest)]) + "\n")
    assert evaluated(folder).inputs["links"].equals(first)
    assert first["consumer"].to_list() == ["1", "1", "1", "2", "3"]


@pytest.mark.parametrize("engine", ENGINES)
def test_answers_without_a_value_are_recorded_where_they_are_in_force_and_read(folder, engine):
    recorded = evaluated(folder, engine=engine).inputs["answers"]
    # B's was appealed, C is out of scope, nobody reads `unread`, and services have no `own`.
    assert recorded.rows() == [
        (
            "agencies",
            "A",
            "own",
            "refused",
            "declared",
            "letter 7",
            date(2021, 5, 5),
            "Audit Office",
        )
    ]


def test_nothing_is_recorded_of_tables_that_are_not_there(folder):
    (folder / "links.csv").unlink()
    (folder / "answers.csv").unlink()
    rules = RULESET.replace("column: links_live", "column: done")
    rules = rules.replace("derive: {required: sum of links_required over services}\n", "")
    rules = rules.replace("indicators: {services: {links_required: {type: number}}}\n", "")
    header, *rest = SERVICES.splitlines()
    text = "\n".join([f"{header},done", *(f"{row},1" for row in rest)])
    (folder / "services.csv").write_text(text)
    made = evaluated(folder, rules=rules)
    assert set(made.inputs) == {"agencies", "services"}
    assert made.manifest.dataset.keys() == {"files"}


# --- saved, opened, verified --------------------------------------------------------------------


def forged(folder, name, change):
    """Change a saved table of inputs, and its digest with it."""
    path = folder / "inputs" / f"{name}.parquet"
    change(pl.read_parquet(path)).write_parquet(path)
    manifest = folder / store.MANIFEST
    document = json.loads(manifest.read_text(encoding="utf-8"))
    document["files"][f"inputs/{name}.parquet"] = sha256(path.read_bytes()).hexdigest()
    manifest.write_text(json.dumps(document), encoding="utf-8")
    return store.load(folder)


def live(links):
    """Say of every link that it is live."""
    return links.with_columns(status=pl.lit("live"))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_saved_evaluation_has_the_same_links_and_answers_and_is_verified(
    folder, tmp_path, engine
):
    made = evaluated(folder, engine=engine)
    saved = store.load(store.save(made, tmp_path / "out"))
    for name in ("links", "answers"):
        assert saved.inputs[name].equals(made.inputs[name])
        assert saved.inputs[name].schema == made.inputs[name].schema
    for one in (made, saved):
        assert verify(one).differences.rows() == []
        checked = verify(one, dataset=load_dataset(folder, engine=engine))
        assert checked.differences.rows() == []
        assert {"inputs/links", "inputs/answers"} <= checked.cells.keys()


def test_a_file_of_links_that_was_changed_is_refused(folder, tmp_path):
    out = store.save(evaluated(folder), tmp_path / "out")
    path = out / "inputs" / "links.parquet"
    live(pl.read_parquet(path)).write_parquet(path)
    with pytest.raises(EvaluationError, match="changed since the evaluation was saved"):
        dict(store.load(out).inputs)


def test_links_that_were_changed_with_their_digest_differ_from_the_counts(folder, tmp_path):
    out = store.save(evaluated(folder), tmp_path / "out")
    made = forged(out, "links", live)
    # 1 has three links, of which one is live; 2 and 3 have one, which is not; 6 has none.
    expected = [
        ("links", "1", "links_live", "1.0", "3.0"),
        ("links", "2", "links_live", "0.0", "1.0"),
        ("links", "3", "links_live", "0.0", "1.0"),
    ]
    assert sorted(verify(made).differences.rows()) == expected
    found = verify(made, dataset=load_dataset(folder)).differences.rows()
    assert {row[2] for row in found if row[0] == "inputs/links"} == {"status"}


def test_links_that_were_taken_out_differ_from_the_counts(folder):
    made = evaluated(folder)
    without = {name: table for name, table in made.inputs.items() if name != "links"}
    found = verify(replace(made, _inputs=lambda: without)).differences.rows()
    assert ("links", "1", "links_required", "3.0", "0.0") in found


@pytest.mark.parametrize("name", ["links", "answers"])
def test_tables_that_were_taken_out_are_found_by_the_data(folder, name):
    (folder / "services.csv").write_text(counted_by_themselves())
    made = evaluated(folder)
    without = {one: table for one, table in made.inputs.items() if one != name}
    old = replace(made, _inputs=lambda: without)
    assert verify(old).same
    found = verify(old, dataset=load_dataset(folder)).differences
    assert set(found["table"]) == {f"inputs/{name}"}


def test_due_dates_that_were_changed_are_found_by_the_data_only(folder, tmp_path):
    out = store.save(evaluated(folder), tmp_path / "out")
    later = pl.col("due_on").dt.offset_by("10y")
    made = forged(out, "links", lambda table: table.with_columns(later))
    assert verify(made).same
    found = verify(made, dataset=load_dataset(folder)).differences.rows()
    assert ("inputs/links", "3 · A", "due_on", "2031-01-01", "2021-01-01") in found


def counted_by_themselves():
    """Give services with counts of links of their own."""
    header, *rest = SERVICES.splitlines()
    return "\n".join([f"{header},links_live,links_required", *(f"{row},7,9" for row in rest)])


def test_counts_that_the_services_came_with_need_not_be_those_of_the_links(folder):
    (folder / "services.csv").write_text(counted_by_themselves())
    made = evaluated(folder)
    assert made.inputs["links"].height == 5
    assert verify(made).differences.rows() == []


@pytest.mark.parametrize(
    "counted", [["links_live"], [], ["links_live", "services"], "links_live", {"links_live": 1}, 3]
)
def test_a_false_claim_of_what_was_counted_is_no_crash(folder, counted):
    made = evaluated(folder)
    dataset = {**made.manifest.dataset, "counted": counted}
    claimed = replace(made, manifest=made.manifest.model_copy(update={"dataset": dataset}))
    found = verify(claimed).differences.rows()
    told = [row[:2] for row in found]
    honest = counted == ["links_live"]  # which is true, and not the whole truth
    assert told == ([] if honest else [("evaluation.json", "dataset.counted")])


@pytest.mark.parametrize("name", ["links", "answers"])
@pytest.mark.parametrize(
    "change",
    [
        lambda table: table.drop("status"),
        lambda table: table.with_columns(status=1),
        lambda table: table.with_columns(more=1),
    ],
)
def test_tables_of_another_form_are_refused(folder, tmp_path, name, change):
    made = forged(store.save(evaluated(folder), tmp_path / "out"), name, change)
    with pytest.raises(EvaluationError, match="lacks columns that it always has"):
        verify(made)


@pytest.mark.parametrize("column", ["consumer", "provider", "kind", "status"])
def test_links_without_what_every_link_has_are_refused(folder, tmp_path, column):
    out = store.save(evaluated(folder), tmp_path / "out")
    nothing = pl.lit(None, pl.String).alias(column)
    made = forged(out, "links", lambda table: table.with_columns(nothing))
    with pytest.raises(EvaluationError, match=f"lacks values .* '{column}'"):
        made.report(tmp_path / "dossier.html", dossier=True)


def test_an_evaluation_of_an_earlier_version_still_opens_and_is_verified(folder, tmp_path):
    out = store.save(evaluated(folder), tmp_path / "out")
    manifest = out / store.MANIFEST
    document = json.loads(manifest.read_text(encoding="utf-8"))
    del document["dataset"]["counted"], document["titles"], document["words"]
    for name in ("links", "answers"):
        del document["files"][f"inputs/{name}.parquet"]
        (out / "inputs" / f"{name}.parquet").unlink()
    manifest.write_text(json.dumps(document), encoding="utf-8")
    old = store.load(out)
    assert set(old.inputs) == {"agencies", "services"}
    assert verify(old).same
    assert verify(old, dataset=load_dataset(folder)).same
