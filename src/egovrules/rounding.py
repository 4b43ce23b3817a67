"""Rounding to decimals by a declared rule, since a half is not a half in binary.

0.115 is stored as a little more than 0.115, and 2.675 as a little less; what a rule makes of these
must be said, or two people publish two tables.
"""

import math
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

Rule = Literal["half_even", "half_up", "exact"]
_SHEET = ".15g"  # what a spreadsheet shows of a number, and rounds
_SHOWN = 1e14  # steps of the last decimal up to which that has a digit beyond it
_STEPS = 2.0**53  # steps of the last decimal beyond which a number has none to lose


def rounded(value: float, decimals: int, rule: Rule = "half_even") -> float:
    """Round a finite number.

    Args:
        value: The number.
        decimals: How many are kept, 0 to 12.
        rule: ``half_even``: to the nearer of the two neighbouring decimals as they are stored,
            and where both are as near, to the even one (as R 4 does): 0.115 is 0.12, 0.125 is
            0.12. ``half_up``: of the number to 15 significant digits, a half goes away from zero
            (as in spreadsheets): 1.005 is 1.01. ``exact``: of the exact binary value, to the
            nearer decimal (as Python does): 1.005 is 1.0, because 1.00499999999999989… is stored.
    """
    unit = float(10**decimals)
    if abs(value) * unit >= _STEPS:
        return value
    if rule == "exact":
        return round(value, decimals) + 0.0  # no minus before a zero
    if rule == "half_up":
        step = Decimal(1).scaleb(-decimals)
        digits = format(value, _SHEET) if abs(value) * unit < _SHOWN else repr(value)
        return float(Decimal(digits).quantize(step, ROUND_HALF_UP)) + 0.0
    below = math.floor(value * unit)
    if below / unit > value:  # the product was rounded up to a whole number
        below -= 1
    low, high = below / unit, (below + 1) / unit
    if high == value:
        return high
    down, up = value - low, high - value
    return low if down < up or (down == up and below % 2 == 0) else high
