"""What ``normalise:`` says of a criterion, from the file down to it; told where it is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from egovrules._yaml import Loc
from egovrules.checker import Checker
from egovrules.entries import CriterionEntry, Method
from egovrules.methods import bind_method, spelt_out
from egovrules.normalisation import BUILT_IN, Normalisation
from egovrules.plugins import Registry, owned
from egovrules.rehearsal import rehearse_normalisation


@dataclass(frozen=True, slots=True)
class Way:
    """How values become scores below some place, unless something there says otherwise.

    Attributes:
        written: ``by`` and the parameters; None where values are scores.
        failing: Whether it is wrong, which has been told.
    """

    written: Mapping[str, Any] | None = None
    failing: bool = False


def way_below(
    method: Method | None, loc: Loc, above: Way, checker: Checker, registry: Registry
) -> Way:
    """Return what holds below an axis or the file, and tell what is wrong with it.

    What is missing is not told here: criteria may give it, each its own.
    """
    written = spelt_out(method, above.written)
    if method is None or written is None or (_builds_upon(method) and above.failing):
        return Way(written, above.failing)
    told = len(checker.problems)
    _bound(written, (*loc, "normalise"), checker, registry, in_part=True)
    return Way(written, failing=len(checker.problems) > told)


def normalisation_of(
    entry: CriterionEntry, loc: Loc, above: Way, checker: Checker, registry: Registry
) -> Normalisation | None:
    """Make the normalisation of a criterion; None where its values are its scores.

    Args:
        entry: The criterion.
        loc: Where it stands.
        above: What it inherits.
        checker: Takes the problems.
        registry: The normalisations that there are.
    """
    written = spelt_out(entry.normalise, above.written)
    if written is None:
        if entry.direction == "down":
            hint = "add `normalise:`, such as `normalise: min_max`"
            message = "a direction is for normalisation, and nothing is normalised here"
            checker.problem((*loc, "direction"), message, hint=hint)
        return None
    if _builds_upon(entry.normalise) and above.failing:
        return None  # told already
    # What is inherited has been looked at where it stands; it can only be incomplete here.
    place = loc if entry.normalise is None else (*loc, "normalise")
    found = _bound(written, place, checker, registry)
    no_change = found is not None and found.id == "none" and entry.direction != "down"
    return None if no_change else found


def _builds_upon(method: Method | None) -> bool:
    """Whether it is made, at least in part, of what is said further up."""
    return method is None or (isinstance(method, Mapping) and "by" not in method)


def _bound(
    written: Mapping[str, Any],
    place: Loc,
    checker: Checker,
    registry: Registry,
    *,
    in_part: bool = False,
) -> Normalisation | None:
    known = registry.normalisations
    found = bind_method("normalisation", known, written, place, checker, in_part=in_part)
    if found is None or type(found) in BUILT_IN:
        return found
    fault = rehearse_normalisation(found)
    if fault is None:
        return found
    owner = registry.owners.get(owned("normalisation", found.id))
    hint = f"tell the author of {owner}" if owner else ""
    checker.problem(place, f"normalisation '{found.id}' {fault}", at="key", hint=hint)
    return None
