"""Words of closed lists, such as states and the keys of rulesets, read from those lists."""

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

from egovrules import (
    aggregation,
    calendars,
    criteria,
    errors,
    growth,
    model,
    normalisation,
    parameters,
    schema,
    tree,
)
from egovrules.cases import form
from egovrules.changes import home
from egovrules.json_schema.forms import definitions
from egovrules.outcomes import reaching
from egovrules.report import wording
from egovrules.verification import differences

_ENUMERATIONS = (
    *(model.AgencyKind, model.AnswerSource, model.AnswerStatus),
    *(model.LinkKind, model.LinkStatus, model.PointState),
)
_CONTINUITY = ("same", "renamed", "merged", "split", "new", "vanished")
_NAMES = ("kind", "parent", "not_assessed")  # that rulesets often use, and give no title


def words() -> Iterator[tuple[str, str]]:
    """Give the words of closed lists, each with the module that holds the list, as a file name."""
    for values in _ENUMERATIONS:
        yield from ((_spaced(one.value), _file(model)) for one in values)
    for found, module in (
        (get_args(errors.Severity), errors),
        (get_args(form.State), form),
        (get_args(tree.Kind), tree),
        (get_args(criteria.Level), criteria),
        (get_args(parameters.Direction), parameters),
        (get_args(reaching.Outcome), reaching),
        (_CONTINUITY, growth),
        (_NAMES, model),
        ([one.title() for one in calendars.SEASONS], calendars),
        ([one for months in calendars.MONTHS.values() for one in months], calendars),
        (wording._ENTRIES.values(), wording),
        ([differences.ROW], differences),
        ([one.id for one in aggregation.BUILT_IN], aggregation),
        ([one.id for one in normalisation.BUILT_IN], normalisation),
    ):
        yield from ((_spaced(word), _file(module)) for word in found)
    for word in _words_of_rulesets(list(definitions(schema.RulesetFile, "file").values())):
        yield word, _file(schema)
    for key in schema.RulesetFile.model_fields:
        if home((key, "name"))[0] == key and key not in wording._SECTIONS:
            yield key.strip("_").capitalize(), _file(schema)


def _words_of_rulesets(part: Any, key: str = "") -> Iterator[str]:
    """Walk a JSON Schema: every key that it knows, and the words that it allows for some."""
    if isinstance(part, list):
        for one in part:
            yield from _words_of_rulesets(one, key)
    elif isinstance(part, dict):
        if key in wording._CLOSED:
            yield from (_spaced(str(word)) for word in part.get("enum", ()))
        for name, one in part.get("properties", {}).items():
            yield from {name, wording._KEYS.get(name, name)}
            yield from _words_of_rulesets(one, name)
        for name, one in part.items():
            if name != "properties":
                yield from _words_of_rulesets(one, key)


def _spaced(word: str) -> str:
    return word.replace("_", " ")


def _file(module: ModuleType) -> str:
    path = Path(module.__file__ or "")
    return path.relative_to(Path(schema.__file__).parents[2]).as_posix()
