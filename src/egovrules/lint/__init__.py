"""What is allowed in a ruleset and yet odd: warnings, each with its place and what to do.

``docs/reference/lint.md`` lists them. Nothing here is told by ``evaluate``; a ruleset with warnings
is evaluated like any other.
"""

from datetime import date

from egovrules._excerpt import in_order
from egovrules.errors import Problem
from egovrules.lint.reachable import always_or_never, gaps_between_labels, labels_out_of_order
from egovrules.lint.rounding import unrounded_thresholds
from egovrules.lint.weights import odd_sums, untrue_claims
from egovrules.lint.wording import untranslated
from egovrules.ruleset import Ruleset

__all__ = ["lint"]


def lint(ruleset: Ruleset, *, today: date | None = None) -> tuple[Problem, ...]:
    """Return everything that is odd in a ruleset, in the order of the file.

    Args:
        ruleset: One that could be loaded.
        today: Given, a period that ended before this day is told, too.
    """
    found = [
        *untrue_claims(ruleset),
        *odd_sums(ruleset),
        *always_or_never(ruleset),
        *labels_out_of_order(ruleset),
        *gaps_between_labels(ruleset),
        *untranslated(ruleset),
        *unrounded_thresholds(ruleset),
    ]
    if today is not None and ruleset.period is not None and ruleset.period.end < today:
        message = f"the period ended on {ruleset.period.end.isoformat()}"
        hint = "for a new period, extend this file by one of its own"
        found.append(
            ruleset.document.problem(("period",), message, hint=hint, severity="warning", at="key")
        )
    return tuple(in_order(found))
