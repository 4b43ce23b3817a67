"""Transparent government: is it said beforehand, shown on the way, and true?"""

from collections.abc import Iterable

import egovrules as eg


class RegisterComplete(eg.Criterion):
    """How much of the service's register form (shenasname) is filled.

    100 · mandatory fields filled / all of them. An empty or blank field is one not filled, so
    the score is never missing. The unique code is not among them: a row without it is no service.
    """

    id = "transparent.register_complete"
    level = "service"
    title = {"en": "Register form complete", "fa": "تکمیل شناسنامهٔ خدمت"}

    fields: eg.Columns = eg.reads(
        {
            "register_audience": {"en": "Register: audience", "fa": "شناسنامه: مخاطب"},
            "register_level": {"en": "Register: level", "fa": "شناسنامه: سطح"},
            "register_life_event": {"en": "Register: life event", "fa": "شناسنامه: رویداد زندگی"},
            "register_documents": {"en": "Register: documents", "fa": "شناسنامه: مدارک"},
            "register_duration": {"en": "Register: duration", "fa": "شناسنامه: مدت انجام"},
            "register_visits": {"en": "Register: visits", "fa": "شناسنامه: مراجعهٔ حضوری"},
            "register_fee": {"en": "Register: fee", "fa": "شناسنامه: هزینه"},
            "register_channels": {"en": "Register: channels", "fa": "شناسنامه: درگاه‌های ارائه"},
            "register_complaint_route": {
                "en": "Register: where to complain",
                "fa": "شناسنامه: مرجع شکایت",
            },
        },
        type="text",
        optional=True,
    )

    def score(self) -> eg.Expr:
        """Count the fields that hold more than blanks."""
        texts = [eg.col(name).fill_null("").str.strip_chars() for name in self.fields]
        filled = [eg.when(text == "").then(eg.lit(0.0)).otherwise(eg.lit(1.0)) for text in texts]
        return 100.0 * sum(filled, eg.lit(0.0)) / float(len(filled))


class Tracking(eg.Criterion):
    """Whether an applicant can follow the case.

    None 0, its status 50, its status and the date it will be ready 100.
    """

    id = "transparent.tracking"
    level = "service"
    title = {"en": "Tracking", "fa": "رهگیری درخواست"}

    tracking: eg.Column = eg.reads(
        "tracking",
        type="text",
        values={
            "none": {"en": "none", "fa": "ندارد"},
            "status": {"en": "status", "fa": "وضعیت"},
            "status_and_date": {"en": "status and date", "fa": "وضعیت و تاریخ"},
        },
        title={"en": "Tracking of a case", "fa": "رهگیری پرونده"},
    )

    def score(self) -> eg.Expr:
        """Give each of the three answers its score."""
        tracking = eg.col(self.tracking)
        nothing = eg.when(tracking == "none").then(eg.lit(0.0))
        status = eg.when(tracking == "status").then(eg.lit(50.0)).otherwise(nothing)
        return eg.when(tracking == "status_and_date").then(eg.lit(100.0)).otherwise(status)


class PublishedTerms(eg.Criterion):
    """Whether the terms of the service are public: time, fee, steps, legal basis.

    100 · terms published / terms asked about.
    """

    id = "transparent.published_terms"
    level = "service"
    title = {"en": "Terms published", "fa": "انتشار شرایط خدمت"}

    terms: eg.Columns = eg.reads(
        {
            "published_time": {"en": "Time published", "fa": "انتشار زمان انجام"},
            "published_fee": {"en": "Fee published", "fa": "انتشار هزینه"},
            "published_steps": {"en": "Steps published", "fa": "انتشار مراحل"},
            "published_legal_basis": {"en": "Legal basis published", "fa": "انتشار مستند قانونی"},
        },
        type="boolean",
        direction="up",
    )

    def score(self) -> eg.Expr:
        """Count the terms, each as much as another."""
        return _share_of_yes(self.terms)


class PersonalData(eg.Criterion):
    """What people can do with their own data: view it, correct it, see who looked at it.

    100 · features present / features asked about.
    """

    id = "transparent.personal_data"
    level = "agency"
    title = {"en": "One's own data", "fa": "اختیار مردم بر داده‌های خود"}

    features: eg.Columns = eg.reads(
        {
            "personal_data_view": {"en": "View one's own data", "fa": "مشاهدهٔ داده‌های خود"},
            "personal_data_correct": {"en": "Correct one's own data", "fa": "اصلاح داده‌های خود"},
            "personal_data_access_log": {
                "en": "See who looked at one's data",
                "fa": "مشاهدهٔ سابقهٔ دسترسی به داده‌های خود",
            },
        },
        type="boolean",
        direction="up",
    )

    def score(self) -> eg.Expr:
        """Count the features, each as much as another."""
        return _share_of_yes(self.features)


def _share_of_yes(columns: eg.Columns) -> eg.Expr:
    """100 · yes / columns; one empty answer leaves the whole empty."""
    answers = [eg.col(column) for column in columns]
    no = [eg.when(~answer).then(eg.lit(0.0)) for answer in answers]
    yes = [eg.when(a).then(eg.lit(1.0)).otherwise(n) for a, n in zip(answers, no, strict=True)]
    return 100.0 * sum(yes, eg.lit(0.0)) / float(len(yes))


class OpenData(eg.Criterion):
    """Datasets that are open, current and machine-readable, of those that the agency lists.

    100 · such datasets / datasets listed; none listed, no score.
    """

    id = "transparent.open_data"
    level = "agency"
    title = {"en": "Open data", "fa": "دادهٔ باز"}

    open: eg.Column = eg.reads(
        "datasets_open",
        unit="datasets",
        low=0,
        direction="up",
        at_most="listed",
        title={"en": "Open datasets", "fa": "مجموعه‌داده‌های باز"},
    )
    listed: eg.Column = eg.reads(
        "datasets_listed",
        unit="datasets",
        low=0,
        title={"en": "Datasets listed", "fa": "مجموعه‌داده‌های فهرست‌شده"},
    )

    def ratio(self) -> tuple[eg.Expr, eg.Expr]:
        """Give datasets open, held to at most the listed, and datasets listed."""
        opened, listed = eg.col(self.open), eg.col(self.listed)
        return eg.when(opened > listed).then(listed).otherwise(opened.clip(0)), listed


class HonestDeclaration(eg.Criterion):
    """How close the agency's own answers come to the auditor's.

    100 − mean absolute difference (declared − audited), both in points of 100.
    """

    id = "transparent.honest_declaration"
    level = "agency"
    title = {"en": "Honest declaration", "fa": "صداقت در خوداظهاری"}

    gap: eg.Column = eg.reads(
        "declaration_gap",
        unit="points of 100",
        low=0,
        high=100,
        direction="down",
        title={"en": "Gap between declared and audited", "fa": "فاصلهٔ خوداظهاری با ممیزی"},
    )

    def score(self) -> eg.Expr:
        """Take the difference off the full score."""
        return (100.0 - eg.col(self.gap)).clip(0, 100)


@eg.hookimpl
def egovrules_axes() -> Iterable[eg.Axis]:
    """Bring the axis and its criteria."""
    return [
        eg.Axis(
            "transparent",
            title={"en": "Transparent", "fa": "شفاف"},
            criteria=(
                RegisterComplete,
                Tracking,
                PublishedTerms,
                PersonalData,
                OpenData,
                HonestDeclaration,
            ),
        )
    ]
