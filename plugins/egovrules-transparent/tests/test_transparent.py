"""Cases computed by hand from the published formulas."""

import pytest

from egovrules.testing import assess
from egovrules_transparent import (
    HonestDeclaration,
    OpenData,
    PersonalData,
    PublishedTerms,
    RegisterComplete,
    Tracking,
    egovrules_axes,
)

NONE, GONE = "missing", "not_applicable"


def test_the_axis_and_its_criteria():
    (axis,) = egovrules_axes()
    assert axis.id == "transparent"
    assert [(one.id, one.level) for one in axis.criteria] == [
        ("transparent.register_complete", "service"),
        ("transparent.tracking", "service"),
        ("transparent.published_terms", "service"),
        ("transparent.personal_data", "agency"),
        ("transparent.open_data", "agency"),
        ("transparent.honest_declaration", "agency"),
    ]
    assert all(set(one.title) == {"en", "fa"} for one in (axis, *axis.criteria))


def test_register_complete_counts_filled_fields_and_is_never_missing():
    filled = {name: ["x", "متن", "0", None] for name in RegisterComplete().fields}
    assert assess(RegisterComplete(), **filled) == [100.0, 100.0, 100.0, 0.0]
    some = dict(zip(RegisterComplete().fields, "abc", strict=False))
    columns = {name: [some.get(name, blank)] for name, blank in _blanks()}
    assert assess(RegisterComplete(), **columns) == [pytest.approx(100 * 3 / 9)]


def _blanks():
    """Pair each field with one of the ways in which a cell can hold nothing."""
    fields = RegisterComplete().fields
    return [(name, ("", " ", None)[place % 3]) for place, name in enumerate(fields)]


def test_register_complete_with_other_fields():
    criterion = RegisterComplete(fields=("name_fr", "url"))
    assert assess(criterion, name_fr=["Passeport", ""], url=["https://x", "https://y"]) == [
        100.0,
        50.0,
    ]


def test_tracking():
    assert assess(Tracking(), tracking=["none", "status", "status_and_date", None]) == [
        0.0,
        50.0,
        100.0,
        NONE,
    ]


def test_published_terms():
    columns = {
        "published_time": [True, True, False, True],
        "published_fee": [True, False, False, True],
        "published_steps": [True, False, False, True],
        "published_legal_basis": [True, False, False, None],
    }
    assert assess(PublishedTerms(), **columns) == [100.0, 25.0, 0.0, NONE]


def test_personal_data():
    columns = {
        "personal_data_view": [True, True, False, None],
        "personal_data_correct": [True, True, False, True],
        "personal_data_access_log": [True, False, False, True],
    }
    assert assess(PersonalData(), **columns) == [100.0, pytest.approx(200 / 3), 0.0, NONE]


def test_open_data():
    columns = {"datasets_open": [9, 0, 0, None, 3, 9], "datasets_listed": [12, 4, 0, 5, None, 6]}
    assert assess(OpenData(), **columns) == [75.0, 0.0, GONE, NONE, NONE, 100.0]


def test_honest_declaration():
    assert assess(HonestDeclaration(), declaration_gap=[0, 12.5, 100, None]) == [
        100.0,
        87.5,
        0.0,
        NONE,
    ]
