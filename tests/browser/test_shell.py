"""The shell in a real browser: every control works, nothing breaks the policy."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from crm.accounts.models import User
from tests.browser.conftest import PASSWORD, Watched
from tests.gallery.models import Part, Sample

pytestmark = [pytest.mark.browser, pytest.mark.timeout(90)]

LIST = "/admin/gallery/sample/"


@pytest.fixture
def sample(root: User) -> Sample:
    made = Sample.objects.create(name="First sample", owner=root, amount=12)
    Part.objects.create(sample=made, title="A part")
    return made


def page_of(sample: Sample) -> str:
    return f"{LIST}{sample.pk}/change/"


class TestLogin:
    def test_leads_to_the_first_page(self, watched: Watched, root: User) -> None:
        watched.open("/")
        watched.page.get_by_label("E-mail").fill(root.email)
        watched.page.locator("#id_password").fill(PASSWORD)
        watched.page.get_by_role("button", name="Log in").click()

        expect(watched.page.get_by_text("Welcome, Root")).to_be_visible()

    def test_offers_the_language_before(self, watched: Watched, root: User) -> None:
        watched.open("/admin/login/")
        watched.page.get_by_role("button", name="简体中文").click()

        expect(watched.page.get_by_role("button", name="登录")).to_be_visible()

    def test_says_what_is_wrong(self, watched: Watched, root: User) -> None:
        watched.open("/admin/login/")
        watched.page.get_by_label("E-mail").fill(root.email)
        watched.page.locator("#id_password").fill("wrong")
        watched.page.get_by_role("button", name="Log in").click()

        expect(watched.page.get_by_text("Please enter the correct")).to_be_visible()


class TestFrame:
    def test_switches_the_language_and_remembers_it(
        self, inside: Watched, root: User
    ) -> None:
        inside.page.get_by_label("Settings of Root").click()
        inside.page.get_by_role("button", name="简体中文").click()

        expect(inside.page.get_by_text("欢迎，Root")).to_be_visible()
        root.refresh_from_db()
        assert root.language == "zh-hans"

    def test_switches_to_dark(self, inside: Watched) -> None:
        inside.page.get_by_label("Settings of Root").click()
        inside.page.get_by_title("Dark", exact=True).or_(
            inside.page.get_by_text("Dark", exact=True)
        ).first.click()

        expect(inside.page.locator("html")).to_have_class(re.compile("dark"))

    def test_folds_the_menu(self, inside: Watched) -> None:
        menu = inside.page.locator("#nav-sidebar")
        expect(menu).to_be_visible()

        inside.page.get_by_label("Show or hide the menu").click()

        expect(menu).to_be_hidden()
        inside.page.reload()
        inside.settle()
        expect(menu).to_be_hidden()

    def test_finds_by_the_palette(self, inside: Watched, sample: Sample) -> None:
        inside.page.keyboard.press("Control+k")
        inside.page.locator("#search-input-command").press_sequentially("First sample")
        expect(inside.page.locator("#command-results")).to_contain_text("First sample")

        inside.page.keyboard.press("Enter")

        inside.page.wait_for_url(f"**{page_of(sample)}")

    def test_keeps_no_history_of_searches(
        self, inside: Watched, sample: Sample
    ) -> None:
        inside.page.keyboard.press("Control+k")
        inside.page.locator("#search-input-command").press_sequentially("First")
        inside.page.get_by_text("First sample").click()
        inside.page.wait_for_url(f"**{page_of(sample)}")

        kept = inside.page.evaluate("Object.keys(localStorage)")

        assert "commandHistory" not in kept
        assert not any(key.startswith("htmx") for key in kept)


class TestForm:
    def test_saves(self, inside: Watched, sample: Sample) -> None:
        inside.open(page_of(sample))
        inside.page.locator("#id_name").fill("Renamed")
        inside.page.get_by_role("button", name="Save", exact=True).click()

        expect(inside.page.get_by_text("was changed successfully")).to_be_visible()
        sample.refresh_from_db()
        assert (sample.name, sample.version) == ("Renamed", 2)

    def test_shows_what_the_operation_refuses(
        self, inside: Watched, sample: Sample
    ) -> None:
        inside.open(page_of(sample))
        inside.page.locator("#id_name").fill("Forbidden")
        inside.page.get_by_role("button", name="Save", exact=True).click()

        expect(inside.page.get_by_text("This name is taken.").first).to_be_visible()
        expect(inside.page.get_by_text("Missing: another name").first).to_be_visible()

    def test_opens_tabs_of_fields_and_of_rows(
        self, inside: Watched, sample: Sample
    ) -> None:
        inside.open(page_of(sample))
        expect(inside.page.locator("#id_notes")).to_be_hidden()

        inside.page.get_by_text("Words", exact=True).click()
        expect(inside.page.locator("#id_notes")).to_be_visible()

        inside.page.locator("#tabs-items").get_by_text("Parts").click()
        expect(inside.page.get_by_text("A part").first).to_be_visible()
        expect(inside.page.locator("#id_name")).to_be_hidden()

    def test_picks_a_date_from_the_calendar(
        self, inside: Watched, sample: Sample
    ) -> None:
        inside.open(page_of(sample))
        inside.page.locator("#id_starts_on ~ .datetimeshortcuts a").last.click()
        inside.page.locator(".calendarbox:visible td a", has_text="15").first.click()

        expect(inside.page.locator("#id_starts_on")).to_have_value(re.compile("15$"))

    def test_finds_a_row_to_refer_to(
        self, inside: Watched, sample: Sample, root: User
    ) -> None:
        Sample.objects.create(name="Second sample", owner=root)
        inside.open(page_of(sample))
        inside.page.locator(".field-parent .select2-selection").click()
        inside.page.locator(".select2-search__field").press_sequentially("Second")
        inside.page.locator(".select2-results__option", has_text="Second").click()

        chosen = inside.page.locator("#select2-id_parent-container")
        expect(chosen).to_contain_text("Second sample")

    def test_asks_in_a_dialog_and_runs_the_operation(
        self, inside: Watched, sample: Sample
    ) -> None:
        inside.open(page_of(sample))
        inside.page.get_by_role("link", name="Close").click()
        dialog = inside.page.locator("#dialog")
        dialog.locator("[name=why]").fill("forbidden")
        dialog.get_by_role("button", name="Close", exact=True).click()
        expect(dialog.get_by_text("Not for this reason.")).to_be_visible()

        dialog.locator("[name=why]").fill("because")
        dialog.get_by_role("button", name="Close", exact=True).click()

        expect(inside.page.get_by_text("Closed.")).to_be_visible()
        sample.refresh_from_db()
        assert (sample.is_open, sample.notes) == (False, "because")

    def test_confirms_before_it_deletes(self, inside: Watched, sample: Sample) -> None:
        sample.parts.all().delete()
        Sample.objects.update(is_open=False)
        inside.open(page_of(sample))
        inside.page.get_by_role("link", name="Delete sample").click()
        inside.settle()
        inside.page.get_by_role("button", name=re.compile("sure")).click()

        inside.page.wait_for_url(f"**{LIST}")
        assert not Sample.objects.exists()

    def test_shows_the_history(self, inside: Watched, sample: Sample) -> None:
        inside.open(page_of(sample))
        inside.page.locator("#id_name").fill("Renamed")
        inside.page.get_by_role("button", name="Save", exact=True).click()
        inside.open(f"{LIST}{sample.pk}/history/")

        expect(inside.page.get_by_text("sample.edited")).to_be_visible()


class TestList:
    def test_filters_in_a_panel(self, inside: Watched, sample: Sample) -> None:
        inside.open(LIST)
        inside.page.locator("#changelist a", has_text="Filters").click()
        panel = inside.page.locator("#filter-form")
        expect(panel).to_be_visible()
        panel.locator("select[name=kind__exact]").select_option("square", force=True)
        inside.page.get_by_role("button", name="Apply").click()
        inside.settle()

        expect(inside.page.get_by_text("No results found")).to_be_visible()

    def test_runs_an_action_on_the_selected(
        self, inside: Watched, sample: Sample
    ) -> None:
        inside.open(LIST)
        inside.page.locator("input.action-select").last.check()
        inside.page.locator("select[name=action]").select_option("close_all")
        inside.page.get_by_role("button", name="Run").click()
        inside.settle()

        expect(inside.page.get_by_text("1 done.")).to_be_visible()
        sample.refresh_from_db()
        assert sample.is_open is False


WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 375, "height": 812}
SHAPES = [
    pytest.param({"viewport": WIDE, "color_scheme": "light"}, id="light"),
    pytest.param({"viewport": WIDE, "color_scheme": "dark"}, id="dark"),
    pytest.param({"viewport": PHONE, "color_scheme": "light"}, id="phone"),
]


@pytest.mark.parametrize("shape", SHAPES)
class TestAccess:
    def test_login(self, watched: Watched, shape: dict[str, Any]) -> None:
        watched.open("/admin/login/")

        assert "\n".join(watched.violations()) == ""

    def test_inside(
        self, inside: Watched, sample: Sample, shape: dict[str, Any]
    ) -> None:
        found = {}
        for path in ("/admin/", LIST, f"{LIST}add/", page_of(sample), "/nowhere"):
            inside.page.goto(f"{inside.address}{path}")
            inside.settle()
            found[path] = inside.violations()

        inside.faults = [fault for fault in inside.faults if "/nowhere" not in fault]
        assert {path: wrong for path, wrong in found.items() if wrong} == {}
