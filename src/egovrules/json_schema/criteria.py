"""Criteria in JSON Schema: their parameters, and the axes under which their keys stand."""

import ast
import inspect
import re
from collections.abc import Mapping
from itertools import pairwise
from textwrap import dedent

from pydantic.errors import PydanticInvalidForJsonSchema

from egovrules.checker import TYPES
from egovrules.criteria import CONTRACT, Criterion, Indicator, contract
from egovrules.json_schema.forms import Schema, annotations, definitions, plain, to
from egovrules.plugins import Registry


def add_criteria(known: dict[str, Schema], registry: Registry) -> None:
    """Name the axes and criteria that there are, each criterion with its parameters.

    Under its axis a criterion is known by its key, and everywhere by ``use:``.
    """
    names = sorted(registry.criteria)
    for name in names:
        known |= _parameters(registry.criteria[name])
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


def explained(title: str | Mapping[str, str], docstring: str | None) -> Schema:
    """Return a title, in all its languages, and a description."""
    words = title if isinstance(title, str) else " · ".join(title.values())
    found = {"title": words, "description": plain(docstring)}
    return {key: text for key, text in found.items() if text}


def _rule(kind: type[Criterion], known: Mapping[str, Schema]) -> Schema:
    """Say what an entry may hold that uses a criterion."""
    parameters = known[f"with.{kind.id}"]
    rule: Schema = {"properties": {"with": to(f"with.{kind.id}")}}
    if kind.level != "any":
        rule["properties"]["level"] = {"enum": [kind.level, None]}
    if "required" in parameters:
        rule["required"] = ["with"]
    return rule


def _parameters(kind: type[Criterion]) -> dict[str, Schema]:
    """Return the schema of a criterion's parameters, and of what it refers to."""
    root = f"with.{kind.id}"
    told = explained(kind.title, kind.__doc__)
    try:
        found = definitions(kind, root, f"{root}.")
    except PydanticInvalidForJsonSchema:  # a type of the author's own
        return {root: {"type": "object"} | told}
    form = found[root]
    beneath = _beneath(kind)
    for field, info in kind.model_fields.items():
        key = info.alias or field
        part = form["properties"][key]
        part.pop(CONTRACT, None)
        said = [part.pop("description", None) or beneath.get(field, "")]
        indicator = contract(info)
        if indicator is not None:
            several = part.get("type") == "array"
            said.append(_column(indicator, several=several))
            if several:
                part["minItems"] = 1
            if info.default == ():
                form.setdefault("required", []).append(key)
        text = "\n\n".join(text for text in said if text)
        form["properties"][key] = ({"description": text} if text else {}) | part
    found[root] = form | told
    return found


def _column(indicator: Indicator, *, several: bool) -> str:
    """Put the contract of a column into words."""
    unit = f" of {indicator.unit}" if indicator.unit else ""
    said = [f"{TYPES[indicator.type]}{unit}"]
    if indicator.values:
        said = [f"one of {', '.join(indicator.values)}"]
    low, high = indicator.low, indicator.high
    if low is not None:
        said.append(f"from {low:g}" + (f" to {high:g}" if high is not None else ""))
    elif high is not None:
        said.append(f"at most {high:g}")
    if indicator.at_most:
        said.append(f"at most that of `{indicator.at_most}`")
    if indicator.direction != "none":
        said.append({"up": "more is better", "down": "less is better"}[indicator.direction])
    if indicator.optional:
        said.append("may be empty")
    return f"{'Columns, each' if several else 'A column'}: {'; '.join(said)}."


def _beneath(kind: type[Criterion]) -> dict[str, str]:
    """Return the texts beneath the parameters of a criterion, as far as its source is there.

    pydantic can read them, too, but does so for every class that is imported.
    """
    found: dict[str, str] = {}
    for one in reversed(kind.__mro__):
        if not issubclass(one, Criterion) or one is Criterion:
            continue
        try:
            (definition,) = ast.parse(dedent(inspect.getsource(one))).body
        except (OSError, TypeError, SyntaxError, ValueError):
            continue
        for field, text in pairwise(getattr(definition, "body", [])):
            match field, text:
                case (
                    ast.AnnAssign(target=ast.Name(id=name)),
                    ast.Expr(value=ast.Constant(value=str(said))),
                ):
                    found[name] = plain(said)
    return found
