"""Ways of plugins in JSON Schema: normalisations, aggregations, and the steps of treatment."""

from collections.abc import Mapping

from egovrules.json_schema.forms import NOTHING, Schema, annotations, to
from egovrules.json_schema.parameters import explained, form_of
from egovrules.parameters import Parameters
from egovrules.plugins import Registry


def add_methods(known: dict[str, Schema], registry: Registry) -> None:
    """Name the ways that there are, each with its parameters.

    ``aggregate`` and ``normalise`` hold an id, or a mapping of ``by`` and parameters; of the
    latter without ``by``, where it only changes what is inherited. A step of treatment holds
    ``do``, and the parameters beside it.
    """
    aggregations, normalisations = registry.aggregations, registry.normalisations
    known["aggregation"] = _either(known, "aggregation", aggregations)
    known["normalisation"] = _either(known, "normalisation", normalisations, inherited=True)
    for place in (known["file"], known["axis"], known["criterion"]):
        for key, name in (("aggregate", "aggregation"), ("normalise", "normalisation")):
            part = place["properties"].get(key)
            if part is not None:
                optional = NOTHING in part["anyOf"]
                found = {"anyOf": [to(name), NOTHING]} if optional else to(name)
                place["properties"][key] = annotations(part) | found
    step = known["step"]
    step["properties"]["do"] |= {"enum": sorted(registry.treatments)}
    step["allOf"] = _by_name(known, "treatment", registry.treatments, "do", step["properties"])


def _either(
    known: dict[str, Schema],
    kind: str,
    classes: Mapping[str, type[Parameters]],
    *,
    inherited: bool = False,
) -> Schema:
    """Describe an id, or a mapping of ``by`` and parameters.

    Where what is missing may be *inherited*, or given further down, nothing is required.
    """
    by = {"by": {"description": f"Which {kind}.", "enum": sorted(classes)}}
    rules = _by_name(known, kind, classes, "by", by, whole=not inherited)
    forms = {name: known[f"{kind}.{name}"] for name in sorted(classes)}
    alone = [name for name, form in forms.items() if inherited or form["required"] == ["by"]]
    every = {key: part for form in forms.values() for key, part in form["properties"].items()}
    mapping: Schema = {
        "type": "object",
        "properties": by,
        "if": {"required": ["by"]},
        "then": {"allOf": rules},
        "else": {
            "properties": {key: annotations(part) for key, part in every.items()},
            "propertyNames": {"enum": sorted(every)},
        },
    }
    if not inherited:
        mapping["required"] = ["by"]
    return {"anyOf": [_named(classes, alone), mapping]}


def _named(classes: Mapping[str, type[Parameters]], names: list[str]) -> Schema:
    """List ids; editors show what stands beside each."""
    told = {name: explained(classes[name].title, classes[name].__doc__) for name in names}
    lines = [f"`{name}`: {one.get('title', '')}" for name, one in told.items()]
    return {"type": "string", "enum": names, "description": "\n\n".join(lines)}


def _by_name(
    known: dict[str, Schema],
    kind: str,
    classes: Mapping[str, type[Parameters]],
    key: str,
    beside: Mapping[str, Schema],
    *,
    whole: bool = True,
) -> list[Schema]:
    """Add a definition for each class, and return the rules that lead from its id to it."""
    rules = []
    for name in sorted(classes):
        root = f"{kind}.{name}"
        known |= form_of(classes[name], root)
        form = known[root]
        needed = form.get("required", []) if whole else []
        form["properties"] = {**beside, **form.get("properties", {})}
        form["required"] = [key, *needed]
        rules.append(
            {
                "if": {"required": [key], "properties": {key: {"const": name}}},
                "then": to(root),
            }
        )
    return rules
