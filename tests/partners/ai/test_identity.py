"""What usage calls a model, compared with names of the catalogue; no database."""

import pytest

from partners.ai import identity

NAMES = {
    1: ("Qwen2.5-Max", "qwen-max"),
    2: ("Qwen2.5-72B", "qwen2.5-72b-instruct"),
    3: ("QwQ-32B",),
    4: ("Wan2.1", "wan2.1"),
    5: ("Qwen-Plus",),
}


@pytest.mark.parametrize(
    ("text", "core"),
    [
        ("Qwen-Max-Input-Tokens", "qwen-max"),
        ("qwen-plus-2025-07-28", "qwen-plus"),
        ("dashscope/qwen_turbo-latest", "qwen-turbo"),
        ("  QwQ  32B ", "qwq-32b"),
        ("qwen-max-20250125", "qwen-max"),
        ("", ""),
    ],
)
def test_the_core_leaves_out_seller_snapshot_and_counter(text: str, core: str) -> None:
    assert identity.core(text) == core


@pytest.mark.parametrize(
    ("text", "best"),
    [
        ("qwen-max-2025-01-25", 1),
        ("Qwen-Max-Output", 1),
        ("qwen2.5-72b-instruct-int4", 2),
        ("qwq-32b-preview", 3),
        ("wan2.1-t2v", 4),
        ("bailian/qwen-plus-latest", 5),
    ],
)
def test_the_best_suggestion_is_the_model_meant(text: str, best: int) -> None:
    assert identity.suggested(text, NAMES)[0] == best


@pytest.mark.parametrize("text", ["", "ecs.g8i.4xlarge", "claude-sonnet-5", "gpu.h20"])
def test_strangers_get_no_suggestion(text: str) -> None:
    assert identity.suggested(text, NAMES) == ()


def test_no_more_than_three_are_suggested() -> None:
    many = {number: (f"qwen-max-{number}",) for number in range(9)}

    assert len(identity.suggested("qwen-max", many)) == 3


def test_one_spelling_is_stored() -> None:
    assert identity.plain("  Qwen   MAX ") == "qwen max"
