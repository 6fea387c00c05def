"""What operations on papers, deals and commitments refuse, and changes of nothing."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.core.errors import DomainError
from deals import agreements as rules
from deals.commitments import Milestone
from deals.models import Agreement, Commitment, Deal
from deals.operations import (
    agreements,
    amendments,
    commitments,
    deals,
    lines,
    signing,
)
from deals.operations.lines import Line
from deals.operations.signing import Signature
from deals.pipeline import DealStage
from partners.operations.attachments import Document
from tests import make
from tests.deals import making
from tests.make import EARLY

pytestmark = pytest.mark.django_db
D = Decimal
LATER = EARLY + timedelta(days=30)


@pytest.fixture
def anna() -> User:
    return make.user(Role.ALLIANCE_DIRECTOR)


def refused(act: Callable[[], Any], words: str) -> None:
    with pytest.raises(DomainError, match=words):
        act()


class TestAgreements:
    def edit(self, paper: Agreement, by: User, **values: Any) -> Agreement:
        return agreements.edit_agreement(
            agreement=paper, by=by, at=LATER, values=values
        )

    def test_need_a_title_and_a_known_type(self, anna: User) -> None:
        paper = make.agreement(status="draft")

        refused(lambda: self.edit(paper, anna, title=" "), "needs a title")
        refused(
            lambda: self.edit(paper, anna, agreement_type="oath"), "There is no type"
        )

    def test_hang_under_papers_of_the_same_partner(self, anna: User) -> None:
        paper, other = make.agreement(status="draft"), make.agreement()

        refused(lambda: self.edit(paper, anna, parent=other), "another partner")

    def test_of_the_kind_amendment_amend_something(self, anna: User) -> None:
        paper = make.agreement(status="draft")

        refused(lambda: self.edit(paper, anna, agreement_type="amendment"), "amend")

    def test_say_in_words_what_the_database_refuses(self, anna: User) -> None:
        paper = make.agreement(status="draft", effective_on=date(2026, 3, 1))

        refused(
            lambda: self.edit(paper, anna, expires_on=date(2026, 2, 1)), "effective|end"
        )
        refused(
            lambda: self.edit(paper, anna, currency="eur"), "database refused|three"
        )

    def test_of_an_archived_partner_are_not_drafted(self, anna: User) -> None:
        partner = make.partner()
        type(partner).objects.filter(pk=partner.pk).update(archived_at=EARLY)

        refused(
            lambda: agreements.draft_agreement(
                partner=partner, agreement_type="nda", title="NDA", by=anna, at=LATER
            ),
            "archived",
        )

    def test_cover_other_cooperations_while_negotiated(self, anna: User) -> None:
        paper = make.agreement(status="draft")
        cooperation = make.cooperation(paper.partner)

        for _twice in range(2):
            agreements.edit_agreement(
                agreement=paper,
                by=anna,
                at=LATER,
                values={},
                cooperations=[cooperation],
            )

        assert list(paper.cooperations.all()) == [cooperation]

    def test_take_no_empty_document_and_none_after_their_end(self, anna: User) -> None:
        draft, ended = make.agreement(status="draft"), make.agreement()
        signing.terminate_agreement(agreement=ended, reason="Over.", by=anna, at=LATER)

        def add(paper: Agreement, content: bytes) -> Any:
            return agreements.add_version(
                agreement=paper,
                document=Document(name="a.txt", content=content),
                by=anna,
                at=LATER,
            )

        refused(lambda: add(draft, b""), "empty")
        refused(lambda: add(ended, b"x"), "has ended")

    def test_take_no_huge_document(
        self, anna: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("partners.documents.MAX_BYTES", 2)

        refused(
            lambda: agreements.add_version(
                agreement=make.agreement(status="draft"),
                document=Document(name="a.txt", content=b"xyz"),
                by=anna,
                at=LATER,
            ),
            "larger than",
        )

    def test_are_not_in_force_before_their_day(self, anna: User) -> None:
        paper = make.agreement(status="signed", effective_on=date(2027, 1, 1))

        refused(
            lambda: signing.activate_agreement(agreement=paper, by=anna, at=LATER),
            "effective on",
        )

    def test_take_notice_only_where_they_end(self, anna: User) -> None:
        paper = make.agreement(expires_on=None)

        refused(
            lambda: signing.give_notice(
                agreement=paper,
                on=date(2025, 1, 5),
                by=anna,
                at=LATER,
            ),
            "has an end",
        )

    def test_are_signed_by_people_of_the_partner(self, anna: User) -> None:
        paper = make.agreement(status="in_review")
        stranger = make.contact(make.partner())

        refused(
            lambda: signing.sign_agreement(
                agreement=paper,
                signature=Signature(
                    side="theirs", signed_on=EARLY.date(), contact=stranger
                ),
                by=anna,
                at=LATER,
            ),
            "another partner",
        )

    def test_have_a_notice_deadline_only_with_both_terms(self) -> None:
        day = date(2026, 7, 31)

        assert rules.notice_deadline(expires_on=day, notice_days=30) == date(2026, 7, 1)
        assert rules.notice_deadline(expires_on=day, notice_days=None) is None
        assert rules.notice_deadline(expires_on=None, notice_days=30) is None

    def test_take_terms_back_as_their_columns_have_them(self) -> None:
        assert amendments.restored("notice_days", None) is None


class TestDeals:
    def test_need_a_title_and_money_from_zero_on(self, anna: User) -> None:
        deal = make.deal()

        def edit(**values: Any) -> Deal:
            return deals.edit_deal(deal=deal, by=anna, at=LATER, values=values)

        refused(lambda: edit(title=" "), "needs a title")
        refused(lambda: edit(amount=D(-1)), "not negative")
        refused(lambda: edit(contract_months=145), "1 to 144")
        refused(lambda: edit(agreement=make.agreement()), "another partner")
        refused(lambda: edit(currency="eur"), "database refused")

    def test_begin_open_with_a_partner_that_is_not_archived(self, anna: User) -> None:
        partner = make.partner()
        opened: dict[str, Any] = {"partner": partner, "title": "A", "by": anna}

        refused(
            lambda: deals.open_deal(**opened, at=LATER, stage=DealStage.LAUNCHED),
            "begins open",
        )
        refused(
            lambda: deals.open_deal(**opened, at=LATER, values={"currency": "eur"}),
            "database refused",
        )
        type(partner).objects.filter(pk=partner.pk).update(archived_at=EARLY)
        refused(lambda: deals.open_deal(**opened, at=LATER), "archived")

    def test_lose_a_line_with_its_amount(self, anna: User) -> None:
        deal = make.deal()
        two = [
            Line(product=name, quantity=D(1), unit_price=D(price))
            for name, price in (("A", 10), ("B", 5))
        ]
        lines.set_lines(deal=deal, lines=two, by=anna, at=LATER)

        lines.remove_line(line=deal.lines.get(product="A"), by=anna, at=LATER)

        deal.refresh_from_db()
        assert deal.amount == 5

    def test_are_credited_with_evidence_and_taken_back_with_a_reason(
        self, anna: User
    ) -> None:
        deal = make.deal()

        def give(evidence: str) -> Any:
            return lines.give_credit(
                deal=deal,
                partner=deal.partner,
                kind="sourced",
                percent=D(10),
                evidence=evidence,
                by=anna,
                at=LATER,
            )

        refused(lambda: give(" "), "what shows it")
        credit = give("A mail")
        refused(
            lambda: lines.withdraw_credit(credit=credit, reason="", by=anna, at=LATER),
            "Say why",
        )


class TestCommitments:
    AT = datetime(2025, 1, 5, tzinfo=UTC)

    @pytest.fixture
    def row(self, anna: User) -> Commitment:
        return making.commitment(by=anna, at=self.AT)

    def test_are_edited_without_an_amendment(self, row: Commitment, anna: User) -> None:
        edited = commitments.edit_commitment(
            commitment=row, values={"title": "Renamed"}, by=anna, at=self.AT
        )

        assert edited.title == "Renamed"
        refused(
            lambda: commitments.edit_commitment(
                commitment=row, values={"title": " "}, by=anna, at=self.AT
            ),
            "needs a title",
        )
        refused(
            lambda: commitments.edit_commitment(
                commitment=row,
                values={"agreement": make.agreement()},
                by=anna,
                at=self.AT,
            ),
            "another partner",
        )

    def test_are_given_up_once_with_a_reason(self, row: Commitment, anna: User) -> None:
        def cancel(reason: str) -> Commitment:
            return commitments.cancel_commitment(
                commitment=row, reason=reason, by=anna, at=self.AT
            )

        refused(lambda: cancel(" "), "Say why")
        cancel("Given up.")
        refused(lambda: cancel("Again."), "It is: cancelled")

    def test_are_amended_only_where_something_changes(
        self, row: Commitment, anna: User
    ) -> None:
        def amend(reason: str, **more: Any) -> Commitment:
            return commitments.amend_commitment(
                commitment=row,
                values={"amount": row.amount},
                reason=reason,
                by=anna,
                at=self.AT,
                **more,
            )

        refused(lambda: amend("So."), "Nothing would change")
        refused(lambda: amend(""), "Say why")

    @pytest.mark.parametrize(
        ("steps", "words"),
        [
            ([("2025-06-01", 500), ("2025-06-01", 1000)], "a day of its own"),
            ([("2025-06-01", 700), ("2025-09-01", 500)], "never falling"),
            ([("2025-06-01", 500), ("2025-09-01", 900)], "must be the amount"),
            ([("2024-06-01", 500), ("2026-01-01", 1000)], "within the term"),
        ],
    )
    def test_refuse_milestones_like_these(
        self, anna: User, steps: list[tuple[str, int]], words: str
    ) -> None:
        milestones = [
            Milestone(due_on=date.fromisoformat(day), target=D(target))
            for day, target in steps
        ]

        refused(lambda: making.commitment(by=anna, milestones=milestones), words)

    @pytest.mark.parametrize(
        ("values", "words"),
        [
            ({"code": " "}, "title and a code"),
            ({"kind": "oath"}, "what was promised"),
            ({"currency": ""}, "needs a currency"),
            ({"amount": D(0)}, "more than nothing"),
            ({"start_on": date(2026, 1, 1)}, "an end after it"),
            ({"settlement": "continuous", "interval": "monthly"}, "per interval"),
            (
                {
                    "settlement": "continuous",
                    "interval": "quarterly",
                    "interval_amount": D(5),
                    "end_on": date(2025, 12, 1),
                },
                "whole number of intervals",
            ),
        ],
    )
    def test_refuse_terms_like_these(
        self, anna: User, values: dict[str, Any], words: str
    ) -> None:
        refused(lambda: making.commitment(by=anna, **values), words)
