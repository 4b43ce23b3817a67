"""Saved evaluations under trouble: full disks, interruptions, damage, odd paths.

The plain way there and back is in ``test_saving.py``.
"""

import json
import os
import resource
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from egovrules import store
from egovrules.dataset import Dataset
from egovrules.errors import EvaluationError
from egovrules.evaluation import evaluate
from egovrules.ruleset import read_ruleset

RULESET = """
schema: egovrules/1
id: t
title: {en: Round, fa: دور}
rollup: {weight: annual_volume}
axes:
  a:
    criteria:
      x: {use: core.value, normalise: min_max, level: service, with: {column: v}}
      y: {use: core.value, with: {column: own}}
derive: {score: a.x}
bands: {b: {of: services, by: score, labels: [{low: "< 50"}], otherwise: rest}}
lists: {l: {of: agencies, by: total, top: 1}}
findings: {f: {of: services, when: score < 50, message: "{name}: {score}"}}
reconcile: {r: {total: 3, parts: bands.b}}
"""
JARGON = ("Error", "error for", "Traceback", "pydantic", "codec", "NoneType", "dict")


def make(own=50.0, previous=None, engine="polars"):
    agencies = pl.DataFrame({"code": ["A", "B"], "name_fa": ["پست", "راه"], "own": [own, 80.0]})
    services = pl.DataFrame(
        {
            "code": ["1", "2", "3"],
            "agency": ["A", "A", "B"],
            "v": [10.0, None, 30.0],
            "annual_volume": [5.0, 1.0, None],
        }
    )
    dataset = Dataset.of(agencies=agencies, services=services, engine=engine)
    return evaluate(read_ruleset(RULESET), dataset, previous=previous)


@pytest.fixture(scope="module")
def evaluation():
    return make(previous=make(own=40.0))


@pytest.fixture
def saved(evaluation, tmp_path):
    return store.save(evaluation, tmp_path / "out")


def content(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def read_all(folder):
    """Load an evaluation and everything that it reads late."""
    found = store.load(folder)
    return [found.services, found.inputs]


def refusal(folder):
    """Return the message with which a folder is refused, which must be fit for an analyst."""
    with pytest.raises(EvaluationError) as caught:
        read_all(folder)
    message = str(caught.value)
    assert str(folder) in message
    plain = message.replace(str(folder), "")
    assert not [word for word in JARGON if word in plain], message
    return message


# --- there and back -----------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_everything_comes_back(evaluation, engine, tmp_path):
    fresh = make(previous=evaluation, engine=engine)
    again = store.load(store.save(fresh, tmp_path / "deep" / "er" / "out"))
    assert again.manifest == fresh.manifest
    assert again.digests == fresh.digests
    assert again.failed == fresh.failed
    assert len(again.warnings) == len(fresh.warnings) == 1
    assert fresh.warnings[0].message in str(again.warnings[0])
    for name in (*store.TABLES, *store.EXTRA, "services"):
        table = getattr(again, name)
        assert table.schema == getattr(fresh, name).schema, name
        assert table.equals(getattr(fresh, name)), name
    assert again.inputs.keys() == fresh.inputs.keys() == {"agencies", "services", "previous"}
    for name, table in fresh.inputs.items():
        assert again.inputs[name].equals(table)


def test_tables_of_text_say_the_same_as_those_of_parquet(saved):
    for name in (*store.TABLES, "services"):
        table = pl.read_parquet(saved / f"{name}.parquet")
        assert pl.read_csv(saved / f"{name}.csv", schema=table.schema).equals(table), name


def test_a_loaded_evaluation_can_be_saved_over_itself(saved, tmp_path):
    before = content(saved)
    assert store.save(store.load(saved), saved) == saved
    assert content(saved) == before
    assert names(tmp_path) == ["out"]


def test_services_are_read_late_and_their_change_is_noticed_then(saved):
    again = store.load(saved)
    (saved / "services.parquet").write_bytes(b"other")
    with pytest.raises(EvaluationError, match="has changed since"):
        _ = again.services


def test_bodies_without_services_are_saved_too(tmp_path):
    rules = "schema: egovrules/1\nid: t\ntitle: T\naxes: {a: {criteria: {x: {use: core.value}}}}"
    dataset = Dataset.of(agencies=pl.DataFrame({"code": ["A"], "value": [1.0]}))
    again = store.load(store.save(evaluate(read_ruleset(rules), dataset), tmp_path / "out"))
    assert again.services.height == 0
    assert again.inputs.keys() == {"agencies"}


# --- paths --------------------------------------------------------------------------------------


def test_relative_paths_are_followed(evaluation, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        assert store.save(evaluation, "out") == Path("out")
    assert store.save(evaluation, "out/../other/.") == Path("out/../other")
    assert names(tmp_path) == ["other", "out"]
    assert store.load("other").digests == evaluation.digests


def test_the_folder_one_stands_in_can_be_filled(evaluation, tmp_path, monkeypatch):
    inside = tmp_path / "here"
    inside.mkdir()
    monkeypatch.chdir(inside)
    store.save(evaluation, ".")
    assert store.load(inside).digests == evaluation.digests
    assert names(tmp_path) == ["here"]


def test_a_link_stays_a_link(evaluation, saved, tmp_path):
    link = tmp_path / "latest"
    link.symlink_to(saved, target_is_directory=True)
    store.save(make(own=90.0), link)
    assert link.is_symlink()
    assert store.load(saved).digests != evaluation.digests
    assert names(tmp_path) == ["latest", "out"]


def test_places_that_cannot_be_written_are_told(evaluation, tmp_path):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    for place in (tmp_path / "file" / "out", tmp_path / "circle", tmp_path / ("x" * 300)):
        with pytest.raises(EvaluationError) as caught:
            store.save(evaluation, place)
        assert str(place) in str(caught.value)
    assert (tmp_path / "file").read_text() == "mine"
    assert names(tmp_path) == ["circle", "file"]


@pytest.mark.parametrize("manifest", ["{}", "not ours", '{"schema": "other/1", "files": {}}'])
def test_a_manifest_of_somebody_else_protects_its_folder(evaluation, tmp_path, manifest):
    (tmp_path / store.MANIFEST).write_text(manifest)
    with pytest.raises(EvaluationError, match=store.MANIFEST):
        store.save(evaluation, tmp_path)
    assert (tmp_path / store.MANIFEST).read_text() == manifest


# --- full disks and interruptions ---------------------------------------------------------------


@pytest.mark.parametrize("limit", [0, 300, 900, 1200, 2500, 4000])
def test_a_file_that_cannot_be_finished_leaves_the_old_result(saved, tmp_path, limit):
    """The operating system itself refuses, as on a full disk, and Polars tells it in its way."""
    new, before = make(own=90.0), content(saved)
    assert len(new.services) + len(new.inputs)  # computed before the disk is full
    assert any(len(one) > limit for one in before.values()), "the limit would not be met"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        with pytest.raises(EvaluationError) as caught:
            store.save(new, saved)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "the result cannot be written: File too large" in str(caught.value)
    assert content(saved) == before
    assert names(tmp_path) == ["out"]


@pytest.mark.parametrize("failing", range(1, 4))
@pytest.mark.parametrize("stop", [KeyboardInterrupt, OSError])
def test_a_stop_while_folders_change_places_leaves_one_whole_result(
    evaluation, saved, tmp_path, monkeypatch, failing, stop
):
    before, calls, rename = content(saved), [], Path.rename

    def renamed(self, target):
        calls.append(target)
        if len(calls) == failing:
            raise stop("stopped")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", renamed)
    try:
        store.save(make(own=90.0), saved)
    except (KeyboardInterrupt, EvaluationError):
        assert content(saved) == before
    else:
        assert failing > 2, "replacing takes two renamings"
        assert store.load(saved).digests != evaluation.digests
    assert names(tmp_path) == ["out"]


# --- damage -------------------------------------------------------------------------------------


def test_every_file_is_missed_and_every_change_noticed(saved):
    read = [name for name in sorted(content(saved)) if str(name) != "services.csv"]
    assert len(read) > 15
    for name in read:
        path, whole = saved / name, (saved / name).read_bytes()
        path.unlink()
        assert name.name in refusal(saved) or "no saved evaluation" in refusal(saved)
        for broken in (b"", whole[: len(whole) // 2], whole[:-1] + bytes([whole[-1] ^ 1])):
            path.write_bytes(broken)
            assert name.name in refusal(saved)
        path.unlink()
        path.mkdir()
        refusal(saved)
        path.rmdir()
        path.write_bytes(whole)
    read_all(saved)  # whole again


def test_damage_that_goes_with_its_digest_is_told_as_well(saved):
    manifest = saved / store.MANIFEST
    document = json.loads(manifest.read_text(encoding="utf-8"))
    (saved / "bands.parquet").write_bytes(b"PAR1 and nothing")
    document["files"]["bands.parquet"] = store.sha256(b"PAR1 and nothing").hexdigest()
    manifest.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(EvaluationError, match=r"bands\.parquet: the table cannot be read"):
        store.load(saved)


@settings(
    max_examples=60 * int(os.environ.get("EGOVRULES_FUZZ", "1")),
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_a_manifest_with_any_part_replaced_is_read_or_refused_in_plain_words(saved, data):
    manifest = saved / store.MANIFEST
    whole = manifest.read_text(encoding="utf-8")
    document = json.loads(whole)
    holder, key = document, data.draw(st.sampled_from(sorted(document)))
    while isinstance(holder[key], dict | list) and holder[key] and data.draw(st.booleans()):
        holder = holder[key]
        keys = sorted(holder) if isinstance(holder, dict) else range(len(holder))
        key = data.draw(st.sampled_from(list(keys)))
    holder[key] = data.draw(st.sampled_from([None, 3, -0.5, "x", [], [1], {}, {"a": 1}, True]))
    manifest.write_text(json.dumps(document), encoding="utf-8")
    try:
        read_all(saved)
    except EvaluationError:
        refusal(saved)
    finally:
        manifest.write_text(whole, encoding="utf-8")


@pytest.mark.parametrize(
    "text",
    [
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"schema": ' + b"[" * 100_000,
        b"null",
        b"NaN",
        b'"x"',
        b"\x00",
    ],
)
def test_manifests_that_are_none(saved, text):
    (saved / store.MANIFEST).write_bytes(text)
    assert "the manifest is damaged" in refusal(saved)


def test_a_manifest_beyond_all_measure_is_not_read(saved, monkeypatch):
    monkeypatch.setattr(store, "MAX_MANIFEST", 1000)
    assert "larger than any manifest" in refusal(saved)


def test_a_key_that_stands_twice_is_refused(saved):
    manifest = saved / store.MANIFEST
    whole = manifest.read_text(encoding="utf-8")
    for line in ('"synthetic": false,', '"settings": [],', '"digests": {'):
        assert whole.count(line) >= 1
        doubled = '"synthetic": true, ' if "synthetic" in line else '"settings": ["a=1"], '
        doubled = '"digests": {}, ' if "digests" in line else doubled
        manifest.write_text(whole.replace(line, doubled + line, 1), encoding="utf-8")
        key = line.split('"')[1]
        assert f"the key '{key}' stands twice in one place" in refusal(saved)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda d: d["digests"].update(approval="0"), "there is no digest 'approval'"),
        (lambda d: d["digests"].pop("dataset"), "the manifest's digest of the dataset"),
        (lambda d: d["files"].update({"letter.txt": "0"}), "no evaluation has a file 'letter.txt'"),
        (lambda d: d.update({"\ud800": 1}), "it is not JSON"),
    ],
)
def test_what_no_manifest_holds_is_refused(saved, change, says):
    manifest = saved / store.MANIFEST
    document = json.loads(manifest.read_text(encoding="utf-8"))
    change(document)
    manifest.write_text(json.dumps(document), encoding="utf-8")
    assert says in refusal(saved)
