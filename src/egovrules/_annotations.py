"""Walking along the annotations of pydantic models, step by step as a path does."""

import math
from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, RootModel


def unwrapped(annotation: Any) -> Any:
    """Take off ``Annotated``, aliases, ``| None`` and root models."""
    while True:
        if hasattr(annotation, "__value__"):
            annotation = annotation.__value__
        elif get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif isinstance(annotation, type) and issubclass(annotation, RootModel):
            annotation = annotation.model_fields["root"].annotation
        elif get_origin(annotation) in {Union, UnionType} and len(_options(annotation)) == 1:
            annotation = _options(annotation)[0]
        else:
            return annotation


def _options(union: Any) -> list[Any]:
    return [option for option in get_args(union) if option is not NoneType]


def is_union(annotation: Any) -> bool:
    return get_origin(annotation) in {Union, UnionType}


def member_called(union: Any, label: str) -> Any:
    """Return the union member that pydantic calls *label*: by class, by kind, or by container."""
    if label.startswith("function-"):  # a model with a check of its own: function-after[f(), Name]
        label = label.removesuffix("]").rpartition(", ")[2]
    for option in map(unwrapped, _options(union)):
        if getattr(option, "__name__", "") == label:
            return option
        if isinstance(option, type) and issubclass(option, BaseModel):
            kinds = [get_args(one.annotation) for one in option.model_fields.values()]
            if any(label in map(str, kind) for kind in kinds):
                return option
        elif label.startswith(f"{getattr(get_origin(option), '__name__', '?')}["):
            return option
    return None


def keys_of(annotation: Any) -> Iterator[str]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, one in annotation.model_fields.items():
            yield one.alias or name


def most_of(annotation: Any, part: str | int) -> float:
    """Return the largest number that a field may hold, as far as its declaration says."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, one in annotation.model_fields.items():
            if part in {one.alias or name, name}:
                bounds = (getattr(rule, "le", None) for rule in one.metadata)
                return min((float(one) for one in bounds if one is not None), default=math.inf)
    return math.inf


def step(annotation: Any, part: str | int) -> Any:
    """Return the annotation of an entry or a field, None where it cannot be told."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, one in annotation.model_fields.items():
            if part in {one.alias or name, name}:
                return one.annotation
        return None
    arguments = get_args(annotation)
    if isinstance(part, str):
        return arguments[1] if len(arguments) == 2 else None  # noqa: PLR2004 - dict[key, value]
    if get_origin(annotation) is tuple and Ellipsis not in arguments:
        return arguments[part] if part < len(arguments) else None
    return arguments[0] if arguments else None
