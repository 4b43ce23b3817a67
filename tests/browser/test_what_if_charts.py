"""Charts under the reader's own weights: what the script draws is what Python draws of them."""

import pytest

import egovrules as eg
from egovrules.html.leaders import leaders_section
from egovrules.html.words import Words

PLACES = ("x", "y", "width", "height")
FIGURE = "figure[data-chart=top]"
DRAWN = f"document.querySelector('{FIGURE}').outerHTML"
SAMPLE = ["user_centric", "transparent", "integrated", "participatory"]
PILLARS = "abcdefg"  # seven: one more than there are tones


def index(way):
    """An index of one axis, of seven criteria and fourteen bodies with names of all lengths."""
    criteria = "\n".join(
        f"      {one}: {{title: Pillar {one}, use: core.value, with: {{column: {one}}}}}"
        for one in PILLARS
    )
    return f"""
schema: egovrules/1
id: pillars
title: Pillars
rank: {{decimals: 1, tied: "="}}
axes:
  whole:
    aggregate: {way}
    criteria:
{criteria}
"""


BODIES = {
    "code": [f"B{number:02}" for number in range(14)],
    "name_en": [f"Body {number} {'of many words ' * (number % 5)}" for number in range(14)],
    "name_fa": [f"دستگاه {number} {'با نامی بلند ' * (number % 4)}" for number in range(14)],
    **{
        one: [None if (n * place) % 11 == 7 else float((n * 37 * place) % 101) for n in range(14)]
        for place, one in enumerate(PILLARS, 2)
    },
}


@pytest.fixture(scope="module")
def pillars(small, reports):
    """Return a function that writes the report of an index, and one that weighs it anew."""

    def written(way):
        path = reports / f"pillars_{way}.html"
        if not path.exists():
            small.evaluated(index(way), BODIES).report(path)
        return path.stem

    def weighed(way, weights):
        settings = [
            f"axes.whole.criteria.{one}.weight={weight}"
            for one, weight in zip(PILLARS, weights, strict=True)
        ]
        return small.evaluated(index(way), BODIES, settings=settings)

    return written, weighed


def of_python(evaluation, language):
    """Return the chart of an evaluation, as the report has it."""
    section = leaders_section(evaluation, Words.of(evaluation, language))
    return next(panel.chart for panel in section.panels if panel.id == "top")


def marks(small, text):
    """Read the marks of every drawing: what they are, where they are, and what they say."""
    found = []
    for svg in small.parsed(text).all("svg"):
        for one in svg.walk():
            if one.tag not in ("g", "svg"):
                places = [float(one.get(key)) for key in PLACES if one.get(key) is not None]
                looks = [one.get(key) for key in ("class", "text-anchor")]
                said = "".join(part for part in one.texts if isinstance(part, str))
                found.append((svg["class"], one.tag, looks, said, places))
    return found


def assert_same(small, page, evaluation, language):
    """Compare chart, text alternative and table in the page with those that Python makes."""
    expected = of_python(evaluation, language)
    shown, wanted = marks(small, page.evaluate(DRAWN)), marks(small, f"<p>{expected.svg}</p>")
    assert [one[:4] for one in shown] == [one[:4] for one in wanted]
    for one, other in zip(shown, wanted, strict=True):
        assert one[4] == pytest.approx(other[4], abs=0.011), one
    rows = page.locator(f"{FIGURE} tbody tr")
    cells = rows.evaluate_all("all => all.map((row) => [...row.cells].map((c) => c.textContent))")
    tags = small.parsed("".join(f"<p>{cell}</p>" for row in expected.table.rows for cell in row))
    assert [cell for row in cells for cell in row] == [one.text for one in tags.children]


@pytest.mark.parametrize("language", ["en", "fa"])
@pytest.mark.parametrize("weights", [[90, 5, 5, 40], [0, 70.5, 12.25, 33]])
def test_the_top_ten_follow_the_weights(show, sample, small, language, weights):
    settings = [f"axes.{axis}.weight={w}" for axis, w in zip(SAMPLE, weights, strict=True)]
    made = eg.evaluate(eg.load_ruleset(sample.rules, settings=settings), sample.dataset)
    digest = sample.evaluation.digests["ruleset"][:8]
    page = show("national", f"#r={digest}&w={','.join(map(str, weights))}&lang={language}")
    assert_same(small, page, made, language)


@pytest.mark.parametrize("language", ["en", "fa"])
@pytest.mark.parametrize("way", ["arithmetic", "geometric"])
def test_stripes_ties_cut_names_and_scores_side_by_side_do_too(show, small, pillars, way, language):
    written, weighed = pillars
    page = show(written(way))
    if language == "fa":
        page.locator("[data-language]").click()
    kind = {"arithmetic": ".stripe", "geometric": ".bar"}[way]
    assert page.locator(f"{FIGURE} [data-frame] {kind}").count() > 15
    for weights in ([14.29, 80, 14.29, 14.29, 14.29, 3, 60], [14.29, 0, 14.29, 0, 14.29, 0, 1]):
        for slider, weight in zip(page.locator("[data-weight]").all(), weights, strict=True):
            slider.evaluate(
                """(one, value) => { one.step = "any"; one.value = value;
                one.dispatchEvent(new Event("input", {bubbles: true})); }""",
                weight,
            )
        assert_same(small, page, weighed(way, weights), language)


def test_an_index_of_one_axis_is_ranked_anew_as_the_engine_does(show, pillars):
    written, weighed = pillars
    page = show(written("arithmetic"))
    check = page.locator("[data-check]")
    check.get_by_text("So does their digest").wait_for()
    assert check.get_attribute("data-state") == "match"
    page.locator("[data-weight]").nth(2).fill("100")
    share = 100 / 7
    weights = [round(share, 2)] * 7
    weights[2] = 100
    table = weighed("arithmetic", weights).agencies
    rows = page.locator("[data-ranking] tbody tr")
    codes = rows.evaluate_all("all => all.map((row) => row.dataset.agency)")
    assert codes == table["agency"].to_list()
    totals = page.locator("[data-ranking] tbody [data-cell=total]").all_text_contents()
    assert totals == [f"{total:.1f}" for total in table["total"]]


def test_the_official_chart_comes_back_to_the_letter(show):
    page = show("national")
    before = page.evaluate(DRAWN)
    page.locator("[data-weight]").first.fill("90")
    assert page.evaluate(DRAWN) != before
    page.locator("[data-weight]").nth(1).fill("3")
    page.locator("[data-language]").click()
    persian = page.evaluate(DRAWN)
    page.locator("[data-official]:visible").first.click()
    assert page.evaluate(DRAWN) != persian
    page.locator("[data-language]").click()
    assert page.evaluate(DRAWN) == before


def test_links_in_the_table_behind_a_drawn_chart_lead_to_scorecards(show):
    page = show("national")
    page.locator("[data-weight]").first.fill("90")
    page.locator(f"{FIGURE} summary").click()
    link = page.locator(f"{FIGURE} tbody a").nth(1)
    name = link.text_content()
    link.click()
    assert page.locator("#agency h2").text_content() == name


@pytest.mark.parametrize("name", ["national", "national_fa"])
def test_every_chart_says_whether_it_follows_the_weights(show, name):
    page = show(name)
    figures = page.locator("figure[data-chart]")
    told = figures.locator(".in-what-if")
    assert told.count() == figures.count() > 4
    assert not any(one.is_visible() for one in told.all())
    page.locator("[data-weight]").first.fill("90")
    assert all(one.is_visible() for one in told.all())
    (own,) = page.locator(f"{FIGURE} .in-what-if").all_text_contents()
    others = page.locator("figure:not([data-chart=top]) .in-what-if").all_text_contents()
    assert own not in others
    assert len(set(others)) == 1
    official = {"national": "official result", "national_fa": "نتیجهٔ رسمی"}[name]
    assert official in others[0]
