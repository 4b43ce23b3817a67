"""Views as blocks, and blocks as text: what is said, in both languages, and nothing that steers."""

import re
import sys
import unicodedata

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egovrules.comparison import compare
from egovrules.dataset import Dataset
from egovrules.evaluation import evaluate
from egovrules.explanation import explain
from egovrules.report.blocks import Line, Table, headed, number, shortened
from egovrules.report.changes import changes
from egovrules.report.plain import on_one_line, printable
from egovrules.report.scorecard import scorecard
from egovrules.report.services import over_services
from egovrules.report.summary import national_summary
from egovrules.report.terminal import render, render_svg
from egovrules.ruleset import read_ruleset

RULESET = """
schema: egovrules/1
id: tiny-2024
title: {en: Tiny round, fa: دور کوچک}
period: {calendar: gregorian, year: 2024}
missing: {policy: zero, min_coverage: 0.5}
derive: {level: digital.online}
axes:
  digital:
    weight: 3
    title: {en: Digital, fa: دیجیتال}
    criteria:
      online:
        {use: core.value, level: service, with: {column: online}, title: {en: Online, fa: برخط}}
      place:
        use: core.value
        normalise: min_max
        level: service
        with: {column: cases}
        title: {en: Cases, fa: موارد}
  open:
    weight: 1
    title: {en: Open, fa: باز}
    caps:
      - {at: 30, when: "datasets = 0", because: {en: publishes nothing, fa: انتشار ندارد}}
    criteria:
      share:
        {use: core.value, level: agency, with: {column: openness}, title: {en: Share, fa: درصد}}
indicators:
  agencies: {datasets: {type: number}}
bands:
  how_online:
    of: services
    by: level
    title: {en: How online, fa: میزان برخط بودن}
    labels:
      - {nothing: "= 0", title: {en: nothing, fa: هیچ}}
      - {some: "> 0", title: {en: some, fa: قدری}}
    otherwise: not_assessed
lists:
  best: {of: agencies, by: total, top: 2, title: {en: Best two, fa: دو برتر}}
  ready: {of: services, by: level, when: level > 90, title: {en: Ready, fa: آماده}}
findings:
  weak:
    of: agencies
    when: total < 45
    severity: error
    title: {en: Weak, fa: ضعیف}
    message: {en: "{name}: {total}", fa: "{name}: {total}"}
reconcile:
  covered:
    title: {en: Bands against services, fa: مقایسهٔ طبقه‌ها با خدمات}
    total: count of services
    parts: bands.how_online
    without: [not_assessed]
"""

AGENCIES = pl.DataFrame(
    {
        "code": ["1", "2", "3"],
        "name_en": ["Ministry [red]of[/red] Tests", "Bureau <script>", "Office"],
        "name_fa": ["وزارت آزمون", "دفتر", "اداره"],
        "openness": [80.0, 60.0, 10.0],
        "datasets": [0.0, 4.0, 5.0],
    }
)
SERVICES = pl.DataFrame(
    {
        "code": ["a", "b", "c", "d", "e"],
        "agency": ["1", "1", "2", "2", "3"],
        "name_en": ["Permit", "Card", "Licence", "Grant", "Help"],
        "name_fa": ["پروانه", "کارت", "مجوز", "کمک", "راهنمایی"],
        "online": [100.0, 0.0, 70.0, None, 30.0],
        "cases": [10.0, 50.0, 20.0, 30.0, 0.0],
    }
)


def made(ruleset=RULESET, agencies=AGENCIES, previous=None):
    dataset = Dataset.of(agencies=agencies, services=SERVICES)
    return evaluate(read_ruleset(ruleset), dataset, previous=previous)


@pytest.fixture(scope="module")
def evaluation():
    return made()


@pytest.fixture(scope="module")
def comparison(evaluation):
    earlier = AGENCIES.with_columns(
        openness=pl.Series([40.0, 90.0, 10.0]),
        code=pl.Series(["1", "2", "9"]),
        name_en=pl.Series(["Ministry", "Bureau", "Gone"]),
        name_fa=pl.Series(["وزارت", "دفتر", "منحل"]),
    )
    services = SERVICES.with_columns(agency=pl.col("agency").replace("3", "9"))
    old = evaluate(read_ruleset(RULESET), Dataset.of(agencies=earlier, services=services))
    return compare(evaluation, old)


def text(blocks, width=100):
    return render(blocks, width=width, colour=False)


# --- blocks -------------------------------------------------------------------------------------


@settings(derandomize=True, max_examples=200)
@given(st.text())
def test_printable_text_steers_nothing(typed):
    shown = printable(typed)
    bad = {"Cc", "Cs", "Zl", "Zp"}
    assert not [c for c in shown if unicodedata.category(c) in bad and c != "\n"]
    bidirectional = {unicodedata.bidirectional(c) for c in shown}
    assert not bidirectional & {"LRO", "RLO", "LRE", "RLE", "PDF", "LRI", "RLI", "FSI", "PDI"}
    assert printable(shown) == shown
    assert len(on_one_line(typed).splitlines()) <= 1


def test_nothing_but_what_steers_is_taken_away():
    every = {chr(code) for code in range(sys.maxunicode + 1)}
    turning = {"LRO", "RLO", "LRE", "RLE", "PDF", "LRI", "RLI", "FSI", "PDI"}
    steering = {
        one
        for one in every
        if unicodedata.category(one) in {"Cc", "Cs", "Zl", "Zp"}
        or unicodedata.bidirectional(one) in turning
    }
    assert every - set(printable("".join(every))) == steering - {"\n"}


def test_persian_marks_survive():
    assert printable("می‌شود") == "می‌شود"
    assert printable("\x1b[31mred\x07") == "[31mred"


def test_shortened_counts_the_rest():
    assert shortened(["a", "b"], 2, "en") == "a; b"
    assert shortened(["a", "b", "c", "d"], 2, "en") == "a; b and 2 more"
    assert shortened(["a", "b", "c"], 2, "fa") == "a؛ b و ۱ مورد دیگر"


# --- printing -----------------------------------------------------------------------------------


@settings(derandomize=True, max_examples=60, deadline=None)
@given(
    st.lists(
        st.text("abc [/]:red<>", min_size=1, max_size=12).map(str.strip).filter(bool),
        min_size=1,
        max_size=5,
    ),
    st.integers(40, 90),
)
def test_cells_are_printed_as_they_are_within_the_width(cells, width):
    table = Table("T", headed("en", "Name", number("N")), tuple((cell, "1") for cell in cells))
    drawn = text([table], width)
    for cell in cells:
        assert " ".join(cell.split()) in drawn
    assert max(len(line) for line in drawn.splitlines()) <= width


def test_numbers_stand_to_the_right():
    table = Table("", headed("en", "Name", number("N")), (("a", "5"), ("b", "1,000")))
    lines = text([table]).splitlines()
    assert lines[-2].endswith("    5")
    assert lines[-1].endswith("1,000")


def test_wrapped_cells_of_a_tree_keep_their_depth():
    table = Table("", headed("en", "Node", "X"), (("    " + "word " * 30, "y"),))
    body = text([table], 40).splitlines()[2:]
    assert len(body) > 2
    assert all(line.startswith("    word") for line in body)


def test_colour_only_when_asked():
    blocks = [Line("loud", "bad"), Line("[bold]plain[/bold] :smile: 12")]
    assert "\x1b[" not in render(blocks, width=80, colour=False)
    coloured = render(blocks, width=80, colour=True)
    assert "\x1b[1;31mloud" in coloured
    assert "[bold]plain[/bold] :smile: 12" in coloured


def test_a_picture_holds_the_text():
    drawn = render_svg([Line("<script>alert(1)</script>")], title="egovrules")
    assert drawn.startswith("<svg")
    assert "<script" not in drawn
    assert "alert(1)" in drawn
    assert "url(http" not in drawn


# --- the national summary -----------------------------------------------------------------------


def rows(blocks, title):
    return next(one.rows for one in blocks if isinstance(one, Table) and one.title == title)


def test_bands_have_both_shares_and_the_reason(evaluation):
    blocks = national_summary(evaluation)
    assert rows(blocks, "How online") == (
        ("nothing", "1", "20.0%", "25.0%"),
        ("some", "3", "60.0%", "75.0%"),
        ("not assessed", "1", "20.0%", "–"),
        ("all", "5", "100.0%", ""),
    )
    assert "Why services are not assessed: missing 1\n" in text(blocks)


def test_a_gap_is_called_out(evaluation):
    gap = "warning: Bands against services. The parts sum to 4, the total is 5. "
    assert gap + "The difference is 1 (20.0%)." in text(national_summary(evaluation), 200)


def test_lists_follow_the_ranking(evaluation):
    best = evaluation.agencies.sort("total", descending=True).head(2)
    shown = rows(national_summary(evaluation), "Best two")
    assert [row[2] for row in shown] == best["agency"].to_list()
    assert [float(row[3]) for row in shown] == pytest.approx(best["total"].to_list(), abs=0.006)
    assert rows(national_summary(evaluation), "Lists of services") == (("Ready", "1"),)


def test_findings_are_counted_and_agencies_named(evaluation):
    weak = evaluation.agencies.filter(pl.col("total") < 45)
    blocks = national_summary(evaluation)
    assert rows(blocks, "Findings") == (("Weak", "error", "agencies", str(weak.height)),)
    lines = [b for b in blocks if isinstance(b, Line)]
    place = next(n for n, line in enumerate(lines) if line.text == "Weak:")
    assert lines[place].tone == "bad"
    messages = {line.text.strip() for line in lines[place + 1 : place + 1 + weak.height]}
    fired = evaluation.findings.select("subject", "message_en").rows()
    assert messages == {f"{code}: {message}" for code, message in fired}
    for code, name in weak.select("agency", "name_en").iter_rows():
        assert any(line.startswith(f"{code}: {name}: ") for line in messages)


MANY = """\
findings:
  slow:
    of: services
    when: cases >= 0
    severity: SEVERITY
    title: {en: Slow, fa: کند}
    message: {en: "{name} has {cases} cases", fa: "{name} {cases} مورد دارد"}
reconcile:"""


@pytest.mark.parametrize("severity", ["error", "warning", "info"])
def test_messages_on_services_are_printed_up_to_five(severity, monkeypatch):
    start, rest = RULESET.split("findings:")
    ruleset = start + MANY.replace("SEVERITY", severity) + rest.split("reconcile:")[1]
    many = made(ruleset)
    shown = text(national_summary(many))
    if severity == "info":
        assert " cases\n" not in shown
        return
    for code, name, cases in SERVICES.select("code", "name_en", "cases").iter_rows():
        assert f"  {code}: {name} has {cases:.0f} cases\n" in shown
    assert "findings.csv" not in shown
    monkeypatch.setattr("egovrules.report.findings.MESSAGES", 2)
    shown = text(national_summary(many))
    assert shown.count(" cases\n") == 2
    assert "  and 3 more in findings.csv" in shown
    assert "و ۳ مورد دیگر در findings.csv" in text(national_summary(many, "fa"))


def test_an_agency_is_told_its_own_findings_and_those_of_its_services(monkeypatch):
    both = made(RULESET.replace("reconcile:", MANY.split(":\n", 1)[1]).replace("SEVERITY", "info"))
    weakest = both.agencies.sort("total")["agency"][0]
    own = SERVICES.filter(pl.col("agency") == weakest)["name_en"].to_list()
    shown = text(scorecard(explain(both, weakest)))
    told = shown.split("\nFindings\n")[1].splitlines()
    assert told[0].startswith("error: ")
    assert len(told) == 1 + len(own)
    assert all(any(name in line for line in told[1:]) for name in own)
    monkeypatch.setattr("egovrules.report.findings.MESSAGES_OF_AGENCY", 1)
    assert f"and {len(own)} more in findings.csv" in text(scorecard(explain(both, weakest)))
    one = text(scorecard(explain(both, "2", service="c")))
    assert "info: c: Licence has 20 cases" in one
    assert "Grant has" not in one


@pytest.mark.parametrize("width", [40, 50, 60, 80, 100])
def test_the_first_column_stays_at_every_width(evaluation, width):
    for view in (national_summary(evaluation), scorecard(explain(evaluation, "1"))):
        shown = text(view, width)
        assert max(len(line) for line in shown.splitlines()) <= width
        words = " ".join(shown.split())
        for table in (block for block in view if isinstance(block, Table)):
            for row in table.rows:
                assert all(word in words for word in row[0].split())
                for cell, column in zip(row, table.columns, strict=True):
                    assert cell in words or not column.numeric


def test_synthetic_data_are_called_so(evaluation):
    assert "SYNTHETIC" not in text(national_summary(evaluation))
    manifest = evaluation.manifest.model_copy(update={"synthetic": True})
    marked = type(evaluation)(**{**vars_of(evaluation), "manifest": manifest})
    assert "SYNTHETIC DATA" in text(national_summary(marked))


def vars_of(evaluation):
    names = "manifest ruleset_text agencies criteria bands lists findings reconciliations vanished"
    return {name: getattr(evaluation, name) for name in names.split()}


def test_a_small_scale_shows_more_decimals():
    small = RULESET.replace("missing:", "scale: {low: 0, high: 1}\nmissing:", 1)
    small = small.replace("at: 30", "at: 0.3")
    small = re.sub("total < 45", "total < 0.45", small)
    best = rows(national_summary(made(small)), "Best two")
    assert all(len(row[3].partition(".")[2]) == 4 for row in best)


def test_agencies_that_are_not_ranked_are_counted():
    strict = RULESET.replace("min_coverage: 0.5", "min_coverage: 1").replace("zero", "skip")
    evaluation = made(strict)
    unranked = evaluation.agencies["rank"].null_count()
    assert unranked == 1
    assert "Not ranked, coverage under 100%: 1" in text(national_summary(evaluation))


def test_growth_names_new_and_vanished_bodies(comparison, evaluation):
    assert "Growth" not in text(national_summary(evaluation))
    grown = made(previous=comparison.old)
    shown = text(national_summary(grown))
    assert "new (1): Office" in shown
    assert "vanished (1): Gone" in shown


# --- the scorecard ------------------------------------------------------------------------------


def test_services_add_up_to_the_total_before_caps(evaluation):
    for code in ("2", "3"):  # the first has a cap that bites, and agency-level points aside
        root = explain(evaluation, code).root
        services = sum(one["contribution"] for one in over_services(root))
        apart = next(one for one in root.walk() if one.info.id == "open")
        assert services + apart.contribution == pytest.approx(root.score, abs=1e-9)


def test_shares_of_services_sum_to_their_part_of_the_tree(evaluation):
    root = explain(evaluation, "1").root
    assert sum(one["share"] for one in over_services(root)) == pytest.approx(0.75)


def test_the_tree_shows_every_node_and_the_cap_that_bit(evaluation):
    blocks = scorecard(explain(evaluation, "1"))
    shown = text(blocks)
    for title in ("Total", "  Digital", "    Online", "    Cases", "  Open", "    Share"):
        assert f"\n{title} " in shown
    assert "* Open is capped at 30; it was 80.00: publishes nothing (datasets = 0)" in shown
    assert "Cases: Min-max · Worst 0 · Best 50" in shown


def test_policy_and_missing_services_are_told(evaluation):
    shown = text(scorecard(explain(evaluation, "2")))
    assert re.search(r"Online .* scored; missing 1", shown)
    lone = AGENCIES.with_columns(openness=pl.Series([None, 60.0, 10.0]))
    assert "missing, counts as 0" in text(scorecard(explain(made(agencies=lone), "1")))


def test_one_criterion_in_full(evaluation):
    asked = explain(evaluation, "1", criterion="open.share")
    shown = text(scorecard(asked, criterion="open.share"))
    assert "Share (open.share)" in shown
    assert "Parameters: column = openness" in shown
    assert "Indicators: Share = 80" in shown
    assert "Digital" not in shown


def test_a_node_tells_how_its_children_are_combined():
    text_of = RULESET.replace(
        "  open:\n    weight: 1\n",
        "  open:\n    weight: 1\n    aggregate: {by: power, exponent: 0.5}\n    min_share: 0.65\n"
        "    round: {decimals: 2, rule: half_up}\n",
    )
    evaluation = made(text_of)
    told = {
        (node, language): text(scorecard(asked, language, criterion=node))
        for node in ("open", "digital")
        for asked in [explain(evaluation, "1", criterion=node)]
        for language in ("en", "fa")
    }
    said = "Power mean (exponent = 0.5) · no score below 65.0% of the children · rounded to 0.01"
    assert f"Aggregation: {said}, a half upwards" in " ".join(told["open", "en"].split())
    assert "Aggregation: Arithmetic mean\n" in told["digital", "en"]
    persian = "تجمیع: میانگین توانی (exponent = 0.5)"
    assert persian in told["open", "fa"]
    assert not set(re.findall("[A-Za-z]+", told["open", "fa"].partition(persian)[2].split("\n")[0]))


def test_those_that_hold_back_come_worst_first(evaluation):
    asked = explain(evaluation, "1", criterion="digital.online")
    blocks = scorecard(asked, criterion="digital.online")
    assert rows(blocks, "Services that hold it back") == (("Card", "b", "50.00%", "50.00"),)
    assert [row[1] for row in rows(blocks, "Services that carry it")] == ["a", "b"]


def test_one_service_shows_its_scores_and_indicators(evaluation):
    shown = text(scorecard(explain(evaluation, "2", service="d")))
    assert "Grant (d)" in shown
    assert re.search(r"Online +– +missing", shown)
    assert re.search(r"Cases +30", shown)


def test_a_status_stands_where_there_is_no_value():
    answered = SERVICES.with_columns(
        cases__status=pl.Series([None, None, None, "refused", None], dtype=pl.String),
        cases=pl.Series([10.0, 50.0, 20.0, None, 0.0]),
    )
    made_of = evaluate(read_ruleset(RULESET), Dataset.of(agencies=AGENCIES, services=answered))
    shown = text(scorecard(explain(made_of, "2", service="d")))
    assert re.search(r"Cases +refused", shown)
    assert "__status" not in shown


def test_criteria_of_one_title_are_told_apart_by_id():
    same = RULESET.replace("{en: Cases, fa: موارد}", "{en: Online, fa: برخط}")
    shown = text(scorecard(explain(made(same), "1")))
    assert "digital.online" in shown
    assert "digital.place" in shown


# --- the comparison -----------------------------------------------------------------------------


def test_changes_name_who_rose_and_who_fell(comparison):
    blocks = changes(comparison)
    assert [row[1] for row in rows(blocks, "Largest losses")] == ["2"]
    assert not [b for b in blocks if isinstance(b, Table) and b.title == "Highest growth"]
    shown = text(blocks)
    assert "Agencies compared 2 · risen 0 · fallen 1" in shown
    assert "vanished (1): Gone" in shown


def test_average_growth_by_node_equals_a_plain_mean(comparison):
    shown = {row[0].strip(): row[1] for row in rows(changes(comparison), "By axis and criterion")}
    for node, title in (("total", "Total"), ("open", "Open"), ("digital", "Digital")):
        found = [r for r in comparison.criteria.iter_rows(named=True) if r["node"] == node]
        mean = sum(row["growth"] for row in found) / len(found)
        assert float(shown[title]) == pytest.approx(mean, abs=0.006)


# --- Persian ------------------------------------------------------------------------------------


def test_persian_views_hold_no_english_but_ids_and_codes(evaluation, comparison):
    views = [
        national_summary(evaluation, "fa"),
        national_summary(made(previous=comparison.old), "fa"),
        scorecard(explain(evaluation, "1"), "fa"),
        scorecard(explain(evaluation, "2"), "fa"),
        changes(comparison, "fa"),
    ]
    known = {"tiny-2024", "datasets", "a", "b", "c", "d", "e"}
    for blocks in views:
        words = set(re.findall(r"[A-Za-z][A-Za-z0-9-]*", text(blocks)))
        assert words <= known, words - known


def test_a_name_is_not_broken_where_the_columns_leave_it_no_room():
    columns = headed("en", "Rule", *map(number, ("A", "B", "C", "D")))
    table = Table("T", columns, (("User-centric", "-0.44", "-1.74", "+0.87", "-9.99"),))
    for width in range(20, 60):
        assert "User-centric" in render([table], width=width, colour=False)
