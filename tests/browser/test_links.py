"""Links into the report, the way back, and the two languages."""

import re

import pytest


def test_a_link_opens_an_agency_and_back_closes_it(show):
    page = show("national")
    third = page.locator("[data-ranking] [data-agency-link]").nth(2)
    name, code = third.text_content(), third.get_attribute("data-agency-link")
    third.click()
    card = page.locator("#agency")
    assert card.locator("h2").text_content() == name
    assert f"agency={code}" in page.url
    page.go_back()
    card.wait_for(state="hidden")
    page.go_forward()
    card.wait_for()
    again = show("national", page.url[page.url.index("#") :])
    assert again.locator("#agency h2").text_content() == name


def test_a_scorecard_holds_total_axes_services_and_advice(show, sample):
    page = show("national", "#agency=0005")
    card = page.locator("#agency")
    assert "Health" in card.locator("h2").text_content()
    parts = card.locator("[data-part]").evaluate_all("all => all.map((one) => one.dataset.part)")
    assert {"facts", "tree", "peers", "services"} <= set(parts)
    (total,) = sample.evaluation.agencies.filter(
        sample.evaluation.agencies["agency"].cast(str) == "0005"
    )["total"]
    assert f"{total:.2f}" in card.locator("[data-part=facts]").text_content()
    rows = card.locator("[data-part=services] tbody tr")
    services = sample.evaluation.services
    assert rows.count() == services.filter(services["agency"].cast(str) == "0005").height
    details = rows.locator("details").first
    details.locator("summary").click()
    details.locator("dd").first.wait_for()


def test_a_link_to_what_is_not_there_opens_the_page(show):
    page = show("national", "#agency=nobody&sort=<script>&w=1,2&lang=xx&kind=?")
    assert not page.locator("#agency").is_visible()
    assert page.locator("[data-ranking] tbody tr:visible").count() > 0


REFUSED = {
    (
        "en",
        "#r=0123abcd&w=1,2,3,4",
    ): "another ruleset, or for another version of this one (0123abcd)",
    ("fa", "#r=0123abcd&w=1,2,3,4&lang=fa"): "0123abcd",
    ("en", "#r={digest}&w=1,2,3"): "do not fit this page",
    ("fa", "#w=<b>&lang=fa"): "جور نیست",
}


@pytest.mark.parametrize("opened", REFUSED)
def test_a_link_whose_weights_are_not_taken_says_so(show, sample, opened):
    language, fragment = opened
    digest = sample.evaluation.digests["ruleset"][:8]
    page = show("national", fragment.format(digest=digest))
    told = page.locator("[data-refused]")
    assert told.is_visible()
    assert REFUSED[opened] in re.sub("[\u2068\u2069]", "", told.text_content())
    assert page.locator("html").get_attribute("lang") == language
    assert not page.locator("[data-whatif]").is_visible()
    page.locator("[data-language]").click()
    assert told.is_visible()  # it is told in both languages
    page.locator("[data-search]").fill("a")
    assert not told.is_visible()


def test_a_link_of_another_ruleset_without_weights_is_followed_in_silence(show):
    page = show("national", "#r=0123abcd&agency=0005")
    assert page.locator("#agency h2").is_visible()
    assert not page.locator("[data-refused]").is_visible()


def test_what_a_refused_link_says_covers_nothing_that_it_leads_to(show):
    page = show("national", "#r=0123abcd&w=1,2,3,4&agency=0005", width=360)
    told = page.locator("[data-refused]")
    assert told.is_visible()
    box, title = told.bounding_box(), page.locator("#agency-title").bounding_box()
    assert title["y"] >= box["y"] + box["height"]


def test_links_of_the_contents_are_steps_that_back_takes_back(show):
    page = show("national")
    page.locator("[data-weight]").first.fill("80")
    page.wait_for_url("**#what-if&**")
    chosen = page.url
    page.evaluate("scrollTo(0, 0)")
    page.locator("nav a[href='#ranking']").click()
    assert at_top_of(page, "#ranking")
    # Clicked by a script, as the contents are out of sight there and would be scrolled to.
    page.locator("nav a[href='#verify']").evaluate("(link) => link.click()")
    assert page.url == chosen  # the weights stay in the link
    page.go_back()
    until(page, "document.querySelector('#ranking').getBoundingClientRect().top < 400")
    assert page.evaluate("scrollY") > 400
    assert page.locator("[data-whatif]").is_visible()
    page.go_back()
    until(page, "scrollY < 400")
    assert page.locator("[data-whatif]").is_visible()


def test_back_from_a_scorecard_returns_to_the_section_that_was_read(show):
    page = show("national")
    page.locator("nav a[href='#leaders']").click()
    assert page.url.endswith("#leaders")
    page.locator("#leaders [data-agency-link]:visible").first.click()
    assert page.locator("#agency").is_visible()
    page.go_back()
    page.locator("#agency").wait_for(state="hidden")
    assert page.url.endswith("#leaders")
    page.go_back()
    until(page, "scrollY < 100")


def test_what_was_typed_right_before_a_scorecard_is_there_on_the_way_back(show):
    page = show("national")
    page.evaluate(
        """() => {
            const field = document.querySelector("[data-search]");
            field.value = "customs";
            field.dispatchEvent(new Event("input", { bubbles: true }));
            document.querySelector("tr:not([hidden]) [data-agency-link]").click();
        }"""
    )
    assert "agency=" in page.url
    page.go_back()
    page.locator("#agency").wait_for(state="hidden")
    assert page.url.endswith("q=customs")
    assert page.locator("[data-search]").input_value() == "customs"


def test_sliders_search_and_filters_are_no_steps(show):
    page = show("national")
    steps = page.evaluate("history.length")
    for value in ("30", "60", "90"):
        page.locator("[data-weight]").first.fill(value)
    page.locator("[data-search]").fill("ministry")
    page.locator("[data-filter=kind]").select_option("ministry")
    page.locator("th[data-sort=growth] button").click()
    page.wait_for_url("**sort=growth**")
    assert page.evaluate("history.length") == steps
    page.locator("nav a[href='#verify']").click()
    assert page.evaluate("history.length") == steps + 1


def until(page, holds):
    """Wait for something to be true; the policy forbids Playwright's own way."""
    for _ in range(50):
        if page.evaluate(holds):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"never: {holds}")


def at_top_of(page, selector):
    top = f"document.querySelector('{selector}').getBoundingClientRect().top"
    return 0 <= page.evaluate(top) < 300


def test_a_link_keeps_what_was_chosen(show):
    page = show("national")
    page.locator("th[data-sort=growth] button").click()
    page.locator("[data-search]").fill("ministry")
    page.locator("[data-filter=kind]").select_option("ministry")
    page.wait_for_url("**kind=ministry*")
    rows = "[data-ranking] tbody tr:not([hidden])"
    again = show("national", page.evaluate("location.hash"))
    assert again.locator(rows).all_text_contents() == page.locator(rows).all_text_contents()
    assert again.locator("th[data-sort=growth]").get_attribute("aria-sort") == "descending"


def test_the_other_language_keeps_what_was_chosen(show):
    page = show("national")
    page.locator("th[data-sort='axis.integrated'] button").click()
    page.locator("[data-search]").fill("ministry")
    page.locator("[data-weight]").first.fill("80")
    order = codes(page)
    page.locator("[data-language]").click()
    root = page.locator("html")
    assert (root.get_attribute("lang"), root.get_attribute("dir")) == ("fa", "rtl")
    assert codes(page) == order
    head = page.locator("th[data-sort='axis.integrated']")
    assert head.get_attribute("aria-sort") == "descending"
    assert page.locator("[data-search]").input_value() == "ministry"
    assert page.locator("[data-weight]").first.input_value() == "80"
    assert page.locator("[data-whatif]").is_visible()
    first = page.locator("[data-ranking] tbody tr [data-cell=total]").first.text_content()
    assert set(first) <= set("۰۱۲۳۴۵۶۷۸۹٫")
    page.wait_for_url("**lang=fa*")
    page.locator("[data-language]").click()
    assert (root.get_attribute("lang"), root.get_attribute("dir")) == ("en", "ltr")
    assert codes(page) == order


def codes(page):
    """Return the codes of the agencies that show, in order."""
    rows = page.locator("[data-ranking] tbody tr:not([hidden])")
    return rows.evaluate_all("rows => rows.map((row) => row.dataset.agency)")


def test_an_open_scorecard_changes_its_language(show):
    page = show("national", "#agency=0016")
    assert page.locator("#agency h2").text_content() == "Ministry of Petroleum"
    page.locator("[data-language]").click()
    assert page.locator("#agency h2").text_content() == "وزارت نفت"
