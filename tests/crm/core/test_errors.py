"""What all refusals have in common."""

from crm.core.errors import DomainError


class TestDomainError:
    def test_reads_as_its_text(self) -> None:
        refusal = DomainError("Prospect cannot become Paused.")

        assert str(refusal) == "Prospect cannot become Paused."
        assert (refusal.code, refusal.missing, refusal.is_input) == (
            "refused",
            (),
            False,
        )

    def test_has_a_code_for_machines_and_says_what_is_missing(self) -> None:
        refusal = DomainError("No.", code="stage.refused", missing=("owner", "date"))

        assert refusal.code == "stage.refused"
        assert refusal.missing == ("owner", "date")
        assert DomainError.code == "refused"
