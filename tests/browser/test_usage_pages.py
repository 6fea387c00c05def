"""Usage in a real browser: an export is sent in parts, and pages are accessible."""

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from playwright.sync_api import expect
from pytest_django.fixtures import Settings

from crm.accounts.models import User
from crm.accounts.roles import Role
from partners.usage import tasks
from partners.usage.models import BillingSource, UsageLoad
from tests import make
from tests.browser.conftest import Watched
from tests.partners.usage import exports

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.fixture(autouse=True)
def usage_store(tmp_path: Path, settings: Settings) -> None:
    settings.USAGE_STORE = tmp_path / "store"


class TestUpload:
    def test_is_sent_in_parts_and_watched_until_it_is_loaded(
        self, inside: Watched, root: User, tmp_path: Path
    ) -> None:
        export = exports.write(tmp_path / "a.csv", [exports.row()])
        inside.open("/admin/usage/usageload/add/")
        page = inside.page
        page.locator("[name=new_source]").fill("acme")
        page.locator("input[type=file]").set_input_files(export)
        page.locator("[name=_save]").click()

        page.wait_for_url(re.compile(r"/usageload/\d+/change/"))
        expect(page.get_by_text("waiting").first).to_be_visible()
        load = UsageLoad.objects.get()
        tasks.run_load(load_id=load.pk)
        expect(page.get_by_text("Totals of the files")).to_be_visible()

        assert (load.source.name, load.requested_by) == ("acme", root)
        assert inside.violations() == []
        inside.judge()

    def test_the_work_list_is_accessible(self, inside: Watched, root: User) -> None:
        root.groups.set(Group.objects.filter(name=Role.FINANCE))
        make.partner("Northwind")
        BillingSource.objects.create(name="acme")

        for path in ("monthlyusage/", "cloudaccount/unassigned/", "billingsource/"):
            inside.open(f"/admin/usage/{path}")
            assert inside.violations() == [], path
        inside.judge()
