"""Cases computed by hand from the published formulas."""

import pytest

from egovrules.testing import assess
from egovrules_integrated import (
    DataRequests,
    ExchangeSuccess,
    LiveLinks,
    NoDuplicates,
    OnceOnly,
    SharedEnablers,
    SingleWindow,
    egovrules_axes,
)

NONE, GONE = "missing", "not_applicable"


def test_the_axis_and_its_criteria():
    (axis,) = egovrules_axes()
    assert axis.id == "integrated"
    assert [(one.id, one.level) for one in axis.criteria] == [
        ("integrated.live_links", "service"),
        ("integrated.once_only", "service"),
        ("integrated.single_window", "service"),
        ("integrated.shared_enablers", "service"),
        ("integrated.exchange_success", "agency"),
        ("integrated.data_requests", "agency"),
        ("integrated.no_duplicates", "agency"),
    ]
    assert all(set(one.title) == {"en", "fa"} for one in (axis, *axis.criteria))


@pytest.mark.parametrize(
    ("criterion", "part", "whole"),
    [
        (LiveLinks(), "links_live", "links_required"),
        (ExchangeSuccess(), "calls_successful", "calls"),
        (DataRequests(), "data_requests_met", "data_requests"),
    ],
)
def test_more_is_better(criterion, part, whole):
    columns = {part: [9, 0, 7, 0, None, 3, 9], whole: [12, 4, 7, 0, 5, None, 6]}
    assert assess(criterion, **columns) == [75.0, 0.0, 100.0, GONE, NONE, NONE, 100.0]


@pytest.mark.parametrize(
    ("criterion", "part", "whole"),
    [
        (OnceOnly(), "documents_already_held", "documents_asked"),
        (NoDuplicates(), "systems_duplicate", "systems"),
    ],
)
def test_less_is_better(criterion, part, whole):
    columns = {part: [9, 0, 7, 0, None, 3, 9], whole: [12, 4, 7, 0, 5, None, 6]}
    assert assess(criterion, **columns) == [25.0, 100.0, 0.0, GONE, NONE, NONE, 0.0]


def test_single_window():
    columns = {
        "agency_window": [True, True, False, False, None, True],
        "national_window": [True, False, True, False, True, None],
    }
    assert assess(SingleWindow(), **columns) == [100.0, 50.0, 50.0, 0.0, NONE, NONE]


def test_shared_enablers():
    columns = {
        "enabler_eid": ["used", "used", "unused", "not_applicable", "used"],
        "enabler_esignature": ["used", "unused", "unused", "not_applicable", "used"],
        "enabler_epayment": ["used", "used", "unused", "not_applicable", "used"],
        "enabler_edocument": ["used", "not_applicable", "unused", "not_applicable", None],
    }
    expected = [100.0, pytest.approx(200 / 3), 0.0, GONE, NONE]
    assert assess(SharedEnablers(), **columns) == expected
