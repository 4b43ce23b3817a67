"""Participatory government: are people heard, answered, and able to take part?"""

from collections.abc import Iterable

import egovrules as eg


def _share(part: eg.Expr, whole: eg.Expr) -> tuple[eg.Expr, eg.Expr]:
    """Keep the part within the whole, so that a pooled share never passes 100."""
    return eg.when(part > whole).then(whole).otherwise(part.clip(0)), whole


def _yes(column: str) -> eg.Expr:
    """Turn yes into 100 and no into 0, and leave empty empty."""
    answer = eg.col(column)
    no = eg.when(~answer).then(eg.lit(0.0))
    return eg.when(answer).then(eg.lit(100.0)).otherwise(no)


def _share_of_yes(columns: eg.Columns) -> eg.Expr:
    """100 · yes / columns; one empty answer leaves the whole empty."""
    return sum(map(_yes, columns), eg.lit(0.0)) / float(len(columns))


class Consultations(eg.Criterion):
    """Public consultations whose outcome was published.

    100 · consultations with a published outcome / consultations held; none held, no score.
    """

    id = "participatory.consultations"
    level = "agency"
    title = {"en": "Consultations", "fa": "نظرخواهی عمومی"}

    concluded: eg.Column = eg.reads(
        "consultations_with_outcome",
        unit="consultations",
        low=0,
        direction="up",
        at_most="held",
        title={
            "en": "Consultations with a published outcome",
            "fa": "نظرخواهی‌های دارای نتیجهٔ منتشرشده",
        },
    )
    held: eg.Column = eg.reads(
        "consultations_held",
        unit="consultations",
        low=0,
        title={"en": "Consultations held", "fa": "نظرخواهی‌های برگزارشده"},
    )

    def ratio(self) -> tuple[eg.Expr, eg.Expr]:
        """Give consultations with a published outcome, and consultations held."""
        return _share(eg.col(self.concluded), eg.col(self.held))


class Comments(eg.Criterion):
    """Comments from the public that were answered in time.

    100 · comments answered in time / comments received; none received, no score.
    """

    id = "participatory.comments"
    level = "agency"
    title = {"en": "Comments answered", "fa": "پاسخ به نظرها"}

    answered: eg.Column = eg.reads(
        "comments_answered_in_time",
        unit="comments",
        low=0,
        direction="up",
        at_most="received",
        title={"en": "Comments answered in time", "fa": "نظرهای پاسخ‌گرفته در مهلت"},
    )
    received: eg.Column = eg.reads(
        "comments_received",
        unit="comments",
        low=0,
        title={"en": "Comments received", "fa": "نظرهای دریافت‌شده"},
    )

    def ratio(self) -> tuple[eg.Expr, eg.Expr]:
        """Give comments answered in time, and comments received."""
        return _share(eg.col(self.answered), eg.col(self.received))


class Complaints(eg.Criterion):
    """Complaints that were resolved in time.

    100 · complaints resolved in time / complaints received; none received, no score.
    """

    id = "participatory.complaints"
    level = "agency"
    title = {"en": "Complaints resolved", "fa": "رسیدگی به شکایت‌ها"}

    resolved: eg.Column = eg.reads(
        "complaints_resolved_in_time",
        unit="complaints",
        low=0,
        direction="up",
        at_most="received",
        title={"en": "Complaints resolved in time", "fa": "شکایت‌های رسیدگی‌شده در مهلت"},
    )
    received: eg.Column = eg.reads(
        "complaints_received",
        unit="complaints",
        low=0,
        title={"en": "Complaints received", "fa": "شکایت‌های دریافت‌شده"},
    )

    def ratio(self) -> tuple[eg.Expr, eg.Expr]:
        """Give complaints resolved in time, and complaints received."""
        return _share(eg.col(self.resolved), eg.col(self.received))


class Features(eg.Criterion):
    """How far the public may take part: be informed, be consulted, decide.

    100 · features present / features asked about.
    """

    id = "participatory.features"
    level = "agency"
    title = {"en": "Ways to take part", "fa": "امکانات مشارکت"}

    features: eg.Columns = eg.reads(
        {
            "participation_inform": {"en": "The public is informed", "fa": "آگاه‌سازی مردم"},
            "participation_consult": {"en": "The public is consulted", "fa": "مشورت با مردم"},
            "participation_decide": {"en": "The public decides", "fa": "تصمیم‌گیری مردم"},
        },
        type="boolean",
        direction="up",
    )

    def score(self) -> eg.Expr:
        """Count the features, each as much as another."""
        return _share_of_yes(self.features)


class Improved(eg.Criterion):
    """Whether the service was improved from feedback within the last 12 months.

    100 for yes, 0 for no: the agency's mean is the share of its services that were.
    """

    id = "participatory.improved"
    level = "service"
    title = {"en": "Improved from feedback", "fa": "بهبود بر پایهٔ بازخورد"}

    improved: eg.Column = eg.reads(
        "improved_from_feedback",
        type="boolean",
        direction="up",
        title={
            "en": "Improved from feedback within 12 months",
            "fa": "بهبود بر پایهٔ بازخورد در ۱۲ ماه گذشته",
        },
    )

    def score(self) -> eg.Expr:
        """Give the full score for yes."""
        return _yes(self.improved)


class Inclusive(eg.Criterion):
    """What is done for those whom a screen shuts out: assisted counter, languages, disability.

    100 · provisions present / provisions asked about.
    """

    id = "participatory.inclusive"
    level = "agency"
    title = {"en": "Inclusive", "fa": "فراگیری"}

    provisions: eg.Columns = eg.reads(
        {
            "inclusive_counter": {"en": "Assisted counter", "fa": "پیشخوان همراه با راهنما"},
            "inclusive_languages": {"en": "Other languages", "fa": "زبان‌های دیگر"},
            "inclusive_disability": {
                "en": "Provision for people with disabilities",
                "fa": "تمهیدات برای افراد دارای معلولیت",
            },
        },
        type="boolean",
        direction="up",
    )

    def score(self) -> eg.Expr:
        """Count the provisions, each as much as another."""
        return _share_of_yes(self.provisions)


@eg.hookimpl
def egovrules_axes() -> Iterable[eg.Axis]:
    """Bring the axis and its criteria."""
    return [
        eg.Axis(
            "participatory",
            title={"en": "Participatory", "fa": "مشارکتی"},
            criteria=(Consultations, Comments, Complaints, Features, Improved, Inclusive),
        )
    ]
