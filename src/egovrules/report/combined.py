"""How the children of a node became its score, in words: the way, the share, the rounding."""

from collections.abc import Mapping

from egovrules.aggregation import BUILT_IN
from egovrules.report.blocks import parameters, percent, titled
from egovrules.report.plain import on_one_line
from egovrules.result import NodeInfo
from egovrules.rounding import Rule
from egovrules.text import format_number, translate

_TITLES = {one.id: one.title if isinstance(one.title, str) else dict(one.title) for one in BUILT_IN}
_RULES: Mapping[Rule, str] = {
    "half_even": "a half to the even one",
    "half_up": "a half upwards",
    "exact": "as stored in binary",
}


def rounding(rule: Rule, language: str) -> str:
    """Tell what a rule of rounding makes of a half."""
    return translate(_RULES[rule], language)


def combined(info: NodeInfo, language: str) -> str:
    """Tell how an inner node combines its children: ``Power mean (exponent = 2) · rounded …``."""
    name = info.aggregation or ""
    way = on_one_line(titled(_TITLES.get(name), name, language))
    set_here = info.aggregation_parameters
    told = [f"{way} ({parameters(set_here, language)})" if set_here else way]
    if info.min_share:
        message = "no score below {share} of the children"
        told.append(translate(message, language, share=percent(info.min_share, language)))
    if info.round is not None:
        decimals, rule = info.round
        step = format_number(10**-decimals, language, decimals)
        said = rounding(rule, language)
        told.append(translate("rounded to {step}, {rule}", language, step=step, rule=said))
    return " · ".join(told)
