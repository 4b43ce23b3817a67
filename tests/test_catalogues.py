"""Every text that the code shows is translated, and a language is no more than a catalogue."""

import ast
import gettext
import re
import sys
from pathlib import Path

import polars as pl
import pytest
from babel.messages.catalog import Catalog

from egovrules import text
from egovrules.cli import COMMANDS, cli
from egovrules.dataset import Dataset
from egovrules.evaluation import evaluate
from egovrules.export import FORMS, export
from egovrules.model import AgencyKind
from egovrules.report.findings import listed_findings
from egovrules.report.summary import national_summary
from egovrules.report.terminal import render
from egovrules.ruleset import load_ruleset
from egovrules.text import direction, languages, placeholders, translate

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
from catalogues import files, reached, texts  # noqa: E402 - a folder beside src, as benchmarks is

FOUND = texts.messages()
WRITTEN = [one for one in languages() if one != "en"]


def catalogue(language):
    """Return what translators wrote, by message, without the header."""
    path = text.LOCALE / language / "LC_MESSAGES" / "egovrules.po"
    return {one.id: one for one in files.read(path, language) if one.id}


# --- nothing is missing ----------------------------------------------------------------------


@pytest.mark.parametrize("language", WRITTEN)
def test_every_text_is_translated_and_no_other(language):
    found = catalogue(language)
    assert found.keys() == FOUND.keys(), "run `make catalogues`, and translate what is new"
    assert [one for one, said in found.items() if not said.string or said.fuzzy] == []


@pytest.mark.parametrize("language", WRITTEN)
def test_translations_have_no_slip(language):
    for english, said in catalogue(language).items():
        assert not said.string or placeholders(english) == placeholders(said.string), english
        assert said.string.strip() == said.string, english
        if language == "fa":
            assert not set(said.string) & set("يكىة٠١٢٣٤٥٦٧٨٩0123456789"), english


@pytest.mark.parametrize("language", WRITTEN)
def test_what_is_shown_is_what_was_written(language):
    path = text.LOCALE / language / "LC_MESSAGES" / "egovrules.po"
    with path.with_suffix(".mo").open("rb") as file:
        shown = gettext.GNUTranslations(file)
    written = catalogue(language)
    assert {one: shown.gettext(one) for one in written} == {
        one: said.string or one for one, said in written.items()
    }, "run `make catalogues`"


# --- how texts are found ---------------------------------------------------------------------


def test_a_text_is_found_wherever_it_comes_from():
    module = '''
_WORDS = {"up": "rising", **{"down": "falling"}}
_HALVES = ("first", "second")

def told(language, n, key, rows):
    """No text."""
    message = "one" if n else "other"
    translate(message, language)
    translate(_WORDS.get(key, "steady"), language)
    translate(_HALVES[n], language, name="name")
    counted(n, "a row", "rows", language)
    headed(language, "Name", number("Sum"))
    for place, title in [("key", "title"), *((key, "later") for key in rows)]:
        translate(title, language)
    for which in {"all": 1}.items():
        pass
    return [translate(word, language) for word, _ in {"whole": 1}.items()], "nothing", f"no {n}"
'''
    assert set(reached.translated_in(ast.parse(module))) == {
        *("rising", "falling", "steady", "first", "second", "one", "other", "a row", "rows"),
        *("Name", "Sum", "title", "later", "whole"),
    }


def test_in_a_module_that_speaks_a_text_is_what_reads_like_one():
    module = '''
"""No text."""
__all__ = ["Names"]
STYLE, NAME = "[a-z] pattern", "column_name"

class View(Report):
    """No text."""

    title = {"en": "A title", "fa": "عنوان"}

    def tell(self, n: "Wording") -> "Told":
        if n:
            raise EvaluationError.of("an error says this", hint="and this")
        message, hint = "an error is told", "in other words"
        return Table("Findings", f"no {n} text {say('A head')}", "so {n} says", "SYNTHETIC DATA")
'''
    assert set(texts.reads_as_text(ast.parse(module))) == {
        *("Findings", "A head", "so {n} says", "SYNTHETIC DATA")
    }


def test_a_template_is_read_as_well():
    page = """<h2 class="No text">{{ w.t("Ranking") }}</h2>
    {% for key, title in [("total", "Sum of all")] %}{{ w.t(title) }}{{ key|join(", ") }}
    {% endfor %}
    {{ w.say("rows", count=n) if n else t("none") }}"""
    assert set(texts.in_template(page)) == {"Ranking", "Sum of all", "rows", "none"}


def test_words_of_closed_lists_are_found():
    for kind in AgencyKind:
        assert kind.value.replace("_", " ") in FOUND
    for word in ("not applicable", "weight", "min max", "half even", "Ordibehesht", "Spring"):
        assert word in FOUND, word


def test_a_new_text_is_left_for_translators_and_an_old_one_goes():
    before = Catalog("fa")
    before.add("Kept", "مانده", user_comments=["a note"])
    before.add("Gone", "رفته")
    before.add("Guessed", "حدس", flags=["fuzzy"])
    found = {"Kept": {"b.py", "a.py"}, "New": {"a.py"}, "Guessed": {"a.py"}}
    after = files.source(files.updated(before, found)).decode()
    assert re.findall('msg(?:id|str) "(.+)"', after) == ["Guessed", "حدس", "Kept", "مانده", "New"]
    assert "# a note\n#: a.py b.py\n" in after
    assert after.count(", fuzzy") == 1
    assert "حدس".encode() not in files.compiled(files.updated(before, found))
    assert files.source(files.updated(before, found)).decode() == after


# --- a third language ------------------------------------------------------------------------

RULESET = """
schema: egovrules/1
id: t
title: {en: Round, ckb: خول}
axes: {a: {criteria: {x: {use: core.value, with: {column: v}}}}}
bands: {b: {of: agencies, by: total, labels: [{low: "< 50"}], otherwise: not_assessed}}
findings: {f: {of: agencies, severity: warning, when: total < 30, message: "{name} is low"}}
"""


@pytest.fixture
def sorani(tmp_path, monkeypatch):
    """Begin a catalogue, as `python -m catalogues ckb` does, and translate it in capitals."""
    folder = tmp_path / "locale" / "ckb" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    begun = files.updated(Catalog("ckb"), FOUND)
    for one in begun:
        parts = re.split(r"(\{[^}]*\})", one.id or "")
        one.string = "".join(part if part[:1] == "{" else part.upper() for part in parts)
    (folder / "egovrules.po").write_bytes(files.source(begun))
    read = files.read(folder / "egovrules.po", "ckb")
    (folder / "egovrules.mo").write_bytes(files.compiled(read))
    monkeypatch.setattr(text, "LOCALE", tmp_path / "locale")
    text._catalogue.cache_clear()
    yield "ckb"
    text._catalogue.cache_clear()


def test_a_third_language_is_a_file(sorani, tmp_path):
    assert languages() == ("en", "ckb")
    assert (direction(sorani), direction("en"), direction("fa")) == ("rtl", "ltr", "rtl")
    assert translate("{count} more", sorani, count=1234) == "{count} more".format(count="1,234")
    assert translate("Findings", sorani) == "FINDINGS"
    path = tmp_path / "t.yaml"
    path.write_text(RULESET, encoding="utf-8")
    agencies = pl.DataFrame({"code": ["A", "B"], "name": ["Post", "Roads"], "v": [10.0, 60.0]})
    evaluation = evaluate(load_ruleset(path), Dataset.of(agencies=agencies))
    shown = render(national_summary(evaluation, sorani), width=100, colour=False)
    assert "خول" in shown  # the ruleset's own title
    for heading in ("NUMBER OF AGENCIES", "FINDINGS", "NOT ASSESSED"):
        assert heading in shown, shown
    told = render(listed_findings(evaluation.findings, sorani), width=100, colour=False)
    assert "WARNING: Post is low" in told  # results hold messages in English and Persian
    for form, ending in FORMS.items():
        export(evaluation, tmp_path / f"out_{form}{ending}", form, language=sorani)
    press = (tmp_path / "out_press.md").read_text(encoding="utf-8")
    assert press.startswith('<div dir="rtl" lang="ckb">')


def test_commands_offer_the_languages_that_there_are():
    offered = {
        name: tuple(option.type.choices)
        for name in COMMANDS
        for option in cli.get_command(None, name).params
        if option.name == "language"
    }
    assert set(offered.values()) == {languages()}
    assert len(offered) >= 8
