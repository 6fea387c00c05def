"""The board of deals in a real browser: by mouse, by keys, and back where something lacks."""

import pytest
from playwright.sync_api import expect

from crm.accounts.models import User
from tests import make
from tests.browser.conftest import Watched
from tests.deals.admin.test_deal_pages import BOARD, FILLED

pytestmark = [pytest.mark.browser, pytest.mark.timeout(90)]


def column(key: str) -> str:
    return f'.board-column[data-column="{key}"]'


def test_a_deal_moves_by_mouse_and_keys_or_says_what_lacks(
    inside: Watched, root: User
) -> None:
    partner = make.partner(owner=root)
    deal = make.deal(partner, title="Cockpit", owner=root, **FILLED)
    bare = make.deal(partner, title="Network", owner=root)
    inside.open(BOARD)
    page = inside.page

    page.locator(".board-card", has_text="Cockpit").drag_to(
        page.locator(column("Qualified"))
    )
    expect(page.locator(column("Qualified"))).to_contain_text("Cockpit")
    expect(page.locator("#board")).not_to_have_attribute("aria-busy", "true")
    page.locator(".board-card", has_text="Cockpit").focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator(column("Technical Validation"))).to_contain_text("Cockpit")
    expect(page.locator("#board")).not_to_have_attribute("aria-busy", "true")

    page.locator(".board-card", has_text="Network").drag_to(
        page.locator(column("Qualified"))
    )
    expect(page.locator("#board-refused")).to_contain_text("end customer")
    expect(page.locator(column("Prospect"))).to_contain_text("Network")
    deal.refresh_from_db()
    bare.refresh_from_db()
    assert (deal.stage, bare.stage) == ("Technical Validation", "Prospect")
    inside.faults = [fault for fault in inside.faults if "409" not in fault]
