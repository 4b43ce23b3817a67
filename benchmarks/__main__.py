"""``make bench``: measure, print a table, and write it into the documentation."""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks import pages

ROOT = Path(__file__).parents[1]
AGENCIES = 168
STARTS = 9  # times that a start-up is measured

Row = tuple[str, str, str, str, str]  # what, egovrules, by hand, ratio, goal


def main() -> None:
    """Measure everything, the largest last."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=[1_000_000, 10_000_000])
    parser.add_argument("--runs", type=int, default=3, help="runs of each side, at each size")
    parser.add_argument("--no-page", action="store_true", help="print the table only")
    asked = parser.parse_args()
    rows = [*_start_up(), _national()]
    for size in asked.sizes:
        rows += _large(size, asked.runs)
    table = pages.table(("", "egovrules", "by hand", "ratio", "goal"), rows)
    print(table)
    if not asked.no_page:
        pages.put(_page(table, asked.runs))


def _run(*command: str) -> str:
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


def _start_up() -> list[Row]:
    """Time bare Python, the import and the help, one after the other, again and again."""
    commands = {
        "bare": ("-c", "pass"),
        "import": ("-c", "import egovrules"),
        "help": ("-m", "egovrules", "--help"),
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(STARTS):
        for name, command in commands.items():
            start = time.perf_counter()
            _run(*command)
            times[name].append(time.perf_counter() - start)
    bare, imported, helped = (median(times[name]) for name in commands)
    over = f"{imported - bare:.2f} s"
    return [
        ("`import egovrules`, over bare Python", over, "", "", "≤ 0.25 s"),
        ("`egovrules --help`", f"{helped:.2f} s", "", "", "≤ 0.4 s"),
    ]


def _national() -> Row:
    """Time the national round in one process, by pytest-benchmark."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "benchmark.json"
        plain = ("-q", "-p", "no:cacheprovider", f"--benchmark-json={report}")
        _run("-m", "pytest", "benchmarks/test_national.py", *plain)
        found = json.loads(report.read_text())["benchmarks"]
    ours, hand = (
        next(one["stats"]["median"] for one in found if one["name"] == f"test_{side}")
        for side in ("egovrules", "by_hand")
    )
    milliseconds = (f"{ours * 1000:.0f} ms", f"{hand * 1000:.0f} ms")
    return ("5,989 services", *milliseconds, f"{ours / hand:.1f}", "≤ 3, under 100 ms")


def _large(size: int, runs: int) -> list[Row]:
    """Time rounds that are large, each run in a process of its own, the sides in turn."""
    with tempfile.TemporaryDirectory() as name:
        # In a process of its own: what this one has held counts as held by all that it starts.
        _run("-m", "benchmarks.rounds", name, str(size), str(AGENCIES))
        _run("-m", "benchmarks.measure", "same", name)
        found: dict[str, list[dict[str, float]]] = {"egovrules": [], "by_hand": [], "checks": []}
        for _ in range(runs):
            for side, results in found.items():
                results.append(json.loads(_run("-m", "benchmarks.measure", side, name)))

    def middle(side: str, what: str) -> float:
        return median(one[what] for one in found[side])

    ours, hand, checks = (middle(side, "seconds") for side in found)
    peak, hand_peak = middle("egovrules", "peak"), middle("by_hand", "peak")
    what = f"{size:,} services"
    rest, loaded = ours - checks, f"{middle('egovrules', 'loaded'):.2f} GiB"
    return [
        (what, f"{ours:.2f} s", f"{hand:.2f} s", f"{ours / hand:.2f}", "≤ 1.2"),
        ("– of which checks of the input", f"{checks:.2f} s", "none", "", ""),
        ("– without them", f"{rest:.2f} s", f"{hand:.2f} s", f"{rest / hand:.2f}", ""),
        (
            "– peak memory",
            f"{peak:.2f} GiB",
            f"{hand_peak:.2f} GiB",
            f"{peak / hand_peak:.2f}",
            "≤ 1.2",
        ),
        ("– of which the loaded frames", loaded, loaded, "", ""),
    ]


def _page(table: str, runs: int) -> str:
    return f"""# Speed and memory

Written by `make bench` on {pages.circumstances()}. The machine is shared,
so seconds vary from run to run. Large rounds: medians of {runs} runs, the sides in turn. The
national round: medians within one process, one side after the other.

{table}

A ratio above its goal is a goal that is not met yet.

- What is measured is `evaluate` with the ruleset `ir-1400-spring`: 26 criteria, four axes, total,
  coverage, ranks, bands, lists and findings of {AGENCIES} agencies. The frames are loaded before
  the clock starts.
- *By hand* is the same arithmetic, written in Polars for this one ruleset
  (`benchmarks/by_hand.py`). Before anything is timed, its tables are compared with those of
  egovrules: equal within 1e-9.
- Peak memory is of the whole process, the frames included, from when they are loaded.
- The hand-written evaluation trusts its input. Checking it (types, ranges, codes that are unique
  and known) has a line of its own; *without them* is the difference of the two medians.
"""


if __name__ == "__main__":
    main()
