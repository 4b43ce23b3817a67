"""The ranking: sorted, searched and filtered, by mouse and by keyboard."""

import pytest

SHOWN = "[data-ranking] tbody tr:not([hidden])"


@pytest.fixture
def page(show):
    return show("national")


def listed(page):
    """Return the codes of the agencies that show, in order."""
    return page.locator(SHOWN).evaluate_all("rows => rows.map((row) => row.dataset.agency)")


def column(sample, name):
    """Return a column of the result by agency."""
    table = sample.evaluation.agencies
    return dict(zip(table["agency"].cast(str), table[name], strict=True))


def sort_by(page, key):
    page.locator(f"th[data-sort='{key}'] button").click()
    return page.locator(f"th[data-sort='{key}']").get_attribute("aria-sort")


def test_a_click_sorts_and_another_turns_it_about(page, sample):
    for key in ("axis.integrated", "growth", "total"):
        value = column(sample, key.removeprefix("axis."))
        assert sort_by(page, key) == "descending"
        down = [value[code] for code in listed(page)]
        assert sort_by(page, key) == "ascending"
        up = [value[code] for code in listed(page)]
        known = [one for one in down if one is not None]
        assert known == sorted(known, reverse=True)
        assert up[: len(known)] == sorted(known)
        assert {*down[len(known) :], *up[len(known) :]} <= {None}
        assert page.locator("th[aria-sort]").count() == 1


def test_criteria_of_an_index_are_sorted_by_what_is_behind_the_print(show, small, reports):
    rules = """
schema: egovrules/1
id: one
title: One
rank: {decimals: 0}
axes:
  whole:
    criteria:
      x: {use: core.value, with: {column: one}}
      y: {use: core.value, with: {column: two}}
"""
    columns = {
        "code": ["A", "B", "C", "D"],
        "one": [8.2, 8.4, None, 8.3],  # all print as 8
        "two": [4.0, 8.0, 1.0, 2.0],
    }
    small.evaluated(rules, columns).report(reports / "one_axis.html", replace=True)
    page = show("one_axis")
    assert page.locator("[data-ranking] th:not([data-sort])[scope=col]").count() == 0
    head = page.locator("th[data-sort='axis.whole.x']")
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    assert listed(page) == ["B", "D", "A", "C"]
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    assert listed(page) == ["A", "D", "B", "C"]
    page.wait_for_url("**sort=axis.whole.x&dir=asc")


def test_services_are_sorted_by_the_numbers_that_are_printed(page, sample):
    services = column(sample, "services")
    page.locator("[data-language]").click()
    sort_by(page, "services")
    shown = [services[code] for code in listed(page)]
    assert shown == sorted(shown, reverse=True)


def test_persian_names_are_sorted_by_the_alphabet(page):
    page.locator("[data-language]").click()
    sort_by(page, "name")
    names = page.locator("[data-ranking] tbody [data-cell=name]").all_text_contents()
    alphabet = "آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"
    first = [alphabet.index(name.strip()[0]) for name in names]
    assert first == sorted(first)
    assert len(set(first)) > 5


SEARCHES = [
    ("education", "0001"),
    ("EDUCATION ministry", "0001"),
    ("سرمایه‌گذاری", "0025"),
    ("سرمايه گذاري", "0025"),  # Arabic yeh, and a space
    ("سرمایهگذاری", "0025"),  # nothing between
    ("كشور", "0021"),  # Arabic kaf
    ("بودجه", "0019"),  # in the name with a hamza
    ("۰۰۱۶", "0016"),
    ("٠٠١٦", "0016"),
]


def test_search_finds_names_however_they_are_typed(page):
    for typed, found in SEARCHES:
        page.locator("[data-search]").fill(typed)
        assert found in listed(page), typed
        assert len(listed(page)) < 60


def test_search_and_filters_narrow_the_list_and_say_how_many_are_left(page, sample):
    kinds = column(sample, "kind")
    count = page.locator("[data-count]")
    assert count.text_content() == "168 of 168 agencies"
    page.locator("[data-filter=kind]").select_option("ministry")
    ministries = [code for code, kind in kinds.items() if kind == "ministry"]
    assert sorted(listed(page)) == sorted(ministries)
    assert count.text_content() == f"{len(ministries)} of 168 agencies"
    page.locator("[data-search]").fill("health")
    assert listed(page) == ["0005"]
    page.locator("[data-search]").fill("no such agency")
    assert listed(page) == []
    assert page.locator("[data-no-match]").is_visible()
    page.locator("[data-reset-filters]").click()
    assert len(listed(page)) == 168
    assert page.locator("[data-search]").input_value() == ""
    assert page.locator("[data-filter=kind]").input_value() == ""
    assert count.get_attribute("role") == "status"


def test_everything_is_done_by_keyboard(page):
    keys = page.keyboard
    keys.press("Tab")
    assert focused(page, "a.skip")
    assert page.locator("a.skip").bounding_box()["x"] >= 0  # not off the screen
    keys.press("Enter")
    tab_to(page, "[data-weight]")
    keys.press("ArrowRight")
    assert page.locator("[data-whatif]").is_visible()
    tab_to(page, "[data-weights] [data-official]")
    keys.press("Enter")
    assert not page.locator("[data-whatif]").is_visible()
    tab_to(page, "[data-search]")
    keys.type("health")
    assert len(listed(page)) < 10
    tab_to(page, "[data-filter=kind]")
    keys.press("ArrowDown")
    assert page.locator("[data-filter=kind]").input_value() != ""
    tab_to(page, "[data-reset-filters]")
    keys.press("Space")
    assert len(listed(page)) == 168
    tab_to(page, "th[data-sort=total] button")
    keys.press("Enter")
    assert page.locator("th[data-sort=total]").get_attribute("aria-sort") == "descending"
    tab_to(page, "[data-ranking] [data-agency-link]")
    keys.press("Enter")
    assert focused(page, "#agency h2")
    tab_to(page, "[data-close-card]", "Shift+Tab")
    keys.press("Enter")
    assert focused(page, "[data-ranking] [data-agency-link]")


def tab_to(page, selector, key="Tab"):
    """Press Tab until it is reached, seeing each time where one is."""
    for _ in range(30):
        page.keyboard.press(key)
        if focused(page, selector):
            ring = "getComputedStyle(document.activeElement).outlineStyle"
            assert page.evaluate(ring) != "none", f"{selector} has no ring of focus"
            return
    pytest.fail(f"{selector} is not reached")


def focused(page, selector):
    return page.evaluate("(selector) => document.activeElement.matches(selector)", selector)
