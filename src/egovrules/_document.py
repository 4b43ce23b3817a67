"""A document and the places of its values: pointing at them, and laying one over another.

Made by ``_yaml``; imports ``errors`` and nothing else of ours.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from egovrules._excerpt import Span, in_order, part_of, point
from egovrules.errors import EgovrulesError, Problem, RulesetError, Severity, did_you_mean

Loc = tuple[str | int, ...]
METHODS = frozenset({"normalise", "aggregate"})  # hold an id, or `by` and parameters beside it


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands.

    Attributes:
        source: The file it is in.
        lines: All lines of that file, shared by its places.
        key: Its key, or None (an entry of a list, the whole file).
        value: The value itself; of a list or a mapping the first character only (a bracket), or
            nothing at all (block style).
    """

    source: str
    lines: Sequence[str] = field(repr=False, compare=False)
    key: Span | None
    value: Span


@dataclass(frozen=True, slots=True)
class Document:
    """What a file says (``data``), and where it says it (``places``, by path).

    ``strays`` are entries that a child adds although the file that it extends has one of nearly
    the same name, each with the advice that follows: most likely it was to be changed.
    """

    data: Any
    places: Mapping[Loc, Place] = field(repr=False)
    source: str
    strays: Mapping[Loc, str] = field(default_factory=dict, repr=False)

    def place(self, loc: Loc) -> Place:
        """Return the place of a value, or of the deepest part of its path that has one."""
        depth = len(loc)
        while loc[:depth] not in self.places:
            depth -= 1
        return self.places[loc[:depth]]

    def problem(
        self,
        loc: Loc,
        message: str,
        *,
        hint: str = "",
        at: Literal["key", "value"] = "value",
        within: tuple[int, int] | None = None,
        severity: Severity = "error",
    ) -> Problem:
        """Make a problem that points at a value, its key, or a part of its text.

        Args:
            loc: Path of the value. Of a path that does not exist, the deepest part that does is
                pointed at.
            message: What is wrong.
            hint: What to do.
            at: Point at the ``key`` or the ``value``. The key is used, too, where the value has
                no text of its own.
            within: Offsets (start, end) in characters of the scalar's text, end open.
            severity: As in :class:`Problem`.
        """
        place, exact = self.place(loc), loc in self.places
        span = place.value
        if place.key and (at == "key" or not exact or span.is_empty):
            span = place.key
        elif within and exact:
            span = part_of(place.lines, span, self._text(loc), within)
        where = ".".join(str(part) for part in loc)
        for length in range(len(loc) + 1):
            if stray := self.strays.get(loc[:length]):
                further = f" Otherwise: {hint}" if hint and "did you mean" not in hint else ""
                hint = stray + further
        return point(
            place.source, place.lines, span, message, hint=hint, where=where, severity=severity
        )

    def _text(self, loc: Loc) -> str:
        value = self.data
        for part in loc:
            value = value[part]
        return str(value)


def merge(
    parent: Document,
    child: Document,
    ignore: Collection[str] = ("extends",),
    *,
    error: type[EgovrulesError] = RulesetError,
) -> Document:
    """Lay the child's changes over its parent (``extends``).

    Mappings merge, lists and scalars replace, ``null`` removes the parent's key. Under
    ``normalise`` and ``aggregate`` a mapping whose ``by`` is another replaces, too. The parent's
    keys come first, in its order, then the child's new ones. Each value's place is in the file
    that it came from; a mapping that both have is placed in the child. Inside an entry that the
    parent lacks, ``null`` is a value like any other.

    Args:
        parent: May itself be the result of a merge.
        child: What it changes.
        ignore: Keys of the top level that are left out, on both sides.
        error: The class to raise.

    Raises:
        EgovrulesError: Of the class *error*: a ``null`` that removes nothing, an empty value that
            would remove something, a file that is no mapping.
    """
    problems = [
        document.problem((), "the file must hold 'key: value' lines to extend or be extended")
        for document in (parent, child)
        if not isinstance(document.data, dict)
    ]
    if problems:
        raise error(in_order(problems))
    places: dict[Loc, Place] = {(): child.places[()]}
    layers = _Layers(parent, child, frozenset(ignore), places, problems, dict(parent.strays))
    joined = _join(layers, parent.data, child.data, ())
    if problems:
        raise error(in_order(problems))
    return Document(joined, places, child.source, layers.strays)


@dataclass(frozen=True, slots=True)
class _Layers:
    """The two documents of a merge, and what it collects on the way."""

    parent: Document
    child: Document
    ignore: frozenset[str]
    places: dict[Loc, Place]
    problems: list[Problem]
    strays: dict[Loc, str]


def _join(
    layers: _Layers, old: Mapping[str, Any], new: Mapping[str, Any], loc: Loc
) -> dict[str, Any]:
    joined: dict[str, Any] = {}
    for key in [*old, *(key for key in new if key not in old)]:
        here = (*loc, key)
        if not loc and key in layers.ignore:
            continue
        if key not in new:
            joined[key] = _keep(layers.parent, old[key], here, layers.places)
        elif new[key] is None:
            layers.problems.extend(_check_removal(layers.child, key, old, here))
        elif _may_be_joined(key, old.get(key), new[key]):
            if not new[key]:
                message = f"'{key}' is empty, and changes nothing of what is extended"
                hint = "write null to remove it, or leave it out"
                layers.problems.append(layers.child.problem(here, message, hint=hint, at="key"))
            layers.places[here] = layers.child.places[here]
            joined[key] = _join(layers, old[key], new[key], here)
        else:
            if key not in old and isinstance(new[key], dict):
                _suspect(layers, key, old, here)
            joined[key] = _keep(layers.child, new[key], here, layers.places)
    return joined


def _may_be_joined(key: str, old: Any, new: Any) -> bool:
    """Whether both are mappings; not where one way is swapped for another, parameters and all."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return False
    return key not in METHODS or new.get("by", old.get("by")) == old.get("by")


def _suspect(layers: _Layers, key: str, old: Mapping[str, Any], loc: Loc) -> None:
    """Note that a new entry is called nearly like one of the parent's."""
    near = get_close_matches(key, [name for name in old if isinstance(old[name], dict)], n=1)
    if near:
        parent = Path(layers.parent.source).name
        layers.strays[loc] = f"'{key}' changes nothing of {parent}: did you mean '{near[0]}'?"


def _keep(document: Document, value: Any, loc: Loc, places: dict[Loc, Place]) -> Any:
    """Take over a value with all its places."""
    places[loc] = document.places[loc]
    if isinstance(value, dict):
        for key, inner in value.items():
            _keep(document, inner, (*loc, key), places)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _keep(document, inner, (*loc, index), places)
    return value


def _check_removal(
    child: Document, key: str, old: Mapping[str, Any], loc: Loc
) -> Iterator[Problem]:
    if key not in old:
        message = f"'{key}' removes nothing: the extended file has no such key here"
        yield child.problem(loc, message, hint=did_you_mean(key, old), at="key")
    elif child.places[loc].value.is_empty:  # more likely a slip than a wish
        hint = "write null to remove it, or indent the lines that belong to it"
        yield child.problem(loc, f"'{key}' has no value", hint=hint, at="key")
