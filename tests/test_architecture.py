"""The order of the house: every module imports only what stands above it in this list."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "src" / "egovrules"

# From layer 0 up; docs/explanation/architecture.md says what lives where. A package counts as one.
LAYERS = [
    "errors",
    "_drafts _place",
    "text _excerpt _document _yaml_rules _yaml _yaml_writing _annotations _advice _validation",
    "calendars periods _grammar conditions",
    "model fields",
    "parameters criteria normalisation aggregation treatment imputation rounding ranking reports",
    "hookspecs plugins",
    "builtin",
    "spelling fixed entries schema tree checker indicators rehearsal methods normalising steps",
    "binding caps rules derive",
    "inheritance repairing digests ruleset",
    "changes placed outcomes lint",
    "readers cells tally folding source _frames dataset contract",
    "result growth",
    "needs titles raw population treating scoring nodes rollup soundness plan agencies",
    "agency_tables placing classification manifest evaluation",
    "store explanation recomputing comparison verification impact cases reached",
    "sample report export json_schema formatting",
    "html",
    "cli testing",
]
ORDER = [name for layer in LAYERS for name in layer.split()]
SIBLINGS = (
    {"store", "explanation", "comparison"},
    {"criteria", "normalisation", "aggregation", "treatment", "rounding", "ranking"},
)


def home(path):
    """Name the module, or the package, that a file belongs to."""
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imported(path):
    """Yield the modules of this package that a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports relatively"
            if node.module == "egovrules":
                yield from (alias.name for alias in node.names if alias.name != "__version__")
            elif node.module and node.module.startswith("egovrules."):
                yield node.module.split(".")[1]
        elif isinstance(node, ast.Import):
            yield from (a.name.split(".")[1] for a in node.names if a.name.startswith("egovrules."))


FILES = sorted(path for path in ROOT.rglob("*.py") if path.name != "__main__.py")


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_down(path):
    here = home(path)
    if here == "__init__":
        return  # the public names, imported when first used
    assert here in ORDER, f"{here} has no place in the order of the house"
    for target in imported(path):
        if target == here:
            continue
        assert target in ORDER, f"{path.name} imports {target}, which has no place"
        assert ORDER.index(target) < ORDER.index(here), f"{here} may not import {target}"
        for siblings in SIBLINGS:
            assert not {here, target} <= siblings, f"{here} and {target} are siblings"


def test_the_order_names_only_what_exists():
    there = {home(path) for path in FILES}
    assert set(ORDER) <= there


def test_plugins_import_the_public_package_only():
    for path in ROOT.parents[1].glob("plugins/*/src/**/*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {
            name
            for node in ast.walk(tree)
            if isinstance(node, (ast.Import, ast.ImportFrom))
            for name in (
                [node.module]
                if isinstance(node, ast.ImportFrom)
                else [alias.name for alias in node.names]
            )
        }
        assert not {name for name in names if name and name.startswith("egovrules.")}, path
