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
SHIPPED = {
    path.stem: path for path in sorted(RULESETS.rglob("*.yaml")) if path.name.count(".") == 1
}
EDITIONS = ("egdi-2010", "egdi-2012", "egdi-2014", "egdi-2016", "egdi-2018")

# The case of each ruleset that expects every criterion, axis and the total of one body.
WHOLE = {
    "bipa-2024": "82 metrics make 32 indicators, 16 themes, four domains and the index",
    "ca-2024": "a department is scored on seven criteria, four axes and the total",
    "ca-maf-2024": "a department has five indicators and their mean",
    "ca-oip": "a department has two indicators and their mean",
    "dgi-2023": "the index is the mean of six dimensions",
    **dict.fromkeys(EDITIONS, "the index is made of three components"),
    "gtmi-2020": "the index is the mean of four focus areas",
    "ir-1400-autumn": "a body is scored on 26 criteria, four axes and the total",
    "ir-1400-spring": "a body is scored on 26 criteria, four axes and the total",
}


@pytest.fixture(scope="module")
def cases():
    paths = {name: SHIPPED[name].with_suffix(".test.yaml") for name in WHOLE}
    return {name: load_cases(path, registry=REGISTRY) for name, path in paths.items()}


def one(cases, name, ruleset=None):
    """Run one case, perhaps against another ruleset than its own."""
    chosen = cases.file.model_copy(update={"cases": {name: cases.file.cases[name]}})
    (ran,) = run_cases(replace(cases, file=chosen, ruleset=ruleset or cases.ruleset))
    return ran


@pytest.mark.parametrize("name", SHIPPED)
def test_the_cases_of_every_shipped_ruleset_pass_and_reach_all_of_it(name):
    arguments = ["test", "--min", "100", "--format", "json", str(SHIPPED[name])]
    done = CliRunner().invoke(cli, arguments)
    assert done.exit_code == 0, done.output
    (told,) = json.loads(done.stdout)["files"]
    assert (told["ruleset"], told["coverage"], told["missed"]) == (name, 1, [])
    assert [case["name"] for case in told["cases"] if not case["passed"]] == []
    assert len(told["cases"]) >= 6 or name not in WHOLE


def test_the_case_of_a_whole_body_is_known_of_every_ruleset_but_the_other_editions():
    assert {name for name, path in SHIPPED.items() if path.parent == RULESETS} <= set(WHOLE)


@pytest.mark.parametrize("name", WHOLE)
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


@pytest.mark.parametrize("name", WHOLE)
def test_every_criterion_is_expected_between_the_ends_of_the_scale(cases, name):
    scale = cases[name].ruleset.file.scale
    for node in cases[name].ruleset.root.criteria():
        assert set(expected_numbers(cases[name], node.id)) - {scale.low, scale.high}, node.id


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
OSI, GATE, GROUPS = "axes.egdi.criteria.osi", "axes.egdi.caps", "bands.egdi_group"
VOID = "with a component missing the index is 0, and the last rank is shared"
NO_INDEX = "with a component missing there is no index, and no rank"
NO_SERVICES = "with an Online Service Index of 0 the index is 0, and the last rank is shared"
COUNTED = "an Online Service Index of 0 counts like any other"
SKIPPED = "equal indices share the better rank, and the next one is skipped"
FIFTH = "indices that differ in the fifth decimal have ranks of their own"
FOUR = "there are four groups, and nobody is in two"
PRINTED = "a country is grouped by its index as printed"
EGDI_2010 = [
    (f"{OSI}.weight=0.33", WHOLE["egdi-2010"]),
    (f"{GATE}=null", VOID),
    (f"{GATE}.0.at=0.1", VOID),
    (f"{GATE}.0.when=osi is missing or hci is missing", VOID),
    (f"{GATE}.0.when=osi is missing and hci is missing and tii is missing", VOID),
    (f"{GATE}.0.when=osi is missing or hci is missing or tii is missing or osi = 0", COUNTED),
    ("missing={policy: exclude}", VOID),
    ("missing={policy: zero}", "with all components missing there is no index, and no rank"),
    ("rank.decimals=4", FIFTH),
    ("rank.ties=max", SKIPPED),
    ("rank.ties=dense", SKIPPED),
]
EGDI_2012 = [
    (f"{OSI}.weight=0.34", WHOLE["egdi-2012"]),
    ("missing.policy=skip", NO_INDEX),
    (f"{GATE}=null", NO_SERVICES),
    (f"{GATE}.0.when=osi <= 0.01", NO_SERVICES),
    ("rank.decimals=4", FIFTH),
]
EGDI_2014 = [
    (f"{OSI}.weight=0.34", WHOLE["egdi-2014"]),
    ("missing.policy=zero", NO_INDEX),
    ("rank.decimals=4", FIFTH),
    (f'{GROUPS}.labels.0.very_high=">= 0.75"', FOUR),
    (f'{GROUPS}.labels.1.high="> 0.5"', FOUR),
    (f'{GROUPS}.labels.1.high=">= 0.499"', FOUR),
    (f'{GROUPS}.labels.2.middle="> 0.25"', FOUR),
    (f'{GROUPS}.labels.2.middle=">= 0.249"', FOUR),
]
EGDI_2018 = [
    ("rank.decimals=3", "indices that print alike share a rank"),
    ("rank.decimals=5", "indices that print alike share a rank"),
    ("rank.ties=dense", SKIPPED),
    (f"{GROUPS}.rounded=false", PRINTED),
    (f'{GROUPS}.labels.0.very_high=">= 0.75"', PRINTED),
]
LEVELS = "every level is rounded before the next"
HALF = "a half goes to the even decimal, unless it is stored a little off"
SHARED = "ranks are those of rounded scores, and shared ones are marked"
BIPA = [
    ("round=null", WHOLE["bipa-2024"]),
    ("round=null", LEVELS),
    ("round.decimals=3", LEVELS),
    ("round.rule=half_up", HALF),
    ("round.rule=exact", HALF),
    ("missing.policy=zero", "what a country lacks leaves the mean"),
    ("missing.policy=exclude", "what a country lacks leaves the mean"),
    ("missing.min_coverage=0.01", "a country without a metric has no index"),
    ("rank.tied=null", SHARED),
    ("rank.tied='*'", SHARED),
    ("rank.ties=max", SHARED),
    ("rank.ties=dense", SHARED),
    ("rank.ties=max", "a country has a rank at every node of which it has a score"),
]
DGI = [
    ("axes.dgi.criteria.proactiveness.weight=1/5", WHOLE["dgi-2023"]),
    ("rank=null", "a country that is not a member has an index and no rank"),
    ("rank.among=not oecd_member", "a country that is not a member has an index and no rank"),
    (
        "rank.among=oecd_member or oecd_member is missing",
        "a country of which nobody knows whether it is a member has no rank",
    ),
    ("rank.decimals=3", "countries are ranked before anything is rounded"),
    ("rank.ties=dense", SKIPPED),
    ("missing.policy=skip", "with a dimension missing there is no index"),
]
LOWER_END = "a group begins at its lower end"
GTMI = [
    ("axes.gtmi.criteria.psdi.weight=1/3", WHOLE["gtmi-2020"]),
    ("missing.policy=skip", "with a focus area missing there is no index, and no group"),
    ("missing.policy=zero", "with a focus area missing there is no index, and no group"),
    ('bands.gtmi_group.labels.0.a="> 0.75"', LOWER_END),
    ('bands.gtmi_group.labels.0.a=">= 0.749"', LOWER_END),
    ('bands.gtmi_group.labels.1.b="> 0.5"', LOWER_END),
    ('bands.gtmi_group.labels.1.b=">= 0.499"', LOWER_END),
    ('bands.gtmi_group.labels.2.c="> 0.25"', LOWER_END),
    ('bands.gtmi_group.labels.2.c=">= 0.249"', LOWER_END),
]
CHANGES = [
    pytest.param(name, setting, case, id=f"{name} {setting}")
    for name, changes in {
        "ir-1400-spring": SPRING,
        "ir-1400-autumn": AUTUMN,
        "ca-2024": CA_2024,
        "ca-maf-2024": CA_MAF,
        "ca-oip": CA_OIP,
        "egdi-2010": EGDI_2010,
        "egdi-2012": EGDI_2012,
        "egdi-2014": EGDI_2014,
        "egdi-2018": EGDI_2018,
        "bipa-2024": BIPA,
        "dgi-2023": DGI,
        "gtmi-2020": GTMI,
    }.items()
    for setting, case in changes
]


@pytest.mark.parametrize(("name", "setting", "case"), CHANGES)
def test_a_changed_rule_fails_the_case_that_tells_it(cases, name, setting, case):
    changed = eg.load_ruleset(SHIPPED[name], settings=[setting], registry=REGISTRY)
    ran = one(cases[name], case, changed)
    assert ran.evaluation is not None or setting == "bridge=null"
    assert not ran.passed, f"with {setting}, '{case}' passes all the same"
