"""The core's own criteria: under the shared laws, and on cases computed by hand."""

from egovrules import builtin
from egovrules.testing import assess, conformance


@conformance(
    builtin.Value,
    builtin.Ratio,
    builtin.Yes,
    builtin.Checklist(columns=("phone", "chat", "guide")),
)
def test_conformance(check):
    check()


def test_every_built_in_criterion_is_under_the_laws():
    assert {one.id for one in builtin.egovrules_criteria()} == {
        "core.value",
        "core.ratio",
        "core.yes",
        "core.checklist",
    }


def test_value_passes_the_number_through():
    assert assess(builtin.Value(), value=[-3.5, 0, 1e9, None]) == [-3.5, 0.0, 1e9, "missing"]


def test_ratio():
    assert assess(builtin.Ratio(), numerator=[1, 0, None, 1], denominator=[4, 0, 3, None]) == [
        25.0,
        "not_applicable",
        "missing",
        "missing",
    ]


def test_yes():
    assert assess(builtin.Yes(), answer=[True, False, None]) == [100.0, 0.0, "missing"]


def test_checklist_counts_only_what_is_answered():
    both = builtin.Checklist(columns=("phone", "chat"))
    columns = {"phone": [True, True, False, None], "chat": [True, None, True, None]}
    assert assess(both, **columns) == [100.0, 100.0, 50.0, "missing"]
