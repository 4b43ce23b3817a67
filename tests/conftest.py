"""Fixtures that several test files share."""

import os
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of published data, which is no part of this repository."""
    named = os.environ.get("EGOVRULES_SHARED")
    folder = (_ROOT / (named or "../shared")).resolve() / "data"
    if not folder.is_dir():
        reason = f"no published data at {folder} (see EGOVRULES_SHARED)"
        if named:
            pytest.fail(reason)
        pytest.skip(reason)
    return folder
