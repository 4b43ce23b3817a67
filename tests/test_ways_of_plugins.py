"""Normalisations and aggregations that plugins bring: bound, rehearsed, and under the laws."""

import math
import re
import sys
import types
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest

import egovrules as eg
from egovrules import builtin
from egovrules import normalisation as ways
from egovrules.dataset import Dataset
from egovrules.errors import RulesetError
from egovrules.evaluation import evaluate
from egovrules.plugins import Registry
from egovrules.ruleset import read_ruleset
from egovrules.testing import check_normalisation

PAGE = Path(__file__).parents[1] / "docs/how-to/write-a-normalisation.md"
FENCE = re.compile(r"^```(?:\w+)\n# file: (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
AGENCIES = pl.DataFrame({"code": ["A", "B", "C"], "v": [1.0, 2.0, 4.0], "w": [None, 0.0, 5.0]})
RULES = """\
schema: egovrules/1
id: t
title: T
normalise: ways.mine
axes: {a: {criteria: {v: {use: core.value, with: {column: v}, direction: down}}}}
"""


class Mine(eg.Normalisation):
    """A sound one."""

    id = "ways.mine"

    def normalise(self, x, **_):
        """Double."""
        return x * 2


class OtherColumn(Mine):
    """Reads what it is not given."""

    id = "ways.mine"

    def normalise(self, x, **_):
        """Ask for another column."""
        return x + eg.col("other")


class NoNumbers(Mine):
    """Its population is a column."""

    id = "ways.mine"

    def population(self, x):
        """Give no aggregate."""
        return {"all": x * 2}


class Crashing(Mine):
    """It fails as it is built."""

    id = "ways.mine"

    def normalise(self, x, **_):
        """Divide by zero."""
        return x / (1 // 0)


class CrashingTurned(Mine):
    """It fails only where less is better."""

    id = "ways.mine"

    def reversed(self):
        """Forget how."""
        raise NotImplementedError("no way back")


def registry(kind):
    plugin = SimpleNamespace(
        egovrules_normalisations=eg.hookimpl(lambda: [kind], specname="egovrules_normalisations")
    )
    return Registry.of({"core": builtin, "egovrules-ways": plugin})


def test_a_sound_one_is_used():
    rules = read_ruleset(RULES, registry=registry(Mine))
    made = evaluate(rules, Dataset.of(agencies=AGENCIES))
    assert dict(made.agencies.select("agency", "total").iter_rows()) == {"A": -2, "B": -4, "C": -8}


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (OtherColumn, "cannot be computed: ColumnNotFoundError"),
        (NoNumbers, "declares population numbers that are no single numbers"),
        (Crashing, "cannot be computed: ZeroDivisionError"),
        (CrashingTurned, "cannot be computed: NotImplementedError: no way back"),
    ],
)
def test_one_that_cannot_be_computed_is_told_at_its_place_with_its_author(kind, said):
    with pytest.raises(RulesetError) as caught:
        read_ruleset(RULES, registry=registry(kind))
    (problem,) = caught.value.problems
    assert problem.message.startswith(f"normalisation 'ways.mine' {said}")
    assert problem.hint == "tell the author of egovrules-ways"
    assert (problem.line, problem.column) == (4, 1)


class Slow(eg.Criterion):
    """In plain Python."""

    id = "plain.slow"
    level = "agency"

    column: eg.Column = eg.reads("v")

    def score_row(self, row):
        """Square."""
        return None if row[self.column] is None else row[self.column] ** 2


def test_what_plain_python_scores_is_normalised_as_well():
    plugin = SimpleNamespace(
        egovrules_criteria=eg.hookimpl(lambda: [Slow], specname="egovrules_criteria")
    )
    text = RULES.replace("ways.mine", "min_max").replace("core.value", "plain.slow")
    rules = read_ruleset(text, registry=Registry.of({"core": builtin, "plain": plugin}))
    made = evaluate(rules, Dataset.of(agencies=AGENCIES))
    totals = dict(made.agencies.select("agency", "total").iter_rows())
    assert totals == pytest.approx({"A": 100, "B": 80, "C": 0})
    values = made.criteria.filter(pl.col("node") == "a.v").select("agency", "value")
    assert dict(values.iter_rows()) == {"A": 1, "B": 4, "C": 16}


class Falling(Mine):
    """Better scores worse."""

    id = "ways.falling"

    def normalise(self, x, **_):
        """Negate once more."""
        return -x


class InOrder(Mine):
    """Hangs on the order of the rows."""

    id = "ways.order"
    whole = True

    def normalise(self, x, **_):
        """Add up from the top."""
        return x.fill_null(0.0).cum_sum() + 1e9 * x


class Endless(Mine):
    """Divides by zero."""

    id = "ways.endless"

    def normalise(self, x, **_):
        """Divide by the distance from 3."""
        return 1 / (x - 3.0)


class Unturned(Mine):
    """Its threshold does not come back where it is turned twice."""

    id = "ways.unturned"
    at: float = 1.0

    def reversed(self):
        """Move the threshold."""
        return self.model_copy(update={"at": self.at + 1})

    def normalise(self, x, **_):
        """Measure from the threshold."""
        return x - self.at


@pytest.mark.parametrize(
    ("method", "said"),
    [
        (Falling(), "which is worse"),
        (InOrder(), "in reverse order"),
        (Endless(), "scores inf"),
        (Unturned(), "turned about twice"),
    ],
)
def test_what_breaks_a_law_is_caught(method, said):
    with pytest.raises(AssertionError, match=said):
        check_normalisation(method)


@pytest.mark.parametrize(
    "method",
    [
        Mine(),
        ways.MinMax(),
        ways.MinMax(low=0, high=5, exponent=0.5),
        ways.ZScore(),
        ways.PercentileRank(),
        ways.Rank(ties="average"),
        ways.DistanceToReference(code="1"),
        ways.DistanceToTarget(target=20),
        ways.Log(plus=1e7),
    ],
    ids=repr,
)
def test_what_is_sound_keeps_the_laws(method):
    check_normalisation(method)


def test_where_better_may_score_worse_that_must_be_said():
    parity = ways.MinMax(low=-10, high=10, target=0)
    with pytest.raises(AssertionError, match="which is worse"):
        check_normalisation(parity)
    check_normalisation(parity, rising=False)


def test_the_how_to_can_be_followed(monkeypatch):
    files = dict(FENCE.findall(PAGE.read_text(encoding="utf-8")))
    assert list(files) == ["egovrules_ways.py", "test_ways.py", "ways.yaml"]
    module = types.ModuleType("egovrules_ways")
    monkeypatch.setitem(sys.modules, "egovrules_ways", module)
    exec(compile(files["egovrules_ways.py"], str(PAGE), "exec"), vars(module))  # noqa: S102 - ours
    tests = {}
    exec(compile(files["test_ways.py"], str(PAGE), "exec"), tests)  # noqa: S102 - our own page
    tests["test_laws"]()
    found = Registry.of({"core": builtin, "ways": module})
    rules = read_ruleset(files["ways.yaml"], registry=found)
    table = AGENCIES.rename({"v": "fees", "w": "online"})
    made = evaluate(rules, Dataset.of(agencies=table))
    totals = dict(made.agencies.select("agency", "total").iter_rows())
    mean, sd = 7 / 3, math.sqrt((16 + 1 + 25) / 9 / 2)
    fees = {
        unit: 100 / (1 + math.exp(2 * (value - mean) / sd))
        for unit, value in {"A": 1, "B": 2, "C": 4}.items()
    }
    online = {"A": -1.0, "B": 100 / (1 + math.exp(2**0.5)), "C": 100 / (1 + math.exp(-(2**0.5)))}
    assert totals == pytest.approx({unit: max(fees[unit], online[unit]) for unit in "ABC"})


# --- the examples of the reference ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("way", "column", "want"),
    [
        ("{by: z_score, mean: 50, sd: 10}", [1, 2, 3], [40, 50, 60]),
        ("rank", [5, 7, 7, 9], [1, 2, 2, 4]),
        ("borda", [5, 7, 7, 9], [0, 1, 1, 3]),
        ("percentile_rank", [5, 7, 7, 9], [0, 1 / 3, 1 / 3, 1]),
        ("{by: distance_to_target, target: 8}", [2, 6, 10], [0, 2 / 3, 4 / 3]),
        ("{by: categories, at: [10, 50], scores: [0, 50, 100]}", [9, 10, 49, 50], [0, 50, 50, 100]),
        ("{by: min_max, low: 0, high: 2, target: 1}", [0.5, 1, 1.5], [0.5, 1, 0.5]),
    ],
)
def test_the_examples_of_the_reference_are_true(way, column, want):
    rules = RULES.replace("ways.mine", way).replace(", direction: down", "")
    rules += "scale: {low: 0, high: 1}\n"
    codes = [str(number) for number in range(len(column))]
    table = pl.DataFrame({"code": codes, "v": [float(one) for one in column]})
    made = evaluate(read_ruleset(rules), Dataset.of(agencies=table))
    totals = dict(made.agencies.select("agency", "total").iter_rows())
    assert [totals[code] for code in codes] == pytest.approx(want)


def test_the_ruleset_of_the_reference_is_sound_and_names_every_way_and_parameter():
    text = (PAGE.parents[1] / "reference/normalisations.md").read_text(encoding="utf-8")
    (rules,) = re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert len(read_ruleset(rules).root.criteria()) == 3
    for one in ways.BUILT_IN:
        assert f"| `{one.id}` |" in text
        for name in one.model_fields:
            assert f"`{name}`" in text or f"`{name}:" in text, f"{one.id}: {name}"
