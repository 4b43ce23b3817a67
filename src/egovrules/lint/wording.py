"""Texts that lack one of the languages of their ruleset."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from egovrules._document import Loc
from egovrules.errors import Problem
from egovrules.ruleset import Ruleset
from egovrules.text import Localised

_TEXTS = frozenset({"title", "description", "message", "because"})
_SEVERAL = 2


def untranslated(ruleset: Ruleset) -> Iterator[Problem]:
    """Yield the texts that lack a language, where the file is written in several."""
    texts = list(_texts(ruleset.file, ()))
    used = {code for _, text in texts if not isinstance(text, str) for code in text}
    if len(used) < _SEVERAL:
        return
    every = ", ".join(f"{code}: …" for code in sorted(used))
    for loc, text in texts:
        lacking = sorted(used - set(text)) if not isinstance(text, str) else []
        if lacking:
            message = f"this {loc[-1]} is not written in {' and '.join(lacking)}"
        elif isinstance(text, str):
            message = f"this {loc[-1]} is one text for {' and '.join(sorted(used))}"
        else:
            continue
        yield ruleset.document.problem(
            loc,
            message,
            hint=f"write all languages of the ruleset, as {{{every}}}",
            severity="warning",
            at="key",
        )


def _texts(entry: BaseModel, loc: Loc) -> Iterator[tuple[Loc, Localised]]:
    """Yield every text for people in a part of a ruleset file, with its place."""
    for name, field in type(entry).model_fields.items():
        value, here = getattr(entry, name), (*loc, field.alias or name)
        if name in _TEXTS and value is not None:
            yield here, value
        else:
            yield from _inside(value, here)


def _inside(value: Any, loc: Loc) -> Iterator[tuple[Loc, Localised]]:
    if isinstance(value, BaseModel):
        yield from _texts(value, loc)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _inside(inner, (*loc, key))
    elif isinstance(value, tuple):
        for number, inner in enumerate(value):
            yield from _inside(inner, (*loc, number))
