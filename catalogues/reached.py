"""Texts that reach ``translate`` and what passes a text on to it, followed within a module."""

import ast
from collections.abc import Iterator

# Functions that translate what they are given, and which arguments: from, to.
TRANSLATING = {
    "translate": (0, 1),
    "t": (0, 1),
    "say": (0, 1),
    "_say": (0, 1),
    "headed": (1, None),
    "number": (0, 1),
    "counted": (1, 3),
}
# What a name stands for: an expression, and the way into it: `each` of its elements, every
# `value` of a table, the `pair`s of a table, or the part of a tuple that has a number.
Step = str | int
Way = tuple[Step, ...]
Bindings = dict[str, list[tuple[ast.expr, Way]]]


def translated_in(module: ast.Module) -> Iterator[str]:
    """Give the texts that reach ``translate`` and its like, as far as they stand in the module."""
    outer = _bindings(module)
    for function in ast.walk(module):
        if isinstance(function, ast.FunctionDef):
            known = outer | _bindings(function)
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and name_of_function(node.func) in TRANSLATING:
                    for given in node.args[slice(*TRANSLATING[name_of_function(node.func)])]:
                        yield from _reached(given, (), known)


def _bindings(scope: ast.AST) -> Bindings:
    """Tell what each name can stand for, in a function or at the top of a module."""
    found: Bindings = {}
    for node in ast.iter_child_nodes(scope) if isinstance(scope, ast.Module) else ast.walk(scope):
        match node:
            case ast.Assign(targets=[target], value=value):
                _bind(target, value, (), found)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                _bind(target, value, (), found)
            case ast.AugAssign(target=target, value=value):
                _bind(target, value, (), found)
            case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
                _bind(target, value, ("each",), found)
    return found


def _bind(target: ast.expr, value: ast.expr, way: Way, found: Bindings) -> None:
    if isinstance(target, ast.Name):
        found.setdefault(target.id, []).append((value, way))
    elif isinstance(target, ast.Tuple):
        for number, one in enumerate(target.elts):
            _bind(one, value, (*way, number), found)


def _reached(
    node: ast.expr, way: Way, known: Bindings, seen: frozenset[str] = frozenset()
) -> Iterator[str]:
    """Give the texts that an expression can be, as far as they stand in the module."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str) and node.value and not way:
            yield node.value
    elif isinstance(node, ast.Name):
        if node.id not in seen:
            for value, inner in known.get(node.id, ()):
                yield from _reached(value, (*inner, *way), known, seen | {node.id})
    else:
        for value, further in (*_either(node, way), *_inside(node, way)):
            yield from _reached(value, further, known, seen)


def _either(node: ast.expr, way: Way) -> list[tuple[ast.expr, Way]]:
    """Part an expression that stands for one of several, or for something in a table."""
    match node:
        case ast.IfExp(body=one, orelse=other) | ast.BinOp(left=one, right=other):
            return [(one, way), (other, way)]
        case ast.Subscript(value=table):
            return [(table, ("value", *way))]
        case ast.Call(func=ast.Attribute(value=table, attr="get"), args=[_, *default]):
            return [(table, ("value", *way)), *((one, way) for one in default)]
        case ast.Call(func=ast.Attribute(value=table, attr="items")) if way[:1] == ("each",):
            return [(table, ("pair", *way[1:]))]
    return []


def _inside(node: ast.expr, way: Way) -> list[tuple[ast.expr, Way]]:
    """Take the next step of a way, into a table or a row."""
    step, rest = (way[0], way[1:]) if way else ("", ())
    match node:
        case ast.Dict(keys=keys, values=values) if step in ("pair", "value"):
            named = [*zip(keys, values, strict=True)]
            more = [(one, way) for key, one in named if key is None]  # **others
            if step == "value":
                return [*((one, rest) for key, one in named if key), *more]
            return [*((ast.Tuple([key, one]), rest) for key, one in named if key), *more]
        case ast.Tuple(elts=parts) | ast.List(elts=parts) if step in ("each", "value"):
            starred = [(one.value, way) for one in parts if isinstance(one, ast.Starred)]
            return [*((one, rest) for one in parts if not isinstance(one, ast.Starred)), *starred]
        case ast.ListComp(elt=one) | ast.GeneratorExp(elt=one) if step == "each":
            return [(one, rest)]
        case ast.Tuple(elts=parts) if isinstance(step, int) and step < len(parts):
            return [(parts[step], rest)]
    return []


def name_of_function(function: ast.expr) -> str:
    """Return ``say`` for ``say`` as for ``words.say``."""
    return getattr(function, "id", getattr(function, "attr", ""))
