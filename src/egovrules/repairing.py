"""Leaving out what has a wrong form, so that the rest of a ruleset can be looked at."""

import copy
from collections.abc import Iterable
from dataclasses import replace

from egovrules import _validation
from egovrules._yaml import Document, Loc
from egovrules.errors import Problem, RulesetError
from egovrules.schema import RulesetFile

# Keys that other parts of a ruleset depend on.
_REFERRED = frozenset(
    (
        *("axes", "criteria", "use", "with", "level", "rollup", "after", "method", "indicators"),
        *("services", "agencies", "type", "values", "derive", "bands", "labels", "lists"),
        *("findings", "reconcile", "plugins", "scale", "decimals", "normalise", "treatment"),
    )
)


# Sections whose entries nothing refers to, and what such an entry can do without.
_APART = frozenset(("lists", "findings", "reconcile"))
_DETAILS = frozenset(("title", "severity", "order", "rounded", "without", "when_not"))


def without(document: Document, problems: Iterable[Problem]) -> tuple[RulesetFile, Document] | None:
    """Leave out what has a wrong form, if nothing else refers to it and a default is there."""
    paths = {".".join(map(str, loc)): loc for loc in document.places}
    data, dropped = copy.deepcopy(document.data), set[Loc]()
    for problem in problems:
        where = problem.where
        while where not in paths:  # a key that is missing: the mapping that lacks it
            where = where.rpartition(".")[0]
        loc = _removable(paths[where], problem)
        if loc is None:
            return None
        if any(loc[:depth] in dropped for depth in range(1, len(loc) + 1)):
            continue
        holder = data
        for part in loc[:-1]:
            holder = holder[part]
        if loc[-1] not in holder:  # a setting removed it, and it is needed
            return None
        del holder[loc[-1]]
        dropped.add(loc)
    places = {
        loc: place
        for loc, place in document.places.items()
        if not any(loc[:depth] in dropped for depth in range(1, len(loc) + 1))
    }
    rest = replace(document, data=data, places=places)
    try:
        return _validation.validate(RulesetFile, rest), rest
    except RulesetError:
        return None


def _removable(loc: Loc, problem: Problem) -> Loc | None:
    """Return what can be left out without making other parts wrong: the value, or its entry."""
    key = loc[-1] if loc else 0
    if len(loc) > 1 and loc[0] in _APART:
        return loc[:3] if _DETAILS.intersection(loc[2:3]) else loc[:2]
    if not isinstance(key, str) or (len(loc) > 1 and loc[-2] in _REFERRED):
        return None
    meant = problem.hint.removeprefix("did you mean '").removesuffix("'?")
    return None if {key, meant} & _REFERRED else loc
