"""From children to their parent: one frozen class for each way, null children left out.

A null child is skipped and the others' weights are renormalised inside the node; no child at all
gives null. Formulas: OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 6; the
name that COINr (R) uses stands beside each.
"""

from egovrules.aggregation.base import Aggregation, Child, added
from egovrules.aggregation.duels import Copeland
from egovrules.aggregation.means import Arithmetic, Geometric, Harmonic, Power
from egovrules.aggregation.places import Median, Minimum, WeightedMedian

__all__ = [
    "BUILT_IN",
    "Aggregation",
    "Arithmetic",
    "Child",
    "Copeland",
    "Geometric",
    "Harmonic",
    "Median",
    "Minimum",
    "Power",
    "WeightedMedian",
    "added",
]

BUILT_IN: tuple[type[Aggregation], ...] = (
    Arithmetic,
    Geometric,
    Harmonic,
    Power,
    Minimum,
    Median,
    WeightedMedian,
    Copeland,
)
