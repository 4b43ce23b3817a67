"""``egovrules fmt``: an even layout, and nothing else changed."""

import os
import random
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from egovrules import _yaml, formatting
from egovrules.cli import COMMANDS, cli
from egovrules.errors import RulesetError
from egovrules.formatting import comments, formatted, is_ours

ROOT = Path(__file__).parents[1]
SHIPPED = sorted(ROOT.glob("rulesets/**/*.yaml"))
FUZZ = int(os.environ.get("EGOVRULES_FUZZ", "1"))

UNEVEN = """\


# The eighth evaluation.
---
schema:   egovrules/1   # the form
id: example\x20\x20
title:
    en:  An example
    fa: یک نمونه



# --- the tree ---
axes:
      digital:
            weight: 1/3   # of the total
            # no cap yet
            criteria:
                  online: {use: core.value,level: service,  with: {column: online} }
                  # later: {use: core.yes}
      # the second axis
      open:
            caps:
            - at: 50 # on the scale
              when: "x = 0   # no comment"
            -   at:    60
                because: {en: shares no data,
                          fa: داده‌ای نمی‌دهد} # in both languages
            # - at: 70
bands:
  how:
    labels: [
      {none: "= 0"},   # nothing

      {some: "> 0"} ]
    otherwise:
      # where nothing is known
      not_assessed
description: >-
        folded
          and deeper

        \\u200c
plugins: {egovrules-open: '>=0.1'}
missing: null
# the end"""
EVEN = """\
# The eighth evaluation.
schema: egovrules/1   # the form
id: example
title:
  en: An example
  fa: یک نمونه

# --- the tree ---
axes:
  digital:
    weight: 1/3   # of the total
    # no cap yet
    criteria:
      online: {use: core.value, level: service, with: {column: online}}
      # later: {use: core.yes}
  # the second axis
  open:
    caps:
      - at: 50 # on the scale
        when: "x = 0   # no comment"
      - at: 60
        because: {en: shares no data,
                  fa: داده‌ای نمی‌دهد} # in both languages
      # - at: 70
bands:
  how:
    labels: [
      {none: "= 0"},   # nothing

      {some: "> 0"} ]
    otherwise:
      # where nothing is known
      not_assessed
description: >-
  folded
    and deeper

  \\u200c
plugins: {egovrules-open: '>=0.1'}
missing: null
# the end
"""


def test_an_uneven_file_is_laid_out_evenly():
    assert formatted(UNEVEN, "x.yaml") == EVEN


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_the_shipped_files_are_laid_out_evenly(path):
    text = path.read_text(encoding="utf-8")
    assert formatted(text, path.name) == text


# --- one tree, written twice: roughly by chance, and evenly by these few lines -----------------

WORDS = [
    *("1", "25.0", "1/3", "true", "null", "~", "NULL", "-5", ".5", "1400-07-01", "a word", "a#b"),
    *('"= 100"', "'it''s'", '"a # b"', '"\\u200c"', '""', "پارسی‌ها", "http://x/y", "a: b"[:1]),
    *("{}", "[]", "[1, 2]", "{a: 1, b: [x, z]}", '[{none: "= 0"}, {some: "> 0, <= 9"}]'),
]
TEXTS = [
    *(("|", "one"), (">", "one", "", "  deeper", "two # three"), ("|-", "one", "", "", "two")),
    *((">-", "# one"), ('"one', '# two"'), ("'one", "", "two'"), ("one", "two")),
]


class Tree:
    """A tree of entries with comments, made by chance."""

    def __init__(self, seed):
        self.chance = random.Random(seed)  # noqa: S311 - no secret
        self.noted = 0
        self.entries = self.block(3, keys=True)

    def note(self):
        self.noted += 1
        return f"# {self.noted}" + self.chance.choice(["", " text", ": {x, 'y", " # two"])

    def block(self, depth, *, keys):
        """Return (entries, closing comments); an entry is (key, value, above, beside)."""
        chance, entries = self.chance, []
        for number in range(chance.randint(1, 4)):
            key = chance.choice([f"k{number}", f'"q {number}"']) if keys else None
            some = chance.random() < 0.3
            above = [chance.choice([self.note(), ""]) for _ in range(some * chance.randint(1, 4))]
            beside = " " * chance.randint(1, 3) + self.note() if chance.random() < 0.2 else ""
            entries.append((key, self.value(depth), above, beside))
        return entries, [self.note()] if chance.random() < 0.2 else []

    def value(self, depth):
        kind = self.chance.random()
        if depth and kind < 0.5:
            return self.block(depth - 1, keys=kind < 0.3)
        return list(self.chance.choice(TEXTS)) if kind > 0.9 else self.chance.choice(WORDS)

    def even(self):
        return "schema: egovrules/1\n" + "\n".join(written(self.entries, 0)) + "\n"

    def rough(self):
        lines = written(self.entries, 0, self.chance)
        return "schema: egovrules/1\n" + "\n".join(lines) + "\n" * self.chance.randint(1, 3)


def written(block, column, chance=None, lead=""):
    """Return the lines of a block; evenly without *chance*."""
    entries, closing = block
    lines = []
    for key, value, above, beside in entries:
        if not lead:
            lines += noted(above, column, chance)
        head = (lead or " " * column) + (f"{key}:" if key else "-")
        gap = " " * (1 if chance is None else chance.choice([1, 1, 1, 2, 4]))
        lead = ""
        if isinstance(value, str):
            lines.append(head + gap + value + beside)
        elif isinstance(value, list):
            deeper = " " * (column + (2 if chance is None else chance.randint(1, 6)))
            first, *rest = value
            lines += [head + gap + first, *(deeper + line if line else "" for line in rest)]
        elif key:
            lines.append(head + beside)
            lines += written(
                value, column + (2 if chance is None else chance.randint(1, 5)), chance
            )
        else:
            is_list = value[0][0][0] is None
            gap = " " * ((3 if is_list else 1) if chance is None else chance.randint(1, 4))
            lines += written(value, len(head + gap), chance, head + gap)
    return [*lines, *(" " * column + note for note in closing)]


def noted(above, column, chance):
    lines = []
    for note in above:
        if note:
            lines.append(" " * column + note)
        elif chance is not None:
            lines += [" " * chance.randint(0, column)] * chance.randint(1, 3)
        elif not lines or lines[-1]:
            lines.append("")
    return lines


@pytest.mark.parametrize("part", range(5))
def test_a_tree_is_laid_out_as_these_few_lines_write_it(part):
    for seed in range(part * 120 * FUZZ, (part + 1) * 120 * FUZZ):
        tree = Tree(seed)
        rough, even = tree.rough(), tree.even()
        assert formatted(rough, "rough") == even, f"seed {seed}:\n{rough}"
        assert formatted(even, "even") == even, f"seed {seed}"


# --- whatever a dump holds ----------------------------------------------------------------------

TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cn", "Co"]), max_size=30)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | TEXT
    | st.just("two\nlines # here\n"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def read(text):
    """Read YAML by another library, every word as text."""
    return yaml.load(text, yaml.BaseLoader)  # noqa: S506 - it makes nothing but text


@settings(max_examples=500 * FUZZ, deadline=None)
@given(
    st.dictionaries(TEXT, VALUES, max_size=5),
    st.randoms(use_true_random=False),
    st.integers(2, 6),
    st.sampled_from([None, True, False]),
)
def test_data_and_comments_survive(data, chance, indent, flow):
    dumped = yaml.safe_dump(
        {"schema": "egovrules/1"} | data,
        allow_unicode=True,
        sort_keys=False,
        indent=indent,
        default_flow_style=flow,
        width=chance.choice([20, 80, 1000]),
    )
    lines = []
    for line in dumped.split("\n"):
        note = f"{' ' * chance.randint(0, 9)}# note {len(lines)}."
        lines += [note] if chance.random() < 0.2 else []
        lines.append(line + (f" # beside {len(lines)}." if chance.random() < 0.1 else ""))
        lines += [" " * chance.randint(0, 3)] * chance.choice([0, 0, 0, 2])
    text = "\n".join(lines)
    assume(is_valid(text))
    new = formatted(text, "x")
    assert read(new) == read(text)
    marks = r"# (?:note|beside) \d+\."
    assert re.findall(marks, new) == re.findall(marks, text)
    assert formatted(new, "x") == new


def is_valid(text):
    try:
        return _yaml.parse(text, "x").data["schema"] == "egovrules/1"
    except RulesetError:
        return False


def test_the_comments_are_found_by_another_parser():
    text = "یک: ۱ # b\n# c  \n'd # e': |  # f\n  # g\nh: [1, # i\n  'j # k']#l\nm: n#o\n"
    assert comments(text) == ["# b", "# c", "# i", "#l"]


# --- what a person typed otherwise --------------------------------------------------------------


def test_line_ends_and_the_byte_order_mark_are_those_of_everyone():
    text = "\ufeffschema: egovrules/1\r\nid: x # y\r\ntitle: |-\r\n  a\r\n  b\r\n"
    assert formatted(text, "x") == "schema: egovrules/1\nid: x # y\ntitle: |-\n  a\n  b\n"


def test_blank_lines_that_a_text_keeps_stay():
    text = "schema: egovrules/1\na: |+\n    b\n\n\nc: d\n"
    assert formatted(text, "x") == "schema: egovrules/1\na: |+\n  b\n\n\nc: d\n"


def test_a_text_may_begin_with_spaces():
    text = "schema: egovrules/1\na:\n    b: |4-\n          deep\n        less\n"
    even = "schema: egovrules/1\na:\n  b: |2-\n      deep\n    less\n"
    assert formatted(text, "x") == even


def test_brackets_may_hold_the_whole_file():
    assert formatted("--- {schema:   egovrules/1} # a\n", "x") == "{schema: egovrules/1} # a\n"
    whole = "{\n  schema: egovrules/1,\n  id:   x # a\n}\n"
    assert formatted(whole, "x") == whole


@pytest.mark.parametrize("other", ["a: 1.0 # b", "a: true # b", "a: 1", "a: 1 # c", "a: [1 # b"])
def test_a_layout_that_says_something_else_is_never_given(monkeypatch, other):
    text = "schema: egovrules/1\na: 1 # b\n"
    assert formatted(text, "x") == text
    monkeypatch.setattr(formatting, "_woven", lambda _: f"schema: egovrules/1\n{other}\n")
    with pytest.raises(RulesetError, match="cannot be laid out without changing what it says"):
        formatted(text, "x")


@pytest.mark.parametrize("key", ["? |\n  a\n: 1\n", '? "a\n  b"\n: 1\n'])
def test_what_cannot_be_laid_out_is_refused(key):
    with pytest.raises(RulesetError, match="cannot be laid out without changing what it says"):
        formatted(f"schema: egovrules/1\n{key}", "x.yaml")


def test_what_the_reader_refuses_is_refused_in_its_words():
    with pytest.raises(RulesetError) as caught:
        formatted("schema: egovrules/1\na: yes\nb: &c 1\n", "x.yaml")
    assert [problem.line for problem in caught.value.problems] == [2, 3]


@pytest.mark.parametrize("text", ["", "# nothing\n", "a: 1\n", "- a\n", "schema: other/1\n"])
def test_other_files_are_refused(text):
    assert not is_ours(text)
    with pytest.raises(RulesetError, match="this is no ruleset, no source and no file of tests"):
        formatted(text, "x.yaml")


@pytest.mark.parametrize("line", ["schema: egovrules/1", "'schema' : \"egovrules-source/1\""])
def test_files_of_ours_are_known_even_where_they_are_wrong(line):
    assert is_ours(f"# a comment\n{line}\na: [\n")
    assert is_ours(f"\ufeff{line}\n")


# --- the command --------------------------------------------------------------------------------

ROUGH = "schema: egovrules/1\nid:    x\n"
GOOD = "schema: egovrules/1\nid: x\n"


def run(*arguments):
    done = CliRunner().invoke(cli, ["fmt", *map(str, arguments)])
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done


def test_files_are_laid_out_in_place(tmp_path, monkeypatch):
    (tmp_path / "a.yaml").write_text(ROUGH)
    (tmp_path / "a.test.yaml").write_text(ROUGH.replace("/1", "-tests/1"))
    (tmp_path / "b.yaml").write_text(GOOD)
    (tmp_path / "other.yaml").write_text("a:    &anchor 1\n")
    monkeypatch.chdir(tmp_path)
    done = run()
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "a.test.yaml is laid out anew",
        "a.yaml is laid out anew",
        "Laid out anew: 2 of 3",
    ]
    assert (tmp_path / "a.yaml").read_text() == GOOD
    assert (tmp_path / "other.yaml").read_text() == "a:    &anchor 1\n"
    assert run().stdout == "Laid out anew: 0 of 3\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("a.test.yaml", "a.yaml", "b.yaml", "other.yaml"),
    ]


def test_check_writes_nothing(tmp_path):
    (tmp_path / "a.yaml").write_text(ROUGH)
    (tmp_path / "b.yaml").write_text(GOOD)
    done = run("--check", tmp_path)
    assert done.exit_code == 1
    told = [f"{tmp_path / 'a.yaml'} would be laid out anew", "Laid out anew: 1 of 2"]
    assert done.stdout.splitlines() == told
    assert (tmp_path / "a.yaml").read_text() == ROUGH
    assert run("--check", tmp_path / "b.yaml").exit_code == 0


def test_diff_is_a_patch(tmp_path, monkeypatch):
    (tmp_path / "a.yaml").write_text(ROUGH + "title: x")
    monkeypatch.chdir(tmp_path)
    done = run("--diff", "a.yaml")
    assert done.exit_code == 0
    assert done.stderr.splitlines()[-1] == "Laid out anew: 1 of 1"
    assert (tmp_path / "a.yaml").read_text() == ROUGH + "title: x"
    subprocess.run(["git", "apply", "-p0", "-"], input=done.stdout, text=True, check=True)
    assert (tmp_path / "a.yaml").read_text() == GOOD + "title: x\n"
    assert run("--diff", "--check", "a.yaml").exit_code == 0


def test_refusals_are_told_at_once_and_the_rest_is_laid_out(tmp_path):
    (tmp_path / "a.yaml").write_text("schema: egovrules/1\na: yes\n")
    (tmp_path / "b.yaml").write_text("schema: egovrules/1\nb: [\n")
    (tmp_path / "c.yaml").write_text(ROUGH)
    (tmp_path / "other.yaml").write_text("a: 1\n")
    done = run(tmp_path, tmp_path / "other.yaml", tmp_path / "gone.yaml")
    assert done.exit_code == 2
    for told in ("a.yaml:2:4", "b.yaml:3:1", "other.yaml: this is no ruleset", "gone.yaml: there"):
        assert told in done.stderr
    assert "c.yaml is laid out anew" in done.stdout
    assert (tmp_path / "c.yaml").read_text() == GOOD


def test_a_folder_without_rulesets_is_told(tmp_path):
    (tmp_path / "other.yaml").write_text("a: 1\n")
    done = run(tmp_path)
    assert done.exit_code == 2
    assert "this folder holds no ruleset" in done.stderr


def test_a_link_stays_a_link_and_permissions_stay(tmp_path):
    (tmp_path / "real.yaml").write_text(ROUGH)
    (tmp_path / "real.yaml").chmod(0o640)
    (tmp_path / "link.yaml").symlink_to("real.yaml")
    assert run(tmp_path / "link.yaml").exit_code == 0
    assert (tmp_path / "link.yaml").is_symlink()
    assert (tmp_path / "real.yaml").read_text() == GOOD
    assert (tmp_path / "real.yaml").stat().st_mode & 0o777 == 0o640


def test_a_full_disk_leaves_the_file(tmp_path, monkeypatch):
    (tmp_path / "a.yaml").write_text(ROUGH)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    done = run(tmp_path / "a.yaml")
    assert done.exit_code == 2
    assert "the file cannot be written: No space left on device" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["a.yaml"]
    assert (tmp_path / "a.yaml").read_text() == ROUGH


def test_the_summary_speaks_persian(tmp_path):
    (tmp_path / "a.yaml").write_text(ROUGH)
    done = run("--lang", "fa", tmp_path / "a.yaml")
    assert done.stdout.splitlines()[-1] == "تغییر آرایش: ۱ از ۱"


def test_the_hooks_run_commands_that_exist():
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert [hook["id"] for hook in hooks] == ["egovrules-check", "egovrules-fmt", "egovrules-test"]
    for hook in hooks:
        program, command = hook["entry"].split()
        assert program == "egovrules"
        assert command in COMMANDS
        assert hook["language"] == "python"
        assert re.search(hook["files"], f"{hook['args'][0]}/ir-1400-spring.yaml")
        assert not re.search(hook["files"], ".github/workflows/test.yaml")


def test_the_hooks_that_the_documentation_names_exist():
    page = (ROOT / "docs" / "how-to" / "edit-with-completion.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```yaml\n(repos:.*?)^```$", page, re.MULTILINE | re.DOTALL)
    named = {hook["id"] for hook in yaml.safe_load(example)["repos"][0]["hooks"]}
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert named == {hook["id"] for hook in hooks}


def test_a_file_that_is_protected_stays_and_is_not_said_to_be_laid_out(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(ROUGH)
    path.chmod(0o444)
    done = run(path)
    assert done.exit_code == 2
    assert "protected against writing" in done.stderr
    assert done.stdout == "Laid out anew: 0 of 1\n"
    assert path.read_text() == ROUGH
