"""What one can do with a commitment: amend, say what counts, settle, cancel."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from crm.web import dialogs
from crm.web.acting import acting_user
from crm.web.admin import OperationAdmin
from crm.web.dialogs import DialogForm
from deals.commitments import OPEN, CommitmentStatus, Milestone, ShortfallPolicy
from deals.eligibility import CostColumn, Dimension
from deals.models import Agreement, Commitment
from deals.operations import commitments as operations
from deals.operations.commitments import Counts
from deals.operations.settlements import settle_commitment

STATUSES = "deals.commitment.statuses"
EXAMPLE_MILESTONES = "2026-01-01 300000\n2027-01-01 1000000"
EXAMPLE_COUNTS = "ai: ai\nregion: cn-hangzhou\nnot service: Marketplace"


def read_milestones(text: str) -> list[Milestone]:
    """Read one milestone a line: the day before which it is due, and the target.

    :raises ValidationError: naming the line that cannot be read.
    """
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        words = line.split()
        try:
            due_on, target = words
            found.append(
                Milestone(
                    due_on=date.fromisoformat(due_on),
                    target=Decimal(target.replace(",", "")),
                )
            )
        except (ValueError, InvalidOperation):
            raise ValidationError(
                gettext("Not a day and an amount: %(line)s") % {"line": line}
            ) from None
    return sorted(found, key=lambda one: one.due_on)


def read_counts(text: str) -> list[Counts]:
    """Read one value a line: `dimension: value`, with `not` before what does not count.

    :raises ValidationError: naming the line that cannot be read.
    """
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        name, _colon, value = line.partition(":")
        words = name.lower().split()
        is_excluded = words[:1] == ["not"]
        dimension = "_".join(words[1:] if is_excluded else words)
        if dimension not in Dimension.values or not value.strip():
            raise ValidationError(
                gettext("Not one of %(names)s, and a value: %(line)s")
                % {"names": ", ".join(Dimension.values), "line": line}
            )
        found.append(
            Counts(dimension=dimension, value=value.strip(), is_excluded=is_excluded)
        )
    return found


def written_milestones(row: Commitment) -> str:
    """Return the milestones as they are read."""
    return "\n".join(
        f"{one.due_on} {one.target.normalize():f}"
        for one in row.milestones.order_by("due_on")
    )


def written_counts(row: Commitment) -> str:
    """Return what counts as it is read."""
    return "\n".join(
        f"{'not ' if one.is_excluded else ''}{one.dimension}: {one.value}"
        for one in row.eligibility.order_by("is_excluded", "dimension", "value")
    )


class TermsForm(forms.Form):
    """Milestones and what counts, as lines of text."""

    milestones = forms.CharField(
        label=_("milestones"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": EXAMPLE_MILESTONES}),
        help_text=_("One a line: the day before which it is due, cumulative target."),
    )
    counts = forms.CharField(
        label=_("what counts"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": EXAMPLE_COUNTS}),
        help_text=_(
            "One a line, as “region: cn-hangzhou” or “not service: Marketplace”;"
            " nothing means all usage. Dimensions: service_category, service, region,"
            " account, ai (ai or other)."
        ),
    )

    def clean_milestones(self) -> list[Milestone]:
        return read_milestones(self.cleaned_data["milestones"])

    def clean_counts(self) -> list[Counts]:
        return read_counts(self.cleaned_data["counts"])


class AmendForm(DialogForm, TermsForm):
    """The terms as they stand, to be changed."""

    amount = forms.DecimalField(
        label=_("amount, per interval where it is settled so"),
        max_digits=38,
        decimal_places=18,
    )
    end_on = forms.DateField(label=_("ends before"), widget=forms.DateInput)
    priority = forms.IntegerField(label=_("priority"), min_value=0, max_value=32767)
    shortfall_policy = forms.ChoiceField(
        label=_("a shortfall is"), choices=ShortfallPolicy.choices
    )
    cost_column = forms.ChoiceField(
        label=_("cost that counts"), choices=CostColumn.choices
    )
    is_prepaid = forms.BooleanField(label=_("prepaid pool"), required=False)
    counts_credits = forms.BooleanField(label=_("credits count"), required=False)
    counts_refunds = forms.BooleanField(label=_("refunds count"), required=False)
    counts_purchases = forms.BooleanField(label=_("purchases count"), required=False)
    agreement = forms.ModelChoiceField(
        label=_("by agreement"), queryset=Agreement.objects.none(), required=False
    )
    reason = forms.CharField(
        label=_("reason"), widget=forms.Textarea(attrs={"rows": 2})
    )
    obj: Commitment

    field_order = (
        "amount", "end_on", "priority", "shortfall_policy", "cost_column", "is_prepaid",
        "counts_credits", "counts_refunds", "counts_purchases", "milestones", "counts",
        "agreement", "reason",
    )  # fmt: skip

    def __init__(
        self, request: HttpRequest, *args: Any, obj: Commitment, **kwargs: Any
    ) -> None:
        is_continuous = obj.interval_amount is not None
        self.amount_field = "interval_amount" if is_continuous else "amount"
        kwargs["initial"] = {
            **{name: getattr(obj, name) for name in operations.AMENDABLE},
            "amount": getattr(obj, self.amount_field).normalize(),
            "milestones": written_milestones(obj),
            "counts": written_counts(obj),
        }
        super().__init__(request, *args, obj=obj, **kwargs)
        papers = Agreement.objects.visible_to(acting_user(request))
        field: Any = self.fields["agreement"]
        field.queryset = papers.filter(partner_id=obj.partner_id).order_by(
            "title", "pk"
        )

    def values(self) -> dict[str, Any]:
        """Return the terms as the operation takes them."""
        said = self.cleaned_data
        names = (*operations.AMENDABLE, "agreement")
        values = {name: said[name] for name in names if name in said}
        values[self.amount_field] = values.pop("amount")
        return values


class ReasonForm(DialogForm):
    """Why."""

    reason = forms.CharField(label=_("reason"), widget=forms.Textarea)


class SettleForm(DialogForm):
    """Into which commitment a rest goes that is rolled over."""

    into = forms.ModelChoiceField(
        label=_("rolled over into"),
        queryset=Commitment.objects.none(),
        required=False,
        help_text=_("Only where the policy rolls over."),
    )
    obj: Commitment

    def __init__(
        self, request: HttpRequest, *args: Any, obj: Commitment, **kwargs: Any
    ) -> None:
        super().__init__(request, *args, obj=obj, **kwargs)
        field: Any = self.fields["into"]
        field.queryset = (
            Commitment.objects.visible_to(acting_user(request))
            .running()
            .filter(partner_id=obj.partner_id)
            .exclude(pk=obj.pk)
            .order_by("start_on", "pk")
        )


def remember_status(request: HttpRequest, row: Commitment) -> None:
    """Spare the buttons of a page the question where the row they stand on is."""
    request.META.setdefault(STATUSES, {})[str(row.pk)] = row.status


class CommitmentDialogs(OperationAdmin[Commitment]):
    """The buttons of a commitment's page, each offered where it makes sense."""

    def has_running_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is(request, obj, OPEN) and self.has_change_permission(request, obj)

    def has_settle_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("deals.settle_commitment") and self._is(
            request, obj, (CommitmentStatus.ACTIVE,)
        )

    def has_cancel_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("deals.settle_commitment") and self._is(
            request, obj, OPEN
        )

    def _is(self, request: HttpRequest, obj: Any, states: Any) -> bool:
        key = getattr(obj, "pk", obj)
        if key is None:
            return False
        known = request.META.setdefault(STATUSES, {})
        if str(key) not in known:
            rows = Commitment.objects.visible_to(acting_user(request))
            status = rows.filter(pk=key).values_list("status", flat=True).first()
            known[str(key)] = status
        return known[str(key)] in states

    @dialogs.button(
        title=_("Amend"),
        permission="running",
        form=AmendForm,
        description=_("The ledger follows at once; the old terms are kept."),
        icon="edit_document",
        variant=ActionVariant.PRIMARY,
    )
    def amend(self, request: HttpRequest, row: Commitment, form: AmendForm) -> str:
        operations.amend_commitment(
            commitment=row,
            values=form.values(),
            milestones=form.cleaned_data["milestones"],
            counts=form.cleaned_data["counts"],
            reason=form.cleaned_data["reason"],
            by=acting_user(request),
            at=timezone.now(),
        )
        return gettext("Amended.")

    @dialogs.button(
        title=_("Settle"),
        permission="settle",
        form=SettleForm,
        description=_(
            "After the end, once its months are closed: what was not drawn is charged,"
            " rolled over or waived, as agreed."
        ),
        icon="task_alt",
    )
    def settle(self, request: HttpRequest, row: Commitment, form: SettleForm) -> str:
        done = settle_commitment(
            commitment=row,
            into=form.cleaned_data["into"],
            by=acting_user(request),
            at=timezone.now(),
        )
        return gettext("It is: %(status)s.") % {"status": done.get_status_display()}

    @dialogs.button(
        title=_("Cancel"),
        permission="cancel",
        form=ReasonForm,
        description=_("It draws nothing any more; its ledger stays."),
        icon="block",
        variant=ActionVariant.DANGER,
    )
    def cancel(self, request: HttpRequest, row: Commitment, form: ReasonForm) -> str:
        operations.cancel_commitment(
            commitment=row,
            reason=form.cleaned_data["reason"],
            by=acting_user(request),
            at=timezone.now(),
        )
        return gettext("Cancelled.")
