"""What a way of normalising is, for the core and for plugins."""

from collections.abc import Mapping
from typing import Any, ClassVar

import narwhals as nw

from egovrules.parameters import Parameters


def share(x: nw.Expr, width: float) -> nw.Expr:
    """Divide by a number so that equal values give equal quotients, and *width* itself exactly 1.

    By a constant, Polars multiplies by its inverse, in blocks of rows: 49 × (1 / 49) is not 1, and
    the last rows may differ from the others. By a column of the number (null where *x* is) every
    engine divides.
    """
    return x / (x * 0.0 + float(width))


class Normalisation(Parameters):
    """Puts values on a common measure: subclass, set ``id``, write :meth:`normalise`.

    Attributes:
        whole: Whether :meth:`normalise` looks at the whole column (ranks do): such a way runs on
            the local engine only.
    """

    whole: ClassVar[bool] = False

    @property
    def top(self) -> float | None:
        """The score of a perfect row, if scores live in ``[0, top]``; None: they are final."""
        return None

    @property
    def relative(self) -> bool:
        """Whether rows are compared with each other, so that a constant column has no scores."""
        return True

    def reversed(self) -> "Normalisation":
        """Return the same with its parameters in the indicator's unit negated."""
        return self

    def population(self, x: nw.Expr) -> Mapping[str, nw.Expr]:  # noqa: ARG002 - authors override it
        """Declare whole-population figures by name; each arrives as a number.

        ``lowest`` and ``highest`` are always the ends of the values.
        """
        return {}

    def normalise(self, x: nw.Expr, **population: Any) -> nw.Expr | None:
        """Give the scores of the values *x*; None where no one can have one.

        Args:
            x: Values, Float64, more is better; where one is null there is no score, whatever is
                given here.
            population: The numbers of :meth:`population` by name, none of them None.
        """
        raise TypeError(f"normalisation {self.id!r} defines no normalise() for {x, population}")
