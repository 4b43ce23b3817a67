"""No violation of WCAG 2.2 AA that axe-core finds, in both languages and colour schemes."""

import pytest

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
FEWER_ROWS = """
for (const body of document.querySelectorAll("tbody"))
  for (const row of [...body.rows].slice(12, -4)) row.remove();
"""  # rows of a table are alike, and axe takes a while with each
RUN = "([within, tags]) => axe.run(within, {runOnly: tags, resultTypes: ['violations']})"
OPENED = {
    "the national page with the dossier": ("national", ""),
    "the same in Persian": ("national", "#lang=fa"),
    "a what-if": ("national", "#r={digest}&w=90,5,5,0"),
    "a link of another ruleset": ("national", "#r=0123abcd&w=90,5,5,0"),
    "a scorecard in a what-if": ("national", "#r={digest}&w=90,5,5,0&agency=0005"),
    "a scorecard": ("national", "#agency=0005"),
    "a scorecard in Persian": ("national", "#lang=fa&agency=0005"),
    "an agency's file": ("agency", ""),
    "an agency's file in Persian": ("agency_fa", ""),
    "an index": ("index", ""),
    "hostile names": ("hostile", ""),
}


@pytest.fixture(scope="session")
def axe(browser):  # noqa: ARG001 - where there is no browser, the package may be missing too
    """The script of axe-core; a package brings it, so that no network is needed."""
    from axe_playwright_python.base import AXE_SCRIPT

    return AXE_SCRIPT


@pytest.mark.parametrize("opened", OPENED)
def test_axe_finds_nothing(show, axe, sample, opened):
    name, fragment = OPENED[opened]
    digest = sample.evaluation.digests["ruleset"][:8]
    page = show(name, fragment.format(digest=digest))
    page.evaluate(FEWER_ROWS)
    page.evaluate(axe)
    within = "#agency" if "agency=" in fragment else "html"
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = page.evaluate(RUN, [within, TAGS])
        assert len(found["passes"]) > 5
        assert (scheme, [_told(one) for one in found["violations"]]) == (scheme, [])


def test_what_scrolls_is_a_named_group_and_all_is_in_landmarks(show, axe):
    page = show("hostile")
    page.evaluate(axe)
    rules = ["landmark-unique", "region"]
    found = page.evaluate("(runOnly) => axe.run({runOnly})", {"type": "rule", "values": rules})
    assert {one["id"] for one in found["passes"]} == set(rules)
    assert [_told(one) for one in found["violations"]] == []
    groups = page.locator(".scroll").all()
    assert groups
    for group in groups:
        assert group.get_attribute("role") == "group"
        assert group.get_attribute("aria-label")


@pytest.mark.parametrize("name", ["national", "national_fa"])
@pytest.mark.parametrize("width", [1200, 700, 320])
def test_figures_of_a_scorecard_stay_in_their_cells(show, name, width):
    page = show(name, "#agency=0005", width=width)
    page.evaluate("for (const one of document.querySelectorAll('dd')) one.textContent += '8888'")
    cells = page.locator(".card-figures div")
    assert cells.count() >= 4
    for cell in cells.all():
        assert cell.evaluate("(one) => one.scrollWidth <= one.clientWidth")


def _told(violation):
    places = [f"{node['html'][:200]}: {node['failureSummary']}" for node in violation["nodes"][:3]]
    return f"{violation['help']} ({violation['id']}, {len(violation['nodes'])}): {places}"
