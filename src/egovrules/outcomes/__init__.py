"""What can come of a condition: true, false or unknown, and values that bring each about.

``domains`` says which values each field can have, ``candidates`` picks some that stand for all of
them, and ``reaching`` looks at what conditions and bands make of those.
"""

from egovrules.outcomes.candidates import Domain
from egovrules.outcomes.domains import domains
from egovrules.outcomes.reaching import (
    BandReach,
    Outcome,
    Reach,
    Together,
    labels_reach,
    reach,
    reach_together,
    rows_by_outcome,
)

__all__ = [
    "BandReach",
    "Domain",
    "Outcome",
    "Reach",
    "Together",
    "domains",
    "labels_reach",
    "reach",
    "reach_together",
    "rows_by_outcome",
]
