"""What an import needs to know of what there is, with few statements for any size."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext as _

from crm.accounts.models import Team, User
from crm.core import bulk
from partners import import_plan, sheets
from partners.cells import Lookups, ReadRow
from partners.import_plan import KnownPartner
from partners.models import (
    Confidentiality,
    ContactRole,
    ExternalId,
    ImportBatch,
    ImportRow,
    Lifecycle,
    Partner,
    PartnerAlias,
    PartnerDomain,
    PartnerSearch,
    PartnerType,
    RegistrationId,
    Segment,
    Tier,
)
from partners.names import core, normalise

CHOICES: Mapping[str, type[models.TextChoices]] = {
    "segment": Segment,
    "partner_type": PartnerType,
    "tier": Tier,
    "lifecycle": Lifecycle,
    "confidentiality": Confidentiality,
    "role": ContactRole,
}
TEXT = models.TextField()
CORES = ArrayField(models.TextField())
FIELDS = (*import_plan.PLAIN, *import_plan.RENAMED.values())


def lookups() -> Lookups:
    """Return whom and what the names in a sheet may mean; a name of two is nobody's."""
    people: dict[str, int] = {}
    doubled = set()
    for pk, email, name in User.objects.filter(is_active=True).values_list(
        "pk", "email", "name"
    ):
        people[normalise(email)] = pk
        if people.setdefault(normalise(name), pk) != pk:
            doubled.add(normalise(name))
    return Lookups(
        people={name: pk for name, pk in people.items() if name not in doubled},
        teams={normalise(n): pk for pk, n in Team.objects.values_list("pk", "name")},
        choices={
            field: {
                normalise(text): value
                for value, label in choices.choices
                for text in (value, str(label))
            }
            for field, choices in CHOICES.items()
        },
    )


def known_partners(
    *, rows: Sequence[ReadRow], system: str, by: User, for_update: bool = False
) -> list[KnownPartner]:
    """Return every partner that a row could meet, by its marks or its core name.

    :param system: whose external ids the rows hold.
    :param for_update: lock the partners, in the order of their ids.
    """
    ids = _candidates(rows, system)
    these = bulk.these(ids, models.BigIntegerField())
    partners = Partner.objects.filter(pk__in=these).order_by("pk")
    if for_update:
        partners = partners.select_for_update(of=("self",))
    fields = {row.pop("pk"): row for row in partners.values("pk", *FIELDS)}
    marks = _marks(these, system)
    aliases = _grouped(PartnerAlias.objects.filter(partner_id__in=these), "name")
    cores = dict(
        PartnerSearch.objects.filter(partner_id__in=these).values_list(
            "partner_id", "cores"
        )
    )
    visible = set(
        Partner.objects.live()
        .visible_to(by)
        .filter(pk__in=these)
        .values_list("pk", flat=True)
    )
    return [
        KnownPartner(
            pk=pk,
            fields=values,
            marks={name: frozenset(found[pk]) for name, found in marks.items()},
            aliases=frozenset(aliases[pk]),
            cores=frozenset(cores.get(pk, ())),
            is_visible=pk in visible,
        )
        for pk, values in fields.items()
    ]


def _candidates(rows: Sequence[ReadRow], system: str) -> set[int]:
    given: defaultdict[str, set[Any]] = defaultdict(set)
    cores = set()
    for row in rows:
        for mark in import_plan.MARKS:
            if mark in row.values:
                given[mark].add(row.values[mark])
        for name in ("display_name", "legal_name"):
            if name in row.values:
                cores.add(core(row.values[name]))
    found: set[int] = set()
    for queryset in _mark_querysets(given, system):
        found.update(queryset.values_list("partner_id", flat=True))
    named = PartnerSearch.objects.filter(
        cores__overlap=models.Value(sorted(cores), output_field=CORES)
    )
    found.update(named.values_list("partner_id", flat=True))
    return found


def _mark_querysets(
    given: defaultdict[str, set[Any]], system: str
) -> list[models.QuerySet[Any]]:
    numbers = [n for scheme in ("duns", "lei", "uscc") for n in given[scheme]]
    return [
        ExternalId.objects.filter(
            system=system, value__in=bulk.these(given["external_id"], TEXT)
        ),
        RegistrationId.objects.filter(value__in=bulk.these(numbers, TEXT)),
        PartnerDomain.objects.filter(domain__in=bulk.these(given["domain"], TEXT)),
    ]


def _marks(these: models.Func, system: str) -> dict[str, defaultdict[int, set[str]]]:
    registered = RegistrationId.objects.filter(partner_id__in=these)
    return {
        "external_id": _grouped(
            ExternalId.objects.filter(partner_id__in=these, system=system), "value"
        ),
        "domain": _grouped(
            PartnerDomain.objects.filter(partner_id__in=these), "domain"
        ),
        **{
            scheme: _grouped(registered.filter(scheme=scheme), "value")
            for scheme in ("duns", "lei", "uscc")
        },
    }


def _grouped(queryset: models.QuerySet[Any], field: str) -> defaultdict[int, set[str]]:
    found: defaultdict[int, set[str]] = defaultdict(set)
    for partner_id, value in queryset.values_list("partner_id", field):
        found[partner_id].add(value)
    return found


def refused_as_csv(batch: ImportBatch) -> str:
    """Return the refused rows as a sheet, with line and reasons in the last columns."""
    refused = batch.rows.filter(outcome=ImportRow.Outcome.REFUSED).order_by("line")
    return sheets.written(
        [*batch.headings, _("line"), _("reason")],
        ([*row.cells, str(row.line), _reasons(row)] for row in refused.iterator()),
    )


def _reasons(row: ImportRow) -> str:
    return "; ".join(
        f"{problem['heading']} {problem['text']}".strip() for problem in row.problems
    )
