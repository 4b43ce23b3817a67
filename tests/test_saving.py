"""Saving and reading back: whole or not at all, and nothing that has changed in between."""

import errno
import json
import os
from pathlib import Path

import polars as pl
import pytest

from egovrules import store
from egovrules.comparison import compare
from egovrules.dataset import Dataset
from egovrules.errors import ComparisonError, EvaluationError
from egovrules.evaluation import evaluate
from egovrules.explanation import explain, find_agency
from egovrules.ruleset import read_ruleset

RULESET = """
schema: egovrules/1
id: {id}
title: {{en: Round, fa: دور}}
axes:
  a:
    criteria:
      x: {{use: core.value, level: service, with: {{column: served}}}}
      y: {{use: core.value, weight: {weight}, with: {{column: own}}}}
"""
AGENCIES = pl.DataFrame(
    {
        "code": ["A", "B", "C", "D"],
        "name_en": ["Post", "Roads", "Water", "Roads Agency"],
        "name_fa": ["پست", "راه", "آب", "كتابخانه ملي"],
        "own": [10.0, 20.0, 30.0, None],
        "predecessors": ["", "", "", ""],
    }
)
SERVICES = pl.DataFrame(
    {"code": ["1", "2", "3"], "agency": ["A", "A", "B"], "served": [50.0, None, 80.0]}
)


def make(agencies=AGENCIES, services=SERVICES, weight=1, previous=None, name="r", bridge=""):
    ruleset = read_ruleset(RULESET.format(id=name, weight=weight) + bridge)
    dataset = Dataset.of(agencies=agencies, services=services)
    return evaluate(ruleset, dataset, previous=previous)


@pytest.fixture(scope="module")
def evaluation():
    return make()


def content(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_what_is_saved_is_read_back(evaluation, tmp_path):
    folder = store.save(evaluation, tmp_path / "out")
    again = store.load(folder)
    assert again.manifest == evaluation.manifest
    assert again.digests == evaluation.digests
    assert again.ruleset_text == evaluation.ruleset_text
    for name in (*store.TABLES, "services", "vanished"):
        assert getattr(again, name).equals(getattr(evaluation, name)), name
        assert (folder / f"{name}.csv").is_file()
    assert again.inputs["services"].equals(evaluation.inputs["services"])


def test_agencies_csv_keeps_its_contract(evaluation, tmp_path):
    folder = store.save(evaluation, tmp_path / "out")
    header = (folder / "agencies.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    assert header[:2] == ["agency", "name"]
    assert {"rank", "total", "coverage", "growth", "a"} <= set(header)


@pytest.mark.parametrize("fails_at", range(8))
def test_a_disk_that_fills_leaves_the_old_result(evaluation, tmp_path, monkeypatch, fails_at):
    folder = store.save(evaluation, tmp_path / "out")
    before = content(folder)
    write, calls = pl.DataFrame.write_csv, []

    def full(self, *args, **kwargs):
        if args and isinstance(args[0], Path):
            calls.append(1)
            if len(calls) > fails_at:
                raise OSError(errno.ENOSPC, "No space left on device")
        return write(self, *args, **kwargs)

    monkeypatch.setattr(pl.DataFrame, "write_csv", full)
    with pytest.raises(EvaluationError, match="No space left on device"):
        store.save(evaluation, folder)
    assert content(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_earlier_result_is_replaced_and_nothing_else(evaluation, tmp_path):
    folder = store.save(evaluation, tmp_path / "out")
    store.save(evaluation, folder)
    (folder / "notes.docx").write_text("mine")
    with pytest.raises(EvaluationError, match=r"other things than an evaluation: notes\.docx"):
        store.save(evaluation, folder)
    assert (folder / "notes.docx").read_text() == "mine"
    foreign = tmp_path / "photos"
    foreign.mkdir()
    (foreign / "one.jpg").write_text("!")
    for target, reason in ((foreign, "other things"), (foreign / "one.jpg", "no folder")):
        with pytest.raises(EvaluationError, match=reason):
            store.save(evaluation, target)
    assert (foreign / "one.jpg").read_text() == "!"


def test_what_is_neither_file_nor_folder_is_never_replaced(evaluation, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(EvaluationError, match="no folder"):
        store.save(evaluation, tmp_path / "pipe")
    assert (tmp_path / "pipe").is_fifo()


def test_a_link_stays_and_what_it_points_at_is_replaced(evaluation, tmp_path):
    folder = store.save(evaluation, tmp_path / "out")
    link = tmp_path / "latest"
    link.symlink_to(folder)
    store.save(make(weight=3), link)
    assert link.is_symlink()
    assert store.load(folder).digests != evaluation.digests
    assert sorted(path.name for path in tmp_path.iterdir()) == ["latest", "out"]


def test_what_is_missing_or_has_changed_is_refused(evaluation, tmp_path):
    folder = store.save(evaluation, tmp_path / "out")
    manifest = (folder / store.MANIFEST).read_text(encoding="utf-8")
    with pytest.raises(EvaluationError, match="no saved evaluation"):
        store.load(tmp_path)
    page = folder / "agencies.csv"
    read = page.read_text(encoding="utf-8")
    page.write_text(read.replace("Post", "Host"), encoding="utf-8")
    with pytest.raises(EvaluationError, match="has changed"):
        store.load(folder)
    page.write_text(read, encoding="utf-8")
    store.load(folder)
    table = folder / "agencies.parquet"
    whole = table.read_bytes()
    for damaged, reason in ((whole[:-9], "has changed"), (b"", "has changed")):
        table.write_bytes(damaged)
        with pytest.raises(EvaluationError, match=reason):
            store.load(folder)
    table.write_bytes(whole)
    edited = json.dumps(json.loads(manifest) | {"digests": {}})
    (folder / store.MANIFEST).write_text(edited, encoding="utf-8")
    with pytest.raises(EvaluationError, match="digest of the scores"):
        store.load(folder)
    (folder / store.MANIFEST).write_text(manifest, encoding="utf-8")
    table.unlink()
    with pytest.raises(EvaluationError, match="missing"):
        store.load(folder)
    for text, reason in (
        ("{", "damaged"),
        ("[]", "damaged"),
        ("{}", "damaged|form"),
        (json.dumps(json.loads(manifest) | {"schema": "other/9"}), "other/9"),
        (json.dumps(json.loads(manifest) | {"tree": 3}), "damaged"),
        (json.dumps(json.loads(manifest) | {"tree": []}), "damaged"),
    ):
        (folder / store.MANIFEST).write_text(text, encoding="utf-8")
        with pytest.raises(EvaluationError, match=reason):
            store.load(folder)


def test_growth_is_plain_subtraction_and_tells_bodies_apart(tmp_path):
    old = store.load(store.save(make(), tmp_path / "old"))
    agencies = pl.DataFrame(
        {
            "code": ["A", "R", "M", "N", "S1", "S2"],
            "own": [40.0, 25.0, 5.0, 1.0, 2.0, 3.0],
            # A stays, R was B, M merges two, S1 and S2 split one; D of the old round is gone
            "predecessors": ["", "B", "A;B", "", "C", "C"],
        }
    )
    agencies = agencies.filter(pl.col("code") != "M")
    new = make(agencies, SERVICES.with_columns(agency=pl.Series(["A", "A", "R"])), previous=old)
    found = {row["agency"]: row for row in new.agencies.iter_rows(named=True)}
    before = dict(old.agencies.select("agency", "total").iter_rows())
    assert found["A"]["growth"] == pytest.approx(found["A"]["total"] - before["A"])
    assert found["R"]["growth"] == pytest.approx(found["R"]["total"] - before["B"])
    continuity = {code: row["continuity"] for code, row in found.items()}
    assert continuity == {"A": "same", "R": "renamed", "N": "new", "S1": "split", "S2": "split"}
    assert [found[code]["growth"] for code in ("N", "S1", "S2")] == [None, None, None]
    assert new.vanished["agency"].to_list() == ["D"]
    compared = compare(new, old)
    assert compared.method == "same"
    y = compared.criteria.filter((pl.col("node") == "a.y") & (pl.col("agency") == "A"))
    assert y["growth"].to_list() == [30.0]


def test_a_merger_has_no_growth():
    new = make(
        pl.DataFrame({"code": ["M"], "own": [5.0], "predecessors": ["A;B"]}),
        SERVICES.with_columns(agency=pl.lit("M")),
        previous=make(),
    )
    row = new.agencies.row(0, named=True)
    assert (row["continuity"], row["growth"]) == ("merged", None)
    assert sorted(new.vanished["agency"]) == ["C", "D"]


def test_other_methods_are_refused_unless_a_bridge_says_otherwise():
    old = make()
    with pytest.raises(ComparisonError, match="different methods"):
        make(weight=2, name="s", previous=old)
    with pytest.raises(ComparisonError, match="different methods"):
        compare(make(weight=2, name="s"), old)
    bridge = "bridge: {from: r, because: it was decided}\n"
    bridged = make(weight=2, name="s", previous=old, bridge=bridge)
    compared = compare(bridged, old)
    assert compared.method == "bridge"
    shares = {
        r["node"]: (r["share"], r["previous_share"])
        for r in compared.reweighted.iter_rows(named=True)
    }
    assert shares["a.y"] == pytest.approx((2 / 3, 1 / 2))


def test_an_agency_is_found_by_code_and_by_any_spelling_of_its_name(evaluation):
    for text in ("A", "post", " POST ", "پست"):
        assert find_agency(evaluation, text)["agency"] == "A"
    assert find_agency(evaluation, "کتابخانه\u200cملی")["agency"] == "D"  # other letters, ZWNJ
    assert find_agency(evaluation, "Roads")["agency"] == "B"  # exact before part
    with pytest.raises(EvaluationError, match=r"several agencies are called 'roa'"):
        find_agency(evaluation, "roa")
    with pytest.raises(EvaluationError, match=r"did you mean 'Water'"):
        find_agency(evaluation, "Watr")


def test_an_explanation_can_be_narrowed(evaluation):
    whole = explain(evaluation, "A")
    one = explain(evaluation, "A", criterion="a.x")
    assert [node.info.id for node in one.root.walk()] == ["total", "a", "a.x"]
    assert [node.info.id for node in whole.root.walk()] == ["total", "a", "a.x", "a.y"]
    assert whole.root.children[0].children[0].counts == {
        "scored": 1,
        "missing": 1,
        "not_applicable": 0,
    }
    service = explain(evaluation, "A", service="1")
    assert service.service["a.x"] == 50.0
    assert service.inputs["served"] == 50.0
    for wrong, reason in (
        ({"criterion": "a.z"}, "no node 'a.z'"),
        ({"service": "3"}, "belongs to B"),
        ({"service": "9"}, "no service '9'"),
    ):
        with pytest.raises(EvaluationError, match=reason):
            explain(evaluation, "A", **wrong)
