"""Draw the pictures of the documentation, of the sample: run it with Python from anywhere.

``summary.svg`` is what the terminal shows; the others are the report in a browser, for which
Playwright and a Chromium are needed.
"""  # noqa: INP001 - a script

import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser, sync_playwright

import egovrules as eg
from egovrules.report.summary import national_summary
from egovrules.report.terminal import render_svg

HERE = Path(__file__).parent
COMMAND = "egovrules evaluate ir-1400-autumn.yaml ir-1400-autumn --previous spring"
AGENCY = "0005"  # an undesirable main body
BELOW = "(one) => scrollTo(0, one.firstElementChild.offsetTop - 32)"  # nothing of what is above
PAPER = "body { padding: 14mm }"  # the margins, which only a printer adds
WIDE, A4 = {"width": 1120, "height": 860}, {"width": 794, "height": 1123}
REPORTS: dict[str, dict[str, Any]] = {
    "national-en": {"color_scheme": "light", "viewport": WIDE},
    "ranking-fa": {"color_scheme": "dark", "viewport": WIDE},
    "scorecard-fa": {"color_scheme": "light", "viewport": A4, "bypass_csp": True},
}


def main() -> None:
    """Evaluate both sample rounds, and draw the later one."""
    evaluation = _sample()
    picture = render_svg(national_summary(evaluation), title=COMMAND)
    HERE.joinpath("summary.svg").write_text(picture, encoding="utf-8")
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox"] if os.geteuid() == 0 else [],
        )
        for name in REPORTS:
            what, language = name.split("-")
            file = Path(folder) / f"{name}.html"
            agency = {"agency": AGENCY} if what == "scorecard" else {}
            evaluation.report(file, language=language, **agency)
            _photograph(browser, file)
        browser.close()


def _sample() -> eg.Evaluation:
    evaluation = None
    with TemporaryDirectory() as folder:
        sample = Path(folder) / "sample"
        eg.write_sample(sample)
        for name in ("ir-1400-spring", "ir-1400-autumn"):
            ruleset = eg.load_ruleset(sample / "rulesets" / f"{name}.yaml")
            dataset = eg.load_dataset(sample / name)
            evaluation = eg.evaluate(ruleset, dataset, previous=evaluation)
    assert evaluation is not None  # noqa: S101 - the loop made it
    return evaluation


def _photograph(browser: Browser, file: Path) -> None:
    """Draw what of a report is seen first: of the page on a screen, of a scorecard on paper."""
    context = browser.new_context(**REPORTS[file.stem], reduced_motion="reduce")
    page = context.new_page()
    page.goto(file.as_uri())
    if "scorecard" in file.stem:
        page.emulate_media(media="print")
        page.add_style_tag(content=PAPER)
    else:
        page.wait_for_selector("html[data-ready]", state="attached")
        if "ranking" in file.stem:
            page.locator("#ranking").evaluate(BELOW)
    page.screenshot(path=HERE / f"{file.stem}.png")
    context.close()


if __name__ == "__main__":
    main()
