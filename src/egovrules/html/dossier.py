"""The regulator's dossier: what fired and by which rule, what does not add up, what was refused.

Every rule is named with its line in ``ruleset.yaml`` of the saved evaluation. Only what the
evaluation records is told: it has counts of links, and neither their status nor when they are due.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from egovrules import _yaml
from egovrules._yaml import Document, Loc
from egovrules.html.card.expanded import Heading, Shown
from egovrules.report.blocks import (
    Column,
    headed,
    message_column,
    name_of,
    number,
    percent_of,
    titled,
)
from egovrules.report.findings import GRAVEST_FIRST
from egovrules.report.plain import on_one_line
from egovrules.report.scorecard import STATUS
from egovrules.result import Evaluation
from egovrules.text import format_number, translate

FILE = "ruleset.yaml"  # of the saved evaluation
_LINKS = ("links_required", "links_live")


def dossier(evaluation: Evaluation, language: str) -> list[Shown]:
    """Collect what a regulator acts upon.

    Args:
        evaluation: What it is about.
        language: Of headings, names and digits.

    Returns:
        Parts, as those of a scorecard: rules that fired, every finding, reconciliations that
        fail, links that are not live, and answers that were refused. One that has nothing to
        tell says so in a line.
    """
    teller = _Teller(evaluation, language)
    return [
        teller.rules(),
        teller.findings(),
        teller.reconciliations(),
        teller.links(),
        teller.refused(),
    ]


class _Teller:
    """What the parts share."""

    def __init__(self, evaluation: Evaluation, language: str) -> None:
        self.evaluation, self.language = evaluation, language
        self.document: Document = _yaml.parse(evaluation.ruleset_text, FILE)
        self.names = {
            row["agency"]: on_one_line(name_of(row, language))
            for row in evaluation.agencies.iter_rows(named=True)
        }

    def t(self, message: str, **values: object) -> str:
        return translate(message, self.language, **values)

    def figure(self, value: float | None) -> str:
        return format_number(value, self.language)

    def part(
        self,
        name: str,
        title: str,
        columns: Sequence[Heading],
        rows: Sequence[Sequence[str]],
        *,
        nothing: str,
        note: str = "",
    ) -> Shown:
        """Make a part; without rows it says *nothing*."""
        notes = [note] if note and rows else []
        lines = [] if rows else [("quiet", nothing)]
        return Shown(name, title, columns, rows, [], [], [], [], notes, lines)

    def headed(self, *columns: str | Column) -> list[Heading]:
        made = headed(self.language, *columns)
        return [Heading(one.heading, one.numeric) for one in made]

    def place(self, loc: Loc) -> str:
        """Name the file and line of a rule."""
        line = self.document.problem(loc, "", at="key").line
        return f"{FILE}:{line}"

    def rules(self) -> Shown:
        """List every rule that fired, the gravest first, with its condition and its place."""
        rows = []
        for name, severity, count in self._fired():
            rule = self.document.data["findings"][name]
            rows.append(
                (
                    self._title(self.evaluation.manifest.findings, name),
                    self.t(severity),
                    self.figure(count),
                    on_one_line(rule["when"]),
                    self.place(("findings", name)),
                )
            )
        columns = self.headed("Finding", "Severity", number("Count"), "Condition", "Place")
        note = self.t("Places are lines of the file {file} in the saved evaluation.", file=FILE)
        return self.part(
            "rules",
            self.t("Rules that fired"),
            columns,
            rows,
            nothing=self.t("No rule fired."),
            note=note,
        )

    def _fired(self) -> list[tuple[str, str, int]]:
        counts = self.evaluation.findings.group_by("finding", "severity").len().rows()
        return sorted(counts, key=lambda row: (GRAVEST_FIRST.index(row[1]), row[0]))

    def _title(self, titles: Mapping[str, object], name: str) -> str:
        known = titles.get(name)
        return on_one_line(titled(getattr(known, "title", None), name, self.language))

    def findings(self) -> Shown:
        """List every finding."""
        order = {name: (place, severity) for place, (name, severity, _) in enumerate(self._fired())}
        table = self.evaluation.findings.sort(
            pl.col("finding").replace_strict(
                {name: place for name, (place, _) in order.items()}, return_dtype=pl.Int64
            ),
            "agency",
            "subject",
        )
        rows = [
            (
                self._title(self.evaluation.manifest.findings, row["finding"]),
                self.names.get(row["agency"], row["agency"]),
                row["subject"],
                on_one_line(row[message_column(self.language)]),
                self.place(("findings", row["finding"])),
            )
            for row in table.iter_rows(named=True)
        ]
        columns = self.headed("Finding", "Agency", "Code", "Message", "Place")
        return self.part(
            "fired", self.t("Findings"), columns, rows, nothing=self.t("There are no findings.")
        )

    def reconciliations(self) -> Shown:
        """List the totals that their parts do not add up to."""
        rows = [
            (
                self._title(self.evaluation.manifest.reconciliations, row["reconciliation"]),
                self.t(row["severity"]),
                self.figure(row["total"]),
                self.figure(row["parts"]),
                self.figure(row["gap"]),
                percent_of(row["gap"], row["total"], self.language),
                self.place(("reconcile", row["reconciliation"])),
            )
            for row in self.evaluation.reconciliations.filter(~pl.col("holds")).iter_rows(
                named=True
            )
        ]
        columns = self.headed(
            "Reconciliation",
            "Severity",
            *(number(one) for one in ("Total", "Sum of the parts", "Difference", "Share of it")),
            "Place",
        )
        checked = self.evaluation.reconciliations.height > 0
        nothing = "Everything that is checked adds up." if checked else "No sums are checked."
        title = self.t("What does not add up")
        return self.part("gaps", title, columns, rows, nothing=self.t(nothing))

    def links(self) -> Shown:
        """Count by agency the links that should be live and are not."""
        inputs = self.evaluation.inputs.get("services", pl.DataFrame())
        title = self.t("Links that are not live")
        if not set(_LINKS) <= set(inputs.columns):
            nothing = self.t("No counts of links are recorded.")
            return self.part("links", title, (), (), nothing=nothing)
        own = inputs.join(self.evaluation.services.select(code="service"), on="code", how="semi")
        table = own.group_by("agency").agg(pl.col(_LINKS).sum())
        table = table.with_columns(lacking=pl.col("links_required") - pl.col("links_live"))
        table = table.filter(pl.col("lacking") > 0).sort(
            ["lacking", "agency"], descending=[True, False]
        )
        rows = [
            (
                self.names.get(row["agency"], row["agency"]),
                row["agency"],
                *(self.figure(row[key]) for key in (*_LINKS, "lacking")),
            )
            for row in table.iter_rows(named=True)
        ]
        heads = [number(one) for one in ("Links required", "Links live", "Not live")]
        note = self.t(
            "An evaluation records how many links there are, and neither which of them were "
            "refused nor when they are due: look these up in the dataset's table of links."
        )
        columns = self.headed("Agency", "Code", *heads)
        nothing = self.t("No link that is required is known not to be live.")
        return self.part("links", title, columns, rows, nothing=nothing, note=note)

    def refused(self) -> Shown:
        """Count by agency the answers that were refused, its own and those on its services."""
        counts: dict[str, list[int]] = {}
        scope = {"agencies": "agency", "services": "service"}
        for place, (name, code) in enumerate(scope.items()):
            inputs = self.evaluation.inputs.get(name, pl.DataFrame())
            statuses = [column for column in inputs.columns if column.endswith(STATUS)]
            if not statuses:
                continue
            own = inputs.join(
                getattr(self.evaluation, name).select(code=code), on="code", how="semi"
            )
            refused = pl.sum_horizontal(
                (pl.col(column) == "refused").fill_null(value=False) for column in statuses
            )
            owner = pl.col("code" if name == "agencies" else "agency").alias("owner")
            found = own.select(owner, refused.alias("n")).group_by("owner").agg(pl.col("n").sum())
            for agency, count in found.filter(pl.col("n") > 0).iter_rows():
                counts.setdefault(agency, [0, 0])[place] = count
        rows = [
            (self.names.get(agency, agency), agency, self.figure(own_), self.figure(on_services))
            for agency, (own_, on_services) in sorted(
                counts.items(), key=lambda one: (-sum(one[1]), one[0])
            )
        ]
        heads = [number("Of the body itself"), number("On its services")]
        columns = self.headed("Agency", "Code", *heads)
        nothing = self.t("No answer is recorded as refused.")
        return self.part("refused", self.t("Answers refused"), columns, rows, nothing=nothing)
