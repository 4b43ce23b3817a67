"""From values in their own units to a common measure: one frozen class for each way.

Every way takes an expression of values in which more is better (the engine has negated those of
an indicator whose direction is down) and gives an expression of scores, null where it has none.
Whole-population figures are declared and arrive as numbers. Formulas: OECD/JRC, Handbook on
Constructing Composite Indicators (2008), step 5; the name that COINr (R) uses stands beside each.
"""

from egovrules.normalisation.base import Normalisation
from egovrules.normalisation.categories import Categories
from egovrules.normalisation.distances import (
    DistanceToMaximum,
    DistanceToMedian,
    DistanceToReference,
    DistanceToTarget,
    ZScore,
)
from egovrules.normalisation.goalposts import MinMax
from egovrules.normalisation.itself import Log, NoNormalisation
from egovrules.normalisation.standing import Borda, PercentileRank, Rank

__all__ = [
    "BUILT_IN",
    "Borda",
    "Categories",
    "DistanceToMaximum",
    "DistanceToMedian",
    "DistanceToReference",
    "DistanceToTarget",
    "Log",
    "MinMax",
    "NoNormalisation",
    "Normalisation",
    "PercentileRank",
    "Rank",
    "ZScore",
]

BUILT_IN: tuple[type[Normalisation], ...] = (
    MinMax,
    ZScore,
    PercentileRank,
    Rank,
    Borda,
    DistanceToMaximum,
    DistanceToTarget,
    DistanceToReference,
    DistanceToMedian,
    Categories,
    Log,
    NoNormalisation,
)
