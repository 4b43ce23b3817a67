"""Evaluate government bodies and their e-services by rule.

Names are imported from their modules when first used (PEP 562), so that ``import egovrules`` and
``egovrules --help`` load neither Polars nor any plugin.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from narwhals import Expr, col, lit, when
    from pydantic import PositiveInt

    from egovrules.aggregation import Aggregation, Child
    from egovrules.comparison import Comparison, compare
    from egovrules.criteria import Axis, Criterion
    from egovrules.dataset import Dataset, load_dataset
    from egovrules.errors import (
        ComparisonError,
        DatasetError,
        EgovrulesError,
        EvaluationError,
        PluginError,
        Problem,
        RulesetError,
    )
    from egovrules.evaluation import evaluate
    from egovrules.explanation import Explanation, explain
    from egovrules.hookspecs import hookimpl
    from egovrules.model import Agency, Answer, Link, Service
    from egovrules.normalisation import Normalisation
    from egovrules.parameters import Column, Columns, reads
    from egovrules.periods import Period, parse_period
    from egovrules.plugins import Registry
    from egovrules.reports import Report
    from egovrules.result import Evaluation
    from egovrules.ruleset import Ruleset, load_ruleset, read_ruleset
    from egovrules.sample import write_sample
    from egovrules.store import load, save
    from egovrules.treatment import Treatment
    from egovrules.verification import Verification, verify

__version__ = "0.1.0"

_NAMES = {
    "narwhals": ("Expr", "col", "lit", "when"),
    "pydantic": ("PositiveInt",),
    "egovrules.comparison": ("Comparison", "compare"),
    "egovrules.criteria": ("Axis", "Criterion"),
    "egovrules.parameters": ("Column", "Columns", "Parameters", "reads"),
    "egovrules.dataset": ("Dataset", "load_dataset"),
    "egovrules.errors": (
        "ComparisonError",
        "DatasetError",
        "EgovrulesError",
        "EvaluationError",
        "PluginError",
        "Problem",
        "RulesetError",
    ),
    "egovrules.evaluation": ("evaluate",),
    "egovrules.explanation": ("Explanation", "explain"),
    "egovrules.aggregation": ("Aggregation", "Child"),
    "egovrules.hookspecs": ("hookimpl",),
    "egovrules.normalisation": ("Normalisation",),
    "egovrules.model": ("Agency", "Answer", "Link", "Service"),
    "egovrules.periods": ("Period", "parse_period"),
    "egovrules.plugins": ("Registry",),
    "egovrules.reports": ("Report",),
    "egovrules.result": ("Evaluation",),
    "egovrules.ruleset": ("Ruleset", "load_ruleset", "read_ruleset"),
    "egovrules.sample": ("write_sample",),
    "egovrules.store": ("load", "save"),
    "egovrules.treatment": ("Treatment",),
    "egovrules.verification": ("Verification", "verify"),
}
_HOME = {name: module for module, names in _NAMES.items() for name in names}

__all__ = [
    "Agency",
    "Aggregation",
    "Answer",
    "Axis",
    "Child",
    "Column",
    "Columns",
    "Comparison",
    "ComparisonError",
    "Criterion",
    "Dataset",
    "DatasetError",
    "EgovrulesError",
    "Evaluation",
    "EvaluationError",
    "Explanation",
    "Expr",
    "Link",
    "Normalisation",
    "Period",
    "PluginError",
    "PositiveInt",
    "Problem",
    "Registry",
    "Report",
    "Ruleset",
    "RulesetError",
    "Service",
    "Treatment",
    "Verification",
    "col",
    "compare",
    "evaluate",
    "explain",
    "hookimpl",
    "lit",
    "load",
    "load_dataset",
    "load_ruleset",
    "parse_period",
    "read_ruleset",
    "reads",
    "save",
    "verify",
    "when",
    "write_sample",
]


def __getattr__(name: str) -> Any:
    """Import the module that a public name lives in."""
    if name not in _HOME:
        raise AttributeError(f"module 'egovrules' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
