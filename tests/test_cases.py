"""Worked examples of rulesets: their form, what they find, and what they reach."""

import json
import os
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import egovrules as eg
from egovrules.cases import load_cases
from egovrules.cases.running import run_cases
from egovrules.cli import cli
from egovrules.reached import Reached, reached
from egovrules.report import cases as cases_report
from egovrules.result import EXACT

RULESET = """\
schema: egovrules/1
id: small
title: {en: Small}
scope: {services: eligible}
missing: {policy: zero, min_coverage: 0.5}
derive:
  online: digital.online
  live: sum of links over services
  any_link: any of links > 0 over services
indicators:
  services: {links: {low: 0}}
axes:
  digital:
    weight: 3
    caps: [{at: 50, when: live = 0}]
    criteria:
      online: {use: core.value, level: service, with: {column: share}}
      on_time:
        use: core.ratio
        level: service
        rollup: pooled
        with: {numerator: met, denominator: cases}
  open:
    weight: 1
    criteria:
      data: {use: core.value, level: agency, missing: skip, with: {column: openness}}
rank: {decimals: 2}
bands:
  how:
    of: services
    by: online
    labels: [{nothing: "= 0"}, {some: "< 100"}, {all: "= 100", when: links > 0}]
    otherwise: rest
lists: {best: {of: agencies, by: total, top: 1}}
findings: {poor: {of: agencies, when: is_main and total < 40, message: {en: "{name} is poor"}}}
reconcile: {covered: {total: count of services, parts: bands.how, without: [rest]}}
"""

# By hand: agency a has online (0 + 80) / 2 = 40 and on_time pooled (1 + 8) / (2 + 10) = 75, so
# digital (40 + 75) / 2 = 57.5, capped at 50 without links; open 20; total (3 · 50 + 20) / 4.
CASE = """\
  an agency without links is capped:
    agencies: {a: {is_main: true, openness: 20}}
    services:
      s: {agency: a, share: 0, links: 0, met: 1, cases: 2}
      t: {agency: a, share: 80, links: 0, met: 8, cases: 10}
"""
EXPECT = """\
    expect:
      agencies:
        a:
          total: 42.5
          rank: 1
          coverage: 1
          digital: {is: 50, state: scored, cap: axes.digital.caps.0}
          digital.online: 40
          digital.on_time: 75
          open.data: 20
          live: 0
          any_link: false
      services:
        s: {digital.online: 0, online: 0, band_how: nothing}
        t: {digital.on_time: 80, band_how: some}
      bands: {how: {nothing: 1, some: 1, all: 0, rest: 0}}
      lists: {best: [a]}
      findings: {poor: []}
      reconcile: {covered: true}
"""
HEAD = "schema: egovrules-tests/1\ncases:\n"


def write(folder, text, name="small", ruleset=RULESET):
    (folder / f"{name}.yaml").write_text(ruleset, "utf-8")
    path = folder / f"{name}.test.yaml"
    path.write_text(text, "utf-8")
    return path


def ran(folder, text):
    return list(run_cases(load_cases(write(folder, text))))


def failures(folder, expect, case=CASE, head=HEAD):
    (one,) = ran(folder, head + case + f"    expect: {expect}\n")
    return [problem.message for problem in one.problems]


def refused(folder, text, name="small"):
    with pytest.raises(eg.RulesetError) as caught:
        load_cases(write(folder, text, name))
    return caught.value.problems


def command(*arguments):
    return CliRunner().invoke(cli, [str(one) for one in arguments])


# --- what comes out against what was expected


def test_a_case_calculated_by_hand_passes(tmp_path):
    (one,) = ran(tmp_path, HEAD + CASE + EXPECT)
    assert one.passed, "\n".join(map(str, one.problems))
    assert (one.name, one.line) == ("an agency without links is capped", 3)


@pytest.mark.parametrize(
    ("expect", "message"),
    [
        ("{agencies: {a: {total: 42}}}", "total is 42.5, and 42 was expected"),
        ("{agencies: {a: {total: 85/3}}}", "total is 42.5, and 85/3 was expected"),
        ("{agencies: {a: {total: null}}}", "total is 42.5, and none was expected"),
        ("{agencies: {a: {total: text}}}", "total is 42.5, and text was expected"),
        ("{agencies: {a: {total: true}}}", "total is 42.5, and true was expected"),
        ("{agencies: {a: {rank: 2}}}", "rank is 1, and 2 was expected"),
        ("{agencies: {a: {growth: 1}}}", "growth is none, and 1 was expected"),
        ("{agencies: {a: {any_link: true}}}", "any_link is false, and true was expected"),
        ("{agencies: {a: {any_link: 0}}}", "any_link is false, and 0 was expected"),
        (
            "{agencies: {a: {digital: missing}}}",
            "the state of digital is scored, and missing was expected",
        ),
        (
            "{agencies: {a: {digital: {is: 57.5, cap: null, coverage: 0.5}}}}",
            "digital is 50, and 57.5 was expected",
        ),
        ("{services: {s: {digital.online: 1}}}", "digital.online is 0, and 1 was expected"),
        ("{services: {s: {band_how: some}}}", "band_how is nothing, and some was expected"),
        ("{bands: {how: {some: 2}}}", "'some' counts 1, and 2 was expected"),
        ("{lists: {best: []}}", "the list holds a, and nobody was expected"),
        ("{findings: {poor: [a]}}", "it fires for nobody, and a was expected"),
        ("{reconcile: {covered: false}}", "'covered' holds"),
        ("{error: much too bad}", "no error came: the case was evaluated"),
    ],
)
def test_what_does_not_come_out_is_told(tmp_path, expect, message):
    assert failures(tmp_path, expect)[0] == message


def test_every_part_of_an_expectation_is_judged(tmp_path):
    expect = "{agencies: {a: {digital: {is: 57.5, state: missing, coverage: 0.5, cap: null}}}}"
    assert failures(tmp_path, expect) == [
        "digital is 50, and 57.5 was expected",
        "the state of digital is scored, and missing was expected",
        "the coverage of digital is 1, and 0.5 was expected",
        "the cap of digital is axes.digital.caps.0, and none was expected",
    ]


def test_a_missing_score_says_so(tmp_path):
    case = "  c:\n    services: {s: {agency: a, links: 1}}\n"
    assert failures(tmp_path, "{agencies: {a: {open.data: 3}}}", case) == [
        "open.data is none (missing), and 3 was expected"
    ]
    expect = "{agencies: {a: {digital.online: 0, digital.on_time: missing, open.data: null}}}"
    assert failures(tmp_path, expect, case) == []


def test_states_are_three(tmp_path):
    case = "  c:\n    services: {s: {agency: a, met: 0, cases: 0, share: refused}}\n"
    expect = "{services: {s: {digital.on_time: not_applicable, digital.online: missing}}}"
    assert failures(tmp_path, expect, case) == []
    assert failures(tmp_path, "{services: {s: {digital.on_time: missing}}}", case) == [
        "the state of digital.on_time is not_applicable, and missing was expected"
    ]


@pytest.mark.parametrize(
    ("head", "value", "passes"),
    [
        (HEAD, "42.5000000004", True),  # equal in the nine decimals that count
        (HEAD, "42.500000001", False),
        (HEAD, "{is: 42.6, within: 0.1001}", True),
        (HEAD, "{is: 42.6, within: 0.09}", False),
        (HEAD.replace("cases", "tolerance: 0.11\ncases"), "42.6", True),
        (HEAD.replace("cases", "tolerance: 0.09\ncases"), "42.6", False),
        (HEAD.replace("cases", "tolerance: 0.09\ncases"), "{is: 42.6, within: 0.11}", True),
        (HEAD.replace("cases", "tolerance: 0.9\ncases"), "{is: 42.6, within: 0}", False),
    ],
)
def test_tolerance(tmp_path, head, value, passes):
    assert (
        failures(tmp_path, f"{{agencies: {{a: {{total: {value}}}}}}}", head=head) == []
    ) is passes


def test_the_tolerance_of_a_case_goes_before_that_of_the_file(tmp_path):
    head = HEAD.replace("cases", "tolerance: 0.9\ncases")
    case = CASE + "    tolerance: 0\n"
    assert failures(tmp_path, "{agencies: {a: {total: 42.6}}}", case, head)
    assert EXACT == 5e-10


def test_a_fraction_is_the_number_that_it_says(tmp_path):
    assert failures(tmp_path, "{agencies: {a: {total: 85/2, digital.on_time: 900/12}}}") == []


def test_whole_numbers_and_coverage_are_no_scores_to_be_off(tmp_path):
    head = HEAD.replace("cases", "tolerance: 1\ncases")
    values = "total: 43, rank: 2, services: 3, coverage: 0.98, digital: {coverage: 0.98}"
    expect = f"{{agencies: {{a: {{{values}}}}}}}"
    assert failures(tmp_path, expect, head=head) == [
        "rank is 1, and 2 was expected",
        "services is 2, and 3 was expected",
        "coverage is 1, and 0.98 was expected",
        "the coverage of digital is 1, and 0.98 was expected",
    ]


@pytest.mark.parametrize(
    ("text", "most"),
    [
        (HEAD.replace("cases", "tolerance: 1.5\ncases") + CASE + EXPECT, "1"),
        (HEAD + CASE + "    tolerance: 2\n" + EXPECT, "1"),
        (HEAD + CASE + "    expect: {agencies: {a: {total: {is: 42, within: 1.1}}}}\n", "1"),
        (HEAD + CASE + "    expect: {agencies: {a: {live: {is: -500, within: 5.1}}}}\n", "5"),
        (HEAD + CASE + "    expect: {agencies: {a: {live: {is: 1200/4, within: 9}}}}\n", "3"),
    ],
)
def test_a_tolerance_that_lets_all_pass_is_refused(tmp_path, text, most):
    (found,) = refused(tmp_path, text)
    assert f"lets nearly everything pass: at most {most} is allowed here" in found.message


def test_large_values_may_be_off_by_more(tmp_path):
    assert failures(tmp_path, "{agencies: {a: {live: {is: 500, within: 5}}}}") == [
        "live is 0, and 500 was expected"
    ]


@pytest.mark.parametrize("form", ['"42.5"', '{is: "42.5"}'])
def test_a_number_in_quotes_is_told_as_a_text(tmp_path, form):
    text = HEAD + CASE + f"    expect: {{agencies: {{a: {{total: {form}}}}}}}\n"
    ((problem,),) = [one.problems for one in ran(tmp_path, text)]
    assert problem.message == "total is 42.5, and the text '42.5' was expected"
    assert problem.hint == "remove the quotes"


# --- errors that are expected, and those that are not


@pytest.mark.parametrize(
    ("expect", "message"),
    [
        ("{error: is below 0}", None),
        ("{error: is above 9}", "another error came: -1 is below 0"),
        ("{agencies: {a: {total: 1}}}", "the data cannot be evaluated: -1 is below 0"),
    ],
)
def test_errors(tmp_path, expect, message):
    case = "  c:\n    services: {s: {agency: a, share: 1, links: -1}}\n"
    found = failures(tmp_path, expect, case)
    assert [one[: len(message)] for one in found] == [message] if message else found == []


def test_wrong_data_are_told_by_their_row_in_the_case(tmp_path):
    case = """\
  c:
    agencies: {a: {}}
    services:
      s: {agency: a, share: 1}
      t:
        agency: a
        links: -1
    expect: {agencies: {a: {total: 1}}}
"""
    (one,) = ran(tmp_path, HEAD + case)
    (problem,) = one.problems
    assert problem.message.endswith("(services, 't', column links)")
    assert (problem.line, problem.column) == (9, 16)
    assert "record" not in str(problem)
    (one,) = ran(tmp_path, HEAD.replace("cases", "defaults: {services: {links: -1}}\ncases") + case)
    assert [told.line for told in one.problems] == [7]  # the first row; its cell is a default
    link = case.replace(
        "links: -1", "links: 1\n    links: [{consumer: t, provider: z, kind: data, status: live}]"
    )
    (problem,) = ran(tmp_path, HEAD + link)[0].problems
    assert "(links, row 1, column provider)" in problem.message
    assert (problem.line, problem.excerpt.count("^")) == (10, 1)


def test_out_of_scope_is_told(tmp_path):
    case = CASE + "      u: {agency: a, eligible: false}\n"
    assert failures(tmp_path, "{services: {u: {band_how: some}}}", case) == [
        "'u' is out of scope, and has no result"
    ]


# --- tables


def test_defaults_fill_rows_that_do_not_say_otherwise(tmp_path):
    head = HEAD.replace(
        "cases", "defaults: {services: {share: 30, links: 2}, agencies: {openness: 7}}\ncases"
    )
    case = "  c:\n    services: {s: {agency: a}, t: {agency: b, share: null, links: 5}}\n"
    a, b = "{digital.online: 30, live: 2, open.data: 7}", "{live: 5, digital.online: missing}"
    expect = f"{{agencies: {{a: {a}, b: {b}}}}}"
    assert failures(tmp_path, expect, case, head) == []


def test_growth_against_an_earlier_evaluation(tmp_path):
    previous = """\
    previous:
      agencies: {a: {openness: 0}}
      services: {s: {agency: a, share: 20, links: 1, met: 1, cases: 5}}
"""  # digital (20 + 20) / 2 = 20, open 0: total 15
    expect = "{agencies: {a: {growth: 27.5, rank_growth: 0, continuity: same}}}"
    assert failures(tmp_path, expect, CASE + previous) == []


def test_growth_against_another_ruleset(tmp_path):
    (tmp_path / "old.yaml").write_text(RULESET.replace("id: small", "id: old"), "utf-8")
    previous = "    previous: {ruleset: old.yaml, services: {s: {agency: a, share: 0, links: 1}}}\n"
    assert failures(tmp_path, "{agencies: {a: {growth: 42.5}}}", CASE + previous) == []


@pytest.mark.parametrize("name", ["../small.yml", "/etc", ".", "smal.yaml", "x" * 900])
def test_an_earlier_ruleset_that_is_not_there(tmp_path, name):
    previous = f"    previous: {{ruleset: {name}, services: {{s: {{agency: a}}}}}}\n"
    (found,) = refused(tmp_path, HEAD + CASE + previous + EXPECT)
    assert (found.message, found.line) == (f"there is no ruleset '{name}'", 8)
    assert found.column == 25


def test_links_and_answers_are_tables_too(tmp_path):
    case = """\
  c:
    agencies: {a: {}, b: {}}
    services: {s: {agency: a, share: 5, links: 0}}
    answers: [{subject: s, indicator: share, value: 60, source: audited}]
    links: [{consumer: s, provider: b, kind: data, status: live}]
"""
    assert failures(tmp_path, "{agencies: {a: {digital.online: 60}}}", case) == []


def test_files_of_cases_extend_one_another(tmp_path):
    write(tmp_path, HEAD + CASE + EXPECT)
    text = """\
schema: egovrules-tests/1
extends: small.test.yaml
cases:
  an agency without links is capped:
    expect:
      agencies: {a: {total: 70, digital: 60, rank: null}}
"""
    higher = RULESET.replace("{at: 50", "{at: 60").replace("id: small", "id: higher")
    write(tmp_path, text, "higher", higher)
    (one,) = run_cases(load_cases(tmp_path / "higher.test.yaml"))
    # digital 57.5 is not capped now: (3 · 57.5 + 20) / 4 = 48.125, and the cap bites no more.
    told = {problem.where.rpartition("expect.")[2]: problem.message for problem in one.problems}
    assert told == {
        "agencies.a.total": "total is 48.125, and 70 was expected",
        "agencies.a.digital": "digital is 57.5, and 60 was expected",
    }
    assert {Path(problem.source).name for problem in one.problems} == {"higher.test.yaml"}


# --- what is refused


@pytest.mark.parametrize(
    ("slip", "instead", "message", "hint"),
    [
        (
            "openness: 20",
            "opennes: 20",
            "the ruleset reads no column 'opennes' of agencies",
            "did you mean 'openness'?",
        ),
        (
            "met: 1,",
            "mett: 1,",
            "the ruleset reads no column 'mett' of services",
            "did you mean 'met'?",
        ),
        (
            "agency: a, share: 0",
            "code: s, agency: a",
            "the key 's' is the code already",
            "remove it",
        ),
        ("total: 42.5", "totl: 42.5", "agencies have no value 'totl'", "did you mean 'total'?"),
        (
            "digital.online: 40",
            "digital.onlin: 40",
            "agencies have no value 'digital.onlin'",
            "did you mean 'digital.online'?",
        ),
        (
            "band_how: some",
            "band_who: some",
            "services have no value 'band_who'",
            "did you mean 'band_how'?",
        ),
        ("        a:\n", "        b:\n", "the case has no agency 'b'", "known: a"),
        ("        t: {", "        u: {", "the case has no service 'u'", "known: s, t"),
        (
            "{nothing: 1",
            "{nothin: 1",
            "band 'how' has no label 'nothin'",
            "did you mean 'nothing'?",
        ),
        (
            "bands: {how",
            "bands: {who",
            "the ruleset has no 'who' under bands",
            "did you mean 'how'?",
        ),
        ("lists: {best: [a]", "lists: {best: [z]", "the case has no agency 'z'", "known: a"),
        (
            "findings: {poor",
            "findings: {por",
            "the ruleset has no 'por' under findings",
            "did you mean 'poor'?",
        ),
        (
            "reconcile: {covered: true",
            "reconcile: {cover: true",
            "the ruleset has no 'cover' under reconcile",
            "did you mean 'covered'?",
        ),
        (
            "live: 0",
            "live: {is: 0, state: scored}",
            "'live' is no axis or criterion, and has no state",
            "remove it",
        ),
        ("expect:", "expects:", "unknown key 'expects'", "did you mean 'expect'?"),
        ("cap: axes", "capp: axes", "unknown key 'capp'", "did you mean 'cap'?"),
    ],
)
def test_a_slip_is_refused_where_it_stands(tmp_path, slip, instead, message, hint):
    text = HEAD + CASE + EXPECT
    assert slip in text
    broken = text.replace(slip, instead, 1)
    found = refused(tmp_path, broken)
    assert (found[0].message, found[0].hint) == (message, hint)
    word = instead.strip(" \n").rpartition(" ")[0] or instead
    assert found[0].line in {
        n for n, line in enumerate(broken.splitlines(), 1) if instead.strip("\n") in line
    }, word


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("schema: egovrules-tests/1\ncases: {}\n", "nothing stands here"),
        (HEAD + "  c: {services: {s: {agency: a}}, expect: {}}\n", "the case tests nothing"),
        (HEAD + "  c: {services: {s: {agency: a}}, expect: {error: ' '}}\n", "so short a text"),
        (HEAD + "  c: {services: {s: {agency: a}}, expect: {error: 'is a -.-.-.-'}}\n", "so short"),
        (HEAD + "  c: {expect: {error: at least one of agencies}}\n", "there are no data here"),
        (
            HEAD
            + "  c: {services: {s: {agency: a}}, previous: {}, expect: {lists: {best: [a]}}}\n",
            "there are no data here",
        ),
        (HEAD + "  c: {services: {s: {agency: a}}}\n", "the key 'expect' is missing"),
        (
            HEAD + "  c: {services: {s: {agency: a}}, expect: {error: x, lists: {best: []}}}\n",
            "ends in an error has no result",
        ),
        (HEAD.replace("tests/1", "tests/2") + CASE + EXPECT, "is not allowed here"),
    ],
)
def test_a_file_that_tests_nothing_is_refused(tmp_path, text, message):
    assert any(message in one.message for one in refused(tmp_path, text))


def test_an_answer_that_nobody_reads_is_refused(tmp_path):
    answers = "    answers: [{subject: s, indicator: %s, value: 3, source: declared}]\n"
    (found,) = refused(tmp_path, HEAD + CASE + answers % "linkz" + EXPECT)
    assert (found.line, found.hint) == (8, "did you mean 'links'?")
    assert "'linkz'" in found.message
    counted = RULESET.replace("column: openness", "column: declaration_gap")
    case = CASE.replace(", openness: 20", "")
    path = write(tmp_path, HEAD + case + answers % "linkz" + EXPECT, ruleset=counted)
    assert load_cases(path)  # gaps are counted from answers on whatever it may be


def test_all_slips_are_told_at_once(tmp_path):
    text = (
        HEAD
        + CASE.replace("openness", "opennes").replace("met: 8", "mte: 8")
        + EXPECT.replace("best", "bst")
    )
    assert [one.line for one in refused(tmp_path, text)] == [4, 7, 24]


def test_a_file_of_cases_needs_its_ruleset(tmp_path):
    path = write(tmp_path, HEAD + CASE + EXPECT)
    (tmp_path / "small.yaml").unlink()
    with pytest.raises(eg.RulesetError, match=r"there is no ruleset 'small.yaml' here to test"):
        load_cases(path)


def test_a_broken_ruleset_is_told_as_itself(tmp_path):
    path = write(tmp_path, HEAD + CASE + EXPECT, ruleset=RULESET.replace("weight: 3", "weight: -3"))
    with pytest.raises(eg.RulesetError) as caught:
        load_cases(path)
    assert Path(caught.value.problems[0].source).name == "small.yaml"


@given(
    st.text(alphabet=st.characters(codec="utf-8"), max_size=40),
    st.integers(0, 900),
    st.integers(0, 30),
)
@settings(max_examples=300, derandomize=True, deadline=None)
def test_mutated_files_raise_nothing_but_our_error(tmp_path_factory, text, at, length):
    whole = HEAD + CASE + EXPECT
    path = write(tmp_path_factory.mktemp("m"), whole[:at] + text + whole[at + length :])
    try:
        found = list(run_cases(load_cases(path)))
    except eg.RulesetError:
        return
    assert found


# --- what is reached


def reach_of(folder, *texts):
    cases = load_cases(write(folder, HEAD + "".join(texts)))
    evaluations = [one.evaluation for one in run_cases(cases) if one.evaluation]
    items = reached(cases.ruleset, evaluations)
    return {(one.kind, one.name, one.outcome): one.reached for one in items}


ANY = "    expect: {reconcile: {covered: true}}\n"


def test_what_one_case_reaches_is_what_it_did(tmp_path):
    assert reach_of(tmp_path, CASE, EXPECT) == {
        ("criterion", "digital.online", ""): True,
        ("criterion", "digital.on_time", ""): True,
        ("criterion", "open.data", ""): True,
        ("cap", "digital", ""): True,
        ("condition", "eligible", "true"): True,
        ("condition", "eligible", "false"): False,
        ("condition", "links > 0", "true"): False,  # of `any_link`, and of the label `all`
        ("condition", "links > 0", "false"): False,  # of `all`, to which no service came
        ("condition", "links > 0", "unknown"): False,
        ("condition", "live = 0", "true"): True,
        ("condition", "live = 0", "false"): False,
        ("condition", "live = 0", "unknown"): False,
        ("condition", "online = 0", "true"): True,
        ("condition", "online = 0", "false"): True,
        ("condition", "online = 0", "unknown"): False,
        ("condition", "online < 100", "true"): True,
        ("condition", "online < 100", "false"): False,
        ("condition", "online < 100", "unknown"): False,
        ("condition", "online = 100", "true"): False,
        ("condition", "online = 100", "false"): False,  # both services went to labels before it
        ("condition", "online = 100", "unknown"): False,
        ("condition", "is_main and total < 40", "true"): False,
        ("condition", "is_main and total < 40", "false"): True,
        ("condition", "is_main and total < 40", "unknown"): False,
        ("label", "nothing", ""): True,
        ("label", "some", ""): True,
        ("label", "all", ""): False,
        ("label", "rest", ""): False,
        ("finding", "poor", ""): False,
    }


def test_cases_reach_more_together(tmp_path):
    more = """\
  b:
    agencies: {a: {is_main: true}}
    services:
      s: {agency: a, share: 100, links: 3}
      t: {agency: a}
      u: {agency: a, eligible: false}
"""
    one, other = reach_of(tmp_path, CASE, EXPECT), reach_of(tmp_path, more, ANY)
    both = reach_of(tmp_path, CASE, EXPECT, more, ANY)
    assert both == {key: one[key] or other[key] for key in one}
    assert both["condition", "eligible", "false"]
    assert both["label", "all", ""]
    assert both["finding", "poor", ""]


def test_without_a_case_nothing_is_reached(tmp_path):
    ruleset = load_cases(write(tmp_path, HEAD + CASE + EXPECT)).ruleset
    assert not any(one.reached for one in reached(ruleset, []))


def test_what_cannot_come_about_is_not_counted(tmp_path):
    never = RULESET.replace("links > 0}]", "links >= 0 or links is missing}]")
    cases = load_cases(write(tmp_path, HEAD + CASE + ANY, ruleset=never))
    text = "links >= 0 or links is missing"
    found = {one.outcome for one in reached(cases.ruleset, []) if one.name == text}
    assert found == {"true"}


ORDERED = RULESET.replace(
    '{nothing: "= 0"}, {some: "< 100"}, {all: "= 100", when: links > 0}',
    '{low: "< 50"}, {full: ">= 50", when: links = 0}',
).replace("live = 0", "live > 5")


def test_a_label_that_decided_nothing_is_not_reached(tmp_path):
    # `low` takes t, so that its links say nothing of `full`; u is not online at all.
    case = """\
  c:
    services:
      s: {agency: a, share: 100, links: 0}
      t: {agency: a, share: 0, links: 2}
      u: {agency: a, links: 2}
    expect: {agencies: {a: {services: 3}}}
"""
    more = case.replace("share: 0,", "share: 50,").replace("  c:", "  d:")
    both = [(case, {"true"}), (more, {"true", "false"})]
    for text, came in both:
        cases = load_cases(write(tmp_path, HEAD + text, ruleset=ORDERED))
        evaluations = [one.evaluation for one in run_cases(cases)]
        found = [one for one in reached(cases.ruleset, evaluations) if one.name == "links = 0"]
        assert {one.outcome for one in found if one.reached} == came
        assert {one.outcome for one in found} == {"true", "false", "unknown"}


def test_what_no_row_can_bring_to_a_label_is_not_asked_of_it(tmp_path):
    # What is below 90 is taken before; so nothing below 50 comes, and nothing to `when`.
    labels = ORDERED.replace('"< 50"', '"< 90"').replace('">= 50"', '"< 50"')
    cases = load_cases(write(tmp_path, HEAD + CASE + ANY, ruleset=labels))
    came = reached(cases.ruleset, [one.evaluation for one in run_cases(cases)])
    assert not any(one.reached for one in came if one.name == "online < 50")
    found = {(one.name, one.outcome) for one in came}
    assert {outcome for name, outcome in found if name == "online < 50"} == {"false", "unknown"}
    assert not {outcome for name, outcome in found if name == "links = 0"}


def test_a_cap_and_a_finding_that_can_never_be_are_not_asked_for(tmp_path):
    never = RULESET.replace("live = 0", "live < 0").replace("total < 40", "coverage > 1")
    cases = load_cases(write(tmp_path, HEAD + CASE + ANY, ruleset=never))
    kinds = {one.kind for one in reached(cases.ruleset, [])}
    assert kinds == {"criterion", "condition", "label"}


def test_an_example_names_what_matters_and_stays_within_the_usual(tmp_path):
    ruleset = ORDERED.replace("{low: 0}", "{low: -9}")
    cases = load_cases(write(tmp_path, HEAD + CASE + ANY, ruleset=ruleset))
    found = {(one.name, one.outcome): one.example for one in reached(cases.ruleset, [])}
    assert set(found["low", ""]) == {"online"}
    assert set(found["full", ""]) == {"online", "links"}
    assert set(found["online < 50", "true"]) == {"online"}
    assert found["links = 0", "false"]["links"] > 0
    assert found["links = 0", "false"]["online"] >= 50


# --- on the command line


@pytest.mark.parametrize(
    "name",
    [
        "small.tests.yaml",
        "small_test.yaml",
        "small-test.yaml",
        "small.Test.yaml",
        "small.test.yml",
        "small.cases.yaml",
        "small.test.YAML",
    ],
)
@pytest.mark.parametrize("schema", ["schema: egovrules-tests/1\n", ""])
def test_cases_under_another_name_are_told_by_every_command(tmp_path, name, schema):
    write(tmp_path, HEAD + CASE + EXPECT)
    wrong = tmp_path / name
    wrong.write_text(schema + "cases:\n" + CASE + EXPECT.replace("42.5", "43"), "utf-8")
    for arguments in (["test"], ["check"], ["fmt", "--check"]):
        for path in (tmp_path, wrong):
            done = command(*arguments, path)
            assert done.exit_code == 2
            assert f"{name}: these are worked examples" in done.stderr
            assert "rename it to 'small.test.yaml'" in done.stderr
            assert "egovrules/1" not in done.stderr


@pytest.mark.parametrize(
    "text",
    [
        "schema: egovrules/1\nid: [\n",
        "schema: egovrule/1\nid: x\n",
        "axes: {a: {criteria: {b: {use: core.value}}}}\n",
        "extends: small.yaml\nid: 3\n",
        "a: [\n",
        "\x00",
    ],
)
def test_a_ruleset_that_cannot_be_loaded_is_not_passed_over(tmp_path, text):
    write(tmp_path, HEAD + CASE + EXPECT)
    (tmp_path / "second.yaml").write_text(text, "utf-8")
    for command_ in ("test", "check"):
        done = command(command_, tmp_path)
        assert done.exit_code == 2
        assert "second.yaml" in done.stderr


def test_foreign_files_are_passed_over(tmp_path):
    write(tmp_path, HEAD + CASE + EXPECT)
    foreign = {"one.yaml": "a: &b 1\n", "two.yml": "services: {x: y}\n", "three.yaml": "- 1\n"}
    for name, text in (foreign | {"four.yaml": "a: 1\n---\nb: !x 2\n", ".e.yaml": "x: ["}).items():
        (tmp_path / name).write_text(text, "utf-8")
    for arguments in (["test"], ["check"], ["fmt", "--check"]):
        assert command(*arguments, tmp_path).exit_code < 2


@pytest.mark.parametrize("arguments", [["test"], ["check"], ["fmt", "--check"]])
def test_another_ending_is_refused_in_a_folder_and_by_name(tmp_path, arguments):
    write(tmp_path, HEAD + CASE + EXPECT)
    (tmp_path / "r.yml").write_text(RULESET, "utf-8")
    for path in (tmp_path, tmp_path / "r.yml"):
        done = command(*arguments, path)
        assert done.exit_code == 2
        assert "r.yml: the name of the file must end in .yaml" in done.stderr
        assert "rename it to 'r.yaml'" in done.stderr


@pytest.mark.parametrize("arguments", [["test"], ["check"], ["fmt", "--check"]])
def test_every_command_searches_folders_alike(tmp_path, arguments, monkeypatch):
    for folder in ("in/deep", ".hidden", "elsewhere"):
        (tmp_path / folder).mkdir(parents=True)
        write(tmp_path / folder, HEAD + CASE + EXPECT)
    for folder in (".hidden", "elsewhere"):
        (tmp_path / folder / "small.yaml").write_text("schema: egovrules/1\nid: [\n", "utf-8")
    inside = tmp_path / "in"
    (inside / "link").symlink_to(tmp_path / "elsewhere")
    assert command(*arguments, inside).exit_code < 2
    (inside / "deep" / "small.yaml").rename(tmp_path / "real.yaml")
    (inside / "deep" / "small.yaml").symlink_to(tmp_path / "real.yaml")
    assert command(*arguments, inside).exit_code < 2
    os.mkfifo(inside / "pipe.yaml")
    for path in (inside, inside / "pipe.yaml"):
        done = command(*arguments, path)
        assert done.exit_code == 2
        assert "pipe.yaml: this is no file" in done.stderr
    (inside / "pipe.yaml").unlink()
    scan = os.scandir

    def locked(path):
        if str(path).endswith("deep"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", locked)
    done = command(*arguments, inside)
    assert done.exit_code == 2
    assert "deep: this folder cannot be opened: Permission denied" in done.stderr


def test_passing_and_failing_cases(tmp_path):
    path = write(tmp_path, HEAD + CASE + EXPECT)
    done = command("test", path)
    assert (done.exit_code, done.stderr) == (0, "")
    write(tmp_path, HEAD + CASE + EXPECT.replace("42.5", "43"))
    done = command("test", path)
    assert done.exit_code == 1
    assert "small.test.yaml:11:18: total is 42.5, and 43 was expected" in done.stderr


@pytest.mark.parametrize("name", ["", "small.yaml", "small.test.yaml"])
def test_a_folder_a_ruleset_or_a_file_of_cases(tmp_path, name):
    write(tmp_path, HEAD + CASE + EXPECT)
    document = json.loads(command("test", tmp_path / name, "--format", "json").stdout)
    (one,) = document["files"]
    assert one["ruleset"] == "small"
    assert [case["passed"] for case in one["cases"]] == [True]


def test_folders_are_searched_and_hidden_ones_are_not(tmp_path):
    for folder in ("in/deep", ".hidden"):
        (tmp_path / folder).mkdir(parents=True)
        write(tmp_path / folder, HEAD + CASE + EXPECT)
    document = json.loads(command("test", tmp_path, "--format", "json").stdout)
    assert [Path(one["file"]).parent.name for one in document["files"]] == ["deep"]


@pytest.mark.parametrize("name", [".", "nothing.yaml", "small.yaml"])
def test_no_cases_at_all_are_an_error(tmp_path, name):
    (tmp_path / "small.yaml").write_text(RULESET, "utf-8")
    done = command("test", tmp_path / name)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert "no worked examples" in done.stderr or "no such file" in done.stderr


def test_coverage_tells_what_no_case_reached_and_where(tmp_path):
    path = write(tmp_path, HEAD + CASE + EXPECT)
    done = command("test", path, "--coverage")
    assert done.exit_code == 0
    assert f"{path.with_name('small.yaml')}:4: 'eligible' is never false" in done.stdout
    document = json.loads(command("test", path, "--coverage", "--format", "json").stdout)
    items = reach_of(tmp_path, CASE, EXPECT)
    assert document["files"][0]["coverage"] < 1
    assert {
        (one["kind"], one["name"], one["outcome"] or "") for one in document["files"][0]["missed"]
    } == {key for key, came in items.items() if not came}


def test_a_share_that_must_be_reached(tmp_path):
    path = write(tmp_path, HEAD + CASE + EXPECT)
    share = (
        100
        * json.loads(command("test", path, "--coverage", "--format", "json").stdout)["files"][0][
            "coverage"
        ]
    )
    assert command("test", path, "--min", f"{share - 0.1}").exit_code == 0
    done = command("test", path, "--min", f"{share + 0.1}")
    assert done.exit_code == 1
    assert "is asked for" in done.stderr
    assert command("test", path, "--min", "101").exit_code == 2


def test_a_ruleset_without_cases_is_named_and_fails_a_minimum(tmp_path):
    write(tmp_path, HEAD + CASE + EXPECT)
    (tmp_path / "other.yaml").write_text(RULESET.replace("id: small", "id: other"), "utf-8")
    (tmp_path / "foreign.yaml").write_text("a: 1\n", "utf-8")
    done = command("test", tmp_path)
    assert done.exit_code == 0
    assert "other.yaml" in done.stdout
    assert "foreign.yaml" not in done.stdout
    assert command("test", tmp_path, "--min", "1").exit_code == 1


@pytest.mark.parametrize(
    ("came", "whole", "least", "printed"),
    [(20, 29, 69, "68.97"), (9999, 10_000, 100, "99.99"), (57, 100, 57, None), (1, 3, 50, "33.3")],
)
def test_a_minimum_that_is_missed_by_little_prints_enough(tmp_path, came, whole, least, printed):
    ruleset = load_cases(write(tmp_path, HEAD + CASE + EXPECT)).ruleset
    items = tuple(Reached("finding", "f", (), "", n < came, {}) for n in range(whole))
    tested = cases_report.Tested(ruleset, None, (), items)
    assert tested.is_below(least) is (printed is not None)
    if printed:
        told = tested.shortfall(least, "en")
        assert f"coverage is {printed} per cent, and {least} per cent is asked for" in told


def test_a_minimum_is_a_number(tmp_path):
    path = write(tmp_path, HEAD + CASE + EXPECT)
    assert command("test", path, "--min", "nan").exit_code == 2


def test_junit_has_a_case_for_the_minimum(tmp_path):
    path = write(tmp_path, HEAD + CASE + EXPECT)
    for least, failures_ in (("99", "1"), ("1", "0")):
        done = command("test", path, "--format", "junit", "--min", least)
        suite = ET.fromstring(done.stdout).find("testsuite")  # noqa: S314 - our own output
        assert (suite.get("tests"), suite.get("failures")) == ("2", failures_)
        case = suite.find("testcase[@name='coverage']")
        assert len(case.findall("failure")) == int(failures_)


def test_a_named_ruleset_without_cases_says_where_to_write_them(tmp_path):
    (tmp_path / "small.yaml").write_text(RULESET, "utf-8")
    done = command("test", tmp_path / "small.yaml")
    assert done.exit_code == 2
    assert "small.yaml: this ruleset has no worked examples beside it" in done.stderr
    assert "'small.test.yaml'" in done.stderr
    assert "did you mean" not in done.stderr
    assert "no such file" in command("test", tmp_path / "smal.yaml").stderr


def test_a_line_break_in_a_name_is_not_printed(tmp_path):
    path = write(tmp_path, HEAD + CASE + EXPECT.replace("42.5", "43"), "odd\nname")
    done = command("test", path, "--min", "99")
    assert "odd name.test.yaml: coverage is" in done.stderr
    assert "odd name.test.yaml:11" in done.stderr
    assert "odd\nname" not in done.stderr + done.stdout


def test_junit_holds_every_case_whatever_it_is_called(tmp_path):
    name = '<b> & "quotes" \u202e نام'
    case = CASE.replace("an agency without links is capped", json.dumps(name, ensure_ascii=False))
    path = write(tmp_path, HEAD + case + EXPECT.replace("42.5", "43"))
    done = command("test", path, "--format", "junit", "--coverage")
    assert done.exit_code == 1
    suite = ET.fromstring(done.stdout).find("testsuite")  # noqa: S314 - our own output
    assert (suite.get("tests"), suite.get("failures")) == ("1", "1")
    assert suite.find("testcase").get("name").startswith('<b> & "quotes"')
    assert "total is 42.5, and 43 was expected" in suite.find("testcase/failure").text
    assert float(suite.find("properties/property[@name='coverage']").get("value")) > 30


def test_problems_of_all_files_are_told_before_anything_runs(tmp_path):
    write(tmp_path, HEAD + CASE + EXPECT)
    write(tmp_path, HEAD + CASE.replace("openness", "opennes") + EXPECT, "second")
    write(tmp_path, "cases: 3\n", "third")
    done = command("test", tmp_path)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "second.test.yaml:4" in done.stderr
    assert "third.test.yaml" in done.stderr


def test_the_table_is_there_in_persian(tmp_path):
    done = command("test", write(tmp_path, HEAD + CASE + EXPECT), "--coverage", "--lang", "fa")
    assert "مثال‌ها" in done.stdout
    assert "هیچ‌گاه" in done.stdout
