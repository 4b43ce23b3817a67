"""The report on paper: A4, without controls, nothing hidden that was there."""

import re

import pytest

CONTROLS = "button, input, select, nav, a.skip"


def pages(page):
    """Print to PDF, and count its pages."""
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))


def visible_controls(page):
    return page.locator(CONTROLS).evaluate_all(
        """all => all.filter((one) => one.checkVisibility()
            && getComputedStyle(one).display !== "contents").map((one) => one.outerHTML)"""
    )


@pytest.mark.parametrize("name", ["national", "national_fa", "agency", "agency_fa"])
def test_paper_has_no_controls(show, name):
    page = show(name)
    page.emulate_media(media="print")
    assert visible_controls(page) == []


def test_the_report_prints(show):
    assert 8 <= pages(show("national_fa")) <= 40


@pytest.mark.parametrize("language", ["en", "fa"])
def test_a_scorecard_prints_alone(show, language):
    page = show("national", f"#agency=0005&lang={language}")
    page.emulate_media(media="print")
    assert page.locator("#agency").is_visible()
    for other in ("#summary", "#ranking", "#bands"):
        assert not page.locator(other).is_visible()
    assert visible_controls(page) == []
    alone = pages(page)
    assert 1 < alone < pages(show("national"))


@pytest.mark.parametrize("opened", [("agency", ""), ("national", "#agency=0005")])
def test_names_of_services_are_on_paper(show, opened):
    page = show(*opened)
    page.emulate_media(media="print")
    names = page.locator("[data-part=services] tbody :is(th > bdi, summary)")
    assert names.count() > 10
    assert all(names.evaluate_all("all => all.map((one) => one.checkVisibility())"))


def test_paper_is_white_whatever_the_screen(show):
    page = show("national", color_scheme="dark")
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    body = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(f"[{ground}, {body}]")
    page.emulate_media(media="print")
    assert page.evaluate(f"[{ground}, {body}]") != dark
    assert set(page.evaluate(f"[{ground}, {body}]")) <= {"rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"}
