"""One agency's scorecard as a file of its own: to be sent, printed, and read without scripts."""

from markupsafe import Markup

from egovrules.explanation import find_agency
from egovrules.html import policy
from egovrules.html.card import cards
from egovrules.html.card.expanded import Shown, expanded
from egovrules.html.charts import Number, Peer, agency_and_peers
from egovrules.html.page import foot_of, head_of, templates, told_everywhere
from egovrules.html.words import Words
from egovrules.report.blocks import worded
from egovrules.result import Evaluation
from egovrules.text import latin_digits


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
    text = (
        templates()
        .get_template("agency.html")
        .render(
            **told_everywhere(evaluation, words),
            head=f"{words.name(row)} · {head_of(evaluation, language)}",
            foot=foot_of(evaluation, language, words.name(row)),
            name=words.name(row),
            code=row["agency"],
            kind=worded(row["kind"], language) if row.get("kind") else "",
            shown=shown,
            peers=_peers(evaluation, words, words.name(row), shown),
            policy=Markup(policy.policy(scripted=False)),  # noqa: S704 - digests
            style=Markup(policy.style()),  # noqa: S704 - our own file
        )
    )
    return text.encode()


def _peers(evaluation: Evaluation, words: Words, name: str, shown: list[Shown]) -> object:
    """Draw the agency beside its kind, with the numbers of the part that tells of them."""
    part = next(one for one in shown if one.id == "peers")
    peers = []
    for title, *numbers in part.rows:
        own, _, low, middle, high, *_ = map(_number, numbers)
        peers.append(Peer(title, own, low, middle, high))
    scale = evaluation.manifest.ruleset.scale
    return agency_and_peers(part.title, name, peers, scale=scale, language=words.language)


def _number(printed: str) -> Number:
    """Take a number as it is printed: that is what a drawing shows."""
    plain = latin_digits(printed).replace(",", "")
    try:
        return Number(float(plain), printed)
    except ValueError:
        return Number(None, printed)
