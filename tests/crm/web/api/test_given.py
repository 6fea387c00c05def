"""Input is taken in the JSON types that are described, at every depth; nothing else is."""

from typing import Any

import pytest
from rest_framework import serializers

from crm.web import api


class Inner(api.Given):
    on = serializers.DateField(required=False)


class Everything(api.Given):
    text = serializers.CharField(required=False)
    flag = serializers.BooleanField(required=False)
    whole = serializers.IntegerField(required=False, allow_null=True)
    ratio = serializers.FloatField(required=False)
    money = serializers.DecimalField(max_digits=10, decimal_places=2, required=False)
    word = serializers.ChoiceField(choices=["a", "1"], required=False)
    numbers = serializers.ListField(child=serializers.IntegerField(), required=False)
    inner = Inner(many=True, required=False)


@pytest.mark.parametrize(
    "given",
    [
        {"text": "7"}, {"flag": True}, {"whole": 7}, {"whole": 7.0}, {"whole": None},
        {"ratio": 1}, {"ratio": 0.5}, {"money": "7.50"}, {"money": 7}, {"word": "1"},
        {"numbers": [1, 2]}, {"inner": [{"on": "2026-01-31"}]},
    ],
)  # fmt: skip
def test_what_is_described_is_taken(given: dict[str, Any]) -> None:
    assert Everything().run_validation(given)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"text": 7}, "not-of-type"), ({"text": True}, "not-of-type"),
        ({"flag": "true"}, "not-of-type"), ({"flag": 1}, "not-of-type"),
        ({"whole": "7"}, "not-of-type"), ({"whole": True}, "not-of-type"),
        ({"whole": 7.5}, "not-of-type"), ({"ratio": "0.5"}, "not-of-type"),
        ({"money": 7.5}, "not-of-type"), ({"word": 1}, "not-of-type"),
        ({"numbers": ["1"]}, "not-of-type"), ({"numbers": "1"}, "not_a_list"),
        ({"inner": [{"on": 20260131}]}, "not-of-type"), ({"other": 1}, "unknown"),
    ],
)  # fmt: skip
def test_what_is_not_described_is_refused(given: dict[str, Any], code: str) -> None:
    with pytest.raises(serializers.ValidationError) as refused:
        Everything().run_validation(given)

    (fault,) = api.problem_of(refused.value).errors  # type: ignore[union-attr]  # a refusal
    assert fault["code"] == code
