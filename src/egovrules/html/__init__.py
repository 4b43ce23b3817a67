"""The report: one file that opens offline, in Persian and English, for people who would look.

Light to import, since every listing of plugins imports it: templates and charts are loaded when
a report is written.
"""

from collections.abc import Iterable
from importlib import import_module
from typing import Any

from egovrules.errors import EvaluationError
from egovrules.hookspecs import hookimpl
from egovrules.reports import Report


class HtmlReport(Report):
    """The national page and every agency's scorecard; or one agency's scorecard alone."""

    id = "html"
    title = {"en": "Report in one HTML file", "fa": "گزارش در یک فایل HTML"}
    suffix = ".html"

    agency: str | None = None
    """Code or name of the one agency whose scorecard is written; left out, all are."""
    dossier: bool = False
    """Whether the regulator's dossier is added: findings, links that are not live, digests."""

    def write(self, evaluation: Any, *, language: str) -> bytes:
        """Return the page in *language*; that of all agencies holds the other language as well."""
        if self.agency is not None and self.dossier:
            raise EvaluationError.of(
                "the dossier is about all agencies, and one was asked for",
                hint="leave out --agency, or else --dossier",
            )
        if self.agency is not None:
            single = import_module("egovrules.html.single")
            card: bytes = single.agency_page(evaluation, self.agency, language)
            return card
        page = import_module("egovrules.html.page")
        written: bytes = page.write(evaluation, language, with_dossier=self.dossier)
        return written

    def notebook(self, evaluation: Any, *, language: str) -> str:
        """Return the ranking as a plain table, and the page in a frame below it."""
        page = import_module("egovrules.html.page")
        shown: str = page.notebook(evaluation, language)
        return shown


@hookimpl
def egovrules_reports() -> Iterable[type[Report]]:
    """Bring the report."""
    return [HtmlReport]
