"""Treatment as steps of a ruleset: what is treated, in which order, and what is told of it."""

import csv
import json
import re
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import egovrules as eg
from egovrules import store
from egovrules.builtin import egovrules_aggregations, egovrules_criteria, egovrules_treatments
from egovrules.cases import load_cases
from egovrules.cases.running import run_cases
from egovrules.changes import changes_between
from egovrules.cli import cli
from egovrules.dataset import Dataset, load_dataset
from egovrules.errors import DatasetError, EvaluationError, RulesetError
from egovrules.evaluation import evaluate
from egovrules.explanation import explain
from egovrules.parameters import reads
from egovrules.plugins import Registry
from egovrules.report.blocks import Line, Table
from egovrules.report.scorecard import scorecard
from egovrules.report.summary import national_summary
from egovrules.report.wording import Wording
from egovrules.result import TREATMENTS
from egovrules.ruleset import load_ruleset, read_ruleset
from egovrules.treatment import Treatment
from egovrules.verification import verify

CODES = ["A", "B", "C", "D"]
VISITS = [10.0, None, 60.0, 100.0]
HEADS = [2.0, 4.0, 0.0, 5.0]
HISTORY = [("B", 2020.0, 8.0), ("B", 2018.0, 3.0), ("C", 2019.0, 1.0)]


def rules(*steps, registry=None, criteria=None, **more):
    criteria = criteria or {"visits": {"use": "core.value", "with": {"column": "visits"}}}
    whole = {"schema": "egovrules/1", "id": "t", "title": "T", "treatment": list(steps)}
    whole |= {"axes": {"a": {"criteria": criteria}}, **more}
    return read_ruleset(yaml.safe_dump(whole, sort_keys=False), registry=registry)


def agencies(visits=VISITS, **more):
    columns = {"code": CODES, "visits": visits, "heads": HEADS, "year": [2021.0] * 4, **more}
    return pl.DataFrame(columns)


def history(rows=HISTORY):
    return pl.DataFrame(rows, schema=["code", "period", "visits"], orient="row")


def evaluated(*steps, data=None, earlier=None, registry=None, **more):
    table = agencies() if data is None else data
    dataset = Dataset.of(agencies=table, history=earlier)
    return evaluate(rules(*steps, registry=registry, **more), dataset)


def totals(evaluation):
    return dict(evaluation.agencies.sort("agency").select("agency", "total").rows())


DIVIDE = {"do": "divide", "of": ["visits"], "by": "heads"}
MEAN = {"do": "impute_mean"}
PREVIOUS = {"do": "impute_previous", "period": "year"}


# --- order, population, columns -----------------------------------------------------------------


def test_each_step_sees_what_the_former_left_and_every_change_is_in_the_trace():
    evaluation = evaluated(DIVIDE, MEAN)
    assert totals(evaluation) == {"A": 5.0, "B": 12.5, "C": 12.5, "D": 20.0}
    assert evaluation.treatments.schema == dict(TREATMENTS)
    assert evaluation.treatments.rows() == [
        (1, "divide", "visits", "A", 10.0, 5.0),
        (1, "divide", "visits", "C", 60.0, None),
        (1, "divide", "visits", "D", 100.0, 20.0),
        (2, "impute_mean", "visits", "B", None, 12.5),
        (2, "impute_mean", "visits", "C", None, 12.5),
    ]
    other = evaluated(MEAN, DIVIDE)
    assert totals(other)["B"] == pytest.approx((10 + 60 + 100) / 3 / 4)
    assert totals(other)["C"] is None


def test_what_was_read_stays_as_it_was_read():
    evaluation = evaluated(DIVIDE, MEAN)
    assert evaluation.inputs["agencies"]["visits"].to_list() == VISITS


def test_means_are_of_the_agencies_in_scope():
    declared = {"agencies": {"heads": {}}}
    evaluation = evaluated(MEAN, scope={"agencies": "heads < 5"}, indicators=declared)
    assert totals(evaluation) == {"A": 10.0, "B": 35.0, "C": 60.0}


def test_the_scope_sees_what_was_read_and_all_other_conditions_what_was_made_of_it():
    evaluation = evaluated(
        MEAN,
        scope={"agencies": "visits < 100 or visits is missing"},
        findings={"few": {"of": "agencies", "when": "visits = 35", "message": "{visits}"}},
        caps=[{"at": 20, "when": "visits = 35"}],
    )
    assert totals(evaluation) == {"A": 10.0, "B": 20.0, "C": 60.0}
    assert evaluation.findings.select("agency", "message_en").rows() == [("B", "35")]


def test_left_out_the_columns_are_the_numbers_that_criteria_of_agencies_read():
    criteria = {
        "visits": {"use": "core.value", "with": {"column": "visits"}},
        "met": {"use": "core.ratio", "with": {"numerator": "met", "denominator": "heads"}},
        "online": {"use": "core.yes", "with": {"column": "online"}},
        "steps": {"use": "core.value", "level": "service", "with": {"column": "steps"}},
    }
    criteria |= {"heads": {"use": "core.value", "with": {"column": "heads"}}}
    del criteria["met"]
    (step,) = rules(MEAN, criteria=criteria).treatment
    assert step.of == ("visits", "heads")
    (step,) = rules({"do": "impute_linear", "period": "heads"}, criteria=criteria).treatment
    assert step.of == ("visits",)


def test_left_out_the_parts_of_ratios_are_left_alone():
    criteria = {
        "visits": {"use": "core.value", "with": {"column": "visits"}},
        "heads": {"use": "core.value", "with": {"column": "heads"}},
        "met": {"use": "core.ratio", "with": {"numerator": "met", "denominator": "heads"}},
    }
    (step,) = rules(MEAN, criteria=criteria).treatment
    assert step.of == ("visits",)
    (step,) = rules({"do": "impute_mean", "of": ["met", "heads"]}, criteria=criteria).treatment
    assert step.of == ("met", "heads")
    with pytest.raises(RulesetError, match="a number that is no part of a ratio"):
        rules(MEAN, criteria={"met": criteria["met"]})


def test_a_period_of_history_that_is_no_number_is_empty():
    earlier = history([("B", float("nan"), 8.0), ("C", 2019.0, 1.0)])
    with pytest.raises(DatasetError, match="the period is empty"):
        evaluated(PREVIOUS, earlier=earlier)


def test_sums_do_not_hang_on_the_order_of_rows():
    data = pl.DataFrame({"code": CODES[:3], "visits": [0.1, 0.2, 0.3]})
    told = {"normalise": "z_score", "scale": {"low": -5, "high": 5}}
    bands = {"b": {"of": "agencies", "by": "total", "labels": [{"up": ">= 0"}], "otherwise": "not"}}
    found = [
        evaluate(rules(**told, bands=bands), Dataset.of(agencies=one)).agencies.sort("agency")
        for one in (data, data.reverse())
    ]
    assert found[0].equals(found[1])


def test_services_are_compared_whatever_the_order_of_their_rows():
    values = [0.1 * n for n in range(1, 60)]
    table = pl.DataFrame({"code": [f"{n:02}" for n in range(59)], "agency": "A", "steps": values})
    criteria = {"x": {"use": "core.value", "level": "service", "with": {"column": "steps"}}}
    ruleset = rules(criteria=criteria, normalise="z_score")
    own = pl.DataFrame({"code": ["A"]})
    found = [
        evaluate(ruleset, Dataset.of(agencies=own, services=one)).services.sort("service")["a.x"]
        for one in (table, table.reverse(), table.sample(fraction=1, shuffle=True, seed=3))
    ]
    assert found[0].to_list() == found[1].to_list() == found[2].to_list()


def test_a_column_that_only_a_step_reads_is_asked_of_the_data():
    with pytest.raises(DatasetError) as caught:
        evaluated({**DIVIDE, "by": "haeds"})
    (problem,) = caught.value.problems
    assert problem.message == "the column 'haeds' is missing; treatment step 1 (divide) needs it"
    assert problem.hint == "did you mean 'heads'?"
    with pytest.raises(DatasetError, match="treatment step 1"):
        evaluated(DIVIDE, data=agencies(heads=[-1.0, 1.0, 1.0, 1.0]))


def test_a_column_that_only_a_step_treats_is_asked_of_the_data_and_typed():
    evaluation = evaluated(
        {"do": "impute_mean", "of": ["queue"]},
        data=agencies(queue=["1", "", "۳", "5"]),
        indicators={"agencies": {"queue": {}}},
        findings={"long": {"of": "agencies", "when": "queue = 3", "message": "!"}},
    )
    assert evaluation.findings["agency"].sort().to_list() == ["B", "C"]
    assert evaluation.warnings == ()


# --- statuses -----------------------------------------------------------------------------------


def test_what_does_not_apply_is_never_imputed_and_a_status_with_a_policy_keeps_it():
    data = agencies(visits=["10", "not_applicable", "refused", "exempt"])
    evaluation = evaluated(MEAN, data=data, missing={"status": {"exempt": "zero"}})
    rows = evaluation.criteria.filter(pl.col("node") == "a.visits")
    found = {row["agency"]: (row["score"], row["state"]) for row in rows.iter_rows(named=True)}
    assert found == {
        "A": (10.0, "scored"),
        "B": (None, "not_applicable"),
        "C": (10.0, "scored"),
        "D": (0.0, "missing"),
    }
    assert evaluation.treatments.rows() == [(1, "impute_mean", "visits", "C", None, 10.0)]


def test_what_was_filled_has_lost_its_status():
    """Else the refusal of the denominator, which counts as zero, would stand behind it."""
    ratio = {"use": "core.ratio", "level": "agency", "with": {"numerator": "heads"}}
    ratio["with"]["denominator"] = "visits"
    data = agencies(visits=["10", "refused", "5", "4"], heads=["2", "exempt", "4", "3"])
    step = {"do": "impute_mean", "of": ["heads"]}
    rule = {"status": {"refused": "zero"}, "policy": "exclude"}
    evaluation = evaluated(step, data=data, criteria={"visits": ratio}, missing=rule)
    assert evaluation.treatments["agency"].to_list() == ["B"]
    assert totals(evaluation)["B"] == 0.0


# --- nothing more than what is asked ------------------------------------------------------------


def test_without_steps_nothing_is_touched():
    evaluation = evaluated()
    assert totals(evaluation) == dict(zip(CODES, VISITS, strict=True))
    assert evaluation.treatments.height == 0
    assert evaluation.manifest.treatments == []


def test_the_method_digest_covers_the_steps_and_knows_defaults():
    whole = {key: value for key, value in rules().effective.items() if key != "treatment"}
    bare = read_ruleset(yaml.safe_dump(whole))
    assert bare.method_digest == rules().method_digest
    plain = rules({"do": "winsorise"})
    same = rules({"do": "winsorise", "of": ["visits"], "skewness": 2, "at_most": 5})
    assert plain.method_digest == same.method_digest
    others = [rules(), rules({"do": "winsorise", "at_most": 4}), rules(MEAN), rules(DIVIDE, MEAN)]
    assert len({one.method_digest for one in (plain, *others, rules(MEAN, DIVIDE))}) == 6


@settings(max_examples=15, deadline=None, derandomize=True, database=None)
@given(
    st.permutations(CODES),
    st.lists(st.none() | st.floats(0.1, 1e6), min_size=4, max_size=4),
    st.sampled_from([[DIVIDE, MEAN], [MEAN, {"do": "log"}], [{"do": "winsorise", "skewness": 1}]]),
)
def test_the_order_of_the_agencies_changes_not_a_bit(order, values, steps):
    data = agencies(visits=values)
    turned = pl.DataFrame({"code": order}).join(data, on="code", maintain_order="left")
    one, other = (
        evaluated(*steps, data=table, scale={"low": -1e9, "high": 1e9}) for table in (data, turned)
    )
    assert one.treatments.rows() == other.treatments.rows()
    assert one.digests["scores"] == other.digests["scores"]
    assert one.manifest.treatments == other.manifest.treatments


# --- what is told -------------------------------------------------------------------------------


def test_the_manifest_holds_the_figures_of_every_step_and_column():
    evaluation = evaluated(MEAN, {"do": "box_cox"})
    mean, power = evaluation.manifest.treatments
    assert (mean.step, mean.do, mean.indicator) == (1, "impute_mean", "visits")
    assert mean.figures == {"mean": pytest.approx(170 / 3)}
    assert (power.step, power.parameters) == (2, {"plus": 0.0, "power": None})
    assert set(power.figures) >= {"lambda", "skewness", "kurtosis_after"}
    assert "scipy" in evaluation.manifest.engine
    assert "scipy" not in evaluated(MEAN).manifest.engine


def test_lost_values_and_steps_that_are_not_enough_are_warned_of():
    said = [problem.message for problem in evaluated(DIVIDE).warnings]
    assert said == ["treatment step 1 (divide) leaves visits of C without a value"]
    said = [one.message for one in evaluated(DIVIDE, data=agencies(heads=[0.0] * 4)).warnings]
    assert said[0] == "treatment step 1 (divide) leaves visits of A and 2 more without a value"
    strict = {"do": "winsorise", "skewness": 0.01, "kurtosis": -3, "at_most": 1}
    said = [one.message for one in evaluated(strict, data=agencies(visits=[1, 2, 3, 99])).warnings]
    assert said[:1] == [
        "treatment step 1 (winsorise) is not enough for visits: it is still beyond the limits"
    ]


def test_an_explanation_tells_what_was_changed_and_a_summary_how_much():
    evaluation = evaluated(DIVIDE, MEAN)
    blocks = scorecard(explain(evaluation, "B"), "en")
    (table,) = [one for one in blocks if isinstance(one, Table) and "Treated" in one.title]
    assert table.rows == (("2", "Impute the mean", "visits", "–", "12.5"),)
    blocks = scorecard(explain(evaluation, "B", criterion="a.visits"), "en", criterion="a.visits")
    lines = [one.text for one in blocks if isinstance(one, Line)]
    assert "Impute the mean, visits: Mean 12.5" in lines
    assert any(isinstance(one, Table) and "Treated" in one.title for one in blocks)
    blocks = scorecard(explain(evaluation, "C"), "fa")
    (table,) = [one for one in blocks if isinstance(one, Table) and "تبدیل" in one.title]
    assert table.rows[0] == ("۱", "تقسیم", "visits", "۶۰", "–")
    for language, text in (
        ("en", "Before scoring, values imputed: 2; values changed: 3"),
        ("fa", "پیش از امتیازدهی، مقادیر جانهی‌شده: ۲؛ مقادیر تغییریافته: ۳"),
    ):
        lines = [one.text for one in national_summary(evaluation, language) if type(one) is Line]
        assert text in lines
    assert not any("imputed" in str(one) for one in national_summary(evaluated(), "en"))


def test_a_changed_step_is_a_change_of_method_in_both_languages():
    old, new = rules(MEAN), rules(DIVIDE, MEAN)
    (change,) = changes_between(old, new)
    assert (change.loc, change.kind) == (("treatment",), "method")
    for language, where in (("en", "Treatment"), ("fa", "تبدیل داده")):
        wording = Wording(old, new, language)
        assert wording.where(change.loc) == where
        assert "heads" in wording.value(change.new, change.loc)


# --- history ------------------------------------------------------------------------------------


def test_values_of_other_periods_come_from_the_history():
    evaluation = evaluated(PREVIOUS, earlier=history())
    assert totals(evaluation) == {"A": 10.0, "B": 8.0, "C": 60.0, "D": 100.0}
    assert evaluation.inputs["history"].rows() == HISTORY
    assert evaluation.manifest.treatments[0].figures == {"periods": [2020.0]}


def test_history_comes_from_files_and_from_a_source(tmp_path):
    plain, shaped = tmp_path / "plain", tmp_path / "shaped"
    for folder, name in ((plain, "history.csv"), (shaped, "years.csv")):
        folder.mkdir()
        agencies().write_csv(folder / "agencies.csv")
        column = "visits" if folder is plain else "seen"
        text = f"code,period,{column}\nB,2018,3\nB,۲۰۲۰,8\nC,2019,refused\n"
        (folder / name).write_text(text, encoding="utf-8")
    source = {
        "schema": "egovrules-source/1",
        "tables": {
            "agencies": {"file": "agencies.csv"},
            "history": {
                "file": "years.csv",
                "columns": {"code": "code", "period": "period", "visits": "seen"},
            },
        },
    }
    (shaped / "t.source.yaml").write_text(yaml.safe_dump(source), encoding="utf-8")
    for folder in (plain, shaped):
        evaluation = evaluate(rules(PREVIOUS), load_dataset(folder))
        assert totals(evaluation)["B"] == 8.0
        assert evaluation.warnings == ()
        assert evaluation.inputs["history"].columns == ["code", "period", "visits"]
        assert verify(evaluation, dataset=load_dataset(folder)).same


def test_history_is_read_only_where_a_step_needs_it():
    strange = pl.DataFrame({"nothing": ["of use"]})
    assert totals(evaluated(MEAN, earlier=strange))["B"] == pytest.approx(170 / 3)
    assert "history" not in evaluated(MEAN, earlier=strange).inputs


@pytest.mark.parametrize(
    ("earlier", "message"),
    [
        (None, "there is no table of history, and treatment step 1 (impute_previous) needs one"),
        (history().drop("period"), "the column 'period' is missing; every evaluation needs it"),
        (
            history().drop("visits"),
            "the column 'visits' is missing; treatment step 1 (impute_previous) needs it",
        ),
        (history([*HISTORY, ("Z", 2020.0, 1.0)]), "no agency has the code 'Z'"),
        (history([*HISTORY, ("B", 2020.0, 9.0)]), "'B' has several rows of period 2020"),
        (
            history([("B", "last year", "2")]),
            "'last year' is not a number",
        ),
        (history([("B", None, 2.0)]), "the period is empty"),
    ],
)
def test_what_is_wrong_with_the_history_is_told(earlier, message):
    with pytest.raises(DatasetError) as caught:
        evaluated(PREVIOUS, earlier=earlier)
    assert caught.value.problems[0].message == message


def test_a_case_can_have_a_history(tmp_path):
    ruleset = rules(PREVIOUS)
    path = tmp_path / "t.yaml"
    path.write_text(yaml.safe_dump(dict(ruleset.effective)), encoding="utf-8")
    rows = {"B": {"year": 2021}}
    whole = {
        "schema": "egovrules-tests/1",
        "cases": {
            "from the past": {
                "agencies": rows,
                "history": [{"code": "B", "period": 2020, "visits": 8}],
                "expect": {"agencies": {"B": {"total": 8}}},
            },
            "no past": {"agencies": rows, "expect": {"agencies": {"B": {"total": None}}}},
        },
    }
    cases = tmp_path / "t.test.yaml"
    cases.write_text(json.dumps(whole), encoding="utf-8")
    assert [one.problems for one in run_cases(load_cases(cases))] == [(), ()]
    whole["cases"]["no past"]["history"] = [{"code": "B", "perod": 2020}]
    cases.write_text(json.dumps(whole), encoding="utf-8")
    with pytest.raises(RulesetError) as caught:
        load_cases(cases)
    (problem,) = caught.value.problems
    assert problem.message == "no step of treatment looks up a column 'perod' in the history"
    assert problem.hint == "did you mean 'period'?"


# --- saved, and computed anew -------------------------------------------------------------------


@pytest.fixture
def saved(tmp_path):
    evaluation = evaluated(PREVIOUS, DIVIDE, {"do": "box_cox"}, MEAN, earlier=history())
    return evaluation, store.save(evaluation, tmp_path / "result")


def test_what_was_changed_is_saved_and_comes_out_the_same_again(saved):
    evaluation, folder = saved
    loaded = store.load(folder)
    assert loaded.treatments.equals(evaluation.treatments)
    assert loaded.treatments.height
    assert loaded.inputs["history"].equals(evaluation.inputs["history"])
    verified = verify(loaded)
    assert verified.same
    assert verified.cells["treatments"] == evaluation.treatments.height * 6


def test_an_evaluation_of_a_version_without_treatment_is_read(saved):
    _, folder = saved
    path = folder / "evaluation.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    for name in ("treatments.parquet", "treatments.csv"):
        (folder / name).unlink()
        del manifest["files"][name]
    del manifest["treatments"]
    path.write_text(json.dumps(manifest), encoding="utf-8")
    loaded = store.load(folder)
    assert loaded.treatments.schema == dict(TREATMENTS)
    assert loaded.treatments.height == 0
    assert not verify(loaded).same  # its ruleset has steps, so the table is missed


def test_the_documents_of_the_commands_have_the_changes(saved, tmp_path):
    _, folder = saved
    ruleset = tmp_path / "t.yaml"
    ruleset.write_text(yaml.safe_dump(dict(rules(DIVIDE).effective)), encoding="utf-8")
    data = tmp_path / "data"
    data.mkdir()
    agencies().write_csv(data / "agencies.csv")
    ran = CliRunner().invoke(cli, ["evaluate", str(ruleset), str(data), "--format", "json"])
    document = json.loads(ran.stdout)
    assert len(document["tables"]["treatments"]) == 3
    ran = CliRunner().invoke(cli, ["explain", str(folder), "B", "--format", "json"])
    changes = json.loads(ran.stdout)["treatments"]
    assert [one["do"] for one in changes] == ["impute_previous", "divide", "box_cox"]


# --- plugins ------------------------------------------------------------------------------------


class Odd(Treatment):
    """Whatever a test wants."""

    id = "odd"
    how: str
    other: str = reads("heads")

    def treat(self, values, table, _):
        assert table.columns == ["code", "heads"]
        if self.how == "short":
            return values[1:], {}
        if self.how == "infinite":
            return values / 0, {}
        if self.how == "places":
            raise EvaluationError.of("this row is odd", where="its own table, row 3")
        return {"fails": 1 / 0} if self.how == "fails" else (values.cast(pl.Int64) + 1, {"n": 1})


@eg.hookimpl
def own_treatments():
    return [Odd]


CORE = SimpleNamespace(
    egovrules_treatments=egovrules_treatments,
    egovrules_criteria=egovrules_criteria,
    egovrules_aggregations=egovrules_aggregations,
)
OWN = SimpleNamespace(egovrules_treatments=own_treatments)
REGISTRY = Registry.of({"core": CORE, "own": OWN})


def test_a_plugin_brings_a_treatment():
    evaluation = evaluated({"do": "odd", "how": "well"}, registry=REGISTRY)
    assert totals(evaluation) == {"A": 11.0, "B": None, "C": 61.0, "D": 101.0}
    assert evaluation.manifest.plugins == {"core": "", "own": ""}


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("short", "it gives 3 values for 4 agencies"),
        ("infinite", "it gives no finite number for A"),
        ("fails", "the treatment fails: ZeroDivisionError: division by zero"),
    ],
)
def test_a_treatment_that_goes_wrong_is_named(how, message):
    with pytest.raises(EvaluationError) as caught:
        evaluated({"do": "odd", "how": how}, registry=REGISTRY)
    (problem,) = caught.value.problems
    assert (problem.message, problem.where) == (message, "treatment step 1 (odd), column visits")


def test_a_treatment_may_say_itself_where_it_goes_wrong():
    with pytest.raises(EvaluationError, match=r"this row is odd +\(its own table, row 3\)"):
        evaluated({"do": "odd", "how": "places"}, registry=REGISTRY)


def test_the_examples_of_the_reference_hold(tmp_path):
    page = (Path(__file__).parents[1] / "docs/reference/treatments.md").read_text(encoding="utf-8")
    examples = dict(re.findall(r"^```(\w+)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL))
    columns = {name: [1.0, None, 3.0, 4.0] for name in ("flights", "goods")}
    data = agencies(population=[10.0] * 4, region=["x"] * 4, **columns)
    steps = yaml.safe_load(examples["yaml"])["treatment"]
    both = {name: {"use": "core.value", "with": {"column": name}} for name in columns}
    evaluation = evaluated(*steps, data=data, criteria=both)
    assert evaluation.treatments["after"].drop_nulls()[0] == 100.0
    assert evaluation.treatments.filter(do="impute_group_mean").height == 1
    (tmp_path / "history.csv").write_text(examples["csv"], encoding="utf-8")
    agencies().write_csv(tmp_path / "agencies.csv")
    assert totals(evaluate(rules(PREVIOUS), load_dataset(tmp_path)))["B"] == 8.0
    module: dict[str, object] = {"__name__": "halves"}
    exec(examples["python"], module)  # noqa: S102 - our own page
    halves = SimpleNamespace(egovrules_treatments=module["egovrules_treatments"])
    registry = Registry.of({"core": CORE, "halves": halves})
    assert totals(evaluated({"do": "example.halve"}, registry=registry))["D"] == 50.0
    for name, one in Registry.of({"core": CORE}).treatments.items():
        assert name in page
        assert all(f"`{key}`" in page for key in one.model_fields)


# --- published ----------------------------------------------------------------------------------


@pytest.mark.published
def test_the_asem_example_is_treated_and_normalised_as_coinr_does(shared):
    """From its raw data to COINr's normalised data, and no indicator more or less winsorised."""
    folder = shared / "asem"
    with (folder / "00_iMeta.csv").open(encoding="utf-8") as file:
        meta = [row for row in csv.DictReader(file) if row["Type"] == "Indicator"]
    by: dict[str, list[str]] = {}
    for row in meta:
        if row["Denominator"] not in ("", "NA"):
            by.setdefault(row["Denominator"], []).append(row["iCode"])
    criteria = {
        f"i_{row['iCode'].lower()}": {
            "use": "core.value",
            "with": {"column": row["iCode"]},
            "direction": "down" if row["Direction"] == "-1" else "up",
        }
        for row in meta
    }
    steps = [{"do": "divide", "of": of, "by": name} for name, of in by.items()]
    steps += [{"do": "impute_group_mean", "group": "EurAsia_group"}, {"do": "winsorise"}]
    raw = pl.read_csv(folder / "00_iData.csv", null_values="NA", infer_schema_length=None)
    data = raw.rename({"uCode": "code", "uName": "name"})
    evaluation = evaluated(*steps, data=data, criteria=criteria, normalise="min_max")
    scores = evaluation.criteria.select("agency", "node", "score").rows()
    got = {(agency, node): score for agency, node, score in scores}
    want = pl.read_csv(folder / "02_pipe_Normalised.csv", null_values="NA")
    cells = [
        (got[row["uCode"], f"a.i_{one['iCode'].lower()}"], row[one["iCode"]])
        for row in want.iter_rows(named=True)
        for one in meta
    ]
    assert len(cells) == 51 * 49
    assert max(abs(mine - theirs) for mine, theirs in cells) <= 1e-9
    moved = {
        one.indicator: one.figures["top"] + one.figures["bottom"]
        for one in evaluation.manifest.treatments
        if one.do == "winsorise" and one.figures["top"] + one.figures["bottom"]
    }
    assert sum(moved.values()) == 35
    assert len(moved) == 15
    assert not any(one.figures.get("logged") for one in evaluation.manifest.treatments)


def test_all_treatments_can_be_loaded_from_a_file(tmp_path):
    """Every built-in one by its id, with nothing but what it cannot do without."""
    known = Registry.of({"core": CORE}).treatments
    assert len(known) == 9
    whole = rules().effective | {
        "treatment": [{"do": name, "of": ["visits"]} for name, one in known.items() if one.imputes]
        + [{"do": name, "of": ["visits"]} for name, one in known.items() if not one.imputes]
    }
    path = tmp_path / "t.yaml"
    path.write_text(yaml.safe_dump(whole), encoding="utf-8")
    assert [one.number for one in load_ruleset(path).treatment] == [*range(1, 10)]


def test_an_imputation_that_leaves_gaps_says_of_which_columns_and_how_many():
    def said(*region, visits=(1.0, None, None, 4.0)):
        data = agencies(region=pl.Series(region, dtype=pl.String), visits=list(visits))
        step = {"do": "impute_group_mean", "of": ["visits"], "group": "region"}
        return [one.message for one in evaluated(step, data=data).warnings]

    name = "treatment step 1 (impute_group_mean) leaves values missing"
    assert said(None, None, None, None) == [f"{name}: visits (2 of 2)"]
    assert said("N", "N", "S", "N") == [f"{name}: visits (1 of 2)"]
    # What does not apply is no gap, and other cells of that column still are.
    assert said(*[None] * 4, visits=["1", "not_applicable", None, "4"]) == [
        f"{name}: visits (1 of 1)"
    ]
    assert said("N", "N", "N", "N") == []


@pytest.mark.parametrize(("columns", "rest"), [(5, ""), (6, " and 1 more columns")])
def test_five_columns_with_gaps_are_named_and_the_others_counted(columns, rest):
    names = [f"v{number}" for number in range(columns)]
    data = agencies(**dict.fromkeys(names, pl.Series([None] * 4, dtype=pl.Float64)))
    criteria = {name: {"use": "core.value", "with": {"column": name}} for name in names}
    said, *_ = evaluated({"do": "impute_mean", "of": names}, data=data, criteria=criteria).warnings
    shown = ", ".join(f"{name} (4 of 4)" for name in names[:5])
    assert said.message == f"treatment step 1 (impute_mean) leaves values missing: {shown}{rest}"
