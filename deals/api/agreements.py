"""Agreements: list, detail, draft, edit; review, sign, amend, end."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from crm.accounts.models import Team, User
from crm.web import api
from deals.agreements import AgreementType, Side
from deals.api.deals import day, money, number, one_of, text, values_of
from deals.models import Agreement
from deals.operations import agreements as operations
from deals.operations import amendments, signing
from deals.operations.signing import Signature
from partners.models import Contact, Cooperation, Partner

RELATIONS = {"parent_id": Agreement, "owner_id": User, "team_id": Team}


class AgreementShape(api.Shape[Agreement]):
    """One paper, and where it stands."""

    partner_name = serializers.CharField(source="partner.display_name", read_only=True)

    class Meta:
        model = Agreement
        fields = (
            "id",
            "key",
            "code",
            "partner_id",
            "partner_name",
            "title",
            "reference",
            "agreement_type",
            "is_binding",
            "parent_id",
            "status",
            "status_since",
            "signed_by_us_on",
            "our_signatory_id",
            "signed_by_them_on",
            "their_signatory_id",
            "effective_on",
            "expires_on",
            "auto_renews",
            "renewal_months",
            "notice_days",
            "notice_deadline_on",
            "notice_given_on",
            "value",
            "currency",
            "amends",
            "ended_on",
            "ended_reason",
            "superseded_by_id",
            "owner_id",
            "team_id",
            "version",
            "updated_at",
        )


class AgreementFilters(api.Filters):
    updated_since = api.UpdatedSince()

    class Meta:
        model = Agreement
        fields = {
            "id": ["in"],
            "partner_id": ["exact", "in"],
            "agreement_type": ["exact", "in"],
            "status": ["exact", "in"],
            "parent_id": ["exact", "in", "isnull"],
            "owner_id": ["exact", "in", "isnull"],
            "expires_on": ["lte", "gte", "isnull"],
        }


class AgreementChanges(api.Given):
    """What can be changed; once both have signed only how it is filed."""

    title = serializers.CharField(max_length=200)
    reference = text(max_length=80)
    agreement_type = serializers.ChoiceField(choices=AgreementType.choices)
    is_binding = serializers.BooleanField(required=False)
    parent_id = number()
    effective_on = day()
    expires_on = day()
    auto_renews = serializers.BooleanField(required=False)
    renewal_months = number(1200)
    notice_days = serializers.IntegerField(
        min_value=0, max_value=3650, required=False, allow_null=True
    )
    value = money()
    currency = serializers.RegexField("^[A-Z]{3}$", required=False)
    owner_id = number()
    team_id = number()
    cooperation_ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1), required=False, max_length=100
    )


class AgreementGiven(AgreementChanges):
    """A new paper, with its partner."""

    partner_id = serializers.IntegerField(min_value=1)


def covered(given: dict[str, Any], user: User) -> list[Cooperation] | None:
    """Return the visible cooperations of the ids given; None when none were named."""
    if "cooperation_ids" not in given:
        return None
    return [
        one_of(Cooperation, pk, user, pointer="#/cooperation_ids")
        for pk in given.pop("cooperation_ids")
    ]


class Agreements(api.Adds[Agreement], api.Edits[Agreement]):
    """Papers with partners; their status moves by acts only."""

    plural = "agreements"
    access = api.Access(
        "deals",
        read="deals.view_agreement",
        add="deals.add_agreement",
        change="deals.change_agreement",
    )
    shape, filters = AgreementShape, AgreementFilters
    given, changes = AgreementGiven, AgreementChanges
    orderings = ("id", "title")

    def rows(self) -> QuerySet[Agreement]:
        return Agreement.objects.visible_to(self.user)

    def add(self, given: dict[str, Any], *, by: User, at: datetime) -> Agreement:
        partner = one_of(Partner, given.pop("partner_id"), by, pointer="#/partner_id")
        cooperations = covered(given, by) or []
        values = values_of(given, by, RELATIONS)
        return operations.draft_agreement(
            partner=partner,
            agreement_type=values.pop("agreement_type"),
            title=values.pop("title"),
            by=by,
            at=at,
            cooperations=cooperations,
            values=values,
        )

    def edit(
        self,
        row: Agreement,
        given: dict[str, Any],
        *,
        version: int | None,
        by: User,
        at: datetime,
    ) -> Agreement:
        cooperations = covered(given, by)
        return operations.edit_agreement(
            agreement=row,
            by=by,
            at=at,
            values=values_of(given, by, RELATIONS),
            cooperations=cooperations,
            expected_version=version,
        )


class NothingAsked(api.Given):
    """Nothing more is needed."""


class ReasonAsked(api.Given):
    """Why."""

    reason = serializers.CharField()


class SignatureGiven(api.Given):
    """Which side signed, when, and who."""

    side = serializers.ChoiceField(choices=Side.choices)
    signed_on = serializers.DateField()
    colleague_id = number()
    contact_id = number()


class NoticeGiven(api.Given):
    """When notice was given, and why."""

    on = serializers.DateField()
    reason = text(default="")


class SuccessorGiven(api.Given):
    """Which agreement takes its place."""

    successor_id = serializers.IntegerField(min_value=1)


class AmendmentGiven(api.Given):
    """What an amendment will change when it is active."""

    title = text(max_length=200, default="")
    expires_on = serializers.DateField(required=False)
    auto_renews = serializers.BooleanField(required=False)
    renewal_months = serializers.IntegerField(min_value=1, required=False)
    notice_days = serializers.IntegerField(min_value=0, required=False)
    value = serializers.DecimalField(
        max_digits=20, decimal_places=2, min_value=0, required=False
    )
    partner_legal_name = serializers.CharField(max_length=250, required=False)
    partner_country = serializers.RegexField("^[A-Z]{2}$", required=False)


class PaperAct(api.Act[Agreement]):
    """What all acts on an agreement share."""

    access = api.Access(
        "deals", read="deals.view_agreement", add="deals.change_agreement"
    )
    shape = AgreementShape

    def rows(self) -> QuerySet[Agreement]:
        return Agreement.objects.visible_to(self.user)


class SigningAct(PaperAct):
    """What legal and directors do."""

    access = api.Access(
        "deals", read="deals.view_agreement", add="deals.sign_agreement"
    )


class Review(PaperAct):
    """Send a draft to review."""

    plural = "agreement-review"
    given = NothingAsked

    def act(
        self, row: Agreement, given: dict[str, Any], *, by: User, at: datetime
    ) -> Agreement:
        return signing.send_to_review(agreement=row, by=by, at=at)


class BackToDraft(PaperAct):
    """Take it back from review; signatures given so far fall away."""

    plural = "agreement-back-to-draft"
    given = ReasonAsked

    def act(
        self, row: Agreement, given: dict[str, Any], *, by: User, at: datetime
    ) -> Agreement:
        return signing.return_to_draft(
            agreement=row, reason=given["reason"], by=by, at=at
        )


class Sign(SigningAct):
    """Record one side's signature; with both it is signed, and active once effective."""

    plural = "agreement-sign"
    given = SignatureGiven

    def act(
        self, row: Agreement, given: dict[str, Any], *, by: User, at: datetime
    ) -> Agreement:
        people = {"colleague_id": User, "contact_id": Contact}
        signature = Signature(**values_of(given, by, people))
        return signing.sign_agreement(agreement=row, signature=signature, by=by, at=at)


class Amend(PaperAct):
    """Draft an amendment; the answer shows the amendment."""

    plural = "agreement-amend"
    given = AmendmentGiven

    def act(
        self, row: Agreement, given: dict[str, Any], *, by: User, at: datetime
    ) -> Agreement:
        title = given.pop("title")
        changes = {name.replace("partner_", "partner."): v for name, v in given.items()}
        return amendments.draft_amendment(
            agreement=row, changes=changes, title=title, by=by, at=at
        )


class Notice(SigningAct):
    """Write down that notice was given."""

    plural = "agreement-notice"
    given = NoticeGiven

    def act(
        self, row: Agreement, given: dict[str, Any], *, by: User, at: datetime
    ) -> Agreement:
        return signing.give_notice(agreement=row, by=by, at=at, **given)


class Supersede(SigningAct):
    """Let another agreement in force take its place."""

    plural = "agreement-supersede"
    given = SuccessorGiven

    def act(
        self, row: Agreement, given: dict[str, Any], *, by: User, at: datetime
    ) -> Agreement:
        successor = one_of(
            Agreement, given["successor_id"], by, pointer="#/successor_id"
        )
        return signing.supersede_agreement(
            agreement=row, successor=successor, by=by, at=at
        )


class TerminateAgreement(SigningAct):
    """End it before its time."""

    plural = "agreement-terminate"
    given = ReasonAsked

    def act(
        self, row: Agreement, given: dict[str, Any], *, by: User, at: datetime
    ) -> Agreement:
        return signing.terminate_agreement(
            agreement=row, reason=given["reason"], by=by, at=at
        )


urlpatterns = [
    *api.routes("agreements", Agreements),
    api.act("agreements/<int:pk>/review", Review),
    api.act("agreements/<int:pk>/back-to-draft", BackToDraft),
    api.act("agreements/<int:pk>/sign", Sign),
    api.act("agreements/<int:pk>/amend", Amend),
    api.act("agreements/<int:pk>/notice", Notice),
    api.act("agreements/<int:pk>/supersede", Supersede),
    api.act("agreements/<int:pk>/terminate", TerminateAgreement),
]
