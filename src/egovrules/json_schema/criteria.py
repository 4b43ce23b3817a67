"""Criteria in JSON Schema, and the axes under which their keys stand."""

import re
from collections.abc import Mapping

from egovrules.criteria import Criterion
from egovrules.json_schema.forms import Schema, annotations, to
from egovrules.json_schema.parameters import explained, form_of
from egovrules.plugins import Registry


def add_criteria(known: dict[str, Schema], registry: Registry) -> None:
    """Name the axes and criteria that there are, each criterion with its parameters.

    Under its axis a criterion is known by its key, and everywhere by ``use:``.
    """
    names = sorted(registry.criteria)
    for name in names:
        known |= form_of(registry.criteria[name], f"with.{name}")
        known[f"using.{name}"] = _rule(registry.criteria[name], known)
    criterion, axis = known["criterion"], known["axis"]
    criterion["properties"]["use"]["anyOf"][0] = {"enum": names}
    criterion["allOf"] = [
        {
            "if": {"required": ["use"], "properties": {"use": {"const": name}}},
            "then": to(f"using.{name}"),
        }
        for name in names
    ]
    criteria = axis["properties"]["criteria"]
    # In `allOf`, since editors differ on what stands beside `$ref`.
    other = {"description": criterion.pop("description"), "type": "object", "required": ["use"]}
    criteria["additionalProperties"] = other | {"allOf": [to("criterion")]}
    known["axes"] = dict(axis["properties"]["axes"])
    for holder in (axis, known["file"]):
        holder["properties"]["axes"] = annotations(holder["properties"]["axes"]) | to("axes")

    keys: dict[str, dict[str, Schema]] = {name: {} for name in registry.axes}
    for name in names:
        above, _, key = name.rpartition(".")
        keys.setdefault(above, {})[key] = {
            **explained(registry.criteria[name].title, registry.criteria[name].__doc__),
            "type": "object",
            "allOf": [to("criterion")],
            "if": {"not": {"required": ["use"]}},
            "then": to(f"using.{name}"),
        }
    for name, entries in keys.items():
        properties = {**axis["properties"], "criteria": {**criteria, "properties": entries}}
        known[f"axis.{name}"] = axis | {"properties": properties}
        known[f"axis.{name}"].pop("description")
    brought = {
        name: explained(one.title, axis["description"]) for name, one in registry.axes.items()
    }
    known["axes"]["properties"] = {
        name: told | to(f"axis.{name}") for name, told in brought.items()
    }
    # An axis called `core` would do as well, but is not worth proposing.
    known["axes"]["patternProperties"] = {
        f"^{re.escape(name)}$": to(f"axis.{name}") for name in keys if name not in brought
    }


def _rule(kind: type[Criterion], known: Mapping[str, Schema]) -> Schema:
    """Say what an entry may hold that uses a criterion."""
    parameters = known[f"with.{kind.id}"]
    rule: Schema = {"properties": {"with": to(f"with.{kind.id}")}}
    if kind.level != "any":
        rule["properties"]["level"] = {"enum": [kind.level, None]}
    if "required" in parameters:
        rule["required"] = ["with"]
    return rule
