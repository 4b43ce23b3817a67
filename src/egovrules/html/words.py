"""What the page says in one language: texts, numbers as printed, names kept apart from them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from markupsafe import Markup, escape

from egovrules.report.blocks import name_of, percent, percent_of, titled
from egovrules.report.plain import on_one_line
from egovrules.report.summary import decimals_of
from egovrules.result import Evaluation
from egovrules.text import LANGUAGES, Localised, direction, fill, format_number, translate

ROUNDED = "Parts are printed rounded: their sum may differ from the total in the last digit."
_AGENCY = Markup('<a data-agency-link="{}" href="#agency={}"><bdi>{}</bdi></a>')


@lru_cache(maxsize=10_000)
def _legible(name: str) -> str:
    """Return a name without what steers; a page says each name several times."""
    return on_one_line(name)


@dataclass(frozen=True)
class Words:
    """The words and digits of a language.

    Attributes:
        language: Its code.
        decimals: How many a score is shown with.
    """

    language: str
    decimals: int

    @classmethod
    def of(cls, evaluation: Evaluation, language: str) -> "Words":
        """Take the decimals from the evaluation."""
        return cls(language, decimals_of(evaluation.manifest.ruleset))

    @property
    def direction(self) -> str:
        """``rtl`` or ``ltr``."""
        return direction(self.language)

    @property
    def other(self) -> str:
        """The language that the page can be switched to."""
        return next(one for one in LANGUAGES if one != self.language)

    @property
    def other_name(self) -> str:
        """The name of that language, as it calls itself."""
        return {"en": "English", "fa": "فارسی"}[self.other]

    def t(self, message: str, **values: object) -> str:
        """Translate a message that bears no names; see :meth:`say` for those that do."""
        return translate(message, self.language, **values)

    def say(self, message: str, **values: object) -> Markup:
        """Translate a message as HTML; texts put into it stand apart, whatever their direction."""
        template = str(escape(translate(message, self.language)))
        shown = {
            key: Markup("<bdi>{}</bdi>").format(value) if isinstance(value, str) else value
            for key, value in values.items()
        }
        return Markup(fill(template, shown, self.language))  # noqa: S704 - escaped above

    def number(self, value: float | None, decimals: int | None = None) -> str:
        """Show a number."""
        return self._signed(format_number(value, self.language, decimals))

    def points(self, value: float | None) -> str:
        """Show a score with the decimals of scores."""
        return self._signed(format_number(value, self.language, self.decimals))

    def growth(self, value: float | None) -> str:
        """Show points won or lost."""
        return self._signed(format_number(value, self.language, self.decimals, signed=True))

    @staticmethod
    def _signed(printed: str) -> str:
        """Write the minus of a page as such (U+2212), and not as a hyphen."""
        return printed.replace("-", "\u2212")

    def places(self, places: float | None) -> str:
        """Show places won or lost, with an arrow: ▲ 3, ▼ 2."""
        if not places:
            return format_number(None if places is None else 0, self.language)
        return f"{'▲' if places > 0 else '▼'} {self.number(abs(int(places)))}"

    def percent(self, share: float | None, decimals: int = 1) -> str:
        """Show a share (0 to 1) in per cent."""
        return percent(share, self.language, decimals)

    def percent_of(self, part: float, whole: float | None) -> str:
        """Show in per cent what a part is of a whole."""
        return percent_of(part, whole, self.language)

    def title(self, title: Localised | Mapping[str, str] | None, name: str) -> str:
        """Show a title, or the name that stands for it."""
        return on_one_line(titled(title, name, self.language))

    def name(self, row: Mapping[str, Any]) -> str:
        """Show the name of an agency or service."""
        return _legible(name_of(row, self.language))

    def agency(self, row: Mapping[str, Any]) -> Markup:
        """Show an agency's name, leading to its scorecard."""
        code = str(row["agency"])
        return _AGENCY.format(code, quote(code), self.name(row))

    def joined(self, parts: Iterable[Markup]) -> Markup:
        """Join names in a sentence."""
        return Markup("{} ").format(self.t(";")).join(parts)
