"""The conformance kit: one line in a plugin's tests puts its criteria under every law.

Needs the extra ``egovrules[testing]``.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytest

from egovrules.criteria import Criterion
from egovrules.testing.checking import Law
from egovrules.testing.laws import LAWS
from egovrules.testing.strategies import cells, numbers, rows
from egovrules.testing.trial import assess
from egovrules.testing.ways import check_normalisation

__all__ = [
    "LAWS",
    "Law",
    "assess",
    "cells",
    "check_normalisation",
    "conformance",
    "numbers",
    "rows",
]


def conformance(
    *criteria: type[Criterion] | Criterion, expected_failures: Mapping[str, str] | None = None
) -> Callable[[Callable[..., Any]], Any]:
    """Run a test once for each criterion and each law that applies to it.

    Write ``@conformance(Visits, OnTime)`` above ``def test_conformance(check): check()``. Set
    ``EGOVRULES_FUZZ=20`` in the environment to draw 20 times as many tables.

    Args:
        criteria: Classes, taken with their default parameters, or criteria with others.
        expected_failures: Laws known to be broken, as ``"axis.name/law": "why"``. One that
            holds again fails the test, so that the list stays true.

    Raises:
        ValueError: When a class cannot stand without parameters, reads no column, or an expected
            failure names no pair of these criteria and laws.
    """
    expected = dict(expected_failures or {})
    cases = []
    for criterion in map(_bound, criteria):
        for law in LAWS:
            if law.applies(criterion):
                name = f"{criterion.id}/{law.name}"
                why = expected.pop(name, None)
                marks = () if why is None else pytest.mark.xfail(reason=why, strict=True)
                cases.append(pytest.param(partial(law.check, criterion), id=name, marks=marks))
    if expected:
        raise ValueError(f"expected_failures name no law of these criteria: {', '.join(expected)}")
    return pytest.mark.parametrize("check", cases)


def _bound(criterion: type[Criterion] | Criterion) -> Criterion:
    try:
        bound = criterion() if isinstance(criterion, type) else criterion
    except ValueError as error:
        message = f"{criterion.id} has parameters without a default: pass {criterion.id} bound"
        raise ValueError(message) from error
    if not bound.reads():
        raise ValueError(f"{bound.id} reads no column: pass it bound to some")
    return bound
