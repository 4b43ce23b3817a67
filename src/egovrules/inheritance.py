"""From files to one effective document: generations of ``extends``, and settings on top.

Every value keeps the place that it came from, so that messages and ``egovrules show`` name it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from egovrules import _yaml
from egovrules._document import METHODS
from egovrules._excerpt import in_order, point
from egovrules._yaml import Document, Loc, Place, Span
from egovrules.errors import Problem, RulesetError, did_you_mean

MAX_GENERATIONS = 16
MAX_PATH = 200  # characters of `extends:`; below what every file system takes
SETTINGS = "--set"  # what messages call the source of settings

_SETTLED = ("schema", "extends")
# Under these, every key is a name that a person gave: a setting can change it, never make it.
_NAMED = frozenset({"axes", "criteria", "bands", "lists", "findings", "reconcile"})


def inherit(path: Path, suffix: str = ".yaml") -> Document:
    """Read a file and lay it over the file that it extends, and so on.

    Args:
        path: The file.
        suffix: How the name of a file that is extended must end.

    Raises:
        RulesetError: A file cannot be read, extends itself, or changes what is not there.
    """
    return _inherit(path, suffix, ())


def _inherit(path: Path, suffix: str, children: tuple[Path, ...]) -> Document:
    document = _yaml.read(path)
    parent = document.data.get("extends") if isinstance(document.data, dict) else None
    if parent is None:
        return document
    chain = (*children, path.resolve())
    loc = ("extends",)
    if not isinstance(parent, str) or not parent.endswith(suffix):
        message, hint = "`extends:` names a file", f"such as `extends: ir-1400-spring{suffix}`"
        raise RulesetError([document.problem(loc, message, hint=hint)])
    if len(parent) > MAX_PATH:
        raise RulesetError([document.problem(loc, "this is too long for the name of a file")])
    other = path.parent / parent
    if other.resolve() in chain:
        names = " extends ".join(step.name for step in (*chain, other))
        raise RulesetError([document.problem(loc, f"a file cannot extend itself: {names}")])
    if len(chain) > MAX_GENERATIONS:
        raise RulesetError([document.problem(loc, f"more than {MAX_GENERATIONS} generations")])
    if not other.is_file():
        near = [one.name for one in other.parent.glob(f"*{suffix}")]
        hint = did_you_mean(Path(parent).name, near)
        raise RulesetError([document.problem(loc, f"there is no file '{parent}'", hint=hint)])
    return _yaml.merge(_inherit(other, suffix, chain), document)


def with_settings(document: Document, settings: Sequence[str]) -> Document:
    """Change single values, each by ``path=value``, as ``axes.integrated.weight=40``.

    Args:
        document: An effective ruleset; it stays as it is.
        settings: The path is of keys, and of numbers (from 0) in lists, with dots between; the
            value is YAML, and ``null`` removes the key, or the entry of a list, where those behind
            it move up.

    Raises:
        RulesetError: With every setting that changes nothing or is none.
    """
    data, places = document.data, dict(document.places)
    lines = tuple(" ".join(setting.split()) for setting in settings)
    problems: list[Problem] = []
    for number, line in enumerate(lines, 1):
        path, _, text = line.partition("=")
        loc = _path(data, path.strip().split("."))
        span = Span(number, 1, number, len(path) + 1)
        value_span = Span(number, len(path) + 2, number, len(line) + 1)
        try:
            value = _value(loc, text)
            data = _changed(data, loc, value, "the ruleset")
        except _UnfitError as error:
            problems.append(point(SETTINGS, lines, span, error.message, hint=error.hint))
            continue
        except RulesetError as error:  # the value is no YAML
            first = error.problems[0]
            problems.append(point(SETTINGS, lines, value_span, first.message, hint=first.hint))
            continue
        here = Place(SETTINGS, lines, span, value_span)
        places = {one: place for one, place in places.items() if one[: len(loc)] != loc}
        if value is None and isinstance(loc[-1], int):
            places = _moved_up(places, loc[:-1], loc[-1])
            continue
        # What is new has its place here, too: keys on the way, and all inside the value.
        added = [*(loc[: depth + 1] for depth in range(len(loc))), *_inside(value, loc)]
        places |= {one: here for one in added if one not in places}
    if problems:
        raise RulesetError(in_order(problems))
    return replace(document, data=data, places=places)


def _moved_up(places: Mapping[Loc, Place], loc: Loc, gone: int) -> dict[Loc, Place]:
    """Return where everything stands once an entry of the list at *loc* is gone."""
    found: dict[Loc, Place] = {}
    for one, place in places.items():
        number = one[len(loc)] if len(one) > len(loc) and one[: len(loc)] == loc else None
        if isinstance(number, int) and number > gone:
            found[(*loc, number - 1, *one[len(loc) + 1 :])] = place
        else:
            found[one] = place
    return found


def _inside(value: Any, loc: Loc) -> Iterator[Loc]:
    """Yield the paths of everything inside the value at *loc*."""
    parts: Iterable[tuple[str | int, Any]] = ()
    if isinstance(value, Mapping):
        parts = value.items()
    elif isinstance(value, list):
        parts = enumerate(value)
    for key, part in parts:
        yield (*loc, key)
        yield from _inside(part, (*loc, key))


def _path(data: Any, parts: Sequence[str]) -> Loc:
    """Return the path that *parts* name in *data*: in a list, an entry is named by its number."""
    if not parts:
        return ()
    head, rest = parts[0], parts[1:]
    if isinstance(data, list) and re.fullmatch("[0-9]{1,4}", head):
        return (int(head), *_path((data[int(head) :] or [None])[0], rest))
    return (head, *_path(data.get(head) if isinstance(data, Mapping) else None, rest))


class _UnfitError(Exception):
    """What is wrong with a setting, and what to do."""

    def __init__(self, message: str, hint: str) -> None:
        self.message, self.hint = message, hint


def _value(loc: Loc, text: str) -> Any:
    if not text.strip() or "" in loc:
        raise _UnfitError("a setting is path=value", "such as axes.integrated.weight=40")
    if loc[0] in _SETTLED:
        raise _UnfitError(f"'{loc[0]}' is settled before anything is set", "change the file itself")
    if odd := next((part for part in loc if re.search(r"[\[\]\s]", str(part))), None):
        message = f"'{odd}' is no key, and no number of an entry"
        raise _UnfitError(message, "write dots between them, as in axes.integrated.caps.0.at=40")
    value = _yaml.parse(text, SETTINGS).data
    if re.search(r"(^|\s)#", text) and "#" not in str(value):
        raise _UnfitError("what follows '#' would be lost", "put a value that holds it in quotes")
    return value


def _changed(base: Any, loc: Loc, value: Any, name: str) -> Any:
    """Return *base* with the value at *loc* changed; *name* is what messages call *base*."""
    if not loc:
        return value
    head, rest = loc[0], loc[1:]
    if isinstance(base, list):
        if not isinstance(head, int) or head >= len(base):
            message = f"{name} is a list of {len(base)}, and has no entry '{head}'"
            raise _UnfitError(message, "count its entries from 0")
        if not rest and value is None:
            return [*base[:head], *base[head + 1 :]]
        return [*base[:head], _changed(base[head], rest, value, str(head)), *base[head + 1 :]]
    if not isinstance(base, Mapping):
        hint = "end there"
        if name in METHODS:  # one that is written by its id alone
            whole = "by: …" if head == "by" else f"by: {base}, {head}: …"
            hint = f"end there, with the whole: {name}={{{whole}}}"
        raise _UnfitError(f"{name} is a single value, and has nothing below it", hint)
    key = str(head)
    if key not in base and (name in _NAMED or key.isdigit() or (not rest and value is None)):
        raise _UnfitError(f"{name} has no '{key}' to change", did_you_mean(key, base))
    if not rest and value is None:
        return {other: kept for other, kept in base.items() if other != key}
    return {**base, key: _changed(base.get(key, {}), rest, value, key)}
