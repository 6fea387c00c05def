"""Business reviews: recorded with who took part, what came out, and when the next is due."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelectMultiple
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold import widgets

from crm.accounts.models import User
from crm.web.acting import acting_user
from crm.web.admin import OperationAdmin
from partners import operations
from partners.models import Activity, BusinessReview, Contact

EDITABLE = ("outcomes", "next_due_on", "pack")


class ReviewForm(forms.ModelForm[BusinessReview]):
    """A review that took place."""

    next_due_on = forms.DateField(
        label=capfirst(_("next review due on")),
        required=False,
        widget=widgets.UnfoldAdminSingleDateWidget,
        help_text=_("A quarter later when left empty."),
    )
    are_executives = forms.BooleanField(
        label=capfirst(_("executives of both sides took part")),
        required=False,
        initial=True,
        widget=widgets.UnfoldBooleanSwitchWidget,
    )
    people = forms.ModelMultipleChoiceField(
        label=capfirst(_("our people")),
        queryset=User.objects.filter(is_active=True).order_by("name", "pk"),
        required=False,
    )
    contacts = forms.ModelMultipleChoiceField(
        label=capfirst(_("their people")),
        queryset=Contact.objects.none(),
        required=False,
    )

    class Meta:
        model = BusinessReview
        fields = ("partner", "cooperation", "held_on", *EDITABLE)


@admin.register(BusinessReview)
class BusinessReviewAdmin(OperationAdmin[BusinessReview]):
    """Reviews with visible partners."""

    form = ReviewForm
    list_display = ("held_on", "partner", "cooperation", "outcomes", "next_due_on")
    list_select_related = ("partner", "cooperation")
    search_fields = ("partner__display_name", "outcomes")
    ordering = ("-held_on", "-pk")
    autocomplete_fields = ("partner", "cooperation", "pack")

    def get_fields(
        self, request: HttpRequest, obj: BusinessReview | None = None
    ) -> Any:
        if obj is not None:
            return (("partner", "cooperation"), "held_on", "present", *EDITABLE)
        return (
            ("partner", "cooperation"),
            ("held_on", "next_due_on"),
            "outcomes",
            "pack",
            ("people", "contacts"),
            "are_executives",
        )

    def get_form(
        self,
        request: HttpRequest,
        obj: BusinessReview | None = None,
        change: bool = False,  # noqa: FBT001, FBT002  # Django's signature
        **kwargs: Any,
    ) -> Any:
        """Let people be found by their names: lists of all would be long."""
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        seen = Contact.objects.present().visible_to(acting_user(request))
        for name, rows in (("people", None), ("contacts", seen)):
            field = form.base_fields.get(name)
            if field is None:
                continue
            field.queryset = field.queryset if rows is None else rows
            field.widget = AutocompleteSelectMultiple(
                Activity._meta.get_field(name), self.admin_site
            )
            field.widget.choices = field.choices
        return form

    def get_readonly_fields(
        self, request: HttpRequest, obj: BusinessReview | None = None
    ) -> Any:
        return () if obj is None else ("partner", "cooperation", "held_on", "present")

    @admin.display(description=_("took part"))
    def present(self, review: BusinessReview) -> str:
        theirs = Contact.objects.filter(activities=review.meeting_id)
        names = [*review.meeting.people.order_by("name"), *theirs.order_by("name")]
        return ", ".join(map(str, names)) or "–"

    def register(self, *, form: Any, by: User, at: datetime) -> BusinessReview:
        said = form.cleaned_data
        return operations.record_review(
            partner=said["partner"],
            cooperation=said["cooperation"],
            values={name: said[name] for name in ("held_on", *EDITABLE)},
            participants=operations.Participants(
                people=list(said["people"]),
                contacts=list(said["contacts"]),
                are_executives=said["are_executives"],
            ),
            by=by,
            at=at,
        )

    def edit(
        self, *, obj: BusinessReview, form: Any, by: User, at: datetime
    ) -> BusinessReview:
        values = {name: form.cleaned_data[name] for name in EDITABLE}
        return operations.edit_review(review=obj, values=values, by=by, at=at)
