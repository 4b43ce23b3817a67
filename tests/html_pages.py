"""Small rounds for the tests of the report, and pages read back by Python's own HTML parser."""

from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from egovrules.dataset import Dataset
from egovrules.evaluation import evaluate
from egovrules.html import page
from egovrules.ruleset import load_ruleset

RULESET = """
schema: egovrules/1
id: small
title: {en: Small round, fa: دور کوچک}
description: {en: A test., fa: آزمون.}
rank: {decimals: 2, tied: "="}
missing: {min_coverage: 0.5}
axes:
  digital:
    weight: 3
    title: {en: Digital, fa: دیجیتال}
    criteria: {online: {use: core.value, level: service, with: {column: online}}}
  open:
    weight: 1
    title: {en: Open, fa: باز}
    criteria: {share: {use: core.value, with: {column: openness}}}
derive: {level: digital.online}
bands:
  how:
    of: services
    by: level
    title: {en: How online, fa: میزان برخط}
    labels:
      - {low: "< 50", title: {en: low, fa: کم}}
      - {high: ">= 50", title: {en: high, fa: زیاد}}
    otherwise: not_assessed
  standing:
    of: agencies
    by: total
    title: {en: Standing, fa: وضعیت}
    labels:
      - {weak: "< 40", title: {en: weak, fa: ضعیف}}
      - {good: ">= 40", title: {en: good, fa: خوب}}
    otherwise: not_assessed
lists:
  best: {of: agencies, by: total, top: 10, title: {en: Best, fa: بهترین}}
  last: {of: agencies, by: open, top: 2, title: {en: Most open, fa: بازترین}}
  ready: {of: services, when: level > 80, title: {en: Ready, fa: آماده}}
findings:
  weak:
    of: agencies
    when: total < 40
    severity: warning
    title: {en: Weak bodies, fa: دستگاه‌های ضعیف}
    message: {en: "{name} is below 40", fa: "{name} زیر ۴۰ است"}
reconcile:
  sums:
    total: count of services
    parts: bands.how
    without: [not_assessed]
    title: {en: Sums, fa: جمع‌ها}
"""
INDEX = """
schema: egovrules/1
id: index-2024
title: Index
axes:
  a: {criteria: {x: {use: core.value, with: {column: one}}}}
  b: {criteria: {x: {use: core.value, with: {column: two}}}}
"""
AGENCIES = {
    "code": ["A", "B", "C", "D"],
    "name_en": ["Post", "Roads", "Water", "Parks"],
    "name_fa": ["پست", "راه", "آب", "بوستان"],
    "kind": ["ministry", "company", "company", "ministry"],
    "openness": [60.0, 60.0, 20.0, None],
}
SERVICES = {
    "code": ["1", "2", "3", "4", "5"],
    "agency": ["A", "B", "C", "C", "D"],
    "online": [90.0, 90.0, 30.0, None, None],
}


def small_round(*, earlier=False, settings=(), **columns):
    """Evaluate four agencies with five services, if wanted against a round before."""
    agencies = AGENCIES | columns
    previous = None
    if earlier:
        before = AGENCIES | {"openness": [20.0, 80.0, 60.0, 50.0]}
        previous = evaluated(RULESET, before, SERVICES)
    return evaluated(RULESET, agencies, SERVICES, previous=previous, settings=settings)


def evaluated(rules, agencies, services=None, *, previous=None, settings=()):
    """Evaluate columns by a ruleset."""
    tables = {"agencies": pl.DataFrame(agencies)}
    if services is not None:
        tables["services"] = pl.DataFrame(services)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "rules.yaml"
        path.write_text(rules, encoding="utf-8")
        ruleset = load_ruleset(path, settings=settings)
    return evaluate(ruleset, Dataset.of(**tables), previous=previous)


class Element:
    """An element with its attributes, the elements in it, and its own text."""

    def __init__(self, tag, attributes, parent):
        self.tag, self.attributes, self.parent = tag, attributes, parent
        self.children, self.texts = [], []

    def __getitem__(self, name):
        return self.attributes[name]

    def get(self, name):
        return self.attributes.get(name)

    def walk(self):
        for child in self.children:
            yield child
            yield from child.walk()

    def all(self, tag=None, **wanted):
        """Find elements by tag and attributes; ``data_cell="rank"`` is ``data-cell``."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in wanted.items()}
        return [
            one
            for one in self.walk()
            if (tag is None or one.tag == tag)
            and all(name in one.attributes for name in wanted)
            and all(value is True or one[name] == value for name, value in wanted.items())
        ]

    def one(self, tag=None, **wanted):
        (found,) = self.all(tag, **wanted)
        return found

    @property
    def text(self):
        """What a person reads of it, on one line."""
        return " ".join("".join(self.pieces()).split())

    def pieces(self):
        for part in self.texts:
            if isinstance(part, str):
                yield part
            elif part.tag not in {"script", "style", "template"}:
                yield from part.pieces()
                yield "" if part.tag in {"a", "bdi", "span", "tspan", "strong"} else " "


class _Parser(HTMLParser):
    VOID = frozenset({"meta", "input", "br", "link", "img", "hr"})

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.root = self.here = Element("", {}, None)

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names), f"{tag} has an attribute twice"
        new = Element(tag, {name: value or "" for name, value in attrs}, self.here)
        self.here.children.append(new)
        self.here.texts.append(new)
        if tag not in self.VOID:
            self.here = new

    def handle_startendtag(self, tag, attrs):
        new = Element(tag, {name: value or "" for name, value in attrs}, self.here)
        self.here.children.append(new)

    def handle_endtag(self, tag):
        assert self.here.tag == tag, f"</{tag}> closes <{self.here.tag}>"
        self.here = self.here.parent

    def handle_data(self, data):
        self.here.texts.append(data)


def parsed(text):
    """Parse a page whose every element is closed."""
    parser = _Parser()
    parser.feed(text)
    parser.close()
    assert parser.here is parser.root
    return parser.root


def written(evaluation, language="en", **options):
    """Write a page and read it back."""
    return parsed(page.write(evaluation, language, **options).decode())


def shown(root):
    """Return the body that is shown, without the template of the other language."""
    return root.one("body").children[0]


def other(root):
    """Return the body of the other language."""
    return root.one("template", id="other")
