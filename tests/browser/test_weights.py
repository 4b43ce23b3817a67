"""The reader's own weights: the ranking that follows, its mark, and the engine's arithmetic."""

import random

import pytest

import egovrules as eg

AXES = ["user_centric", "integrated", "transparent", "participatory"]
PERSIAN = str.maketrans("0123456789.", "۰۱۲۳۴۵۶۷۸۹٫")
MARK = "What-if, not the official ranking"


@pytest.fixture(scope="module")
def weightings():
    draw = random.Random(1400)  # noqa: S311 - the same draws each time
    return [[round(draw.uniform(0, 100), 2) for _ in range(4)] for _ in range(4)] + [[0, 7, 0, 93]]


def engine(sample, axes, weights):
    """Evaluate under weights, by the settings that a person would type."""
    settings = [f"axes.{axis}.weight={weight}" for axis, weight in zip(axes, weights, strict=True)]
    ruleset = eg.load_ruleset(sample.rules, settings=settings)
    return eg.evaluate(ruleset, sample.dataset).agencies


def test_totals_and_ranks_equal_the_engines(show, sample, weightings):
    page = show("national")
    script = page.locator("script[type=module]").text_content()
    under = f"(all) => {{ {script}\n return all.map((one) => standingUnder(payload, one)); }}"
    data = page.evaluate("JSON.parse(document.getElementById('eg-data').textContent)")
    axes = [axis["id"] for axis in data["axes"]]
    for weights, standing in zip(weightings, page.evaluate(under, weightings), strict=True):
        table = engine(sample, axes, weights)
        names = table["agency"].cast(str).to_list()
        totals = dict(zip(names, table["total"], strict=True))
        ranks = dict(zip(names, table["rank"], strict=True))
        for code, total, rank in zip(
            data["agencies"]["code"], standing["totals"], standing["ranks"], strict=True
        ):
            assert total == pytest.approx(totals[code], abs=1e-9, rel=0)
            assert rank == ranks[code]
        shown = f"#what-if&r={data['ruleset']['digest'][:8]}&w={','.join(map(str, weights))}"
        page.evaluate("(fragment) => { location.hash = fragment }", shown)
        page.locator("[data-whatif]").wait_for()
        first = page.locator("[data-ranking] tbody tr").first
        best = table.filter(table["rank"] == 1).row(0, named=True)
        assert first.locator("[data-cell=total]").text_content() == f"{best['total']:.2f}"


def test_a_slider_makes_a_what_if_that_is_marked_and_one_click_ends_it(show):
    page = show("national")
    banner, title = page.locator("[data-whatif]"), page.title()
    rows = page.locator("[data-ranking] tbody tr")
    before = rows.all_text_contents()
    assert not banner.is_visible()
    page.locator("[data-weight]").nth(1).fill("100")
    assert MARK in banner.text_content()
    assert banner.is_visible()
    assert page.locator("[data-moved]").text_content().strip()
    assert page.title() != title
    after = rows.all_text_contents()
    assert before != after
    assert page.locator("tr[data-move=up] [data-cell=change]").first.text_content().startswith("▲")
    page.wait_for_url("**#what-if&**")
    page.emulate_media(media="print")
    assert banner.is_visible()
    page.emulate_media(media="screen")
    page.locator("[data-official]:visible").first.click()
    assert not banner.is_visible()
    assert rows.all_text_contents() == before
    assert page.title() == title
    page.wait_for_url(lambda url: "#" not in url)


def test_a_link_brings_the_what_if_along_and_one_of_another_ruleset_does_not(show):
    page = show("national")
    page.locator("[data-weight]").first.fill("80")
    page.wait_for_url("**#what-if&**")
    fragment = page.evaluate("location.hash")
    order = page.locator("[data-ranking] tbody tr").all_text_contents()
    again = show("national", fragment)
    assert again.locator("[data-whatif]").is_visible()
    assert again.locator("[data-ranking] tbody tr").all_text_contents() == order
    strange = show("national", fragment.replace("r=", "r=0"))
    assert not strange.locator("[data-whatif]").is_visible()


BELOW = """(selector) => document.querySelector(selector).getBoundingClientRect().top
    - document.querySelector("[data-whatif]").getBoundingClientRect().bottom"""


@pytest.mark.parametrize(("width", "name"), [(1200, "national"), (360, "national_fa")])
def test_the_mark_of_a_what_if_covers_nothing_that_one_goes_to(show, width, name):
    page = show(name, width=width)
    page.locator("[data-weight]").first.fill("80")
    page.locator(".contents a[href='#ranking']").click()
    assert page.evaluate("scrollY") > 0
    assert page.evaluate(BELOW, "#ranking-title") >= 0
    page.locator("[data-ranking] tbody [data-agency-link]").first.click()
    assert page.evaluate(BELOW, "#agency-title") >= 0


def test_a_scorecard_says_under_own_weights_that_its_figures_are_official(show):
    page = show("national", "#agency=0005")
    told = page.locator("[data-official-figures]")
    assert "official weights" in told.text_content()
    assert not told.is_visible()
    page.evaluate("document.querySelector('[data-weight]').value = 80")
    page.locator("[data-weight]").first.dispatch_event("input")
    assert told.is_visible()


def test_a_scorecard_tells_total_and_rank_under_own_weights_beside_the_official_ones(show, sample):
    weights = [90, 5, 5, 40]
    digest = sample.evaluation.digests["ruleset"][:8]
    fragment = f"#r={digest}&w={','.join(map(str, weights))}&agency=0001"
    page = show("national", fragment)
    told = page.locator("[data-own]")
    data = page.evaluate("JSON.parse(document.getElementById('eg-data').textContent)")
    table = engine(sample, [axis["id"] for axis in data["axes"]], weights)
    own = table.filter(table["agency"].cast(str) == "0001").row(0, named=True)
    official = data["agencies"]["rank"][data["agencies"]["code"].index("0001")]
    assert official != own["rank"]
    moved = official - own["rank"]
    rank = f"{own['rank']} ({'▲' if moved > 0 else '▼'} {abs(moved)})"
    assert told.text_content() == f"Under your weights: total {own['total']:.2f}, rank {rank}."
    facts = page.locator("[data-part=facts]").text_content()
    assert f"{official} of 168" in facts
    page.locator("[data-language]").click()
    assert f"{own['total']:.2f}".translate(PERSIAN) in told.text_content()
    page.locator("[data-whatif] [data-official]").click()
    assert not told.is_visible()


def test_shares_are_printed_and_spoken(show):
    page = show("national_fa")
    slider = page.locator("[data-weight]").first
    slider.fill("100")
    shares = page.locator("[data-weight-of]").all_text_contents()
    assert slider.get_attribute("aria-valuetext") == shares[0]
    digits = str.maketrans("۰۱۲۳۴۵۶۷۸۹٫", "0123456789.")
    whole = sum(float(one.rstrip("٪").translate(digits)) for one in shares)
    assert whole == pytest.approx(100, abs=0.21)
