"""What the engine's own columns mean: kind, heading, meaning; by table and column."""

from typing import Literal

Kind = Literal[
    "code", "text", "word", "flag", "count", "rank", "places", "points", "change", "share", "number"
]
Known = tuple[Kind, str, str]

_CODE: Known = ("code", "Agency code", "Code of the agency")
_NAMES: dict[str, Known] = {
    "name": ("text", "Name", "Name, in whichever language there is one"),
    "name_en": ("text", "Name in English", ""),
    "name_fa": ("text", "Name in Persian", ""),
}
_STATE: Known = (
    "word",
    "State",
    "Scored, missing (it should be known and is not) or not applicable",
)
_COVERAGE: Known = (
    "share",
    "Coverage",
    "Share of the applicable weight that could be assessed",
)
_SEVERITY: Known = ("word", "Severity", "Error, warning or information")
_OF: Known = ("word", "About", "Whether agencies or services are meant")
_SUBJECT: Known = ("code", "Subject", "Code of the agency or service")

KNOWN: dict[str, dict[str, Known]] = {
    "agencies": {
        "agency": _CODE,
        **_NAMES,
        "rank": ("rank", "Rank", "Place by the total, 1 for the best; none where not ranked"),
        "rank_label": ("text", "Rank as printed", "With the mark of ranks that several share"),
        "total": ("points", "Total", "Score at the root of the tree"),
        "coverage": _COVERAGE,
        "growth": ("change", "Growth", "Total less that of the earlier evaluation"),
        "rank_growth": ("places", "Places won", "Earlier rank less the rank now"),
        "previous_total": ("points", "Previous total", "Total in the earlier evaluation"),
        "previous_rank": ("rank", "Previous rank", "Rank in the earlier evaluation"),
        "continuity": (
            "word",
            "Continuity",
            "How the agency relates to the earlier evaluation: same, renamed, merged, split, new",
        ),
        "state": _STATE,
        "kind": ("word", "Kind", "What sort of body it is"),
        "is_main": ("flag", "Main body", "Whether it is one of the main bodies"),
        "parent": ("code", "Parent", "Code of the agency that it belongs to"),
        "predecessors": ("text", "Predecessors", "Codes of the bodies that it continues"),
        "services": ("count", "Number of services", "Services in scope"),
    },
    "nodes": {
        "node": ("code", "Node", "Path of the axis or criterion in the ruleset"),
        "parent": ("code", "Parent node", "The node that it counts towards"),
        "kind": ("word", "Kind", "Total, axis, criterion, or the mean of the services"),
        "title": ("text", "Title", "What the node is called"),
        "weight": ("number", "Weight", "What it counts among its siblings, in any unit"),
        "missing": ("word", "Missing data", "What the parent makes of it without a score"),
        "level": ("word", "Level", "Whether services or agencies are scored by it"),
        "criterion": ("code", "Criterion used", "The criterion that scores it"),
        "aggregation": ("word", "Aggregation", "How its children are brought together"),
        "normalisation": ("word", "Normalisation", "How values are brought to the scale"),
        "direction": ("word", "Direction", "Whether more is better (up) or worse (down)"),
        "formula": ("text", "Formula", "How the criterion makes a score"),
    },
    "criteria": {
        "agency": _CODE,
        "name": ("text", "Name", "Name of the agency"),
        "node": ("code", "Node", "Path of the axis or criterion in the ruleset"),
        "title": ("text", "Title", "What the node is called"),
        "weight": ("number", "Weight", "What it counts among its siblings, in any unit"),
        "share": ("share", "Share", "Part of the parent's weight that it carries"),
        "score": ("points", "Score", "What counts, after caps and policies"),
        "rank": ("rank", "Rank", "Place at this node among the agencies that are ranked"),
        "rank_label": ("text", "Rank as printed", "With the mark of ranks that several share"),
        "raw": ("points", "Raw score", "Before the policy for missing data"),
        "uncapped": ("points", "Uncapped score", "Before caps"),
        "value": ("number", "Value", "Of the criterion, before it is normalised"),
        "coverage": _COVERAGE,
        "state": _STATE,
        "contribution": ("points", "Contribution", "Share times score, where these add up"),
        "cap": ("text", "Cap", "Path of the cap that bounded the score"),
        "scored": ("count", "Services scored", ""),
        "missing": ("count", "Services without data", ""),
        "not_applicable": ("count", "Services that it does not apply to", ""),
    },
    "services": {
        "service": ("code", "Service code", "Code of the service"),
        "agency": _CODE,
        **_NAMES,
        "weight": ("number", "Weight", "What the service counts in its agency's mean"),
    },
    "bands": {
        "band": ("code", "Band", "Name of the banding in the ruleset"),
        "title": ("text", "Title", ""),
        "of": _OF,
        "label": ("word", "Label", "Which band it is"),
        "count": ("count", "Count", "Agencies or services in it"),
        "share_of_all": ("share", "Share of all", "Denominator: all, assessed or not"),
        "share_of_assessed": ("share", "Share of assessed", "Denominator: those with a value"),
    },
    "lists": {
        "list": ("code", "List", "Name of the list in the ruleset"),
        "title": ("text", "Title", ""),
        "of": _OF,
        "position": ("rank", "Position", "Place in the list"),
        "subject": _SUBJECT,
        "agency": _CODE,
        "name": ("text", "Name", "Name of the agency or service"),
        "value": ("number", "Value", "What the list is ordered by"),
    },
    "findings": {
        "finding": ("code", "Finding", "Name of the rule that fired"),
        "title": ("text", "Title", ""),
        "severity": _SEVERITY,
        "of": _OF,
        "subject": _SUBJECT,
        "name": ("text", "Name", "Name of the agency or service"),
        "agency": _CODE,
        "message": ("text", "Message", ""),
        "message_en": ("text", "Message in English", ""),
        "message_fa": ("text", "Message in Persian", ""),
    },
    "reconciliations": {
        "reconciliation": ("code", "Reconciliation", "Name of the rule in the ruleset"),
        "title": ("text", "Title", ""),
        "total": ("number", "Whole", "The total that the parts must add up to"),
        "parts": ("number", "Sum of the parts", ""),
        "gap": ("number", "Gap", "Whole less the sum of the parts"),
        "holds": ("flag", "Holds", "Whether both are equal"),
        "severity": ("word", "Severity", "What it counts as where it does not hold"),
    },
    "treatments": {
        "step": ("rank", "Step", "Place among the steps of treatment"),
        "do": ("code", "Treatment", "What the step did"),
        "indicator": ("code", "Indicator", "Column that was treated"),
        "title": ("text", "Title", "What the indicator is called"),
        "agency": _CODE,
        "name": ("text", "Name", "Name of the agency"),
        "before": ("number", "Before", "Value before the step; none where it was missing"),
        "after": ("number", "After", "Value after the step"),
    },
    "vanished": {
        "agency": _CODE,
        **_NAMES,
        "total": ("points", "Total", "Total in the earlier evaluation"),
        "rank": ("rank", "Rank", "Rank in the earlier evaluation"),
    },
    "codebook": {
        "table": ("code", "Table", ""),
        "column": ("code", "Column", "Name of the column in the tables that are saved"),
        "title": ("text", "Title", "Heading of the column"),
        "unit": ("text", "Unit", ""),
        "type": ("code", "Type", ""),
        "meaning": ("text", "Meaning", ""),
    },
}
