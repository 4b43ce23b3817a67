"""The documentation does what it says: its commands are run, and their output compared."""

import os
import re
import subprocess
import sys
import types
from pathlib import Path

import pytest

from egovrules.cases import load_cases
from egovrules.cases.form import Case, CasesFile, Defaults, Earlier, Expect, Expected
from egovrules.cases.running import run_cases
from egovrules.ruleset import read_ruleset
from egovrules.testing import conformance

ROOT = Path(__file__).parents[1]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page):
    return FENCE.findall((ROOT / page).read_text(encoding="utf-8"))


def steps(text):
    """Split a console block into (command, expected output) pairs."""
    parts = re.split(r"^\$ (.*)\n", text, flags=re.MULTILINE)[1:]
    return list(zip(parts[::2], parts[1::2], strict=True))


def fits(expected, got):
    """Whether the output is as printed; a line ``...`` (or an end of one) stands for anything."""
    lines = [line.rstrip() for line in expected.rstrip("\n").split("\n")]
    pattern = "\n".join(re.escape(line) for line in lines)
    pattern = pattern.replace(r"\.\.\.", "(?s:.*)")
    return re.fullmatch(pattern, "\n".join(line.rstrip() for line in got.strip().split("\n")))


def run(command, folder):
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": "100",
        "NO_COLOR": "1",
        "PYTHONUTF8": "1",
    }
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment,
        text=True,
        encoding="utf-8",
        capture_output=True,
        check=False,
    )
    return done.stderr + done.stdout


# How many commands each page runs at least: a page whose blocks are not found would pass.
PAGES = {
    "docs/tutorial/first-round.md": 8,
    "docs/how-to/start-a-new-period.md": 7,
    "docs/how-to/add-a-cap.md": 6,
    "docs/how-to/test-a-ruleset.md": 12,
    "docs/how-to/compare-two-weightings.md": 3,
    "docs/how-to/verify-an-evaluation.md": 2,
    "docs/how-to/publish-your-own-index.md": 6,
    "docs/how-to/export-for-others.md": 10,
    "docs/how-to/publish-the-report.md": 8,
}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_can_be_followed_literally(page, tmp_path):
    ran = 0
    for kind, text in blocks(page):
        if text.startswith("# file: "):
            name, _, content = text.removeprefix("# file: ").partition("\n")
            path = tmp_path / name.strip()
            path.parent.mkdir(exist_ok=True)
            path.write_text(content, encoding="utf-8")
        elif kind == "console":
            for command, expected in steps(text):
                got = run(command, tmp_path).replace("Written to result\n", "")
                assert fits(expected, got), f"$ {command}\n{got}\n-- expected --\n{expected}"
                ran += 1
    assert ran >= PAGES[page]


def test_python_examples_of_the_readme_run(tmp_path):
    examples = [text for kind, text in blocks("README.md") if kind == "python"]
    assert len(examples) == 2
    run("egovrules sample sample", tmp_path)
    for number, text in enumerate(examples):
        script = tmp_path / f"example{number}.py"
        script.write_text(text, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, str(script)], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


def test_the_criterion_of_the_readme_keeps_the_laws():
    source = next(text for _, text in blocks("README.md") if "class Queue" in text)
    module = types.ModuleType("readme")
    exec(compile(source, "README.md", "exec"), vars(module))  # noqa: S102 - our own page
    laws = conformance(module.Queue).mark.args[1]
    for law in laws:
        law.values[0]()
    assert len(laws) >= 8


def test_rulesets_of_the_readme_are_sound():
    rulesets = [text for kind, text in blocks("README.md") if kind == "yaml"]
    assert rulesets
    for text in rulesets:
        assert read_ruleset(text, source="README.md").root.criteria()


def test_every_link_of_the_docs_leads_somewhere():
    pages = [ROOT / "README.md", ROOT / "CHANGELOG.md", *ROOT.glob("docs/**/*.md")]
    for page in pages:
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
            if not target.startswith(("http:", "https:")):
                assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_reference_of_cases_holds_and_names_every_key(tmp_path):
    (ruleset,) = [text for _, text in blocks("docs/reference/rulesets.md") if "id: " in text]
    (tmp_path / "example-2024.yaml").write_text(ruleset, encoding="utf-8")
    ((_, text),) = blocks("docs/reference/cases.md")
    path = tmp_path / "example-2024.test.yaml"
    path.write_text(text, encoding="utf-8")
    ran = list(run_cases(load_cases(path)))
    assert [one.problems for one in ran] == [()] * 3
    page = (ROOT / "docs/reference/cases.md").read_text(encoding="utf-8")
    for form in (CasesFile, Case, Earlier, Defaults, Expect, Expected):
        for name, field in form.model_fields.items():
            assert f"`{field.alias or name}`" in page, name
