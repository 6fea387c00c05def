"""Gates without a database: composites, unregistered evidence, parameters."""

from datetime import UTC, datetime
from typing import Any

import pytest

from partners import gates
from partners.gates import Case, CriterionRefusedError, Finding, Verdict

CASE = Case(cooperation=None, at=datetime(2026, 1, 1, tzinfo=UTC))


def part(kind: str) -> dict[str, Any]:
    return {"kind": kind, "parameters": {}}


def yes(_case: Case, _parameters: Any) -> Finding:
    return gates.passed("Seen.", days=5)


def no(_case: Case, _parameters: Any) -> Finding:
    return gates.missing("Nothing there.", days=0)


def late(_case: Case, _parameters: Any) -> Finding:
    return gates.unknown("The data are old.")


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "_kinds", {})
    for kind, evidence in (("yes", yes), ("no", no), ("late", late)):
        gates.register(kind, evidence, name=kind, parameters=frozenset({"days"}))


def look(kind: str, *parts: str) -> Finding:
    return gates.look(kind, {"of": [part(each) for each in parts]}, CASE)


class TestAnyOf:
    @pytest.mark.parametrize(
        ("parts", "verdict", "is_registered"),
        [
            (("no", "yes"), Verdict.PASSED, True),
            (("stranger", "yes"), Verdict.PASSED, True),
            (("no", "no"), Verdict.MISSING, True),
            (("no", "late"), Verdict.UNKNOWN, True),
            (("no", "stranger"), Verdict.MISSING, False),
        ],
    )
    def test_passes_with_one(
        self, parts: tuple[str, ...], verdict: Verdict, is_registered: bool
    ) -> None:
        found = look("any_of", *parts)

        assert (found.verdict, found.is_registered) == (verdict, is_registered)

    def test_says_each_way(self) -> None:
        assert look("any_of", "no", "late").words == (
            "Nothing there. Or: The data are old."
        )

    def test_keeps_what_every_part_saw(self) -> None:
        assert look("any_of", "no", "yes").seen == {
            "of": [
                {"verdict": "missing", "days": 0},
                {"verdict": "passed", "days": 5},
            ]
        }


class TestAllOf:
    @pytest.mark.parametrize(
        ("parts", "verdict"),
        [
            (("yes", "yes"), Verdict.PASSED),
            (("yes", "no"), Verdict.MISSING),
            (("yes", "late"), Verdict.UNKNOWN),
            (("late", "no"), Verdict.MISSING),
        ],
    )
    def test_passes_with_all(self, parts: tuple[str, ...], verdict: Verdict) -> None:
        assert look("all_of", *parts).verdict == verdict

    def test_tells_only_what_is_missing(self) -> None:
        assert look("all_of", "yes", "no").words == "Nothing there."


class TestUnregisteredEvidence:
    def test_counts_as_missing_with_that_reason(self) -> None:
        found = gates.look("stranger", {}, CASE)

        assert (found.verdict, found.is_registered) == (Verdict.MISSING, False)
        assert "stranger" in found.words


class TestRegister:
    def test_takes_the_same_evidence_again(self) -> None:
        gates.register("yes", yes, name="yes", parameters=frozenset())

        assert gates.is_registered("yes")

    def test_refuses_another_for_the_kind(self) -> None:
        with pytest.raises(ValueError, match="twice"):
            gates.register("yes", no, name="yes", parameters=frozenset())

    def test_lists_by_code(self) -> None:
        assert [kind.code for kind in gates.kinds()] == ["late", "no", "yes"]


class TestCheckParameters:
    def test_takes_known_ones(self) -> None:
        gates.check_parameters("any_of", {"of": [{**part("yes")}]})
        gates.check_parameters("yes", {"days": 5})

    @pytest.mark.parametrize(
        ("kind", "parameters"),
        [
            ("stranger", {}),
            ("yes", {"weeks": 1}),
            ("any_of", {}),
            ("any_of", {"of": []}),
            ("any_of", {"of": [part("stranger")]}),
            ("all_of", {"of": [part("yes")], "more": 1}),
        ],
    )
    def test_refuses_others(self, kind: str, parameters: dict[str, Any]) -> None:
        with pytest.raises(CriterionRefusedError):
            gates.check_parameters(kind, parameters)
