"""Cases computed by hand from the published formulas."""

import pytest

from egovrules.testing import assess
from egovrules_participatory import (
    Comments,
    Complaints,
    Consultations,
    Features,
    Improved,
    Inclusive,
    egovrules_axes,
)

NONE, GONE = "missing", "not_applicable"


def test_the_axis_and_its_criteria():
    (axis,) = egovrules_axes()
    assert axis.id == "participatory"
    assert [(one.id, one.level) for one in axis.criteria] == [
        ("participatory.consultations", "agency"),
        ("participatory.comments", "agency"),
        ("participatory.complaints", "agency"),
        ("participatory.features", "agency"),
        ("participatory.improved", "service"),
        ("participatory.inclusive", "agency"),
    ]
    assert all(set(one.title) == {"en", "fa"} for one in (axis, *axis.criteria))


@pytest.mark.parametrize(
    ("criterion", "part", "whole"),
    [
        (Consultations(), "consultations_with_outcome", "consultations_held"),
        (Comments(), "comments_answered_in_time", "comments_received"),
        (Complaints(), "complaints_resolved_in_time", "complaints_received"),
    ],
)
def test_ratios(criterion, part, whole):
    columns = {part: [9, 0, 7, 0, None, 3, 9], whole: [12, 4, 7, 0, 5, None, 6]}
    assert assess(criterion, **columns) == [75.0, 0.0, 100.0, GONE, NONE, NONE, 100.0]


@pytest.mark.parametrize("criterion", [Features(), Inclusive()])
def test_three_answers(criterion):
    columns = [read.column for read in criterion.reads()]
    cells = ([True, True, False, True], [True, False, False, None], [True, True, False, False])
    expected = [100.0, pytest.approx(200 / 3), 0.0, NONE]
    assert assess(criterion, **dict(zip(columns, cells, strict=True))) == expected


def test_improved():
    assert assess(Improved(), improved_from_feedback=[True, False, None]) == [100.0, 0.0, NONE]
