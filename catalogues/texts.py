"""Every message of the code, so that no module has to mark its own."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import jinja2
from jinja2 import nodes

from catalogues.reached import TRANSLATING, name_of_function, translated_in
from catalogues.words import words

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "egovrules"
SPEAKING = ("report", "export", "html")  # packages that only speak to people
# What reads like a text in those and is none: styles, files, columns, kinds of characters.
NO_TEXT = frozenset(
    {"bold red", "coverage total", "faint many", "score total", "soft halo", "General", "README.md"}
    | {"Cc", "Cf", "Cs", "Me", "Mn", "Zl", "Zp"}
)
# Several words or a capitalised one, without blanks around, and no pattern, markup or code.
_A_TEXT = re.compile(
    r"(?=.*[a-z]{3}|[A-Z][a-z]+$|[A-Z][A-Z -]{5,}$)(?=[A-Z]|.* |.*\{)['{\w][^|<>=\[\]\\]*(?<! )",
    re.DOTALL,
)
Found = dict[str, set[str]]


def messages() -> Found:
    """Return every message of the code, with the files that it is of.

    They are what reads like a text in packages that only speak to people and in templates, what
    reaches ``translate`` anywhere, and the words of closed lists.
    """
    found: Found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        module = ast.parse(path.read_text(encoding="utf-8"))
        speaks = path.relative_to(PACKAGE).parts[0] in SPEAKING
        for text in (*translated_in(module), *(reads_as_text(module) if speaks else ())):
            found.setdefault(text, set()).add(path.relative_to(ROOT).as_posix())
    for path in sorted(PACKAGE.rglob("*.html")):
        for text in in_template(path.read_text(encoding="utf-8")):
            found.setdefault(text, set()).add(path.relative_to(ROOT).as_posix())
    for text, file in words():
        found.setdefault(text, set()).add(file)
    return found


def in_template(source: str) -> Iterator[str]:
    """Give what a Jinja template translates, and what else in its expressions reads like a text."""
    parsed = jinja2.Environment(autoescape=True).parse(source)
    for one in parsed.find_all(nodes.Const):
        if isinstance(one.value, str) and _A_TEXT.fullmatch(one.value):
            yield one.value
    for call in parsed.find_all(nodes.Call):
        if getattr(call.node, "name", getattr(call.node, "attr", "")) in TRANSLATING:
            for one in (given for given in call.args[:1] if isinstance(given, nodes.Const)):
                yield str(one.value)


def reads_as_text(node: ast.AST) -> Iterator[str]:
    """Give what reads like a text; but docstrings, types, parts of f-strings, and errors."""
    if isinstance(node, ast.Constant):
        text = node.value
        if isinstance(text, str) and _A_TEXT.fullmatch(text) and text not in NO_TEXT:
            yield text
    elif not (isinstance(node, ast.Raise) or _speaks_to_no_reader(node) or _is_localised(node)):
        for child in ast.iter_child_nodes(node):
            is_type = child in (getattr(node, "annotation", None), getattr(node, "returns", None))
            is_part = isinstance(child, ast.Constant) and isinstance(node, ast.Expr | ast.JoinedStr)
            if not (is_type or is_part):
                yield from reads_as_text(child)


def _speaks_to_no_reader(node: ast.AST) -> bool:
    if isinstance(node, ast.Assign):  # message, hint = ...; or __all__
        names = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
        return bool(names & {"hint", "__all__"})
    return isinstance(node, ast.Call) and name_of_function(node.func) in {"of", "Problem"}


def _is_localised(node: ast.AST) -> bool:
    """Tell a title that is written in every language where it stands: {"en": ..., "fa": ...}."""
    return isinstance(node, ast.Dict) and any(
        isinstance(key, ast.Constant) and key.value == "en" for key in node.keys
    )
