"""What the parts of a scorecard share: agencies, titles of nodes, and columns of numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from egovrules.html.card.compact import Column, Format, Lexicon, listed, units, worded
from egovrules.report.blocks import percent
from egovrules.report.summary import decimals_of
from egovrules.report.tree import labels
from egovrules.result import Evaluation, NodeInfo
from egovrules.text import LANGUAGES, format_number


@dataclass(frozen=True)
class Telling:
    """One evaluation, and the texts that are told of it.

    Attributes:
        evaluation: What is told.
        lexicon: Where its texts go.
    """

    evaluation: Evaluation
    lexicon: Lexicon

    @cached_property
    def decimals(self) -> int:
        """How many a score is shown with."""
        return decimals_of(self.evaluation.manifest.ruleset)

    @cached_property
    def agencies(self) -> pl.DataFrame:
        """The table of agencies, by code."""
        return self.evaluation.agencies.sort("agency")

    @cached_property
    def nodes(self) -> Mapping[str, NodeInfo]:
        """The nodes of the tree by id, parents first."""
        return {one.id: one for one in self.evaluation.manifest.tree}

    @cached_property
    def titles(self) -> Mapping[str, list[str]]:
        """Every node's title in every language; its id beside it where several share one."""
        called = [labels(self.nodes.values(), language) for language in LANGUAGES]
        return {key: [one[key] for one in called] for key in self.nodes}

    def word(self, message: str, **values: Any) -> int:
        """Return the entry of a message."""
        return self.lexicon.told(message, **values)

    def node(self, node: str) -> int:
        """Return the entry of a node's title."""
        return self.lexicon.words(self.titles[node])

    def per_agency(self, rows: int) -> dict[str, tuple[int, int]]:
        """Tell where the rows of each agency stand, if all have as many."""
        codes = self.agencies.get_column("agency")
        return {code: (n * rows, (n + 1) * rows) for n, code in enumerate(codes)}

    def shares(self, heading: str, shares: pl.Series) -> Column:
        """Show shares in per cent."""
        words = {
            one: self.lexicon.number(percent(one, "en"))
            for one in shares.unique(maintain_order=True)
        }
        return worded(self.word(heading), [words[one] for one in shares], numeric=True)

    def counts(self, heading: str, counts: pl.Series) -> Column:
        """Show counts, places and ranks."""
        return self._alike(heading, counts, None)

    def few(self, heading: str, points: pl.Series) -> Column:
        """Show points of which many agencies have the same."""
        return self._alike(heading, points, self.decimals)

    def _alike(self, heading: str, numbers: pl.Series, decimals: int | None) -> Column:
        words = {one: self.printed(one, decimals) for one in numbers.unique(maintain_order=True)}
        return worded(self.word(heading), [words[one] for one in numbers], numeric=True)

    def points(self, heading: str, points: pl.Series, *, signed: bool = False) -> Column:
        """Show points, which nearly all differ."""
        cells = units(points, self.decimals)
        form: Format = "+" if signed else ""
        return listed(self.word(heading), cells, decimals=self.decimals, form=form)

    def printed(self, value: float | None, decimals: int | None, *, signed: bool = False) -> int:
        """Return the entry of a number."""
        return self.lexicon.number(format_number(value, "en", decimals, signed=signed))
