"""Cases computed by hand from the published formulas."""

import pytest
from pydantic import ValidationError

from egovrules.testing import assess
from egovrules_user_centric import (
    Accessible,
    Help,
    OnlineSteps,
    OnlineUptake,
    OnTime,
    Satisfaction,
    Visits,
    egovrules_axes,
)

NONE, GONE = "missing", "not_applicable"


def test_the_axis_and_its_criteria():
    (axis,) = egovrules_axes()
    assert axis.id == "user_centric"
    assert [(one.id, one.level) for one in axis.criteria] == [
        ("user_centric.online_steps", "service"),
        ("user_centric.visits", "service"),
        ("user_centric.on_time", "service"),
        ("user_centric.accessible", "agency"),
        ("user_centric.online_uptake", "service"),
        ("user_centric.help", "agency"),
        ("user_centric.satisfaction", "service"),
    ]
    assert all(set(one.title) == {"en", "fa"} for one in (axis, *axis.criteria))


@pytest.mark.parametrize(
    ("states", "score"),
    [
        ("online online online online online online online online online", 100.0),
        ("offline offline offline offline offline offline offline offline offline", 0.0),
        # 3 + 2 · ½ of 8 that apply
        ("online online online partial partial offline offline offline not_applicable", 50.0),
        ("partial offline offline offline offline offline offline offline offline", 100 / 18),
        ("partial" + " not_applicable" * 8, 50.0),
        (" ".join(["not_applicable"] * 9), GONE),
    ],
)
def test_online_steps(states, score):
    row = dict(zip(OnlineSteps().points, ([one] for one in states.split()), strict=True))
    assert assess(OnlineSteps(), **row) == [score if score == GONE else pytest.approx(score)]


def test_online_steps_with_an_empty_point_is_missing():
    states = ["online"] * 8 + [None]
    row = dict(zip(OnlineSteps().points, ([one] for one in states), strict=True))
    assert assess(OnlineSteps(), **row) == [NONE]


def test_online_steps_of_another_country():
    criterion = OnlineSteps(points=("e_register", "e_decide"))
    columns = {
        "e_register": ["online", "not_applicable", None, "not_applicable"],
        "e_decide": ["partial", "partial", "online", None],
    }
    assert assess(criterion, **columns) == [75.0, 50.0, NONE, NONE]
    with pytest.raises(ValidationError, match="at least one"):
        OnlineSteps(points=())


def test_visits():
    expected = [100.0, pytest.approx(200 / 3), 50.0, 0.0, 0.0, NONE]
    assert assess(Visits(), visits=[0, 1, 1.5, 3, 40, None]) == expected
    assert assess(Visits(worst=5), visits=[0, 1, 5]) == [100.0, 80.0, 0.0]


@pytest.mark.parametrize("worst", [0, -1])
def test_visits_needs_a_worst_above_zero(worst):
    with pytest.raises(ValidationError, match="greater than 0"):
        Visits(worst=worst)


@pytest.mark.parametrize(
    ("criterion", "part", "whole"),
    [
        (OnTime(), "cases_on_time", "cases"),
        (Accessible(), "accessibility_passed", "accessibility_applicable"),
        (OnlineUptake(), "requests_online", "requests"),
    ],
)
def test_ratios(criterion, part, whole):
    columns = {part: [9, 0, 7, 0, None, 3, None], whole: [12, 4, 7, 0, 5, None, 0]}
    assert assess(criterion, **columns) == [75.0, 0.0, 100.0, GONE, NONE, NONE, GONE]


def test_a_part_larger_than_its_whole_stays_within_the_scale():
    assert assess(OnTime(), cases_on_time=[9, -1], cases=[6, 6]) == [100.0, 0.0]


def test_help():
    columns = {
        "help_phone": [True, False, True],
        "help_chat": [True, False, True],
        "help_guide": [True, False, True],
        "help_faq": [False, False, True],
        "help_video": [False, False, None],
    }
    assert assess(Help(), **columns) == [60.0, 0.0, NONE]


def test_satisfaction():
    means, answers = [1, 3, 4.2, 5, 5, 5, None], [20, 21, 500, 20, 19, None, 90]
    expected = [0.0, 50.0, pytest.approx(80.0), 100.0, NONE, NONE, NONE]
    assert assess(Satisfaction(), satisfaction_mean=means, satisfaction_answers=answers) == expected
    few = Satisfaction(min_n=5)
    assert assess(few, satisfaction_mean=[3, 3], satisfaction_answers=[5, 4]) == [50.0, NONE]
