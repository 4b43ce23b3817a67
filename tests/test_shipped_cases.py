"""The worked examples of the shipped rulesets: they pass, reach everything, and bite."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

import egovrules as eg
from egovrules.cases import load_cases
from egovrules.cases.running import run_cases
from egovrules.cli import cli
from egovrules.plugins import Registry
from egovrules.spelling import fraction

RULESETS = Path(__file__).parents[1] / "rulesets"
REGISTRY = Registry.installed()
SHIPPED = sorted(path.stem for path in RULESETS.glob("*.yaml") if path.name.count(".") == 1)

# The case of each ruleset that expects every criterion, axis and the total of one body.
WHOLE = {
    "ca-2024": "a department is scored on seven criteria, four axes and the total",
    "ca-maf-2024": "a department has five indicators and their mean",
    "ca-oip": "a department has two indicators and their mean",
    "ir-1400-autumn": "a body is scored on 26 criteria, four axes and the total",
    "ir-1400-spring": "a body is scored on 26 criteria, four axes and the total",
}


@pytest.fixture(scope="module")
def cases():
    paths = {name: RULESETS / f"{name}.test.yaml" for name in SHIPPED}
    return {name: load_cases(path, registry=REGISTRY) for name, path in paths.items()}


def one(cases, name, ruleset=None):
    """Run one case, perhaps against another ruleset than its own."""
    chosen = cases.file.model_copy(update={"cases": {name: cases.file.cases[name]}})
    (ran,) = run_cases(replace(cases, file=chosen, ruleset=ruleset or cases.ruleset))
    return ran


@pytest.mark.parametrize("name", SHIPPED)
def test_the_cases_of_every_shipped_ruleset_pass_and_reach_all_of_it(name):
    path = RULESETS / f"{name}.yaml"
    done = CliRunner().invoke(cli, ["test", "--min", "100", "--format", "json", str(path)])
    assert done.exit_code == 0, done.output
    (told,) = json.loads(done.stdout)["files"]
    assert (told["ruleset"], told["coverage"], told["missed"]) == (name, 1, [])
    assert [case["name"] for case in told["cases"] if not case["passed"]] == []
    assert len(told["cases"]) >= 6


@pytest.mark.parametrize("name", SHIPPED)
def test_every_weight_is_held_by_the_case_of_a_whole_body(cases, name):
    """A weight can change without changing its axis only where the score is the axis's own."""
    ran = one(cases[name], WHOLE[name])
    (agency,) = ran.evaluation.agencies["agency"]
    expected = cases[name].file.cases[WHOLE[name]].expect.agencies[agency]
    rows = ran.evaluation.criteria.select("node", "score").rows()
    scores = {node: round(score, 6) for node, score in rows}
    for node in cases[name].ruleset.root.walk():
        assert node.id in expected, f"{node.id} is not expected"
        for child in node.children:
            alone = len(node.children) == 1
            assert alone or scores[child.id] != scores[node.id], f"{child.id} scores as {node.id}"


def expected_numbers(cases, node):
    """Yield every number that a case expects of a node, of agencies or services."""
    for case in cases.file.cases.values():
        for values in (*case.expect.agencies.values(), *case.expect.services.values()):
            value = getattr(values.get(node), "is_", values.get(node))
            number = fraction(value) if isinstance(value, str) else value
            if number is not None:
                yield number


@pytest.mark.parametrize("name", SHIPPED)
def test_every_criterion_is_expected_between_the_ends_of_the_scale(cases, name):
    for node in cases[name].ruleset.root.criteria():
        assert set(expected_numbers(cases[name], node.id)) - {0, 100}, node.id


VISITS = "axes.user_centric.criteria.visits"
SATISFACTION = "axes.user_centric.criteria.satisfaction"
CAP = "axes.integrated.caps"
LABELS = "bands.electronization.labels"
EMPTY = "a body that answers nothing scores zero, and is ranked"
REFUSED = "refused, not answered and unverifiable count as zero"
EXEMPT = "exempt answers, and those that the auditor could not see, leave the mean"
POOLED = "cases on time and online requests are pooled, so large services count more"
RANKED = "a body is ranked from 80 per cent coverage on"
ALIKE = "totals that print alike share a rank, and the next one is skipped"
CAPPED = "a body that shares no data is capped at 50"
BEGUN = "a service that has begun is no longer not started"
MIDDLE = "from 50 on a service is in the middle"
NINETY = "at 90 a service is in the middle, above it smart-ready"
FULL = "full needs every step online and no visit"
UNDESIRABLE = "a main body below 50 is undesirable, at what prints as 50 it is not"
TEN = "ten bodies are listed, the eleventh is not"

SPRING = [
    ("scope=null", "services that cannot be electronic are out"),
    ("missing.policy=skip", EMPTY),
    ("missing.policy=exclude", EMPTY),
    ("missing.min_coverage=0.81", RANKED),
    ("missing.min_coverage=0.75", RANKED),
    ("missing.status.refused=skip", REFUSED),
    ("missing.status.not_answered=skip", REFUSED),
    ("missing.status.unverifiable=skip", REFUSED),
    ("missing.status.exempt=zero", EXEMPT),
    ("missing.status.auditor_unable=zero", EXEMPT),
    ("missing.status.exempt=exclude", EXEMPT),
    (f"{SATISFACTION}.missing=zero", "satisfaction told by fewer than 20 people is left out"),
    (f"{SATISFACTION}.with={{min_n: 19}}", "satisfaction told by fewer than 20 people is left out"),
    (f"{SATISFACTION}.with={{min_n: 21}}", "satisfaction told by fewer than 20 people is left out"),
    (
        "axes.transparent.criteria.honest_declaration.missing=null",
        "declarations are held against the auditor's answers",
    ),
    (f"{VISITS}.with={{worst: 4}}", "three visits are the worst, and more are not worse"),
    (f"{VISITS}.with={{worst: 2}}", "three visits are the worst, and more are not worse"),
    ("axes.user_centric.criteria.on_time.rollup=mean", POOLED),
    ("axes.user_centric.criteria.online_uptake.rollup=mean", POOLED),
    (
        "axes.user_centric.criteria.online_steps.rollup=pooled",
        "online counts one and partial a half, over the steps that apply",
    ),
    (
        "axes.integrated.criteria.live_links.rollup=pooled",
        "links between services are counted from the list of links",
    ),
    (
        "axes.integrated.criteria.once_only.rollup=pooled",
        "a service that asks for no paper asks for none twice",
    ),
    (
        "axes.integrated.criteria.shared_enablers.rollup=pooled",
        "an enabler that does not apply is not asked for, one left empty is missing",
    ),
    (
        "derive.agency_live_links=mean of links_live over services",
        "links between services are counted from the list of links",
    ),
    (
        "derive.agency_live_links=count of links_live > 0 over services",
        "links between services are counted from the list of links",
    ),
    (f"{CAP}=null", CAPPED),
    (f"{CAP}.0.at=49", CAPPED),
    (f"{CAP}.0.at=51", CAPPED),
    (f"{CAP}.0.when=agency_live_links <= 1", "one live link lifts the cap"),
    (
        f"{CAP}.0.when=agency_live_links = 0 or agency_live_links is missing",
        "a body whose links nobody knows is not capped",
    ),
    ("aggregate=geometric", WHOLE["ir-1400-spring"]),
    ("axes.integrated.aggregate=minimum", WHOLE["ir-1400-spring"]),
    (
        "rollup={weight: annual_volume}",
        "other scores are averaged over services, whatever their volume",
    ),
    ("rank.decimals=3", ALIKE),
    ("rank.decimals=1", ALIKE),
    ("rank.ties=dense", ALIKE),
    ("rank.ties=max", ALIKE),
    (f'{LABELS}.0.not_started="<= 10"', BEGUN),
    (f'{LABELS}.1.under_50="<= 50"', MIDDLE),
    (f'{LABELS}.1.under_50="< 44"', MIDDLE),
    (f'{LABELS}.2.mid="< 90"', NINETY),
    (f'{LABELS}.2.mid="<= 92"', NINETY),
    (f'{LABELS}.3.full="> 90"', NINETY),
    (f"{LABELS}.3.when=null", FULL),
    (f"{LABELS}.3.when=visits <= 1", FULL),
    (f"{LABELS}.3.when=visits = 0 or visits is missing", FULL),
    (f'{LABELS}.4.over_90="> 92"', NINETY),
    ("lists.smart_ready.when=electronization >= 90", NINETY),
    ("lists.smart_ready.when=electronization = 100", NINETY),
    ("lists.smart_ready.order=ascending", NINETY),
    ("lists.not_started.when=electronization <= 10", BEGUN),
    ("lists.top_10.top=9", TEN),
    ("lists.top_10.top=11", TEN),
    ("lists.top_10.order=ascending", TEN),
    ("lists.top_10.by=coverage", TEN),
    ("findings.undesirable.when=is_main and total <= 50", UNDESIRABLE),
    ("findings.undesirable.when=is_main and total < 49", UNDESIRABLE),
    ("findings.undesirable.when=total < 50", UNDESIRABLE),
    ("findings.undesirable.rounded=false", UNDESIRABLE),
    ("findings.full_with_visits.when=electronization = 100 and visits > 1", FULL),
    ("findings.full_with_visits.when=electronization > 90 and visits > 0", FULL),
    ("findings.full_with_visits.when=electronization = 100", FULL),
    (
        "reconcile.bands_cover_services.without=null",
        "services that are not assessed are said to be lacking",
    ),
]
GROWTH = "growth is in points of the total and places won"
FIVE = "the five that grew most are listed"
AUTUMN = [
    ("axes.user_centric.criteria.online_steps.weight=2", WHOLE["ir-1400-autumn"]),
    (
        "axes.user_centric.criteria.online_steps.weight=4",
        "electronization counts three times as much as any other part",
    ),
    ("bridge=null", GROWTH),
    ("lists.highest_growth.by=total", GROWTH),
    ("lists.highest_growth.by=rank_growth", FIVE),
    ("lists.highest_growth.top=4", FIVE),
    ("lists.highest_growth.top=6", FIVE),
    ("lists.highest_growth.order=ascending", GROWTH),
]
TOLD_NOT = "what the inventory does not tell leaves the mean and lowers coverage"
JUST = "just under 50 and just over 90 are other bands"
UNASSESSED = "a service without interaction points is not assessed, and weighs nothing"
POOLED_CA = "cases and requests are pooled, so large services count more"
STEPS = "axes.user_centric.criteria.online_steps"
POINTS = "[point_account, point_identity, point_application, point_decision, point_issuance]"
CA_2024 = [
    ("missing.policy=zero", TOLD_NOT),
    ("missing.min_coverage=0.3", TOLD_NOT),
    ("axes.user_centric.criteria.on_time.rollup=mean", POOLED_CA),
    ("axes.user_centric.criteria.online_uptake.rollup=mean", POOLED_CA),
    (f"{STEPS}.with.points={POINTS}", WHOLE["ca-2024"]),
    (f"{STEPS}.with=null", WHOLE["ca-2024"]),
    (
        "axes.transparent.criteria.register_complete.with=null",
        "each of the five register fields, and of the two terms, counts alike",
    ),
    (
        "axes.transparent.criteria.published_terms.with.terms=[published_time]",
        "each of the five register fields, and of the two terms, counts alike",
    ),
    (
        "axes.participatory.criteria.improved.with=null",
        "the share of services that were improved counts",
    ),
    (
        "derive.mean_electronization=sum of electronization over services",
        "the mean electronization is over the services that have one",
    ),
    (f'{LABELS}.0.not_started="< 20"', "a service with one point online is no longer not started"),
    (f'{LABELS}.1.under_50="<= 50"', "from 50 to 90 a service is in the middle"),
    (f'{LABELS}.1.under_50="< 40"', JUST),
    (f'{LABELS}.2.mid="< 90"', "from 50 to 90 a service is in the middle"),
    (f'{LABELS}.2.mid="<= 92"', JUST),
    (f'{LABELS}.3.over_90="= 100"', JUST),
    ("reconcile.bands_cover_services.without=[not_assessed]", UNASSESSED),
    ("rank.decimals=3", "totals that print alike share a rank"),
    ("lists.top_10.top=9", "ten departments are listed, the eleventh is not"),
]
CA_MAF = [
    ("missing.policy=zero", "what is not told leaves the mean and lowers coverage"),
    ("missing.min_coverage=0.5", "what is not told leaves the mean and lowers coverage"),
    (
        "axes.maf.criteria.maf2.rollup=mean",
        "standards and points are pooled, not averaged over services",
    ),
    (
        "axes.maf.criteria.maf6.rollup=mean",
        "standards and points are pooled, not averaged over services",
    ),
    (
        "axes.maf.criteria.maf1.with.column=end_to_end",
        "what is not told leaves the mean and lowers coverage",
    ),
    ("rank.decimals=3", "totals that print alike share a rank"),
    ("lists.top_10.top=11", "ten departments are listed, the eleventh is not"),
]
CA_OIP = [
    ("missing.policy=zero", "what is not told leaves the mean and lowers coverage"),
    ("axes.maf.criteria.maf6.rollup=mean", WHOLE["ca-oip"]),
    ("rank=null", "totals that print alike share a rank"),
]
CHANGES = [
    pytest.param(name, setting, case, id=f"{name} {setting}")
    for name, changes in {
        "ir-1400-spring": SPRING,
        "ir-1400-autumn": AUTUMN,
        "ca-2024": CA_2024,
        "ca-maf-2024": CA_MAF,
        "ca-oip": CA_OIP,
    }.items()
    for setting, case in changes
]


@pytest.mark.parametrize(("name", "setting", "case"), CHANGES)
def test_a_changed_rule_fails_the_case_that_tells_it(cases, name, setting, case):
    path = RULESETS / f"{name}.yaml"
    changed = eg.load_ruleset(path, settings=[setting], registry=REGISTRY)
    ran = one(cases[name], case, changed)
    assert ran.evaluation is not None or setting == "bridge=null"
    assert not ran.passed, f"with {setting}, '{case}' passes all the same"
