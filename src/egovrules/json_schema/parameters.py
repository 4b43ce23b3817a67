"""What plugins bring, in JSON Schema: the parameters of a class, explained by its own texts."""

import ast
import inspect
from itertools import pairwise
from textwrap import dedent

from pydantic.errors import PydanticInvalidForJsonSchema

from egovrules.checker import TYPES
from egovrules.json_schema.forms import Schema, definitions, plain
from egovrules.parameters import CONTRACT, TITLES, Indicator, Parameters, Title, contract


def explained(title: Title, docstring: str | None) -> Schema:
    """Return a title, in all its languages, and a description."""
    found = {"title": _words(title), "description": plain(docstring)}
    return {key: text for key, text in found.items() if text}


def form_of(kind: type[Parameters], root: str) -> dict[str, Schema]:
    """Return the schema of a class's parameters under *root*, and of what it refers to."""
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
        part.pop(TITLES, None)
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
    called = f" ({_words(indicator.title)})" if indicator.title else ""
    return f"{'Columns, each' if several else f'A column{called}'}: {'; '.join(said)}."


def _words(title: Title) -> str:
    return title if isinstance(title, str) else " · ".join(title.values())


def _beneath(kind: type[Parameters]) -> dict[str, str]:
    """Return the texts beneath the parameters of a class, as far as its source is there.

    pydantic can read them, too, but does so for every class that is imported.
    """
    found: dict[str, str] = {}
    for one in reversed(kind.__mro__):
        if not issubclass(one, Parameters) or one is Parameters:
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
