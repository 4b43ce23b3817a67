"""Links into the report, the way back, and the two languages."""


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
    page.locator("th[data-sort=integrated] button").click()
    page.locator("[data-search]").fill("ministry")
    page.locator("[data-weight]").first.fill("80")
    order = codes(page)
    page.locator("[data-language]").click()
    root = page.locator("html")
    assert (root.get_attribute("lang"), root.get_attribute("dir")) == ("fa", "rtl")
    assert codes(page) == order
    assert page.locator("th[data-sort=integrated]").get_attribute("aria-sort") == "descending"
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
