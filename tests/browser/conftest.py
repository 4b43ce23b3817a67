"""Reports as files, and a browser without a network that opens them."""

import importlib.util
import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

import egovrules as eg

HERE = Path(__file__).parent
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
WATCH = """
window.refused = [];
addEventListener("securitypolicyviolation", (event) =>
  refused.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`));
"""
LARGE = "0005"  # an agency of the sample with many services
INDEX = {
    "code": ["X", "Y", "Z"],
    "name": ["Peru", "Chad", "Oman"],
    "one": [1, 2, 3],
    "two": [9, 2, 4],
}
HOSTILE = [
    "<script>window.harmed = 1</script>",
    "</script><img src=x onerror='window.harmed = 1'>",
    "\"' onmouseover='window.harmed = 1' \u202eb\u2066c\u2069 {{ 7 * 7 }}",
    "x" * 500,
    "</template></style><svg onload=alert(1)>",
    "&lt;b&gt; &amp; \u202edb\u2069",
    "=cmd|' /C calc'!A0",
    "پ" * 500,
]


def _missing(what):
    """Skip where a browser cannot be had; fail where there must be one."""
    if os.environ.get("CI"):
        pytest.fail(f"CI needs {what}")
    pytest.skip(f"this machine lacks {what}")


@pytest.fixture(scope="session")
def browser():
    """Debian's Chromium: Playwright brings none of its own here."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _missing("Playwright (pip install playwright)")
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        _missing("Chromium (Debian: apt install chromium)")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=found,
            args=["--no-sandbox"] if os.geteuid() == 0 else [],
        )
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def small():
    """The small rounds of the report's other tests."""
    place = HERE.parent / "html_pages.py"
    spec = importlib.util.spec_from_file_location("html_pages", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def sample(tmp_path_factory):
    """The national sample: both rounds, the later one against the earlier."""
    folder = tmp_path_factory.mktemp("sample")
    eg.write_sample(folder / "files")
    rounds = {}
    for name in ("spring", "autumn"):
        rules = folder / "files" / "rulesets" / f"ir-1400-{name}.yaml"
        dataset = eg.load_dataset(folder / "files" / f"ir-1400-{name}")
        before = rounds.get("spring")
        rounds[name] = eg.evaluate(eg.load_ruleset(rules), dataset, previous=before)
    return SimpleNamespace(rules=rules, dataset=dataset, evaluation=rounds["autumn"])


@pytest.fixture(scope="session")
def hostile_names():
    """Names that would do harm where they were not escaped."""
    return HOSTILE


@pytest.fixture(scope="session")
def reports(tmp_path_factory):
    """Where reports lie, each written when it is first asked for."""
    return tmp_path_factory.mktemp("reports")


@pytest.fixture(scope="session")
def written(sample, small, reports):
    """Return a function that gives a report's file by name."""
    hostile = small.AGENCIES | {"name_en": HOSTILE[:4], "name_fa": HOSTILE[4:]}
    first = sample.evaluation.agencies["agency"][0]
    makers = {
        "national": lambda: (sample.evaluation, {"dossier": True}),
        "national_fa": lambda: (sample.evaluation, {"language": "fa"}),
        "agency": lambda: (sample.evaluation, {"agency": first}),
        "agency_fa": lambda: (sample.evaluation, {"agency": first, "language": "fa"}),
        "agency_large": lambda: (sample.evaluation, {"agency": LARGE}),
        "agency_large_fa": lambda: (sample.evaluation, {"agency": LARGE, "language": "fa"}),
        "index": lambda: (small.evaluated(small.INDEX, INDEX), {}),
        "hostile": lambda: (small.evaluated(small.RULESET, hostile, small.SERVICES), {}),
    }

    def file(name):
        path = reports / f"{name}.html"
        if name in makers and not path.exists():
            evaluation, options = makers[name]()
            evaluation.report(path, **options)
        return path

    return file


@pytest.fixture
def show(browser, written):
    """Return a function that opens a report in a window of its own.

    When the test is over, no page may have logged an error, broken its own policy, or asked for
    anything but its file.
    """
    contexts, troubles = [], []

    def opened(name, fragment="", *, width=1200, height=800, ready="html[data-ready]", **options):
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        context.set_offline(True)
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.on(
            "console", lambda told: troubles.append(told.text) if told.type == "error" else None
        )
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on(
            "request", lambda asked: troubles.append(asked.url) if _foreign(asked.url) else None
        )
        page.add_init_script(WATCH)
        page.goto(written(name).as_uri() + fragment)
        scripted = options.get("java_script_enabled", True) and not name.startswith("agency")
        if scripted:
            page.wait_for_selector(ready, state="attached")
        return page

    yield opened
    for context in contexts:
        for page in context.pages:
            troubles += page.evaluate("window.refused ?? []")
        context.close()
    assert troubles == []


def _foreign(url):
    return not url.startswith(("file:", "data:", "about:"))
