"""Repeatable draws: a number follows from the seed and from what it is for, and nothing else.

So the two rounds agree on what does not change between them, a body more or less leaves all
others as they were, and every platform writes the same bytes: hashes, sums and products are
exact alike everywhere, logarithms and library generators are not.
"""

from collections.abc import Mapping, Sequence
from hashlib import shake_128
from typing import TypeVar

T = TypeVar("T")

_BYTES = 6  # 48 bits: exact as a float, and never rounded up to 1


def draws(count: int, *key: object) -> list[float]:
    """Return *count* numbers in [0, 1) that depend on the key alone."""
    name = "/".join(map(str, key)).encode()
    stream = shake_128(name).digest(count * _BYTES)
    chunks = (stream[i : i + _BYTES] for i in range(0, len(stream), _BYTES))
    return [int.from_bytes(chunk) / 2 ** (8 * _BYTES) for chunk in chunks]


def spread(count: int, *key: object) -> list[float]:
    """Return the midpoints of *count* equal parts of [0, 1], in a drawn order.

    As even as draws can be: of the services of a body, a share *p* lies below *p*.
    """
    keys = draws(count, *key)
    places = [0.0] * count
    for place, index in enumerate(sorted(range(count), key=keys.__getitem__)):
        places[index] = (place + 0.5) / count
    return places


def shuffled(values: Sequence[T], *key: object) -> list[T]:
    """Return the values in a drawn order."""
    return [value for _, value in sorted(zip(spread(len(values), *key), values, strict=True))]


def chosen(values: Sequence[str], draw: float) -> str:
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
