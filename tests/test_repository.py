"""What the repository says of itself agrees: packages, constraints, and what is shipped."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_lists_of_packages_agree():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    folders = {f"plugins/{path.parent.name}" for path in ROOT.glob("plugins/*/pyproject.toml")}
    members = set(project["tool"]["uv"]["workspace"]["members"])
    listed = (ROOT / "dev.txt").read_text(encoding="utf-8").splitlines()
    editable = {line[3:].strip() for line in listed if line.startswith("-e ")} - {"."}
    grouped = {f"plugins/{name}" for name in project["dependency-groups"]["plugins"]}
    assert folders == members == editable == grouped


def test_constraints_pin_versions_and_name_no_address():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert len(lines) > 20
    for line in lines:
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!-]+", line), line


def tracked():
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def test_no_tracked_file_names_a_registry_or_locks_addresses():
    names = [path.name for path in tracked()]
    assert "uv.lock" not in names
    host = re.compile(r"https?://[^\s]*(?:pypi|pythonhosted|/simple/)", re.IGNORECASE)
    for path in tracked():
        if path.suffix in {".py", ".toml", ".txt", ".md", ".yaml", ".yml"} and path.is_file():
            assert not host.search(path.read_text(encoding="utf-8", errors="replace")), path


def test_the_wheel_ships_types_catalogues_and_rulesets(tmp_path):
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--no-deps",
            "--no-build-isolation",
            "--wheel-dir",
            str(tmp_path),
            str(ROOT),
        ],
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for shipped in (
        "egovrules/py.typed",
        "egovrules/locale/fa/LC_MESSAGES/egovrules.mo",
        "egovrules/rulesets/ir-1400-autumn.yaml",
        "egovrules/rulesets/ca-2024.source.yaml",
        "egovrules/rulesets/published/egdi-2018.yaml",
        "egovrules/html/templates/page.html",
        "egovrules/html/script/main.js",
        "egovrules/html/style/page.css",
        "egovrules/html/style/vazirmatn.woff2",
        "egovrules/html/style/vazirmatn-OFL.txt",
    ):
        assert shipped in names
