"""Partners: list, detail, writes, upsert by external id, archive, restore, merge, split."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from crm.accounts import policy
from crm.accounts.models import Team, User
from crm.web import api
from partners.industries import Industry
from partners.models import (
    Confidentiality,
    Contact,
    ExternalId,
    Lifecycle,
    Partner,
    PartnerType,
    Segment,
    Tier,
)
from partners.operations import partners as operations
from partners.operations import upserts
from partners.operations.partners import Marks
from partners.queries.search import search

RELATIONS = {
    "owner_id": (User, "owner"),
    "team_id": (Team, "team"),
    "our_sponsor_id": (User, "our_sponsor"),
    "their_sponsor_id": (Contact, "their_sponsor"),
    "parent_id": (Partner, "parent"),
}
MARKS = frozenset(Marks.__dataclass_fields__)
ACCESS = api.Access(
    "partners",
    read="partners.view_partner",
    add="partners.add_partner",
    change="partners.change_partner",
    delete="partners.delete_partner",
)


class OwnerShape(api.Shape[User]):
    """Who answers for it."""

    class Meta:
        model = User
        fields = ("id", "name", "email")


class PartnerShape(api.Shape[Partner]):
    """An organisation we work with."""

    owner = OwnerShape(read_only=True)
    team_name = serializers.CharField(source="team.name", read_only=True)

    class Meta:
        model = Partner
        fields = (
            "id",
            "key",
            "display_name",
            "legal_name",
            "local_name",
            "industry",
            "country",
            "segment",
            "partner_type",
            "tier",
            "lifecycle",
            "parent_id",
            "owner_id",
            "team_id",
            "team_name",
            "our_sponsor_id",
            "their_sponsor_id",
            "confidentiality",
            "reporting_currency",
            "time_zone",
            "is_test",
            "archived_at",
            "merged_into_id",
            "version",
            "updated_at",
            "owner",
        )


class PartnerFilters(api.Filters):
    updated_since = api.UpdatedSince()

    class Meta:
        model = Partner
        fields = {
            "id": ["in"],
            "display_name": ["exact", "icontains"],
            "industry": ["exact", "in"],
            "country": ["exact", "in"],
            "tier": ["exact", "in"],
            "lifecycle": ["exact", "in"],
            "confidentiality": ["exact", "in"],
            "owner_id": ["exact", "in", "isnull"],
            "team_id": ["exact", "in", "isnull"],
            "parent_id": ["exact", "in", "isnull"],
            "archived_at": ["isnull"],
            "is_test": ["exact"],
        }


class Number(api.Given):
    """One registration number."""

    scheme = serializers.ChoiceField(choices=["duns", "lei", "uscc"])
    value = serializers.CharField(max_length=40)


class Elsewhere(api.Given):
    """The id of one other system."""

    system = serializers.CharField(max_length=60)
    value = serializers.CharField(max_length=120)


class PartnerGiven(api.Given):
    """What callers send; lists replace what is there."""

    display_name = serializers.CharField(max_length=250)
    legal_name = serializers.CharField(max_length=250, required=False)
    local_name = serializers.CharField(max_length=250, required=False, allow_blank=True)
    industry = serializers.ChoiceField(
        choices=Industry.choices, required=False, allow_blank=True
    )
    country = serializers.RegexField("^([A-Z]{2})?$", required=False, allow_blank=True)
    segment = serializers.ChoiceField(
        choices=Segment.choices, required=False, allow_blank=True
    )
    partner_type = serializers.ChoiceField(choices=PartnerType.choices, required=False)
    tier = serializers.ChoiceField(choices=Tier.choices, required=False)
    lifecycle = serializers.ChoiceField(choices=Lifecycle.choices, required=False)
    confidentiality = serializers.ChoiceField(
        choices=Confidentiality.choices, required=False
    )
    reporting_currency = serializers.RegexField("^[A-Z]{3}$", required=False)
    time_zone = serializers.CharField(max_length=60, required=False)
    is_test = serializers.BooleanField(required=False)
    owner_id = serializers.IntegerField(min_value=1, required=False, allow_null=True)
    team_id = serializers.IntegerField(min_value=1, required=False, allow_null=True)
    parent_id = serializers.IntegerField(min_value=1, required=False, allow_null=True)
    our_sponsor_id = serializers.IntegerField(
        min_value=1, required=False, allow_null=True
    )
    their_sponsor_id = serializers.IntegerField(
        min_value=1, required=False, allow_null=True
    )
    aliases = serializers.ListField(
        child=serializers.CharField(max_length=250), required=False, max_length=100
    )
    domains = serializers.ListField(
        child=serializers.CharField(max_length=253), required=False, max_length=100
    )
    registration_ids = serializers.ListField(
        child=Number(), required=False, max_length=20
    )
    external_ids = serializers.ListField(
        child=Elsewhere(), required=False, max_length=50
    )
    named_people = serializers.ListField(
        child=serializers.IntegerField(min_value=1), required=False, max_length=200
    )
    accept_duplicates = serializers.BooleanField(required=False)


def values_of(given: dict[str, Any], user: User) -> dict[str, Any]:
    """Return the plain fields, ids turned into rows that this person may see."""
    skipped = {*RELATIONS, *Marks.__dataclass_fields__, "accept_duplicates"}
    values = {name: value for name, value in given.items() if name not in skipped}
    for name, (model, field) in RELATIONS.items():
        if name in given:
            values[field] = one_of(model, given[name], user, pointer=f"#/{name}")
    return values


def one_of(model: Any, pk: int | None, user: User, *, pointer: str) -> Any:
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


def marks_of(given: dict[str, Any], user: User) -> Marks:
    """Return names and numbers as operations take them."""
    people = given.get("named_people")
    return Marks(
        aliases=given.get("aliases"),
        domains=given.get("domains"),
        registration_ids=_pairs(given.get("registration_ids"), "scheme"),
        external_ids=_pairs(given.get("external_ids"), "system"),
        named_people=None
        if people is None
        else list(User.objects.visible_to(user).filter(pk__in=people)),
    )


def _pairs(items: Any, name: str) -> list[tuple[str, str]] | None:
    return None if items is None else [(item[name], item["value"]) for item in items]


class Partners(
    api.Adds[Partner], api.Edits[Partner], api.Removes[Partner], api.Upserts[Partner]
):
    """Organisations we work with; deleting is for what nothing refers to."""

    plural = "partners"
    access = ACCESS
    shape, filters, given = PartnerShape, PartnerFilters, PartnerGiven
    orderings = ("id", "display_name")

    def sight(self) -> policy.Reach:
        return policy.reach_of(self.user)

    def rows(self) -> QuerySet[Partner]:
        return Partner.objects.visible_to(self.user)

    def add(self, given: dict[str, Any], *, by: User, at: datetime) -> Partner:
        return operations.register_partner(
            by=by,
            at=at,
            values=values_of(given, by),
            marks=marks_of(given, by),
            accept_duplicates=given.get("accept_duplicates", False),
        )

    def edit(
        self,
        row: Partner,
        given: dict[str, Any],
        *,
        version: int | None,
        by: User,
        at: datetime,
    ) -> Partner:
        return operations.edit_partner(
            partner=row,
            by=by,
            at=at,
            values=values_of(given, by),
            marks=marks_of(given, by),
            expected_version=version,
        )

    def remove(
        self, row: Partner, *, version: int | None, by: User, at: datetime
    ) -> None:
        operations.delete_partner(partner=row, by=by, at=at, expected_version=version)

    def upsert(
        self,
        system: str,
        external_id: str,
        given: dict[str, Any],
        *,
        by: User,
        at: datetime,
    ) -> tuple[Partner, Any]:
        return operations.upsert_partner(
            system=system,
            external_id=external_id,
            by=by,
            at=at,
            values=values_of(given, by),
            marks=marks_of(given, by),
        )

    def upsert_many(
        self,
        system: str,
        items: Sequence[tuple[str, dict[str, Any]]],
        *,
        by: User,
        at: datetime,
    ) -> list[api.Outcome] | None:
        """Write all by one operation, unless one carries names or numbers of its own."""
        if any(not MARKS.isdisjoint(given) for _id, given in items):
            return None
        rows = relations_of([given for _id, given in items], by)
        ready = [(external_id, ready_of(given, rows)) for external_id, given in items]
        good = [(name, values) for name, values in ready if values is not None]
        try:
            done = iter(
                upserts.upsert_partners(system=system, items=good, by=by, at=at)
            )
        except (
            operations.PartnerRefusedError
        ):  # the database refused one: find out which
            return None
        return [
            outcome_of(next(done)) if values is not None else outcome_of(None)
            for _name, values in ready
        ]


Related = dict[str, dict[int, Any]]


def relations_of(given: Sequence[dict[str, Any]], user: User) -> Related:
    """Return the visible rows that the items name, by field: one query for each."""
    found: Related = {}
    related: Any = RELATIONS
    for name, (model, _field) in related.items():
        ids = {each[name] for each in given if each.get(name) is not None}
        rows = model.objects.all().visible_to(user).filter(pk__in=ids) if ids else ()
        found[name] = {row.pk: row for row in rows}
    return found


def ready_of(given: dict[str, Any], rows: Related) -> dict[str, Any] | None:
    """Return the fields with rows instead of ids; None when one of them is not there."""
    skipped = {*RELATIONS, "accept_duplicates"}
    values = {name: value for name, value in given.items() if name not in skipped}
    for name, (_model, field) in RELATIONS.items():
        if name not in given:
            continue
        row = None if given[name] is None else rows[name].get(given[name])
        if row is None and given[name] is not None:
            return None
        values[field] = row
    return values


def outcome_of(done: upserts.Upserted | None) -> api.Outcome:
    """Return the outcome of one item; None is an item that names a row out of sight."""
    if done is None:
        fault = {"pointer": "#", "code": "not-found", "detail": "There is none."}
        return api.Outcome(
            "refused", problem=api.ProblemError(400, "invalid", errors=[fault])
        )
    if done.partner is None:
        problem = api.problem_of(done.refusal) if done.refusal else None
        return api.Outcome("refused", problem=problem)
    return api.Outcome.of(done.partner, done.result)


class Found(api.Resource[Partner]):
    """Partners found by any part of a name, alias, domain or id."""

    plural = "partner-search"
    access = ACCESS
    shape = PartnerShape
    parameters = {"q": {"type": "string", "minLength": 1, "maxLength": 4_096}}

    def rows(self) -> QuerySet[Partner]:
        visible = Partner.objects.live().visible_to(self.user)
        found = search(visible, self.query.get("q", ""))[:200]
        return Partner.objects.filter(pk__in=[partner.pk for partner in found])


class ExternalIdShape(api.Shape[ExternalId]):
    """How another system knows a partner."""

    class Meta:
        model = ExternalId
        fields = ("id", "partner_id", "system", "value")


class ExternalIdFilters(api.Filters):
    class Meta:
        model = ExternalId
        fields = {
            "partner_id": ["exact", "in"],
            "system": ["exact"],
            "value": ["exact", "in"],
        }


class ExternalIds(api.Resource[ExternalId]):
    """Ids of partners in other systems."""

    plural = "external-ids"
    access = ACCESS
    shape, filters = ExternalIdShape, ExternalIdFilters

    def rows(self) -> QuerySet[ExternalId]:
        return ExternalId.objects.visible_to(self.user)


urlpatterns = [
    *api.routes("partners", Partners),
    *api.routes("partner-search", Found),
    *api.routes("external-ids", ExternalIds),
]
