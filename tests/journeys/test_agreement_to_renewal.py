"""From a signed paper to its renewal: deal won, commitment made, reminded, renewed."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core import mail as outbox

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.journal.models import Event
from deals.models import Agreement, AgreementReminder, Commitment, Deal
from deals.operations import (
    agreements,
    commitments,
    deadlines,
    deals,
    drawdowns,
    reminding,
    signing,
    stages,
)
from deals.operations.deals import DealRefusedError
from deals.operations.signing import Signature
from deals.operations.stages import Closing
from deals.queries.commitments import standings
from partners.models import Partner
from tests import make
from tests.partners.database import held

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(60)]
SIGNED = datetime(2026, 1, 12, 9, tzinfo=UTC)
ENDS = date(2027, 1, 11)


def on(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=UTC)


@pytest.fixture
def anna() -> User:
    return make.user(Role.ALLIANCE_MANAGER, email="anna@example.com", team=make.team())


@pytest.fixture
def leo() -> User:
    return make.user(Role.LEGAL)


def drafted(partner: Partner, anna: User) -> Agreement:
    return agreements.draft_agreement(
        partner=partner,
        agreement_type="order_form",
        title="Order 2026",
        by=anna,
        at=SIGNED,
        values={
            "effective_on": SIGNED.date(),
            "expires_on": ENDS,
            "notice_days": 60,
            "value": Decimal(1_200_000),
        },
    )


def sign(paper: Agreement, leo: User) -> Agreement:
    signing.send_to_review(agreement=paper, by=leo, at=SIGNED)
    for side in ("ours", "theirs"):
        paper = signing.sign_agreement(
            agreement=paper,
            signature=Signature(side=side, signed_on=SIGNED.date()),
            by=leo,
            at=SIGNED,
        )
    return paper


def committed(partner: Partner, paper: Agreement, anna: User) -> Deal:
    deal = deals.open_deal(
        partner=partner,
        title="Inference for a year",
        by=anna,
        at=SIGNED,
        values={
            "end_customer": "BMW AG",
            "target_close_on": SIGNED.date(),
            "monthly_spend": Decimal(100_000),
            "use_case": "In-car assistant",
            "amount": Decimal(1_200_000),
            "contract_months": 12,
            "agreement": paper,
        },
    )
    return stages.move_deal(deal=deal, to="Committed", by=anna, at=SIGNED)


def tick(day: date) -> None:
    """Let the calendar of that day run, and send what it asks for."""
    deadlines.run(at=on(day))
    for number in AgreementReminder.objects.filter(state="due").values_list(
        "pk", flat=True
    ):
        reminding.send_reminder(reminder_id=number, at=on(day))


def promise(partner: Partner, paper: Agreement) -> Commitment:
    """Record what is committed on the paper."""
    made = commitments.record_commitment(
        partner=partner,
        values={
            "code": "CM-1",
            "title": "Spend of 2026",
            "kind": "spend",
            "currency": "CNY",
            "amount": Decimal(1_200_000),
            "start_on": SIGNED.date(),
            "end_on": ENDS + timedelta(days=1),
            "agreement": paper,
        },
        by=make.user(Role.FINANCE),
        at=SIGNED,
    )
    assert made.agreement == paper
    return made


def draw(row: Commitment) -> None:
    """Let two months of usage come, and see it drawn and judged against the plan."""
    account = make.cloud_account(row.partner)
    for month in (2, 3):
        make.usage(account, date(2026, month, 15), 90_000, currency="CNY")
    at = datetime(2026, 4, 25, 9, tzinfo=UTC)

    drawdowns.post_due(at=at)

    assert [entry.kind for entry in row.entries.order_by("number")] == [
        "opening",
        "usage",
        "usage",
    ]
    found = standings(at=at, commitment_ids=[row.pk])[row.pk]
    assert found.final == 180_000
    assert found.arithmetic.attainment == Decimal("0.15")
    assert found.pace == "red"


def test_paper_deal_commitment_reminder_and_renewal(anna: User, leo: User) -> None:
    partner = make.partner("BMW Group", owner=anna, team=anna.team)
    paper = drafted(partner, anna)
    deal = committed(partner, paper, anna)
    said = Closing(reason="proof")
    with pytest.raises(DealRefusedError):
        stages.win_deal(deal=deal, closing=said, by=anna, at=SIGNED)

    sign(paper, leo)
    won = stages.win_deal(deal=deal, closing=said, by=anna, at=SIGNED)
    assert (won.stage, won.probability) == ("Launched", 100)
    held()
    draw(promise(partner, paper))

    notice = ENDS - timedelta(days=60)
    tick(notice - timedelta(days=30))
    assert "No renewal deal is open." in outbox.outbox[-1].body
    renewal = deals.open_deal(
        partner=partner,
        title="Inference for another year",
        by=anna,
        at=on(notice - timedelta(days=20)),
        values={"deal_type": "flat_renewal", "renews": paper},
    )
    tick(notice - timedelta(days=7))
    assert "Inference for another year (Prospect)" in outbox.outbox[-1].body

    for _twice in range(2):
        tick(ENDS + timedelta(days=1))
    paper.refresh_from_db()
    assert paper.status == "expired"
    assert paper.renewal_deals.get() == renewal
    sent = AgreementReminder.objects.filter(state="sent")
    assert sent.count() == len(outbox.outbox) == AgreementReminder.objects.count()
    kinds = set(Event.objects.values_list("kind", flat=True))
    assert {"deal.won", "agreement.status-moved", "agreement.signed"} <= kinds
