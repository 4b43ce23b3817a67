"""``egovrules diff`` as people meet it: words, pages, formats, exit codes."""

import copy
import csv
import io
import json
import random
import re
from decimal import Decimal

import polars as pl
import pytest
from click.testing import CliRunner

from egovrules.changes import Change
from egovrules.cli import cli
from egovrules.dataset import Dataset
from egovrules.errors import EgovrulesError
from egovrules.impact import impact
from egovrules.plugins import Registry
from egovrules.report.blocks import Line, Table
from egovrules.report.impact import impact_page
from egovrules.report.ruleset_changes import ruleset_changes
from egovrules.report.wording import Wording
from egovrules.ruleset import load_ruleset, read_ruleset
from egovrules.text import latin_digits

OLD = """\
schema: egovrules/1
id: first
title: {en: First round, fa: دور نخست}
missing: {policy: zero}
derive: {speed: digital.fast}
axes:
  digital:
    title: {en: Digital, fa: دیجیتال}
    weight: 3
    criteria:
      fast: {use: core.value, weight: 1, title: {en: Fast, fa: سریع}, with: {column: p}}
      wide: {use: core.value, weight: 1, title: {en: Wide, fa: گسترده}, with: {column: q}}
      deep:
        use: core.value
        normalise: min_max
        weight: 2
        title: {en: Deep, fa: ژرف}
        with: {column: r}
  open:
    title: {en: Open, fa: باز}
    criteria:
      shared: {use: core.value, title: {en: Shared, fa: مشترک}, with: {column: s}}
caps: [{at: 60, when: speed < 20, because: {en: too slow, fa: بسیار کند}}]
rank: {decimals: 2}
bands:
  grade:
    of: agencies
    by: total
    title: {en: Grade, fa: رتبه‌بندی}
    labels: [{low: "< 40"}, {high: ">= 40"}]
    otherwise: not_assessed
lists: {best: {of: agencies, by: total, top: 3, title: {en: Best, fa: بهترین}}}
findings:
  poor: {of: agencies, when: total < 30, title: {en: Poor, fa: ضعیف}, message: "{name}"}
"""
EDITS = {
    "weight: 3": "weight: 2",
    "weight: 1, title: {en: Wide": "weight: 5, title: {en: Wide",
    "{column: r}": "{column: r}\n        direction: down",
    "policy: zero": "policy: skip",
    "at: 60": "at: 45",
    "with: {column: s}": "with: {column: p}",
}
COUNT = 12


def edited(*olds):
    text = OLD.replace("id: first", "id: second").replace("First round", "Second round")
    for old in olds:
        assert text.count(old) == 1, old
        text = text.replace(old, EDITS[old])
    return text


def agencies():
    """Twelve agencies with figures that leave long fractions, some missing."""
    names = ("p", "q", "r", "s")
    table = {
        name: [
            None if (n + place) % 7 == 0 else (n * (37 + 13 * place)) % 101 / 1.0
            for n in range(COUNT)
        ]
        for place, name in enumerate(names)
    }
    codes = [f"{n:02}" for n in range(COUNT)]
    return {"code": codes, "name_en": [f"Body {code}" for code in codes], **table}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "old.yaml").write_text(OLD, encoding="utf-8")
    (tmp_path / "new.yaml").write_text(edited(*EDITS), encoding="utf-8")
    (tmp_path / "data").mkdir()
    pl.DataFrame(agencies()).write_csv(tmp_path / "data" / "agencies.csv")
    return tmp_path


def run(*arguments):
    return CliRunner(env={"COLUMNS": "200"}).invoke(cli, ["diff", *map(str, arguments)])


def wording(new, language="en", old=OLD):
    return Wording(read_ruleset(old), read_ruleset(new), language)


def page(new, language="en", old=OLD, table=None):
    words = wording(new, language, old)
    found = impact(words.old, words.new, Dataset.of(agencies=pl.DataFrame(table or agencies())))
    return impact_page(found, words)


def lines(blocks):
    return [block.text for block in blocks if isinstance(block, Line)]


def tables(blocks):
    return {block.title: block for block in blocks if isinstance(block, Table)}


def cells(table):
    heads = [column.heading for column in table.columns]
    return [dict(zip(heads, row, strict=True)) for row in table.rows]


# --- words --------------------------------------------------------------------------------------


def test_every_share_that_moved_is_told_with_its_reason():
    table = tables(ruleset_changes(wording(edited("weight: 1, title: {en: Wide"))))
    rows = table["Weights as shares of the parent and of the total, before and now"].rows
    assert rows == (  # 3/4 of the total, of that 1/4, 1/4 and 2/4, then 1/8, 5/8 and 2/8
        ("Digital", "75.0%", "75.0%", "75.0%", "75.0%", ""),
        ("  Fast", "25.0%", "12.5%", "18.8%", "9.4%", "its neighbours"),
        ("  Wide", "25.0%", "62.5%", "18.8%", "46.9%", "weight 5, before 1"),
        ("  Deep", "50.0%", "25.0%", "37.5%", "18.8%", "its neighbours"),
    )


def test_what_lies_below_a_reweighted_axis_moves_with_it():
    (table,) = tables(ruleset_changes(wording(edited("weight: 3")))).values()
    reasons = {row[0].strip(): row[-1] for row in table.rows}
    assert reasons == {
        "Digital": "weight 2, before 3",
        "Fast": "its parent",
        "Wide": "its parent",
        "Deep": "its parent",
        "Open": "its neighbours",
        "Shared": "its parent",
    }


def test_criteria_that_come_and_go_have_a_share_on_one_side_only():
    new = edited().replace("      wide:", "      broad:")
    blocks = tables(ruleset_changes(wording(new)))
    rows = blocks["Weights as shares of the parent and of the total, before and now"].rows
    assert ("  Wide", "25.0%", "–", "18.8%", "–", "dropped") in rows
    assert ("  Wide", "–", "25.0%", "–", "18.8%", "added") in rows
    told = [row[:2] for row in blocks["What decides the scores"].rows]
    assert told == [
        ("Digital › Wide", "criterion, dropped"),
        ("Digital › Wide", "criterion, added"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "row"),
    [
        ("at: 60", "at: 45", ("Total", "cap 1 bound", "60", "45")),
        ("speed < 20", "speed < 9", ("Total", "cap 1 condition", "speed < 20", "speed < 9")),
        (
            "policy: zero",
            "policy: skip",
            ("Missing data", "policy", "counts as zero", "is left out"),
        ),
        (
            "{column: r}",
            "{column: r}\n        direction: down",
            ("Digital › Deep", "direction", "more is better", "less is better"),
        ),
        (
            "normalise: min_max",
            "normalise: {by: min_max, low: 5, high: 90}",
            ("Digital › Deep", "normalisation", "min max", "min max (low 5, high 90)"),
        ),
        (
            "normalise: min_max",
            "normalise: none",
            ("Digital › Deep", "normalisation", "min max", "none"),
        ),
        (
            "normalise: min_max\n        weight: 2",
            "weight: 2",
            ("Digital › Deep", "normalisation", "min max", "none"),
        ),
        (
            "caps: [",
            "normalise: {by: min_max, to: [1, 100]}\ncaps: [",
            ("All criteria", "normalisation, added", "–", "min max (to 1, 100)"),
        ),
        (
            "    weight: 3\n",
            "    weight: 3\n    aggregate: {by: power, exponent: 0.5}\n",
            ("Digital", "aggregation", "arithmetic", "power (exponent 0.5)"),
        ),
        (
            "    weight: 3\n",
            "    weight: 3\n    min_share: 0.65\n",
            ("Digital", "minimum share of children", "0", "0.65"),
        ),
        (
            "caps: [",
            "min_share: 0.9\ncaps: [",
            ("Total", "minimum share of children", "0", "0.9"),
        ),
        (
            "    weight: 3\n",
            "    weight: 3\n    round: {decimals: 1, rule: half_up}\n",
            ("Digital", "rounding, added", "–", "decimals 1, rule half up"),
        ),
        (
            "caps: [",
            "round: {decimals: 2}\ncaps: [",
            ("Total", "rounding, added", "–", "decimals 2"),
        ),
        (
            "    weight: 3\n",
            "    weight: 3\n    aggregate: geometric\n",
            ("Digital", "aggregation", "arithmetic", "geometric"),
        ),
        ("caps: [", "scale: {high: 200}\ncaps: [", ("Scale", "high", "100", "200")),
        (
            "caps: [{at",
            "caps: [{at: 20, when: speed < 5}, {at",
            ("Total", "cap 1, added", "–", "at 20, when speed < 5"),
        ),
        (
            '"< 40"}, {high: ">= 40"',
            '"< 50"}, {high: ">= 50"',
            ("Grade", "band 1 low", "< 40", "< 50"),
        ),
        ("top: 3", "top: 4", ("Best", "top", "3", "4")),
        ("total < 30", "total < 20", ("Poor", "condition", "total < 30", "total < 20")),
        ("decimals: 2", "decimals: 1", ("Ranking", "decimals", "2", "1")),
    ],
)
def test_rules_and_thresholds_are_told_before_and_now(old, new, row):
    assert OLD.count(old) == 1
    found = [
        one
        for table in tables(ruleset_changes(wording(edited().replace(old, new)))).values()
        for one in table.rows
    ]
    assert row in found


def test_titles_are_told_last_and_quietly():
    blocks = ruleset_changes(wording(edited("at: 60").replace("en: Wide", "en: Broad")))
    last = blocks[-1]
    assert last == Line(
        "Differs too, and decides nothing: id; title; Digital › Broad (title)", "quiet"
    )


def test_a_default_that_is_written_out_and_weights_in_another_unit_decide_nothing():
    new = OLD.replace("{column: r}", "{column: r}\n        direction: up")
    said = "No difference: both rulesets say the same."
    assert lines(ruleset_changes(wording(new)))[-1] == said
    assert lines(ruleset_changes(wording(OLD, old=new)))[-1] == said
    new = OLD.replace("weight: 1,", "weight: 10,").replace("weight: 2\n", "weight: 20\n")
    blocks = ruleset_changes(wording(new))
    assert not tables(blocks)
    assert "Weights that are written otherwise and have the same share: 3" in lines(blocks)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("speed < 20", "speed<20"),
        ("total < 30", " total  < 30"),
        ("speed: digital.fast", "speed: ' digital.fast '"),
        ("{column: r}\n", "{column: r}\n        level: agency\n        rollup: mean\n"),
        ("normalise: min_max\n", "normalise: {by: min_max, clip: false, exponent: 1, low: null}\n"),
        ("normalise: min_max\n", "normalise: {by: min_max}\n        direction: up\n"),
        ("    weight: 3\n", "    weight: 3\n    aggregate: arithmetic\n"),
        ("    weight: 3\n", "    weight: 3\n    aggregate: {by: arithmetic}\n"),
        ("    weight: 3\n", "    weight: 3\n    min_share: 0\n"),
        ("caps: [", "aggregate: {by: arithmetic}\nmin_share: 0.0\ncaps: ["),
        ("caps: [", "normalise: none\ncaps: ["),
    ],
)
def test_what_is_written_otherwise_is_the_same_method_and_no_change(old, new):
    assert OLD.count(old) == 1
    words = wording(OLD.replace(old, new))
    assert words.found == ()
    assert words.old.method_digest == words.new.method_digest


def test_siblings_of_the_same_title_are_told_apart_by_their_key():
    same = OLD.replace("{en: Fast, fa: سریع}", "Speed").replace("{en: Wide, fa: گسترده}", "Speed")
    words = wording(same.replace("weight: 2\n", "weight: 3\n"), old=same)
    assert words.where(("axes", "digital", "criteria", "fast")) == "Digital › Speed (fast)"
    assert words.where(("axes", "digital", "criteria", "wide")) == "Digital › Speed (wide)"
    assert words.where(("axes", "digital", "criteria", "deep")) == "Digital › Deep"


@pytest.mark.parametrize(
    ("loc", "value", "what", "shown"),
    [
        (("axes", "open", "criteria", "shared", "with", "points"), "total", "پارامتر points", None),
        (("derive", "share"), "x", "share", None),
        (("bands", "grade", "labels", 0, "low"), "< 3", "طبقه ۱ low", None),
        (("missing", "status", "not_answered"), "zero", "وضعیت پاسخ بدون پاسخ", "صفر محسوب می‌شود"),
        (("missing", "status", "auditor_unable"), "skip", None, "کنار گذاشته می‌شود"),
        (("aggregate",), "geometric", "تجمیع", "میانگین هندسی"),
        (("aggregate",), {"by": "power", "exponent": 2}, None, "میانگین توانی (exponent ۲)"),
        (("axes", "open", "aggregate"), {"exponent": 2}, None, "exponent ۲"),
        (("axes", "open", "normalise"), "z_score", "نرمال‌سازی", "نمرهٔ استاندارد"),
        (("axes", "open", "criteria", "shared", "direction"), "down", "جهت", "کمتر بهتر است"),
        (
            ("round",),
            {"decimals": 2, "rule": "half_up"},
            "گردکردن",
            "رقم اعشار ۲، قاعده نیمه به بالا",
        ),
        (("min_share",), 0.5, "حداقل سهم زیرمجموعه‌ها", "۰٫۵"),
        (("lists", "best", "rounded"), True, "گردشده", "بله"),
        (("reconcile", "r", "when_not"), "warning", "در صورت مغایرت", "هشدار"),
        (("lists", "best"), {"of": "services", "top": 3}, None, "از خدمات، شمار نخست‌ها ۳"),
    ],
)
def test_words_of_the_language_of_rulesets_are_persian_and_names_stay(loc, value, what, shown):
    words = wording(OLD, "fa")
    told = words.what(Change(loc, value, None, "method"))
    assert what is None or told == what
    assert words.value(value, loc) == (shown or value)


def test_persian_lists_have_persian_semicolons():
    blocks = ruleset_changes(wording(edited(), "fa"))
    assert lines(blocks)[-1] == "تفاوت‌های دیگر، بی‌اثر: شناسه؛ عنوان"


VALUES = (None, [], {}, 0, 1, 0.5, True, "skip", "x", "services", "total < 3", ["x"], {"x": 1})
KEYS = (
    *("missing", "aggregate", "caps", "rollup", "rank", "lists", "reconcile", "scope", "derive"),
    *("when", "top", "rounded", "without", "severity", "status", "level", "with", "because"),
)


def edited_at_random(rng, data):
    """Set, drop or add something somewhere, so that it may still be a ruleset."""
    data = copy.deepcopy(data)
    for _ in range(rng.choice((1, 1, 2, 4))):
        loc, _ = rng.choice([*leaves(data)])
        holder = data
        for part in loc[:-1]:
            holder = holder[part]
        kind = rng.random()
        if kind < 0.3:
            del holder[loc[-1]]
        elif kind < 0.6 or not isinstance(holder, dict):
            holder[loc[-1]] = rng.choice(VALUES)
        else:
            holder[rng.choice(KEYS)] = rng.choice(VALUES)
    return data


def leaves(value, loc=()):
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield (*loc, key), inner
        if isinstance(inner, dict | list):
            yield from leaves(inner, (*loc, key))


def test_every_pair_of_rulesets_can_be_told_and_methods_differ_where_their_digests_do():
    rng, registry = random.Random(3), Registry.installed()  # noqa: S311 - not a secret
    text = OLD + "reconcile: {all: {total: 3, parts: [bands.grade], without: [low]}}\n"
    base = read_ruleset(text, registry=registry)
    read = 0
    for _ in range(400):
        data = edited_at_random(rng, base.effective)
        try:
            other = read_ruleset(json.dumps(data), registry=registry)
        except EgovrulesError:
            continue
        read += 1
        for pair in ((base, other), (other, base)):
            for language in ("en", "fa"):
                words = Wording(*pair, language)
                assert ruleset_changes(words)
                assert all(map(words.sentence, words.found))
            same = base.method_digest == other.method_digest
            assert bool(words.of_kind("method")) != same, data
    assert read > 50


# --- pages --------------------------------------------------------------------------------------


def decimal(text):
    return Decimal(latin_digits(text).replace("+", "").replace(",", ""))


@pytest.mark.parametrize(
    ("count", "decimals", "language"), [(3, 2, "en"), (4, 1, "fa"), (6, 0, "en"), (6, 2, "fa")]
)
def test_printed_numbers_add_up(count, decimals, language):
    edits = list(EDITS)[:count]
    texts = [text.replace("decimals: 2", f"decimals: {decimals}") for text in (OLD, edited(*edits))]
    found = tables(page(texts[1], language, texts[0]))
    titles = (
        ("Largest gains", "Largest losses")
        if language == "en"
        else ("بیشترین افزایش", "بیشترین کاهش")
    )
    rows = [row for title in titles for row in found[title].rows]
    assert len(rows) > 5
    for _, before, now, move, *parts, _, _ in rows:
        assert decimal(before) + decimal(move) == decimal(now)
        assert len(parts) == min(len(edits), 4)
        known = [part for part in parts if part != "–"]
        assert not known or sum(map(decimal, known)) == decimal(move)
    assert any("–" not in row for row in rows)


def test_every_table_subtracts_the_totals_that_are_printed():
    """18.346 is printed as 18.35 and 12.344 as 12.34: a move of -6.01, though it is -6.002."""
    table = {"code": ["a", "b"], "name_en": ["A", "B"], "p": [18.346, 50.0], "q": [12.344, 50.0]}
    only = "      fast: {use: core.value, with: {column: p}}\n"
    start, end = OLD.index("      fast:"), OLD.index("  open:")
    old = OLD[:start] + only + OLD[end:]
    old = old.replace("{column: s}", "{column: p}").replace("caps: [{at: 60", "caps: [{at: 100")
    new = old.replace("{column: p}", "{column: q}")
    found = tables(page(new, old=old, table=table))
    (loss,) = cells(found["Largest losses"])
    assert (loss["Before"], loss["Now"], loss["Points"]) == ("18.35", "12.34", "-6.01")
    tenth = cells(found["Points by tenth of the agencies, the lowest first"])[0]
    assert (tenth["Mean"], tenth["Most"], tenth["Least"]) == ("-6.01", "-6.01", "-6.01")
    causes = cells(found["What each rule causes, in points"])
    assert len(causes) == 2
    assert sum(decimal(row["Least"]) for row in causes) == decimal("-6.01")
    assert [row["Least"] for row in causes] == [loss["(1)"], loss["(2)"]]


def test_who_leaves_the_scope_is_said_first_and_the_others_apart():
    whole = OLD.replace(
        "        normalise: min_max\n", ""
    )  # a score that does not depend on the others
    few = whole.replace("caps: [", "scope: {agencies: code = '00' or code = '01'}\ncaps: [")
    said = lines(page(few, old=whole))
    place = said.index("No longer in scope: 10 agencies.")
    assert said[place - 1] == ""
    assert said[place + 2] == "Of those in scope before and now, no total moves."
    most = whole.replace("caps: [", "scope: {agencies: code != '00'}\ncaps: [")
    assert "Newly in scope: 1 agency." in lines(page(whole, old=most))
    moved = lines(page(few.replace("weight: 3", "weight: 9"), old=whole))
    assert any(re.match("[12] of 2 agencies move", line) for line in moved)


def test_a_finding_on_services_counts_services_and_agencies():
    finding = '  slow: {of: services, when: n < 5, title: Slow, message: "m"}\n'
    new = OLD + finding
    new = new.replace("caps: [", "indicators: {services: {n: {}}}\ncaps: [")
    services = pl.DataFrame(
        {"code": list("abc"), "agency": ["01", "01", "02"], "n": [1.0, 2.0, 3.0]}
    )
    words = wording(new, old=new.replace("n < 5", "n < 0"))
    data = Dataset.of(agencies=pl.DataFrame(agencies()), services=services)
    said = "\n".join(lines(impact_page(impact(words.old, words.new, data), words)))
    assert "Slow, newly (3 services of 2 agencies): Body 0" in said


def test_one_place_is_one_place_and_ranking_is_told_once():
    table = {"code": ["a", "b"], "name_en": ["A", "B"]}
    table |= {name: [50.1, 50.2] for name in ("p", "q", "s")} | {"r": [50.0, 50.0]}
    said = lines(page(OLD.replace("decimals: 2", "decimals: 0"), table=table))
    assert any("1 change their rank, by one place at most (A: 1, before 2)." in one for one in said)
    assert sum("Ranking" in one for one in said) == 1


def test_the_page_of_one_rule_says_it_in_a_sentence():
    blocks = page(edited("at: 60"))
    said = lines(blocks)
    assert (
        "One rule differs that decides scores or ranks: Total (cap 1 bound): 45; before, 60."
        in said
    )
    assert "What each rule causes, in points" not in tables(blocks)
    assert "What if: both applied to the same data" in said
    assert not any("SYNTHETIC" in line for line in said)


def test_sentences_of_the_page_agree_with_the_two_evaluations():
    new = edited("policy: zero", "weight: 3")
    words = wording(new)
    found = impact(words.old, words.new, Dataset.of(agencies=pl.DataFrame(agencies())))
    said = "\n".join(lines(impact_page(found, words)))
    totals = [
        {row["agency"]: row for row in one.agencies.to_dicts()} for one in (found.old, found.new)
    ]
    printed = {code: [Decimal(f"{one[code]['total']:.2f}") for one in totals] for code in totals[0]}
    moves = {code: new - old for code, (old, new) in printed.items() if new != old}
    up, down = (sum(sign * move > 0 for move in moves.values()) for sign in (1, -1))
    most = max(abs(move) for move in moves.values())
    assert (
        f"{len(moves)} of {COUNT} agencies move, {up} up and {down} down, by {most} points" in said
    )
    placed = [code for code in totals[0] if len({one[code]["rank"] for one in totals}) > 1]
    assert f"\n{len(placed)} change their rank, by " in said
    poor = [{code for code, pair in printed.items() if pair[which] < 30} for which in (0, 1)]
    for head, codes in (("newly", poor[1] - poor[0]), ("no longer", poor[0] - poor[1])):
        told = re.search(rf"Poor, {head} \((\d+)\): (.*)", said)
        assert bool(told) == bool(codes)
        if told:
            assert int(told[1]) == len(codes)
            assert set(told[2].split("; ")) == {f"Body {code}" for code in codes}


def test_nothing_moves_where_no_rule_of_the_scores_differs():
    blocks = page(OLD.replace("top: 3", "top: 4"))
    said = lines(blocks)
    assert "Nothing differs that decides scores or ranks." in said
    assert "No agency's total moves." in said
    assert "Best, entering (1): " in "\n".join(said)
    assert not tables(blocks)
    assert said[-1] == "Differs too, in what is made of the scores: Best (top)"


def test_rules_that_stand_only_together_and_bodies_left_out_are_said():
    new = edited("policy: zero")
    new = new.replace("speed: digital.fast", "speed: digital.fast, reach: open.far")
    new = new.replace(
        "      shared:", "      far: {use: core.value, with: {column: t}}\n      shared:"
    )
    new = new.replace("caps: [", "caps: [{at: 30, when: reach < 10}, ")
    table = {**agencies(), "t": [50.0] * COUNT}
    for name in ("p", "q", "r", "s"):
        table[name] = [None, *table[name][1:]]
    said = lines(page(new, table=table))
    assert "Rules that stand only together are taken as one." in said
    assert "Without a total under some of the rules, so not shared out: Body 00" in said


def test_other_scales_are_warned_of():
    new = OLD.replace("caps: [", "scale: {high: 200}\ncaps: [")
    assert Line("The scales differ: a point is not what it was", "warning") in page(new)


def test_the_persian_page_is_persian():
    blocks = page(edited(*EDITS), "fa")
    texts = [*lines(blocks)]
    for block in blocks:
        if isinstance(block, Table):
            texts += [block.title, *(column.heading for column in block.columns)]
            texts += [cell for row in block.rows for cell in row]
    blocks = ruleset_changes(wording(edited(*EDITS), "fa"))
    for block in blocks:
        if isinstance(block, Table):
            texts += [block.title, *(column.heading for column in block.columns)]
            texts += [cell for row in block.rows for cell in row]
    # Names, ids and what is written in a ruleset stay as they are.
    kept = r"Body \d\d|second|first|Second round|column|[pqrs]\b|speed|low|high"
    for text in texts:
        assert not re.search("[A-Za-z]", re.sub(kept, "", text)), text


# --- the command --------------------------------------------------------------------------------


def test_without_data_it_says_what_changed(folder):
    done = run(folder / "old.yaml", folder / "new.yaml")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("Second round against First round\nsecond against first\n")
    assert "What decides the scores" in done.stdout


def test_comments_and_order_are_no_difference(folder):
    lines_of_file = (folder / "old.yaml").read_text(encoding="utf-8").splitlines()
    moved = [*lines_of_file[3:5], "# a comment", *lines_of_file[:3], *lines_of_file[5:]]
    (folder / "same.yaml").write_text("\n".join(moved), encoding="utf-8")
    done = run(folder / "old.yaml", folder / "same.yaml", "--exit-code")
    assert done.exit_code == 0
    assert "No difference: both rulesets say the same." in done.stdout


@pytest.mark.parametrize("data", [False, True])
def test_exit_code_1_only_where_it_is_asked_for(folder, data):
    options = ["--data", folder / "data"] if data else []
    assert run(folder / "old.yaml", folder / "new.yaml", *options).exit_code == 0
    assert run(folder / "old.yaml", folder / "new.yaml", "--exit-code", *options).exit_code == 1
    assert run(folder / "old.yaml", folder / "old.yaml", "--exit-code", *options).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["old.yaml", "gone.yaml"], "gone.yaml"),
        (["data", "new.yaml"], "data: this is a folder"),
        (["old.yaml"], "Missing argument 'NEW'"),
        (["old.yaml", "bad.yaml"], "bad.yaml:1:6"),
        (["old.yaml", "new.yaml", "--data", "gone"], "gone"),
        (
            ["old.yaml", "new.yaml", "--source", "x.yaml"],
            "--source says what the columns of --data",
        ),
        (["old.yaml", "new.yaml", "--engine", "duckdb"], "--engine says where --data is scored"),
    ],
)
def test_what_cannot_be_used_exits_2(folder, monkeypatch, arguments, said):
    monkeypatch.chdir(folder)
    (folder / "bad.yaml").write_text("id: [", encoding="utf-8")
    done = run(*arguments)
    assert done.exit_code == 2
    assert said in done.stderr
    assert done.stdout == ""


def test_json_holds_every_change_and_every_agency(folder):
    words = json.loads(run(folder / "old.yaml", folder / "new.yaml", "--format", "json").stdout)
    assert words["old"] == "first"
    assert {"path": ["caps", 0, "at"], "kind": "method", "old": 60, "new": 45} in words["changes"]
    added = next(one for one in words["changes"] if one["path"][-1] == "direction")
    assert (added["old"], added["new"]) == ("up", "down")  # what holds unless it is said
    options = ["--data", folder / "data", "--format", "json"]
    whole = json.loads(run(folder / "old.yaml", folder / "new.yaml", *options).stdout)
    assert whole["changes"] == words["changes"]
    assert whole["exact"] is False
    assert len(whole["rules"]) == len(EDITS)
    assert len(whole["tables"]["agencies"]) == COUNT
    assert len(whole["tables"]["attribution"]) == COUNT * len(EDITS)


def test_csv_is_one_row_per_change_or_per_agency_and_rule(folder):
    pair = (folder / "old.yaml", folder / "new.yaml")
    changed = list(csv.DictReader(io.StringIO(run(*pair, "--format", "csv").stdout)))
    assert {"path": "caps.0.at", "kind": "method", "old": "60", "new": "45"} in changed
    assert {"path": "missing.policy", "kind": "method", "old": "zero", "new": "skip"} in changed
    done = run(*pair, "--data", folder / "data", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert len(rows) == COUNT * len(EDITS)
    sums, shifts = {}, {}
    for row in rows:
        shifts[row["agency"]] = row["shift"]
        sums.setdefault(row["agency"], []).append(row["rule_points"])
    for agency, parts in sums.items():
        if "" not in parts:
            assert sum(map(Decimal, parts)) == Decimal(shifts[agency])


def test_engines_agree(folder):
    options = [folder / "old.yaml", folder / "new.yaml", "--data", folder / "data"]
    assert run(*options).stdout == run(*options, "--engine", "duckdb").stdout


def test_the_sample_rounds_make_a_page_for_the_council(tmp_path):
    assert CliRunner().invoke(cli, ["sample", str(tmp_path / "demo")]).exit_code == 0
    rulesets = [
        tmp_path / "demo" / "rulesets" / f"ir-1400-{one}.yaml" for one in ("spring", "autumn")
    ]
    done = run(*rulesets, "--data", tmp_path / "demo" / "ir-1400-autumn")
    assert done.exit_code == 0, done.stderr
    assert "SYNTHETIC DATA" in done.stdout
    assert "Steps online weighs 33.3% of its axis; before, 25.0%" in done.stdout
    assert len(done.stdout.splitlines()) < 50
    document = json.loads(
        run(*rulesets, "--data", tmp_path / "demo" / "ir-1400-autumn", "--format", "json").stdout
    )
    assert document["synthetic"] is True
    assert [rule["id"] for rule in document["rules"]] == ["axes.user_centric.criteria.online_steps"]
    shifts = {row["agency"]: row["shift"] for row in document["tables"]["agencies"]}
    assert len(shifts) == 168
    assert {row["agency"]: row["points"] for row in document["tables"]["attribution"]} == shifts


def test_rulesets_are_read_from_files_with_their_parents(folder):
    child = "schema: egovrules/1\nid: child\nextends: old.yaml\naxes: {open: {weight: 9}}\n"
    (folder / "child.yaml").write_text(child, encoding="utf-8")
    words = Wording(load_ruleset(folder / "old.yaml"), load_ruleset(folder / "child.yaml"))
    assert [change.loc for change in words.found] == [("id",), ("axes", "open", "weight")]
