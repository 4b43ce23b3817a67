"""What a way of combining children is, for the core and for plugins."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import narwhals as nw
import polars as pl

from egovrules.parameters import Parameters

_MANY = 20  # children of which an expression is still quick, if it looks at each beside each


@dataclass(frozen=True, slots=True)
class Child:
    """One child of a node: its score (null where it has none) and its weight (> 0)."""

    score: nw.Expr
    weight: float


class Aggregation(Parameters):
    """A way to combine children: subclass, set ``id``, write :meth:`combine`.

    With :meth:`combine_table` alone, agencies are compared with each other, which no row can do by
    itself. With both, the table is the quicker way for many children, and gives the same.

    Attributes:
        additive: Whether share × score of the children adds up to the parent, so that an
            explanation may print contributions.
        whole: Set where only :meth:`combine_table` is written: agencies are compared.
        of_negatives: Whether there is a score where a child's is below 0.
    """

    additive: ClassVar[bool] = False
    whole: ClassVar[bool] = False
    of_negatives: ClassVar[bool] = True

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Note which of the two ways the author took, and refuse neither at import."""
        super().__pydantic_init_subclass__(**kwargs)
        by_row = cls.combine is not Aggregation.combine
        cls.whole = cls._has_table() and not by_row
        if "id" in vars(cls) and not by_row and not cls.whole:
            raise TypeError(f"{cls.id!r} defines neither combine() nor combine_table()")

    @classmethod
    def _has_table(cls) -> bool:
        return cls.combine_table is not Aggregation.combine_table

    def at_once(self, children: int) -> bool:
        """Tell whether so many children of agencies are combined by :meth:`combine_table`."""
        return self.whole or (children > _MANY and self._has_table())

    def combine(self, children: Sequence[Child]) -> nw.Expr:
        """Give the parent's score, an element-wise expression of the children."""
        raise TypeError(f"{self.id!r} combines no single row, and got {len(children)} children")

    def combine_table(self, scores: pl.DataFrame, weights: Sequence[float]) -> pl.Series:
        """Give the parent's scores of all agencies at once.

        Args:
            scores: One Float64 column per child, one row per agency, null where there is none.
            weights: Of the columns, each above 0.
        """
        raise TypeError(f"{self.id!r} combines row by row, and got {scores.shape, weights}")

    def combine_exactly(self, scores: Sequence[float], weights: Sequence[float]) -> float | None:  # noqa: ARG002 - authors override it
        """Give the same of one row's children that are there, rounded only once; None: no way.

        What is rounded to a few decimals afterwards must not hang on the noise of a sum.
        """
        return None


def added(terms: Sequence[nw.Expr]) -> nw.Expr:
    """Add up by halves, a null as nothing: the same to the last bit wherever it is computed.

    ``sum_horizontal`` parts its columns among threads, and its last bits depend on these.
    """
    half = len(terms) // 2
    return added(terms[:half]) + added(terms[half:]) if half else terms[0].fill_null(0.0)


def weight_present(children: Sequence[Child]) -> nw.Expr:
    """Sum the weights of the children that have a score."""
    present = [(~c.score.is_null()).cast(nw.Float64) * float(c.weight) for c in children]
    return added(present)
