"""Scorecards against the evaluation's tables, the terminal's scorecard, and the page's script."""

import gzip
import importlib.util
import json
import os
import shutil
import subprocess
from dataclasses import asdict
from pathlib import Path
from statistics import fmean, quantiles

import polars as pl
import pytest
from click.testing import CliRunner

from egovrules.cli import cli
from egovrules.dataset import Dataset
from egovrules.errors import EvaluationError
from egovrules.evaluation import evaluate
from egovrules.explanation import explain
from egovrules.growth import Previous
from egovrules.html.card import card_scripts, cards
from egovrules.html.card.compact import Lexicon, Part, constant, texts, worded
from egovrules.html.card.expanded import expanded
from egovrules.html.card.packing import ALPHABET
from egovrules.html.payload import as_json
from egovrules.html.single import agency_page
from egovrules.report.blocks import Table
from egovrules.report.scorecard import scorecard
from egovrules.ruleset import read_ruleset
from egovrules.store import load
from egovrules.text import LANGUAGES, format_number

_spec = importlib.util.spec_from_file_location(
    "html_pages", Path(__file__).with_name("html_pages.py")
)
pages = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(pages)

STEPS = {
    "point_information": "information",
    "point_identity": "identification",
    "point_application": "application",
    "point_documents": "documents",
    "point_payment": "payment",
    "point_tracking": "tracking",
    "point_decision": "decision",
    "point_issuance": "issuance",
    "point_complaint": "complaint",
}
SCRIPT = Path(__file__).parents[1] / "src" / "egovrules" / "html" / "script" / "cards.js"
EXPAND = """
import {{ readFileSync }} from "node:fs";
import {{ deepStrictEqual }} from "node:assert";
import {{ expandCard }} from "{script}";
const {{ cases, languages }} = JSON.parse(readFileSync(0, "utf-8"));
for (const {{ layout, data, language, expected }} of cases) {{
  deepStrictEqual(expandCard(layout, data, language, languages), expected);
}}
console.log(cases.length);
"""


@pytest.fixture(scope="module")
def seasons(tmp_path_factory):
    """The two synthetic rounds of national size, the second with growth against the first."""
    folder = tmp_path_factory.mktemp("card")

    def run(*arguments):
        result = CliRunner().invoke(cli, [str(one) for one in arguments])
        assert result.exit_code == 0, result.output

    run("sample", folder)
    rulesets = folder / "rulesets"
    for season, more in (("spring", ()), ("autumn", ("--previous", folder / "spring"))):
        data = folder / f"ir-1400-{season}"
        period = ("--period", f"1400-{season}")
        run("evaluate", rulesets, data, *period, *more, "--out", folder / season)
    return load(folder / "spring"), load(folder / "autumn")


@pytest.fixture(scope="module")
def autumn(seasons):
    return seasons[1]


@pytest.fixture(scope="module")
def made(autumn):
    return cards(autumn)


def odd():
    """Few agencies with what the synthetic round lacks: caps, names that mean harm, no kind."""
    value = {"use": "core.value", "level": "service", "with": {"column": "v"}}
    axes = {
        "x": {
            "caps": [{"at": 30, "when": "shut", "because": {"en": "it is shut", "fa": "بسته است"}}],
            "criteria": {
                "c": {**value, "missing": "zero"},
                "p": {"use": "core.value", "with": {"column": "own"}, "missing": "exclude"},
            },
        },
        "y": {"criteria": {"q": {"use": "core.value", "with": {"column": "own"}}}},
    }
    known = {"agencies": {"shut": {"type": "boolean"}}}
    file = {"schema": "egovrules/1", "id": "t", "title": "T", "indicators": known, "axes": axes}
    agencies = pl.DataFrame(
        {
            "code": ["A", "B", 'C"<'],
            "name_en": ["<script>alert(1)</script>", "Roads \u202e", None],
            "own": [90.0, None, 10.0],
            "shut": [True, False, None],
        }
    )
    services = pl.DataFrame(
        {
            "code": ["s 1", "s 2", "s3", "s4"],
            "agency": ["A", "A", "B", "B"],
            "name_en": ["</script><img src=x onerror=alert(1)>", "x" * 400, None, "'\"&"],
            "v": ["40", "refused", None, "-0"],
        }
    )
    return evaluate(
        read_ruleset(json.dumps(file)), Dataset.of(agencies=agencies, services=services)
    )


def part(parts, name):
    return next((one for one in parts if one.id == name), None)


def column(shown, heading):
    place = [one.heading for one in shown.columns].index(heading)
    return [row[place] for row in shown.rows]


def test_the_script_takes_cards_apart_as_python_does(autumn, made):
    node = shutil.which("node")
    if node is None and not os.environ.get("CI"):
        pytest.skip("no node on this machine (Debian: apt install nodejs)")
    assert node, "CI needs node (Debian: apt install nodejs)"
    strange = cards(odd())
    one = cards(autumn, agency="0001")
    wanted = [(made, code) for code in made.codes[::12]] + [(one, "0001")]
    wanted += [(strange, code) for code in strange.codes]
    cases = [
        {
            "layout": source.layout,
            "data": source.of(code),
            "language": language,
            "expected": [*map(asdict, expanded(source.layout, source.of(code), language))],
        }
        for source, code in wanted
        for language in LANGUAGES
    ]
    run = subprocess.run(
        [node, "--input-type=module", "-e", EXPAND.format(script=SCRIPT.as_uri())],
        input=json.dumps({"cases": cases, "languages": LANGUAGES}),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert run.returncode == 0, run.stderr[:3000]
    assert run.stdout.strip() == str(len(cases))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tree_reads_as_the_terminal_prints_it(autumn, made, language):
    for code in made.codes[::30]:
        tree = part(expanded(made.layout, made.of(code), language), "tree")
        blocks = scorecard(explain(autumn, code), language)
        table = next(one for one in blocks if isinstance(one, Table))
        shown = list(zip(*tree.rows, strict=True))
        printed = list(zip(*table.rows, strict=True))
        # Share, score, rank, contribution, coverage: what both have.
        assert [shown[n] for n in (4, 1, 2, 5, 6)] == [printed[n] for n in (1, 2, 3, 4, 5)]
        assert [row[0] for row in tree.rows] == [row[0].strip() for row in table.rows]


def test_bars_are_as_long_as_the_score_is_of_the_scale(made):
    tree = part(expanded(made.layout, made.of("0001"), "en"), "tree")
    for text, bar in zip(column(tree, "Score"), tree.bars, strict=True):
        assert bar == (0 if text == "–" else round(10 * float(text)))


def test_every_service_has_its_scores_and_its_points(autumn, made):
    services = autumn.services.sort("agency", "service")
    inputs = {row["code"]: row for row in autumn.inputs["services"].iter_rows(named=True)}
    points = [name for name in autumn.inputs["services"].columns if name.startswith("point_")]
    points = [name for name in points if not name.endswith("__status")]
    node = "user_centric.on_time"
    seen = 0
    for code in made.codes:
        shown = part(expanded(made.layout, made.of(code), "en"), "services")
        own = services.filter(pl.col("agency") == code)
        assert column(shown, "Code") == own["service"].to_list()
        scores = column(shown, "On time")
        for text, value in zip(scores, own[node], strict=True):
            assert text == format_number(value, "en", 2) or value is None
        for service, answers in zip(own["service"], shown.answers, strict=True):
            row, told = inputs[service], dict(answers)
            for name in points:
                value = row[name] or row[f"{name}__status"] or "missing"
                assert told[f"Step: {STEPS[name]}"] == value.replace("_", " ")
                seen += 1
    assert seen == services.height * len(points)


def test_a_card_of_its_own_tells_every_answer_and_what_is_missing(autumn):
    code = "0001"
    one = cards(autumn, agency=code)
    shown = part(expanded(one.layout, one.of(code), "en"), "services")
    inputs = {row["code"]: row for row in autumn.inputs["services"].iter_rows(named=True)}
    titles = {
        "cases": "Cases",
        "visits": "Visits per case",
        "satisfaction_mean": "Mean satisfaction",
        "published_fee": "Fee published",
        "register_fee": "Register: fee",
    }
    gone = 0
    for row, answers, missing in zip(shown.rows, shown.answers, shown.missing, strict=True):
        own, told = inputs[row[1]], dict(answers)
        for name, title in titles.items():
            value, text = own[name], told[title]
            if value is None:
                status = own.get(f"{name}__status") or "missing"
                assert text == status.replace("_", " ")
                listed = f"{text}: " in missing and title in missing
                assert listed == (status not in ("exempt", "not_applicable")), (row[1], name)
                gone += 1
            elif isinstance(value, float):
                assert text == format_number(value, "en")
    assert gone > 10


def test_what_was_rightly_left_out_is_not_told_as_missing():
    text = """\
schema: egovrules/1
id: t
title: T
axes: {a: {criteria: {c: {use: core.value, level: service, with: {column: v}}}}}
"""
    cells = ["5", "exempt", "not_applicable", "refused", "not_answered", None]
    services = pl.DataFrame({"code": list("123456"), "agency": ["A"] * 6, "v": cells})
    agencies = pl.DataFrame({"code": ["A"]})
    evaluation = evaluate(read_ruleset(text), Dataset.of(agencies=agencies, services=services))
    one = cards(evaluation, agency="A")
    shown = part(expanded(one.layout, one.of("A"), "en"), "services")
    found = dict(zip(column(shown, "Code"), map(bool, shown.missing), strict=True))
    assert [code for code, is_told in found.items() if is_told] == ["4", "5", "6"]


def test_peers_are_the_ranked_bodies_of_the_same_kind(autumn, made):
    table = autumn.agencies
    for code in made.codes[::40]:
        kind = table.row(by_predicate=pl.col("agency") == code, named=True)["kind"]
        same = table.filter((pl.col("kind") == kind) & pl.col("rank").is_not_null())
        shown = part(expanded(made.layout, made.of(code), "en"), "peers")
        for row, node in zip(shown.rows, ("total", "user_centric"), strict=False):
            scores = same[node].to_list()
            own = same.row(by_predicate=pl.col("agency") == code, named=True)[node]
            low, middle, high = quantiles(scores, method="inclusive")
            numbers = [own, fmean(scores), low, middle, high]
            assert row[1:6] == [format_number(one, "en", 2) for one in numbers]
            better = sum(one > own + 1e-9 for one in scores)
            assert row[6:] == [str(1 + better), str(len(scores))]


def test_who_is_not_ranked_is_no_peer():
    text = """\
schema: egovrules/1
id: t
title: T
indicators: {agencies: {member: {type: boolean}}}
axes: {a: {criteria: {p: {use: core.value, with: {column: p}}}}}
rank: {among: member}
"""
    table = {"code": list("ABCD"), "p": [10.0, 20.0, 90.0, 20.0], "kind": ["ministry"] * 4}
    table["member"] = [True, True, False, True]
    made = cards(evaluate(read_ruleset(text), Dataset.of(agencies=pl.DataFrame(table))))
    for code, place in (("A", "3"), ("B", "1"), ("D", "1")):
        total, _ = part(expanded(made.layout, made.of(code), "en"), "peers").rows
        assert total[2:] == ["16.67", "15.00", "20.00", "20.00", place, "3"]


def test_missing_data_is_told_with_the_weight_that_it_shifted(autumn, made):
    rows = autumn.criteria.filter(
        (pl.col("node") == "user_centric.accessible") & (pl.col("state") == "missing")
    )
    code = rows["agency"][0]
    tree = part(expanded(made.layout, made.of(code), "en"), "tree")
    state = dict(zip(column(tree, "Axis or criterion"), column(tree, "State"), strict=True))
    assert state["Accessible"] == "missing: its 11.1% of User-centric moved to the others"
    share = dict(zip(column(tree, "Axis or criterion"), column(tree, "Share carried"), strict=True))
    weight = dict(zip(column(tree, "Axis or criterion"), column(tree, "Weight"), strict=True))
    assert (weight["Visits in person"], share["Visits in person"]) == ("11.1%", "12.5%")


def test_moved_weight_is_told_just_where_weight_moved(made):
    seen = set()
    for source in (made, cards(odd())):
        for code in source.codes:
            tree = part(expanded(source.layout, source.of(code), "en"), "tree")
            moved = any("moved to the others" in text for text in column(tree, "State"))
            assert any("carried by the others" in text for _, text in tree.lines) == moved, code
            seen.add(moved)
    assert seen == {True, False}


def test_no_weight_moves_where_the_one_above_has_no_score():
    rules = """{schema: egovrules/1, id: t, title: T, axes: {x: {criteria: {
      p: {use: core.value, with: {column: one}, missing: exclude},
      q: {use: core.value, with: {column: two}}}}}}"""
    ones, twos = [None, 1.0, None], [1.0, None, None]
    table = pl.DataFrame({"code": ["A", "B", "C"], "one": ones, "two": twos})
    made = cards(evaluate(read_ruleset(rules), Dataset.of(agencies=table)))
    trees = [part(expanded(made.layout, made.of(code), "en"), "tree") for code in "ABC"]
    assert [len(tree.lines) for tree in trees] == [0, 1, 0]
    forbids = "missing: leaves x without a score"
    assert [column(tree, "State") for tree in trees] == [
        ["missing", "missing", forbids, "scored"],
        ["scored", "scored", "scored", "missing: its 50.0% of x moved to the others"],
        ["missing", "missing", forbids, "missing"],
    ]


def test_services_counted_as_zero_are_counted_in_the_state_and_told_beneath_the_heading():
    made = cards(odd())
    trees = {code: part(expanded(made.layout, made.of(code), "en"), "tree") for code in made.codes}
    states = {
        code: dict(zip(column(tree, "Axis or criterion"), column(tree, "State"), strict=True))[
            "Value (x.c)"
        ]
        for code, tree in trees.items()
    }
    assert states["A"] == states["B"] == "scored; 1 counted as 0"  # s 2 and s3
    assert "counted" not in states['C"<']  # it has no services
    told = {code: [text for _, text in tree.lines] for code, tree in trees.items()}
    keep = "Services without a score that count as 0 keep their weight."
    assert [keep in told[code] for code in made.codes] == [code in "AB" for code in made.codes]


def test_parts_that_are_rounded_say_so(made):
    tree = part(expanded(made.layout, made.of("0001"), "en"), "tree")
    assert "last digit" in "".join(tree.notes)


def test_findings_about_the_agency_that_are_grave_stand_at_the_top_as_well():
    rules = """{schema: egovrules/1, id: t, title: T, axes: {
      x: {criteria: {c: {use: core.value, level: service, with: {column: v}}}}}, findings: {
      fine: {of: agencies, when: total >= 0, severity: info, message: "{name} is scored"},
      low: {of: agencies, when: total < 50, severity: warning, message: "{name} is low"},
      worst: {of: agencies, when: total < 50, severity: error, message: "{name} is worst"},
      weak: {of: services, when: v < 50, severity: error, message: "{name} is weak"}}}"""
    agencies = pl.DataFrame({"code": ["A", "B"], "name_en": ["Post", "Roads"]})
    services = pl.DataFrame(
        {"code": ["1", "2"], "agency": ["A", "B"], "name_en": ["one", "two"], "v": ["10", "90"]}
    )
    dataset = Dataset.of(agencies=agencies, services=services)
    made = cards(evaluate(read_ruleset(rules), dataset))
    shown = expanded(made.layout, made.of("A"), "en")
    assert [one.id for one in shown][:2] == ["facts", "urgent"]
    grave = [("bad", "error: Post is worst"), ("warning", "warning: Post is low")]
    assert shown[1].lines == grave
    every = part(shown, "findings").lines
    assert len(every) == 4
    assert set(grave) < set(every)
    assert part(expanded(made.layout, made.of("B"), "en"), "urgent") is None


def test_caps_say_why_and_policies_say_what_became_of_it():
    made = cards(odd())
    shown = expanded(made.layout, made.of("A"), "en")
    assert part(shown, "caps").lines == [
        ("warning", "x is capped at 30; it was 55.00: it is shut (shut)")
    ]
    persian = part(expanded(made.layout, made.of("A"), "fa"), "caps").lines[0][1]
    assert "بسته است" in persian
    assert "۵۵" in persian
    tree = part(expanded(made.layout, made.of("B"), "en"), "tree")
    state = dict(zip(column(tree, "Axis or criterion"), column(tree, "State"), strict=True))
    assert state["Value (x.p)"] == "missing: leaves x without a score"
    services = part(expanded(made.layout, made.of("A"), "en"), "services")
    assert column(services, "Code") == ["s 1", "s 2"]
    assert column(services, "Value (x.c)") == ["40.00", "0.00 *"]
    assert part(expanded(made.layout, made.of('C"<'), "en"), "services") is None


def test_the_last_period_is_told_by_total_axis_and_rank(seasons, made):
    spring, autumn = ({row["agency"]: row for row in one.agencies.to_dicts()} for one in seasons)
    axes = {
        "User-centric": "user_centric",
        "Transparent": "transparent",
        "Integrated": "integrated",
        "Participatory": "participatory",
    }
    alone = {code: row["predecessors"] or code for code, row in autumn.items()}
    met = set()
    for code, now in autumn.items():
        shown = part(expanded(made.layout, made.of(code), "en"), "change")
        then = spring.get(alone[code])
        expected = []
        for title, name in {"Total": "total", **axes}.items():
            score, before = now[name], then and then[name]
            change = None if then is None or None in (score, before) else score - before
            numbers = [format_number(one, "en", 2) for one in (before, score)]
            expected.append([title, *numbers, format_number(change, "en", 2, signed=True)])
        before, rank = then and then["rank"], now["rank"]
        places = None if None in (before, rank) else before - rank
        numbers = [format_number(one, "en") for one in (before, rank)]
        expected.append(["Rank", *numbers, format_number(places, "en", signed=True)])
        if now["continuity"] in ("new", "merged"):  # nothing to compare with
            assert (shown.rows, shown.notes, len(shown.lines)) == ([], [], 1)
        else:
            assert [[one.replace("−", "-") for one in row] for row in shown.rows] == expected, code
            assert shown.notes
        met.add(now["continuity"])
    assert met == {"same", "renamed", "merged", "new"}


def test_an_evaluation_without_the_axes_of_the_last_period_says_so():
    before = pages.small_round()
    table = pages.AGENCIES | {"openness": [20.0, 80.0, 60.0, 50.0]}
    new = pages.evaluated(
        pages.RULESET, table, pages.SERVICES, previous=Previous.of(before, axes=False)
    )
    made = cards(new)
    english, persian = (
        part(expanded(made.layout, made.of("A"), one), "change") for one in LANGUAGES
    )
    assert [row[0] for row in english.rows] == ["Total", "Rank"]
    assert english.notes == ["Scores of axes in the last period are not recorded."]
    assert persian.notes == ["امتیاز محورها در دورهٔ پیش ثبت نشده است."]
    assert "not recorded" in agency_page(new, "A", "en").decode()


def test_axes_of_one_period_alone_are_named_and_not_compared():
    before = pages.evaluated(pages.INDEX, {"code": ["A", "B"], "one": [9, 7], "two": [1, 5]})
    rules = pages.INDEX.replace("id: index-2024", "id: later").replace("  b: {", "  c: {")
    rules += "bridge: {from: index-2024, because: {en: one axis is another, fa: محور دیگر}}\n"
    table = {"code": ["A", "B"], "one": [8, 9], "two": [1, 5]}
    made = cards(pages.evaluated(rules, table, previous=before))
    shown = part(expanded(made.layout, made.of("A"), "en"), "change")
    assert shown.rows == [
        ["Total", "5.00", "4.50", "−0.50"],
        ["a", "9.00", "8.00", "−1.00"],
        ["c", "–", "1.00", "–"],
        ["Rank", "2", "2", "0"],
    ]
    assert shown.notes[:2] == ["Not in the last period: c", "No longer there: b"]
    assert "one axis is another" in shown.notes[2]


def test_the_cards_of_a_country_are_small(made):
    data = (as_json(made.layout) + card_scripts(made)).encode()
    assert len(data) < 600_000
    assert len(gzip.compress(data)) < 200_000


# --- the compact form ---------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 2, len(ALPHABET), len(ALPHABET) + 1, len(ALPHABET) ** 2 + 1])
def test_words_come_back_however_many_there_are(count):
    words = [f"word {number}" for number in range(count)]
    few = ["yes", "no", "perhaps"]
    lexicon = [[word] for word in [*words, *few, "Code", "Word", "Answer"]]
    head = count + len(few)
    rows = max(count, 7)
    columns = [
        texts(head, [[f"k{number}"] for number in range(rows)]),
        worded(head + 1, [number % count for number in range(rows)]),
        worded(head + 2, [count + number % 3 for number in range(rows)]),
        worded(head + 2, [count + number % 2 for number in range(rows)]),
    ]
    made = Part("p", 0, columns, {"A": (0, 4), "B": (4, rows)})
    layout = {"words": lexicon, "parts": [made.layout()], "scale": [0, 100]}
    found = [row for code in "AB" for row in expanded(layout, [made.of(code)], "en")[0].rows]
    assert found == [[f"k{n}", f"word {n % count}", few[n % 3], few[n % 2]] for n in range(rows)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_come_back_in_every_language(language):
    names = [["Fee of A", "بهای آ"], ["Fee", "بها"], ["Only one", "Only one"], ["B", "B"]]
    made = Part("p", 0, [texts(0, names)], {"A": (0, 2), "B": (2, 4)})
    layout = {"words": [["Service"]], "parts": [made.layout()], "scale": [0, 100]}
    found = [row for code in "AB" for row in expanded(layout, [made.of(code)], language)[0].rows]
    assert found == [[name[LANGUAGES.index(language)]] for name in names]
    assert made.of("A")[0] == [["Fee\n of A\n", "بها\nی آ\n"]]
    assert made.of("B")[0] == [["\nOnly one\nB"]]  # alike in both languages


@pytest.mark.parametrize("language", LANGUAGES)
def test_lines_come_back_and_what_several_say_stands_once(language):
    lines = {
        "A": [
            ("warning", ["warning: 1: Fee: no price", "هشدار: ۱: بها: بی بها"]),
            ("plain", ["as: many", "یکی"]),  # colons in one language only
        ],
        "B": [("error", ["error: 2: Fee: no price", "خطا: 2: بها: بی بها"])],
    }
    lexicon = Lexicon()
    title = lexicon.words(["Findings", "یافته‌ها"])
    made = Part("p", title, (), {}, lines=lexicon.parted(lines))
    layout = {"words": lexicon.entries, "parts": [made.layout()], "scale": [0, 100]}
    for code, own in lines.items():
        shown = expanded(layout, [made.of(code)], language)[0].lines
        assert shown == [(tone, told[LANGUAGES.index(language)]) for tone, told in own]
    assert lexicon.entries[1:] == [["Fee", "بها"], ["no price", "بی بها"]]
    assert made.of("B")[1] == [["error", ["error", "خطا"], ["2"], 1, 2]]


def test_an_agency_without_rows_has_no_part():
    made = Part("p", 0, [constant(0, [0]), worded(0, [0])], {"A": (0, 1)})
    layout = {"words": [["w"]], "parts": [made.layout()], "scale": [0, 100]}
    assert expanded(layout, [made.of("B")], "en") == []


# --- a page of its own --------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_agency_s_page_needs_no_script_and_tells_every_service(autumn, language):
    page = agency_page(autumn, "0001", language).decode()
    assert f'<html lang="{language}"' in page
    assert "<script" not in page
    assert "style=" not in page
    for code in autumn.services.filter(pl.col("agency") == "0001")["service"]:
        assert code in page
    total = autumn.agencies.row(by_predicate=pl.col("agency") == "0001", named=True)["total"]
    assert format_number(total, language, 2) in page


def test_an_agency_is_found_by_any_spelling_of_its_name(autumn):
    by_name = agency_page(autumn, "وزارت آموزش و  پرورش", "fa")
    assert by_name == agency_page(autumn, "0001", "fa")
    with pytest.raises(EvaluationError, match="there is no agency 'Nowhere'"):
        agency_page(autumn, "Nowhere", "en")


def test_names_that_mean_harm_are_shown_as_text():
    evaluation = odd()
    page = agency_page(evaluation, "A", "en").decode()
    assert "<img" not in page
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "\u202e" not in agency_page(evaluation, "B", "en").decode()
    scripts = card_scripts(cards(evaluation))
    assert scripts.count("<") == 2 * evaluation.agencies.height
    assert 'data-card="C&#34;&lt;"' in scripts


def test_bodies_of_a_split_are_told_that_nothing_can_be_compared():
    before = pages.evaluated(pages.INDEX, {"code": ["A", "B"], "one": [9, 7], "two": [1, 5]})
    table = {
        "code": ["B", "C", "D"],
        "one": [7, 8, 9],
        "two": [5, 1, 2],
        "predecessors": ["", "A", "A"],
    }
    made = cards(pages.evaluated(pages.INDEX, table, previous=before))
    for code in "CD":
        shown = part(expanded(made.layout, made.of(code), "en"), "change")
        ((_, told),) = shown.lines
        assert told.startswith("Split from another body")
        assert (shown.rows, shown.notes) == ([], [])
    assert part(expanded(made.layout, made.of("B"), "en"), "change").rows
