"""Write ``explanation/agreement.md``: ``make agreement``, with the published data at hand."""  # noqa: INP001 - a script

import importlib.util
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "explanation" / "agreement.md"
_NOISE = 1e-12  # below it, a residual is that of adding up in another order
_NAMING = {"schema", "extends", "id", "title", "description", "period"}
_INTRODUCTION = """# Agreement with published indices

Written by `make agreement`, from the rulesets and sources under `rulesets/published/` and from
what the publishers printed. Nothing but built-in rules is used, and no Python. Anyone who has the
files can run it: `EGOVRULES_SHARED=FOLDER make agreement`, where they lie in `FOLDER/data`, in a
folder for each index; each source says which files it reads.

*Figures* are those that are published or calculated; *on one side* counts those that only one of
the two has, and *blank* the cells that are blank in both. The *residual* is the largest difference
of any two figures, above 1 as a share of the figure; below 1e-12 it is the noise of adding up in
another order. *Ranks* and *groups* are how many are published, and how many come out otherwise.
"""
_NOT_COMPARED = """## What is not compared

- EGDI: the components, which are taken as printed; the E-Participation Index; the four groups,
  which the data do not name (a test derives them from the printed index, by the limits of the
  method).
- EU eGovernment Benchmark: how eight of the fourteen indicators come about, which the table of
  services does not tell; the averages of a single year, and those of groups of countries.
- ASEM: the panel of five years, and the steps between raw and normalised data one by one: their
  result is compared.
- Whatever a publisher prints from data that are not published.
"""


def load_comparisons() -> Any:
    """Import the comparisons, which the tests use as well."""
    spec = importlib.util.spec_from_file_location("agreement", ROOT / "tests" / "agreement.py")
    assert spec is not None and spec.loader is not None  # noqa: PT018, S101 - the file is there
    module = importlib.util.module_from_spec(spec)
    sys.modules["agreement"] = module
    spec.loader.exec_module(module)
    return module


def page(found: Iterable[Any]) -> str:
    """Write the page of comparisons."""
    found = list(found)
    head = ("index", "edition or ruleset", "what", "figures", "on one side", "blank")
    head += ("residual", "ranks", "unequal", "groups", "unequal")
    lines = [_line(head), _line(["---"] * 3 + ["---:"] * 8), *(_line(_row(one)) for one in found)]
    cells = sum(one.cells for one in found)
    unequal = [f"- {one.index}, {one.edition}. {text}." for one in found for text in one.unequal]
    notes = [f"- {one.index}, {one.edition}: {one.note}" for one in found if one.note]
    parts = [
        _INTRODUCTION,
        f"{cells:,} figures in {len(found)} comparisons:\n",
        "\n".join(lines) + "\n",
        "## What does not agree\n",
        "\n".join(unequal or ["Nothing."]) + "\n",
        "## What was decided, and what to know\n",
        "\n".join(notes) + "\n",
        _NOT_COMPARED,
        "## A new edition\n",
        _new_edition() + "\n",
    ]
    return "\n".join(parts)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _row(one: Any) -> list[str]:
    ranks, groups = (str(len(one.unequal)) if there else "" for there in (one.ranks, one.bands))
    return [
        one.index,
        one.edition,
        one.what,
        f"{one.cells:,}",
        f"{one.one_sided:,}",
        f"{one.blanks:,}",
        f"{one.residual:.1e}" if one.residual >= _NOISE else "< 1e-12",
        f"{one.ranks:,}" if one.ranks else "",
        ranks,
        f"{one.bands:,}" if one.bands else "",
        groups,
    ]


def _new_edition() -> str:
    """Count what the ruleset of one edition adds to that of the edition before."""
    published = ROOT / "rulesets" / "published"
    counts = []
    for ending in ("yaml", "source.yaml"):
        text = (published / f"egdi-2018.{ending}").read_text(encoding="utf-8")
        written = [line for line in text.splitlines() if line.strip() and line.lstrip()[0] != "#"]
        counts.append((len(written), sorted(yaml.safe_load(text).keys() - _NAMING)))
    (lines, changed), (source, _) = counts
    keys = " and ".join(f"`{key}`" for key in changed)
    return (
        f"EGDI 2018 extends 2016 with {lines} lines, comments left out. {len(changed)} of its keys "
        f"change what is done ({keys});\nthe others name it. Its source file has {source} lines, "
        "which name the file with the new data."
    )


def main() -> None:
    """Compare everything and write the page."""
    shared = ROOT / os.environ.get("EGOVRULES_SHARED", "../shared") / "data"
    if not shared.is_dir():
        raise SystemExit("there are no published data: set EGOVRULES_SHARED to the folder of data/")
    comparisons = load_comparisons().COMPARISONS
    found = [one for compare in comparisons for one in compare(shared)]
    PAGE.write_text(page(found), encoding="utf-8")


if __name__ == "__main__":
    main()
