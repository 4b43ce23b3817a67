"""The report on paper: A4, without controls, nothing hidden that was there.

Pages are read as they are printed: the files that Chromium writes are simple enough to take the
text of every page out of them here.
"""

import re
import unicodedata
import zlib

import pytest

CONTROLS = "button, input, select, nav, a.skip"
LARGE = "0005"  # an agency with 84 services
SERVICES = 84
PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


def printed(page):
    """Print to PDF, and return for each page whether it is wide, and its text.

    Texts come in the order in which they are drawn: the foot of a page first, and Persian words
    from their last letter to their first.
    """
    objects = dict(re.findall(rb"(\d+) 0 obj\n(.*?)\nendobj", _pdf(page), re.DOTALL))
    named = {number: _letters(objects, body) for number, body in objects.items()}
    found = []
    for body in objects.values():
        if re.search(rb"/Type /Page\b", body):
            fonts = {name: named[number] for name, number in re.findall(rb"/(F\d+) (\d+) 0", body)}
            (wide, high) = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", body).groups()
            contents = re.search(rb"/Contents (\d+) 0", body)[1]
            found.append((float(wide) > float(high), _drawn(_stream(objects[contents]), fonts)))
    return found


def _pdf(page):
    return page.pdf(prefer_css_page_size=True)


def _stream(body):
    head, data = body.split(b"stream\n", 1)
    data = data.rsplit(b"endstream", 1)[0]
    return (zlib.decompress(data) if b"FlateDecode" in head else data).decode("latin-1")


def _letters(objects, body):
    """Return the digits of a font's codes, and the letters that these stand for."""
    digits, letters = 2 if b"/Type3" in body else 4, {}
    if listed := re.search(rb"/ToUnicode (\d+) 0 R", body):
        text = _stream(objects[listed[1]])
        for block in re.findall(r"beginbfchar\n(.*?)endbfchar", text, re.DOTALL):
            for glyph, letter in re.findall(r"<(\w+)> <(\w+)>", block):
                letters[glyph] = bytes.fromhex(letter).decode("utf-16-be")
        for block in re.findall(r"beginbfrange\n(.*?)endbfrange", text, re.DOTALL):
            for first, last, letter in re.findall(r"<(\w+)> <(\w+)> <(\w+)>", block):
                for glyph in range(int(first, 16), int(last, 16) + 1):
                    code = f"{glyph:0{digits}X}"
                    letters[code] = chr(int(letter, 16) + glyph - int(first, 16))
    return digits, letters


def _drawn(content, fonts):
    """Return the text that a page's content draws; a space between what is drawn apart."""
    text, digits, letters = "", 4, {}
    for name, codes in re.findall(r"/(F\d+) [\d.]+ Tf|<([0-9A-F]+)> Tj|ET", content):
        if name:
            digits, letters = fonts[name.encode()]
        elif codes:
            places = range(0, len(codes), digits)
            text += "".join(letters[codes[place : place + digits]] for place in places)
        else:
            text += " "
    return " ".join(unicodedata.normalize("NFKC", text).split())


@pytest.fixture(scope="module")
def known():
    """What was printed already: it takes a second or two."""
    return {}


@pytest.fixture
def paper(show, known):
    """Return a function that prints a report, once for all tests."""

    def pages(*opened):
        if opened not in known:
            known[opened] = printed(show(*opened))
        return known[opened]

    return pages


def visible_controls(page):
    return page.locator(CONTROLS).evaluate_all(
        """all => all.filter((one) => one.checkVisibility()
            && getComputedStyle(one).display !== "contents").map((one) => one.outerHTML)"""
    )


@pytest.mark.parametrize("name", ["national", "agency", "agency_fa"])
def test_paper_has_no_controls(show, name):
    page = show(name)
    page.emulate_media(media="print")
    assert visible_controls(page) == []


def test_the_report_prints_on_few_pages(paper):
    assert 8 <= len(paper("national_fa", "")) <= 14


@pytest.mark.parametrize("language", ["en", "fa"])
def test_a_scorecard_prints_alone(show, language):
    page = show("national_fa", f"#agency={LARGE}&lang={language}")
    page.emulate_media(media="print")
    assert page.locator("#agency").is_visible()
    for other in ("#summary", "#ranking", "#bands"):
        assert not page.locator(other).is_visible()
    assert visible_controls(page) == []


@pytest.mark.parametrize("name", ["agency_large", "agency_large_fa"])
def test_a_scorecard_of_many_services_is_short_and_whole(paper, name):
    pages = paper(name, "")
    assert len(pages) <= 9
    wide = [text for is_wide, text in pages if is_wide]
    codes = [code for text in wide for code in re.findall(rf"\b{LARGE}\d{{4}}\b", text)]
    assert sorted(codes) == [f"{LARGE}{number:04}" for number in range(1, SERVICES + 1)]
    heading = {"agency_large": "Service Code", "agency_large_fa": "تمدخ"}[
        name
    ]  # the letters are drawn leftwards
    assert all(heading in text for text in wide)
    assert not any(
        re.search(rf"\b{LARGE}\d{{4}}\b", text) for is_wide, text in pages if not is_wide
    )


def test_what_an_agency_must_read_is_on_paper(paper):
    text = " ".join(text for _, text in paper("agency_large", ""))
    for said in (
        "36.57 Total",
        "108 of 168 Rank",
        "a report is due",
        "Participatory 32.91 117 25.0% 25.0% 8.23",
        "What would help most Criterion at full",
        "Steps online 34.21 +5.48",
        "Issuing clinic establishment licences missing: ",
        "Indicators of the body Criterion Indicator Value",
    ):
        assert said in text


@pytest.mark.parametrize(
    "opened", [("agency_large", ""), ("national_fa", f"#lang=en&agency={LARGE}")]
)
def test_every_page_of_a_scorecard_says_whose_it_is(paper, opened):
    pages = paper(*opened)
    for number, (_, text) in enumerate(pages, 1):
        assert f"{number} / {len(pages)}" in text
        for said in ("Ministry of Health", "SYNTHETIC DATA", "Autumn 1400", "ir-1400-autumn"):
            assert said in text


def test_feet_follow_the_language(show):
    page = show("national_fa")
    persian, eighth = printed(page), "نیمتشه"  # from its last letter
    for number, (_, text) in enumerate(persian, 1):
        assert str(number).translate(PERSIAN) in text
        assert eighth in text
        assert "Eighth" not in text
    page.locator("[data-language]").click()
    english = printed(page)
    for number, (_, text) in enumerate(english, 1):
        assert f"{number} / {len(english)} SYNTHETIC DATA · Eighth" in text
        assert eighth not in text


def test_a_what_if_is_marked_on_every_page(show):
    page = show("national_fa", "#lang=en")
    page.locator("[data-weight]").first.fill("90")
    assert all("What-if, not the official ranking" in text for _, text in printed(page))
    page.locator("[data-whatif] [data-official]").click()
    assert not any("What-if" in text for _, text in printed(page))


def test_the_ranking_repeats_its_headings(paper):
    pages = [text for _, text in paper("national_fa", "#lang=en")]
    first = next(place for place, text in enumerate(pages) if "Rank Change Agency" in text)
    last = next(
        place for place, text in enumerate(pages) if "National Library and Archives 16.84" in text
    )
    assert last > first
    for text in pages[first : last + 1]:
        assert "Rank Change Agency Total" in text


@pytest.mark.parametrize("opened", [("national_fa", "#lang=en"), ("agency_large", "")])
def test_no_heading_ends_a_page(show, paper, opened):
    page = show(*opened)
    headings = page.locator("h2, h3, h4, figcaption, thead").all_inner_texts()
    ends = [" ".join(one.split()) for one in headings]
    for _, text in paper(*opened):
        assert not text.endswith(tuple(filter(None, ends)))


@pytest.mark.parametrize("name", ["national_fa", "agency_large_fa"])
def test_rows_and_charts_are_not_split(show, name):
    page = show(name)
    page.emulate_media(media="print")
    split = page.locator("tbody tr, figure").evaluate_all(
        "all => all.filter((one) => getComputedStyle(one).breakInside !== 'avoid').length"
    )
    assert split == 0


@pytest.mark.parametrize(
    "opened",
    [("agency_large", ""), ("national_fa", f"#lang=en&agency={LARGE}"), ("national_fa", "")],
)
def test_only_tables_behind_charts_and_answers_stay_closed(show, opened):
    page = show(*opened)
    page.emulate_media(media="print")
    closed = page.locator("details:not([open])").evaluate_all(
        """all => all.filter((one) => !one.closest("figure, [data-part=services] th")).length"""
    )
    assert closed == 0
    names = page.locator("[data-part=services] tbody :is(th > bdi, summary, small)")
    assert names.count() > SERVICES or opened[1] != f"#agency={LARGE}"
    assert all(names.evaluate_all("all => all.map((one) => one.checkVisibility())"))


@pytest.mark.parametrize("language", ["en", "fa"])
def test_units_stand_under_units(show, language):
    page = show("national_fa", f"#lang={language}")
    for media in ("screen", "print"):
        page.emulate_media(media=media)
        ends = page.locator("[data-ranking] td:first-child").evaluate_all(
            """all => all.map((one) => {
              const digits = document.createRange();
              digits.selectNodeContents(one);
              return Math.round(digits.getBoundingClientRect().right);
            })"""
        )
        assert len(set(ends)) == 1


def test_paper_is_white_whatever_the_screen(show):
    page = show("national_fa", color_scheme="dark")
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    body = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(f"[{ground}, {body}]")
    page.emulate_media(media="print")
    assert page.evaluate(f"[{ground}, {body}]") != dark
    assert set(page.evaluate(f"[{ground}, {body}]")) <= {"rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"}
