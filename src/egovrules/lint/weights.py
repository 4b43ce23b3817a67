"""Weights against what titles claim of them, and against what they look meant to add up to."""

import math
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import reduce
from typing import Any

from egovrules._document import Document, Loc
from egovrules.errors import Problem
from egovrules.placed import placed_nodes
from egovrules.ruleset import Ruleset
from egovrules.text import latin_digits
from egovrules.tree import Node

# A percentage is a claim in brackets, at the end, or before a mark at the start. Elsewhere it
# belongs to what is measured: "Services of which 90 % are online in time".
_NUMBER = r"(?<![\d.,])(\d+(?:[.,]\d+)?)"
_PERCENTAGE = rf"(?:{_NUMBER}\s*(?:%|per\s?cent|درصد)|%\s*{_NUMBER})"
_CLAIM = re.compile(
    rf"[(\[]\s*{_PERCENTAGE}\s*[)\]]|^\s*{_PERCENTAGE}\s*[,:;/|–—-]|{_PERCENTAGE}\s*$",
    re.IGNORECASE,
)
_SIBLINGS = 2  # fewer have no sum
_NEAR = 0.1  # how far off, as a share of it, a sum still looks meant to be 100 or 1


def untrue_claims(ruleset: Ruleset) -> Iterator[Problem]:
    """Yield the percentages in titles that are a share neither of the parent nor of the total."""
    for loc, node, of_parent, of_total in _shares(ruleset.root, (), 1.0):
        if (*loc, "title") not in ruleset.document.places:
            continue  # a plugin's own title
        languages = {"": node.title} if isinstance(node.title, str) else node.title
        for language, text in languages.items():
            place = (*loc, "title", language) if language else (*loc, "title")
            for match in _CLAIM.finditer(latin_digits(text)):
                claim = Decimal(next(filter(None, match.groups())).replace(",", "."))
                decimals = -int(claim.as_tuple().exponent)
                allowed = 0.5 * 10**-decimals + 1e-9
                shares = [100 * share for share in (of_parent, of_total)]
                if any(abs(share - float(claim)) <= allowed for share in shares):
                    continue
                shown = [f"{share:.{max(decimals, 1)}f} %" for share in shares]
                whole = f"{shown[1]} of the total"
                if len(loc) > 2:  # noqa: PLR2004 - deeper than ("axes", name)
                    whole = f"{shown[0]} of its axis, {whole}"
                yield ruleset.document.problem(
                    place,
                    f"the title claims {claim} %, and the weight is {whole}",
                    hint="correct the weight, or the title",
                    severity="warning",
                )


def _shares(node: Node, loc: Loc, of_total: float) -> Iterator[tuple[Loc, Node, float, float]]:
    """Yield what is below a node: place, node, share of its parent and of the total (0 to 1)."""
    whole = math.fsum(child.weight for child in node.children)
    below = {(*loc, "axes"), (*loc, "criteria")}
    for place, child in placed_nodes(node, loc):
        if place[:-1] in below:
            share = child.weight / whole
            yield place, child, share, share * of_total
            yield from _shares(child, place, share * of_total)


def odd_sums(ruleset: Ruleset) -> Iterator[Problem]:
    """Yield the siblings whose weights look meant to add up to 100, or to 1, and do not."""
    for loc, node in placed_nodes(ruleset.root):
        weights = [
            _written(ruleset.document, (*place, "weight"))
            for place, child in placed_nodes(node, loc)
            if len(place) == len(loc) + 2 and child.weight > 0
        ]
        numbers = [weight for weight in weights if isinstance(weight, int | float)]
        if len(numbers) < len(weights):  # a default, or a fraction such as 1/3: no sum is meant
            continue
        missed = _missed(numbers)
        if missed is not None:
            total = math.fsum(numbers)
            share = f"{numbers[0]:g}/{total:.9g}"
            yield ruleset.document.problem(
                loc or ("axes",),
                f"the weights here add up to {total:.9g}, and look meant to add up to {missed}",
                hint=f"correct them; or write fractions, as {share}, if only their shares matter",
                severity="warning",
                at="key",
            )


def _missed(weights: Sequence[float]) -> int | None:
    """Return what weights look meant to add up to, if they do not; else None.

    Equal whole numbers mean just that they are equal. Weights with decimals (two or more below 1)
    may be rounded shares, whose sum may be one off in the last digit.
    """
    whole = all(float(weight).is_integer() for weight in weights)
    if len(weights) < _SIBLINGS or (whole and len(set(weights)) == 1):
        return None
    meant, coarse = (1, 1) if all(weight < 1 for weight in weights) else (100, 0)
    decimals = max(-int(Decimal(str(weight)).normalize().as_tuple().exponent) for weight in weights)
    allowed = 10.0**-decimals if decimals > coarse else 0.0
    gap = abs(math.fsum(weights) - meant)
    return meant if allowed + 1e-9 < gap <= _NEAR * meant + 1e-9 else None


def _written(document: Document, loc: Loc) -> Any:
    """Return what the file says at a place, None where it says nothing."""
    if loc not in document.places:
        return None
    return reduce(lambda value, part: value[part], loc, document.data)
