"""The national page: its figures, sentences and sections against plain loops over the tables."""

import importlib.util
import re
from dataclasses import replace
from pathlib import Path
from statistics import fmean, median

import polars as pl
import pytest

from egovrules.export import press_summary
from egovrules.growth import Previous
from egovrules.html.single import agency_page

_spec = importlib.util.spec_from_file_location(
    "html_pages", Path(__file__).with_name("html_pages.py")
)
pages = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(pages)


@pytest.fixture(scope="module")
def evaluation():
    return pages.small_round(earlier=True)


@pytest.fixture(scope="module")
def body(evaluation):
    return pages.shown(pages.written(evaluation))


@pytest.fixture(scope="module")
def persian(evaluation):
    return pages.shown(pages.written(evaluation, "fa"))


def figures(body):
    """Return the headline figures: what leads where, and its value, label and note."""
    return [
        (one["href"], [part.text for part in one.children])
        for one in body.one("ul", class_="figures").all("a")
    ]


def quotes(body):
    """Return the sentences with the places that they lead to, the links' own words left out."""
    found = []
    for one in body.one("ol", class_="quotes").all("p"):
        (link,) = one.all("a", class_="source")
        found.append((one.text.removesuffix(link.text).strip(), link["href"]))
    return found


def rows(panel):
    (table,) = [one for one in panel.all("table") if not inside(one, "details")]
    return [[cell.text for cell in row.children] for row in table.one("tbody").children]


def inside(element, tag):
    while element.parent is not None:
        element = element.parent
        if element.tag == tag:
            return True
    return False


def test_the_figures_are_those_of_the_tables(evaluation, body):
    totals = evaluation.agencies["total"].drop_nulls().to_list()
    grown = evaluation.agencies["growth"].drop_nulls().to_list()
    up, down = sum(one > 0 for one in grown), sum(one < 0 for one in grown)
    unranked = evaluation.agencies["rank"].null_count()
    assert unranked == 1
    assert figures(body)[:4] == [
        ("#ranking", ["4", "agencies in scope", "1 without a rank"]),
        ("#ranking", ["5", "services in scope"]),
        (
            "#ranking",
            [
                f"{fmean(totals):.2f}",
                "average total",
                f"median {median(totals):.2f}; the scale is 0 to 100",
            ],
        ),
        (
            "#rises",
            [
                f"{fmean(grown):+.2f}".replace("-", "−"),
                "average growth since the last period",
                f"{up} rose, {down} fell",
            ],
        ),
    ]


def test_bands_are_told_with_both_denominators(body):
    how = dict(figures(body))["#band-how"]
    assert how == ["66.7%", "of assessed services are in the band “high” alone", "40.0% of all 5"]
    assert rows(body.one("article", id="band-how")) == [
        ["low", "1", "20.0%", "33.3%"],
        ["high", "2", "40.0%", "66.7%"],
        ["not assessed", "2", "40.0%", "–"],
        ["all", "5", "100.0%", ""],
    ]


def test_the_gap_is_shown_and_not_hidden(body):
    assert dict(figures(body))["#sums"] == ["2", "not accounted for: Sums", "40.0% of 5"]
    panel = body.one("article", id="sums")
    assert "alert" in panel["class"]
    assert rows(panel) == [["Sums", "5", "3", "2", "40.0%", "no"]]
    told = {place: text for text, place in quotes(body)}["#sums"]
    assert told == "Sums: the parts sum to 3, the total is 5; 2 (40.0%) are not accounted for."


def test_what_adds_up_is_no_alert():
    services = pages.SERVICES | {"online": [90.0, 90.0, 30.0, 20.0, 10.0]}
    round_ = pages.evaluated(pages.RULESET, pages.AGENCIES, services)
    body = pages.shown(pages.written(round_))
    assert "alert" not in body.one("article", id="sums")["class"]
    assert rows(body.one("article", id="sums")) == [["Sums", "5", "5", "0", "0.0%", "yes"]]
    assert "#sums" not in dict(figures(body))


def test_every_number_of_a_sentence_stands_where_it_leads(body):
    places = {one["id"]: one.text for one in body.walk() if one.get("id")}
    told = [(text, link[1:]) for text, link in quotes(body) if link != "#ranking"]
    assert len({place for _, place in told}) > 7
    for text, place in told:
        for number in re.findall(r"[-+]?\d[\d,.]*\d%?|\d%?", text):
            assert re.search(rf"(?<![\d.,]){re.escape(number)}(?![\d.])", places[place]), (
                text,
                number,
            )


def test_the_leaders_are_named_in_order(evaluation, body):
    totals = dict(evaluation.agencies.select("name_en", "total").iter_rows())
    (text,) = [text for text, place in quotes(body) if place == "#top"]
    best = sorted((name for name in totals if totals[name]), key=totals.get, reverse=True)
    tied = [name for name in best if round(totals[name], 2) == round(totals[best[0]], 2)]
    if len(tied) > 1:
        assert text == f"{'; '.join(tied)} share the first place with {totals[best[0]]:.2f} points."
    else:
        assert text.startswith(f"{best[0]} leads with {totals[best[0]]:.2f} points")


def leagues(body):
    """Return of each axis its title; rank, name and score of each line; and what is left out."""
    return [
        (
            one.one("h4").text,
            [[part.text for part in line.children] for line in one.all("li")],
            [more.text for more in one.all("p")],
        )
        for one in body.one("article", id="by-axis").one("div", class_="standings").children
    ]


def crowd():
    """Forty agencies, thirteen of them at the top of one axis, of which one is not ranked."""
    codes = [f"{number:02}" for number in range(40)]
    table = {
        "code": codes,
        "name_en": [f"Agency {code}" for code in codes],
        "one": [100.0 if n % 3 == 0 and n != 39 else 2.0 * n for n in range(40)],
        "two": [float(97 * n % 41) for n in range(40)],
        "kind": ["company"] * 39 + ["ministry"],
    }
    rules = pages.INDEX + "rank: {among: kind == 'company', tied: '='}\n"
    return pages.evaluated(rules, table), table


def test_each_axis_has_its_own_ten_as_a_naive_count_ranks_them():
    round_, table = crowd()
    totals = dict(round_.agencies.select("agency", "total").iter_rows())
    expected = []
    for axis, column in (("a", "one"), ("b", "two")):
        own = {code: table[column][int(code)] for code in table["code"] if code != "39"}
        ranks = {code: 1 + sum(one > own[code] for one in own.values()) for code in own}
        order = sorted(own, key=lambda code: (ranks[code], -totals[code], code))
        marks = {code: "=" * (list(ranks.values()).count(ranks[code]) > 1) for code in own}
        lines = [
            [f"{marks[code]}{ranks[code]}", f"Agency {code}", f"{own[code]:.2f}"]
            for code in order[:10]
        ]
        rest = sum(ranks[code] == ranks[order[9]] for code in order[10:])
        expected.append((axis, lines, [f"and {rest} more at rank ={ranks[order[9]]}"] * bool(rest)))
    assert expected[0][2] == ["and 3 more at rank =1"]
    body = pages.shown(pages.written(round_))
    assert leagues(body) == expected
    links = body.one("article", id="by-axis").all("a", data_agency_link=True)
    assert [one["data-agency-link"] for one in links] == [
        line[1].removeprefix("Agency ") for _, lines, _ in expected for line in lines
    ]
    (said,) = [text for text, place in quotes(body) if place == "#by-axis"]
    _, name, score = expected[1][1][0]
    shared = "Several agencies share the first place on a (100.00)"
    assert said == f"{shared}; {name} is first on b ({score})."


def test_where_nobody_is_ranked_no_table_of_the_first_stands_empty():
    nothing = {"code": ["A", "B"], "one": [None, None], "two": [None, None]}
    nobody = pages.evaluated(pages.INDEX + "missing: {policy: skip}\n", nothing)
    assert nobody.agencies["rank"].null_count() == 2
    panels = [one["id"] for one in pages.shown(pages.written(nobody)).all("article", id=True)]
    assert "axes" in panels
    assert "top" not in panels


def test_the_ten_of_each_axis_are_those_of_both_languages(body, persian):
    to_latin = str.maketrans("۰۱۲۳۴۵۶۷۸۹٫", "0123456789.")
    assert [title for title, _, _ in leagues(persian)] == ["دیجیتال", "باز"]
    assert leagues(body) == [
        (
            "Digital",
            [["=1", "Post", "90.00"], ["=1", "Roads", "90.00"], ["3", "Water", "30.00"]],
            [],
        ),
        ("Open", [["=1", "Post", "60.00"], ["=1", "Roads", "60.00"], ["3", "Water", "20.00"]], []),
    ]
    names = {"پست": "Post", "راه": "Roads", "آب": "Water"}
    for (_, lines, _), (_, told, _) in zip(leagues(body), leagues(persian), strict=True):
        assert lines == [
            [r.translate(to_latin), names[n], s.translate(to_latin)] for r, n, s in told
        ]


def test_an_evaluation_without_ranks_on_the_axes_says_so(evaluation):
    old = replace(evaluation, criteria=evaluation.criteria.drop("rank", "rank_label"))
    body = pages.shown(pages.written(old))
    panel = body.one("article", id="by-axis")
    assert panel.text == "Top ten by axis Ranks on the axes are not recorded."
    assert "#by-axis" not in [place for _, place in quotes(body)]


def test_the_axes_have_their_weight_and_average(evaluation, body):
    means = [fmean(evaluation.agencies[axis].drop_nulls()) for axis in ("digital", "open")]
    assert rows(body.one("article", id="axes")) == [
        ["Digital", "75.0%", f"{means[0]:.2f}"],
        ["Open", "25.0%", f"{means[1]:.2f}"],
    ]


def test_growth_by_axis_is_averaged_over_who_has_one_there(body):
    panel = body.one("article", id="growth-by-axis")
    # Nothing changed in services; openness was 20, 80, 60, 50, and is 60, 60, 20, missing.
    assert rows(panel) == [["Digital", "0.00", "0", "0"], ["Open", "−6.67", "1", "2"]]


def test_growth_by_axis_is_left_out_where_axes_are_not_recorded():
    before = Previous.of(pages.small_round(), axes=False)
    made = pages.evaluated(pages.RULESET, pages.AGENCIES, pages.SERVICES, previous=before)
    body = pages.shown(pages.written(made))
    assert not body.all("article", id="growth-by-axis")
    assert body.one("article", id="rises")


def test_growth_and_moves_are_those_of_the_tables(evaluation, body):
    table = evaluation.agencies.filter(pl.col("growth") > 0).sort("growth", descending=True)
    expected = [
        [
            row["name_en"],
            f"{row['previous_total']:.2f}",
            f"{row['total']:.2f}",
            f"{row['growth']:+.2f}",
        ]
        for row in table.iter_rows(named=True)
    ]
    assert expected
    assert rows(body.one("article", id="rises")) == expected
    moved = {
        row["name_en"]: row["rank_growth"]
        for row in evaluation.agencies.iter_rows(named=True)
        if row["rank_growth"]
    }
    assert moved
    shown = {name: places for name, _, _, places in rows(body.one("article", id="movement"))}
    assert shown == {
        name: f"{'▲' if places > 0 else '▼'} {abs(places):.0f}" for name, places in moved.items()
    }


def test_lists_that_say_no_more_than_the_top_ten_are_left_out(body):
    ids = {one["id"] for one in body.one("section", id="lists").all("article")}
    assert ids == {"list-last", "list-ready"}
    assert rows(body.one("article", id="list-ready")) == [
        ["Post", "1", "100.0%"],
        ["Roads", "1", "100.0%"],
    ]


def test_findings_are_told_with_their_message(evaluation, body):
    found = evaluation.findings.filter(pl.col("finding") == "weak")
    assert found.height
    panel = body.one("article", id="finding-weak")
    assert "alert" in panel["class"]
    assert [row[-1] for row in rows(panel)] == found["message_en"].to_list()
    assert dict(figures(body))["#finding-weak"] == [str(found.height), "Weak bodies"]


def test_both_languages_say_the_same_numbers(body, persian):
    to_latin = str.maketrans("۰۱۲۳۴۵۶۷۸۹٫٬٪−", "0123456789.,%−", "\u200e")
    said = [[text.translate(to_latin) for text in parts[:1]] for _, parts in figures(persian)]
    assert said == [parts[:1] for _, parts in figures(body)]
    assert [place for _, place in quotes(persian)] == [place for _, place in quotes(body)]
    for here, there in zip(quotes(body), quotes(persian), strict=True):
        numbers = [
            sorted(re.findall(r"[−+]?\d[\d,.]*\d|\d", text.translate(to_latin)))
            for text, _ in (here, there)
        ]
        assert numbers[0] == numbers[1], (here, there)


def test_every_chart_has_a_title_a_text_and_a_table(body):
    charts = body.all("figure", data_chart=True)
    names = {one["data-chart"] for one in charts}
    assert {"band-how", "band-standing", "top", "growth", "movement"} <= names
    for one in charts:
        for svg in one.all("svg", role="img"):
            assert svg.one("desc").text
            assert any(part.tag == "title" and part.text for part in svg.children)
        panel = one
        while panel.tag != "article":
            panel = panel.parent
        assert panel.all("table")


def test_lists_of_many_are_cut_and_say_so():
    many = 200
    agencies = {
        "code": [f"{number:03}" for number in range(many)],
        "name_en": [f"Agency {number}" for number in range(many)],
        "kind": ["company"] * many,
        "openness": [number / 4 for number in range(many)],
    }
    services = {
        "code": [f"s{number}" for number in range(many)],
        "agency": agencies["code"],
        "online": [float(number % 100) for number in range(many)],
    }
    round_ = pages.evaluated(pages.RULESET, agencies, services)
    body = pages.shown(pages.written(round_))
    weak, ready = (body.one("article", id=name) for name in ("finding-weak", "list-ready"))
    fired = round_.findings.height
    assert fired > 60
    assert len(rows(weak)) == 40
    assert f"and {fired - 40} more" in weak.text
    assert len(rows(ready)) == 10
    assert "and 28 more" in ready.text  # 38 services above 80, one for each agency


def test_a_merged_or_renamed_body_is_not_called_new():
    before = pages.evaluated(pages.INDEX, {"code": ["A", "B", "C"], "one": [9, 7, 5], "two": 1.0})
    now = {
        "code": ["M", "N", "R"],
        "name_en": ["Merged", "Newcomer", "Renamed"],
        "predecessors": ["A;B", None, "C"],
        "one": [9, 8, 7],
        "two": 1.0,
    }
    round_ = pages.evaluated(pages.INDEX, now, previous=before)
    root = pages.shown(pages.written(round_))
    figure = root.one("figure", data_chart="movement")
    cells = [[cell.text for cell in row.all("td")] for row in figure.one("tbody").all("tr")]
    shown = {row[0]: row[-1] for row in cells}
    assert shown["Merged"] == "Not ranked before (merged)"
    assert shown["Newcomer"] == "Not ranked before (new)"
    assert "Renamed" not in shown or "Not ranked" not in shown["Renamed"]


def test_the_top_ten_says_that_parts_are_rounded_where_they_add_up(body):
    assert "last digit" in body.one("article", id="top").text


BRIDGED = pages.RULESET.replace("id: small", "id: small-2").replace("weight: 3", "weight: 2") + (
    "bridge: {from: small, because: {en: One weight changed, fa: یک وزن تغییر کرد}}\n"
)
METHODS = {"en": "The methods of the two periods differ", "fa": "روش ارزیابی در دو دوره یکسان نیست"}


@pytest.mark.parametrize("language", ["en", "fa"])
def test_growth_against_another_method_says_so_wherever_it_is_told(language):
    before = pages.small_round()
    made = pages.evaluated(BRIDGED, pages.AGENCIES, pages.SERVICES, previous=before)
    body, told = pages.shown(pages.written(made, language)), METHODS[language]
    because = {"en": "One weight changed", "fa": "یک وزن تغییر کرد"}[language]
    assert told in body.one("article", id="rises").text
    assert because in body.one("article", id="rises").text
    assert told in body.one("article", id="growth-by-axis").text
    assert told in dict(figures(body))["#rises"][2]
    said = [text for text, place in quotes(body) if place in ("#rises", "#movement")]
    assert said
    assert all(told in text for text in said)
    alone = agency_page(made, "A", language).decode()
    assert told in alone
    assert because in alone
    press = press_summary(made, language)
    assert told in press
    assert because in press


def test_growth_by_one_method_bears_no_note(evaluation, body):
    assert METHODS["en"] not in body.text
    assert METHODS["en"] not in press_summary(evaluation)


def test_growth_of_a_what_if_is_no_growth_of_the_ruleset():
    made = pages.evaluated(
        BRIDGED,
        pages.AGENCIES,
        pages.SERVICES,
        previous=pages.small_round(),
        settings=("axes.open.weight=9",),
    )
    body = pages.shown(pages.written(made))
    assert "growth is that of a what-if" in body.one("article", id="rises").text
    assert "growth is that of a what-if" in press_summary(made)


def test_growth_counts_who_cannot_be_compared():
    before = pages.evaluated(
        pages.INDEX, {"code": ["A", "B"], "one": [5.0, 6.0], "two": [7.0, 8.0]}
    )
    now = {"code": ["A", "B", "C", "D"], "one": [4.0] * 4, "two": [3.0] * 4}
    body = pages.shown(pages.written(pages.evaluated(pages.INDEX, now, previous=before)))
    said = [text for text, place in quotes(body) if place == "#rises"]
    assert "2 cannot be compared" in said[0]
    assert "\u2212" in said[0]
    assert "2 cannot be compared" in body.one("article", id="rises").text


def test_denominators_that_are_one_are_told_once():
    rules = pages.INDEX + (
        "bands: {level: {of: agencies, by: total, otherwise: rest,"
        " labels: [{low: '< 5'}, {high: '>= 5'}]}}\n"
    )
    table = {"code": ["A", "B", "C"], "one": [1.0, 6.0, 7.0], "two": [1.0, 8.0, 9.0]}
    body = pages.shown(pages.written(pages.evaluated(rules, table)))
    (said,) = [text for text, place in quotes(body) if place == "#band-level"]
    assert "2 agencies, 66.7% of all 3." in " ".join(said.split())
    assert len(dict(figures(body))["#band-level"]) == 2


def test_the_top_ten_says_how_many_more_share_its_last_rank():
    points = [90.0, 80.0, 70.0, 60.0, 50.0, 45.0, 40.0, 35.0, 30.0, 20.0, 20.0, 20.0, 20.0, 1.0]
    table = {"code": [f"{n:02}" for n in range(14)], "one": points, "two": points}
    body = pages.shown(pages.written(pages.evaluated(pages.INDEX, table)))
    assert "and 3 more at rank 10" in body.one("article", id="top").text
    few = pages.evaluated(pages.INDEX, {name: column[:11] for name, column in table.items()})
    assert "more at rank 10" in pages.shown(pages.written(few)).one("article", id="top").text
    none = pages.evaluated(pages.INDEX, {name: column[:10] for name, column in table.items()})
    assert "more at rank" not in pages.shown(pages.written(none)).one("article", id="top").text
