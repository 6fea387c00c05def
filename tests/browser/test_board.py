"""A board in a real browser: drag, keys and dialog call one operation; refusals go back."""

import pytest
from playwright.sync_api import expect

from crm.accounts.models import User
from tests.browser.conftest import Watched
from tests.gallery.models import Sample

pytestmark = [pytest.mark.browser, pytest.mark.timeout(90)]

BOARD = "/admin/gallery/sample/board/"


def column(key: str) -> str:
    return f'.board-column[data-column="{key}"]'


def test_drag_moves_and_a_refusal_puts_back(inside: Watched, root: User) -> None:
    free = Sample.objects.create(name="Free", owner=root)
    Sample.objects.create(name="Forbidden", owner=root)
    inside.open(BOARD)
    page = inside.page

    page.locator(".board-card", has_text="Free").drag_to(page.locator(column("square")))
    expect(page.locator(column("square"))).to_contain_text("Free")
    expect(page.locator("#board-said")).to_have_text("It is square now.")

    page.locator(".board-card", has_text="Forbidden").drag_to(
        page.locator(column("square"))
    )
    expect(page.locator("#board-refused")).to_contain_text("This name is taken.")
    expect(page.locator(column("round"))).to_contain_text("Forbidden")
    free.refresh_from_db()
    assert (free.kind, free.version) == ("square", 2)
    inside.faults = [fault for fault in inside.faults if "409" not in fault]


def test_keys_move_and_the_dialog_asks(inside: Watched, root: User) -> None:
    Sample.objects.create(name="By keys", owner=root)
    inside.open(BOARD)
    page = inside.page

    page.locator(".board-card").focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator(column("square"))).to_contain_text("By keys")
    expect(page.locator(".board-card")).to_be_focused()

    page.keyboard.press("Shift+ArrowRight")
    page.get_by_label("Why").fill("done")
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.locator(column("closed"))).to_contain_text("By keys")
    inside.settle()
    assert inside.violations() == []
