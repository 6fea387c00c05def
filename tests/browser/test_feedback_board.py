"""The board of feedback in a real browser: a drag takes the step, or asks for what the step needs."""

import pytest
from playwright.sync_api import expect

from crm.accounts.models import User
from partners.ai.models import Feedback
from tests import make
from tests.browser.conftest import Watched
from tests.partners.ai import makers

pytestmark = [pytest.mark.browser, pytest.mark.timeout(90)]

BOARD = "/admin/ai/feedback/board/"


def column(key: str) -> str:
    return f'.board-column[data-column="{key}"]'


def test_a_dragged_card_is_accepted_then_asks_for_the_version(
    inside: Watched, root: User
) -> None:
    partner = make.partner(owner=root)
    scenario = makers.scenario(make.cooperation(partner))
    wish = makers.feedback(scenario, title="Swabian is hard")
    version = makers.base_model("Better-2")
    inside.open(BOARD)
    page = inside.page

    page.locator(".board-card", has_text="Swabian").drag_to(
        page.locator(column("accepted"))
    )
    expect(page.locator(column("accepted"))).to_contain_text("Swabian")
    expect(page.locator("#board")).not_to_have_attribute("aria-busy", "true")
    wish.refresh_from_db()
    assert (wish.state, wish.owner) == ("accepted", root)

    page.locator(".board-card", has_text="Swabian").drag_to(
        page.locator(column("shipped"))
    )
    page.locator("select[name=base]").select_option(str(version.pk))
    page.get_by_role("button", name="Ship", exact=True).click()
    expect(page.locator(column("shipped"))).to_contain_text("Better-2")
    assert Feedback.objects.get().shipped_base == version
