"""Runs and deliveries: what was frozen, what was sent, and what needs a decision."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from crm.reports.models import (
    ReportDelivery,
    ReportRun,
    SendingPlace,
    State,
    Suppression,
)
from crm.reports.models.reasons import Reason
from crm.reports.operations import place, resolving, runs
from crm.web import dialogs
from crm.web.acting import acting_user
from crm.web.admin import OperationAdmin
from crm.web.dialogs import DialogForm
from crm.web.labels import Tones

RESOLVES = "reports.change_reportdelivery"


class HoldForm(DialogForm):
    """Why no mail may go out."""

    reason = forms.CharField(label=_("reason"), max_length=200)


class ReleaseForm(DialogForm):
    """What happens to the mails that wait."""

    send_waiting = forms.BooleanField(
        label=_("send what waits"),
        required=False,
        help_text=_(
            "After a restore the readers may have it already: then leave this off, and "
            "what waits is shown as skipped."
        ),
    )


@admin.register(ReportRun)
class RunAdmin(OperationAdmin[ReportRun]):
    """Frozen reports that were made for this person."""

    list_display = (
        "definition",
        "period",
        "language",
        "currency",
        "revision",
        "is_provisional",
        "computed_at",
    )
    list_select_related = ("definition",)
    list_filter = ("definition", "language", "is_provisional")
    search_fields = ("definition__name", "=period")
    fields = (
        "definition",
        "period",
        ("starts_at", "ends_at"),
        ("time_zone", "language", "currency"),
        ("revision", "is_provisional", "is_empty"),
        ("computed_at", "release"),
        "payload_hash",
        "freshness",
        "opened",
    )
    readonly_fields = ("opened",)
    actions_detail = ("compute_again",)

    @admin.display(description=_("report"))
    def opened(self, run: ReportRun) -> str:
        return format_html(
            '<a href="{}">{}</a> · <a href="{}">PDF</a> · <a href="{}">XLSX</a> · '
            '<a href="{}">{}</a>',
            reverse("report_run", args=[run.pk]),
            now("Open"),
            reverse("report_file", args=[run.pk, "pdf"]),
            reverse("report_file", args=[run.pk, "xlsx"]),
            reverse("report_difference", args=[run.pk]),
            now("Changes since the report before"),
        )

    @dialogs.button(
        title=_("Compute again"),
        permission="reports.change_reportdefinition",
        description=_(
            "From today's data, as the next revision. What was sent stays as it is."
        ),
        icon="refresh",
    )
    def compute_again(self, request: HttpRequest, run: ReportRun, form: Any) -> str:
        made = runs.revise_run(run=run, by=acting_user(request), at=timezone.now())
        return now("Revision %(number)d is there.") % {"number": made.revision}


TONES = {
    State.SENT: "success",
    State.UNCERTAIN: "warning",
    State.FAILED: "danger",
    State.READY: "info",
    State.SENDING: "info",
    State.RENDERING: "info",
}


@admin.register(ReportDelivery)
class DeliveryAdmin(OperationAdmin[ReportDelivery]):
    """What each reader was owed, and what became of it."""

    list_display = (
        "definition",
        "period",
        "recipient",
        "state_label",
        "explained",
        "smtp_text",
        "due_at",
        "sent_at",
    )
    list_select_related = ("definition", "recipient")
    list_filter = ("state", "reason", "definition", "is_test")
    search_fields = ("recipient__email", "recipient__name", "=period", "=message_id")
    actions_detail = ("mark_as_sent", "send_again", "mark_as_failed")
    fields = (
        "definition",
        ("period", "recipient"),
        "address",
        ("state", "explained"),
        ("due_at", "next_attempt_at"),
        ("attempts", "handed_over"),
        "sent_at",
        ("smtp_code", "smtp_text"),
        ("message_id", "message_date"),
        "message_hash",
        "stored",
        ("resolved_by", "resolved_at"),
        "alarmed_at",
    )
    readonly_fields = ("explained", "stored")

    @display(description=_("state"), ordering="state", label=Tones(TONES))  # type: ignore[untyped-decorator]  # the theme has no types
    def state_label(self, delivery: ReportDelivery) -> tuple[str, str]:
        label = str(State(delivery.state).label)
        if delivery.is_test:
            label = now("%(state)s (test)") % {"state": label}
        return delivery.state, label

    @admin.display(description=_("stored mail"))
    def stored(self, delivery: ReportDelivery) -> str:
        if delivery.run_id is None:
            return ""
        return format_html(
            '<a href="{}">{}</a> · <a href="{}">.eml</a> · <a href="{}">PDF</a>',
            reverse("report_mail", args=[delivery.pk, "html"]),
            now("Open"),
            reverse("report_mail", args=[delivery.pk, "eml"]),
            reverse("report_file", args=[delivery.run_id, "pdf"]),
        )

    @admin.display(description=_("reason"))
    def explained(self, delivery: ReportDelivery) -> str:
        return str(Reason(delivery.reason).label) if delivery.reason else ""

    @dialogs.button(
        title=_("Mark as sent"),
        permission=RESOLVES,
        description=_("The reader has it. Nothing is sent."),
        icon="mark_email_read",
    )
    def mark_as_sent(
        self, request: HttpRequest, delivery: ReportDelivery, form: Any
    ) -> str:
        resolving.mark_as_sent(
            delivery=delivery, by=acting_user(request), at=timezone.now()
        )
        return now("Marked as sent.")

    @dialogs.button(
        title=_("Send again"),
        permission=RESOLVES,
        description=_(
            "The same mail, byte for byte. The reader may get a second copy."
        ),
        icon="forward_to_inbox",
    )
    def send_again(
        self, request: HttpRequest, delivery: ReportDelivery, form: Any
    ) -> str:
        resolving.send_again(
            delivery=delivery, by=acting_user(request), at=timezone.now()
        )
        return now("It is on its way.")

    @dialogs.button(
        title=_("Mark as not arrived"),
        permission=RESOLVES,
        description=_("The reader does not have it, and it is not sent again."),
        icon="cancel_schedule_send",
    )
    def mark_as_failed(
        self, request: HttpRequest, delivery: ReportDelivery, form: Any
    ) -> str:
        resolving.mark_as_failed(
            delivery=delivery, by=acting_user(request), at=timezone.now()
        )
        return now("Marked as not arrived.")


@admin.register(Suppression)
class SuppressionAdmin(OperationAdmin[Suppression]):
    """Addresses to which nothing is sent any more."""

    visible_to_all = True
    list_display = ("address", "reason", "suppressed_at", "lifted_at", "lifted_by")
    list_select_related = ("lifted_by",)
    search_fields = ("address",)
    actions_detail = ("lift",)

    @dialogs.button(
        title=_("Send to it again"),
        permission="reports.change_suppression",
        icon="mail",
    )
    def lift(self, request: HttpRequest, suppression: Suppression, form: Any) -> str:
        resolving.lift_suppression(
            suppression=suppression, by=acting_user(request), at=timezone.now()
        )
        return now("Mails to this address are sent again.")


@admin.register(SendingPlace)
class SendingPlaceAdmin(OperationAdmin[SendingPlace]):
    """Whether mails go out from this database."""

    visible_to_all = True
    list_display = ("fingerprint", "is_held", "reason", "changed_at")
    actions_detail = ("hold", "release")

    @dialogs.button(
        title=_("Hold all mails"),
        permission="reports.change_sendingplace",
        form=HoldForm,
        icon="pause_circle",
    )
    def hold(self, request: HttpRequest, sending: SendingPlace, form: Any) -> str:
        place.hold_sending(
            reason=form.cleaned_data["reason"],
            by=acting_user(request),
            at=timezone.now(),
        )
        return now("No report is sent until somebody releases it.")

    @dialogs.button(
        title=_("Release"),
        permission="reports.change_sendingplace",
        form=ReleaseForm,
        icon="play_circle",
    )
    def release(self, request: HttpRequest, sending: SendingPlace, form: Any) -> str:
        skipped = place.release_sending(
            send_waiting=form.cleaned_data["send_waiting"],
            by=acting_user(request),
            at=timezone.now(),
        )
        return now("Sending goes on; %(count)d skipped.") % {"count": skipped}
