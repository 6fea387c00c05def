"""What one can do with an agreement: review, sign, amend, end, keep its documents."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from crm.accounts.models import User
from crm.web import dialogs
from crm.web.acting import acting_user
from crm.web.admin import OperationAdmin
from crm.web.dialogs import DialogForm
from deals.agreements import IN_FORCE, AgreementStatus, Side
from deals.forms import typed
from deals.models import Agreement
from deals.operations import agreements, amendments, signing
from deals.operations.signing import Signature
from partners.models import Contact
from partners.operations.attachments import Document

AREA = {"rows": 2}
SEEN = "deals.agreement_seen"


LIVING = (
    AgreementStatus.DRAFT,
    AgreementStatus.IN_REVIEW,
    AgreementStatus.SIGNED,
    AgreementStatus.ACTIVE,
)


class ReasonForm(DialogForm):
    """Why."""

    reason = forms.CharField(label=_("reason"), widget=forms.Textarea(attrs=AREA))


class SignForm(DialogForm):
    """Which side signed, when, and who."""

    side = forms.ChoiceField(label=_("who signed"), choices=Side.choices)
    signed_on = forms.DateField(label=_("signed on"), widget=forms.DateInput)
    colleague = forms.ModelChoiceField(
        label=_("signed for us by"), required=False, queryset=User.objects.none()
    )
    contact = forms.ModelChoiceField(
        label=_("signed for them by"), required=False, queryset=Contact.objects.none()
    )

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        agreement: Any = self.obj
        people = User.objects.filter(is_active=True).order_by("name", "pk")
        theirs = Contact.objects.filter(partner=agreement.partner_id)
        self.fields["colleague"].queryset = people
        self.fields["contact"].queryset = theirs.order_by("name", "pk")


class NoticeForm(DialogForm):
    """When notice was given, and why."""

    on = forms.DateField(label=_("notice given on"), widget=forms.DateInput)
    reason = forms.CharField(
        label=_("reason"), required=False, widget=forms.Textarea(attrs=AREA)
    )


class SupersedeForm(DialogForm):
    """Which agreement takes its place."""

    successor = forms.ModelChoiceField(
        label=_("superseded by"), queryset=Agreement.objects.none()
    )

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        agreement: Any = self.obj
        rows = Agreement.objects.filter(
            partner=agreement.partner_id, status__in=IN_FORCE
        ).exclude(pk=agreement.pk)
        self.fields["successor"].queryset = rows.order_by("title", "pk")


class VersionForm(DialogForm):
    """The next version of the document."""

    document = forms.FileField(
        label=_("file"), help_text=_("PDF, Office without macros, pictures or text.")
    )
    note = forms.CharField(label=_("note"), required=False, max_length=250)


class AmendForm(DialogForm):
    """What the amendment will change; what stays empty stays as it is."""

    title = forms.CharField(label=_("title"), required=False, max_length=200)
    expires_on = forms.DateField(
        label=_("expires on"), required=False, widget=forms.DateInput
    )
    notice_days = forms.IntegerField(
        label=_("days of notice"), required=False, min_value=0, max_value=1000
    )
    value = forms.DecimalField(
        label=_("value"), required=False, max_digits=20, decimal_places=2, min_value=0
    )
    legal_name = forms.CharField(
        label=_("legal name of the partner"), required=False, max_length=250
    )
    country = forms.RegexField(
        "^[A-Z]{2}$", label=_("country of the partner"), required=False
    )

    def changes(self) -> dict[str, Any]:
        """Return what is filled in, by the names of the terms."""
        said = {
            name: value
            for name, value in typed(self).items()
            if name != "title" and value not in {None, ""}
        }
        party = {"legal_name", "country"}
        return {(f"partner.{n}" if n in party else n): v for n, v in said.items()}


class AgreementDialogs(OperationAdmin[Agreement]):
    """The buttons of an agreement's page, each offered where it makes sense."""

    def has_draft_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_change(request, obj, AgreementStatus.DRAFT)

    def has_reviewed_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_change(request, obj, AgreementStatus.IN_REVIEW)

    def has_living_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_change(request, obj, *LIVING)

    def has_in_force_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_change(request, obj, *IN_FORCE)

    def has_signable_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_sign(request, obj, AgreementStatus.IN_REVIEW)

    def has_waiting_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_sign(request, obj, AgreementStatus.SIGNED)

    def has_endable_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_sign(request, obj, *LIVING)

    def has_replaceable_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_sign(request, obj, *IN_FORCE)

    def has_noticeable_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        paper = self._seen(request, obj)
        is_due = (
            paper is not None
            and paper.expires_on is not None
            and paper.notice_given_on is None
        )
        return is_due and self._may_sign(request, obj, AgreementStatus.ACTIVE)

    def _may_change(self, request: HttpRequest, obj: Any, *states: str) -> bool:
        paper = self._seen(request, obj)
        is_fitting = paper is not None and paper.status in states
        return is_fitting and request.user.has_perm("deals.change_agreement")

    def _may_sign(self, request: HttpRequest, obj: Any, *states: str) -> bool:
        paper = self._seen(request, obj)
        is_fitting = paper is not None and paper.status in states
        return is_fitting and request.user.has_perm("deals.sign_agreement")

    def _seen(self, request: HttpRequest, obj: Any) -> Agreement | None:
        """Return the agreement the buttons are about; one query a page."""
        key = getattr(obj, "pk", obj)
        if key is None:
            return None
        known: dict[str, Agreement | None] = request.META.setdefault(SEEN, {})
        if str(key) not in known:
            rows = Agreement.objects.visible_to(acting_user(request))
            known[str(key)] = rows.filter(pk=key).first()
        return known[str(key)]

    @dialogs.button(
        title=_("Send to review"),
        permission="draft",
        icon="rate_review",
        variant=ActionVariant.PRIMARY,
    )
    def review(self, request: HttpRequest, paper: Agreement, form: Any) -> str:
        signing.send_to_review(
            agreement=paper, by=acting_user(request), at=timezone.now()
        )
        return gettext("It is in review.")

    @dialogs.button(
        title=_("Back to draft"),
        permission="reviewed",
        form=ReasonForm,
        description=_("Signatures given so far fall away."),
        icon="undo",
    )
    def back(self, request: HttpRequest, paper: Agreement, form: Any) -> str:
        signing.return_to_draft(
            agreement=paper,
            reason=form.cleaned_data["reason"],
            by=acting_user(request),
            at=timezone.now(),
        )
        return gettext("It is a draft again.")

    @dialogs.button(
        title=_("Sign"),
        permission="signable",
        form=SignForm,
        description=_("With both signatures it is signed, and active once effective."),
        icon="signature",
        variant=ActionVariant.PRIMARY,
    )
    def sign(self, request: HttpRequest, paper: Agreement, form: Any) -> str:
        signed = signing.sign_agreement(
            agreement=paper,
            signature=Signature(**typed(form)),
            by=acting_user(request),
            at=timezone.now(),
        )
        return gettext("Signature kept; it is %(status)s.") % {
            "status": signed.get_status_display()
        }

    @dialogs.button(title=_("Activate"), permission="waiting", icon="play_arrow")
    def activate(self, request: HttpRequest, paper: Agreement, form: Any) -> str:
        signing.activate_agreement(
            agreement=paper, by=acting_user(request), at=timezone.now()
        )
        return gettext("It is active.")

    @dialogs.button(
        title=_("Add version"),
        permission="living",
        form=VersionForm,
        icon="upload_file",
    )
    def add_version(self, request: HttpRequest, paper: Agreement, form: Any) -> str:
        upload = form.cleaned_data["document"]
        version = agreements.add_version(
            agreement=paper,
            document=Document(name=upload.name, content=upload.read()),
            note=form.cleaned_data["note"],
            by=acting_user(request),
            at=timezone.now(),
        )
        return gettext("Version %(number)s is kept.") % {"number": version.number}

    @dialogs.button(
        title=_("Amend"),
        permission="in_force",
        form=AmendForm,
        description=_("Drafts a paper; what it changes is changed when it is active."),
        icon="edit_document",
    )
    def amend(self, request: HttpRequest, paper: Agreement, form: Any) -> str:
        drafted = amendments.draft_amendment(
            agreement=paper,
            changes=form.changes(),
            title=form.cleaned_data["title"],
            by=acting_user(request),
            at=timezone.now(),
        )
        return gettext("Drafted: %(title)s") % {"title": drafted}

    @dialogs.button(
        title=_("Give notice"),
        permission="noticeable",
        form=NoticeForm,
        description=_("It will not renew, and nobody is reminded of the notice."),
        icon="campaign",
    )
    def notice(self, request: HttpRequest, paper: Agreement, form: Any) -> str:
        signing.give_notice(
            agreement=paper,
            by=acting_user(request),
            at=timezone.now(),
            **typed(form),
        )
        return gettext("Notice is written down.")

    @dialogs.button(
        title=_("Supersede"),
        permission="replaceable",
        form=SupersedeForm,
        icon="move_up",
    )
    def supersede(self, request: HttpRequest, paper: Agreement, form: Any) -> str:
        signing.supersede_agreement(
            agreement=paper,
            successor=form.cleaned_data["successor"],
            by=acting_user(request),
            at=timezone.now(),
        )
        return gettext("Superseded.")

    @dialogs.button(
        title=_("Terminate"),
        permission="endable",
        form=ReasonForm,
        icon="block",
        variant=ActionVariant.DANGER,
    )
    def terminate(self, request: HttpRequest, paper: Agreement, form: Any) -> str:
        signing.terminate_agreement(
            agreement=paper,
            reason=form.cleaned_data["reason"],
            by=acting_user(request),
            at=timezone.now(),
        )
        return gettext("Terminated.")
