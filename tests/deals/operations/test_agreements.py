"""Agreements from draft to their end: by effect, journal and refusal."""

from datetime import date, timedelta
from typing import Any

import pytest

from crm.accounts.models import User
from crm.journal.models import Event
from deals.models import Agreement
from deals.operations import agreements, amendments, signing
from deals.operations.agreements import AgreementInputError, AgreementRefusedError
from deals.operations.signing import Signature
from partners.operations import partners
from partners.operations.attachments import Document
from partners.operations.marks import PartnerRefusedError
from tests import make
from tests.make import EARLY
from tests.partners.database import held

pytestmark = pytest.mark.django_db
LATER = EARLY + timedelta(days=10)
DAY = LATER.date()


@pytest.fixture
def leo() -> User:
    return make.user("legal")


def drafted(by: User, **values: Any) -> Agreement:
    return agreements.draft_agreement(
        partner=make.partner(owner=by),
        agreement_type="strategic",
        title="Frame",
        by=by,
        at=EARLY,
        values=values,
    )


def signed(paper: Agreement, by: User, on: date = DAY) -> Agreement:
    """Send it to review and let both sides sign."""
    signing.send_to_review(agreement=paper, by=by, at=EARLY)
    for side in ("ours", "theirs"):
        paper = signing.sign_agreement(
            agreement=paper,
            signature=Signature(side=side, signed_on=on),
            by=by,
            at=LATER,
        )
    return paper


class TestDraftAgreement:
    def test_has_code_owner_currency_and_journal(self, leo: User) -> None:
        paper = drafted(leo)

        held()
        assert (paper.code, paper.status) == (f"A{paper.partner_id}-1", "draft")
        assert paper.owner == leo
        assert Event.objects.get(kind="agreement.drafted").subject_id == paper.pk

    def test_a_mou_is_not_binding(self, leo: User) -> None:
        paper = agreements.draft_agreement(
            partner=make.partner(), agreement_type="mou", title="X", by=leo, at=EARLY
        )

        assert not paper.is_binding

    def test_covers_cooperations_of_its_partner_only(self, leo: User) -> None:
        with pytest.raises(AgreementInputError, match="another partner"):
            agreements.draft_agreement(
                partner=make.partner(),
                agreement_type="mou",
                title="X",
                by=leo,
                at=EARLY,
                cooperations=[make.cooperation()],
            )

    @pytest.mark.parametrize(
        ("values", "words"),
        [
            ({"auto_renews": True}, "renews"),
            (
                {"effective_on": date(2026, 3, 1), "expires_on": date(2026, 2, 1)},
                "expires",
            ),
        ],
    )
    def test_is_refused_in_words(
        self, leo: User, values: dict[str, Any], words: str
    ) -> None:
        with pytest.raises(AgreementInputError, match=words):
            drafted(leo, **values)

    def test_of_an_amendment_names_what_it_amends(self, leo: User) -> None:
        with pytest.raises(AgreementInputError, match="amends"):
            agreements.draft_agreement(
                partner=make.partner(),
                agreement_type="amendment",
                title="X",
                by=leo,
                at=EARLY,
            )


class TestSigning:
    def test_both_make_it_active_from_today(self, leo: User) -> None:
        paper = signed(drafted(leo), leo)

        held()
        assert (paper.status, paper.effective_on) == ("active", DAY)
        assert paper.status_changes.count() == 4

    def test_one_alone_changes_no_status(self, leo: User) -> None:
        paper = drafted(leo)
        signing.send_to_review(agreement=paper, by=leo, at=EARLY)

        paper = signing.sign_agreement(
            agreement=paper,
            signature=Signature(side="ours", signed_on=DAY, colleague=leo),
            by=leo,
            at=LATER,
        )

        assert (paper.status, paper.our_signatory) == ("in_review", leo)

    def test_a_later_effective_date_leaves_it_signed(self, leo: User) -> None:
        paper = signed(drafted(leo, effective_on=DAY + timedelta(days=1)), leo)

        assert paper.status == "signed"

    def test_is_refused_for_a_draft(self, leo: User) -> None:
        with pytest.raises(AgreementRefusedError, match="from review"):
            signing.sign_agreement(
                agreement=drafted(leo),
                signature=Signature(side="ours", signed_on=DAY),
                by=leo,
                at=LATER,
            )

    def test_is_refused_twice_by_one_side(self, leo: User) -> None:
        paper = drafted(leo)
        signing.send_to_review(agreement=paper, by=leo, at=EARLY)
        ours = Signature(side="ours", signed_on=DAY)
        signing.sign_agreement(agreement=paper, signature=ours, by=leo, at=LATER)

        with pytest.raises(AgreementRefusedError, match="has signed"):
            signing.sign_agreement(agreement=paper, signature=ours, by=leo, at=LATER)

    def test_is_refused_after_the_effective_date(self, leo: User) -> None:
        with pytest.raises(AgreementInputError, match="effective on"):
            signed(drafted(leo, effective_on=DAY - timedelta(days=1)), leo)

    def test_is_refused_in_the_future(self, leo: User) -> None:
        with pytest.raises(AgreementInputError, match="future"):
            signed(drafted(leo), leo, on=DAY + timedelta(days=1))

    def test_back_to_draft_takes_signatures_away(self, leo: User) -> None:
        paper = drafted(leo)
        signing.send_to_review(agreement=paper, by=leo, at=EARLY)
        signing.sign_agreement(
            agreement=paper,
            signature=Signature(side="ours", signed_on=DAY),
            by=leo,
            at=LATER,
        )

        paper = signing.return_to_draft(
            agreement=paper, reason="New clause", by=leo, at=LATER
        )

        assert (paper.status, paper.signed_by_us_on) == ("draft", None)


class TestEditAgreement:
    def test_changes_terms_of_a_draft(self, leo: User) -> None:
        paper = agreements.edit_agreement(
            agreement=drafted(leo),
            by=leo,
            at=LATER,
            values={"expires_on": date(2027, 1, 31), "notice_days": 31},
        )

        assert paper.notice_deadline_on == date(2026, 12, 31)

    def test_leaves_the_filing_open_after_signing(self, leo: User) -> None:
        paper = signed(drafted(leo), leo)

        paper = agreements.edit_agreement(
            agreement=paper, by=leo, at=LATER, values={"reference": "C-77"}
        )

        assert paper.reference == "C-77"

    def test_is_refused_for_terms_after_signing(self, leo: User) -> None:
        paper = signed(drafted(leo), leo)

        with pytest.raises(AgreementRefusedError, match="amendment"):
            agreements.edit_agreement(
                agreement=paper,
                by=leo,
                at=LATER,
                values={"expires_on": date(2028, 1, 1)},
            )


class TestEnding:
    def test_terminate_needs_a_reason(self, leo: User) -> None:
        with pytest.raises(AgreementInputError, match="why"):
            signing.terminate_agreement(
                agreement=make.agreement(), reason="", by=leo, at=LATER
            )

    @pytest.mark.parametrize("status", ["draft", "in_review", "signed", "active"])
    def test_terminate_from_anywhere_open(self, leo: User, status: str) -> None:
        paper = signing.terminate_agreement(
            agreement=make.agreement(status=status), reason="Sold", by=leo, at=LATER
        )

        held()
        assert (paper.status, paper.ended_on) == ("terminated", DAY)

    def test_terminate_is_refused_twice(self, leo: User) -> None:
        paper = signing.terminate_agreement(
            agreement=make.agreement(), reason="Sold", by=leo, at=LATER
        )

        with pytest.raises(AgreementRefusedError, match="cannot become"):
            signing.terminate_agreement(
                agreement=paper, reason="Sold", by=leo, at=LATER
            )

    def test_supersede_names_the_successor(self, leo: User) -> None:
        partner = make.partner()
        old, new = make.agreement(partner), make.agreement(partner)

        paper = signing.supersede_agreement(
            agreement=old, successor=new, by=leo, at=LATER
        )

        held()
        assert (paper.status, paper.superseded_by) == ("superseded", new)

    def test_supersede_is_refused_by_a_draft(self, leo: User) -> None:
        partner = make.partner()

        with pytest.raises(AgreementRefusedError, match="signed by both"):
            signing.supersede_agreement(
                agreement=make.agreement(partner),
                successor=make.agreement(partner, status="draft"),
                by=leo,
                at=LATER,
            )

    def test_notice_is_refused_after_its_deadline(self, leo: User) -> None:
        paper = make.agreement(expires_on=DAY + timedelta(days=30), notice_days=30)

        signing.give_notice(agreement=paper, on=DAY, by=leo, at=LATER)

        with pytest.raises(AgreementRefusedError, match="by 2026"):
            signing.give_notice(
                agreement=paper, on=DAY + timedelta(days=1), by=leo, at=LATER
            )


class TestAmendments:
    def test_change_terms_when_active(self, leo: User) -> None:
        frame = make.agreement(expires_on=date(2027, 1, 1))
        amendment = amendments.draft_amendment(
            agreement=frame,
            changes={"expires_on": date(2029, 1, 1), "notice_days": 60},
            by=leo,
            at=EARLY,
        )

        signed(amendment, leo)

        frame.refresh_from_db()
        held()
        assert (frame.expires_on, frame.notice_days) == (date(2029, 1, 1), 60)
        assert Event.objects.get(kind="agreement.amended").subject_id == frame.pk

    def test_change_nothing_before(self, leo: User) -> None:
        frame = make.agreement(expires_on=date(2027, 1, 1))

        amendments.draft_amendment(
            agreement=frame, changes={"notice_days": 60}, by=leo, at=EARLY
        )

        frame.refresh_from_db()
        assert frame.notice_days is None

    @pytest.mark.parametrize("changes", [{}, {"agreement_type": "nda"}])
    def test_are_refused(self, leo: User, changes: dict[str, Any]) -> None:
        with pytest.raises(AgreementInputError):
            amendments.draft_amendment(
                agreement=make.agreement(), changes=changes, by=leo, at=EARLY
            )

    def test_are_refused_for_a_draft(self, leo: User) -> None:
        with pytest.raises(AgreementRefusedError, match="in force"):
            amendments.draft_amendment(
                agreement=make.agreement(status="draft"),
                changes={"notice_days": 1},
                by=leo,
                at=EARLY,
            )


class TestFrozenParty:
    @pytest.mark.parametrize("values", [{"legal_name": "New AG"}, {"country": "CN"}])
    def test_is_not_edited(self, leo: User, values: dict[str, Any]) -> None:
        partner = make.partner(country="DE")
        make.agreement(partner)

        with pytest.raises(PartnerRefusedError) as refusal:
            partners.edit_partner(partner=partner, by=leo, at=LATER, values=values)

        assert refusal.value.code == "partner.frozen"
        assert "amendment" in refusal.value.missing[0]

    def test_is_free_without_an_active_strategic_agreement(self, leo: User) -> None:
        partner = make.partner()
        make.agreement(partner, status="signed")
        make.agreement(partner, "msa")

        edited = partners.edit_partner(
            partner=partner, by=leo, at=LATER, values={"legal_name": "New AG"}
        )

        assert edited.legal_name == "New AG"

    def test_is_changed_by_a_signed_amendment(self, leo: User) -> None:
        partner = make.partner(country="DE")
        amendment = amendments.draft_amendment(
            agreement=make.agreement(partner),
            changes={"partner.legal_name": "New AG"},
            by=leo,
            at=EARLY,
        )

        signed(amendment, leo)

        partner.refresh_from_db()
        assert partner.legal_name == "New AG"
        assert Event.objects.get(kind="partner.amended").partner_id == partner.pk


class TestVersions:
    def test_count_up(self, leo: User) -> None:
        paper = drafted(leo)

        numbers = [
            agreements.add_version(
                agreement=paper,
                document=Document(name="frame.pdf", content=b"%PDF-1.7 " + text),
                by=leo,
                at=LATER,
            ).number
            for text in (b"one", b"two")
        ]

        assert numbers == [1, 2]

    def test_are_refused_for_a_program(self, leo: User) -> None:
        with pytest.raises(AgreementInputError, match="Taken are"):
            agreements.add_version(
                agreement=drafted(leo),
                document=Document(name="x.pdf", content=b"MZ\x00\x01"),
                by=leo,
                at=LATER,
            )
