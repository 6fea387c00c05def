"""Commitments: list, record, edit, amend, settle, cancel; their ledger."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from rest_framework import serializers

from crm.accounts.models import User
from crm.web import api
from deals.commitments import CommitmentKind, Milestone, Settlement, ShortfallPolicy
from deals.drawdowns import Interval
from deals.eligibility import CostColumn, Dimension
from deals.models import Agreement, Commitment, CommitmentAmendment, DrawdownEntry
from deals.operations import commitments as operations
from deals.operations.commitments import Counts
from deals.operations.settlements import settle_commitment
from partners.models import Partner

READ = "deals.view_commitment"
ACCESS = api.Access(
    "deals",
    read=READ,
    add="deals.add_commitment",
    change="deals.change_commitment",
)


def row_of(model: Any, pk: int | None, user: User, *, pointer: str) -> Any:
    """Return the visible row of this id, or None for none.

    :raises ProblemError: 400 with the pointer; absent and out of sight look the same.
    """
    if pk is None:
        return None
    row = model.objects.all().visible_to(user).filter(pk=pk).first()
    if row is None:
        fault = {"pointer": pointer, "code": "not-found", "detail": "There is none."}
        raise api.ProblemError(400, "invalid", errors=[fault])
    return row


class CommitmentShape(api.Shape[Commitment]):
    """What one partner promised to draw within a term."""

    partner_name = serializers.CharField(source="partner.display_name", read_only=True)

    class Meta:
        model = Commitment
        fields = (
            "id", "key", "code", "partner_id", "partner_name", "agreement_id", "title",
            "kind", "settlement", "interval", "interval_amount", "amount", "currency",
            "unit", "start_on", "end_on", "priority", "shortfall_policy", "is_prepaid",
            "cost_column", "counts_credits", "counts_refunds", "counts_purchases",
            "status", "settled_at", "rolled_into_id", "ended_reason", "owner_id", "note",
            "version", "updated_at",
        )  # fmt: skip


class CommitmentFilters(api.Filters):
    updated_since = api.UpdatedSince()

    class Meta:
        model = Commitment
        fields = {
            "id": ["in"],
            "code": ["exact"],
            "partner_id": ["exact", "in"],
            "agreement_id": ["exact", "in", "isnull"],
            "owner_id": ["exact", "in", "isnull"],
            "kind": ["exact", "in"],
            "status": ["exact", "in"],
            "end_on": ["gte", "lte"],
        }


class MilestoneGiven(api.Given):
    """So much is to be drawn in all before that day."""

    due_on = serializers.DateField()
    target = serializers.DecimalField(max_digits=38, decimal_places=18)


class CountsGiven(api.Given):
    """One value that counts, or does not."""

    dimension = serializers.ChoiceField(choices=Dimension.choices)
    value = serializers.CharField(max_length=300)
    is_excluded = serializers.BooleanField(required=False)


def _amount(**options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(
        max_digits=38, decimal_places=18, required=False, **options
    )


def _flag() -> serializers.BooleanField:
    return serializers.BooleanField(required=False)


def _id() -> serializers.IntegerField:
    return serializers.IntegerField(min_value=1, required=False, allow_null=True)


class TermsGiven(api.Given):
    """Terms; they change by amendments only."""

    amount = _amount()
    interval_amount = _amount()
    end_on = serializers.DateField(required=False)
    priority = serializers.IntegerField(min_value=0, max_value=32767, required=False)
    shortfall_policy = serializers.ChoiceField(
        choices=ShortfallPolicy.choices, required=False
    )
    is_prepaid = _flag()
    cost_column = serializers.ChoiceField(choices=CostColumn.choices, required=False)
    counts_credits = _flag()
    counts_refunds = _flag()
    counts_purchases = _flag()
    agreement_id = _id()
    milestones = MilestoneGiven(many=True, required=False)
    counts = CountsGiven(many=True, required=False)


class CommitmentGiven(TermsGiven):
    """A new commitment."""

    partner_id = serializers.IntegerField(min_value=1)
    code = serializers.CharField(max_length=40)
    title = serializers.CharField(max_length=200)
    kind = serializers.ChoiceField(choices=CommitmentKind.choices)
    settlement = serializers.ChoiceField(choices=Settlement.choices, required=False)
    interval = serializers.ChoiceField(choices=Interval.choices, required=False)
    currency = serializers.RegexField("^[A-Z]{3}$", required=False)
    start_on = serializers.DateField()
    end_on = serializers.DateField()
    owner_id = _id()
    note = serializers.CharField(required=False, allow_blank=True)


class CommitmentChanges(api.Given):
    """What changes without an amendment."""

    title = serializers.CharField(max_length=200)
    note = serializers.CharField(allow_blank=True)
    owner_id = _id()
    agreement_id = _id()


def values_of(given: dict[str, Any], user: User) -> dict[str, Any]:
    """Return the fields, ids turned into rows that this person may see."""
    values = dict(given)
    for name, model in (("owner_id", User), ("agreement_id", Agreement)):
        if name in values:
            pk = values.pop(name)
            row = row_of(model, pk, user, pointer=f"#/{name}")
            values[name.removesuffix("_id")] = row
    return values


def milestones_of(values: dict[str, Any]) -> list[Milestone] | None:
    """Take the milestones out of the values; None where they are not said."""
    said = values.pop("milestones", None)
    return None if said is None else [Milestone(**dict(one)) for one in said]


def counts_of(values: dict[str, Any]) -> list[Counts] | None:
    """Take what counts out of the values; None where it is not said."""
    said = values.pop("counts", None)
    return None if said is None else [Counts(**dict(one)) for one in said]


class Commitments(api.Adds[Commitment], api.Edits[Commitment]):
    """What partners promised to draw; how it stands is told by `commitment-standings`."""

    plural = "commitments"
    access = ACCESS
    shape, filters = CommitmentShape, CommitmentFilters
    given, changes = CommitmentGiven, CommitmentChanges
    orderings = ("id", "title", "end_on")

    def rows(self) -> QuerySet[Commitment]:
        return Commitment.objects.visible_to(self.user)

    def add(self, given: dict[str, Any], *, by: User, at: datetime) -> Commitment:
        values = values_of(given, by)
        pk = values.pop("partner_id")
        partner = row_of(Partner, pk, by, pointer="#/partner_id")
        milestones, counts = milestones_of(values), counts_of(values)
        return operations.record_commitment(
            partner=partner,
            values=values,
            milestones=milestones or (),
            counts=counts or (),
            by=by,
            at=at,
        )

    def edit(
        self,
        row: Commitment,
        given: dict[str, Any],
        *,
        version: int | None,
        by: User,
        at: datetime,
    ) -> Commitment:
        return operations.edit_commitment(
            commitment=row,
            values=values_of(given, by),
            by=by,
            at=at,
            expected_version=version,
        )


class OfCommitment:
    """What hangs below one commitment that this person may see."""

    kwargs: dict[str, Any]
    user: Any

    def commitment(self) -> Commitment:
        rows = Commitment.objects.visible_to(self.user)
        row = rows.filter(pk=self.kwargs["commitment"]).first()
        if row is None:
            raise Http404
        return row


class DrawdownShape(api.Shape[DrawdownEntry]):
    """One entry of the ledger."""

    class Meta:
        model = DrawdownEntry
        fields = (
            "id", "number", "kind", "source_line", "delivery_id", "period_on", "amount",
            "overage", "shortfall", "balance_after", "reversal_of_id", "posted_at", "note",
        )  # fmt: skip


class Drawdowns(OfCommitment, api.Resource[DrawdownEntry]):
    """The ledger of one commitment; entries are added by the product itself."""

    plural = "drawdowns"
    access = api.Access("deals", read="deals.view_drawdownentry")
    shape = DrawdownShape
    orderings = ("id",)

    def rows(self) -> QuerySet[DrawdownEntry]:
        return DrawdownEntry.objects.filter(commitment=self.commitment())


class CommitmentAmendmentShape(api.Shape[CommitmentAmendment]):
    """One change of terms, with what they were before."""

    class Meta:
        model = CommitmentAmendment
        fields = ("id", "number", "agreement_id", "old", "new", "reason", "by_id", "at")


class CommitmentAmendmentGiven(TermsGiven):
    """The terms that change, and why."""

    reason = serializers.CharField()
    version = serializers.IntegerField(min_value=1, required=False)


class Amendments(OfCommitment, api.Adds[CommitmentAmendment]):
    """How the terms of a commitment changed; posting one changes them."""

    plural = "commitment-amendments"
    access = api.Access("deals", read=READ, add="deals.change_commitment")
    shape, given = CommitmentAmendmentShape, CommitmentAmendmentGiven

    def rows(self) -> QuerySet[CommitmentAmendment]:
        return CommitmentAmendment.objects.filter(commitment=self.commitment())

    def add(
        self, given: dict[str, Any], *, by: User, at: datetime
    ) -> CommitmentAmendment:
        values = values_of(given, by)
        milestones, counts = milestones_of(values), counts_of(values)
        row = operations.amend_commitment(
            commitment=self.commitment(),
            reason=values.pop("reason"),
            expected_version=values.pop("version", None),
            values=values,
            milestones=milestones,
            counts=counts,
            by=by,
            at=at,
        )
        return row.amendments.latest("number")


class CommitmentAct(api.Act[Commitment]):
    """What all acts on a commitment share."""

    access = api.Access("deals", read=READ, add="deals.settle_commitment")
    shape = CommitmentShape

    def rows(self) -> QuerySet[Commitment]:
        return Commitment.objects.visible_to(self.user)


class CommitmentSettleGiven(api.Given):
    """Into which commitment a shortfall is rolled over."""

    into_id = _id()


class Settle(CommitmentAct):
    """Close it after its end: what was not drawn is charged, rolled over or waived."""

    plural = "commitment-settle"
    given = CommitmentSettleGiven

    def act(
        self, row: Commitment, given: dict[str, Any], *, by: User, at: datetime
    ) -> Any:
        into = row_of(Commitment, given.get("into_id"), by, pointer="#/into_id")
        return settle_commitment(commitment=row, into=into, by=by, at=at)


class CommitmentCancelGiven(api.Given):
    """Why."""

    reason = serializers.CharField()


class Cancel(CommitmentAct):
    """Give it up before its end; its ledger stays."""

    plural = "commitment-cancel"
    given = CommitmentCancelGiven

    def act(
        self, row: Commitment, given: dict[str, Any], *, by: User, at: datetime
    ) -> Any:
        return operations.cancel_commitment(
            commitment=row, reason=given["reason"], by=by, at=at
        )


BELOW = "commitments/<int:commitment>"

urlpatterns = [
    *api.routes("commitments", Commitments),
    *api.routes(f"{BELOW}/drawdowns", Drawdowns),
    *api.routes(f"{BELOW}/amendments", Amendments),
    api.act("commitments/<int:pk>/settle", Settle),
    api.act("commitments/<int:pk>/cancel", Cancel),
]
