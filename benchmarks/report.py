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

import egovrules as eg
from benchmarks import pages, prototype
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

CLOCK = """
// What is done is seen when a frame was drawn after it: this task is posted within that frame.
const seen = () => new Promise((done) => requestAnimationFrame(() => {
  const {port1, port2} = new MessageChannel();
  port1.onmessage = () => done(performance.now());
  port2.postMessage(null);
}));
window.timed = async (works) => {
  const times = [];
  for (const work of works) {
    const start = performance.now();
    work();
    times.push(await seen() - start);
  }
  return times;
};
window.enter = (selector, value) => () => {
  const field = document.querySelector(selector);
  field.value = value;
  field.dispatchEvent(new Event("input", {bubbles: true}));
};
new MutationObserver(async () => { window.ready ??= await seen(); })
  .observe(document, {attributes: true, attributeFilter: ["data-ready"], subtree: true});
"""
SLIDES = """async () => {
  const slider = "input[type=range]";
  const table = document.querySelector(slider).closest("section").querySelector("tbody");
  const before = table.textContent;
  const times = await timed([...Array(20).keys()].map((n) => enter(slider, 3 + 4 * n)));
  if (table.textContent === before) throw Error("the slider has moved nobody");
  return times;
}"""
ACTIONS = """async () => {
  document.querySelector("[data-official]").click();
  const heads = [...document.querySelectorAll("th[data-sort] button")];
  const sort = await timed([...heads, ...heads].map((head) => () => head.click()));
  const search = await timed([..."organization"].map((_, n, all) =>
    enter("[data-search]", all.slice(0, n + 1).join(""))));
  enter("[data-search]", "")();
  const links = [...document.querySelectorAll("[data-ranking] [data-agency-link]")].slice(0, 10);
  const agency = await timed(links.map((link) => () => link.click()));
  return {sort, search, agency};
}"""


def main() -> None:
    """Measure both sizes, print what was found, and write it into the documentation."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report", description=main.__doc__)
    parser.add_argument("--write", nargs=2, metavar=("SIZE", "FILE"), help="write one and time it")
    parser.add_argument("--no-page", action="store_true", help="print it only")
    asked = parser.parse_args()
    if asked.write:
        size, file = asked.write
        print(_writing_time(size, Path(file)))
        return
    found = [_measured(size) for size in SIZES.values()]
    table = pages.table(("", *(cell for size in SIZES for cell in (size, "goal"))), _rows(found))
    text = _part(table, _beside(found[0]))
    print(text)
    if not asked.no_page:
        pages.put(text)


def _writing_time(size: str, file: Path) -> float:
    """Evaluate a round, and time its report."""
    evaluation = _national()[-1] if size == "national" else _large()
    start = time.perf_counter()
    evaluation.report(file, replace=True)
    return time.perf_counter() - start


def _national() -> tuple[eg.Evaluation, eg.Evaluation]:
    """Evaluate the sample: with growth, bands, findings and names as they are in life.

    Returns:
        The seventh evaluation, and the eighth with growth since.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "sample"
        eg.write_sample(folder)
        rulesets, data = [], []
        for period in ("ir-1400-spring", "ir-1400-autumn"):
            rulesets.append(eg.load_ruleset(folder / "rulesets" / f"{period}.yaml"))
            data.append(eg.load_dataset(folder / period))
        earlier = eg.evaluate(rulesets[0], data[0])
        return earlier, eg.evaluate(rulesets[1], data[1], previous=earlier)


def _large() -> eg.Evaluation:
    services, agencies = make_round(50_000, 2_000)
    dataset = eg.Dataset.of(agencies=agencies, services=services)
    return eg.evaluate(eg.load_ruleset(RULESET), dataset)


def _measured(size: str) -> dict[str, float]:
    """Write a report some times, each in a process of its own, and work with it in a browser."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "report.html"
        command = [sys.executable, "-m", "benchmarks.report", "--write", size, str(file)]
        # Modules are compiled by a first writing that does not count, as an installer leaves them.
        compiled = {"PYTHONPYCACHEPREFIX": str(Path(folder) / "compiled")}
        env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | compiled
        runs = [
            subprocess.run(command, env=env, check=True, capture_output=True, text=True)
            for _ in range(1 + WRITINGS)
        ]
        written = [float(run.stdout) for run in runs[1:]]
        files = [file]
        if size == "national" and (source := prototype.folder()):
            files.append(Path(folder) / "prototype.html")
            files[-1].write_text(prototype.page(source, *_national()), encoding="utf-8")
        content = file.read_bytes()
        return {
            "written": median(written),
            "size": len(content) / MEGABYTE,
            "gzipped": len(gzip.compress(content, 9)) / MEGABYTE,
            **_in_browser(files),
        }


def _in_browser(files: list[Path]) -> dict[str, float]:
    """Open the report, and what it is compared with, in turn; and work with them."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - writing does without

    found: dict[str, list[float]] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox"] if os.geteuid() == 0 else [],
        )
        for last in [*[False] * (OPENINGS - 1), True]:
            for file, prefix in zip(files, ("", "prototype_"), strict=False):
                page = browser.new_page(viewport={"width": 1280, "height": 800})
                page.add_init_script(CLOCK)
                page.goto(file.as_uri())
                page.wait_for_function("window.ready", timeout=60_000)
                found.setdefault(f"{prefix}ready", []).append(page.evaluate("window.ready") / 1000)
                found.setdefault(f"{prefix}slider", []).extend(page.evaluate(SLIDES))
                if last and not prefix:
                    found |= page.evaluate(ACTIONS)
                page.close()
        browser.close()
    return {name: median(times) for name, times in found.items()}


def _rows(found: list[dict[str, float]]) -> list[tuple[str, ...]]:
    rows = []
    for key, (what, unit, goals) in ROWS.items():
        cells = [f"{one[key]:.{DECIMALS[unit]}f} {unit}" for one in found]
        rows.append((what, *(cell for pair in zip(cells, goals, strict=True) for cell in pair)))
    return rows


def _beside(found: dict[str, float]) -> str:
    """Compare with the prototype, where it is at hand."""
    if "prototype_ready" not in found:
        return "The files of the prototype were not at hand, so nothing is compared with it here."
    rows = []
    for key in ("ready", "slider"):
        what, unit, _ = ROWS[key]
        sides = [found[key], found[f"prototype_{key}"]]
        cells = [f"{one:.{DECIMALS[unit]}f} {unit}" for one in sides]
        rows.append((what, *cells, f"{sides[0] / sides[1]:.2f}"))
    return f"""Beside the prototype of this report, in the same run and browser, opened in turn:

{pages.table(("168 agencies, 5,989 services", "report", "prototype", "ratio"), rows)}

The prototype's page is built of its own files (`benchmarks/prototype.py`), with the same round: its
agencies, services, scores and names. Its script writes either language into the one page, and its
three charts; two of them anew after each slide, where the report draws its first ten anew. Its own
notes name 0.1 s and 30 ms, on the machine and with the data of that time."""


def _part(table: str, beside: str) -> str:
    return f"""## The report

Written by `make bench-report` on {pages.circumstances()}, headless
Chromium. The machine is shared, so times vary from run to run. Medians: of {WRITINGS} writings,
each in a process of its own, modules compiled before; of {OPENINGS} openings, each with 20
slides; and of 10 other actions or more.

{table}

- The national round is the sample of the eighth evaluation, with growth since the seventh. The
  large one is made up, without growth.
- Everything is inside: both languages, and of every agency the points and criteria of all its
  services.
- *Ready* counts from opening the file until the first frame is drawn in which the page answers,
  its totals computed anew and compared with the published ones.
- Actions count from the event until the frame is drawn that shows what came of it, so all of them
  wait for the screen, which is drawn 60 times a second.

{beside}
"""


if __name__ == "__main__":
    main()
