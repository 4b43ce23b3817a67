"""The page's data against what the evaluation says, by hand and by plain loops."""

import json

import polars as pl
import pytest

from egovrules.dataset import Dataset
from egovrules.evaluation import evaluate
from egovrules.html.payload import FORBIDS, MISSING, NOT_APPLICABLE, SCORED, as_json, payload
from egovrules.plugins import Registry
from egovrules.ruleset import read_ruleset

AGENCIES = pl.DataFrame(
    {
        "code": ["A", "B", "C", "D"],
        "name_en": ["Post", "Roads", "</script><b>Water", None],
        "name_fa": ["پست", None, None, None],
        "kind": ["ministry", "company", "ministry", None],
        "aliases": ["The Post; Mail;", None, None, None],
        "a": [10.0, 60.0, 90.0, None],
        "b": [50.0, None, 90.0, 70.0],
        "small": [1.0, 0.0, 1.0, 0.0],
    }
)
AXES = {
    "x": {"weight": 3, "criteria": {"a": {"use": "core.value", "with": {"column": "a"}}}},
    "y": {"weight": 1, "criteria": {"b": {"use": "core.value", "with": {"column": "b"}}}},
}
INDEX = {"x": {"criteria": AXES["x"]["criteria"] | AXES["y"]["criteria"]}}
COLUMNS = {"indicators": {"agencies": {"small": {"low": 0}}}}


def evaluation(agencies=AGENCIES, axes=AXES, **more):
    file = {"schema": "egovrules/1", "id": "t", "title": "T", "axes": axes}
    text = json.dumps({**file, **COLUMNS, **more})
    return evaluate(read_ruleset(text), Dataset.of(agencies=agencies))


def column(data, name):
    return dict(zip(data["agencies"]["code"], data["agencies"][name], strict=True))


def test_columns_are_as_long_as_the_table_and_in_its_order():
    made = evaluation()
    agencies = payload(made)["agencies"]
    assert agencies["code"] == made.agencies["agency"].to_list()
    for name, values in agencies.items():
        parts = values if name in ("axis", "state", "axisCoverage") else [values]
        assert {len(one) for one in parts} == {4}, name
    assert agencies["total"] == made.agencies["total"].to_list()
    assert agencies["axis"] == [made.agencies[axis].to_list() for axis in ("x", "y")]
    assert agencies["services"] == made.agencies["services"].to_list()


def test_names_kinds_and_aliases_are_in_both_languages():
    data = payload(evaluation())
    assert column(data, "name")["A"] == ["Post", "پست"]
    assert column(data, "name")["B"] == ["Roads", "Roads"]
    assert column(data, "name")["D"] == ["D", "D"]
    assert column(data, "alias")["A"] == ["The Post", "Mail"]
    kind = column(data, "kind")["B"]
    assert data["kinds"][kind] == {"id": "company", "title": {"en": "company", "fa": "شرکت"}}
    assert column(data, "kind")["D"] is None


def test_the_decimals_of_ranks_are_told_apart_from_those_that_are_shown():
    rounded = payload(evaluation(rank={"decimals": 1}))["ruleset"]
    assert (rounded["decimals"], rounded["shown"]) == (1, 1)
    raw = payload(evaluation())["ruleset"]
    assert (raw["decimals"], raw["shown"]) == (None, 2)


def test_the_lowest_cap_that_holds_is_told_even_where_it_did_not_bite():
    caps = [
        {"at": 80, "when": "small = 1"},
        {"at": 30, "when": "x < 20"},
        {"at": 20, "when": "y > 1000"},
    ]
    made = evaluation(caps=caps)
    assert column(payload(made), "bound") == {"A": 30.0, "B": None, "C": 80.0, "D": None}
    total = dict(made.agencies.select("agency", "total").rows())
    assert total["A"] == 20.0  # below its cap, which bit nobody


def test_a_cap_looks_at_the_treated_value():
    """Imputed, the missing value of B is 1, and its cap holds."""
    agencies = AGENCIES.with_columns(small=pl.Series([1.0, None, 1.0, 1.0]))
    cap = [{"at": 40, "when": "small = 1"}]
    step = [{"do": "impute_median", "of": ["small"]}]
    made = evaluation(agencies, caps=cap, treatment=step)
    assert made.treatments.height == 1
    assert column(payload(made), "bound")["B"] == 40.0


def test_an_axis_is_scored_missing_not_applicable_or_forbids_a_total():
    def states(policy):
        axes = json.loads(json.dumps(AXES))
        axes["y"]["missing"] = policy
        axes["y"]["criteria"]["b"]["when"] = "small = 0"
        axes["y"]["criteria"]["b"]["missing"] = "skip"
        data = payload(evaluation(axes=axes))
        place = [axis["id"] for axis in data["axes"]].index("y")
        codes = data["agencies"]["code"]
        state = dict(zip(codes, data["agencies"]["state"][place], strict=True))
        score = dict(zip(codes, data["agencies"]["axis"][place], strict=True))
        return {code: (state[code], score[code]) for code in codes}

    off = (NOT_APPLICABLE, None)
    assert states("skip") == {"A": off, "B": (MISSING, None), "C": off, "D": (SCORED, 70.0)}
    assert states("zero")["B"] == (MISSING, 0.0)
    assert states("exclude")["B"] == (FORBIDS, None)
    assert states("exclude")["A"] == off


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"aggregate": "copeland"}, "only the program itself"),
        ({"round": {"decimals": 1}}, "rounded by a rule"),
        ({"rank": {"among": "total > 5"}}, "hangs on the total"),
        ({"rank": {"among": "coverage > 0.5"}}, "hangs on the total"),
        ({"axes": {"x": AXES["x"]}}, "only one axis"),
    ],
)
def test_weights_that_the_page_cannot_change_are_so_marked_with_the_reason(more, reason):
    total = payload(evaluation(**more))["total"]
    assert not total["adjustable"]
    assert reason in total["why"]["en"]


def test_an_index_of_one_axis_is_weighed_by_what_that_is_made_of():
    axes = json.loads(json.dumps(INDEX))
    axes["x"] |= {"aggregate": {"by": "power", "exponent": 0.5}, "min_share": 0.5}
    axes["x"]["caps"] = [{"at": 15, "when": "small = 1"}]
    made = evaluation(axes=axes, caps=[{"at": 80, "when": "small = 1"}])
    data = payload(made)
    assert [axis["id"] for axis in data["axes"]] == ["x.a", "x.b"]
    assert data["total"]["adjustable"]
    assert (data["total"]["by"], data["total"]["minShare"]) == ("power", 0.5)
    assert data["total"]["with"] == {"exponent": 0.5}
    codes = data["agencies"]["code"]
    scores = [dict(zip(codes, scores, strict=True)) for scores in data["agencies"]["axis"]]
    assert scores == [
        dict(AGENCIES.select("code", "a").rows()),
        dict(AGENCIES.select("code", "b").rows()),
    ]
    assert column(data, "bound") == {"A": 15.0, "B": None, "C": 15.0, "D": None}
    assert data["digested"] == ["x"]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"caps": [{"at": 99, "when": "x < 0"}]}, "only the program itself"),
        ({"aggregate": "minimum"}, "only the program itself"),
        ({"missing": {"status": {"refused": "exclude"}}}, "only the program itself"),
        (
            {"missing": {"status": {"refused": "skip"}, "policy": "exclude"}},
            "only the program itself",
        ),
        ({"axes": {"x": INDEX["x"] | {"missing": "zero"}}}, "only the program itself"),
        ({"axes": {"x": INDEX["x"] | {"aggregate": "copeland"}}}, "only the program itself"),
        ({"axes": {"x": INDEX["x"] | {"round": {"decimals": 1}}}}, "rounded by a rule"),
        ({"rank": {"among": "x > 5"}}, "hangs on the total"),
    ],
)
def test_an_index_is_not_weighed_anew_where_more_than_weights_decides(more, reason):
    data = payload(evaluation(**({"axes": INDEX} | more)))
    assert [axis["id"] for axis in data["axes"]] == ["x.a", "x.b"]
    assert not data["total"]["adjustable"]
    assert reason in data["total"]["why"]["en"]


def test_an_index_without_statuses_is_weighed_anew_whatever_its_policy():
    assert payload(evaluation(axes=INDEX, missing={"policy": "exclude"}))["total"]["adjustable"]


def test_coverage_has_the_digits_that_a_rank_may_hang_on():
    axes = {"x": {"criteria": {**AXES["x"]["criteria"], **AXES["y"]["criteria"]}}, "y": AXES["y"]}
    axes["x"]["criteria"]["b"] = {**axes["x"]["criteria"]["b"], "weight": 2}
    data = payload(evaluation(axes=axes, missing={"min_coverage": 0.25}))
    assert data["ruleset"]["minCoverage"] == 0.25
    of_x = dict(zip(data["agencies"]["code"], data["agencies"]["axisCoverage"][0], strict=True))
    assert of_x["B"] == 0.333333333333


def test_services_that_are_rolled_up_below_the_axes_fix_no_weights():
    criterion = {"use": "core.value", "level": "service", "with": {"column": "v"}}
    services = pl.DataFrame({"code": ["1"], "agency": ["A"], "v": [40.0]})

    def total(*axes):
        file = {"axes": {name: {"criteria": {"c": criterion}} for name in axes}}
        file |= {"schema": "egovrules/1", "id": "t", "title": "T", "rollup": {"after": "axis"}}
        dataset = Dataset.of(agencies=AGENCIES, services=services)
        return payload(evaluate(read_ruleset(json.dumps(file)), dataset))["total"]

    assert total("x", "y")["adjustable"]
    assert "only one axis" in total("x")["why"]["en"]


def test_weights_are_fixed_where_services_are_rolled_up_after_the_total():
    criterion = {"use": "core.value", "level": "service", "with": {"column": "v"}}
    axes = {name: {"criteria": {"c": criterion}} for name in ("x", "y")}
    file = {"schema": "egovrules/1", "id": "t", "title": "T", "axes": axes}
    text = json.dumps({**file, "rollup": {"after": "total"}})
    services = pl.DataFrame({"code": ["1"], "agency": ["A"], "v": [40.0]})
    data = payload(evaluate(read_ruleset(text), Dataset.of(agencies=AGENCIES, services=services)))
    assert not data["total"]["adjustable"]
    assert [axis["id"] for axis in data["axes"]] == ["x", "y"]
    codes = data["agencies"]["code"]
    for state, score in zip(data["agencies"]["state"], data["agencies"]["axis"], strict=True):
        known = dict(zip(codes, zip(state, score, strict=True), strict=True))
        assert (known["A"], known["B"]) == ((SCORED, 40.0), (MISSING, None))


def test_who_is_kept_out_of_the_ranking_is_told_apart_from_too_little_coverage():
    data = payload(evaluation(rank={"among": "small = 1"}, missing={"min_coverage": 0.9}))
    assert column(data, "among") == {"A": 1, "B": 0, "C": 1, "D": 0}


def test_no_plugin_is_asked_for(monkeypatch):
    made = evaluation(caps=[{"at": 80, "when": "small = 1"}])
    monkeypatch.setattr(Registry, "installed", lambda: pytest.fail("asked for plugins"))
    assert payload(made)["total"]["adjustable"]


def test_the_digest_is_that_of_the_scores():
    made = evaluation()
    assert payload(made)["digest"] == made.digests["scores"]


def test_no_name_can_end_the_script_that_holds_it():
    text = as_json(payload(evaluation()))
    assert "<" not in text
    assert ["</script><b>Water"] * 2 in json.loads(text)["agencies"]["name"]
