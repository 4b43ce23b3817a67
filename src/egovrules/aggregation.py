"""From children to their parent: weighted means as expressions, null children left out.

Every function takes the same list of :class:`Child` and returns one expression. A null child is
skipped and the others' weights are renormalised inside the node; no child at all gives null.
Formulas: OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 6.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import narwhals as nw


@dataclass(frozen=True, slots=True)
class Child:
    """One child of a node: its score (null where it has none) and its weight (≥ 0)."""

    score: nw.Expr
    weight: float


@dataclass(frozen=True, slots=True)
class Aggregation:
    """A named way to combine children.

    Attributes:
        name: What a ruleset writes under ``aggregate:``.
        combine: Children to one expression.
        additive: Whether share × score of the children adds up to the parent, so that
            an explanation may print contributions.
    """

    name: str
    combine: Callable[[Sequence[Child]], nw.Expr]
    additive: bool = False


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


def arithmetic(children: Sequence[Child]) -> nw.Expr:
    """Σ wᵢ sᵢ / Σ wᵢ over the children that have a score."""
    total = weight_present(children)
    summed = added([c.score * float(c.weight) for c in children])
    return nw.when(total > 0).then(summed / total)


def geometric(children: Sequence[Child]) -> nw.Expr:
    """exp(Σ wᵢ ln sᵢ / Σ wᵢ); a child at 0 makes it 0, a negative child makes it null."""
    total = weight_present(children)
    logs = added([nw.when(c.score > 0).then(c.score).log() * float(c.weight) for c in children])
    mean = nw.when(total > 0).then(logs / total).exp()
    return _guarded(children, mean, total)


def harmonic(children: Sequence[Child]) -> nw.Expr:
    """Σ wᵢ / Σ (wᵢ / sᵢ); a child at 0 makes it 0, a negative child makes it null."""
    total = weight_present(children)
    inverse = added([float(c.weight) / nw.when(c.score > 0).then(c.score) for c in children])
    return _guarded(children, nw.when(inverse > 0).then(total / inverse), total)


def minimum(children: Sequence[Child]) -> nw.Expr:
    """Return the smallest score among the children of positive weight; null without any."""
    counted = [c.score for c in children if c.weight > 0]
    return nw.min_horizontal(*counted) if counted else nw.lit(None, nw.Float64)


def _guarded(children: Sequence[Child], mean: nw.Expr, total: nw.Expr) -> nw.Expr:
    """Give 0 where a weighted child is 0, and null where one is negative or none is present."""
    lowest = minimum(children)
    at_zero = nw.when(lowest == 0).then(nw.lit(0.0))
    return nw.when(total > 0).then(nw.when(lowest > 0).then(mean).otherwise(at_zero))


BUILT_IN = (
    Aggregation("arithmetic", arithmetic, additive=True),
    Aggregation("geometric", geometric),
    Aggregation("harmonic", harmonic),
    Aggregation("minimum", minimum),
)
