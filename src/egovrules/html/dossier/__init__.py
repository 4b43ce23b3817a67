"""The regulator's dossier: what fired and by which rule, what does not add up, what was refused.

Every rule is named with its line in ``ruleset.yaml`` of the saved evaluation. Only what the
evaluation records is told; those of earlier versions have counts of links, and not the links.
"""

from egovrules.html.card.expanded import Shown
from egovrules.html.dossier.answers import counted_answers, refused_answers
from egovrules.html.dossier.fired import findings, reconciliations, rules
from egovrules.html.dossier.links import counted_links, overdue_links, refused_links
from egovrules.html.dossier.telling import Teller
from egovrules.result import Evaluation


def dossier(evaluation: Evaluation, language: str) -> list[Shown]:
    """Collect what a regulator acts upon.

    Args:
        evaluation: What it is about.
        language: Of headings, names, dates and digits.

    Returns:
        Parts, as those of a scorecard: rules that fired, every finding, reconciliations that
        fail; links that are not live, by agency, and one by one those that were refused and those
        that are overdue; answers that were refused, by agency and one by one. One that has nothing
        to tell says so in a line; where links are not recorded, there are no lists of them.
    """
    teller = Teller(evaluation, language)
    links = (refused_links, overdue_links) if "links" in evaluation.inputs else ()
    parts = (rules, findings, reconciliations, counted_links, *links, counted_answers)
    return [*(part(teller) for part in parts), *refused_answers(teller)]
