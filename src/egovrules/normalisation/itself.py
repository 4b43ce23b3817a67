"""Each value by itself, compared with no other: as it is, or its logarithm."""

from typing import Any

import narwhals as nw

from egovrules.normalisation.base import Normalisation


class NoNormalisation(Normalisation):
    """The value as it is, after the direction."""

    id = "none"
    title = {"en": "None", "fa": "بدون نرمال‌سازی"}

    @property
    def relative(self) -> bool:
        """Nothing is compared."""
        return False

    def normalise(self, x: nw.Expr, **_: Any) -> nw.Expr:
        """Return the values."""
        return x


class Log(Normalisation):
    """ln(x + plus), of the values as they stand; none where x + plus is not above 0."""

    id = "log"
    title = {"en": "Logarithm", "fa": "لگاریتم"}

    plus: float = 0.0
    """What is added to a value before its logarithm is taken, in the indicator's unit."""

    @property
    def relative(self) -> bool:
        """Nothing is compared."""
        return False

    def reversed(self) -> "Log":
        """Take the logarithm before the values are negated."""
        return _NegatedLog(**dict(self))

    def normalise(self, x: nw.Expr, **_: Any) -> nw.Expr:
        """Take the logarithm."""
        size = x + self.plus
        return nw.when(size > 0).then(size).log()


class _NegatedLog(Log):
    """−ln(plus − x): of values that were negated."""

    def reversed(self) -> Log:
        """Return the plain one."""
        return Log(**dict(self))

    def normalise(self, x: nw.Expr, **_: Any) -> nw.Expr:
        """Take the logarithm of the value as it stands, and negate it."""
        return -super().normalise(-x)
