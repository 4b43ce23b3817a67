"""The report as it opens, with and without scripts; `show` watches that it keeps to its policy."""

import html
import re

import pytest

EVERY = ["national", "national_fa", "agency", "agency_fa", "index", "hostile"]


@pytest.mark.parametrize("name", EVERY)
def test_it_opens_wide_and_narrow(show, name):
    page = show(name)
    assert page.locator("h1").is_visible()
    assert page.locator("html").get_attribute("lang") == ("fa" if name.endswith("fa") else "en")
    assert page.locator("html").get_attribute("dir") == ("rtl" if name.endswith("fa") else "ltr")
    page.set_viewport_size({"width": 320, "height": 640})
    assert _width(page) <= 320, _widest(page)


def test_on_opening_it_computes_the_totals_anew_and_says_that_they_match(show, sample):
    check = show("national").locator("[data-check]")
    check.get_by_text(sample.evaluation.digests["scores"][:8]).wait_for()
    assert "all 168 totals match" in check.text_content()
    assert check.get_attribute("data-state") == "match"


def test_without_scripts_the_ranking_is_read(show, sample):
    page = show("national", java_script_enabled=False)
    rows = page.locator("[data-ranking] tbody tr")
    assert rows.count() == sample.evaluation.agencies.height
    best = sample.evaluation.agencies.row(0, named=True)
    assert rows.first.is_visible()
    assert best["name_en"] in rows.first.text_content()
    assert rows.first.locator("[data-cell=total]").text_content() == f"{best['total']:.2f}"
    for control in ("[data-language]", "[data-print]", "[data-search]", "[data-weight]"):
        assert not page.locator(control).first.is_visible()
    assert page.locator("figure svg[role=img]:visible").count() > 0


def test_a_scorecard_within_a_narrow_page_is_not_scrolled_sideways(show):
    page = show("national", width=320, height=640)
    page.locator("[data-agency-link]").first.click()
    assert page.locator("#agency h2").is_visible()
    assert _width(page) <= 320, _widest(page)


def _width(page):
    return page.evaluate("document.documentElement.scrollWidth")


def _widest(page):
    return page.evaluate(
        """() => [...document.body.querySelectorAll("*")]
            .filter((one) => one.getBoundingClientRect().right > 321 && !one.closest(".scroll"))
            .slice(0, 5).map((one) => one.outerHTML.slice(0, 200))"""
    )


def test_it_works_in_a_frame_that_is_allowed_nothing_but_scripts(show, written, reports):
    text = written("national").read_text(encoding="utf-8")
    frame = f'<iframe sandbox="allow-scripts" width=1100 height=700 srcdoc="{html.escape(text)}">'
    outer = reports / "framed.html"
    outer.write_text(f"<!doctype html><title>Framed</title>{frame}</iframe>", encoding="utf-8")
    page = show("framed", ready="title").frame_locator("iframe")
    page.locator("html[data-ready]").wait_for(state="attached")
    page.locator("[data-sort=name] button").click()
    assert page.locator("[data-sort=name]").get_attribute("aria-sort") == "ascending"
    page.locator("[data-weight]").first.fill("90")
    assert page.locator("[data-whatif]").is_visible()
    page.locator("nav a[href='#verify']").click()
    page.locator("[data-agency-link]").first.click()
    assert page.locator("#agency h2").is_visible()
    page.locator("[data-close-card]").click()
    page.locator("[data-language]").click()
    assert page.locator("html").get_attribute("lang") == "fa"


def test_hostile_names_are_shown_as_they_are_and_do_no_harm(show, small, hostile_names):
    page = show("hostile")
    expected = [re.sub("[\u202a-\u202e\u2066-\u2069]", "", name) for name in hostile_names]
    for _ in range(2):  # once in each language
        for code in small.AGENCIES["code"]:
            link = page.locator(f"[data-agency-link={code}]").first
            shown = link.text_content()
            assert shown in expected
            link.click()
            assert shown in page.locator("#agency h2").text_content()
            page.locator("[data-close-card]").click()
        page.locator("[data-search]").fill("<")
        page.locator("[data-search]").fill("")
        page.locator("[data-language]").click()
    assert page.evaluate("window.harmed") is None
    assert page.locator("img, iframe, object, embed").count() == 0


def test_an_index_without_services_or_growth_has_no_empty_columns(show):
    page = show("index")
    keys = page.locator("[data-ranking] th[data-sort]").evaluate_all(
        "heads => heads.map((head) => head.dataset.sort)"
    )
    assert keys == ["rank", "name", "total", "axis.a", "axis.b", "coverage"]
    assert page.locator("[data-filter]").count() == 0
    page.locator("[data-agency-link]").first.click()
    assert page.locator("#agency h2").text_content() == "Peru"
