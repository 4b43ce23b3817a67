"""Every agency's scorecard, part by part, for all agencies at once and in few characters.

Headline figures, findings to act on, the tree with the weight that missing data shifted, peers of
its kind, the last period, what would help most, services, indicators, caps and findings.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from markupsafe import escape

from egovrules.html.card.answers import answers_of_agencies, answers_part
from egovrules.html.card.compact import Lexicon, Part
from egovrules.html.card.notes import Lines, notes_of_agencies
from egovrules.html.card.peers import advised, changed, compared
from egovrules.html.card.services import services_part
from egovrules.html.card.telling import Telling
from egovrules.html.card.tree import headline, weighed
from egovrules.html.payload import as_json
from egovrules.plugins import Registry
from egovrules.result import Evaluation

_LABELS = {"comma": ",", "semicolon": ";"}


@dataclass(frozen=True)
class Cards:
    """The scorecards of all agencies.

    Attributes:
        lexicon: Their texts.
        parts: The parts, in the order in which they are shown.
        codes: The agencies.
        scale: The lowest and the highest score.
    """

    lexicon: Lexicon
    parts: Sequence[Part]
    codes: Sequence[str]
    scale: Sequence[float]

    @property
    def layout(self) -> dict[str, Any]:
        """Return what the page must know once: ``words``, ``parts``, ``labels``, ``scale``."""
        labels = {key: self.lexicon.told(text) for key, text in _LABELS.items()}
        return {
            "words": self.lexicon.entries,
            "parts": [part.layout() for part in self.parts],
            "labels": labels,
            "scale": self.scale,
        }

    def of(self, agency: str) -> list[Any]:
        """Return one agency's data, part by part."""
        return [part.of(agency) for part in self.parts]


def card_scripts(made: Cards) -> str:
    """Return the data of every agency as ``script`` elements, read when a card is first opened."""
    return "\n".join(
        f'<script type="application/json" data-card="{escape(code)}">'
        f"{as_json(made.of(code))}</script>"
        for code in made.codes
    )


def cards(
    evaluation: Evaluation, *, agency: str | None = None, registry: Registry | None = None
) -> Cards:
    """Make the scorecards of all agencies, or that of one with all answers of its services.

    Args:
        evaluation: A fresh or a saved one.
        agency: The code of the only one that is wanted.
        registry: Where aggregations of plugins are found; the built-in ones need none.
    """
    telling = Telling(evaluation, Lexicon())
    lexicon, titles = telling.lexicon, telling.titles
    lines = notes_of_agencies(evaluation, titles)
    found = [
        headline(telling),
        _plain(lexicon, "urgent", lexicon.told("Findings to act on"), lines.urgent),
        weighed(telling),
        compared(telling),
        changed(telling),
        advised(telling, registry),
        *_services(telling, agency),
        answers_of_agencies(evaluation, lexicon, titles),
        _plain(lexicon, "caps", lexicon.told("Caps"), lines.caps),
        _plain(lexicon, "findings", lexicon.told("Findings"), lines.findings),
        _plain(lexicon, "treated", lexicon.told("Treated before scoring"), lines.treated),
    ]
    parts = [part for part in found if part is not None]
    codes = evaluation.agencies.get_column("agency").to_list()
    chosen = codes if agency is None else [agency]
    return Cards(lexicon, parts, chosen, evaluation.manifest.ruleset.scale)


def _services(telling: Telling, agency: str | None) -> list[Part | None]:
    """Show the services with their scores, and the answers behind them."""
    evaluation, lexicon = telling.evaluation, telling.lexicon
    table = evaluation.services.sort("agency", "service")
    if agency is not None:
        table = table.filter(pl.col("agency") == agency)
    if not table.height:
        return []
    whole = agency is not None
    return [
        services_part(evaluation, table, lexicon, telling.titles),
        answers_part(evaluation, table, lexicon, whole=whole),
    ]


def _plain(lexicon: Lexicon, name: str, title: int, lines: Lines) -> Part | None:
    """Make a part of lines alone."""
    return Part(name, title, (), {}, lines=lexicon.parted(lines)) if lines else None
