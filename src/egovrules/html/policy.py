"""The page's one style and one script, put together of their files, and the policy for them.

The policy (CSP) lets run and apply just these two, by their digests, and nothing from anywhere.
"""

import base64
import re
from functools import cache
from hashlib import sha256
from importlib.resources import files

STYLES = ("tokens", "page", "table", "chart", "card", "print")  # in this order: later wins
ENTRY = "main.js"
_IMPORT = re.compile(r'^import\s*\{[^}]*\}\s*from\s*"\./([\w-]+\.js)";\n', re.MULTILINE)
_COMMENTS = re.compile(r"^[ \t]*(?://[^\n]*|/\*(?:[^*]|\*(?!/))*\*/)[ \t]*\n", re.MULTILINE)
_INDENTATION = re.compile(r"^[ \t]+|^\n", re.MULTILINE)
_SPACED = re.compile(r"\s*([{},;])\s*")  # no text in a style sheet may have spaces beside these
_EXPORT = re.compile(r"^export (?=(?:async )?function|const|let|class)", re.MULTILINE)


@cache
def style() -> str:
    """Return all style sheets as one, with the font for Persian letters and digits in it."""
    sheets = "\n".join(_text("style", f"{name}.css") for name in STYLES)
    return _font() + _SPACED.sub(r"\1", sheets)


def _font() -> str:
    """Bring the font along: many machines have none that is fit for Persian.

    It is a subset of Vazirmatn (SIL Open Font License, beside it): Persian and Arabic letters,
    digits and signs, in weights 400 to 700.
    """
    font = files("egovrules.html").joinpath("style", "vazirmatn.woff2").read_bytes()
    return (
        '@font-face { font-family: "Vazirmatn"; font-weight: 400 700; '
        "unicode-range: U+0600-06FF, U+200C-200D; "
        f'src: url("data:font/woff2;base64,{base64.b64encode(font).decode()}") format("woff2"); }}'
    )


@cache
def script() -> str:
    """Return all modules that the entry needs as one, each after those that it imports.

    Modules are joined by taking off their import and export lines, so names at the top of a
    module must be unique among all of them; a test sees to that.
    """
    done: dict[str, str] = {}
    _gather(ENTRY, done)
    return "\n".join(done.values())


def _gather(name: str, done: dict[str, str]) -> None:
    text = _text("script", name)
    for needed in _IMPORT.findall(text):
        if needed not in done:
            _gather(needed, done)
    done[name] = _EXPORT.sub("", _IMPORT.sub("", text))


def _text(folder: str, name: str) -> str:
    """Read a file without indentation and the comments that have lines of their own.

    They are a third of the script. No text in a script may go over several lines.
    """
    text = files("egovrules.html").joinpath(folder, name).read_text(encoding="utf-8")
    return _INDENTATION.sub("", _COMMENTS.sub("", text))


def policy(*, scripted: bool = True) -> str:
    """Return the Content-Security-Policy of the page.

    Args:
        scripted: Whether the page has its script; without one, none may run.
    """
    allowed = f"script-src {_digest(script())}; " if scripted else ""
    return (
        f"default-src 'none'; {allowed}style-src {_digest(style())}; font-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"
