"""The command line as people meet it: results, exit codes, and answers to what was mistyped."""

import csv
import errno
import io
import json
import os
import re
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

import egovrules
from egovrules.cli import COMMANDS, cli

RULESET = """\
schema: egovrules/1
id: tiny-2024
title: {en: "Tiny [red]round[/red]", fa: دور کوچک}
period: {calendar: gregorian, year: 2024}
missing: {policy: zero}
derive: {level: digital.online}
axes:
  digital:
    weight: 3
    criteria:
      online: {use: core.value, level: service, with: {column: online}}
      on_time: {use: core.ratio, level: service, with: {numerator: met, denominator: cases}}
  open:
    weight: 1
    criteria:
      share: {use: core.value, level: agency, with: {column: openness}}
bands:
  how_online:
    of: services
    by: level
    labels: [{nothing: "= 0"}, {some: "> 0"}]
    otherwise: not_assessed
lists:
  best: {of: agencies, by: total, top: 2}
reconcile:
  covered: {total: count of services, parts: bands.how_online, without: [not_assessed]}
"""
AGENCIES = """\
code,name_en,name_fa,openness
01,Ministry of [red]Tests[/red],وزارت آزمون,80
02,Bureau <script>alert(1)</script>,دفتر,60
03,Office,اداره,10
04,Office,ادارهٔ دوم,20
"""
SERVICES = """\
code,agency,name_en,online,met,cases
a,01,Permit,100,5,10
b,01,Card,0,5,50
c,02,Licence,70,20,20
d,02,Grant,,3,30
e,03,Help,30,0,0
"""


class Round:
    """A ruleset and a dataset in a folder, and the command line in it."""

    def __init__(self, folder):
        self.folder = folder
        self.data = folder / "data"
        self.data.mkdir()
        self.ruleset = folder / "ruleset.yaml"
        self.ruleset.write_text(RULESET, encoding="utf-8")
        (self.data / "agencies.csv").write_text(AGENCIES, encoding="utf-8")
        (self.data / "services.csv").write_text(SERVICES, encoding="utf-8")

    def change(self, name, old, new):
        path = self.ruleset if name == "ruleset" else self.data / f"{name}.csv"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def evaluate(self, *options):
        return run("evaluate", self.ruleset, self.data, *options)

    def saved(self, name="out"):
        out = self.folder / name
        assert self.evaluate("--out", out).exit_code == 0
        return out


def run(*arguments, **environment):
    return CliRunner(env={"COLUMNS": "200", **environment}).invoke(
        cli, [str(one) for one in arguments], prog_name="egovrules"
    )


@pytest.fixture
def tiny(tmp_path):
    return Round(tmp_path)


# --- help and start -----------------------------------------------------------------------------


def test_help_lists_every_command_with_its_own_first_line():
    shown = run("--help")
    assert shown.exit_code == 0
    for name, summary in COMMANDS.items():
        assert f"{name} " in shown.stdout
        assert summary in shown.stdout
        assert summary in run(name, "--help").stdout


def test_help_loads_nothing_heavy():
    code = (
        "import sys\n"
        "from egovrules.cli import cli\n"
        "cli(['--help'], standalone_mode=False)\n"
        "heavy = {'polars', 'narwhals', 'pydantic', 'yaml', 'rich', 'egovrules_integrated'}\n"
        "print('heavy:', sorted(heavy & set(sys.modules)))\n"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "heavy: []" in shown.stdout


def test_json_is_printed_without_the_library_of_tables(tiny):
    code = (
        "import sys\n"
        "from egovrules.cli import cli\n"
        "cli(sys.argv[1:], standalone_mode=False)\n"
        "print('rich' in sys.modules, file=sys.stderr)\n"
    )
    command = [sys.executable, "-c", code, "evaluate", tiny.ruleset, tiny.data, "--format", "json"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8")
    assert json.loads(shown.stdout)["failed"] is False
    assert shown.stderr.endswith("False\n")


def test_version():
    assert run("--version").stdout == f"egovrules, version {egovrules.__version__}\n"


def test_python_dash_m():
    command = [sys.executable, "-m", "egovrules", "--version"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True)
    assert egovrules.__version__ in shown.stdout


# --- evaluate -----------------------------------------------------------------------------------


def test_table_shows_figures_and_the_next_step(tiny):
    shown = tiny.evaluate()
    assert shown.exit_code == 0
    assert "Tiny [red]round[/red]" in shown.stdout
    assert "Number of services: 5" in shown.stdout
    assert "The difference is 1 (20.0%)" in shown.stdout
    assert "--out DIR" in shown.stdout
    assert shown.stderr == ""


def test_json_holds_manifest_and_tables(tiny):
    shown = tiny.evaluate("--format", "json")
    document = json.loads(shown.stdout)
    assert document["ruleset"]["id"] == "tiny-2024"
    assert document["counts"]["services"] == 5
    assert len(document["digests"]["scores"]) == 64
    totals = {row["agency"]: row["total"] for row in document["tables"]["agencies"]}
    # Agency 02 by hand: online (70 + 0) / 2, on time (100 + 10) / 2, open 60; weights 3 and 1.
    assert totals["02"] == pytest.approx((3 * (35 + 55) / 2 + 60) / 4)


def test_csv_is_the_table_of_agencies(tiny):
    out = tiny.folder / "out"
    shown = tiny.evaluate("--format", "csv", "--out", out)
    table = list(csv.DictReader(io.StringIO(shown.stdout)))
    assert {"agency", "name", "rank", "total", "coverage", "growth", "digital"} <= table[0].keys()
    assert shown.stdout == (out / "agencies.csv").read_text(encoding="utf-8")
    assert shown.stderr == f"Written to {out}\n"


def test_persian_headings_and_digits(tiny):
    shown = tiny.evaluate("--lang", "fa")
    assert "دور کوچک" in shown.stdout
    assert "تعداد خدمات: ۵" in shown.stdout
    assert "وزارت آزمون" in shown.stdout


def test_engines_agree(tiny):
    polars, duckdb = (
        json.loads(tiny.evaluate("--format", "json", "--engine", engine).stdout)
        for engine in ("polars", "duckdb")
    )
    assert polars["digests"]["scores"] == duckdb["digests"]["scores"]
    assert polars["engine"]["engine"] != duckdb["engine"]["engine"]


def test_a_folder_of_rulesets_and_a_period(tiny):
    shown = run("evaluate", tiny.folder, tiny.data, "--period", "2024", "--format", "json")
    assert json.loads(shown.stdout)["ruleset"]["id"] == "tiny-2024"
    wrong = run("evaluate", tiny.folder, tiny.data, "--period", "2023")
    assert wrong.exit_code == 2
    assert "no ruleset here is for 2023" in wrong.stderr


def test_growth_against_a_saved_evaluation(tiny):
    out = tiny.saved()
    tiny.change("agencies", "دفتر,60", "دفتر,100")
    shown = json.loads(tiny.evaluate("--previous", out, "--format", "json").stdout)
    growth = {row["agency"]: row["growth"] for row in shown["tables"]["agencies"]}
    assert growth == pytest.approx({"01": 0, "02": 10, "03": 0, "04": 0})


# --- exit codes ---------------------------------------------------------------------------------


def test_a_failed_reconciliation_exits_1_and_is_saved_all_the_same(tiny):
    tiny.change("ruleset", "without: [not_assessed]", "without: [not_assessed], when_not: error")
    out = tiny.folder / "out"
    shown = tiny.evaluate("--out", out)
    assert shown.exit_code == 1
    assert "error: covered" in shown.stdout
    assert (out / "evaluation.json").is_file()


def test_a_finding_of_severity_error_exits_1(tiny):
    rule = "findings: {low: {of: agencies, when: total < 40, severity: error, message: low}}\n"
    tiny.ruleset.write_text(RULESET + rule, encoding="utf-8")
    assert tiny.evaluate().exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["evalute"], "did you mean 'evaluate'?"),
        (["evaluate"], "Missing argument 'RULESET'"),
        (["evaluate", "a", "b", "--engin", "polars"], "--engine"),
        (["plugins", "--format", "xml"], "'xml' is not one of"),
        (["evaluate", "nowhere.yaml", "data"], "nowhere.yaml: there is no such file"),
        (["explain", "nowhere", "01"], "here is no saved evaluation"),
        (["compare", "nowhere", "nowhere"], "here is no saved evaluation"),
        (["check", "nowhere.yaml"], "there is no such file"),
    ],
)
def test_what_was_mistyped_exits_2(arguments, said):
    shown = run(*arguments)
    assert shown.exit_code == 2
    assert said in shown.stderr
    assert "Traceback" not in shown.output


def test_a_bug_exits_3_without_a_traceback(tiny, monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError("division by \x1b[31mzero")

    monkeypatch.setattr("egovrules.cli.evaluate.run", broken)
    shown = tiny.evaluate()
    assert shown.exit_code == 3
    assert "This is a bug in egovrules" in shown.stderr
    assert "ZeroDivisionError: division by [31mzero" in shown.stderr
    assert "Traceback" not in shown.output
    for asked in (
        run("--debug", "evaluate", tiny.ruleset, tiny.data),
        run("evaluate", tiny.ruleset, tiny.data, EGOVRULES_DEBUG="1"),
    ):
        assert asked.exit_code == 3
        assert "Traceback" in asked.stderr


def test_an_interruption_is_quiet(tiny, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("egovrules.cli.evaluate.run", interrupted)
    shown = tiny.evaluate()
    assert shown.exit_code == 130
    assert shown.output.strip() == ""


def test_a_file_that_may_not_be_read_is_no_bug(tiny, monkeypatch):
    def refused(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied", "secret.csv")

    monkeypatch.setattr("egovrules.cli.evaluate.load_dataset", refused)
    shown = tiny.evaluate()
    assert shown.exit_code == 2
    assert "secret.csv: the file cannot be used: Permission denied" in shown.stderr


# --- bad input ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("lists:", "colour: red\nlists:", ["ruleset.yaml:23:1", "colour"]),
        ("lists:", "id: again\nlists:", ["ruleset.yaml:23:1", "given twice"]),
        ("reconcile:", "reconcille:", ["ruleset.yaml:25:1", "did you mean 'reconcile'?"]),
        ("weight: 3", "weight: -3", ["ruleset.yaml:9:13", "weight"]),
        ("weight: 3", "weight: .nan", ["ruleset.yaml:9:13", "weight"]),
        ("weight: 3", "weight: 0", ["ruleset.yaml:7:1", "all weights"]),
        ("use: core.ratio", "use: space.rockets", ["ruleset.yaml:12:22", "space"]),
        ("use: core.ratio", "use: core.ration", ["did you mean 'core.ratio'?"]),
    ],
)
def test_bad_rulesets(tiny, old, new, said):
    tiny.change("ruleset", old, new)
    if new == "weight: 0":
        tiny.change("ruleset", "weight: 1", "weight: 0")
    for shown in (tiny.evaluate(), run("check", tiny.ruleset)):
        assert shown.exit_code == 2
        assert all(part in shown.stderr for part in said), shown.stderr
        assert "Traceback" not in shown.output


@pytest.mark.parametrize(
    ("table", "old", "new", "said"),
    [
        ("services", "cases\n", "cses\n", ["services.csv", "cases", "did you mean 'cses'?"]),
        ("services", "Licence,70", "Licence,many", ["services.csv", "row 4", "online", "many"]),
        ("services", "Licence,70", "Licence,inf", ["services.csv", "row 4", "online", "inf"]),
        ("services", "Licence,70", "Licence,NaN", ["services.csv", "row 4", "online", "NaN"]),
        ("services", "0,5,50", "0,5,-50", ["services.csv", "row 3", "cases", "-50"]),
        ("services", "70,20,20", "70,21,20", ["services.csv", "row 4", "met", "21"]),
        ("services", "b,01", "a,01", ["services.csv", "row 3", "'a'"]),
        ("agencies", "02,Bureau", "01,Bureau", ["agencies.csv", "row 3", "'01'"]),
        ("services", "e,03", "e,99", ["services.csv", "row 6", "agency", "99"]),
    ],
)
def test_bad_cells_are_named_by_file_row_and_column(tiny, table, old, new, said):
    tiny.change(table, old, new)
    shown = tiny.evaluate()
    assert shown.exit_code == 2
    assert all(part in shown.stderr for part in said), shown.stderr
    assert "Traceback" not in shown.output
    assert shown.stdout == ""


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("services.csv", b"", "the file is empty"),
        ("services.csv", SERVICES.replace("Help", "Café").encode("cp1252"), "windows-1252"),
        ("services.parquet", b"PAR1 cut short", "not a whole Parquet file"),
    ],
)
def test_bad_files(tiny, name, content, said):
    (tiny.data / "services.csv").unlink()
    (tiny.data / name).write_bytes(content)
    shown = tiny.evaluate()
    assert shown.exit_code == 2
    assert name in shown.stderr
    assert said in shown.stderr
    assert "Traceback" not in shown.output


def test_every_problem_is_told_at_once(tiny):
    tiny.change("services", "Licence,70", "Licence,many")
    tiny.change("services", "0,5,50", "0,5,-50")
    tiny.change("services", "e,03", "e,99")
    shown = tiny.evaluate()
    assert all(part in shown.stderr for part in ("many", "-50", "99"))


def test_a_full_disk_leaves_the_old_result(tiny, monkeypatch):
    out = tiny.saved()
    before = {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}
    tiny.change("agencies", "دفتر,60", "دفتر,100")

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pl.DataFrame, "write_csv", full)
    shown = tiny.evaluate("--out", out)
    assert shown.exit_code == 2
    assert "No space left on device" in shown.stderr
    assert {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()} == before
    assert sorted(path.name for path in tiny.folder.iterdir()) == ["data", "out", "ruleset.yaml"]


# --- check --------------------------------------------------------------------------------------


def test_check_tells_the_problems_of_all_files(tiny):
    tiny.change("ruleset", "weight: 3", "weight: -3")
    other = tiny.folder / "other.yaml"
    other.write_text(RULESET.replace("core.ratio", "core.ration"), encoding="utf-8")
    good = tiny.folder / "good.yaml"
    good.write_text(RULESET, encoding="utf-8")
    shown = run("check", tiny.ruleset, other, good)
    assert shown.exit_code == 2
    assert "ruleset.yaml:9:13" in shown.stderr
    assert "core.ratio" in shown.stderr
    assert "fine" in next(line for line in shown.stdout.splitlines() if "good.yaml" in line)
    document = json.loads(run("check", tiny.folder, "--format", "json").stdout)
    usable = {Path(one["file"]).name: one["usable"] for one in document["rulesets"]}
    assert usable == {"good.yaml": True, "other.yaml": False, "ruleset.yaml": False}


def test_warnings_pass_unless_strict(tiny, monkeypatch):
    from egovrules.cli import check
    from egovrules.errors import Problem

    odd = Problem("this is odd", source="ruleset.yaml", severity="warning")
    load = check.load_ruleset

    def with_warning(path, **options):
        ruleset = load(path, **options)
        return type(ruleset)(**{**vars(ruleset), "warnings": (odd,)})

    assert run("check", tiny.ruleset, "--strict").exit_code == 0
    monkeypatch.setattr(check, "load_ruleset", with_warning)
    shown = run("check", tiny.ruleset)
    assert shown.exit_code == 0
    assert "warning: this is odd" in shown.stderr
    assert "1 warning" in shown.stdout
    assert run("check", tiny.ruleset, "--strict").exit_code == 2


def test_sources_are_checked_too(tiny):
    source = tiny.folder / "my.source.yaml"
    source.write_text("schema: egovrules-source/1\ntables: {services: {fil: a.csv}}\n")
    shown = run("check", source)
    assert shown.exit_code == 2
    assert "my.source.yaml:2" in shown.stderr


# --- explain and compare ------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["evaluate", "verify", "diff"])
def test_a_source_beside_the_ruleset_is_offered_where_the_data_need_one(tmp_path, command):
    ruleset, source = tmp_path / "index.yaml", tmp_path / "index.source.yaml"
    ruleset.write_text(
        "schema: egovrules/1\nid: t\ntitle: t\nscale: {high: 9}\n"
        "axes: {a: {criteria: {v: {use: core.value, with: {column: v}}}}}\n"
    )
    source.write_text(
        "schema: egovrules-source/1\n"
        "tables: {agencies: {file: index 2018.csv, columns: {code: id, v: value}}}\n"
    )
    data, saved = tmp_path / "data", tmp_path / "saved"
    data.mkdir()
    (data / "index 2018.csv").write_text("id,value\nA,5\n")
    (data / "index 2016.csv").write_text("id,value\nA,4\n")
    assert run("evaluate", ruleset, data, "--source", source, "--out", saved).exit_code == 0
    asked = {
        "evaluate": ["evaluate", ruleset, data],
        "verify": ["verify", saved, "--data", data, "--ruleset", ruleset],
        "diff": ["diff", ruleset, ruleset, "--data", data],
    }[command]
    said = run(*asked)
    assert said.exit_code == 2
    assert "the folder has no table of services or agencies" in said.stderr
    assert f"hint: did you mean --source {source}?" in said.stderr
    assert "rename it" not in said.stderr  # a publisher's files keep their names
    wrong = tmp_path / "wrong.source.yaml"
    wrong.write_text(source.read_text().replace("2018", "2017"))
    assert "did you mean --source" not in run(*asked, "--source", wrong).stderr


def test_the_only_source_of_a_folder_is_offered_and_of_several_none(tmp_path):
    ruleset, data = tmp_path / "variant.yaml", tmp_path / "data"
    ruleset.write_text(
        "schema: egovrules/1\nid: t\ntitle: t\n"
        "axes: {a: {criteria: {v: {use: core.value, with: {column: v}}}}}\n"
    )
    data.mkdir()
    (data / "agencies.csv").write_text("code,value\nA,5\n")
    assert "--source" not in run("evaluate", ruleset, data).stderr
    (tmp_path / "index.source.yaml").write_text("schema: egovrules-source/1\n")
    said = run("evaluate", ruleset, data).stderr  # that a column is missing is found only now
    assert f"did you mean --source {tmp_path / 'index.source.yaml'}?" in said
    (tmp_path / "other.source.yaml").write_text("schema: egovrules-source/1\n")
    assert "did you mean --source" not in run("evaluate", ruleset, data).stderr


def test_explain_by_code_and_by_name(tiny):
    out = tiny.saved()
    by_code, by_name = run("explain", out, "02"), run("explain", out, "دفتر")
    assert by_code.exit_code == 0
    assert by_code.stdout == by_name.stdout
    assert "Bureau <script>alert(1)</script> (02)" in by_code.stdout
    assert f"egovrules explain {out} 02 --criterion" in by_code.stdout


def test_explained_shares_and_contributions_recompute_the_total(tiny):
    out = tiny.saved()
    tree = json.loads(run("explain", out, "02", "--format", "json").stdout)["tree"]

    def again(node):
        if not node["children"]:
            return node["score"]
        return sum(child["share"] * again(child) for child in node["children"])

    assert again(tree) == pytest.approx(tree["score"], abs=1e-9)
    rows = list(csv.DictReader(io.StringIO(run("explain", out, "02", "--format", "csv").stdout)))
    assert [row["node"] for row in rows][:2] == ["total", "digital"]
    assert float(rows[0]["score"]) == tree["score"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["Ofice"], "did you mean 'Office'?"),
        (["Office"], "several agencies are called 'Office'"),
        (["02", "--criterion", "digital.onlin"], "did you mean 'digital.online'?"),
        (["02", "--service", "a"], "service 'a' belongs to 01"),
        (["02", "--service", "zz"], "no service 'zz'"),
    ],
)
def test_explain_of_what_is_not_there(tiny, options, said):
    shown = run("explain", tiny.saved(), *options)
    assert shown.exit_code == 2
    assert said in shown.stderr


def test_explain_one_criterion_and_one_service(tiny):
    out = tiny.saved()
    criterion = run("explain", out, "02", "--criterion", "digital.on_time")
    assert "numerator = met" in criterion.stdout
    service = run("explain", out, "02", "--service", "c")
    assert "Licence (c)" in service.stdout


def test_a_changed_file_is_noticed(tiny):
    out = tiny.saved()
    with (out / "agencies.parquet").open("ab") as stream:
        stream.write(b"x")
    shown = run("explain", out, "01")
    assert shown.exit_code == 2
    assert "has changed since" in shown.stderr


def test_compare_in_every_format(tiny):
    old = tiny.saved("old")
    tiny.change("agencies", "دفتر,60", "دفتر,100")
    new = tiny.saved("new")
    assert "risen 1 · fallen 0" in run("compare", old, new).stdout
    assert "risen 0 · fallen 1" in run("compare", new, old).stdout
    document = json.loads(run("compare", old, new, "--format", "json").stdout)
    assert document["method"] == "same"
    assert document["agencies"][0]["growth"] == pytest.approx(10)
    table = list(csv.DictReader(io.StringIO(run("compare", old, new, "--format", "csv").stdout)))
    assert table[0]["agency"] == "02"


def test_compare_refuses_another_method(tiny):
    old = tiny.saved("old")
    tiny.change("ruleset", "weight: 3", "weight: 2")
    shown = run("compare", old, tiny.saved("new"))
    assert shown.exit_code == 2
    assert "weight: 3 → 2" in shown.stderr


# --- plugins and sample -------------------------------------------------------------------------


def test_plugins_are_listed_and_the_broken_named(monkeypatch):
    broken = EntryPoint("moon", "egovrules_moon_that_is_not_there", "egovrules")
    core = EntryPoint("core", "egovrules.builtin", "egovrules")
    monkeypatch.setattr("egovrules.plugins.entry_points", lambda **_: [core, broken])
    shown = run("plugins")
    assert shown.exit_code == 0
    assert "core.ratio" in shown.stdout
    assert "egovrules_moon_that_is_not_there" in shown.stderr
    assert "cannot be imported" in shown.stderr
    assert "Traceback" not in shown.output
    document = json.loads(run("plugins", "--format", "json").stdout)["plugins"]
    assert [bool(one["problems"]) for one in document] == [False, True]
    assert "core.value" in [one["id"] for one in document[0]["criteria"]]
    table = list(csv.DictReader(io.StringIO(run("plugins", "--format", "csv").stdout)))
    assert "core.ratio" in [row["id"] for row in table if row["kind"] == "criterion"]
    by_kind = {"aggregation": "power", "normalisation": "min_max", "treatment": "winsorise"}
    for kind, name in by_kind.items():
        assert name in document[0][f"{kind}s"]
        assert name in [row["id"] for row in table if row["kind"] == kind]
        assert re.search(rf"{kind}s: [^;]*\b{name}\b", " ".join(shown.stdout.split()))
    assert ["cannot be imported" in row["problem"] for row in table if not row["kind"]] == [True]


def test_sample_is_passed_on_and_its_next_steps_are_told(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "egovrules.sample.write_sample", lambda folder, **options: asked.append((folder, options))
    )
    monkeypatch.delitem(sys.modules, "egovrules.cli.sample", raising=False)
    shown = run("sample", tmp_path / "a b", "--seed", "7")
    monkeypatch.delitem(sys.modules, "egovrules.cli.sample")
    assert asked == [(tmp_path / "a b", {"seed": 7, "force": False})]
    assert "SYNTHETIC" in shown.stderr
    assert f"--previous '{tmp_path / 'a b' / 'spring'}'" in shown.stdout


# --- terminals, pipes, and text that would steer them ------------------------------------------


STEERING = set("\x1b\x07\x9b\u202e")
HOSTILE = "\x1b[31mRed\x07\u202etxt.exe\x9b2J[bold]x[/bold]"


@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_names_cannot_steer_the_terminal(tiny, form):
    tiny.change("agencies", "03,Office,اداره", f"03,{HOSTILE},اداره")
    out = tiny.saved()
    shown = tiny.evaluate("--format", form).output
    shown += run("explain", out, "03", "--format", form).output
    assert shown.count("[bold]x[/bold]") >= 1
    assert not STEERING & set(shown)


def test_messages_cannot_steer_the_terminal(tiny):
    tiny.change("services", "Licence,70", f"Licence,{HOSTILE}")
    tiny.change("ruleset", "id: tiny-2024", f"id: {HOSTILE}".replace("\x07", ""))
    for shown in (tiny.evaluate(), run("check", tiny.ruleset), run("explain", HOSTILE, HOSTILE)):
        assert shown.exit_code == 2
        assert not STEERING & set(shown.output)


def test_json_loses_nothing(tiny):
    tiny.change("agencies", "03,Office,اداره", "03,A\u202eB,اداره")
    shown = tiny.evaluate("--format", "json")
    names = [row["name"] for row in json.loads(shown.stdout)["tables"]["agencies"]]
    assert "A\u202eB" in names
    assert "\u202e" not in shown.output


def environment(**more):
    return {**os.environ, "PYTHONUTF8": "1", "TERM": "xterm", **more}


def on_a_terminal(command, env, stream="stdout"):
    """Run a command, one of whose streams is a terminal, and return what that shows."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, stream: theirs}
    process = subprocess.Popen(command, env=env, **streams)
    os.close(theirs)
    shown = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # Linux: the other end is closed
            break
        if not part:
            break
        shown += part
    os.close(ours)
    assert not any(process.communicate())
    assert process.returncode == 0
    return shown.decode()


def test_long_work_is_shown_on_a_terminal_only():
    code = (
        "import time\n"
        "from egovrules.cli import output\n"
        "output.PATIENCE = 0.01\n"
        "with output.working('Reading the dataset'):\n"
        "    time.sleep(0.5)\n"
    )
    command = [sys.executable, "-c", code]
    assert "Reading the dataset" in on_a_terminal(command, environment(), "stderr")
    piped = subprocess.run(command, capture_output=True, check=True, env=environment())
    assert piped.stderr == b""
    quick = [sys.executable, "-c", code.replace("0.01", "5")]
    assert on_a_terminal(quick, environment(), "stderr") == ""


def test_colour_on_a_terminal_unless_refused(tiny):
    command = [sys.executable, "-m", "egovrules", "evaluate", tiny.ruleset, tiny.data]
    plain = {key: value for key, value in environment().items() if key != "NO_COLOR"}
    assert "\x1b[1m" in on_a_terminal(command, plain)
    assert "\x1b[" not in on_a_terminal(command, {**plain, "NO_COLOR": "1"})


def test_a_pipe_gets_plain_text_and_nothing_else(tiny):
    command = [sys.executable, "-m", "egovrules", "evaluate", tiny.ruleset, tiny.data]
    env = {key: value for key, value in environment().items() if key != "COLUMNS"}
    shown = subprocess.run(command, capture_output=True, check=True, env=env)
    assert shown.stderr == b""
    assert b"\x1b" not in shown.stdout
    assert max(len(line) for line in shown.stdout.decode().splitlines()) <= 100
    env["COLUMNS"] = "60"
    narrow = subprocess.run(command, capture_output=True, check=True, env=env)
    assert max(len(line) for line in narrow.stdout.decode().splitlines()) <= 60


def test_a_reader_that_leaves_is_no_error(tiny):
    command = [sys.executable, "-m", "egovrules", "evaluate", tiny.ruleset, tiny.data]
    reading, writing = os.pipe()
    os.close(reading)
    shown = subprocess.run(
        [*command, "--format", "json"],
        stdout=writing,
        stderr=subprocess.PIPE,
        env=environment(),
        check=False,
    )
    os.close(writing)
    assert shown.stderr == b""
    assert shown.returncode == 0


@pytest.mark.parametrize(
    "command",
    [
        ["--help"],
        ["--version"],
        ["evaluate", "--help"],
        ["plugins"],
        ["evaluate", "RULESET", "DATA", "--format", "csv"],
        ["evaluate", "RULESET", "DATA"],
    ],
)
@pytest.mark.parametrize(
    ("redirect", "said"),
    [("> /dev/full", os.strerror(errno.ENOSPC)), (">&-", "standard output is closed")],
)
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is full needs Linux")
def test_output_that_cannot_be_written_exits_2(tiny, command, redirect, said):
    files = {"RULESET": tiny.ruleset, "DATA": tiny.data}
    arguments = [str(files.get(one, one)) for one in command]
    shown = subprocess.run(
        ["sh", "-c", f'"$@" {redirect}', "sh", sys.executable, "-m", "egovrules", *arguments],
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
        check=False,
    )
    assert shown.returncode == 2
    assert shown.stderr == f"the output cannot be written: {said}\n"


def test_a_pipe_gets_utf8_whatever_the_locale(tiny):
    command = [sys.executable, "-m", "egovrules", "evaluate", tiny.ruleset, tiny.data]
    env = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    shown = subprocess.run([*command, "--lang", "fa"], capture_output=True, check=True, env=env)
    assert "وزارت آزمون" in shown.stdout.decode("utf-8")
