"""Units and their synonyms, AI, models and token directions."""

from decimal import Decimal

import pytest

from partners.usage import metering
from partners.usage.metering import Item


class TestUnit:
    @pytest.mark.parametrize(
        ("text", "name", "base", "factor"),
        [
            ("GB-Months", "GB-Months", "GB-Hours", 1),
            ("GB Months", "GB-Months", "GB-Hours", 1),
            ("GB/Month", "GB-Months", "GB-Hours", 1),
            ("Gigabyte Per Hour", "GB-Hours", "GB-Hours", 1),
            ("OCPU Per Hour", "OCPU-Hours", "OCPU-Hours", 1),
            ("OCPU Hours", "OCPU-Hours", "OCPU-Hours", 1),
            ("Tokens", "Tokens", "Tokens", 1),
            ("1000000 Tokens", "1000000 Tokens", "Tokens", 1_000_000),
            ("1,000 Tokens", "1,000 Tokens", "Tokens", 1000),
            ("1K Tokens", "1K Tokens", "Tokens", 1000),
            ("LCU-Hours", "LCU-Hours", "LCU-Hours", 1),
            ("", "", "", 1),
        ],
    )
    def test_spellings(self, text: str, name: str, base: str, factor: int) -> None:
        unit = metering.unit_of(text)

        assert (unit.name, unit.base, unit.factor) == (name, base, Decimal(factor))

    @pytest.mark.parametrize(
        ("text", "is_stock"),
        [("GB-Months", True), ("Gigabyte Per Hour", True), ("GB", False)],
    )
    def test_stocks_are_averaged(self, text: str, *, is_stock: bool) -> None:
        assert metering.unit_of(text).is_time_weighted == is_stock


class TestUnderstand:
    def test_model_and_direction_from_details(self) -> None:
        item = Item(
            category="AI and Machine Learning",
            details='{"ModelId": "qwen-max", "ModelFamily": "Qwen", '
            '"ModelVersion": "2.5", "ModelDeveloper": "Qwen", '
            '"TokenDirection": "Output", "TokenCacheAction": "Uncached"}',
            unit="Tokens",
        )

        meaning = metering.understand(item)

        assert meaning.model == metering.Model("qwen-max", "Qwen", "2.5", "Qwen")
        assert (meaning.direction, meaning.cache) == ("output", "uncached")
        assert meaning.is_ai

    def test_the_older_name_of_the_cache_action(self) -> None:
        item = Item(
            details='{"CacheRole": "Read"}', sku_meter="Input Tokens", unit="Tokens"
        )

        meaning = metering.understand(item)

        assert (meaning.direction, meaning.cache) == ("input", "read")

    @pytest.mark.parametrize(
        ("sku", "model", "direction"),
        [
            ("qwen-plus-2025-07-28-output", "qwen-plus-2025-07-28", "output"),
            ("qwq-32b-input", "qwq-32b", "input"),
            ("Wan2.1-t2v-plus", "wan2.1-t2v-plus", ""),
            ("gpt-4o-mini output", "gpt-4o-mini", "output"),
            ("t3.micro", "", ""),
        ],
    )
    def test_names_of_skus_speak_where_details_are_silent(
        self, sku: str, model: str, direction: str
    ) -> None:
        meaning = metering.understand(Item(sku=sku, unit="Tokens"))

        assert (meaning.model.name, meaning.direction) == (model, direction)

    def test_gpu_hours_are_told_by_the_sku(self) -> None:
        meaning = metering.understand(
            Item(category="Compute", sku="p5 H100 instance", unit="Hours")
        )

        assert meaning.unit.base == "GPU-Hours"
        assert meaning.is_ai

    def test_a_plain_machine_is_not_ai(self) -> None:
        meaning = metering.understand(
            Item(category="Compute", service="Elastic Compute", unit="Hours")
        )

        assert not meaning.is_ai
        assert meaning.direction == ""

    @pytest.mark.parametrize("details", ["", "not json", "[1]", "null"])
    def test_details_that_are_no_object_say_nothing(self, details: str) -> None:
        assert metering.understand(Item(details=details)).model.name == ""
