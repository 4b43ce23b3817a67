"""Evaluate government bodies and their e-services by rule.

Names are imported from their modules when first used (PEP 562), so that ``import egovrules`` and
``egovrules --help`` load neither Polars nor any plugin.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from narwhals import col, lit, when

    from egovrules.criteria import Axis, Column, Columns, Criterion, reads
    from egovrules.hookspecs import hookimpl
    from egovrules.plugins import Registry

_HOME = {
    "Axis": "egovrules.criteria",
    "Column": "egovrules.criteria",
    "Columns": "egovrules.criteria",
    "Criterion": "egovrules.criteria",
    "Registry": "egovrules.plugins",
    "col": "narwhals",
    "hookimpl": "egovrules.hookspecs",
    "lit": "narwhals",
    "reads": "egovrules.criteria",
    "when": "narwhals",
}

__all__ = [
    "Axis",
    "Column",
    "Columns",
    "Criterion",
    "Registry",
    "col",
    "hookimpl",
    "lit",
    "reads",
    "when",
]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Import the module that a public name lives in."""
    if name not in _HOME:
        raise AttributeError(f"module 'egovrules' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
