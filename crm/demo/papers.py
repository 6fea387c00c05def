"""The papers of the demo: what a cooperation needs at each step, signed by both sides."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from crm.accounts.models import User
from deals.models import Agreement, Deal
from deals.operations import agreements, deals, signing
from deals.operations.signing import Signature
from partners.models import Cooperation, Partner
from partners.operations.attachments import Document
from partners.stages import Stage

TITLES = {
    "nda": "Non-disclosure agreement",
    "mou": "Memorandum of understanding",
    "strategic": "Strategic cooperation agreement",
    "order_form": "Order form: {title}",
}
NEEDED = {
    Stage.MOU: "nda",
    Stage.STRATEGIC_AGREEMENT: "mou",
    Stage.JOINT_POC: "strategic",
    Stage.PRODUCTION: "order_form",
}
"""What paper the step to a stage asks for."""

YEARS = {"nda": 5, "mou": 3, "strategic": 3, "order_form": 2}
WHOLE_PARTNER = {"nda", "mou", "strategic"}


class Papers:
    """Has papers drafted, reviewed and signed; each once for whom it covers."""

    def __init__(self, *, cast: dict[str, User]) -> None:
        self.cast = cast

    def prepare(self, cooperation: Cooperation, *, to: str, at: datetime) -> None:
        """Sign what the step to this stage asks for, a few days before it."""
        kind = NEEDED.get(Stage(to))
        partner = cooperation.partner
        if to == Stage.EXPANSION:
            self._expand(cooperation, at=at)
        if kind is None or (kind == "nda" and partner.confidentiality == "public"):
            return
        known = Agreement.objects.filter(partner=partner, agreement_type=kind)
        if kind not in WHOLE_PARTNER:
            known = known.filter(cooperations=cooperation)
        if not known.filter(status="active", expires_on__gte=at.date()).exists():
            self.sign(cooperation, kind=kind, at=at - timedelta(days=4))

    def sign(
        self,
        cooperation: Cooperation,
        *,
        kind: str,
        at: datetime,
        **values: Any,
    ) -> Agreement:
        """Take one paper from draft to active within an hour of that day.

        :param values: terms that differ from the usual ones of its kind.
        """
        partner = cooperation.partner
        owner = cooperation.owner or self.cast["victor"]
        paper = agreements.draft_agreement(
            partner=partner,
            agreement_type=kind,
            title=TITLES[kind].format(title=cooperation.title),
            by=owner,
            at=at,
            cooperations=() if kind in WHOLE_PARTNER else [cooperation],
            values={
                "owner": owner,
                "reference": f"{partner.pk:03d}/{at:%Y-%m}",
                **self._terms(cooperation, kind, at.date()),
                **values,
            },
        )
        agreements.add_version(
            agreement=paper,
            document=Document(
                name=f"{kind}.txt",
                content=f"{paper.title}\n{partner}\n(invented, for the demo)\n".encode(),
            ),
            by=owner,
            at=at,
            note="As signed",
        )
        return self._by_both(paper, partner, at=at)

    def _by_both(
        self, paper: Agreement, partner: Partner, *, at: datetime
    ) -> Agreement:
        legal = self.cast["leo"]
        signing.send_to_review(agreement=paper, by=legal, at=at)
        theirs = partner.contacts.order_by("pk").first()
        for signature in (
            Signature(side="ours", signed_on=at.date(), colleague=self.cast["victor"]),
            Signature(side="theirs", signed_on=at.date(), contact=theirs),
        ):
            paper = signing.sign_agreement(
                agreement=paper, signature=signature, by=legal, at=at
            )
        return paper

    def _terms(self, cooperation: Cooperation, kind: str, day: date) -> dict[str, Any]:
        usual: dict[str, Any] = {
            "effective_on": day,
            "expires_on": later(day, YEARS[kind]),
            "notice_days": 60,
        }
        if kind != "order_form":
            return usual
        monthly = cooperation.expected_monthly_spend or Decimal(0)
        renewal = {"auto_renews": True, "renewal_months": 12}
        return {**usual, **renewal, "value": monthly * 24}

    def _expand(self, cooperation: Cooperation, *, at: datetime) -> None:
        """Open the deal that shows there is more to come."""
        if Deal.objects.filter(cooperation=cooperation).exists():
            return
        deals.open_deal(
            partner=cooperation.partner,
            title=f"More of it: {cooperation.title}",
            by=cooperation.owner or self.cast["victor"],
            at=at - timedelta(days=20),
            values={
                "cooperation": cooperation,
                "deal_type": "expansion",
                "target_close_on": at.date() + timedelta(days=90),
            },
        )


def later(day: date, years: int) -> date:
    """Return the day before the same day some years on."""
    return date(day.year + years, day.month, min(day.day, 28)) - timedelta(days=1)
