"""How the values of criteria became scores, in words: the way, and what it compared with."""

import re
from typing import Any

from egovrules.explanation import Explained
from egovrules.normalisation import BUILT_IN
from egovrules.report.blocks import parameters, shown, titled
from egovrules.report.plain import on_one_line
from egovrules.text import translate

_WAYS = {one.id: one for one in BUILT_IN}
# Population numbers as people call them; those in _SIZES have no direction.
_FIGURES = {
    "lowest": "Worst",
    "highest": "Best",
    "mean": "Mean",
    "sd": "Standard deviation",
    "reference": "Reference",
    "n": "Values known",
}
_SIZES = frozenset({"sd", "n"})


def normalised(node: Explained, language: str) -> str:
    """Tell a value, how it becomes a score, and what it was compared with, all in its own unit.

    Of a criterion that is normalised; that of services is told without a value.
    """
    info = node.info
    kind = _WAYS.get(info.normalisation or "")
    usual = {name: one.default for name, one in kind.model_fields.items()} if kind else {}
    set_here = {k: v for k, v in info.normalisation_parameters.items() if usual.get(k, ...) != v}
    way = on_one_line(titled(kind.title if kind else None, info.normalisation or "", language))
    told = [f"{way} ({parameters(set_here, language)})" if set_here else way]
    if info.level == "agency":
        told.insert(0, f"{translate('Value', language)} {_number(node.value, language)}")
    if info.direction == "down":
        told.append(translate("less is better", language))
    for name, value in node.normalised.items():
        turned = info.direction == "down" and name not in _SIZES and value is not None
        told.append(_figure(name, _number(-value if turned else value, language), language))
    return " · ".join(told)


def _figure(name: str, value: str, language: str) -> str:
    if re.fullmatch(r"p[0-9.]+", name):
        number = float(name[1:])
        return translate("percentile {number} at {value}", language, number=number, value=value)
    words = _FIGURES.get(name, on_one_line(name.replace("_", " ")))
    return f"{translate(words, language)} {value}"


def _number(value: Any, language: str) -> str:
    """Show six digits: of a mean or a rate, further ones tell nothing."""
    return shown(float(f"{value:.6g}") if isinstance(value, int | float) else value, language)
