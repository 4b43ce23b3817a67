"""What an axis, or the whole file, says once for everything below it."""

from dataclasses import dataclass

from egovrules._yaml import Loc
from egovrules.checker import Checker
from egovrules.entries import AxisEntry, Policy, Round
from egovrules.normalising import Way, way_below
from egovrules.plugins import Registry
from egovrules.schema import RulesetFile


@dataclass(frozen=True)
class Inherited:
    """What holds below an axis unless something there says otherwise."""

    policy: Policy
    normalise: Way
    round: Round | None
    min_share: float


def inherited_below(
    above: Inherited,
    entry: AxisEntry | RulesetFile,
    loc: Loc,
    checker: Checker,
    registry: Registry,
) -> Inherited:
    """Return what holds below an axis, or below the whole file."""
    policy = entry.missing if isinstance(entry, AxisEntry) else None
    return Inherited(
        policy or above.policy,
        way_below(entry.normalise, loc, above.normalise, checker, registry),
        entry.round or above.round,
        above.min_share if entry.min_share is None else entry.min_share,
    )
