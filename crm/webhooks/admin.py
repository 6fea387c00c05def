"""Admin pages of webhooks: endpoints with their secrets, and the delivery log."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold import widgets

from crm.accounts.models import User
from crm.core import outbound
from crm.core.errors import DomainError
from crm.web import dialogs
from crm.web.acting import acting_user
from crm.web.admin import OperationAdmin
from crm.web.dialogs import DialogForm
from crm.web.refusals import as_form_error
from crm.web.scoping import ReadOnlyInline
from crm.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from crm.webhooks.operations import endpoints, replaying

CHANGES = "webhooks.change_webhookendpoint"
Lines = widgets.UnfoldAdminTextareaWidget


class EndpointForm(forms.ModelForm[WebhookEndpoint]):
    """One webhook."""

    kinds = forms.CharField(
        label=_("kinds"),
        required=False,
        max_length=8_000,
        widget=Lines(attrs={"rows": 3}),
        help_text=_("One a line: deal.won, or partner.* for all of a kind; none: all."),
    )
    partner_ids = forms.CharField(
        label=_("partners"),
        required=False,
        max_length=8_000,
        widget=Lines(attrs={"rows": 2}),
        help_text=_("Numbers of partners; none: all."),
    )

    class Meta:
        model = WebhookEndpoint
        fields = ("description", "url", "kinds", "partner_ids", "is_active")
        widgets = {"url": widgets.UnfoldAdminTextInputWidget}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stored = self.instance
        self.initial["kinds"] = "\n".join(stored.kinds)
        self.initial["partner_ids"] = "\n".join(map(str, stored.partner_ids))

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"])
        try:
            outbound.check_url(url)
        except DomainError as refusal:
            raise as_form_error(refusal) from None
        return url

    def clean_kinds(self) -> list[str]:
        return str(self.cleaned_data["kinds"]).replace(",", " ").split()

    def clean_partner_ids(self) -> list[int]:
        words = str(self.cleaned_data["partner_ids"]).replace(",", " ").split()
        if not all(
            word.isascii() and word.isdigit() and len(word) < 19 for word in words
        ):
            raise forms.ValidationError(_("Whole numbers only."))
        return [int(word) for word in words]


class RotationForm(DialogForm):
    """How long the secret before goes on signing."""

    overlap_hours = forms.IntegerField(
        label=_("overlap in hours"),
        min_value=0,
        max_value=168,
        initial=24,
        help_text=_("So long both secrets sign, and receivers may take either."),
    )


class PeriodForm(DialogForm):
    """Which days are sent again."""

    since = forms.DateField(label=_("from"))
    until = forms.DateField(label=_("to"), help_text=_("This day included."))


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(OperationAdmin[WebhookEndpoint]):
    """One's own webhooks; administrators and auditors see all, and never a secret of others."""

    form = EndpointForm
    list_display = (
        "description",
        "url",
        "owner",
        "is_active",
        "reason",
        "failing_since",
    )
    list_select_related = ("owner",)
    list_filter = ("is_active", "reason")
    search_fields = ("description", "url", "owner__name", "owner__email")
    readonly_fields = ("owner", "reason", "failing_since", "paused_until", "created_at")
    actions_detail = ("show_secrets", "send_test", "replay", "rotate_secret")

    def get_fieldsets(
        self, request: HttpRequest, obj: WebhookEndpoint | None = None
    ) -> Any:
        asked: Any = [
            (None, {"fields": ("description", "url")}),
            (_("What it is told"), {"fields": ("kinds", "partner_ids", "is_active")}),
        ]
        if obj is None:
            return asked
        state = ("owner", "reason", ("failing_since", "paused_until"), "created_at")
        return [*asked, (_("State"), {"fields": state})]

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.secrets_page)
        name = "webhooks_webhookendpoint_secrets"
        return [path("<int:pk>/secrets/", view, name=name), *super().get_urls()]

    def secrets_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what signs now, to the owner alone; nothing keeps this answer."""
        if not request.user.has_perm(CHANGES):
            raise PermissionDenied
        endpoint = WebhookEndpoint.objects.filter(
            pk=pk, owner=acting_user(request)
        ).first()
        if endpoint is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "title": now("Secrets of the webhook"),
            "endpoint": endpoint,
            "secrets": endpoints.secrets_of(endpoint=endpoint, at=timezone.now()),
            "opts": self.opts,
            "next": self.address_of("change", pk),
        }
        return TemplateResponse(
            request,
            "webhooks/secrets.html",
            context,
            headers={"Cache-Control": "no-store, private"},
        )

    def register(self, *, form: Any, by: User, at: datetime) -> WebhookEndpoint:
        return endpoints.register_endpoint(values=form.cleaned_data, by=by, at=at)

    def edit(
        self, *, obj: WebhookEndpoint, form: Any, by: User, at: datetime
    ) -> WebhookEndpoint:
        return endpoints.edit_endpoint(
            endpoint=obj, values=form.cleaned_data, by=by, at=at
        )

    def remove(self, *, obj: WebhookEndpoint, by: User, at: datetime) -> None:
        endpoints.remove_endpoint(endpoint=obj, by=by, at=at)

    def response_add(
        self,
        request: HttpRequest,
        obj: WebhookEndpoint,
        post_url_continue: str | None = None,
    ) -> HttpResponse:
        """Go on to the secret: without it the receiver cannot verify anything."""
        return HttpResponseRedirect(self.address_of("secrets", obj.pk))

    @dialogs.button(
        title=_("Show secrets"),
        permission=CHANGES,
        description=_("Only you see them, as the owner. Show them to nobody else."),
        icon="key",
    )
    def show_secrets(
        self, request: HttpRequest, endpoint: WebhookEndpoint, form: Any
    ) -> HttpResponse:
        return self._to_secrets(request, endpoint)

    @dialogs.button(
        title=_("Send a test"),
        permission=CHANGES,
        description=_("A small message goes out now; see it among the deliveries."),
        icon="send",
    )
    def send_test(
        self, request: HttpRequest, endpoint: WebhookEndpoint, form: Any
    ) -> str:
        replaying.send_test(
            endpoint=endpoint, by=acting_user(request), at=timezone.now()
        )
        return now("The test is on its way.")

    @dialogs.button(
        title=_("Send again"),
        permission=CHANGES,
        form=PeriodForm,
        description=_("Everything of these days, also what was missed."),
        icon="replay",
    )
    def replay(self, request: HttpRequest, endpoint: WebhookEndpoint, form: Any) -> str:
        since, until = (
            timezone.make_aware(datetime.combine(day, datetime.min.time()))
            for day in (
                form.cleaned_data["since"],
                form.cleaned_data["until"] + timedelta(days=1),
            )
        )
        count = replaying.replay_period(
            endpoint=endpoint,
            since=since,
            until=until,
            by=acting_user(request),
            at=timezone.now(),
        )
        text = ngettext("%(count)d is sent again.", "%(count)d are sent again.", count)
        return text % {"count": count}

    @dialogs.button(
        title=_("New secret"),
        permission=CHANGES,
        form=RotationForm,
        description=_("The receiver has to learn the new one before the overlap ends."),
        icon="autorenew",
    )
    def rotate_secret(
        self, request: HttpRequest, endpoint: WebhookEndpoint, form: Any
    ) -> HttpResponse:
        endpoints.rotate_secret(
            endpoint=endpoint,
            overlap=timedelta(hours=form.cleaned_data["overlap_hours"]),
            by=acting_user(request),
            at=timezone.now(),
        )
        return self._to_secrets(request, endpoint)

    def _to_secrets(
        self, request: HttpRequest, endpoint: WebhookEndpoint
    ) -> HttpResponse:
        endpoints.of_owner_or_refuse(endpoint, by=acting_user(request))
        address = self.address_of("secrets", endpoint.pk)
        if request.headers.get("HX-Request") == "true":
            return HttpResponse(headers={"HX-Redirect": address})
        return HttpResponseRedirect(address)


class AttemptInline(ReadOnlyInline[WebhookAttempt, WebhookDelivery]):
    """The log of one delivery."""

    model = WebhookAttempt
    fields = ("number", "at", "status", "fault", "took_ms", "answer")
    show_change_link = False


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(OperationAdmin[WebhookDelivery]):
    """What webhooks were sent, and what came back."""

    list_display = (
        "kind",
        "endpoint",
        "state",
        "attempts",
        "next_attempt_at",
        "ended_at",
    )
    list_select_related = ("endpoint",)
    list_filter = ("state", "endpoint", "is_test")
    search_fields = ("kind", "endpoint__description")
    fields = (
        "endpoint",
        ("kind", "is_test"),
        ("state", "attempts"),
        ("next_attempt_at", "ended_at"),
        ("key", "event"),
        "planned_at",
    )
    inlines = (AttemptInline,)
    actions_detail = ("send_again",)

    @dialogs.button(
        title=_("Send again"),
        permission=CHANGES,
        description=_("The same message with the same id."),
        icon="replay",
    )
    def send_again(
        self, request: HttpRequest, delivery: WebhookDelivery, form: Any
    ) -> str:
        replaying.replay_entries(
            endpoint=delivery.endpoint,
            entries=[delivery.event_id],
            by=acting_user(request),
            at=timezone.now(),
        )
        return now("It is sent again.")
