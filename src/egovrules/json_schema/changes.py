"""The schema of a file that extends another: it holds only what changes, and ``null`` removes."""

from egovrules.json_schema.forms import NOTHING, Schema, annotations, name_of, to

_COUNTS = ("required", "minProperties", "maxProperties")


def changes(part: Schema, definitions: dict[str, Schema]) -> Schema:
    """Return the variant of a schema that asks for nothing and takes ``null`` for every key.

    Lists replace, so their entries stay as they are. Where it depends on the absence of a key
    what another key holds, that is explained and not checked: the other file may have the key.

    Args:
        part: A schema.
        definitions: By name; the variants of those that it refers to are added.
    """
    found = {key: value for key, value in part.items() if key not in _COUNTS}
    name = name_of(part)
    if name is not None and definitions[name].get("type", "object") == "object":
        variant = f"changed.{name}"
        if variant not in definitions:
            definitions[variant] = {}  # while it is made, since it may refer to itself
            definitions[variant] = changes(definitions[name], definitions)
            if name.startswith("with."):  # of another criterion, which the other file used
                definitions[variant]["additionalProperties"] = NOTHING
        found |= to(variant)
    for key in ("anyOf", "oneOf", "allOf"):
        if key in part:
            found[key] = [changes(one, definitions) for one in part[key]]
    for key in ("properties", "patternProperties"):
        if key in part:
            found[key] = {one: _nullable(value, definitions) for one, value in part[key].items()}
    if "additionalProperties" in part:
        found["additionalProperties"] = _nullable(part["additionalProperties"], definitions)
    if "then" in part:
        unsure = "not" in part["if"]
        found["then"] = (_explained if unsure else changes)(part["then"], definitions)
    return found


def _nullable(part: Schema | bool, definitions: dict[str, Schema]) -> Schema | bool:
    if isinstance(part, bool):
        return part
    found = changes(part, definitions)
    if NOTHING in found.get("anyOf", ()):
        return found
    return annotations(part) | {"anyOf": [found, NOTHING]}


def _explained(part: Schema, definitions: dict[str, Schema]) -> Schema:
    """Keep only what explains the keys below each key of what a schema refers to."""
    properties = definitions[name_of(part) or ""]["properties"]
    below = {key: name_of(one) for key, one in properties.items()}
    return {
        "properties": {
            key: {
                "properties": {
                    one: annotations(value)
                    for one, value in definitions[name].get("properties", {}).items()
                }
            }
            for key, name in below.items()
            if name is not None
        }
    }
