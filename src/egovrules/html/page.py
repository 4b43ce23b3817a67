"""The page put together: templates, style, script and data become one file.

The file holds the page in the language asked for, and the same in the other language in a
``template`` element, which the script exchanges for it.
"""

from functools import cache
from importlib.metadata import version
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from egovrules.html import policy, ranking
from egovrules.html.card import card_scripts, cards
from egovrules.html.dossier import dossier
from egovrules.html.national import national
from egovrules.html.payload import as_json, payload
from egovrules.html.verifying import verify_command, verify_note
from egovrules.html.words import Words
from egovrules.report.blocks import rank_of
from egovrules.report.plain import on_one_line
from egovrules.report.summary import marked, marks
from egovrules.result import Evaluation
from egovrules.text import pick

SHORT = 8  # hex digits of a digest that stand for it in the head and in links
FIRST = 10  # agencies that a notebook shows outside the frame
LARGEST = 4_000_000  # characters of a page that a notebook is burdened with


def write(evaluation: Evaluation, language: str, *, with_dossier: bool = False) -> bytes:
    """Return the page as UTF-8.

    Args:
        evaluation: What it reports.
        language: In which it opens.
        with_dossier: Whether the regulator's dossier is added.
    """
    words = Words.of(evaluation, language)
    other = Words.of(evaluation, words.other)
    made = cards(evaluation)
    data = payload(evaluation) | {"cards": made.layout}
    shown = (
        templates()
        .get_template("page.html")
        .render(
            w=words,
            head=head_of(evaluation, language),
            foot=foot_of(evaluation, language),
            other=other,
            other_head=head_of(evaluation, other.language),
            other_foot=foot_of(evaluation, other.language),
            policy=Markup(policy.policy()),  # noqa: S704 - digests
            style=Markup(policy.style()),  # noqa: S704 - our own files
            script=Markup(policy.script()),  # noqa: S704 - our own files
            body=_body(evaluation, words, data, told=with_dossier),
            other_body=_body(evaluation, other, data, told=with_dossier),
            data=Markup(as_json(data)),  # noqa: S704 - escaped there
            cards=Markup(card_scripts(made)),  # noqa: S704 - escaped there
        )
    )
    return shown.encode()


def notebook(evaluation: Evaluation, language: str) -> str:
    """Return the head of the ranking as a plain table, and the page in a frame below it.

    Notebooks that are not trusted take the frame away, and the table stays.
    """
    words = Words.of(evaluation, language)
    page = write(evaluation, language).decode()
    shown = (
        templates()
        .get_template("notebook.html")
        .render(
            t=words.t,
            title=title_of(evaluation, language),
            marks=[line.text for line in marks(language, evaluation)],
            count=evaluation.agencies.height,
            rows=[
                (rank_of(row, evaluation.manifest.ruleset.tied, language), words.name(row), total)
                for row in evaluation.agencies.head(FIRST).iter_rows(named=True)
                for total in [words.points(row["total"])]
            ],
            page=page if len(page) <= LARGEST else "",
        )
    )
    return str(shown)


def title_of(evaluation: Evaluation, language: str) -> str:
    """Return the title of a round."""
    info = evaluation.manifest.ruleset
    return on_one_line(pick(info.title, language, info.id))


def head_of(evaluation: Evaluation, language: str) -> str:
    """Return what a window, a tab and a list of links say: the marks, and the title."""
    mark, title = marked(evaluation, language), title_of(evaluation, language)
    return f"{mark} · {title}" if mark else title


def foot_of(evaluation: Evaluation, language: str, name: str = "") -> str:
    """Return what stands at the foot of every printed page, each part in its own direction.

    Args:
        evaluation: What it reports.
        language: Of the page.
        name: Of the agency, where the page is that of one.
    """
    info = evaluation.manifest.ruleset
    period = pick(info.period_title, language)
    parts = [name, head_of(evaluation, language), period, f"{info.id} {info.digest[:SHORT]}"]
    return " · ".join(f"\u2068{part}\u2069" for part in parts if part)


def told_everywhere(evaluation: Evaluation, words: Words) -> dict[str, Any]:
    """Return what templates say at the head and the foot of every page."""
    info = evaluation.manifest.ruleset
    return {
        "w": words,
        "t": words.t,
        "title": title_of(evaluation, words.language),
        "period": pick(info.period_title, words.language),
        "ruleset": info.id,
        "short": info.digest[:SHORT],
        "marks": [line.text for line in marks(words.language, evaluation)],
        "digests": evaluation.digests,
        "verify_command": verify_command(evaluation),
        "verify_note": verify_note(evaluation, words),
        "plugins": evaluation.manifest.plugins,
        # Where, and what; the line itself and what to do are for those who evaluate.
        "warnings": [on_one_line(one.partition("\n")[0]) for one in evaluation.manifest.warnings],
        "version": version("egovrules"),
    }


def _body(evaluation: Evaluation, words: Words, data: dict[str, Any], *, told: bool) -> Markup:
    """Render everything that differs by language."""
    info = evaluation.manifest.ruleset
    columns = ranking.columns(evaluation, words)
    text = (
        templates()
        .get_template("body.html")
        .render(
            **told_everywhere(evaluation, words),
            official=not info.settings,
            national=national(evaluation, words),
            columns=columns,
            rows=ranking.rows(evaluation, columns),
            weights=ranking.weights(evaluation, words) if data["total"]["adjustable"] else (),
            why=(data["total"]["why"] or {}).get(words.language, ""),
            kinds=data["kinds"],
            bands=data["bands"]["labels"] if data["bands"] else (),
            description=on_one_line(pick(info.description, words.language)),
            dossier=dossier(evaluation, words.language) if told else (),
        )
    )
    return Markup(text)  # noqa: S704 - rendered with escaping


@cache
def templates() -> Environment:
    """Return the templates, compiled when first used; what they print is escaped."""
    return Environment(
        loader=PackageLoader("egovrules.html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
