"""User-centric government: can a person get the service online, in time, and with help?"""

from collections.abc import Iterable

import egovrules as eg

STATES = ("offline", "partial", "online", "not_applicable")


def _share(part: eg.Expr, whole: eg.Expr) -> tuple[eg.Expr, eg.Expr]:
    """Keep the part within the whole, so that a pooled share never passes 100."""
    return eg.when(part > whole).then(whole).otherwise(part.clip(0)), whole


class OnlineSteps(eg.Criterion):
    """Electronization: how many of the points where a person meets the service are online.

    100 · Σ state / applicable points, where offline is 0, partial ½ and online 1. A point that
    is not applicable leaves the count; a point left empty makes the score missing.
    """

    id = "user_centric.online_steps"
    level = "service"
    title = {"en": "Steps online", "fa": "برخط بودن گام‌های خدمت"}

    points: eg.Columns = eg.reads(
        {
            "point_information": {"en": "Step: information", "fa": "گام اطلاع‌رسانی"},
            "point_identity": {"en": "Step: identification", "fa": "گام احراز هویت"},
            "point_application": {"en": "Step: application", "fa": "گام ثبت درخواست"},
            "point_documents": {"en": "Step: documents", "fa": "گام ارائهٔ مدارک"},
            "point_payment": {"en": "Step: payment", "fa": "گام پرداخت"},
            "point_tracking": {"en": "Step: tracking", "fa": "گام رهگیری"},
            "point_decision": {"en": "Step: decision", "fa": "گام تصمیم‌گیری"},
            "point_issuance": {"en": "Step: issuance", "fa": "گام صدور"},
            "point_complaint": {"en": "Step: complaint", "fa": "گام ثبت شکایت"},
        },
        type="text",
        values=STATES,
    )

    def ratio(self) -> tuple[eg.Expr, eg.Expr]:
        """Give the sum of states, and the number of applicable points."""
        states = [eg.col(point) for point in self.points]
        known = [~state.is_null() for state in states]
        worth = sum(map(_worth, states), eg.lit(0.0))
        applicable = sum(map(_one_if_applicable, states), eg.lit(0.0))
        return eg.when(*known).then(worth), eg.when(*known).then(applicable)


def _worth(state: eg.Expr) -> eg.Expr:
    partial = eg.when(state == "partial").then(eg.lit(0.5)).otherwise(eg.lit(0.0))
    return eg.when(state == "online").then(eg.lit(1.0)).otherwise(partial)


def _one_if_applicable(state: eg.Expr) -> eg.Expr:
    return eg.when(state == "not_applicable").then(eg.lit(0.0)).otherwise(eg.lit(1.0))


class Visits(eg.Criterion):
    """Fewer trips to an office: no visit scores 100, `worst` visits or more score 0.

    100 · (1 − min(visits, worst) / worst).
    """

    id = "user_centric.visits"
    level = "service"
    title = {"en": "Visits in person", "fa": "مراجعهٔ حضوری"}

    visits: eg.Column = eg.reads(
        "visits",
        unit="visits per case",
        low=0,
        direction="down",
        title={"en": "Visits per case", "fa": "مراجعهٔ حضوری برای هر پرونده"},
    )
    worst: eg.PositiveInt = 3
    """So many visits or more score 0."""

    def score(self) -> eg.Expr:
        """Fall in a straight line from no visit to the worst."""
        return 100.0 * (1.0 - eg.col(self.visits).clip(0, self.worst) / float(self.worst))


class OnTime(eg.Criterion):
    """Cases finished within the time that the service declares.

    100 · cases on time / cases; pools under a rollup; no case in the period, no score.
    """

    id = "user_centric.on_time"
    level = "service"
    title = {"en": "On time", "fa": "انجام در زمان اعلام‌شده"}

    on_time: eg.Column = eg.reads(
        "cases_on_time",
        unit="cases",
        low=0,
        direction="up",
        at_most="cases",
        title={"en": "Cases on time", "fa": "پرونده‌های به‌موقع"},
    )
    cases: eg.Column = eg.reads(
        "cases", unit="cases", low=0, title={"en": "Cases", "fa": "پرونده‌ها"}
    )

    def ratio(self) -> tuple[eg.Expr, eg.Expr]:
        """Give cases on time, and cases."""
        return _share(eg.col(self.on_time), eg.col(self.cases))


class Accessible(eg.Criterion):
    """Accessibility and mobile checks that the agency's site passes.

    100 · checks passed / checks applicable.
    """

    id = "user_centric.accessible"
    level = "agency"
    title = {"en": "Accessible", "fa": "دسترس‌پذیری"}

    passed: eg.Column = eg.reads(
        "accessibility_passed",
        unit="checks",
        low=0,
        direction="up",
        at_most="applicable",
        title={"en": "Accessibility checks passed", "fa": "آزمون‌های دسترس‌پذیری موفق"},
    )
    applicable: eg.Column = eg.reads(
        "accessibility_applicable",
        unit="checks",
        low=0,
        title={"en": "Accessibility checks applicable", "fa": "آزمون‌های دسترس‌پذیری مشمول"},
    )

    def ratio(self) -> tuple[eg.Expr, eg.Expr]:
        """Give checks passed, and checks applicable."""
        return _share(eg.col(self.passed), eg.col(self.applicable))


class OnlineUptake(eg.Criterion):
    """Requests that people in fact made online.

    100 · online requests / requests; pools under a rollup; no request, no score.
    """

    id = "user_centric.online_uptake"
    level = "service"
    title = {"en": "Online uptake", "fa": "سهم درخواست‌های برخط"}

    online: eg.Column = eg.reads(
        "requests_online",
        unit="requests",
        low=0,
        direction="up",
        at_most="requests",
        title={"en": "Online requests", "fa": "درخواست‌های برخط"},
    )
    requests: eg.Column = eg.reads(
        "requests", unit="requests", low=0, title={"en": "Requests", "fa": "درخواست‌ها"}
    )

    def ratio(self) -> tuple[eg.Expr, eg.Expr]:
        """Give online requests, and requests."""
        return _share(eg.col(self.online), eg.col(self.requests))


class Help(eg.Criterion):
    """Ways to get help with a service: telephone, chat, guide, questions answered, video.

    100 · features present / features asked about.
    """

    id = "user_centric.help"
    level = "agency"
    title = {"en": "Help", "fa": "راهنمایی و پشتیبانی"}

    features: eg.Columns = eg.reads(
        {
            "help_phone": {"en": "Help by telephone", "fa": "پاسخ‌گویی تلفنی"},
            "help_chat": {"en": "Help by chat", "fa": "گفت‌وگوی برخط"},
            "help_guide": {"en": "Guide", "fa": "راهنمای خدمت"},
            "help_faq": {"en": "Questions answered", "fa": "پرسش‌های پرتکرار"},
            "help_video": {"en": "Video", "fa": "ویدئوی آموزشی"},
        },
        type="boolean",
        direction="up",
    )

    def score(self) -> eg.Expr:
        """Count the features, each as much as another."""
        present = [_one_if(eg.col(feature)) for feature in self.features]
        return 100.0 * sum(present, eg.lit(0.0)) / float(len(present))


def _one_if(answer: eg.Expr) -> eg.Expr:
    """Turn yes into 1 and no into 0, and leave empty empty."""
    no = eg.when(~answer).then(eg.lit(0.0))
    return eg.when(answer).then(eg.lit(1.0)).otherwise(no)


class Satisfaction(eg.Criterion):
    """What people say of the service, where enough of them answered.

    25 · (m − 1) for a mean answer m from 1 to 5; under `min_n` answers the score is missing.
    """

    id = "user_centric.satisfaction"
    level = "service"
    title = {"en": "Satisfaction", "fa": "رضایت مردم"}

    mean: eg.Column = eg.reads(
        "satisfaction_mean",
        unit="points of 5",
        low=1,
        high=5,
        direction="up",
        title={"en": "Mean satisfaction", "fa": "میانگین رضایت"},
    )
    answers: eg.Column = eg.reads(
        "satisfaction_answers",
        unit="answers",
        low=0,
        title={"en": "Answers on satisfaction", "fa": "پاسخ‌های رضایت‌سنجی"},
    )
    min_n: int = 20
    """Fewer answers than this leave the score missing."""

    def score(self) -> eg.Expr:
        """Stretch 1 to 5 over 0 to 100."""
        stretched = (25.0 * (eg.col(self.mean) - 1.0)).clip(0, 100)
        return eg.when(eg.col(self.answers) >= self.min_n).then(stretched)


@eg.hookimpl
def egovrules_axes() -> Iterable[eg.Axis]:
    """Bring the axis and its criteria."""
    return [
        eg.Axis(
            "user_centric",
            title={"en": "User-centric", "fa": "کاربرمحور"},
            criteria=(OnlineSteps, Visits, OnTime, Accessible, OnlineUptake, Help, Satisfaction),
        )
    ]
