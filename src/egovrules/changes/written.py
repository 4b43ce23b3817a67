"""What differs in what is written: two effective rulesets, walked side by side."""

import json
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import ValidationError

from egovrules._grammar import normal
from egovrules.changes.change import ABSENT, Change, Kind, shown
from egovrules.entries import Cap, DerivedEntry, IndicatorEntry
from egovrules.errors import RulesetError
from egovrules.fixed import Entry
from egovrules.schema import Label, RulesetFile

# What each part of a ruleset decides. The method is what the method digest covers.
_KINDS: Mapping[str, Kind] = {
    **dict.fromkeys(("scope", "missing", "derive", "axes", "rollup", "aggregate"), "method"),
    **dict.fromkeys(("treatment", "normalise", "min_share", "round", "caps", "scale"), "method"),
    **dict.fromkeys(("indicators", "rank", "bands", "lists", "findings"), "outcome"),
    **dict.fromkeys(("reconcile", "bridge"), "outcome"),
}
_WORDS = frozenset({"title", "description", "because", "message", "unit"})
_CONDITIONS = frozenset({"when", "among", "services", "agencies"})  # in caps, rules and the scope
_WHOLE = frozenset({"aggregate", "normalise", "round"})  # told as one, with their parameters
T = TypeVar("T", bound=Hashable)


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Change, ...]:
    """Return what differs between two effective rulesets, in the order of the new one.

    What was dropped comes where it stood in the old one. An axis, criterion, cap, band, label,
    list or finding that only one of the two has is one change.

    Args:
        old: An effective ruleset as plain data.
        new: The other.

    Raises:
        RulesetError: When one of them has not the form of a ruleset.
    """
    return tuple(_walk(old, new, _typed(old), _typed(new), (), "words"))


def _typed(data: Mapping[str, Any]) -> RulesetFile:
    try:
        return RulesetFile.model_validate_json(json.dumps(data), strict=True)
    except ValidationError:
        name = data.get("id", "it")
        message = f"{shown(name)} has not the form of a ruleset, so nothing can be compared with it"
        raise RulesetError.of(message, hint="`egovrules check` says what is wrong") from None


def _walk(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    typed_old: Any,
    typed_new: Any,
    loc: tuple[str | int, ...],
    kind: Kind,
) -> Iterator[Change]:
    """Compare two mappings: what was written (for telling), and what it means (for deciding)."""
    before, after = _fields(typed_old), _fields(typed_new)
    for key in keys_of_both(old, new):
        here = (*loc, key)
        # A title in several languages is one text; under an axis called `title` it is a key.
        is_text = key in _WORDS and isinstance(typed_new, Entry)
        own = "words" if is_text else kind if loc else _KINDS.get(key, "words")
        was, now = before.get(key, ABSENT), after.get(key, ABSENT)
        if was == now:
            continue
        if isinstance(was, DerivedEntry) and isinstance(now, DerivedEntry):
            yield from _derived(old[key], new[key], was, now, here)
            continue
        is_whole = key in _WHOLE and isinstance(typed_new, Entry)
        if _inner(was) and _inner(now) and not is_text and not is_whole:
            yield from _walk(old.get(key, {}), new.get(key, {}), was, now, here, own)
        elif _listed(was) and _listed(now):
            yield from _entries(old.get(key, []), new.get(key, []), was, now, here, own)
        else:
            said_only = _only_words(was) and _only_words(now)
            own = "words" if said_only else own
            yield Change(here, _value(old, key, was), _value(new, key, now), own)


def _derived(
    old: Any, new: Any, was: DerivedEntry, now: DerivedEntry, loc: tuple[str | int, ...]
) -> Iterator[Change]:
    """Compare two derived values: their texts decide, their titles do not."""
    if was.value != now.value:
        yield Change(loc, text_of_derived(old), text_of_derived(new), "method")
    if was.title != now.title:
        before, after = (
            ABSENT if isinstance(one, str) else one.get("title", ABSENT) for one in (old, new)
        )
        yield Change((*loc, "title"), before, after, "words")


def text_of_derived(derived: str | Mapping[str, Any]) -> str:
    """Return the text of a derived value, in whichever form it is written."""
    return derived if isinstance(derived, str) else str(derived["value"])


def _only_words(typed: Any) -> bool:
    """Tell a column that is declared for its title alone, or not at all."""
    if not isinstance(typed, IndicatorEntry):
        return typed is ABSENT
    return typed == IndicatorEntry(title=typed.title, unit=typed.unit)


def _entries(
    old: Sequence[Any],
    new: Sequence[Any],
    typed_old: tuple[Any, ...],
    typed_new: tuple[Any, ...],
    loc: tuple[str | int, ...],
    kind: Kind,
) -> Iterator[Change]:
    """Compare two lists of caps or labels, whose entries are found again by what they say."""
    pairs = _paired(typed_old, typed_new)
    partner = {place: earlier for earlier, place in pairs}
    gone = [place for place in range(len(old)) if place not in dict(pairs)]
    for place, entry in enumerate(new):
        while gone and gone[0] <= partner.get(place, -1):
            yield Change((*loc, gone[0]), old[gone[0]], ABSENT, kind)
            gone.pop(0)
        if place not in partner:
            yield Change((*loc, place), ABSENT, entry, kind)
            continue
        earlier = partner[place]
        here = (*loc, place)
        yield from _walk(old[earlier], entry, typed_old[earlier], typed_new[place], here, kind)
    for place in gone:
        yield Change((*loc, place), old[place], ABSENT, kind)
    order = [partner[place] for place in sorted(partner)]
    if order != sorted(order):  # the first label that fits is given
        yield Change(loc, list(old), list(new), kind)


def _paired(old: Sequence[Any], new: Sequence[Any]) -> list[tuple[int, int]]:
    """Pair entries that are equal, else that have the same name or condition, else bound."""
    found: dict[int, int] = {}
    for key in (lambda one: one, _name, _bound):
        for place, entry in enumerate(new):
            free = (
                earlier
                for earlier, candidate in enumerate(old)
                if earlier not in found and key(candidate) == key(entry)
            )
            earlier = next(free, None) if place not in found.values() else None
            if earlier is not None:
                found[earlier] = place
    return sorted(found.items())


def _name(entry: Label | Cap) -> str:
    return entry.name if isinstance(entry, Label) else normal(entry.when)


def _bound(entry: Label | Cap) -> str | float:
    return entry.name if isinstance(entry, Label) else entry.at


def _fields(typed: Any) -> Mapping[str, Any]:
    """Return what a part of a ruleset holds, under the keys by which it is written."""
    if isinstance(typed, Label):
        when = _meant("when", typed.when)
        return {typed.name: normal(typed.test), "when": when, "title": typed.title}
    if isinstance(typed, Entry):
        fields = type(typed).model_fields
        return {
            one.alias or name: _meant(name, getattr(typed, name)) for name, one in fields.items()
        }
    return typed  # type: ignore[no-any-return]  # a mapping, as _inner saw


def _meant(name: str, value: Any) -> Any:
    """Return a value by which to compare: conditions in one spelling, all else as it is."""
    if name == "derive":
        return {
            key: one.model_copy(update={"value": normal(one.value)}) for key, one in value.items()
        }
    if name in _WHOLE and isinstance(value, dict) and list(value) == ["by"]:
        return value["by"]
    return normal(value) if name in _CONDITIONS and isinstance(value, str) else value


def _inner(value: Any) -> bool:
    return isinstance(value, Entry | dict)


def _listed(value: Any) -> bool:
    return isinstance(value, tuple) and all(isinstance(one, Cap | Label) for one in value)


def _value(written: Mapping[str, Any], key: str, meant: Any) -> Any:
    """Return what was written, else the default that it means."""
    if isinstance(meant, DerivedEntry):
        return text_of_derived(written[key])
    if written.get(key) is not None:
        return written[key]
    return meant if isinstance(meant, str | int | float) else ABSENT


def keys_of_both(old: Iterable[T], new: Iterable[T]) -> list[T]:
    """Return the keys of *new* in its order, and those of *old* alone after what they stood by."""
    order = list(new)
    place = 0
    for key in old:
        if key in order:
            place = order.index(key) + 1
        else:
            order.insert(place, key)
            place += 1
    return order
