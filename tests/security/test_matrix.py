"""Role × object × action, through every door: API, admin, export, search, feed and webhook.

One table says who sees a partner; each door has to agree with it, cell by cell.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.journal import operations as journal
from crm.journal.models import Event
from crm.journal.queries import feed
from crm.journal.visibility import entries_seen_by
from crm.webhooks import queries as webhooks
from crm.webhooks.models import WebhookEndpoint
from partners.models import Partner
from partners.queries.search import search
from tests import make
from tests.crm.web.api.conftest import caller, program

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
PARTNERS = "/api/v1/partners/"
ALL = frozenset(Role.values)
NDA = frozenset({Role.EXECUTIVE, Role.FINANCE, Role.LEGAL, Role.AUDITOR})
RESTRICTED = frozenset({Role.ALLIANCE_DIRECTOR, Role.EXECUTIVE, Role.AUDITOR})
SEES = {"public": ALL, "nda": NDA, "restricted": RESTRICTED}


def by_list(user: User, _rows: dict[str, Partner]) -> set[str]:
    found = program(user).get(PARTNERS).json()["results"]
    return {row["confidentiality"] for row in found}


def by_detail(user: User, rows: dict[str, Partner]) -> set[str]:
    api = program(user)
    return {
        level
        for level, row in rows.items()
        if api.get(f"{PARTNERS}{row.pk}/").status_code == 200
    }


def by_export(user: User, rows: dict[str, Partner]) -> set[str]:
    answer: Any = program(user).get(PARTNERS, {"format": "csv"})
    text = b"".join(answer.streaming_content)
    return {level for level, row in rows.items() if row.display_name in text.decode()}


def by_api_search(user: User, _rows: dict[str, Partner]) -> set[str]:
    found = program(user).get("/api/v1/partner-search/", {"q": "Matrix"}).json()
    return {row["confidentiality"] for row in found["results"]}


def by_journal(user: User, rows: dict[str, Partner]) -> set[str]:
    found = program(user).get("/api/v1/journal/", {"kind": "partner.tried"}).json()
    ids = {row["partner_id"] for row in found["results"]}
    return {level for level, row in rows.items() if row.pk in ids}


def by_feed(user: User, rows: dict[str, Partner]) -> set[str]:
    ids = set(
        Event.objects.filter(entries_seen_by(user), kind="partner.tried").values_list(
            "partner_id", flat=True
        )
    )
    assert feed(limit=10, where=entries_seen_by(user)).has_more is False
    return {level for level, row in rows.items() if row.pk in ids}


def by_webhook(user: User, rows: dict[str, Partner]) -> set[str]:
    endpoint = WebhookEndpoint(owner=user)
    ids = set(
        Event.objects.filter(
            webhooks.entries_for(endpoint), kind="partner.tried"
        ).values_list("partner_id", flat=True)
    )
    return {level for level, row in rows.items() if row.pk in ids}


def by_admin_list(user: User, rows: dict[str, Partner]) -> set[str]:
    text = caller(user).get("/admin/partners/partner/").text
    return {level for level, row in rows.items() if row.display_name in text}


def by_admin_page(user: User, rows: dict[str, Partner]) -> set[str]:
    browser = caller(user)
    return {
        level
        for level, row in rows.items()
        if browser.get(f"/admin/partners/partner/{row.pk}/change/").status_code == 200
    }


def by_palette(user: User, rows: dict[str, Partner]) -> set[str]:
    text = caller(user).get("/admin/search/", {"s": "Matrix"}).text
    return {level for level, row in rows.items() if row.display_name in text}


def by_autocomplete(user: User, _rows: dict[str, Partner]) -> set[str]:
    found = search(Partner.objects.visible_to(user), "Matrix")
    return {row.confidentiality for row in found}


DOORS: tuple[Callable[[User, dict[str, Partner]], set[str]], ...] = (
    by_list,
    by_detail,
    by_export,
    by_api_search,
    by_journal,
    by_feed,
    by_webhook,
    by_admin_list,
    by_admin_page,
    by_palette,
    by_autocomplete,
)


@pytest.fixture
def rows(db: None) -> dict[str, Partner]:  # noqa: ARG001 - opens the database
    made = {}
    for level in SEES:
        partner = make.partner(f"Matrix {level}", confidentiality=level)
        made[level] = partner
        journal.record(
            kind="partner.tried",
            subject=partner,
            partner_id=partner.pk,
            by=None,
            at=AT,
        )
    refresh(made)
    return made


def refresh(made: dict[str, Partner]) -> None:
    from partners.operations.search import refresh_search  # noqa: PLC0415 - once

    refresh_search(partner_ids=[row.pk for row in made.values()])


@pytest.mark.timeout(60)  # eleven doors, three rows
@pytest.mark.parametrize("role", Role.values)
class TestMatrix:
    def test_every_door_shows_what_the_table_says(
        self, role: str, rows: dict[str, Partner]
    ) -> None:
        expected = {level for level, roles in SEES.items() if role in roles}

        seen = {door.__name__: door(make.user(role), rows) for door in DOORS}

        assert seen == {door.__name__: expected for door in DOORS}

    def test_changing_needs_sight_and_right(
        self, role: str, rows: dict[str, Partner]
    ) -> None:
        user = make.user(role)
        api, may = program(user), user.has_perm("partners.change_partner")
        sees = {level for level, roles in SEES.items() if role in roles}

        statuses = {
            level: api.send(
                "PATCH", f"{PARTNERS}{row.pk}/", {"tier": "strategic"}, If_Match="*"
            ).status_code
            for level, row in rows.items()
        }

        expected = {
            level: (200 if level in sees else 404) if may else 403 for level in SEES
        }
        assert statuses == expected
        changed = set(
            Partner.objects.filter(tier="strategic").values_list(
                "confidentiality", flat=True
            )
        )
        assert changed == (sees if may else set())


class TestNobody:
    def test_without_a_login_no_door_opens(self, rows: dict[str, Partner]) -> None:
        stranger = Client()
        row = rows["public"]

        api = [
            stranger.get(path).status_code
            for path in (PARTNERS, f"{PARTNERS}{row.pk}/")
        ]
        pages = [
            stranger.get(path).status_code
            for path in (
                "/admin/partners/partner/",
                f"/admin/partners/partner/{row.pk}/change/",
                "/admin/search/?s=Matrix",
            )
        ]

        assert api == [401, 401]
        assert pages == [302, 302, 302]

    def test_the_webhook_of_somebody_who_left_is_told_nothing(
        self, rows: dict[str, Partner]
    ) -> None:
        gone: Any = make.user(Role.EXECUTIVE, is_active=False)

        assert by_webhook(gone, rows) == set()
        assert by_feed(gone, rows) == set()
