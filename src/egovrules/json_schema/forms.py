"""From pydantic's models to JSON Schema in an analyst's words, without names of classes."""

import inspect
import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from egovrules.text import Localised

Schema = dict[str, Any]

NOTHING: Schema = {"type": "null"}
WORDS = "words"  # the name of the definition of a text, or one for each language
_PLACE = "#/$defs/"
_PEOPLE = dict.fromkeys(("title", "description"), "For people: a text, or one for each language.")


def definitions(model: type[BaseModel], root: str, prefix: str = "") -> dict[str, Schema]:
    """Return the schema of a model under *root*, and what it refers to by the names in our files.

    Descriptions are those of the fields, else what the docstrings say under ``Attributes:``.
    """
    form = model.model_json_schema(schema_generator=_Form)
    parts = form.pop("$defs", {})
    names = {name: prefix + re.sub("(Entry|File)$", "", name).lower() for name in parts}
    known = {names[name]: part for name, part in parts.items()} | {root: form}
    words = TypeAdapter(Localised).json_schema(schema_generator=_Form)
    return {name: _tidy(part, names, words) for name, part in known.items()} | {WORDS: words}


def to(name: str) -> Schema:
    """Return a reference to a definition."""
    return {"$ref": _PLACE + name}


def name_of(part: Schema) -> str | None:
    """Return which definition a schema refers to, if it does."""
    return part["$ref"].removeprefix(_PLACE) if "$ref" in part else None


def annotations(part: Schema) -> Schema:
    """Return what explains and does not constrain."""
    return {key: part[key] for key in ("title", "description", "default") if key in part}


def plain(docstring: str | None) -> str:
    """Return what a docstring says before its sections, without markup."""
    text = inspect.cleandoc(docstring or "").partition("\nAttributes:\n")[0]
    return re.sub(r":\w+:`~?([^`]*)`|``([^`]*)``", r"`\1\2`", text).strip()


def _tidy(part: Any, names: Mapping[str, str], words: Schema) -> Any:
    """Put in the new names, and refer to localised texts, which stand in a hundred places."""
    if part == words:
        return to(WORDS)
    if isinstance(part, list):
        return [_tidy(one, names, words) for one in part]
    if not isinstance(part, dict):
        return part
    if isinstance(part.get("$ref"), str):
        part = part | to(names[part["$ref"].removeprefix(_PLACE)])
    return {key: _tidy(one, names, words) for key, one in part.items()}


def _attributes(model: type) -> dict[str, str]:
    """Return what docstrings say under ``Attributes:``, those of the bases included."""
    found: dict[str, str] = {}
    for one in reversed(model.__mro__):
        section = inspect.cleandoc(one.__doc__ or "").partition("\nAttributes:\n")[2]
        section = section.partition("\n\n")[0]
        for name, text in re.findall(r"^    (\w+): (.*(?:\n {5,}.*)*)", section, re.MULTILINE):
            found[name] = plain(" ".join(text.split()))
    return found


class _Form(GenerateJsonSchema):
    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic's signature
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> Schema:
        found = super().default_schema(schema)
        if found.get("default") in (None, [], {}, ""):  # an editor would fill it in
            found.pop("default", None)
        return found

    def dict_schema(self, schema: core_schema.DictSchema) -> Schema:
        keys = self.generate_inner(schema.get("keys_schema", core_schema.str_schema()))
        values = self.generate_inner(schema.get("values_schema", core_schema.any_schema()))
        found = {"type": "object", "additionalProperties": values or True}
        if keys != {"type": "string"}:
            found["propertyNames"] = keys
        self.update_with_validations(found, schema, self.ValidationsMapping.object)
        return found

    def str_schema(self, schema: core_schema.StringSchema) -> Schema:
        if schema.get("strip_whitespace"):  # its lengths are those of the text without it
            return {"type": "string", "pattern": r"\S"}
        return super().str_schema(schema)

    def model_schema(self, schema: core_schema.ModelSchema) -> Schema:
        found = super().model_schema(schema)
        model = schema["cls"]
        found.pop("title", None)
        found["description"] = plain(vars(model).get("__doc__"))
        told = _attributes(model)
        for name, field in model.model_fields.items():
            key = field.alias or name
            text = field.description or told.get(name) or _PEOPLE.get(key)
            part = found["properties"][key]
            found["properties"][key] = {"description": text} | part if text else part
        return found
