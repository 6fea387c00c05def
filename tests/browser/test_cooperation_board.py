"""The board of cooperations in a real browser: a card moves through its gate or goes back."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from crm.accounts.models import User
from partners import operations
from partners.models import Cooperation, GateCheck, StageTransition
from tests import make
from tests.browser.conftest import Watched

pytestmark = [pytest.mark.browser, pytest.mark.timeout(90)]

BOARD = "/admin/partners/cooperation/board/"


def column(key: str) -> str:
    return f'.board-column[data-column="{key}"]'


def ready(title: str, owner: User) -> Cooperation:
    """Return a cooperation in first contact that may become qualified."""
    cooperation = make.cooperation(
        make.partner(owner=owner, industry="automotive", country="DE", domain="n.ex"),
        title=title,
        owner=owner,
        next_step_due_on=timezone.localdate() + timedelta(days=7),
    )
    make.contact(cooperation.partner, roles=["champion"])
    operations.log_activity(
        partner=cooperation.partner,
        cooperation=cooperation,
        values={"kind": "meeting", "summary": "Talk", "happened_at": make.EARLY},
        by=owner,
        at=timezone.now(),
    )
    return cooperation


def test_a_dragged_card_passes_its_gate_or_goes_back(
    inside: Watched, root: User
) -> None:
    moving = ready("Cockpit", root)
    lacking = make.cooperation(title="Network", owner=root)
    inside.open(BOARD)
    page = inside.page

    page.locator(".board-card", has_text="Cockpit").drag_to(
        page.locator(column("qualified"))
    )
    expect(page.locator(column("qualified"))).to_contain_text("Cockpit")
    expect(page.locator(column("first_contact"))).not_to_contain_text("Cockpit")
    # one move at a time: another is not taken before the board is drawn
    expect(page.locator("#board")).not_to_have_attribute("aria-busy", "true")

    page.locator(".board-card", has_text="Network").drag_to(
        page.locator(column("qualified"))
    )
    expect(page.locator("#board-refused")).to_contain_text("At least one contact")
    expect(page.locator(column("first_contact"))).to_contain_text("Network")
    moving.refresh_from_db()
    lacking.refresh_from_db()
    assert (moving.stage_id, lacking.stage_id) == ("qualified", "first_contact")
    assert StageTransition.objects.filter(cooperation=moving).count() == 2
    assert GateCheck.objects.filter(cooperation=lacking, verdict="missing").exists()
    inside.faults = [fault for fault in inside.faults if "409" not in fault]
