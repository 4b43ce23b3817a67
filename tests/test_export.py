"""Where an export goes, what a Data Package declares, what the press is told."""

import csv
import importlib
import io
import json
import re
from dataclasses import replace
from hashlib import sha256

import frictionless
import polars as pl
import pytest
from click.testing import CliRunner

from egovrules.cli import COMMANDS, cli
from egovrules.dataset import Dataset
from egovrules.errors import DatasetError, EvaluationError
from egovrules.evaluation import evaluate
from egovrules.export import FORMS, export, package, press_summary, workbook
from egovrules.export.about import about
from egovrules.report.summary import national_summary
from egovrules.ruleset import load_ruleset
from egovrules.store import save

RULESET = """
schema: egovrules/1
id: t
title: {en: "Round *one* <b>", fa: دور}
description: A test.
rank: {decimals: 2, tied: "="}
axes:
  a:
    criteria:
      x: {use: core.value, normalise: min_max, level: service, with: {column: v}}
  c:
    criteria:
      y: {use: core.value, with: {column: own}}
derive: {score: a.x}
bands: {b: {of: services, by: score, labels: [{low: "< 50"}, {high: ">= 50"}], otherwise: rest}}
lists:
  best: {of: agencies, by: total, top: 2, title: Best}
  grown: {of: agencies, by: growth, top: 1, title: Grown}
findings: {f: {of: agencies, severity: warning, when: total < 30, message: "{name}", title: Low}}
reconcile: {r: {total: 9, parts: bands.b}}
"""
ENDINGS = {form: f"round{ending}" for form, ending in FORMS.items()}


def made(tmp_path, *, settings=(), own=50.0, previous=None, empty=False):
    path = tmp_path / "rules.yaml"
    nobody = "scope: {agencies: own > 999}\n" if empty else ""
    path.write_text(RULESET + nobody, encoding="utf-8")
    agencies = pl.DataFrame(
        {
            "code": ["A", "B", "-C"],
            "name_fa": ["پست", "راه", "آب"],
            "name_en": ["Post [x](y)", "Roads", "Water"],
            "own": [own, 20.0, 10.0],
            "synthetic": [True, True, True],
        }
    )
    services = pl.DataFrame(
        {"code": ["1", "2", "3"], "agency": ["A", "B", "-C"], "v": [30.0, 10.0, None]}
    )
    dataset = Dataset.of(agencies=agencies, services=services)
    return evaluate(load_ruleset(path, settings=settings), dataset, previous=previous)


@pytest.fixture(scope="module")
def evaluation(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rules")
    return made(folder, previous=made(folder, own=40.0))


def run(*arguments):
    return CliRunner().invoke(cli, [str(one) for one in arguments])


# --- places -------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_what_is_there_stays_unless_forced(evaluation, tmp_path, form):
    place = tmp_path / "new" / ENDINGS[form]
    assert export(evaluation, place, form) == place
    before = contents(place)
    with pytest.raises(EvaluationError, match=r"exists(.|\n)*--force"):
        export(evaluation, place, form, language="fa")
    assert contents(place) == before
    export(evaluation, place, form, language="fa", replace=True)
    assert (contents(place) != before) == (form != "json")
    assert [one.name for one in place.parent.iterdir()] == [place.name]  # no draft is left


def contents(place):
    files = [place] if place.is_file() else sorted(place.rglob("*"))
    return {one.name: one.read_bytes() for one in files}


@pytest.mark.parametrize("form", ["csv", "datapackage"])
def test_a_folder_with_other_things_is_never_replaced(evaluation, tmp_path, form):
    place = export(evaluation, tmp_path / "f", form)
    (place / "my notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(EvaluationError, match=r"other things than an export: my notes\.txt"):
        export(evaluation, place, form, replace=True)
    assert (place / "my notes.txt").read_text(encoding="utf-8") == "mine"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_saved_evaluation_is_never_replaced(evaluation, tmp_path):
    save(evaluation, tmp_path / "saved")
    with pytest.raises(EvaluationError, match="other things than an export"):
        export(evaluation, tmp_path / "saved", "csv", replace=True)


@pytest.mark.parametrize(
    ("name", "form", "says"),
    [
        ("x", None, "the name does not tell"),
        ("x.xls", None, "the name does not tell"),
        ("x.xls", "xlsx", r"ends in \.xlsx(.|\n)*try x\.xlsx"),
        ("x.xlsx", "json", r"ends in \.json"),
        ("x.zip", "csv", "is a folder(.|\n)*try x"),
        ("x.json", "datapackage", "is a folder"),
        ("x.json", "jsn", "did you mean 'json'"),
    ],
)
def test_names_that_do_not_fit_are_refused(evaluation, tmp_path, name, form, says):
    with pytest.raises(EvaluationError, match=says):
        export(evaluation, tmp_path / name, form)
    assert not list(tmp_path.iterdir())


def test_places_that_cannot_be_written_are_told(evaluation, tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    (tmp_path / "d.json").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    for place, form in (
        (tmp_path / "file", "csv"),
        (tmp_path / "d.json", "json"),
        (tmp_path / "file" / "x.json", "json"),
        (tmp_path / "loop" / "x.json", "json"),
        ("/dev/null", "csv"),
    ):
        with pytest.raises(EvaluationError) as error:
            export(evaluation, place, form, replace=True)
        assert "hint" in str(error.value)
        assert "Error" not in str(error.value)


def test_a_link_stays_a_link(evaluation, tmp_path):
    (tmp_path / "link.json").symlink_to(tmp_path / "real.json")
    export(evaluation, tmp_path / "link.json")
    assert (tmp_path / "link.json").is_symlink()
    assert json.loads((tmp_path / "real.json").read_text(encoding="utf-8"))["schema"]


@pytest.mark.parametrize("form", FORMS)
def test_a_full_disk_leaves_the_old_export(evaluation, tmp_path, form, monkeypatch):
    place = export(evaluation, tmp_path / ENDINGS[form], form)
    before = contents(place)

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("zipfile.ZipFile.write", full)
    monkeypatch.setattr("pathlib.Path.write_text", full)
    monkeypatch.setattr("json.dump", full)
    monkeypatch.setattr("polars.DataFrame.write_csv", full)
    with pytest.raises(EvaluationError, match="No space left on device"):
        export(evaluation, place, form, replace=True)
    assert contents(place) == before
    assert [one.name for one in tmp_path.iterdir()] == [place.name]


def test_without_xlsxwriter_one_is_told_what_to_install(evaluation, tmp_path, monkeypatch):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr("egovrules.readers.import_module", missing)
    with pytest.raises(DatasetError, match=r"pip install 'egovrules\[excel\]'"):
        export(evaluation, tmp_path / "r.xlsx")
    assert importlib.import_module("egovrules.export.workbook") is workbook


# --- Data Package -------------------------------------------------------------------------------


def cells_of(folder, resource):
    text = (folder / resource["path"]).read_bytes().decode(resource["encoding"])
    return list(csv.reader(io.StringIO(text, newline="")))


PATTERNS = {
    "string": r"[\s\S]*",
    "integer": r"-?[0-9]+",
    "number": r"-?[0-9]+(\.[0-9]+)?(e-?[0-9]+)?",
    "boolean": "true|false",
}


@pytest.mark.parametrize("language", ["en", "fa"])
@pytest.mark.parametrize("empty", [False, True])
def test_a_package_is_what_it_says_it_is(tmp_path, language, empty):
    evaluation = made(tmp_path, empty=empty)
    folder = export(evaluation, tmp_path / "p", "datapackage", language=language)
    described = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    assert described["profile"] == "tabular-data-package"
    keys, checked = {}, 0
    resources = {one["name"]: one for one in described["resources"]}
    assert {one["path"] for one in resources.values()} == {p.name for p in folder.glob("*.csv")}
    for name, resource in resources.items():
        content = (folder / resource["path"]).read_bytes()
        assert not content.startswith(b"\xef\xbb\xbf")
        assert resource["bytes"] == len(content)
        assert resource["hash"] == f"sha256:{sha256(content).hexdigest()}"
        header, *rows = cells_of(folder, resource)
        fields = resource["schema"]["fields"]
        assert header == [field["name"] for field in fields]
        for place, field in enumerate(fields):
            rules = field.get("constraints", {})
            values = [row[place] for row in rows]
            for value in values:
                checked += 1
                assert value or not rules.get("required"), (name, field)
                assert not value or re.fullmatch(PATTERNS[field["type"]], value), (name, field)
                assert not value or float(value) >= rules["minimum"] if "minimum" in rules else True
            keys[name, field["name"]] = set(values) - {""}
        places = [header.index(one) for one in resource["schema"]["primaryKey"]]
        identities = [tuple(row[place] for place in places) for row in rows]
        assert len(identities) == len(set(identities))
    for name, resource in resources.items():
        for key in resource["schema"].get("foreignKeys", []):
            target = key["reference"]["resource"] or name  # the empty name is the table itself
            assert key["reference"]["resource"] != name
            assert keys[name, key["fields"]] <= keys[target, key["reference"]["fields"]]
    assert checked > 200
    book = cells_of(folder, resources["codebook"])[1:]
    read = {
        (f"inputs/{name}", column)
        for name in ("agencies", "services")
        for column in evaluation.inputs[name].columns
    }
    assert {tuple(row[:2]) for row in book} == read | {
        (name, field["name"])
        for name, one in resources.items()
        for field in one["schema"]["fields"]
        if name != "codebook"
    }


def test_a_package_declares_what_a_cell_may_hold(evaluation, tmp_path):
    folder = export(evaluation, tmp_path / "p", "datapackage", licence="http://example.org/l")
    described = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    assert described["licenses"] == [{"path": "http://example.org/l"}]
    fields = {
        (one["name"], field["name"]): field
        for one in described["resources"]
        for field in one["schema"]["fields"]
    }
    for table, column, kind, constraints in (
        ("agencies", "agency", "string", {"required": True}),
        ("agencies", "rank", "integer", {"minimum": 1}),
        ("agencies", "services", "integer", {"minimum": 0}),
        ("agencies", "total", "number", None),
        ("agencies", "kind", "string", None),
        ("reconciliations", "holds", "boolean", None),
        ("criteria", "node", "string", {"required": True}),
    ):
        field = fields[table, column]
        assert (field["type"], field.get("constraints")) == (kind, constraints), column


def test_frictionless_accepts_a_package(evaluation, tmp_path):
    folder = export(evaluation, tmp_path / "p", "datapackage", licence="CC-BY-4.0")
    report = frictionless.validate(str(folder / "datapackage.json"))
    assert report.valid, report.flatten(["title", "message"])


@pytest.mark.parametrize(
    ("licence", "declared"),
    [
        ("CC-BY-4.0", [{"name": "CC-BY-4.0"}]),
        ("https://example.org/l", [{"path": "https://example.org/l"}]),
        (None, None),
    ],
)
def test_a_licence_is_declared_where_one_is_given(evaluation, tmp_path, licence, declared):
    folder = export(evaluation, tmp_path / "p", "datapackage", licence=licence)
    described = json.loads((folder / package.DESCRIPTOR).read_text(encoding="utf-8"))
    assert described.get("licenses") == declared
    with pytest.raises(EvaluationError, match="only a Data Package bears a licence"):
        export(evaluation, tmp_path / "r.json", licence="CC0")


def test_a_package_holds_the_ruleset_in_force(evaluation, tmp_path):
    folder = export(evaluation, tmp_path / "p", "datapackage")
    assert (folder / "ruleset.yaml").read_text(encoding="utf-8") == evaluation.ruleset_text
    readme = (folder / "README.md").read_text(encoding="utf-8")
    for path in folder.glob("*.csv"):
        assert f"`{path.name}`" in readme


# --- the press ----------------------------------------------------------------------------------


def test_the_press_is_told_what_the_summary_says(evaluation):
    told = press_summary(evaluation)
    summary = {line.text for line in national_summary(evaluation) if hasattr(line, "text")}
    # By hand: A has (100 + 50) / 2 and had (100 + 40) / 2, B has (0 + 20) / 2, -C has 10 alone.
    for line in ("Number of agencies: 3", "Average total: 31.67", "Average growth: +1.67"):
        assert line in summary
        assert f"- {line}\n" in told
    assert "- b (Services: 3): low 1 (33.3% of all, 50.0% of assessed); " in told
    assert "rest 1 (33.3% of all)\n" in told
    assert "- Best: 1. Post \\[x\\](y) (75.00); =2. Water (10.00); =2. Roads (10.00)\n" in told
    assert "- Grown: 1. Post \\[x\\](y) (+5.00)\n" in told
    assert "- Low: 2 (Water; Roads)\n" in told
    assert "The difference is 6 (66.7%)" in told
    assert evaluation.digests["scores"] in told
    assert len(told) < 3000


def test_the_press_reads_persian_with_persian_digits(evaluation):
    told = press_summary(evaluation, "fa")
    assert told.startswith('<div dir="rtl" lang="fa">\n\n# دور\n')
    assert told.endswith("\n</div>\n")
    text = re.sub("`[^`]*`", "", told)
    assert not re.search("[0-9]", text)
    assert "میانگین امتیاز کل: ۳۱٫۶۷" in told
    assert "پست (۷۵٫۰۰)" in told


def test_what_is_typed_is_no_markdown(evaluation):
    told = press_summary(evaluation)
    assert told.startswith("# Round \\*one\\* \\<b\\>\n")
    assert not re.search(r"(?<!\\)[<\[]", told)


# --- marks --------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_a_what_if_and_made_up_data_are_marked(tmp_path, form):
    evaluation = made(tmp_path, settings=["axes.a.weight=3"])
    place = export(evaluation, tmp_path / ENDINGS[form], form)
    if form == "xlsx":
        frame = pl.read_excel(place, sheet_name="About", has_header=False, engine="calamine")
        told = " ".join(frame.to_series(1).head(2))
    elif form == "json":
        document = json.loads(place.read_text(encoding="utf-8"))
        assert document["synthetic"]
        told = f"SYNTHETIC DATA WHAT-IF {document['ruleset']['settings']}"
    else:
        name = {"csv": "about.csv", "datapackage": "datapackage.json"}.get(form)
        told = (place / name if name else place).read_text(encoding="utf-8")
        assert told.index("WHAT-IF") < 600
    assert "SYNTHETIC DATA" in told
    assert "WHAT-IF" in told
    assert "axes.a.weight=3" in told.replace("\\", "")


def test_an_official_evaluation_bears_no_mark(evaluation):
    manifest = evaluation.manifest.model_copy(update={"synthetic": False})
    official = replace(evaluation, manifest=manifest)
    assert "SYNTHETIC" not in press_summary(official)
    assert "Mark" not in [one.label for one in about(official)]
    assert "Mark" in [one.label for one in about(evaluation)]


@pytest.mark.parametrize("language", ["en", "fa"])
@pytest.mark.parametrize("form", FORMS)
def test_an_evaluation_of_nobody_is_exported(tmp_path, form, language):
    nobody = made(tmp_path, empty=True)
    assert export(nobody, tmp_path / ENDINGS[form], form, language=language).exists()


# --- the command --------------------------------------------------------------------------------


def test_the_command_writes_what_the_library_writes(evaluation, tmp_path):
    save(evaluation, tmp_path / "saved")
    for form, name in ENDINGS.items():
        place = tmp_path / "by command" / form / name
        done = run("export", tmp_path / "saved", "--out", place, "--format", form, "--lang", "fa")
        assert (done.exit_code, done.stdout) == (0, ""), done.output
        export(evaluation, tmp_path / "by library" / form / name, form, language="fa")
        assert contents(place) == contents(tmp_path / "by library" / form / name)
    done = run("export", tmp_path / "saved", "--out", tmp_path / "r.md")
    assert done.exit_code == 0
    assert (tmp_path / "r.md").read_text(encoding="utf-8") == press_summary(evaluation)


def test_the_command_answers_what_is_typed_wrongly(evaluation, tmp_path):
    save(evaluation, tmp_path / "saved")
    (tmp_path / "there.json").write_text("{}", encoding="utf-8")
    for arguments in (
        ("export", tmp_path / "saved"),
        ("export", tmp_path / "none", "--out", tmp_path / "r.md"),
        ("export", tmp_path / "saved", "--out", tmp_path / "r"),
        ("export", tmp_path / "saved", "--out", tmp_path / "there.json"),
        ("export", tmp_path / "saved", "--out", tmp_path / "r.json", "--licence", "x"),
        ("export", tmp_path / "saved", "--out", tmp_path / "r.json", "--format", "pdf"),
    ):
        done = run(*arguments)
        assert done.exit_code == 2, (arguments, done.output)
        assert "Traceback" not in done.output
    assert (tmp_path / "there.json").read_text(encoding="utf-8") == "{}"


def test_the_command_is_listed_with_its_own_words():
    command = importlib.import_module("egovrules.cli.export").export
    assert command.help.splitlines()[0] == COMMANDS["export"]
