"""From and until when an alias holds, in words."""

from datetime import date

import pytest

from partners.ai.admin.pointing import valid_between

MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)


@pytest.mark.parametrize(
    ("since", "until", "words"),
    [
        (None, None, "always"),
        (MAY, None, "since 2026-05-01"),
        (None, JUNE, "until 2026-05-31"),
        (MAY, JUNE, "2026-05-01 – 2026-05-31"),
    ],
)
def test_tells_the_last_day_as_held(
    since: date | None, until: date | None, words: str
) -> None:
    assert valid_between(since, until) == words
