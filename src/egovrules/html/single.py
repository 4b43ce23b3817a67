"""One agency's scorecard as a file of its own: to be sent, printed, and read without scripts."""

from importlib.metadata import version

from markupsafe import Markup

from egovrules.explanation import find_agency
from egovrules.html import policy
from egovrules.html.card import cards
from egovrules.html.card.expanded import Shown, expanded
from egovrules.html.charts import Number, Peer, agency_and_peers
from egovrules.html.page import SHORT, head_of, templates, title_of
from egovrules.html.payload import top_axes
from egovrules.html.verifying import verify_command, verify_note
from egovrules.html.words import Words
from egovrules.report.plain import on_one_line
from egovrules.report.summary import marks
from egovrules.result import Evaluation
from egovrules.text import latin_digits, pick, translate


def agency_page(evaluation: Evaluation, agency: str, language: str) -> bytes:
    """Return one agency's page as UTF-8.

    Args:
        evaluation: What it reports.
        agency: The agency's code, or one of its names.
        language: Of the page.

    Raises:
        EvaluationError: There is no such agency, or several are called so.
    """
    row, words = find_agency(evaluation, agency), Words.of(evaluation, language)
    made = cards(evaluation, agency=row["agency"])
    shown = expanded(made.layout, made.of(row["agency"]), language)
    info = evaluation.manifest.ruleset
    text = (
        templates()
        .get_template("agency.html")
        .render(
            w=words,
            t=words.t,
            title=title_of(evaluation, language),
            head=head_of(evaluation, language),
            name=words.name(row),
            code=row["agency"],
            kind=translate(row["kind"].replace("_", " "), language) if row.get("kind") else "",
            period=pick(info.period_title, language),
            ruleset=info.id,
            short=info.digest[:SHORT],
            marks=[line.text for line in marks(language, evaluation)],
            shown=shown,
            peers=_peers(evaluation, words, words.name(row), shown),
            digests=evaluation.digests,
            verify_command=verify_command(evaluation),
            verify_note=verify_note(evaluation, words),
            plugins=evaluation.manifest.plugins,
            warnings=[on_one_line(one.message) for one in evaluation.warnings],
            version=version("egovrules"),
            policy=Markup(policy.policy(scripted=False)),  # noqa: S704 - digests
            style=Markup(policy.style()),  # noqa: S704 - our own file
        )
    )
    return text.encode()


def _peers(evaluation: Evaluation, words: Words, name: str, shown: list[Shown]) -> object:
    """Draw the agency beside its kind, with the numbers of the part that tells of them."""
    part = next(one for one in shown if one.id == "peers")
    peers = []
    ids = ["total", *(axis.id for axis in top_axes(evaluation))]
    for node, row in zip(ids, part.rows, strict=True):
        own, _, low, middle, high = (_number(text) for text in row[1:6])
        peers.append(Peer(node, row[0], own, low, middle, high))
    scale = evaluation.manifest.ruleset.scale
    return agency_and_peers(part.title, name, peers, scale=scale, language=words.language)


def _number(printed: str) -> Number:
    """Take a number as it is printed: that is what a drawing shows."""
    plain = latin_digits(printed).replace(",", "")
    try:
        return Number(float(plain), printed)
    except ValueError:
        return Number(None, printed)
