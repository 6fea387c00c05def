"""Who may read which entries: conditions are said by the packages above, each once."""

import pytest

from crm.journal import visibility


def test_the_same_condition_said_twice_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visibility, "_conditions", ["a.b"])

    for path in ("a.b", "a.c", "a.c"):
        visibility.provide(path)

    assert visibility._conditions == ["a.b", "a.c"]
