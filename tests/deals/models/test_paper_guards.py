"""What the database itself refuses about agreements, past every model and operation."""

from datetime import date, timedelta
from typing import Any

import pytest

from deals.models import Agreement, AgreementReminder, AgreementStatusChange
from tests import make
from tests.make import EARLY
from tests.partners.database import held, refused_by, sql

pytestmark = pytest.mark.django_db
DAY = EARLY.date()
LATER = EARLY + timedelta(days=10)


class TestAgreementStatus:
    @pytest.mark.parametrize("status", ["draft", "in_review", "signed", "active"])
    def test_holds_with_its_moves(self, status: str) -> None:
        make.agreement(status=status)

        held()

    def test_refuses_one_written_directly(self) -> None:
        paper = make.agreement(status="draft")

        with refused_by("agreement_status_follows_move"):
            sql(
                "UPDATE deals_agreement SET status = 'in_review' WHERE id = %s",
                paper.pk,
            )

    def test_refuses_a_step_that_is_not_allowed(self) -> None:
        paper = make.agreement(status="draft")

        with refused_by("agreementstatuschange_step_is_allowed"):
            AgreementStatusChange.objects.create(
                agreement=paper,
                from_status="draft",
                to_status="active",
                entered_at=LATER,
                exited_at=LATER,
            )

    def test_refuses_to_rewrite_its_moves(self) -> None:
        paper = make.agreement(status="draft")

        with refused_by("agreementstatuschange_closes_once"):
            paper.status_changes.update(reason="Nobody saw it")

    def test_needs_both_signatures(self) -> None:
        with refused_by("agreement_signed_has_both_signatures"):
            make.agreement(status="signed", signed_by_them_on=None)


class TestDates:
    def test_hold_in_order(self) -> None:
        make.agreement(expires_on=DAY + timedelta(days=1))

        held()

    def test_hold_at_the_edge_of_one_day(self) -> None:
        make.agreement(expires_on=DAY)

        held()

    @pytest.mark.parametrize(
        ("constraint", "fields"),
        [
            (
                "agreement_signed_before_effective",
                {"effective_on": DAY - timedelta(days=1)},
            ),
            (
                "agreement_effective_before_expiry",
                {"expires_on": DAY - timedelta(days=1)},
            ),
            ("agreement_active_has_effective_date", {"effective_on": None}),
            ("agreement_renewal_has_term", {"auto_renews": True}),
            ("agreement_value_is_not_negative", {"value": -1}),
            ("agreement_amendment_has_parent", {"kind": "amendment"}),
        ],
    )
    def test_are_refused(self, constraint: str, fields: dict[str, Any]) -> None:
        with refused_by(constraint):
            make.agreement(**fields)

    def test_give_the_notice_deadline(self) -> None:
        paper = make.agreement(expires_on=date(2028, 3, 30), notice_days=30)

        assert paper.notice_deadline_on == date(2028, 2, 29)


class TestSignedAgreement:
    def test_may_be_prolonged(self) -> None:
        paper = make.agreement(expires_on=DAY)

        Agreement.objects.filter(pk=paper.pk).update(expires_on=date(2030, 1, 1))

        held()

    def test_may_lose_their_signatory_when_a_person_is_erased(self) -> None:
        partner = make.partner()
        person = make.contact(partner)
        paper = make.agreement(partner, their_signatory=person)

        Agreement.objects.filter(pk=paper.pk).update(their_signatory=None)

        held()

    def test_is_otherwise_settled(self) -> None:
        paper = make.agreement()

        with refused_by("agreement_signed_is_settled"):
            Agreement.objects.filter(pk=paper.pk).update(agreement_type="nda")


class TestParent:
    def test_may_be_a_chain(self) -> None:
        partner = make.partner()
        frame = make.agreement(partner)
        amendment = make.agreement(partner, "amendment", parent=frame)

        make.agreement(partner, "amendment", parent=amendment)

        held()

    def test_is_never_a_circle(self) -> None:
        partner = make.partner()
        frame = make.agreement(partner, status="draft")
        below = make.agreement(partner, parent=frame)

        with refused_by("agreement_parent_acyclic"):
            Agreement.objects.filter(pk=frame.pk).update(parent=below)

    def test_is_of_the_same_partner(self) -> None:
        frame = make.agreement()

        with refused_by("agreement_parent_is_of_partner"):
            make.agreement(parent=frame)


class TestCoverage:
    def test_holds_for_cooperations_of_the_partner(self) -> None:
        cooperation = make.cooperation()

        make.agreement(cooperation.partner).cooperations.add(cooperation)

        held()

    def test_is_refused_for_others(self) -> None:
        cooperation = make.cooperation()
        paper = make.agreement()

        with refused_by("agreement_covers_its_partner"):
            paper.cooperations.add(cooperation)


class TestReminder:
    def test_is_made_once(self) -> None:
        paper = make.agreement(expires_on=date(2027, 1, 1))
        kept: dict[str, Any] = {
            "agreement": paper,
            "deadline_on": paper.expires_on,
            "due_at": EARLY,
        }
        AgreementReminder.objects.create(kind="expiry_90", **kept)
        AgreementReminder.objects.create(kind="expiry_60", **kept)

        with refused_by("agreementreminder_once"):
            AgreementReminder.objects.create(kind="expiry_90", **kept)


def test_versions_are_never_changed() -> None:
    paper = make.agreement()
    paper.versions.create(
        number=1,
        file_name="mou.pdf",
        content_type="application/pdf",
        size=3,
        sha256="0" * 64,
        content="agreements/x",
        uploaded_by=make.user(),
        uploaded_at=EARLY,
    )

    with refused_by("agreementversion_append_only"):
        paper.versions.update(note="better")
