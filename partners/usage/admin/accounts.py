"""Cloud accounts and whose they are; the work list of spend that belongs to nobody."""

from datetime import UTC, date, timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import display
from unfold.enums import ActionVariant

from crm.accounts import policy
from crm.accounts.models import User
from crm.core import numbers
from crm.core.errors import DomainError
from crm.web import dialogs
from crm.web.acting import acting_user
from crm.web.admin import OperationAdmin
from crm.web.api import formats
from crm.web.dialogs import DialogForm
from crm.web.refusals import tell
from partners.models import Partner
from partners.usage import operations, queries
from partners.usage.models import AccountAssignment, CloudAccount, Environment
from partners.usage.models.account import SEES_UNASSIGNED

LOOKED_BACK = timedelta(days=92)
MOST_SHOWN = 200


class AssignForm(DialogForm):
    """Whose it is, from which day on, and which rows of it."""

    partner = forms.ModelChoiceField(
        label=_("partner"), queryset=Partner.objects.none(), widget=forms.Select
    )
    since = forms.DateField(
        label=_("from this day on"),
        required=False,
        widget=forms.DateInput,
        help_text=_("Empty: from the beginning. Whoever had it keeps the days before."),
    )
    until = forms.DateField(
        label=_("up to, not included"), required=False, widget=forms.DateInput
    )
    tag_key = forms.CharField(
        label=_("tag"),
        required=False,
        max_length=120,
        help_text=_("Only rows with this tag; empty: the whole account."),
    )
    tag_value = forms.CharField(label=_("tag value"), required=False, max_length=240)

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        partners = Partner.objects.visible_to(acting_user(request))
        chosen: Any = self.fields["partner"]
        chosen.queryset = partners.filter(archived_at__isnull=True).order_by(
            "display_name", "pk"
        )


class EnvironmentForm(DialogForm):
    """What the account serves."""

    environment = forms.ChoiceField(
        label=_("environment"), choices=Environment.choices, widget=forms.Select
    )


class EndForm(DialogForm):
    """From which day on it no longer holds."""

    on = forms.DateField(
        label=_("ends on"),
        required=False,
        widget=forms.DateInput,
        help_text=_("Empty: take it away wholly, as if it had never been."),
    )


@admin.register(CloudAccount)
class CloudAccountAdmin(OperationAdmin[CloudAccount]):
    """Accounts of visible partners; those of nobody for finance."""

    list_display = (
        "label",
        "billing_account_id",
        "sub_account_id",
        "source",
        "environment",
        "discovered_at",
    )
    list_select_related = ("source",)
    list_filter = (
        ("source", RelatedDropdownFilter),
        ("environment", ChoicesDropdownFilter),
    )
    search_fields = ("name", "billing_account_id", "sub_account_id")
    ordering = ("billing_account_id", "sub_account_id", "pk")
    actions_detail = ("assign", "set_environment")
    change_form_before_template = "usage/assignments.html"
    fields = (
        "source",
        "provider",
        "billing_account_id",
        "sub_account_id",
        "name",
        "environment",
        "discovered_at",
    )
    readonly_fields = fields

    @display(  # type: ignore[untyped-decorator]  # the theme has no types
        description=_("name"), ordering="name"
    )
    def label(self, account: CloudAccount) -> str:
        return str(account)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_assign_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell whether this person may say whose it is."""
        return request.user.has_perm("usage.add_accountassignment") and self.is_visible(
            request, obj
        )

    def has_edit_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell whether this person may say what it serves."""
        return request.user.has_perm("usage.change_cloudaccount") and self.is_visible(
            request, obj
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        account = self.get_object(request, object_id)
        assignments = AccountAssignment.objects.visible_to(acting_user(request))
        context = {
            **(extra_context or {}),
            "assignments": assignments.filter(account=account)
            .select_related("partner", "assigned_by")
            .order_by("tag_key", "tag_value", "-during", "pk"),
        }
        return super().change_view(request, object_id, form_url, context)

    @dialogs.button(
        title=_("Assign"),
        permission="assign",
        form=AssignForm,
        description=_("History changes from that day on, and only that."),
        icon="assignment_ind",
        variant=ActionVariant.PRIMARY,
    )
    def assign(self, request: HttpRequest, account: CloudAccount, form: Any) -> str:
        given = form.cleaned_data
        operations.assign_account(
            account=account,
            partner=given["partner"],
            since=given["since"],
            until=given["until"],
            tag=(given["tag_key"], given["tag_value"]),
            by=acting_user(request),
            at=timezone.now(),
        )
        return gettext("It is theirs from that day on.")

    @dialogs.button(
        title=_("Environment"), permission="edit", form=EnvironmentForm, icon="dns"
    )
    def set_environment(
        self, request: HttpRequest, account: CloudAccount, form: Any
    ) -> str:
        operations.set_environment(
            account=account,
            environment=Environment(form.cleaned_data["environment"]),
            by=acting_user(request),
            at=timezone.now(),
        )
        return gettext("Stored.")

    # --- the work list

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.unassigned_view)
        name = "usage_cloudaccount_unassigned"
        return [path("unassigned/", view, name=name), *super().get_urls()]

    def unassigned_view(self, request: HttpRequest) -> HttpResponseBase:
        """Show spend of nobody, most money first; on POST give one account away."""
        person = acting_user(request)
        if not policy.reach_of(person).has_any(SEES_UNASSIGNED):
            raise PermissionDenied
        if request.method == "POST":
            return self._given(request, person)
        since = (timezone.now().astimezone(UTC) - LOOKED_BACK).date().replace(day=1)
        partners = Partner.objects.visible_to(person).filter(archived_at__isnull=True)
        named = {partner.pk: partner for partner in partners.order_by("display_name")}
        rows = queries.unassigned_spend(
            since=since, count=MOST_SHOWN, partners=list(named.values())
        )
        if "format" in request.GET:
            return _as_table(request, rows)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("Spend that belongs to nobody"),
            "is_fullwidth": True,
            "since": since,
            "partners": list(named.values()),
            "rows": [
                {
                    "account": row,
                    "effective": numbers.grouped(row.effective),
                    "billed": numbers.grouped(row.billed),
                    "suggestions": [named[pk] for pk in row.suggestions if pk in named],
                }
                for row in rows
            ],
            "may_assign": person.has_perm("usage.add_accountassignment"),
        }
        return TemplateResponse(request, "usage/unassigned.html", context)

    def _given(self, request: HttpRequest, person: User) -> HttpResponse:
        if not person.has_perm("usage.add_accountassignment"):
            raise PermissionDenied
        account = _posted(CloudAccount.objects.visible_to(person), request, "account")
        partner = _posted(Partner.objects.visible_to(person), request, "partner")
        try:
            operations.assign_account(
                account=account,
                partner=partner,
                since=None,
                by=person,
                at=timezone.now(),
            )
        except DomainError as refusal:
            tell(request, refusal)
        else:
            messages.success(
                request,
                gettext("“%(account)s” belongs to %(partner)s.")
                % {"account": account, "partner": partner},
            )
        return HttpResponseRedirect(reverse("admin:usage_cloudaccount_unassigned"))


COLUMNS = (
    "account_id", "source", "provider", "billing_account_id", "sub_account_id", "name",
    "currency", "effective_cost", "billed_cost", "first_month", "latest_month",
)  # fmt: skip


def _as_table(request: HttpRequest, rows: Any) -> HttpResponseBase:
    answer = formats.TABLES.get(request.GET["format"])
    if answer is None:
        raise Http404
    return answer(
        "usage-unassigned",
        COLUMNS,
        [
            (one.account_id, one.source, one.provider, one.billing_account_id,
             one.sub_account_id, one.name, one.currency, one.effective, one.billed,
             one.first_month, one.latest_month)
            for one in rows
        ],
    )  # fmt: skip


def _posted(rows: QuerySet[Any], request: HttpRequest, name: str) -> Any:
    """Return the visible row that the form names.

    :raises Http404: when there is none; absent and not visible look the same.
    """
    text = request.POST.get(name, "")
    found = rows.filter(pk=text).first() if text.isdecimal() else None
    if found is None:
        raise Http404
    return found


@admin.register(AccountAssignment)
class AccountAssignmentAdmin(OperationAdmin[AccountAssignment]):
    """Assignments to visible partners; one is ended, or moved by a new one."""

    list_display = (
        "account",
        "partner",
        "tag_key",
        "tag_value",
        "first_day",
        "end_day",
        "assigned_by",
    )
    list_select_related = ("account", "partner", "assigned_by")
    list_filter = (("account__source", RelatedDropdownFilter),)
    search_fields = ("account__name", "account__billing_account_id", "tag_value")
    actions_detail = ("end",)
    fields = (
        "account",
        "partner",
        "tag_key",
        "tag_value",
        "first_day",
        "end_day",
        "assigned_by",
        "assigned_at",
    )
    readonly_fields = fields

    @display(  # type: ignore[untyped-decorator]  # the theme has no types
        description=_("from"), ordering="during", empty_value="–"
    )
    def first_day(self, assignment: AccountAssignment) -> date | None:
        return assignment.during.lower if assignment.during else None

    @display(  # type: ignore[untyped-decorator]  # the theme has no types
        description=_("up to, not included"), empty_value="–"
    )
    def end_day(self, assignment: AccountAssignment) -> date | None:
        return assignment.during.upper if assignment.during else None

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_end_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell whether this person may end it."""
        return request.user.has_perm(
            "usage.change_accountassignment"
        ) and self.is_visible(request, obj)

    @dialogs.button(
        title=_("End"),
        permission="end",
        form=EndForm,
        description=_("The days before stay the partner's."),
        icon="event_busy",
    )
    def end(
        self, request: HttpRequest, assignment: AccountAssignment, form: Any
    ) -> HttpResponse:
        operations.end_assignment(
            assignment=assignment,
            on=form.cleaned_data["on"],
            by=acting_user(request),
            at=timezone.now(),
        )
        messages.success(request, gettext("It holds no more from that day on."))
        url = reverse("admin:usage_cloudaccount_change", args=(assignment.account_id,))
        if request.headers.get("HX-Request") == "true":
            return HttpResponse(headers={"HX-Redirect": url})
        return HttpResponseRedirect(url)
