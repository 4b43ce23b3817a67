"""Integrated government: do bodies work with each other, so that people need not carry papers?"""

from collections.abc import Iterable

import egovrules as eg


def _within(part: eg.Expr, whole: eg.Expr) -> eg.Expr:
    """Keep the part within the whole, so that a pooled share stays in 0 to 100."""
    return eg.when(part > whole).then(whole).otherwise(part.clip(0))


class LiveLinks(eg.Criterion):
    """Links to other bodies that the service requires, and that work today.

    100 · links live / links required; a service that requires none is not assessed.
    """

    id = "integrated.live_links"
    level = "service"
    title = {"en": "Live links", "fa": "پیوندهای برقرار"}

    live: eg.Column = eg.reads(
        "links_live",
        unit="links",
        low=0,
        direction="up",
        at_most="required",
        title={"en": "Links live", "fa": "پیوندهای برقرار"},
    )
    required: eg.Column = eg.reads(
        "links_required", unit="links", low=0, title={"en": "Links required", "fa": "پیوندهای لازم"}
    )

    def ratio(self) -> tuple[eg.Expr, eg.Expr]:
        """Give links live, and links required."""
        required = eg.col(self.required)
        return _within(eg.col(self.live), required), required


class OnceOnly(eg.Criterion):
    """Whether people are asked for papers that another public body already holds.

    100 · (1 − documents already held / documents asked); nothing asked, no score.
    """

    id = "integrated.once_only"
    level = "service"
    title = {"en": "Asked once only", "fa": "فقط یک بار پرسیدن"}

    held: eg.Column = eg.reads(
        "documents_already_held",
        unit="documents",
        low=0,
        direction="down",
        at_most="asked",
        title={"en": "Documents already held", "fa": "مدارک موجود نزد دستگاه‌ها"},
    )
    asked: eg.Column = eg.reads(
        "documents_asked",
        unit="documents",
        low=0,
        title={"en": "Documents asked", "fa": "مدارک درخواستی"},
    )

    def ratio(self) -> tuple[eg.Expr, eg.Expr]:
        """Give documents that only the applicant can bring, and documents asked."""
        asked = eg.col(self.asked)
        return asked - _within(eg.col(self.held), asked), asked


class SingleWindow(eg.Criterion):
    """Whether the service stands in the agency's single window and in the national one.

    50 for each.
    """

    id = "integrated.single_window"
    level = "service"
    title = {"en": "Single window", "fa": "پنجرهٔ واحد"}

    agency: eg.Column = eg.reads(
        "agency_window",
        type="boolean",
        direction="up",
        title={"en": "In the agency's single window", "fa": "در پنجرهٔ واحد دستگاه"},
    )
    national: eg.Column = eg.reads(
        "national_window",
        type="boolean",
        direction="up",
        title={"en": "In the national single window", "fa": "در پنجرهٔ واحد ملی"},
    )

    def score(self) -> eg.Expr:
        """Add the two halves."""
        return _half(eg.col(self.agency)) + _half(eg.col(self.national))


def _half(answer: eg.Expr) -> eg.Expr:
    no = eg.when(~answer).then(eg.lit(0.0))
    return eg.when(answer).then(eg.lit(50.0)).otherwise(no)


class SharedEnablers(eg.Criterion):
    """Use of what the state built once for all: eID, e-signature, e-payment, e-document.

    100 · enablers used / enablers applicable. One that is not applicable leaves the count; one
    left empty makes the score missing.
    """

    id = "integrated.shared_enablers"
    level = "service"
    title = {"en": "Shared enablers", "fa": "توانمندسازهای مشترک"}

    enablers: eg.Columns = eg.reads(
        {
            "enabler_eid": {"en": "eID", "fa": "هویت الکترونیکی"},
            "enabler_esignature": {"en": "e-signature", "fa": "امضای الکترونیکی"},
            "enabler_epayment": {"en": "e-payment", "fa": "پرداخت الکترونیکی"},
            "enabler_edocument": {"en": "e-document", "fa": "سند الکترونیکی"},
        },
        type="text",
        values={
            "used": {"en": "used", "fa": "استفاده‌شده"},
            "unused": {"en": "unused", "fa": "استفاده‌نشده"},
            "not_applicable": {"en": "not applicable", "fa": "نامرتبط"},
        },
    )

    def ratio(self) -> tuple[eg.Expr, eg.Expr]:
        """Give enablers used, and enablers applicable."""
        answers = [eg.col(name) for name in self.enablers]
        known = [~answer.is_null() for answer in answers]
        used = sum((_one_unless(a != "used") for a in answers), eg.lit(0.0))
        applicable = sum((_one_unless(a == "not_applicable") for a in answers), eg.lit(0.0))
        return eg.when(*known).then(used), eg.when(*known).then(applicable)


def _one_unless(excluded: eg.Expr) -> eg.Expr:
    return eg.when(excluded).then(eg.lit(0.0)).otherwise(eg.lit(1.0))


class ExchangeSuccess(eg.Criterion):
    """Calls over the exchange of data that the agency answered.

    100 · successful calls / calls; no call, no score.
    """

    id = "integrated.exchange_success"
    level = "agency"
    title = {"en": "Successful exchange", "fa": "موفقیت تبادل داده"}

    successful: eg.Column = eg.reads(
        "calls_successful",
        unit="calls",
        low=0,
        direction="up",
        at_most="calls",
        title={"en": "Successful calls", "fa": "فراخوانی‌های موفق"},
    )
    calls: eg.Column = eg.reads(
        "calls", unit="calls", low=0, title={"en": "Calls", "fa": "فراخوانی‌ها"}
    )

    def ratio(self) -> tuple[eg.Expr, eg.Expr]:
        """Give successful calls, and calls."""
        calls = eg.col(self.calls)
        return _within(eg.col(self.successful), calls), calls


class DataRequests(eg.Criterion):
    """Requests for data by other bodies that the agency met in time.

    100 · requests met in time / requests received; none received, no score.
    """

    id = "integrated.data_requests"
    level = "agency"
    title = {"en": "Data requests met", "fa": "پاسخ به درخواست‌های داده"}

    met: eg.Column = eg.reads(
        "data_requests_met",
        unit="requests",
        low=0,
        direction="up",
        at_most="received",
        title={"en": "Data requests met in time", "fa": "درخواست‌های دادهٔ پاسخ‌گرفته در مهلت"},
    )
    received: eg.Column = eg.reads(
        "data_requests",
        unit="requests",
        low=0,
        title={"en": "Data requests received", "fa": "درخواست‌های دادهٔ دریافت‌شده"},
    )

    def ratio(self) -> tuple[eg.Expr, eg.Expr]:
        """Give requests met in time, and requests received."""
        received = eg.col(self.received)
        return _within(eg.col(self.met), received), received


class NoDuplicates(eg.Criterion):
    """Systems that no other body has built already.

    100 · (1 − duplicate systems / systems); no system, no score.
    """

    id = "integrated.no_duplicates"
    level = "agency"
    title = {"en": "No duplicate systems", "fa": "نبود سامانهٔ تکراری"}

    duplicate: eg.Column = eg.reads(
        "systems_duplicate",
        unit="systems",
        low=0,
        direction="down",
        at_most="systems",
        title={"en": "Duplicate systems", "fa": "سامانه‌های تکراری"},
    )
    systems: eg.Column = eg.reads(
        "systems", unit="systems", low=0, title={"en": "Systems", "fa": "سامانه‌ها"}
    )

    def ratio(self) -> tuple[eg.Expr, eg.Expr]:
        """Give systems of their own kind, and systems."""
        systems = eg.col(self.systems)
        return systems - _within(eg.col(self.duplicate), systems), systems


@eg.hookimpl
def egovrules_axes() -> Iterable[eg.Axis]:
    """Bring the axis and its criteria."""
    return [
        eg.Axis(
            "integrated",
            title={"en": "Integrated", "fa": "یکپارچه"},
            criteria=(
                LiveLinks,
                OnceOnly,
                SingleWindow,
                SharedEnablers,
                ExchangeSuccess,
                DataRequests,
                NoDuplicates,
            ),
        )
    ]
