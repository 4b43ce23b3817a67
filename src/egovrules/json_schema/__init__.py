"""JSON Schemas of our files, by which editors complete, explain and check what is being typed.

Made of the forms of the files, and for rulesets of what the plugins bring. A schema accepts
whatever the loader accepts; what conditions say and where names lead, only ``check`` knows.
"""

from importlib import import_module
from itertools import combinations

from egovrules.json_schema.changes import changes
from egovrules.json_schema.criteria import add_criteria
from egovrules.json_schema.forms import Schema, definitions, to
from egovrules.json_schema.methods import add_methods
from egovrules.plugins import Registry
from egovrules.schema import RulesetFile
from egovrules.source.form import SourceFile

__all__ = ["ruleset_schema", "source_schema", "tests_schema"]

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def ruleset_schema(registry: Registry) -> Schema:
    """Return the schema of rulesets that use the plugins of a registry."""
    known = definitions(RulesetFile, "file")
    known["label"] = _label(known["label"])
    known["derived"] = _derived(known["derived"])
    _add_installed(known, registry)
    add_methods(known, registry)
    add_criteria(known, registry)
    return _file(known, "Ruleset of egovrules")


def source_schema() -> Schema:
    """Return the schema of source files (``*.source.yaml``)."""
    return _file(definitions(SourceFile, "file"), "Source file of egovrules")


def tests_schema() -> Schema:
    """Return the schema of files of tests (``*.test.yaml``)."""
    form = import_module("egovrules.cases").CasesFile  # here, because it loads the engine
    return _file(definitions(form, "file"), "Tests of an egovrules ruleset")


def _file(known: dict[str, Schema], title: str) -> Schema:
    """Put a file together: whole, or where it extends another one, what it changes."""
    whole = to("file")
    known["file"]["title"] = title
    return {
        "$schema": DIALECT,
        "title": title,
        "description": known["file"]["description"],
        "type": "object",
        "if": {"required": ["extends"], "properties": {"extends": {"type": "string"}}},
        "then": changes(whole, known),
        "else": whole,
        "$defs": dict(sorted(known.items())),
    }


def _label(form: Schema) -> Schema:
    """Describe a band as it is written: one label with its test, and further keys."""
    parts = dict(form["properties"])
    name, test = parts.pop("name"), parts.pop("test")
    return {
        "type": "object",
        "description": form["description"],
        "properties": parts,
        "additionalProperties": test,
        "propertyNames": name,
        "allOf": [
            {
                "if": {
                    "required": list(some),
                    "properties": {key: False for key in parts if key not in some},
                },
                "then": {"minProperties": len(some) + 1, "maxProperties": len(some) + 1},
            }
            for count in range(len(parts) + 1)
            for some in combinations(parts, count)
        ],
    }


def _derived(form: Schema) -> Schema:
    """Describe a derived value as it is written: its text alone, or with a title."""
    return {
        "description": form["description"],
        "anyOf": [form["properties"]["value"], {"type": "object"} | form],
    }


def _add_installed(known: dict[str, Schema], registry: Registry) -> None:
    """Name the plugins that there are."""
    versions = {"type": "string", "description": 'A range of versions, such as ">=0.1,<1".'}
    known["file"]["properties"]["plugins"] |= {
        "properties": {plugin.distribution: versions for plugin in registry.plugins},
        "additionalProperties": versions,
    }
