"""Charts: bars as long as their numbers, labels apart, nothing outside, Persian mirrored."""

import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egovrules.html import charts
from egovrules.html.charts import Change, Means, Movement, Number, Part, Peer, Rivals, Standing
from egovrules.html.charts.canvas import SHEETS
from egovrules.html.charts.data import share_of
from egovrules.html.charts.element import element
from egovrules.html.charts.lettering import fitted, spread, text_width
from egovrules.text import translate

SCALE = (0.0, 100.0)
AXES = ["User-centric", "Transparent", "Integrated", "Participatory"]
HOSTILE = [
    "<script>alert(1)</script>",
    "\"><svg onload='x()'>&amp;",
    "\u202egnissim\u2066 \u2069",
    "line\nbreak\x00\x0b\ttab",
    "A very long name " * 30,
    "سازمان ملی بهره‌وری ایران",
    "",
]


# --- what is drawn -----------------------------------------------------------------------------


def no(value, text=None):
    return Number(value, text or ("–" if value is None else f"{value:.1f}"))


def part(title, count, whole, assessed=None):
    known = count / assessed if assessed else None
    return Part(title, count, count / whole if whole else None, known)


PARTS = [
    part("not assessed", 1021, 5989),
    part("not started", 260, 5989, 4968),
    part("under half", 2309, 5989, 4968),
    part("over half", 2238, 5989, 4968),
    part("complete", 161, 5989, 4968),
]


def names(count):
    return [HOSTILE[at % 7] if at < 7 else f"Agency number {at}" for at in range(count)]


def figures(count, language, score=lambda at: 100 * (at * 37 % 101) / 101):
    """Draw every chart for so many agencies with the score that *score* gives to each."""
    agencies = names(count)
    # A tenth is new, a tenth is gone, and one has neither rank nor growth.
    moves = [
        Movement(
            name,
            no(None if at % 10 == 3 else float(count - at), str(count - at)),
            no(None if at % 10 == 4 else float(at * 7 % count + 1), str(at * 7 % count + 1)),
        )
        for at, name in enumerate(agencies)
    ]
    standings = [
        Standing(str(at + 1), name, no(score(at)), [no(score(at) / 4)] * 4)
        for at, name in enumerate(agencies[:10])
    ]
    changes = [
        Change(name, no(None if at == 5 else score(at) - 50)) for at, name in enumerate(agencies)
    ]
    peers = [
        Peer(name, no(None if at == 1 else score(at)), no(20.0), no(40.0), no(70.0))
        for at, name in enumerate(agencies[:6])
    ]
    kinds = [Means(name, at, [no(score(at)), no(None)] * 5) for at, name in enumerate(agencies[:7])]
    whole = sum(range(min(count, 7)))
    parts = [part(name, at, whole, whole) for at, name in enumerate(agencies[:7])]
    totals = [score(at) for at in range(count)]
    told = {"scale": SCALE, "language": language}
    rivals = Rivals(agencies, "100.0")
    return [
        charts.band_shares("levels", "Levels", parts, of="services", language=language),
        charts.top_by_axis("Top", standings, AXES, adds_up=True, rivals=rivals, **told),
        charts.top_by_axis("Top", standings, AXES, adds_up=False, rivals=rivals, **told),
        charts.ranks_moved("Moves", moves, ("Before", "Now"), language=language),
        charts.growth_extremes("Growth", changes, language=language),
        charts.spread_of_totals("Totals", totals, **told),
        charts.agency_and_peers("Peers", HOSTILE[0], peers, **told),
        charts.axes_by_kind("Kinds", kinds, AXES * 2 + AXES[:2], **told),
    ]


def drawings(figure):
    """Read the drawings of a figure as XML: the wide one, and the narrow one."""
    wide, narrow = ET.XML(f"<all>{figure.svg}</all>")
    assert [one.get("class") for one in (wide, narrow)] == ["chart wide", "chart narrow"]
    return wide, narrow


def found(svg, tag, look=""):
    return [one for one in svg.iter(tag) if look in (one.get("class") or "").split() or not look]


def f(mark, key):
    return float(mark.get(key))


def size_of(svg):
    return [float(each) for each in svg.get("viewBox").split()][2:]


def label(mark):
    return (mark.text or "").strip("\u2068\u2069")


def points(path):
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", path)]


def box(text, svg):
    """Return where a text stands: left, top, right, bottom."""
    letters = 13.5 if svg.get("class").endswith("narrow") else 13
    wide = text_width(label(text), letters)
    rtl, anchor = svg.get("direction") == "rtl", text.get("text-anchor", "start")
    left = f(text, "x") - {"start": wide if rtl else 0, "middle": wide / 2, "end": wide}[anchor]
    left += wide if rtl and anchor == "end" else 0
    return left, f(text, "y") - 0.75 * letters, left + wide, f(text, "y") + 0.2 * letters


def extent(mark, svg):
    """Return the corners or ends of a mark."""
    if mark.tag == "rect":
        left, top = f(mark, "x"), f(mark, "y")
        return [(left, top), (left + f(mark, "width"), top + f(mark, "height"))]
    if mark.tag == "line":
        return [(f(mark, f"x{end}"), f(mark, f"y{end}")) for end in (1, 2)]
    if mark.tag == "circle":
        return [(f(mark, "cx"), f(mark, "cy"))]
    if mark.tag == "text":
        return [box(mark, svg)[:2], box(mark, svg)[2:]]
    return points(mark.get("d")) if mark.tag == "path" else []


COUNTS = (1, 2, 7, 168, 2000)
EVERY = [
    pytest.param(count, language, id=f"{count}-{language}")
    for count in COUNTS
    for language in ("en", "fa")
]


# --- laws of every chart -----------------------------------------------------------------------


@pytest.mark.parametrize(("count", "language"), EVERY)
def test_nothing_stands_outside_the_drawing(count, language):
    for figure in figures(count, language):
        for svg in drawings(figure):
            width, height = size_of(svg)
            for mark in svg.iter():
                for x, y in extent(mark, svg):
                    where = (figure.name, svg.get("class"), ET.tostring(mark)[:200])
                    assert -2 <= x <= width + 2, where
                    assert -2 <= y <= height + 2, where


@pytest.mark.parametrize(("count", "language"), EVERY)
def test_labels_never_overlap(count, language):
    for figure in figures(count, language):
        for svg in drawings(figure):
            boxes = sorted((box(text, svg), label(text)) for text in found(svg, "text"))
            boxes = [(where, text) for where, text in boxes if text]
            for at, ((left, top, right, bottom), text) in enumerate(boxes):
                for (start, above, _, below), other in boxes[at + 1 :]:
                    apart = start >= right - 1 or above >= bottom - 1 or below <= top + 1
                    assert apart, (figure.name, svg.get("class"), text, other, left)


@pytest.mark.parametrize(("count", "language"), [*EVERY, pytest.param(0, "fa", id="none")])
def test_every_drawing_has_a_title_a_sentence_and_a_table_and_no_style(count, language):
    for figure in figures(count, language):
        for svg in drawings(figure):
            assert svg.get("role") == "img"
            assert [one.tag for one in list(svg)[:2]] == ["title", "desc"]
            assert svg[0].text == figure.caption
            assert len(svg[1].text) > 20
            assert {"style", "id", "href"}.isdisjoint(
                key for mark in svg.iter() for key in mark.attrib
            )
            assert not [key for mark in svg.iter() for key in mark.attrib if key.startswith("on")]
            assert {mark.tag for mark in svg.iter()} <= {
                *("svg", "g", "title", "desc", "rect", "line", "circle", "path", "text")
            }
        assert figure.table.title == figure.caption
        assert all(len(row) == len(figure.table.columns) for row in figure.table.rows)


def test_hostile_names_stay_text():
    for figure in figures(168, "en"):
        assert "<script" not in figure.svg
        assert not set("\u202e\u2066\x00\x0b") & set(figure.svg)
        assert figure.svg.count("\u2068") == figure.svg.count("\u2069")
    whole = [mark.text for svg in drawings(figures(9, "en")[4]) for mark in svg.iter("title")]
    assert "\u2068" + " ".join(HOSTILE[4].split()) + "\u2069" in whole
    assert any(label(t) == HOSTILE[0] for t in found(drawings(figures(9, "en")[4])[0], "text"))


def test_attributes_are_escaped_and_never_break_out():
    made = element("rect", {"class": '"><script>', "x": 1.005, "y": -0.0, "part": None}, "a<b&c")
    read = ET.XML(made)
    assert read.attrib == {"class": '"><script>', "x": "1", "y": "0"}
    assert read.text == "a<b&c"


def test_persian_is_the_mirror_of_english(monkeypatch):
    # The same words and digits in both, so that only the direction differs.
    for module in ("bands", "growth", "peers", "slope", "spread", "standings"):
        home = f"egovrules.html.charts.{module}"
        for name in ("translate", "format_number", "percent", "counted"):
            if hasattr(__import__(home, fromlist=[name]), name):
                real = getattr(__import__(home, fromlist=[name]), name)
                monkeypatch.setattr(f"{home}.{name}", in_english(real))
    for one, other in zip(figures(168, "en"), figures(168, "fa"), strict=True):
        for left, right in zip(drawings(one), drawings(other), strict=True):
            assert (left.get("direction"), right.get("direction")) == ("ltr", "rtl")
            width, _ = size_of(left)
            for mark, twin in zip(left.iter(), right.iter(), strict=True):
                assert (mark.tag, mark.get("text-anchor")) == (twin.tag, twin.get("text-anchor"))
                if mark.tag != "svg":
                    assert_mirrored(mark, twin, width)


def assert_mirrored(mark, twin, width):
    """Check that one mark is the other, seen in a mirror."""
    for key in ("y", "y1", "y2", "cy", "r", "width", "height"):
        assert mark.get(key) == twin.get(key)
    if mark.tag == "rect":
        mirrored = width - f(mark, "x") - f(mark, "width")
        assert f(twin, "x") == pytest.approx(mirrored, abs=0.02)
        return
    for key in {"x", "x1", "x2", "cx"} & mark.attrib.keys():
        assert f(twin, key) == pytest.approx(width - f(mark, key), abs=0.02)
    pairs = zip(points(mark.get("d", "")), points(twin.get("d", "")), strict=True)
    for (x, y), (u, v) in pairs:
        assert (u, v) == (pytest.approx(width - x, abs=0.11), y)


def in_english(real):
    def call(*told, **more):
        return real(
            *["en" if one == "fa" else one for one in told],
            **{key: "en" if value == "fa" else value for key, value in more.items()},
        )

    return call


# --- each chart --------------------------------------------------------------------------------


def test_both_bars_of_a_band_are_whole_and_in_proportion():
    figure = charts.band_shares("levels", "Levels", PARTS, of="services", language="en")
    for svg in drawings(figure):
        steps = found(svg, "rect", "step")
        starts = sorted({f(one, "x") for one in steps})
        assert len(starts) == 2
        of_all, known = ([one for one in steps if f(one, "x") == start] for start in starts)
        (rest,) = found(svg, "rect", "empty")
        tall = sum(f(one, "height") for one in (*of_all, rest))
        assert sum(f(one, "height") for one in known) == pytest.approx(tall, abs=0.1)
        for one, other, counted in zip(of_all, known, PARTS[1:], strict=True):
            assert f(one, "height") == pytest.approx(tall * counted.count / 5989, abs=0.02)
            assert f(other, "height") == pytest.approx(tall * counted.count / 4968, abs=0.02)
        # higher labels stand higher, without gap or overlap
        for below, above in pairwise(known):
            assert f(above, "y") + f(above, "height") == pytest.approx(f(below, "y"), abs=0.02)
        told = " ".join(label(text) for text in found(svg, "text"))
        for text in ("2,309", "38.6% of all", "46.5% of the assessed", "1,021, 17.0% of all"):
            assert text in told
    assert figure.table.rows[2] == ("under half", "2,309", "38.6%", "46.5%")
    assert "5,989 services" in drawings(figure)[0][1].text


def test_a_band_without_anything_assessed_is_all_hatched():
    figure = charts.band_shares(
        "b", "B", [part("none", 4, 4), part("low", 0, 4)], of="agencies", language="en"
    )
    for svg in drawings(figure):
        assert not found(svg, "rect", "step")
        assert f(found(svg, "rect", "empty")[0], "height") == 220


def test_contributions_add_up_to_a_bar_as_long_as_the_total():
    rows = [
        Standing("1", "One", no(86.8), [no(21.3), no(20.6), no(21.8), no(23.1)]),
        Standing("2", "Two", no(40.0), [no(40.0), no(0.0), no(None), no(0.0)]),
    ]
    figure = charts.top_by_axis("Top", rows, AXES, adds_up=True, scale=SCALE, language="en")
    for svg in drawings(figure):
        bars = [one for one in found(svg, "rect", "tone") if f(one, "height") == 20]
        lines = {}
        for bar in bars:
            lines.setdefault(f(bar, "y"), []).append(f(bar, "width"))
        first, second = lines.values()
        assert len(second) == 1
        assert sum(first) / second[0] == pytest.approx(86.8 / 40, abs=0.01)
        assert first[0] / second[0] == pytest.approx(21.3 / 40, abs=0.01)
    assert figure.table.rows[0] == ("1", "One", "86.8", "21.3", "20.6", "21.8", "23.1")


def test_a_seventh_axis_has_a_stripe_since_its_tone_is_taken():
    rows = [Standing("1", "One", no(70.0), [no(10.0)] * 7)]
    figure = charts.top_by_axis(
        "T", rows, list("abcdefg"), adds_up=True, scale=SCALE, language="en"
    )
    assert len(found(drawings(figure)[0], "rect", "stripe")) == 2  # the bar, and the key


def test_scores_side_by_side_share_one_scale():
    kinds = [Means("ministry", 3, [no(25.0), no(None)]), Means("bank", 1, [no(50.0), no(-50.0)])]
    told = {"scale": (-100.0, 100.0), "language": "en"}
    for svg in drawings(charts.axes_by_kind("Kinds", kinds, ["a", "b"], **told)):
        track = f(found(svg, "rect", "track")[0], "width")
        shares = [f(bar, "width") / track for bar in found(svg, "rect", "bar")]
        assert shares == pytest.approx([0.625, 0.75, 0.25], abs=0.001)
        assert {"3 agencies", "1 agency"} <= {label(text) for text in found(svg, "text")}


def test_the_largest_moves_are_named_and_all_others_are_faint():
    moves = [
        Movement(f"A{at}", no(float(at), str(at)), no(float(at), str(at))) for at in range(1, 41)
    ]
    moves[4] = Movement("Riser", no(39.0, "39"), no(5.0, "5"))
    moves[9] = Movement("Faller", no(6.0, "6"), no(33.0, "33"))
    moves += [
        Movement("Newcomer", no(None), no(12.0, "12")),
        Movement("Leaver", no(13.0, "13"), no(None)),
    ]
    moves += [Movement("Never ranked", no(None), no(None))]
    figure = charts.ranks_moved("Moves", moves, ("1403", "1404"), language="en")
    for svg in drawings(figure):
        heavy = [one for one in found(svg, "line", "up") if f(one, "x1") != 0]
        assert len(heavy) == 1
        top, tall = f(found(svg, "line", "axis")[0], "y1") + 8, 0
        tall = f(found(svg, "line", "axis")[0], "y2") - 8 - top
        assert f(heavy[0], "y1") == pytest.approx(top + tall * 38 / 39, abs=0.02)
        assert f(heavy[0], "y2") == pytest.approx(top + tall * 4 / 39, abs=0.02)
        assert f(heavy[0], "x1") < f(heavy[0], "x2")
        assert found(svg, "path", "faint")[0].get("d").count("M") == 38
        told = [label(text) for text in found(svg, "text")]
        for name in ("Riser", "Faller", "Newcomer", "Leaver"):
            assert name in told
        assert "Never ranked" not in told
    assert [row[0] for row in figure.table.rows] == ["Riser", "Faller", "Newcomer", "Leaver"]
    assert "Riser\u2069: 39 → 5" in drawings(figure)[0][1].text
    assert "42 agencies" not in drawings(figure)[0][1].text
    assert "40 agencies" in drawings(figure)[0][1].text


def test_growth_shows_ten_and_ten_from_one_line():
    changes = [Change(f"A{at}", no(float(at))) for at in range(-15, 16)] + [
        Change("None", no(None))
    ]
    for svg in drawings(charts.growth_extremes("Growth", changes, language="en")):
        rises, falls = found(svg, "rect", "rise"), found(svg, "rect", "fall")
        assert (len(rises), len(falls)) == (10, 10)
        (zero,) = {f(one, "x") for one in rises}
        unit = f(rises[0], "width") / 15
        assert [f(one, "width") / unit for one in rises] == pytest.approx(
            range(15, 5, -1), abs=0.01
        )
        assert [f(one, "width") / unit for one in falls] == pytest.approx(range(6, 16), abs=0.01)
        assert all(f(one, "x") + f(one, "width") == pytest.approx(zero, abs=0.02) for one in falls)


def test_growth_of_few_agencies_shows_each_once():
    changes = [Change(f"A{at}", no(float(at))) for at in range(12)]
    table = charts.growth_extremes("Growth", changes, language="en").table
    assert [name for name, _ in table.rows] == [f"A{at}" for at in range(11, -1, -1)]


def test_a_histogram_counts_every_total_once():
    totals = [0.0, 4.9, 5.0, 50.0, 99.9, 100.0, 100.0]
    figure = charts.spread_of_totals("T", totals, scale=SCALE, language="en")
    wide, narrow = drawings(figure)
    bars = found(wide, "rect", "bar")
    assert [round((f(bar, "x") - 19) / 33.2, 1) for bar in bars] == [0, 1, 10, 19]
    highest = max(f(bar, "height") for bar in bars)
    assert [f(bar, "height") / highest for bar in bars] == pytest.approx(
        [2 / 3, 1 / 3, 1 / 3, 1], abs=0.001
    )
    assert len(found(narrow, "rect", "bar")) == 3
    assert sum(int(count) for _, count in figure.table.rows) == 7
    assert "7 agencies, from 0.0 to 100.0, half of them at 50.0" in wide[1].text


@pytest.mark.parametrize("language", ["en", "fa"])
def test_an_agency_stands_on_the_scale_beside_its_peers(language):
    peers = [
        Peer("Total", no(82.6), no(30.0), no(39.0), no(63.0)),
        Peer("X", no(None), no(None), no(None), no(None)),
    ]
    figure = charts.agency_and_peers("Peers", "One", peers, scale=SCALE, language=language)
    for svg in drawings(figure):
        first, *_, last = (f(tick, "x1") for tick in found(svg, "line", "axis"))
        assert (first < last) == (language == "en")

        def at(value, first=first, last=last):
            return pytest.approx(first + value / 100 * (last - first), abs=0.02)

        # After the key, one of each for the agency; nothing for what has no score.
        _, own = found(svg, "circle", "own")
        _, box = found(svg, "rect", "box")
        _, median = found(svg, "line", "median")
        assert f(own, "cx") == at(82.6)
        assert f(median, "x1") == f(median, "x2") == at(39)
        assert f(box, "x") == at(30 if language == "en" else 63)
        assert f(box, "width") == pytest.approx(abs(last - first) * 0.33, abs=0.02)
        assert "82.6" in [label(text) for text in found(svg, "text", "strong")]


@pytest.mark.parametrize(
    ("value", "scale", "share"),
    [
        (86.8, SCALE, 0.868),
        (0.0, SCALE, 0),
        (None, SCALE, 0),
        (130.0, SCALE, 1),
        (0.0, (-1.0, 1.0), 0.5),
        (3.0, (5.0, 5.0), 0),
    ],
)
def test_a_value_lies_along_the_scale(value, scale, share):
    assert share_of(value, scale) == pytest.approx(share)


# --- extremes ----------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "fa"])
def test_nothing_to_draw_is_said(language):
    for figure in figures(0, language):
        for svg in drawings(figure):
            (text,) = found(svg, "text")
            assert label(text) == translate("There is nothing to show here", language)
        assert figure.table.rows == () or figure.name == "spread"


@pytest.mark.parametrize("value", [0.0, 50.0, 100.0, -20.0, 1e9])
def test_equal_scores_draw_equal_bars(value):
    top, side, growth = (figures(20, "en", lambda _: value)[at] for at in (1, 2, 4))
    for figure, look in ((top, "tone"), (side, "bar"), (growth, "rise"), (growth, "fall")):
        for svg in drawings(figure):
            bars = [one for one in found(svg, "rect", look) if f(one, "height") != 13]
            assert len({one.get("width") for one in bars}) <= 1
            assert all(0 <= x <= size_of(svg)[0] for bar in bars for x, _ in extent(bar, svg))


# --- lettering ---------------------------------------------------------------------------------

PLACES = st.lists(st.floats(-50, 350, allow_nan=False), max_size=25).map(sorted)


@given(PLACES, st.floats(0.5, 40))
def test_labels_are_spread_in_order_within_their_room(places, gap):
    moved = spread(places, gap, 0, 300)
    assert len(moved) == len(places)
    least = min(gap, 300 / max(len(places) - 1, 1))
    assert all(two - one >= least - 1e-6 for one, two in pairwise(moved))
    assert all(-1e-6 <= place <= 300 + 1e-6 for place in moved)


def test_labels_with_room_stay_and_close_ones_move_apart_evenly():
    assert spread([10, 50, 90], 20, 0, 100) == [10, 50, 90]
    assert spread([50, 50], 20, 0, 100) == [40, 60]
    assert spread([95, 99], 20, 0, 100) == [80, 100]


@given(st.text(max_size=80), st.floats(30, 400))
def test_a_fitted_name_has_room_and_is_a_beginning(name, room):
    shown = fitted(name, 13, room)
    assert text_width(shown, 13) <= room + 1e-9
    whole = fitted(name, 13, 1e9)
    assert shown == whole or (shown.endswith("…") and whole.startswith(shown[:-1]))


def test_letters_keep_eleven_pixels_where_the_style_sheet_shows_them():
    least = {"wide": 640, "narrow": 280}  # 40rem and 17.5rem in chart.css
    for sheet in SHEETS:
        assert sheet.size * least[sheet.name] / sheet.width >= 10.9


def test_marks_and_letters_stand_out_from_the_ground():
    styles = __import__("importlib.resources", fromlist=["files"]).files("egovrules.html") / "style"
    sheet = "".join(
        (styles / name).read_text(encoding="utf-8") for name in ("tokens.css", "chart.css")
    )
    for dark in (False, True):
        colours = declared(sheet, dark=dark)
        ground = colours["chart-ground"]
        marks = ["bar", "rise", "fall", "own", "axis", "hatch", *(f"step-{n}" for n in range(6))]
        for name in (*marks, *(f"tone-{n}" for n in range(6))):
            assert contrast(colours[f"chart-{name}"], ground) >= 3, (name, dark)
        for name in ("ink", "soft"):
            assert contrast(colours[f"chart-{name}"], ground) >= 4.5, (name, dark)
        for n in range(6):
            inside = colours[f"chart-in-{n}" if n < 2 else "chart-in-high"]
            assert contrast(colours[f"chart-step-{n}"], inside) >= 4.5, (n, dark)
            on = colours["chart-on-odd" if n % 2 else "chart-on-even"]
            assert contrast(colours[f"chart-tone-{n}"], on) >= 4.5, (n, dark)
        for n in range(5):  # neighbours differ in lightness, not in hue alone
            assert contrast(*(colours[f"chart-tone-{at}"] for at in (n, n + 1))) >= 2, (n, dark)


def declared(sheet, *, dark):
    """Read the colours of the style sheets, those of dark mode over those of light."""
    blocks = re.findall(
        r"@media (?:screen and )?\(prefers-color-scheme: dark\) \{(.*?)\n\}", sheet, re.DOTALL
    )
    light = re.sub(r"@media.*?\n\}", "", sheet, flags=re.DOTALL)
    text = light + ("".join(blocks) if dark else "")
    colours = dict(re.findall(r"--([\w-]+): ([^;]+);", text))

    def solved(value):
        match = re.fullmatch(r"var\(--([\w-]+)\)", value)
        return solved(colours[match[1]]) if match else value

    return {key: solved(value) for key, value in colours.items()}


def contrast(one, other):
    """Return the contrast of two colours, as WCAG 2 defines it."""

    def light(colour):
        code = colour.lstrip("#")
        code = "".join(2 * each for each in code) if len(code) == 3 else code
        parts = [int(code[at : at + 2], 16) / 255 for at in (0, 2, 4)]
        parts = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    bright, dim = sorted((light(one), light(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)
