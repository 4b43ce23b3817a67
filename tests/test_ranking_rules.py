"""The options of ``rank:``: what is refused, who reads them, and how what they add is shown."""

import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from egovrules.cases import load_cases
from egovrules.cases.running import run_cases
from egovrules.changes import changes_between, told
from egovrules.cli import cli
from egovrules.comparison import compare
from egovrules.dataset import Dataset
from egovrules.errors import DatasetError, RulesetError
from egovrules.evaluation import evaluate
from egovrules.explanation import explain
from egovrules.impact import impact
from egovrules.lint import lint
from egovrules.reached import reached
from egovrules.report.blocks import Line, Table
from egovrules.report.changes import changes as changes_page
from egovrules.report.ruleset_changes import ruleset_changes
from egovrules.report.scorecard import scorecard
from egovrules.report.summary import national_summary
from egovrules.report.wording import Wording
from egovrules.ruleset import read_ruleset
from egovrules.store import load, save
from egovrules.verification import verify

ROOT = Path(__file__).parents[1]
RULES = """\
schema: egovrules/1
id: t
title: T
axes:
  a: {criteria: {x: {use: core.value, with: {column: own}}}}
indicators: {agencies: {staff: {low: 0}, region: {type: text}, member: {type: boolean}}}
"""
FULL = 'rank: {decimals: 1, tied: "=", among: member, within: [region]}\n'
# Ranked on one decimal: B and C tie, D is no member, of E nobody knows, and F belongs nowhere.
AGENCIES = {
    "code": list("ABCDEF"),
    "own": [85.0, 75.04, 75.0, 99.0, 40.0, 15.0],
    "staff": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
    "region": ["north", "north", "south", "south", "south", None],
    "member": [True, True, True, False, None, True],
}


def read(body):
    return read_ruleset(RULES + body, source="r.yaml")


def run(body=FULL, previous=None, **more):
    dataset = Dataset.of(agencies=pl.DataFrame({**AGENCIES, **more}))
    return evaluate(read(body), dataset, previous=previous)


def problem(body):
    with pytest.raises(RulesetError) as caught:
        read(body)
    (found,) = caught.value.problems
    return found


def lines(blocks):
    return [block.text for block in blocks if isinstance(block, Line)]


def rows(blocks, title=""):
    return next(one.rows for one in blocks if isinstance(one, Table) and one.title == title)


# --- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "where", "says"),
    [
        ('tied: "===="', "rank.tied", "cannot mark a rank"),
        ('tied: ""', "rank.tied", "cannot mark a rank"),
        ('tied: "1"', "rank.tied", "cannot mark a rank"),
        ('tied: "۱"', "rank.tied", "cannot mark a rank"),
        ('tied: "= "', "rank.tied", "cannot mark a rank"),
        ('tied: "\\u202e"', "rank.tied", "cannot mark a rank"),
        ('ties: ordinal, tied: "="', "rank.tied", "no rank is shared"),
        ("among: staff", "rank.among", "staff"),
        ("among: staf > 1", "rank.among", "staf"),
        ("among: rank < 9", "rank.among", "rank"),
        ("within: [regoin]", "rank.within.0", "there is no value 'regoin'"),
        ("within: [staff]", "rank.within.0", "'staff' is a number, and text is needed"),
        ("within: [region, region]", "rank.within.1", "stands here twice"),
        ("within: region", "rank.within", "list"),
        ("amongst: member", "rank.amongst", "amongst"),
    ],
)
def test_options_that_make_no_sense(rule, where, says):
    found = problem(f"rank: {{{rule}}}\n")
    assert found.where == where
    assert says in found.message
    assert found.hint
    assert found.line == 7


def test_who_is_ranked_cannot_hang_on_the_ranks():
    for name in ("rank", "growth", "rank_growth", "rank_in_region"):
        found = problem(f"rank: {{within: [region], among: {name} > 1}}\n")
        assert "known only once agencies are ranked" in found.hint
    found = problem("rank: {tied: '=', among: rank_label = '1'}\n")
    assert "known only once agencies are ranked" in found.hint


@pytest.mark.parametrize("name", ["rank_label", "rank_in_region", "rank_in_x"])
def test_nothing_else_is_called_as_a_column_of_the_ranking(name):
    with pytest.raises(RulesetError, match=f"'{name}' is a column of every result"):
        read(f"derive: {{{name}: staff}}\n")


@pytest.mark.parametrize(
    ("name", "where"), [("rank_label", "rank.tied"), ("rank_in_region", "rank.within")]
)
def test_an_indicator_that_the_ranking_would_hide_is_told(name, where):
    rules = RULES.replace("agencies: {", f"agencies: {{{name}: {{}}, ")
    rules += f"{FULL}lists: {{l: {{of: agencies, when: {name} = 1}}}}\n"
    with pytest.raises(RulesetError) as caught:
        read_ruleset(rules)
    assert any(one.where == where and name in one.message for one in caught.value.problems)
    unranked = rules.replace(FULL, "")
    assert read_ruleset(unranked).id == "t"


def test_without_the_option_there_is_no_such_column():
    for name in ("rank_label", "rank_in_region"):
        found = problem(f"lists: {{l: {{of: agencies, when: {name} is missing}}}}\n")
        assert name in found.message


# --- who reads them -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "column"), [("among: member", "member"), ("within: [region]", "region")]
)
def test_what_the_ranking_reads_must_be_there_and_is_kept(rule, column):
    body = f"rank: {{{rule}}}\n"
    assert column in run(body).inputs["agencies"].columns
    assert column not in run("").inputs["agencies"].columns
    lacking = {key: value for key, value in AGENCIES.items() if key != column}
    with pytest.raises(DatasetError) as caught:
        evaluate(read(body), Dataset.of(agencies=pl.DataFrame(lacking)))
    (found,) = caught.value.problems
    assert column in found.message
    assert "ranking of agencies" in str(found)


def test_what_only_the_ranking_reads_is_not_told_as_unread():
    told_ = {one.where for one in read(FULL).warnings}
    assert told_ == {"indicators.agencies.staff"}


def test_an_optional_column_may_be_absent_and_then_nobody_has_a_group():
    rules = RULES.replace("region: {type: text}", "region: {type: text, optional: true}")
    agencies = {key: value for key, value in AGENCIES.items() if key != "region"}
    found = evaluate(read_ruleset(rules + FULL), Dataset.of(agencies=pl.DataFrame(agencies)))
    assert found.agencies["rank_in_region"].null_count() == 6


def test_a_condition_that_ranks_nobody_or_everybody_is_told():
    for condition, says in (("staff < 0", "never true"), ("staff >= 0", "true wherever")):
        found = lint(read(f"rank: {{among: {condition}}}\n"))
        assert [one.where for one in found if says in one.message] == ["rank.among"]


def test_ranks_in_groups_are_whole_numbers_from_one():
    body = FULL + "lists: {l: {of: agencies, when: rank_in_region < 1}}\n"
    assert [one.where for one in lint(read(body))] == ["lists.l.when"]
    halves = FULL.replace("rank: {", "rank: {ties: average, ")
    body = halves + "lists: {l: {of: agencies, when: rank_in_region between 1.1 and 1.9}}\n"
    assert lint(read(body)) == ()


def test_cases_reach_who_is_ranked_and_who_is_not():
    ruleset = read("rank: {among: member}\n")
    seen = run("rank: {among: member}\n")
    outcomes = {
        one.outcome: one.reached for one in reached(ruleset, [seen]) if one.name == "member"
    }
    assert outcomes == {"true": True, "false": True, "unknown": True}
    fewer = run("rank: {among: member}\n", member=[True, True, True, True, None, True])
    outcomes = {
        one.outcome: one.reached for one in reached(ruleset, [fewer]) if one.name == "member"
    }
    assert outcomes == {"true": True, "false": False, "unknown": True}


def test_cases_expect_labels_ranks_in_groups_and_at_nodes(tmp_path):
    (tmp_path / "t.yaml").write_text(RULES + FULL, "utf-8")
    case = """\
schema: egovrules-tests/1
defaults: {agencies: {member: true, region: north}}
cases:
  two share a rank:
    agencies: {a: {own: 50}, b: {own: 50}, c: {own: 9, region: south}, d: {own: 9, member: false}}
    expect:
      agencies:
        a: {rank: 1, rank_label: "=1", rank_in_region: 1, total: {is: 50, rank: 1}}
        c: {rank: 3, rank_label: "3", rank_in_region: 1, a.x: {rank: 3}}
        d: {rank: null, rank_label: null, a: {is: 9, rank: null}}
"""
    path = tmp_path / "t.test.yaml"
    path.write_text(case, "utf-8")
    (one,) = run_cases(load_cases(path))
    assert one.passed, one.problems
    wrong = case.replace('"3"', '"=3"').replace("a.x: {rank: 3}", "a.x: {rank: 2}")
    path.write_text(wrong, "utf-8")
    (one,) = run_cases(load_cases(path))
    assert [found.message for found in one.problems] == [
        "rank_label is 3, and =3 was expected",
        "the rank of a.x is 3, and 2 was expected",
    ]


def test_a_saved_ranking_is_read_again_and_verified(tmp_path):
    saved = load(save(run(), tmp_path / "r"))
    assert saved.agencies.equals(run().agencies)
    assert saved.criteria["rank"].equals(run().criteria["rank"])
    assert verify(saved).same
    for name in ("rank_label", "rank_in_region"):
        changed = run()
        broken = changed.agencies.with_columns(pl.col(name).reverse())
        vars(changed)["agencies"] = broken
        assert set(verify(changed).differences["column"]) == {name}


# --- what changed -------------------------------------------------------------------------------


def test_the_method_is_the_same_whoever_is_ranked():
    old, new = read(""), read(FULL)
    assert old.method_digest == new.method_digest
    assert old.digest != new.digest
    found = changes_between(old, new)
    assert {change.kind for change in found} == {"outcome"}
    assert [told(change) for change in found] == [
        "rank.decimals: added, 1",
        "rank.tied: added, =",
        "rank.among: added, member",
        "rank.within: added, [region]",
    ]
    spaced = read(FULL.replace("among: member", "among: ' member '"))
    assert changes_between(new, spaced) == ()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("mark of shared ranks", "who is ranked", "ranks inside groups")),
        ("fa", ("نشانهٔ رتبهٔ مشترک", "چه کسانی رتبه‌بندی می‌شوند", "رتبه درون گروه‌ها")),
    ],
)
def test_what_differs_is_told_in_words(language, words):
    new = 'rank: {decimals: 1, tied: "T", among: staff > 1, within: [region, kind]}\n'
    page = ruleset_changes(Wording(read(FULL), read(new), language))
    cells = [row for block in page if isinstance(block, Table) for row in block.rows]
    shown = {row[1]: row[2:] for row in cells}
    assert {words[0]: ("=", "T"), words[1]: ("member", "staff > 1")}.items() <= shown.items()
    assert shown[words[2]][0] == "region"


def test_who_is_ranked_is_a_rule_that_moves_places_and_a_mark_is_none():
    dataset = Dataset.of(agencies=pl.DataFrame(AGENCIES))
    body = "rank: {among: big}\nderive: {much: 2 * staff, big: much > 2}\n"
    result = impact(read("rank: {tied: '='}\n"), read(body), dataset)
    assert [part.id for part in result.attribution.parts] == ["rank", "derive.much", "derive.big"]
    places = dict(result.agencies.select("agency", "places").iter_rows())
    assert places == {"A": None, "B": 1, "C": 1, "D": 0, "E": 1, "F": 1}
    of_rule = result.attribution.table.filter(pl.col("rule") == "rank")
    assert dict(of_rule.select("agency", "places").iter_rows()) == places
    same = impact(read(""), read("rank: {tied: '=', within: [region]}\n"), dataset)
    assert same.attribution.parts == ()


def test_the_page_shows_what_comes_out():
    page = (ROOT / "docs" / "reference" / "rulesets.md").read_text("utf-8")
    _, rule, rest = page.partition('With `rank: {decimals: 1, tied: "=", among: member')
    body = (rule + rest).partition("`")[2].partition("`")[0]
    table = [line for line in rest.splitlines() if line.startswith("| ")][:6]
    head, *found = [[cell.strip(" `") for cell in line.split("|")[1:-1]] for line in table]
    given = {name: [row[head.index(name)] for row in found] for name in head}
    agencies = {
        "code": given["agency"],
        "own": [float(value) for value in given["total"]],
        "region": [name or None for name in given["region"]],
        "member": [value == "true" for value in given["member"]],
    }
    dataset = Dataset.of(agencies=pl.DataFrame(agencies))
    came = evaluate(read(f"{body}\n"), dataset).agencies.sort("agency")
    assert len(found) == 5
    for name in ("rank", "rank_label", "rank_in_region"):
        assert ["" if one is None else str(one) for one in came[name]] == given[name]


# --- how it is shown ----------------------------------------------------------------------------

LISTS = """\
lists: {first: {of: agencies, by: total, top: 3}}
findings: {f: {of: agencies, when: rank_label = '=2', message: "{rank_label}, {rank_in_region}"}}
"""


@pytest.mark.parametrize(
    ("language", "positions", "outside"),
    [
        ("en", ["1", "=2", "=2"], "Scored, and kept out of the ranking: 2"),
        ("fa", ["۱", "=۲", "=۲"], "دارای امتیاز و خارج از رتبه‌بندی: ۲"),
    ],
)
def test_the_summary_marks_shared_places_and_counts_who_is_not_ranked(language, positions, outside):
    page = national_summary(run(FULL + LISTS), language)
    assert [row[0] for row in rows(page, "first")] == positions
    told_ = lines(page)
    assert outside in told_
    assert not any("coverage" in one or "پوشش" in one for one in told_)


def test_the_summary_tells_too_little_coverage_apart():
    body = "missing: {min_coverage: 0.5}\nrank: {among: member}\n"
    told_ = lines(national_summary(run(body, own=[None, *AGENCIES["own"][1:]])))
    assert "Scored, and kept out of the ranking: 2" in told_
    assert "Not ranked, coverage under 50%: 1" in told_


@pytest.mark.parametrize(
    ("language", "facts", "places"),
    [
        ("en", "Rank =2 · Rank in region 1 · ", ["=2", "=2", "=2"]),
        ("fa", "رتبه =۲ · رتبه در region ۱ · ", ["=۲", "=۲", "=۲"]),
    ],
)
def test_a_scorecard_shows_the_label_and_the_rank_at_every_node(language, facts, places):
    page = scorecard(explain(run(), "C"), language)
    assert facts in lines(page)[3]
    assert [row[3] for row in rows(page)] == places
    page = scorecard(explain(run(), "D"))
    assert "Rank not ranked · Rank in region – · " in lines(page)[3]
    assert {row[3] for row in rows(page)} == {"–"}


def test_halves_are_shown_in_both_languages():
    evaluation = run('rank: {decimals: 1, ties: average, tied: "="}\n')
    assert "Rank =3.5 · " in lines(scorecard(explain(evaluation, "C")))[3]
    assert "رتبه =۳٫۵ · " in lines(scorecard(explain(evaluation, "C"), "fa"))[3]


def test_messages_print_the_label_in_the_digits_of_their_language():
    found = run(FULL + LISTS).findings.sort("subject")
    assert found["message_en"].to_list() == ["=2, 2", "=2, 1"]
    assert found["message_fa"].to_list() == ["=۲, ۲", "=۲, ۱"]


def test_who_rose_is_shown_with_the_label():
    earlier = run(own=[80.0, 70.0, 70.0, 99.0, 40.0, 15.0])
    page = changes_page(compare(run(), earlier))
    ranks = {row[1]: row[5] for row in rows(page, "Highest growth")}
    assert ranks == {"A": "1", "B": "=2", "C": "=2"}


def test_json_and_csv_have_every_column(tmp_path):
    (tmp_path / "r.yaml").write_text(RULES + FULL, "utf-8")
    (tmp_path / "data").mkdir()
    pl.DataFrame(AGENCIES).write_csv(tmp_path / "data" / "agencies.csv")

    def out(*arguments):
        done = CliRunner().invoke(cli, [str(one) for one in arguments])
        assert done.exit_code == 0, done.output
        return done.stdout

    inputs = (tmp_path / "r.yaml", tmp_path / "data")
    head, _, second, *_ = out("evaluate", *inputs, "--format", "csv").splitlines()
    place = head.split(",").index("rank")
    assert head.split(",")[place : place + 3] == ["rank", "rank_label", "rank_in_region"]
    assert second.split(",")[place : place + 3] == ["2", "=2", "2"]
    document = json.loads(out("evaluate", *inputs, "--format", "json"))
    assert document["ruleset"]["tied"] == "="
    assert document["tables"]["agencies"][0]["rank_label"] == "1"
    assert {row["rank"] for row in document["tables"]["criteria"]} == {1, 2, 4, None}
    out("evaluate", *inputs, "--out", tmp_path / "saved")
    tree = json.loads(out("explain", tmp_path / "saved", "F", "--format", "json"))["tree"]
    assert (tree["rank"], tree["children"][0]["rank"]) == (4, 4)
    head, total, *_ = out("explain", tmp_path / "saved", "F", "--format", "csv").splitlines()
    assert dict(zip(head.split(","), total.split(","), strict=True))["rank"] == "4"
