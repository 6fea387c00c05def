"""What bringing deals needs to know of what there is, with few statements for any size."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db import connection, models

from crm.accounts.models import User
from crm.core import bulk
from deals.models import Agreement, Deal, DealExternalId
from deals.sheet_cells import salesforce_id
from partners.models import ExternalId, Partner, PartnerDomain

NUMBER, TEXT = models.BigIntegerField(), models.TextField()
MARKS = ("partner_external_id", "partner_domain", "partner")
# letters are told apart by the database alone: it and Python differ about some capitals
NAMED = """
SELECT t.said, p.id FROM unnest(%(texts)s::text[]) AS t(said)
JOIN partners_partner p ON upper(p.display_name) = upper(t.said)
UNION
SELECT t.said, p.id FROM unnest(%(texts)s::text[]) AS t(said)
JOIN partners_partner p ON upper(p.legal_name) = upper(t.said)
UNION
SELECT t.said, p.id FROM unnest(%(texts)s::text[]) AS t(said)
JOIN partners_partner p ON upper(p.local_name) = upper(t.said)
UNION
SELECT t.said, a.partner_id FROM unnest(%(texts)s::text[]) AS t(said)
JOIN partners_partneralias a ON upper(a.name) = upper(t.said)
"""
PAPERS = """
SELECT t.said, a.id FROM unnest(%(texts)s::text[]) AS t(said)
JOIN deals_agreement a ON upper(a.title) = upper(t.said)
UNION
SELECT t.said, a.id FROM unnest(%(texts)s::text[]) AS t(said)
JOIN deals_agreement a ON upper(a.reference) = upper(t.said)
"""


def known_deals(
    *, system: str, external_ids: Iterable[str], by: User, for_update: bool = False
) -> tuple[dict[str, Deal], set[str]]:
    """Return the visible deals that the system knows by these ids, and ids out of sight."""
    rows = DealExternalId.objects.filter(
        system=system, value__in=bulk.these(list(external_ids), TEXT)
    )
    numbers = dict(rows.values_list("value", "deal_id"))
    these = bulk.these(sorted(numbers.values()), NUMBER)
    if for_update:
        list(
            Deal.objects.select_for_update()
            .filter(pk__in=these)
            .order_by("pk")
            .values_list("pk", flat=True)
        )
    found = {
        deal.pk: deal
        for deal in Deal.objects.visible_to(by)
        .filter(pk__in=these)
        .select_related(
            "partner", "cooperation", "agreement", "renews", "owner", "team"
        )
        .prefetch_related("lines")
    }
    seen = {value: found[pk] for value, pk in numbers.items() if pk in found}
    return seen, {value for value, pk in numbers.items() if pk not in found}


def partners_of(pks: Collection[int], *, for_update: bool) -> dict[int, Partner]:
    """Return these partners with their people, locked in the order of their ids."""
    rows = Partner.objects.filter(pk__in=bulk.these(sorted(pks), NUMBER)).order_by("pk")
    rows = rows.select_related("owner", "team")
    if for_update:
        rows = rows.select_for_update(of=("self",))
    return {partner.pk: partner for partner in rows}


class Finder:
    """Finds partners and papers for the rows of one sheet; all are read at once."""

    def __init__(
        self, rows: Sequence[Mapping[str, Any]], *, system: str, by: User
    ) -> None:
        self.by = by
        numbers, domains, titles = (
            {str(row[mark]) for row in rows if row.get(mark)} for mark in MARKS
        )
        self.by_number = self._numbers(system, numbers)
        self.by_domain = self._domains(domains)
        self.by_name = _grouped(_rows(NAMED, titles))
        found = {*self.by_number.values(), *self.by_domain.values()}
        found |= {pk for pks in self.by_name.values() for pk in pks}
        live = Partner.objects.live().visible_to(by)
        these = bulk.these(sorted(found), NUMBER)
        self.partners = {row.pk: row for row in live.filter(pk__in=these)}
        self.papers = self._papers(
            {str(row["agreement"]) for row in rows if row.get("agreement")}
        )

    def partner_of(self, row: Mapping[str, Any]) -> Partner | None:
        """Return the one visible partner: by its id there, its domain, or its name."""
        number, domain, name = (str(row.get(mark, "")) for mark in MARKS)
        ways = (
            [
                self.by_number[each]
                for each in _spellings(number)
                if each in self.by_number
            ],
            [self.by_domain[domain]] if domain in self.by_domain else [],
        )
        for way in ways:
            seen = [self.partners[pk] for pk in way if pk in self.partners]
            if seen:
                return seen[0]
        seen = [
            self.partners[pk]
            for pk in self.by_name.get(name, ())
            if pk in self.partners
        ]
        return seen[0] if len(seen) == 1 else None

    def paper_of(self, partner: Partner, text: str) -> Agreement | None:
        """Return the partner's one agreement with this reference or title."""
        found = self.papers.get((partner.pk, text), {})
        return next(iter(found.values())) if len(found) == 1 else None

    def _numbers(self, system: str, numbers: set[str]) -> dict[str, int]:
        spelt = sorted({each for number in numbers for each in _spellings(number)})
        rows = ExternalId.objects.filter(
            system=system, value__in=bulk.these(spelt, TEXT)
        )
        return dict(rows.values_list("value", "partner_id"))

    def _domains(self, domains: set[str]) -> dict[str, int]:
        rows = PartnerDomain.objects.filter(
            domain__in=bulk.these(sorted(domains), TEXT)
        )
        return dict(rows.values_list("domain", "partner_id"))

    def _papers(self, texts: set[str]) -> dict[tuple[int, str], dict[int, Agreement]]:
        told = _rows(PAPERS, texts)
        these = bulk.these(sorted({pk for _said, pk in told}), NUMBER)
        seen = {
            paper.pk: paper
            for paper in Agreement.objects.visible_to(self.by).filter(pk__in=these)
        }
        found: defaultdict[tuple[int, str], dict[int, Agreement]] = defaultdict(dict)
        for said, pk in told:
            if pk in seen:
                found[seen[pk].partner_id, said][pk] = seen[pk]
        return found


def _grouped(told: Iterable[tuple[str, int]]) -> dict[str, set[int]]:
    found: defaultdict[str, set[int]] = defaultdict(set)
    for said, pk in told:
        found[said].add(pk)
    return found


def _rows(statement: str, texts: set[str]) -> list[tuple[str, int]]:
    if not texts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(statement, {"texts": sorted(texts)})
        return list(cursor.fetchall())


def _spellings(number: str) -> list[str]:
    """Return how an id may be written: Salesforce has 15 and 18 letters for the same."""
    return sorted({number, number[:15], salesforce_id(number)} - {""})
