"""The kit itself: a healthy criterion passes every law, and each law catches its planted fault."""

from collections import Counter
from itertools import count

import narwhals as nw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ConfigDict

import egovrules as eg
from egovrules.testing import LAWS, assess, conformance, rows


class Healthy(eg.Criterion):
    """Uses everything that a criterion may declare."""

    id = "kit.healthy"
    level = "service"
    title = {"en": "Healthy", "fa": "سالم"}

    amount: eg.Column = eg.reads("amount", low=1, high=50, direction="up", at_most="ceiling")
    ceiling: eg.Column = eg.reads("ceiling", low=0, at_most="roof")
    roof: eg.Column = eg.reads("roof", low=0, optional=True)
    open: eg.Column = eg.reads("open", type="boolean")
    kind: eg.Column = eg.reads("kind", type="text", values=("a", "b"))
    since: eg.Column = eg.reads("since", type="date")
    note: eg.Column = eg.reads("note", type="text", optional=True)
    worst: float = 3.0

    def population(self):
        return {"high": eg.col(self.amount).max()}

    def applies(self):
        return eg.col(self.open)

    def score(self, high):
        if not high:
            return eg.lit(None, nw.Float64)
        known = [~eg.col(name).is_null() for name in (self.ceiling, self.kind, self.since)]
        return eg.when(*known).then(100.0 * (eg.col(self.amount) / high).clip(0, 1))

    def steps(self, high):
        return {"amount": eg.col(self.amount), "twice": eg.col(self.amount) * (high or 0.0)}


class HealthyRatio(eg.Criterion):
    """A part of a whole."""

    id = "kit.healthy_ratio"
    level = "service"
    title = "Healthy ratio"

    part: eg.Column = eg.reads("part", low=0, direction="up", at_most="whole")
    whole: eg.Column = eg.reads("whole", low=0)

    def ratio(self):
        return eg.col(self.part), eg.col(self.whole)


class HealthySlow(eg.Criterion):
    """Plain Python, row by row."""

    id = "kit.healthy_slow"
    level = "service"
    title = "Healthy and slow"

    amount: eg.Column = eg.reads("amount", low=0, high=50, direction="down")

    def score_row(self, row):
        amount = row[self.amount]
        return None if amount is None else 100.0 - 2.0 * amount


class HealthyOptional(eg.Criterion):
    """Requires nothing, and applies where anything is said."""

    id = "kit.healthy_optional"
    level = "agency"
    title = "Healthy, all optional"

    note: eg.Column = eg.reads("note", type="text", optional=True)

    def applies(self):
        return ~eg.col(self.note).is_null()

    def score(self):
        return eg.when(eg.col(self.note) == "yes").then(eg.lit(100.0)).otherwise(eg.lit(0.0))


class Faulty(eg.Criterion):
    """What the faulty ones share: sound but for what each overrides."""

    level = "service"
    title = "Faulty"
    x: eg.Column = eg.reads("x", low=0, high=50)

    def score(self):
        return eg.col(self.x) * 2.0


class Untitled(Faulty):
    """Has no title."""

    id = "kit.untitled"
    title = ""


class HalfTitled(Faulty):
    """Calls its column in one language, and not in the other."""

    id = "kit.half_titled"
    x: eg.Column = eg.reads("x", low=0, high=50, title={"fa": "ایکس"})


class EmptyWord(Faulty):
    """Leaves one of two words without a text."""

    id = "kit.empty_word"
    word: eg.Column = eg.reads(
        "word", type="text", values={"a": {"en": "A", "fa": ""}}, optional=True
    )


class OffTheScale(Faulty):
    """Is not clipped."""

    id = "kit.off_the_scale"

    def score(self):
        return eg.col(self.x) * 3.0


class FillsGaps(Faulty):
    """Takes missing for zero."""

    id = "kit.fills_gaps"

    def score(self):
        return eg.col(self.x).fill_null(0.0)


class Undecided(Faulty):
    """Does not say whether it applies to small values."""

    id = "kit.undecided"

    def applies(self):
        return eg.when(eg.col(self.x) > 5).then(eg.lit(value=True))


CALLS = count()


class Changing(Faulty):
    """Gives another result each time it is asked."""

    id = "kit.changing"

    def score(self):
        return eg.col(self.x) + float(next(CALLS) % 50)


class LooksAround(Faulty):
    """Compares with the mean of the table at hand instead of declaring it."""

    id = "kit.looks_around"

    def score(self):
        x = eg.col(self.x)
        return eg.when(~x.is_null()).then(
            eg.when(x > x.mean()).then(eg.lit(100.0)).otherwise(eg.lit(0.0))
        )


class Curious(Faulty):
    """Reads every column that there is."""

    id = "kit.curious"

    def score(self):
        return nw.max_horizontal(nw.all()).clip(0, 100)


class Backwards(Faulty):
    """Declares that more is better, and scores the other way round."""

    id = "kit.backwards"
    x: eg.Column = eg.reads("x", low=0, high=50, direction="up")

    def score(self):
        return 100.0 - eg.col(self.x)


class Lax(Faulty):
    """Takes parameters that it does not have."""

    id = "kit.lax"
    model_config = ConfigDict(extra="ignore")


class Reckless(Faulty):
    """Accepts a parameter with which it leaves the scale."""

    id = "kit.reckless"
    factor: int = 1

    def score(self):
        return eg.col(self.x) * float(self.factor)


class Thawed(Faulty):
    """Can be changed once it is made."""

    id = "kit.thawed"
    model_config = ConfigDict(frozen=False)


class Rounding(Faulty):
    """Rounds, which engines do in different ways at a half."""

    id = "kit.rounding"

    def score(self):
        return eg.col(self.x).round()


class NotOneNumber(Faulty):
    """Declares a whole column as a population number."""

    id = "kit.not_one_number"

    def population(self):
        return {"high": eg.col(self.x)}

    def score(self, high):  # noqa: ARG002 - only its declaration is at fault
        return eg.col(self.x)


class BrokenStep(Faulty):
    """Names a step that cannot be computed."""

    id = "kit.broken_step"

    def steps(self):
        return {"half": eg.col("nowhere") / 2.0}


class TwoMinds(Faulty):
    """Scores something else than its ratio."""

    id = "kit.two_minds"
    whole: eg.Column = eg.reads("whole", low=0)
    x: eg.Column = eg.reads("x", low=0, at_most="whole")

    def ratio(self):
        return eg.col(self.x), eg.col(self.whole)

    def score(self):
        part, whole = self.ratio()
        return eg.when(whole > 0).then(50.0 + 50.0 * part / whole)


class SlowAndCurious(Faulty):
    """Asks in plain Python for a column that it does not declare."""

    id = "kit.slow_and_curious"

    def score_row(self, row):
        return row.get("region") or row[self.x]


class SlowAndLoose(Faulty):
    """Leaves the scale in plain Python."""

    id = "kit.slow_and_loose"

    def score_row(self, row):
        return None if row[self.x] is None else row[self.x] * 3


FAULTS = [
    (Untitled, "metadata"),
    (HalfTitled, "metadata"),
    (EmptyWord, "metadata"),
    (OffTheScale, "within_scale"),
    (SlowAndLoose, "within_scale"),
    (FillsGaps, "missing_in_missing_out"),
    (Undecided, "not_applicable"),
    (Changing, "deterministic"),
    (LooksAround, "row_by_row"),
    (Curious, "reads_what_it_declares"),
    (SlowAndCurious, "reads_what_it_declares"),
    (Backwards, "monotone"),
    (Lax, "parameters_checked"),
    (Reckless, "parameters_checked"),
    (Thawed, "parameters_checked"),
    (Rounding, "same_on_every_engine"),
    (NotOneNumber, "population_is_numbers"),
    (BrokenStep, "steps_evaluate"),
    (TwoMinds, "ratio_is_the_score"),
]


def broken_laws(criterion):
    broken = set()
    for law in LAWS:
        if law.applies(criterion):
            try:
                law.check(criterion)
            except AssertionError:
                broken.add(law.name)
    return broken


@conformance(
    Healthy, HealthyRatio, HealthySlow, HealthyOptional, Healthy(amount="a", ceiling="c", worst=9.0)
)
def test_healthy_criteria_pass_every_law(check):
    check()


@pytest.mark.parametrize(("faulty", "law"), FAULTS)
def test_each_planted_fault_is_caught_by_its_law_and_no_other(faulty, law):
    assert broken_laws(faulty()) == {law}


def test_every_law_has_a_planted_fault():
    assert {law for _, law in FAULTS} == {law.name for law in LAWS}


def test_every_law_applies_to_some_healthy_criterion():
    healthy = (Healthy(), HealthyRatio(), HealthySlow())
    assert {law.name for law in LAWS for one in healthy if law.applies(one)} == {
        law.name for law in LAWS
    }


def test_a_failure_names_criterion_law_and_the_smallest_table():
    law = next(law for law in LAWS if law.name == "missing_in_missing_out")
    with pytest.raises(AssertionError) as failure:
        law.check(FillsGaps())
    message = str(failure.value)
    assert "kit.fills_gaps" in message
    assert law.name in message
    assert law.doc in message
    assert "without x the score is still 0.0" in message
    lines_of_table = [line for line in message.splitlines() if line.startswith("│")]
    assert [line.strip("│ ") for line in lines_of_table] == ["x", "---", "f64", "0.0"]


def test_a_criterion_that_raises_is_told_as_a_broken_law():
    class Raises(Faulty):
        """Divides before it looks."""

        id = "kit.raises"

        def score(self):
            return eg.lit(1.0 / (len(self.x) - 1))

    law = next(law for law in LAWS if law.name == "within_scale")
    with pytest.raises(AssertionError, match="it failed with ZeroDivisionError"):
        law.check(Raises())


def test_a_row_path_must_give_a_number():
    class Talks(Faulty):
        """Answers in words."""

        id = "kit.talks"

        def score_row(self, row):
            return "good" if row[self.x] else None

    law = next(law for law in LAWS if law.name == "within_scale")
    with pytest.raises(AssertionError, match="'good', which is neither a number nor None"):
        law.check(Talks())


def test_a_broken_declaration_does_not_exempt_from_its_law():
    class CannotSay(Faulty):
        """Fails when asked for its ratio."""

        id = "kit.cannot_say"

        def ratio(self):
            raise LookupError("no whole")

    assert "ratio_is_the_score" in broken_laws(CannotSay())


def marks_of(decorator):
    (_, cases) = decorator.mark.args
    return {case.id: [mark.name for mark in case.marks] for case in cases}


def test_expected_failures_are_marked_strictly_and_must_exist():
    name = "kit.fills_gaps/missing_in_missing_out"
    cases = marks_of(conformance(FillsGaps, expected_failures={name: "by design"}))
    assert cases.pop(name) == ["xfail"]
    assert set(map(len, cases.values())) == {0}
    with pytest.raises(ValueError, match="no_such_law"):
        conformance(FillsGaps, expected_failures={"kit.fills_gaps/no_such_law": "typo"})


def test_a_criterion_without_columns_is_refused_with_advice():
    class Nothing(eg.Criterion):
        """Reads nothing."""

        id = "kit.nothing"
        level = "service"

    with pytest.raises(ValueError, match=r"kit.nothing reads no column"):
        conformance(Nothing)


def test_assess_tells_states_apart_and_refuses_unknown_columns():
    assert assess(HealthyRatio(), part=[1, 0, 1], whole=[4, 0, None]) == [
        25.0,
        "not_applicable",
        "missing",
    ]
    assert assess(HealthyRatio(), whole=[4]) == ["missing"]
    assert assess(HealthySlow(), amount=[10, None]) == [80.0, "missing"]
    with pytest.raises(ValueError, match=r"kit.healthy_ratio reads no column parts"):
        assess(HealthyRatio(), parts=[1], whole=[2])


@settings(max_examples=100, derandomize=True, database=None, deadline=None)
@given(st.data())
def test_tables_keep_the_contract(data):
    for row in data.draw(rows(Healthy())).iter_rows(named=True):
        amount, ceiling = row["amount"], row["ceiling"]
        roof = row["roof"]
        assert amount is None or 1 <= amount <= 50
        assert ceiling is None or ceiling >= 0
        assert amount is None or ceiling is None or amount <= ceiling
        assert ceiling is None or roof is None or ceiling <= roof
        assert row["kind"] in {None, "a", "b"}


def test_tables_reach_the_edges():
    seen = Counter()

    @settings(max_examples=200, derandomize=True, database=None, deadline=None)
    @given(rows(HealthyRatio()))
    def look(table):
        for part, whole in table.iter_rows():
            seen["empty"] += part is None or whole is None
            seen["nothing of nothing"] += part == whole == 0
            seen["all"] += part is not None and part == whole and part > 0
            seen["a half"] += part is not None and part % 1 == 0.5

    look()
    assert min(seen.values()) >= 5, seen
