"""``make bench-report``: how large the report is, and how fast in a browser.

Run as ``python -m benchmarks.report``; needs Playwright and a Chromium.
"""

import argparse
import gzip
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import egovrules as eg
from benchmarks import pages
from benchmarks.rounds import RULESET, make_round

SIZES = {"168 agencies, 5,989 services": "national", "2,000 agencies, 50,000 services": "large"}
WRITINGS = 3
OPENINGS = 5
MEGABYTE = 1e6

# For every row: what it says, its unit, and its goals at the two sizes.
ROWS = {
    "written": ("written, the first time in a process", "s", ("≤ 0.5 s", "")),
    "size": ("file", "MB", ("≤ 1 MB", "≤ 8 MB")),
    "gzipped": ("– gzipped", "MB", ("≤ 0.3 MB", "")),
    "ready": ("opened and ready", "s", ("≤ 0.3 s", "≤ 2 s")),
    "slider": ("slider to new ranking", "ms", ("≤ 50 ms", "")),
    "sort": ("sort by another column", "ms", ("", "")),
    "search": ("search, for each letter", "ms", ("", "")),
    "agency": ("a scorecard opened", "ms", ("", "")),
}
DECIMALS = {"s": 2, "MB": 2, "ms": 0}

WATCH = """
new MutationObserver(() => { window.ready ??= performance.now(); })
  .observe(document, {attributes: true, attributeFilter: ["data-ready"], subtree: true});
"""
ACTIONS = """() => {
  const timed = (works) => works.map((work) => {
    const start = performance.now();
    work();
    document.body.offsetHeight; // what moved is laid out before the clock stops
    return performance.now() - start;
  });
  const one = (selector) => document.querySelector(selector);
  const enter = (selector, value) => () => {
    one(selector).value = value;
    one(selector).dispatchEvent(new Event("input", {bubbles: true}));
  };
  const slider = timed([...Array(20).keys()].map((n) => enter("[data-weight]", 3 + 4 * n)));
  one("[data-official]").click();
  const heads = [...document.querySelectorAll("th[data-sort] button")];
  const sort = timed([...heads, ...heads].map((head) => () => head.click()));
  const search = timed([..."organization"].map((_, n, all) =>
    enter("[data-search]", all.slice(0, n + 1).join(""))));
  enter("[data-search]", "")();
  const links = [...document.querySelectorAll("[data-ranking] [data-agency-link]")].slice(0, 10);
  const agency = timed(links.map((link) => () => link.click()));
  return {slider, sort, search, agency};
}"""


def main() -> None:
    """Measure both sizes, print a table, and write it into the documentation."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report", description=main.__doc__)
    parser.add_argument("--write", nargs=2, metavar=("SIZE", "FILE"), help="write one and time it")
    parser.add_argument("--no-page", action="store_true", help="print the table only")
    asked = parser.parse_args()
    if asked.write:
        size, file = asked.write
        print(_writing_time(size, Path(file)))
        return
    found = [_measured(size) for size in SIZES.values()]
    table = pages.table(("", *(cell for size in SIZES for cell in (size, "goal"))), _rows(found))
    print(table)
    if not asked.no_page:
        pages.put(_part(table))


def _writing_time(size: str, file: Path) -> float:
    """Evaluate a round, and time its report."""
    evaluation = _national() if size == "national" else _large()
    start = time.perf_counter()
    evaluation.report(file, replace=True)
    return time.perf_counter() - start


def _national() -> eg.Evaluation:
    """Evaluate the sample: with growth, bands, findings and names as they are in life."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "sample"
        eg.write_sample(folder)
        evaluation = None
        for period in ("ir-1400-spring", "ir-1400-autumn"):
            ruleset = eg.load_ruleset(folder / "rulesets" / f"{period}.yaml")
            evaluation = eg.evaluate(ruleset, eg.load_dataset(folder / period), previous=evaluation)
    assert evaluation is not None
    return evaluation


def _large() -> eg.Evaluation:
    services, agencies = make_round(50_000, 2_000)
    dataset = eg.Dataset.of(agencies=agencies, services=services)
    return eg.evaluate(eg.load_ruleset(RULESET), dataset)


def _measured(size: str) -> dict[str, float]:
    """Write a report some times, each in a process of its own, and work with it in a browser."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "report.html"
        command = [sys.executable, "-m", "benchmarks.report", "--write", size, str(file)]
        written = [
            float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            for _ in range(WRITINGS)
        ]
        content = file.read_bytes()
        return {
            "written": median(written),
            "size": len(content) / MEGABYTE,
            "gzipped": len(gzip.compress(content, 9)) / MEGABYTE,
            **_in_browser(file),
        }


def _in_browser(file: Path) -> dict[str, float]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - writing does without

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox"] if os.geteuid() == 0 else [],
        )
        ready: list[float] = []
        for _ in range(OPENINGS):
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.add_init_script(WATCH)
            page.goto(file.as_uri())
            page.wait_for_selector("html[data-ready]", state="attached", timeout=60_000)
            ready.append(page.evaluate("window.ready") / 1000)
            if len(ready) < OPENINGS:
                page.close()
        actions: dict[str, Any] = page.evaluate(ACTIONS)
        browser.close()
    return {"ready": median(ready)} | {name: median(times) for name, times in actions.items()}


def _rows(found: list[dict[str, float]]) -> list[tuple[str, ...]]:
    rows = []
    for key, (what, unit, goals) in ROWS.items():
        cells = [f"{one[key]:.{DECIMALS[unit]}f} {unit}" for one in found]
        rows.append((what, *(cell for pair in zip(cells, goals, strict=True) for cell in pair)))
    return rows


def _part(table: str) -> str:
    return f"""## The report

Written by `make bench-report` on {pages.circumstances()}, headless
Chromium. The machine is shared, so times vary from run to run. Medians: of {WRITINGS} writings,
each in a process of its own; of {OPENINGS} openings; and of 10 actions or more.

{table}

- The national round is the sample of the eighth evaluation, with growth since the seventh. The
  large one is made up, without growth.
- Everything is inside: both languages, and of every agency the points and criteria of all its
  services.
- *Ready* counts from opening the file until the page answers, its totals computed anew and
  compared with the published ones. Actions count until the page is laid out anew.
"""


if __name__ == "__main__":
    main()
