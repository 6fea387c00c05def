"""Rows written by COPY are the rows that save() would have written."""

import pytest
from django.db import DataError, IntegrityError, models, transaction

from crm.core import bulk
from crm.journal.models import Event
from partners.models import Contact, Partner, PartnerDomain, PartnerSearch
from tests import make

pytestmark = pytest.mark.django_db


class TestInsert:
    def test_writes_what_save_writes(self) -> None:
        saved = Partner.objects.create(display_name="A\t\\N\n伙伴", legal_name="")

        (made,) = bulk.insert(
            Partner, [Partner(display_name="A\t\\N\n伙伴", legal_name="")]
        )

        alike = [f.attname for f in Partner._meta.concrete_fields if not f.unique]
        rows = Partner.objects.filter(pk__in=[saved.pk, made.pk])
        one, other = (
            row | {"created_at": None, "updated_at": None}
            for row in rows.values(*alike)
        )
        assert one == other

    def test_numbers_the_rows_in_their_order(self) -> None:
        made = bulk.insert(Partner, [Partner(display_name=n) for n in "abc"])

        stored = Partner.objects.order_by("pk").values_list("pk", "display_name")
        assert list(stored) == [(row.pk, row.display_name) for row in made]
        assert not any(row._state.adding for row in made)

    def test_keeps_numbers_that_are_given(self) -> None:
        bulk.insert(Partner, [Partner(pk=2**40, display_name="Given")])

        assert Partner.objects.get().pk == 2**40

    def test_leaves_to_the_database_what_it_fills(self) -> None:
        owner = make.user()

        bulk.insert(
            Event,
            [
                Event(
                    kind="a.b",
                    subject_type="x.y",
                    subject_id=1,
                    by=owner,
                    at=make.EARLY,
                )
            ],
        )

        assert Event.objects.filter(kind="a.b", transaction__gt=0).exists()

    def test_of_nothing_writes_nothing(self) -> None:
        assert bulk.insert(Partner, []) == []

    def test_is_refused_by_a_constraint_as_a_whole(self) -> None:
        partner = make.partner()
        rows = [PartnerDomain(partner=partner, domain=d) for d in ("a.ex", "a.ex")]

        with pytest.raises(IntegrityError), transaction.atomic():
            bulk.insert(PartnerDomain, rows)

        assert not PartnerDomain.objects.exists()

    def test_refuses_what_does_not_fit(self) -> None:
        with pytest.raises(DataError), transaction.atomic():
            bulk.insert(Partner, [Partner(display_name="x" * 1000)])


class TestUpdate:
    def test_writes_the_named_fields_only(self) -> None:
        contact = make.contact(make.partner(), name="Before")
        contact.name, contact.roles, contact.title = "After", ["legal", "champion"], "X"

        bulk.update(Contact, [contact], ["name", "roles"])

        stored = Contact.objects.get(pk=contact.pk)
        assert (stored.name, stored.roles) == ("After", ["legal", "champion"])
        assert stored.title != "X"

    def test_leaves_other_rows_alone(self) -> None:
        one, other = make.partner("One"), make.partner("Other")
        one.display_name, other.display_name = "New", "Never written"

        bulk.update(Partner, [one], ["display_name"])

        other.refresh_from_db()
        assert other.display_name == "Other"


class TestPut:
    def test_inserts_and_overwrites(self) -> None:
        one, other = make.partner("One"), make.partner("Other")
        PartnerSearch.objects.filter(partner=other).delete()

        bulk.put(
            PartnerSearch,
            [
                PartnerSearch(partner_id=p.pk, text=t, grams=["ab"], cores=[])
                for p, t in ((one, "first"), (other, "second"))
            ],
        )

        stored = PartnerSearch.objects.order_by("pk").values_list("text", "grams")
        assert list(stored) == [("first", ["ab"]), ("second", ["ab"])]

    def test_of_nothing_writes_nothing(self) -> None:
        bulk.put(PartnerSearch, [])
        bulk.update(Partner, [], ["display_name"])

        assert not PartnerSearch.objects.exists()


class TestThese:
    def test_finds_like_a_list(self) -> None:
        wanted = [make.partner("One").pk, make.partner("Two").pk]
        make.partner("Three")

        found = Partner.objects.filter(
            pk__in=bulk.these(wanted, models.BigIntegerField())
        )

        assert sorted(found.values_list("pk", flat=True)) == sorted(wanted)

    def test_of_nothing_finds_nothing(self) -> None:
        make.partner()

        none = bulk.these([], models.BigIntegerField())

        assert not Partner.objects.filter(pk__in=none).exists()
