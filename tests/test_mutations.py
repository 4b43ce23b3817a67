"""Mutated rulesets raise nothing but our own error, and every problem has words and a place.

Bytes, lines and words of the shipped rulesets are lost, doubled, exchanged and moved, by fixed
seeds. All files are read and checked for their form; those that pass, and a part of the others,
are bound to the plugins, and what can be used is looked at by ``lint``, as `egovrules check` does.
"""

import os
import random
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from egovrules import _yaml
from egovrules._validation import validate
from egovrules.errors import RulesetError
from egovrules.lint import lint
from egovrules.plugins import Registry
from egovrules.rehearsal import rehearse
from egovrules.ruleset import bind
from egovrules.schema import RulesetFile

ROOT = Path(__file__).parents[1]
FUZZ = int(os.environ.get("EGOVRULES_FUZZ", "1"))
REGISTRY = Registry.installed()
SHIPPED = [
    path.read_text(encoding="utf-8")
    for path in sorted(ROOT.glob("rulesets/*.yaml"))
    if path.name.count(".") == 1
]
NEEDED = ("schema:", "id:", "title:", "axes:")
JARGON = re.compile(r"pydantic|validation error|Input|Traceback|NoneType|_type\b")

CHARACTERS = [
    *"-:[]{}&*!|>'\"#%@`,?~=<\\/ \n\t\r0a.é",
    *(
        "۵",
        "٫",
        "가",
        "😀",
        "\u0301",
        "\u200c",
        "\u200f",
        "\u00a0",
        "\u3000",
        "\ufeff",
        "\0",
        "\x85",
    ),
]
ODD_BYTES = [b"\xff", b"\x80", b"\xd8\x00", b"\xef\xbb\xbf", b"\0", b"\r\n", b"\xc2"]
ODD_WORDS = [
    *("-1", "0", "0.5", "1e309", ".nan", "1/0", "1/3", "010", "no", "null", "~", "true", "[]"),
    *(
        "{}",
        '""',
        "'x'",
        "12:30",
        "1400-07-01",
        "۲۵",
        "999999999999999999999",
        "9" * 400,
        "x" * 600,
    ),
    *("not", "in", "is missing", "/ 0", "(", ")", "**", "'", '"', "{total}", "{", "total", "rank"),
    *(
        "services",
        "agencies",
        "with",
        "use",
        "when",
        "weight",
        "extends",
        "<<",
        "---",
        "core.value",
    ),
]
WORD = re.compile(r"[^\s:,\[\]{}\"']+")
POOL = sorted({word for text in SHIPPED for word in WORD.findall(text)} | set(ODD_WORDS))


def blocks(text, indent=""):
    """Split a text where a key stands at an indentation."""
    return [part for part in re.split(rf"^(?={indent}[\w])", text, flags=re.MULTILINE) if part]


def excerpt(source):
    """Return a part of a shipped ruleset: what is needed, one or two axes, and some sections."""
    text = source.choice(SHIPPED)
    parts = []
    for part in blocks(re.sub("(?m)^#.*\n", "", text)):
        if part.startswith("axes:"):
            head, *axes = blocks(part, "  ")
            parts += [head, *source.sample(axes, min(len(axes), source.randint(1, 2)))]
        elif part.startswith(NEEDED) or source.random() < 0.4:
            parts.append(part)
    return "".join(parts)


def with_other_characters(text, source):
    at = source.randrange(len(text))
    choice = source.random()
    if choice < 0.4:
        return text[:at] + source.choice(CHARACTERS) + text[at + 1 :]
    if choice < 0.7:
        return text[:at] + source.choice(CHARACTERS) + text[at:]
    return text[:at] + text[at + source.randint(1, 20) :]


def with_other_lines(text, source):
    lines = text.split("\n")
    at, other = source.randrange(len(lines)), source.randrange(len(lines))
    choice = source.randrange(7)
    if choice == 0:
        del lines[at]
    elif choice == 1:
        lines.insert(other, lines[at])
    elif choice == 2:
        lines[at], lines[other] = lines[other], lines[at]
    elif choice == 3:
        lines[at] = " " * source.randint(1, 3) + lines[at]
    elif choice == 4:
        lines[at] = lines[at][source.randint(1, 3) :]
    elif choice == 5:
        lines[at : at + 2] = [" ".join(lines[at : at + 2])]
    else:
        lines[at:at] = source.choice(SHIPPED).split("\n")[other : other + source.randint(1, 6)]
    return "\n".join(lines)


def with_other_words(text, source):
    words = list(WORD.finditer(text))
    if not words:
        return text
    found = source.choice(words)
    choice = source.random()
    if choice < 0.5:
        word = source.choice(POOL)
    elif choice < 0.7:  # a slip of the finger
        word = list(found[0])
        at = source.randrange(len(word))
        word[at : at + 2] = word[at : at + 2][::-1] if source.random() < 0.5 else []
        word = "".join(word)
    elif choice < 0.85:
        word = f"{found[0]} {source.choice(POOL)}"
    else:
        word = source.choice(ODD_WORDS)
    return text[: found.start()] + word + text[found.end() :]


def mutated(source):
    text = excerpt(source)
    ways = [with_other_characters, with_other_lines, with_other_words, with_other_words]
    for _ in range(source.randint(1, 3)):
        text = source.choice(ways)(text, source) if text else text
    content = text.encode()
    if source.random() < 0.05:
        at = source.randrange(len(content) + 1)
        content = content[:at] + source.choice(ODD_BYTES) + content[at:]
    return content


def check_problems(problems, content):
    lines = content.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for one in problems:
        assert one.message
        assert str(one).startswith("r.yaml")
        assert not JARGON.search(f"{one.message} {one.hint}")
        if one.line is not None:
            assert 1 <= one.line <= len(lines)
            assert 1 <= one.column <= len(lines[one.line - 1]) + 2


@cache
def rehearsed(kind, parameters):
    return rehearse(kind.model_validate_json(parameters))


@pytest.fixture
def _rehearsed_once(monkeypatch):
    monkeypatch.setattr(
        "egovrules.binding.criteria.rehearse",
        lambda one: rehearsed(type(one), one.model_dump_json()),
    )


@pytest.mark.usefixtures("_rehearsed_once")
def test_mutated_rulesets_raise_nothing_but_our_error():
    source = random.Random(1400)  # noqa: S311 - a seeded choice, no secret
    told = Counter()
    for number in range(15_000 * FUZZ):
        content = mutated(source)
        try:
            document = _yaml.parse(content, "r.yaml")
        except RulesetError as error:
            told["not read"] += 1
            check_problems(error.problems, content)
            continue
        try:
            validate(RulesetFile, document)
        except RulesetError as error:
            told["of a wrong form"] += 1
            check_problems(error.problems, content)
        else:
            told["of the right form"] += 1
        if number % 4:
            continue
        try:
            ruleset = bind(document, REGISTRY)
        except RulesetError as error:
            told["not bound"] += 1
            check_problems(error.problems, content)
        else:
            told["bound"] += 1
            check_problems((*ruleset.warnings, *lint(ruleset)), content)
            assert len(ruleset.digest + ruleset.method_digest) == 128
    assert told["not read"] + told["of a wrong form"] + told["of the right form"] >= 15_000 * FUZZ
    assert told["bound"] + told["not bound"] >= 1_500 * FUZZ
    assert min(told.values()) > 100 * FUZZ, told
