"""Rulesets with a slip in each, and every word that ``egovrules check`` says of them.

Beside ``broken/<slip>.yaml`` stands ``broken/<slip>.txt``. Messages that were changed on purpose
are written anew by

    EGOVRULES_GOLDEN=write python -m pytest tests/test_broken_rulesets.py

to be read, one by one, before they are committed. Nothing else writes to these files.
"""

import os
import re
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.cells import cell_len

from egovrules.cli import cli
from egovrules.errors import RulesetError
from egovrules.plugins import Registry
from egovrules.rehearsal import rehearse
from egovrules.ruleset import load_ruleset

BROKEN = Path(__file__).parent / "broken"
SLIPS = sorted(path.stem for path in BROKEN.glob("*.yaml"))
REGISTRY = Registry.installed()
ODD = {"bands_out_of_order"}  # may be used, and is warned of
WRONG = sorted(set(SLIPS) - ODD)
WRITE = os.environ.get("EGOVRULES_GOLDEN") == "write"


@cache
def rehearsed(kind, parameters):
    return rehearse(kind.model_validate_json(parameters))


@pytest.fixture(autouse=True)
def _in_the_folder(monkeypatch):
    """Let messages name files as an analyst beside them would; load and rehearse plugins once."""
    monkeypatch.chdir(BROKEN)
    monkeypatch.setattr(Registry, "installed", lambda: REGISTRY)
    monkeypatch.setattr(
        "egovrules.binding.criteria.rehearse",
        lambda one: rehearsed(type(one), one.model_dump_json()),
    )


@cache
def problems(slip):
    with pytest.raises(RulesetError) as caught:
        load_ruleset(f"{slip}.yaml")
    return caught.value.problems


@pytest.mark.parametrize("slip", SLIPS)
def test_every_word(slip):
    said = CliRunner().invoke(cli, ["check", f"{slip}.yaml"])
    told = BROKEN / f"{slip}.txt"
    if WRITE:
        told.write_bytes(said.stderr.encode())
    assert said.stderr == told.read_bytes().decode()
    assert said.exit_code == (0 if slip in ODD else 2)
    count = len(problems(slip)) if slip in WRONG else 0
    verdict = f"{count} error{'' if count == 1 else 's'}" if count else "1 warning"
    assert said.stdout.rstrip().endswith(verdict)


def test_there_are_enough_slips_and_no_message_without_one():
    assert len(SLIPS) >= 180
    assert sorted(path.stem for path in BROKEN.glob("*.txt")) == SLIPS


@pytest.mark.parametrize("slip", WRONG)
def test_each_problem_has_a_place_in_the_words_of_an_analyst(slip):
    for one in problems(slip):
        assert one.source.endswith(".yaml")
        assert (one.line and one.column and one.excerpt) or slip == "saved_in_utf_16"
        jargon = r"pydantic|validation error|Input|Traceback|Entry|NoneType|scalar|token|_type"
        assert not re.search(jargon, f"{one.message} {one.hint}")


@pytest.mark.parametrize("slip", sorted({*WRONG} - {"saved_in_utf_16"}))
def test_the_caret_stands_under_the_column(slip):
    """Measured by rich, under Persian, Korean, vowel signs, joiners, pictures, tabs and marks."""
    for one in problems(slip):
        raw = Path(one.source).read_bytes().decode("utf-8-sig", "replace")
        line = re.split("\r\n|\n", raw)[one.line - 1]
        shown, carets = one.excerpt.split("\n")
        assert shown.partition("| ")[2] == line.rstrip().replace("\t", " ")
        before = re.sub("[\u200b-\u200f]", "", line[: one.column - 1]).replace("\t", " ")
        assert carets.index("^") == len("      | ") + cell_len(before)


def test_what_they_extend_is_sound():
    assert load_ruleset("parents/ir-1400-spring.yaml").warnings == ()


def test_a_slip_is_told_once():
    """What builds upon a fault is passed over; where several are told, each is one of its own."""
    several = {slip: len(found) for slip in WRONG if len(found := problems(slip)) > 1}
    assert several == {
        "anchor_and_alias": 2,
        "codes_of_countries": 3,
        "id_and_title_missing": 2,
        "key_in_finding": 2,
        "many_slips": 9,
        "normalisation_low_above_high": 2,
        "normalisation_parameter_misspelt": 2,
        "normalisation_without_target": 2,
        "plugin_not_installed": 2,
        "rank_label_before_the_ranking": 3,
        "removes_nothing": 2,
        "removes_what_is_needed": 2,
        "weight_as_a_time": 2,
        "weight_in_percent": 2,
        "weight_in_persian_digits": 2,
        "weight_not_a_number": 2,
    }
