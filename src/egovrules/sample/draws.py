"""Repeatable draws: a number follows from the seed and from what it is for, and nothing else.

So the two rounds agree on what does not change between them, an agency more or less leaves all
others as they were, and every platform writes the same bytes: hashes, sums and products are
exact alike everywhere, logarithms and library generators are not.
"""

from collections.abc import Mapping, Sequence
from hashlib import shake_128
from struct import unpack
from typing import TypeVar

T = TypeVar("T")


def draws(count: int, *key: object) -> list[float]:
    """Return *count* numbers in [0, 1) that depend on the key alone."""
    name = "/".join(map(str, key)).encode()
    stream = shake_128(name).digest(4 * count)
    return [number / 2**32 for number in unpack(f">{count}I", stream)]


def spread(count: int, *key: object) -> list[float]:
    """Return the midpoints of *count* equal parts of [0, 1], in a drawn order.

    As even as draws can be: of the services of an agency, a share *p* lies below *p*.
    """
    return [(place + 0.5) / count for place in _order(count, *key)]


def shuffled(values: Sequence[T], *key: object) -> list[T]:
    """Return the values in a drawn order."""
    return [values[place] for place in _order(len(values), *key)]


def _order(count: int, *key: object) -> list[int]:
    keys = draws(count, *key)
    return sorted(range(count), key=keys.__getitem__)


def chosen(values: Sequence[T], draw: float) -> T:
    """Return the value that a draw in [0, 1) falls on."""
    return values[int(draw * len(values))]


def part(whole: int, level: float, draw: float) -> int:
    """Return how many of *whole* are fulfilled at a level of 0 to 1: on average their product."""
    return max(0, min(whole, int(whole * level + draw)))


def wobble(level: float, draw: float) -> float:
    """Return a level near another, on average the same, and within 0 to 1."""
    reach = max(0.0, min(0.15, level, 1.0 - level))
    return level + (2 * draw - 1) * reach


def size(smallest: int, doublings: int, draws: Sequence[float]) -> int:
    """Return a size of which most are middling and few large: log-normal, without a logarithm.

    As many tosses as there are *doublings* double it or leave it (de Moivre: their number is
    nearly normal); the last draw fills the gap up to the next doubling.
    """
    doubled = sum(draw < 1 / 2 for draw in draws[:doublings])
    return int(smallest * 2**doubled * (1 + draws[doublings]))


def apportion(total: int, weights: Mapping[str, float]) -> dict[str, int]:
    """Divide *total* in whole numbers by weight; the largest remainders get what is left over."""
    whole = sum(weights.values())
    exact = {name: total * weight / whole for name, weight in weights.items()}
    found = {name: int(share) for name, share in exact.items()}
    order = sorted(exact, key=lambda name: (found[name] - exact[name], name))
    for name in order[: total - sum(found.values())]:
        found[name] += 1
    return found
