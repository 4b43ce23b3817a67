"""What columns are called: who titles them, that it decides nothing, and where people read it."""

import json
import re
from dataclasses import replace
from pathlib import Path

import fastexcel
import polars as pl
import pytest

import egovrules as eg
from egovrules import builtin, store
from egovrules.changes import changes
from egovrules.dataset import Dataset, load_dataset
from egovrules.errors import RulesetError
from egovrules.evaluation import evaluate
from egovrules.explanation import explain
from egovrules.export import export
from egovrules.export.spoken import spoken
from egovrules.fields import AGENCY_FIELDS, SERVICE_FIELDS
from egovrules.folding import GAP, LINK_COLUMNS
from egovrules.html.card import cards
from egovrules.html.card.expanded import expanded
from egovrules.html.dossier import dossier
from egovrules.impact import impact
from egovrules.plugins import Plugin, Registry
from egovrules.report.blocks import Table
from egovrules.report.called import all_called, called, title_of
from egovrules.report.scorecard import scorecard
from egovrules.ruleset import load_ruleset, read_ruleset
from egovrules.sample import write_sample
from egovrules.verification import verify

RULESETS = Path(__file__).parents[1] / "rulesets"
LATIN = re.compile("[A-Za-z]")


class Doors(eg.Criterion):
    """Doors that are open."""

    id = "house.doors"
    level = "service"
    title = {"en": "Doors", "fa": "درها"}
    opened: eg.Column = eg.reads(
        "doors_open", low=0, at_most="doors", title={"en": "Open doors", "fa": "درهای باز"}
    )
    doors: eg.Column = eg.reads("doors_all", low=0, title="All doors")

    def ratio(self):
        """Give both."""
        return eg.col(self.opened), eg.col(self.doors)


class Lamps(eg.Criterion):
    """Lamps by room."""

    id = "house.lamps"
    level = "service"
    title = {"en": "Lamps", "fa": "چراغ‌ها"}
    rooms: eg.Columns = eg.reads(
        {"lamp_hall": {"en": "Hall", "fa": "سرسرا"}, "lamp_attic": "", "lamp_shed": "Shed"},
        type="text",
        values={"lit": {"en": "alight", "fa": "روشن"}, "dark": {"en": "out", "fa": "خاموش"}},
    )

    def score(self):
        """Give half the scale."""
        known = [~eg.col(name).is_null() for name in self.rooms]
        return eg.when(*known).then(eg.lit(50.0))


def registry():
    core = Plugin(
        "core",
        "egovrules",
        "0.1",
        criteria=(builtin.Value, builtin.Ratio, builtin.Yes),
        aggregations=tuple(builtin.egovrules_aggregations()),
    )
    return Registry.collect([core, Plugin("house", "house", "1", criteria=(Doors, Lamps))])


HEAD = "schema: egovrules/1\nid: t\ntitle: T\n"
HOUSE = "axes: {house: {criteria: {doors: {}, lamps: {}}}}\n"
SERVICES = {
    "code": ["1", "2"],
    "agency": ["A", "A"],
    "doors_open": ["1", "refused"],
    "doors_all": [2.0, 4.0],
    "lamp_hall": ["lit", "dark"],
    "lamp_attic": ["dark", "lit"],
    "lamp_shed": ["lit", None],
}


def read(body):
    return read_ruleset(HEAD + body, registry=registry())


def made(body, services=None, **agencies):
    table = pl.DataFrame({"code": ["A"], "name_en": ["Post"], "name_fa": ["پست"], **agencies})
    tables = {"agencies": table}
    if services is not None:
        tables["services"] = pl.DataFrame(services)
    return evaluate(read(body), Dataset.of(**tables))


# --- who titles a column ------------------------------------------------------------------------


def test_a_plugin_titles_the_columns_that_it_reads_one_by_one():
    manifest = made(HOUSE, SERVICES).manifest
    assert manifest.titles == {
        "services": {
            "doors_open": {"en": "Open doors", "fa": "درهای باز"},
            "doors_all": "All doors",
            "lamp_hall": {"en": "Hall", "fa": "سرسرا"},
            "lamp_shed": "Shed",
        },
        "agencies": {},
    }
    assert called(manifest, "services", "doors_open", "fa") == "درهای باز"
    assert called(manifest, "services", "doors_all", "fa") == "All doors"
    assert called(manifest, "services", "lamp_attic", "fa") == "lamp attic"
    assert title_of(manifest, "services", "lamp_attic", "fa") == ""


def test_one_title_is_refused_for_several_columns():
    with pytest.raises(TypeError, match="one by one"):
        eg.reads(["a", "b"], title="Both")


def test_the_title_of_a_parameter_goes_to_the_column_that_a_ruleset_names():
    body = HOUSE.replace("doors: {}", "doors: {with: {opened: gates, doors: walls}}")
    table = {**SERVICES, "gates": [1.0, 1.0], "walls": [1.0, 1.0]}
    found = made(body, table).manifest.titles["services"]
    assert found["gates"] == {"en": "Open doors", "fa": "درهای باز"}
    assert "doors_open" not in found


def test_the_rulesets_title_wins_and_needs_no_type():
    body = f"""{HOUSE}indicators:
  services:
    doors_open: {{title: {{en: Gates, fa: دروازه‌ها}}}}
    lamp_hall: {{title: Corridor}}
    lamp_attic: {{title: {{en: Attic, fa: بام}}}}
"""
    ruleset = read(body)
    assert ruleset.warnings == ()
    assert ruleset.indicators["services"]["lamp_hall"].type == "text"
    assert ruleset.indicators["services"]["lamp_hall"].values == ("lit", "dark")
    assert ruleset.indicators["services"]["doors_open"].low == 0
    manifest = made(body, SERVICES).manifest
    assert called(manifest, "services", "doors_open", "en") == "Gates"
    assert called(manifest, "services", "lamp_hall", "fa") == "Corridor"
    assert called(manifest, "services", "lamp_attic", "fa") == "بام"
    assert called(manifest, "services", "doors_all", "fa") == "All doors"


def test_conditions_know_the_type_of_a_column_that_has_but_a_title():
    body = f"{HOUSE}indicators: {{services: {{lamp_hall: {{title: Corridor}}}}}}\n"
    lit = "lists: {bright: {of: services, when: lamp_hall = 'lit'}}\n"
    assert made(body + lit, SERVICES).lists["subject"].to_list() == ["1"]
    with pytest.raises(RulesetError, match="lit"):
        read(body + lit.replace("'lit'", "'lid'"))


def test_a_type_that_is_written_must_be_the_criterions():
    body = f"{HOUSE}indicators: {{services: {{lamp_hall: {{type: number, title: Corridor}}}}}}\n"
    with pytest.raises(RulesetError, match="`indicators:` declares it as a number"):
        read(body)


def test_a_title_of_what_nobody_reads_is_warned_of():
    warnings = read(f"{HOUSE}indicators: {{services: {{cellar: {{title: Cellar}}}}}}\n").warnings
    assert ["nothing reads 'cellar'" in str(one) for one in warnings] == [True]


LONE = "use: core.value, with: {column: x}"


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        (f"p: {{{LONE}, title: {{en: Ix, fa: ایکس}}}}", "ایکس"),
        (f"p: {{{LONE}}}", "x"),  # "Value" says nothing of a column
        # Neither of two uses is what the column is.
        (f"p: {{{LONE}, title: One}}, q: {{{LONE}, title: Other}}", "x"),
        (f"p: {{{LONE}, title: One}}, q: {{{LONE}, title: One}}", "One"),
        ("p: {use: core.ratio, with: {numerator: x, denominator: z}, title: One}", "x"),
    ],
)
def test_a_criterion_that_reads_one_column_lends_it_the_rulesets_title(criteria, expected):
    manifest = made(f"axes: {{a: {{criteria: {{{criteria}}}}}}}\n", x=[1.0], z=[2.0]).manifest
    assert called(manifest, "agencies", "x", "fa") == expected


def test_columns_that_share_a_title_bear_their_names():
    body = f"{HOUSE}indicators: {{services: {{doors_all: {{title: Hall}}}}}}\n"
    manifest = made(body, SERVICES).manifest
    names = ["doors_all", "lamp_hall", "lamp_shed"]
    assert all_called(manifest, "services", names, "en") == {
        "doors_all": "Hall (doors_all)",
        "lamp_hall": "Hall (lamp_hall)",
        "lamp_shed": "Shed",
    }


def test_the_models_own_columns_have_titles_in_every_language():
    manifest = made(HOUSE, SERVICES).manifest
    for table, fields in (("agencies", AGENCY_FIELDS), ("services", SERVICE_FIELDS)):
        folded = LINK_COLUMNS if table == "services" else (GAP,)
        for name in (*fields, *folded):
            english, persian = (title_of(manifest, table, name, one) for one in ("en", "fa"))
            assert english, name
            assert persian, name
            assert not LATIN.search(persian), name


# --- derived values -----------------------------------------------------------------------------


def test_a_derived_value_may_have_a_title():
    plain = read(f"{HOUSE}derive: {{share: house.doors, twice: share * 2}}\n")
    body = f"""{HOUSE}derive:
  share: {{value: house.doors, title: {{en: Open, fa: باز}}}}
  twice: {{value: share * 2}}
  many: {{value: mean of twice over services, title: Many}}
"""
    ruleset = read(body)
    assert [one.name for one in ruleset.rules.derive] == ["share", "twice", "many"]
    assert ruleset.rules.derive[:2] == plain.rules.derive
    titles = made(body, SERVICES).manifest.titles
    assert titles["services"]["share"] == {"en": "Open", "fa": "باز"}
    assert titles["agencies"]["share"] == {"en": "Open", "fa": "باز"}  # its mean
    assert titles["agencies"]["many"] == "Many"
    assert "many" not in titles["services"]


@pytest.mark.parametrize(
    ("entry", "where", "at", "message"),
    [
        ("nothing * 2", "derive.d", "nothing", "unknown field 'nothing'"),
        ("{title: T, value: nothing * 2}", "derive.d.value", "nothing", "unknown field 'nothing'"),
        ("{value: mean of doors_all}", "derive.d.value", "mean", "no value over services"),
        ("{title: T}", "derive.d.value", "d:", "the key 'value' is missing"),
        ("{value: house.doors, titel: T}", "derive.d.titel", "titel", "unknown key 'titel'"),
        ("3", "derive.d", "3", "a text is needed here, this is the number 3"),
    ],
)
def test_what_is_wrong_with_a_derived_value_is_told_at_its_place(entry, where, at, message):
    line = f"  d: {entry}"
    with pytest.raises(RulesetError) as caught:
        read(f"{HOUSE}derive:\n{line}\n")
    (problem,) = caught.value.problems
    assert message in problem.message
    assert (problem.where, problem.line, problem.column) == (where, 6, line.index(at) + 1)


@pytest.mark.parametrize("rest", ["", " over", " in", " over offices"])
def test_what_was_begun_over_services_is_completed_once(rest):
    with pytest.raises(RulesetError) as caught:
        read(f"{HOUSE}derive:\n  d: mean of doors_all{rest}\n")
    (problem,) = caught.value.problems
    assert problem.hint.startswith("write `mean of doors_all over services`;")


# --- titles decide nothing ----------------------------------------------------------------------


def bare(value):
    """Take the titles of columns and derived values from a ruleset."""
    found = json.loads(json.dumps(value))
    for table in found.get("indicators", {}).values():
        for entry in table.values():
            entry.pop("title", None)
    derive = found.get("derive", {})
    for name, entry in derive.items():
        derive[name] = entry if isinstance(entry, str) else entry["value"]
    return found


@pytest.mark.parametrize(
    "name", ["ir-1400-spring", "ca-2024", "ca-maf-2024", "published/eu-egov-2023-life-events"]
)
def test_the_method_is_the_same_without_titles(name):
    ruleset = load_ruleset(RULESETS / f"{name}.yaml")
    without = read_ruleset(json.dumps(bare(ruleset.effective)))
    assert without.effective != ruleset.effective
    assert without.method_digest == ruleset.method_digest
    assert without.digest != ruleset.digest


def test_titles_are_told_as_words_where_rulesets_are_compared():
    ruleset = load_ruleset(RULESETS / "ir-1400-spring.yaml").effective
    found = changes(bare(ruleset), ruleset)
    assert {(change.loc, change.kind) for change in found} == {
        (("derive", "electronization", "title"), "words"),
        (("derive", "agency_live_links", "title"), "words"),
    }
    maf = load_ruleset(RULESETS / "ca-maf-2024.yaml").effective
    without = {key: value for key, value in maf.items() if key != "indicators"}
    added = changes(without, maf)
    assert {change.kind for change in added} == {"words"}
    assert len(added) == 5
    assert {change.kind for change in changes(maf, without)} == {"words"}


def test_a_derived_value_that_differs_is_a_change_of_method_in_either_form():
    old = {
        "schema": "egovrules/1",
        "id": "t",
        "title": "T",
        "axes": {"house": {"criteria": {"doors": {}}}},
    }
    for one, other in (("a", "b"), ({"value": "a"}, "b"), ("a", {"value": "b", "title": "B"})):
        first, second = ({**old, "derive": {"d": entry}} for entry in (one, other))
        change, *more = changes(first, second)
        assert (change.loc, change.old, change.new, change.kind) == (
            ("derive", "d"),
            "a",
            "b",
            "method",
        )
        assert [extra.kind for extra in more] == (["words"] if "title" in other else [])
    same = changes(
        {**old, "derive": {"d": "a + 1"}}, {**old, "derive": {"d": {"value": "a  +  1"}}}
    )
    assert same == ()


def test_an_evaluation_of_an_earlier_version_is_read_and_verified(tmp_path):
    ruleset = load_ruleset(RULESETS / "ir-1400-spring.yaml")
    write_sample(tmp_path / "sample")
    fresh = evaluate(ruleset, load_dataset(tmp_path / "sample" / "ir-1400-spring"))
    assert fresh.manifest.titles["services"]
    plain = fresh.manifest.model_copy(update={"titles": {}, "words": {}})
    saved = store.load(store.save(replace(fresh, manifest=plain), tmp_path / "old"))
    assert verify(saved).same
    made_of = cards(saved)
    shown = expanded(made_of.layout, made_of.of("0001"), "fa")
    behind = next(one for one in shown if one.id == "services").answers[0]
    assert behind[0][0] == "point information"
    forged = {**fresh.manifest.titles, "agencies": {"calls": "Forged"}}
    other = replace(fresh, manifest=fresh.manifest.model_copy(update={"titles": forged}))
    assert not verify(other).same


# --- where people read them ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def round_(tmp_path_factory):
    folder = tmp_path_factory.mktemp("titles")
    write_sample(folder / "sample")
    ruleset = load_ruleset(RULESETS / "ir-1400-spring.yaml")
    made_of = evaluate(ruleset, load_dataset(folder / "sample" / "ir-1400-spring"))
    return store.load(store.save(made_of, folder / "spring"))


# Codes of audiences and what nobody translates.
CODES = re.compile(r"G2[CBGE]|g2[cbge](; ?g2[cbge])*|SHA-256|ir-1400-spring|egovrules.*")


def latin(texts):
    return sorted({one for one in texts if LATIN.search(one) and not CODES.fullmatch(one)})


def test_a_persian_scorecard_has_no_latin_names_of_columns_nor_words(round_):
    for code in ("0001", "0104", "0135"):
        one = cards(round_, agency=code)
        shown = expanded(one.layout, one.of(code), "fa")
        heads = [head.heading for part in shown for head in part.columns]
        behind = [
            text for part in shown for pairs in part.answers for pair in pairs for text in pair
        ]
        body = next(part for part in shown if part.id == "indicators")
        missing = [text for part in shown for text in part.missing]
        assert len(behind) > 500
        assert (
            latin([*heads, *behind, *missing, *(text for row in body.rows for text in row)]) == []
        )


def test_the_persian_card_of_the_page_of_all_has_none_either(round_):
    made_of = cards(round_)
    for part in made_of.layout["parts"]:
        heads = [made_of.lexicon.entries[column["h"]][-1] for column in part["columns"]]
        assert latin(heads) == []


def test_the_persian_scorecard_of_the_terminal_has_none_either(round_):
    service = round_.services.filter(pl.col("agency") == "0001")["service"][0]
    for more in ({"service": service}, {"criterion": "integrated.exchange_success"}):
        asked = explain(round_, "0001", **more)
        blocks = scorecard(asked, "fa", criterion=more.get("criterion"))
        tables = [one for one in blocks if isinstance(one, Table)]
        cells = [cell for one in tables for row in one.rows for cell in row]
        heads = [column.heading for one in tables for column in one.columns]
        assert latin([*heads, *cells]) == []
    lines = [one.text for one in blocks if not isinstance(one, Table)]
    (indicators,) = [one for one in lines if "فراخوانی‌های موفق" in one]
    assert not LATIN.search(indicators)


def test_persian_headings_of_a_workbook_have_none_either(round_, tmp_path):
    path = export(round_, tmp_path / "r.xlsx", language="fa")
    book = fastexcel.read_excel(path)
    heads = {}
    for name in book.sheet_names[1:]:
        heads[name] = book.load_sheet(name, header_row=0, n_rows=1).to_polars().columns
    assert latin([one for columns in heads.values() for one in columns]) == []
    assert any("امتیاز الکترونیکی‌شدن" in columns for columns in heads.values())
    assert any("پیوندهای برقرار دستگاه" in columns for columns in heads.values())


def test_the_codebook_has_the_columns_that_were_read_with_name_and_title(round_):
    book = spoken(round_, "fa")["codebook"].table
    rows = {(row["table"], row["column"]): row for row in book.iter_rows(named=True)}
    assert rows["inputs/services", "links_live"]["title"] == "پیوندهای برقرار"
    assert rows["inputs/agencies", "is_main"]["type"] == "boolean"
    assert rows["inputs/agencies", "valid_from"]["type"] == "date"
    assert rows["agencies", "agency_live_links"]["title"] == "پیوندهای برقرار دستگاه"
    for name, table in round_.inputs.items():
        kept = [column for column in table.columns if not column.endswith("__status")]
        if name in ("agencies", "services"):
            assert [key[1] for key in rows if key[0] == f"inputs/{name}"] == kept


def test_refused_answers_of_the_dossier_are_called_by_title(round_):
    for part in dossier(round_, "fa"):
        if part.id == "refused-answers":
            heads = [one.heading for one in part.columns]
            names = [row[heads.index("شاخص")] for row in part.rows]
            assert names
            assert latin(names) == []
            return
    pytest.fail("the sample has refused answers")


def test_texts_are_said_as_their_criterion_calls_them():
    evaluation = made(HOUSE, SERVICES)
    assert evaluation.manifest.words["services"]["lamp_hall"]["lit"] == {
        "en": "alight",
        "fa": "روشن",
    }
    made_of = cards(evaluation, agency="A")
    for language, alight, hall in (("en", "alight", "Hall"), ("fa", "روشن", "سرسرا")):
        shown = expanded(made_of.layout, made_of.of("A"), language)
        first = dict(next(part for part in shown if part.id == "services").answers[0])
        assert first[hall] == alight
    blocks = scorecard(explain(evaluation, "A", service="1"), "fa")
    assert ("سرسرا", "روشن") in blocks[-1].rows


def test_a_word_of_somebody_elses_is_not_taken_for_one_of_ours():
    """The catalogue knows `status` as that of an answer, and `none`, `high` otherwise as well."""
    table = {"code": ["1"], "agency": ["A"], "lamp": ["status"], "post": ["refused"]}
    text = f"{HEAD}axes: {{a: {{criteria: {{c: {{use: t.text, with: {{column: lamp}}}}}}}}}}\n"

    class Text(eg.Criterion):
        """Reads a text."""

        id = "t.text"
        level = "service"
        title = "Text"
        column: eg.Column = eg.reads("x", type="text")

        def score(self):
            return eg.when(~eg.col(self.column).is_null()).then(eg.lit(50.0))

    core = registry().plugins
    known = Registry.collect([*core, Plugin("t", "t", "1", criteria=(Text,))])
    tables = {"agencies": pl.DataFrame({"code": ["A"]}), "services": pl.DataFrame(table)}
    evaluation = evaluate(read_ruleset(text, registry=known), Dataset.of(**tables))
    made_of = cards(evaluation, agency="A")
    shown = expanded(made_of.layout, made_of.of("A"), "fa")
    assert next(part for part in shown if part.id == "services").answers == [[("lamp", "status")]]


def test_lists_and_ranks_inside_groups_are_headed_by_titles():
    body = """axes: {a: {criteria: {c: {use: core.value, with: {column: x}}}}}
indicators: {agencies: {area: {type: text, title: {en: Region, fa: منطقه}}}}
derive: {twice: {value: x * 2, title: {en: Doubled, fa: دوبرابر}}}
rank: {within: [area]}
lists: {most: {of: agencies, by: twice, top: 1}}
"""
    evaluation = made(body, x=[1.0], area=["north"])
    columns = {one.name: one.title for one in spoken(evaluation, "fa")["agencies"].columns}
    assert columns["twice"] == "دوبرابر"
    assert "منطقه" in columns["rank_in_area"]
    told = scorecard(explain(evaluation, "A"), "fa")
    assert any("منطقه" in getattr(one, "text", "") for one in told)


def test_treated_columns_are_called_by_title():
    title = "title: {en: Roads, fa: راه‌ها}"
    body = (
        f"axes: {{a: {{criteria: {{c: {{{LONE}, {title}}}}}}}}}\n"
        """
treatment: [{do: divide, of: [x], by: heads}]
"""
    )
    ruleset = read_ruleset(HEAD + body)
    table = pl.DataFrame({"code": ["A", "B"], "x": [10.0, 20.0], "heads": [2.0, 4.0]})
    evaluation = evaluate(ruleset, Dataset.of(agencies=table))
    made_of = cards(evaluation)
    treated = next(p for p in expanded(made_of.layout, made_of.of("A"), "fa") if p.id == "treated")
    assert "راه‌ها: ۱۰" in treated.lines[0][1]
    told = [one for one in scorecard(explain(evaluation, "A"), "fa") if isinstance(one, Table)]
    assert any("راه‌ها" in row for one in told for row in one.rows)
    sheet = spoken(evaluation, "fa")["treatments"].table
    assert sheet.select("indicator", "title").unique().rows() == [("x", "راه‌ها")]


def test_what_a_change_does_is_told_of_titled_derived_values():
    body = """axes: {a: {criteria: {c: {use: core.value, with: {column: x}}}}}
derive: {level: {value: a.c, title: Level}, half: {value: HALF}}
caps: [{at: 30, when: half > 20}]
"""
    old, new = (
        read_ruleset(HEAD + body.replace("HALF", one)) for one in ("level / 2", "level / 9")
    )
    agencies = pl.DataFrame({"code": ["A"], "x": [90.0]})
    found = impact(old, new, Dataset.of(agencies=agencies))
    assert found.agencies.select("old_total", "total").rows() == [(30.0, 90.0)]
    assert found.attribution.table.rows() == [("A", "derive.half", 60.0, 0.0)]
