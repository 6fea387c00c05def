"""The pages about the API in a real browser, under the product's policy."""

import pytest

from tests.browser.conftest import Watched

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


class TestApiPages:
    def test_one_can_try_the_api_in_the_browser(self, inside: Watched) -> None:
        inside.page.set_default_timeout(60_000)
        inside.open("/api/docs/")
        inside.page.locator("#operations-tag-action-items").wait_for(timeout=60_000)
        inside.page.locator(".operation-filter-input").fill("teams")
        inside.page.locator("#operations-tag-teams").wait_for()

        inside.judge()

    def test_one_can_read_the_description(self, inside: Watched) -> None:
        inside.page.set_default_timeout(60_000)
        inside.open("/api/redoc/")
        inside.page.get_by_text("Partnership CRM").first.wait_for()

        # its maker of examples comments on lists of choices; nothing else is tolerated
        inside.faults = [
            each for each in inside.faults if "OpenAPI Sampler" not in each
        ]
        inside.judge()
