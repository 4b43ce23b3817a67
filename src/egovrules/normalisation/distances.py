"""How far from a figure: the mean, the highest value, the median, one body, or a target."""

from collections.abc import Mapping
from typing import Any, Self

import narwhals as nw
from pydantic import Field

from egovrules.normalisation.base import Normalisation, share


class ZScore(Normalisation):
    """Distance from the mean in standard deviations: (x − mean) / sd, of n − 1. COINr: n_zscore."""

    id = "z_score"
    title = {"en": "z-score", "fa": "نمرهٔ استاندارد"}

    mean: float = 0.0
    """The score of the mean."""
    sd: float = Field(default=1.0, gt=0)
    """What one standard deviation is worth."""

    def population(self, x: nw.Expr) -> Mapping[str, nw.Expr]:
        """Ask for mean and standard deviation."""
        return {"mean": x.mean(), "sd": x.std(ddof=1)}

    def normalise(self, x: nw.Expr, **population: Any) -> nw.Expr | None:
        """Standardise, then stretch and shift."""
        mean, sd = float(population["mean"]), float(population["sd"])
        if sd == 0:  # values so close that their squares vanish
            return None
        z = share(x - mean, sd)
        return z if (self.mean, self.sd) == (0.0, 1.0) else z * self.sd + self.mean


class _Distance(Normalisation):
    """(x − min) / (reference − min): the reference scores 1, the lowest 0."""

    cap: bool = False
    """Whether what lies beyond the reference scores as it does."""

    @property
    def top(self) -> float | None:
        """The reference is a perfect row."""
        return 1.0

    def reference(self, x: nw.Expr) -> nw.Expr:
        """Say what the reference is, as a whole-population figure."""
        raise TypeError(f"normalisation {self.id!r} defines no reference() for {x}")

    def population(self, x: nw.Expr) -> Mapping[str, nw.Expr]:
        """Ask for the lowest value and the reference."""
        return {"lowest": x.min(), "reference": self.reference(x)}

    def normalise(self, x: nw.Expr, **population: Any) -> nw.Expr | None:
        """Measure the way from the lowest to the reference; none where no one is below it."""
        low, reference = float(population["lowest"]), float(population["reference"])
        if reference <= low:
            return None
        way = share(x - low, reference - low)
        return way.clip(upper_bound=1.0) if self.cap else way


class DistanceToMaximum(_Distance):
    """1 − (max − x) / (max − min). COINr: n_dist2max."""

    id = "distance_to_maximum"
    title = {"en": "Distance to the maximum", "fa": "فاصله تا بیشینه"}

    def reference(self, x: nw.Expr) -> nw.Expr:
        """Take the highest value."""
        return x.max()


class DistanceToMedian(_Distance):
    """1 − (median − x) / (median − min): the median scores 1, so most of one half lie above it."""

    id = "distance_to_median"
    title = {"en": "Distance to the median", "fa": "فاصله تا میانه"}

    def reference(self, x: nw.Expr) -> nw.Expr:
        """Take the median."""
        return x.median()


class DistanceToReference(_Distance):
    """1 − (r − x) / (r − min), r the value of one named body. COINr: n_dist2ref."""

    id = "distance_to_reference"
    title = {"en": "Distance to a reference body", "fa": "فاصله تا دستگاه مرجع"}

    code: str = Field(min_length=1, max_length=64)
    """The code of the body (or service) whose value scores 1."""

    def reference(self, x: nw.Expr) -> nw.Expr:
        """Take the value of the body with this code."""
        return nw.when(nw.col("code") == self.code).then(x).max()


class DistanceToTarget(_Distance):
    """(x − min) / (target − min). COINr: n_dist2targ."""

    id = "distance_to_target"
    title = {"en": "Distance to a target", "fa": "فاصله تا هدف"}

    target: float
    """The value that scores 1, in the indicator's unit."""

    def reversed(self) -> Self:
        """Negate the target."""
        return self.model_copy(update={"target": -self.target})

    def population(self, x: nw.Expr) -> Mapping[str, nw.Expr]:
        """Ask for the lowest value; the target is known."""
        return {"lowest": x.min()}

    def normalise(self, x: nw.Expr, **population: Any) -> nw.Expr | None:
        """Measure the way from the lowest to the target."""
        return super().normalise(x, reference=self.target, **population)
