"""Many partners at once, as another system knows them: like one by one, and cheap."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.journal.models import Event
from partners.models import ExternalId, Partner
from partners.operations.upserts import upsert_partners
from partners.queries.search import search
from tests import make
from tests.crm.web.api.conftest import program

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
ADDRESS = "/api/v1/partners/by-external-id/erp/"


@pytest.fixture
def anna(db: None) -> User:  # noqa: ARG001 - opens the database
    return make.user(Role.ALLIANCE_MANAGER, team=make.team())


def named(number: int, **fields: Any) -> tuple[str, dict[str, Any]]:
    return f"E-{number}", {"display_name": f"Upserted {number}", **fields}


class TestUpsertPartners:
    def test_registers_changes_and_leaves(self, anna: User) -> None:
        first = upsert_partners(
            system="erp", items=[named(1), named(2)], by=anna, at=AT
        )
        second = upsert_partners(
            system="erp",
            items=[named(1), named(2, tier="strategic"), named(3)],
            by=anna,
            at=AT,
        )

        assert [each.result for each in first] == ["created", "created"]
        assert [each.result for each in second] == ["unchanged", "updated", "created"]
        changed = Partner.objects.get(display_name="Upserted 2")
        assert (changed.tier, changed.version, changed.owner) == ("strategic", 2, anna)
        assert ExternalId.objects.filter(system="erp").count() == 3
        entry = Event.objects.filter(kind="partner.edited").get()
        assert (entry.old, entry.new) == ({"tier": "growth"}, {"tier": "strategic"})
        assert Event.objects.filter(kind="partner.registered").count() == 3
        assert changed in search(Partner.objects.all(), "Upserted 2")

    def test_refuses_only_what_cannot_be(self, anna: User) -> None:
        hidden = make.partner(confidentiality="restricted")
        ExternalId.objects.create(partner=hidden, system="erp", value="E-9")
        archived = make.partner(archived_at=AT)
        ExternalId.objects.create(partner=archived, system="erp", value="E-8")

        done = upsert_partners(
            system="erp",
            items=[named(9), named(8), ("E-7", {}), named(1, country="XQ"), named(2)],
            by=anna,
            at=AT,
        )

        codes = [each.refusal.code if each.refusal else each.result for each in done]
        assert codes == [
            "partner.external-id-taken",
            "partner.archived",
            "partner.nameless",
            "partner.country",
            "created",
        ]

    def test_costs_the_same_for_two_and_two_hundred(self, anna: User) -> None:
        upsert_partners(system="erp", items=[named(9_999)], by=anna, at=AT)
        counts = []
        for start, number in ((0, 2), (1_000, 200)):
            items = [named(start + each) for each in range(number)]
            for values in (items, [(name, {**v, "tier": "core"}) for name, v in items]):
                with CaptureQueriesContext(connection) as asked:
                    upsert_partners(system="erp", items=values, by=anna, at=AT)
                counts.append(len(asked))

        assert counts[0] == counts[2]
        assert counts[1] == counts[3]
        assert max(counts) <= 24


class TestDoor:
    def test_answers_in_order_and_repeats_change_nothing(self, anna: User) -> None:
        api = program(anna)
        body = [{"external_id": f"E-{n}", "display_name": f"P {n}"} for n in range(3)]

        made, again = api.send("PUT", ADDRESS, body), api.send("PUT", ADDRESS, body)

        assert made.json()["counts"] == {"created": 3}
        assert again.json()["counts"] == {"unchanged": 3}
        ids = [each["id"] for each in made.json()["results"]]
        assert ids == list(
            Partner.objects.filter(pk__in=ids)
            .order_by("pk")
            .values_list("pk", flat=True)
        )

    def test_an_owner_nobody_knows_is_refused(self, anna: User) -> None:
        body = [
            {"external_id": "1", "display_name": "A", "owner_id": anna.pk},
            {"external_id": "2", "display_name": "B", "owner_id": 10**9},
            {"external_id": "3", "display_name": "C", "aliases": ["Sea"]},
        ]
        api = program(anna)

        whole = api.send("PUT", ADDRESS, body[:2])
        each = api.send("PUT", ADDRESS + "?atomic=false", body[:2])
        with_names = api.send("PUT", ADDRESS + "?atomic=false", body)

        assert (whole.status_code, whole.json()["code"]) == (400, "bulk-refused")
        assert each.json()["counts"] == {"created": 1, "refused": 1}
        assert with_names.json()["counts"] == {
            "unchanged": 1,
            "refused": 1,
            "created": 1,
        }
