"""Role × kind of object × action, for every kind that API and admin know: one table says who may.

The table is docs/roles.md, which people read; here every door is asked whether it agrees. Which rows a
right reaches is tried in `test_matrix`, for every door, and for feed and webhook below.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import RequestFactory
from django.urls import reverse

from crm.accounts.roles import Role
from crm.journal import operations as journal
from crm.journal.models import Event
from crm.journal.visibility import entries_seen_by
from crm.webhooks import queries as webhooks
from crm.webhooks.models import WebhookEndpoint
from tests import doors, make
from tests.crm.web.api.conftest import caller, program
from tests.security.test_matrix import SEES

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(60)]
AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
ROLES_MD = Path(__file__).parents[2] / "docs" / "roles.md"
OURS = frozenset({
    "accounts", "ai", "deals", "journal", "partners", "rates", "reports", "usage", "watch", "webhooks",
})  # fmt: skip
LINE = re.compile(r"^\| ([a-z_]+\.[a-z_]+) \|(.*)\|$", re.MULTILINE)
ANYBODY = "anybody"
ACTIONS = {
    "get": "view",
    "post": "add",
    "put": "add",
    "patch": "change",
    "delete": "delete",
}
ACTS = {
    # one's own, or whatever the person sees of its subjects
    ("get", "changes"): ANYBODY,
    ("get", "journal"): ANYBODY,
    ("get", "tokens"): ANYBODY,
    ("post", "token-revocations"): ANYBODY,
    # the rule of each step names the roles; the cooperation has to be seen
    ("post", "approvals"): "partners.view_cooperation",
    ("post", "waivers"): "partners.view_cooperation",
    # belongs to something larger, and is changed with it
    ("post", "commitment-amendments"): "deals.change_commitment",
    ("post", "deal-stage-moves"): "deals.change_deal",
    ("post", "model-parents"): "ai.change_derivedmodel",
    ("delete", "model-parents"): "ai.change_derivedmodel",
    ("post", "scenario-measures"): "ai.change_scenario",
    ("post", "scenario-models"): "ai.change_scenario",
    ("delete", "scenario-models"): "ai.change_scenario",
    ("post", "usage-deliveries"): "usage.add_usageload",
    # acts on what is there
    ("post", "acknowledge-alert"): "watch.change_alert",
    ("post", "resolve-alert"): "watch.change_alert",
    ("post", "snooze-alert"): "watch.change_alert",
    ("post", "agreement-notice"): "deals.sign_agreement",
    ("post", "agreement-sign"): "deals.sign_agreement",
    ("post", "agreement-supersede"): "deals.sign_agreement",
    ("post", "agreement-terminate"): "deals.sign_agreement",
    ("post", "attachment-remove"): "partners.delete_attachment",
    ("post", "commitment-cancel"): "deals.settle_commitment",
    ("post", "commitment-settle"): "deals.settle_commitment",
    ("post", "contact-erase"): "partners.delete_contact",
    ("post", "deal-end-override"): "deals.override_deal",
    ("post", "deal-override"): "deals.override_deal",
    ("post", "deal-reopen"): "deals.reopen_deal",
    ("post", "partner-merge"): "partners.delete_partner",
    ("post", "partner-split"): "partners.delete_partner",
    ("post", "proposal-accept"): "partners.change_proposal",
    ("post", "proposal-dismiss"): "partners.change_proposal",
    ("post", "report-delivery-mark-as-failed"): "reports.change_reportdelivery",
    ("post", "report-delivery-mark-as-sent"): "reports.change_reportdelivery",
    ("post", "report-delivery-send-again"): "reports.change_reportdelivery",
    ("post", "report-run-compute-again"): "reports.change_reportdelivery",
    ("post", "report-subscription-send-period"): "reports.change_reportdelivery",
    ("post", "report-subscription-send-test"): "reports.view_reportsubscription",
    ("post", "usage-account-environment"): "usage.change_cloudaccount",
    ("post", "usage-delivery-approve"): "usage.change_usagedelivery",
    ("post", "usage-delivery-refuse"): "usage.change_usagedelivery",
    ("post", "usage-delivery-restore"): "usage.change_usagedelivery",
    ("post", "usage-delivery-withdraw"): "usage.change_usagedelivery",
}
"""What needs another right than action and kind say: (method, door) → permission."""


def table() -> dict[str, set[str]]:
    """Return who has each permission, as docs/roles.md shows it."""
    return {
        name: {
            role
            for role, mark in zip(Role.values, marks.split("|"), strict=True)
            if mark.strip()
        }
        for name, marks in LINE.findall(ROLES_MD.read_text("utf-8"))
    }


def needed(door: Any, method: str) -> str:
    """Return the permission that a method of a door asks for."""
    app, kind = door.shape.Meta.model._meta.label_lower.split(".")
    return ACTS.get((method, door.plural), f"{app}.{ACTIONS[method]}_{kind}")


def asked() -> Iterator[tuple[str, Any, str]]:
    """Yield every address with a method and its door; the numbers in it are nobody's."""
    for path, view in doors.addresses().items():
        if not hasattr(view.cls, "shape"):
            continue
        address = doors.NUMBER.sub("999999999", path)
        address = re.sub("<[^>]+>", "nobodys", address)
        for method in sorted(view.actions.keys() & ACTIONS.keys()):
            yield address, view.cls, method


RIGHTS = table()


@pytest.mark.parametrize("role", Role.values)
class TestRights:
    def test_of_the_api_are_those_of_the_table(self, role: str) -> None:
        """Refused with 403 exactly where the table has no mark; a list is its export too."""
        api = program(make.user(role))
        wrong = []
        for address, door, method in asked():
            permission = needed(door, method)
            is_open = permission == ANYBODY or role in RIGHTS.get(permission, ())
            answer = api.send(method.upper(), address, {}, If_Match="*")
            if (answer.status_code != 403) is not is_open:
                wrong.append((method, address, permission, answer.status_code))

        assert wrong == []

    def test_of_exports_are_those_of_lists(self, role: str) -> None:
        api = program(make.user(role))
        wrong = []
        for path, door in doors.lists().items():
            formats = {renderer.format for renderer in door.renderer_classes}
            if doors.NUMBER.search(path) or "csv" not in formats:
                continue  # hidden with the row they belong to; the feed is no table
            permission, query = needed(door, "get"), doors.NEEDED.get(path, {})
            is_open = permission == ANYBODY or role in RIGHTS.get(permission, ())
            answer = api.get(path, {**query, "format": "csv"})
            if answer.status_code != (200 if is_open else 403):
                wrong.append((path, permission, answer.status_code))

        assert wrong == []

    def test_of_the_admin_are_those_of_the_table(
        self, role: str, rf: RequestFactory
    ) -> None:
        """Whoever may not view a kind gets no list of it; who may not add, change, delete, no form."""
        user = make.user(role)
        request = rf.get("/admin/")
        request.user, browser = user, caller(user)
        wrong = []
        for model, page in admin.site._registry.items():
            app, kind = model._meta.label_lower.split(".")
            if app not in OURS:
                continue
            may_view = role in RIGHTS.get(f"{app}.view_{kind}", ())
            if page.has_view_permission(request) and not may_view:
                wrong.append((app, kind, "view"))
            for act in ("add", "change", "delete"):
                allowed = getattr(page, f"has_{act}_permission")(request)
                if allowed and role not in RIGHTS.get(f"{app}.{act}_{kind}", ()):
                    wrong.append((app, kind, act))
            if not may_view:
                answer = browser.get(reverse(f"admin:{app}_{kind}_changelist"))
                if answer.status_code != 403:
                    wrong.append((app, kind, f"list: {answer.status_code}"))

        assert wrong == []

    def test_to_be_told_hold_for_every_kind_of_subject(self, role: str) -> None:
        """Journal, feed and webhook tell of any kind only where the partner is seen."""
        told = {level: make.partner(level, confidentiality=level) for level in SEES}
        kinds = [model for model in apps.get_models() if model._meta.app_label in OURS]
        for level, partner in told.items():
            for model in kinds:
                journal.record(
                    kind=f"tried.{level}",
                    subject=model(pk=partner.pk),
                    partner_id=partner.pk,
                    by=None,
                    at=AT,
                )
        user = make.user(role)
        expected = {
            f"tried.{level}": len(kinds)
            for level, roles in SEES.items()
            if role in roles
        }

        conditions = (
            entries_seen_by(user),
            webhooks.entries_for(WebhookEndpoint(owner=user)),
        )
        for condition in conditions:
            rows = Event.objects.filter(condition, kind__startswith="tried.")
            assert Counter(rows.values_list("kind", flat=True)) == expected


class TestTable:
    def test_names_no_door_that_is_not_there(self) -> None:
        there = {(method, door.plural) for _address, door, method in asked()}

        assert ACTS.keys() - there == set()
