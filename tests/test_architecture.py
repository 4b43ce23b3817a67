"""The order of the house: every module imports only from layers below its own."""

from pathlib import Path

ROOT = Path(__file__).parents[1] / "src" / "egovrules"

# Lowest first; modules of one layer may import one another only in the order written here.
LAYERS = [
    ["errors"],
    ["text", "_document", "_yaml_rules", "_yaml", "_validation", "periods", "conditions"],
    ["model"],
    ["criteria", "aggregation", "ranking"],
    ["hookspecs", "plugins"],
    ["builtin"],
]
