"""Opportunities in the words of AWS Partner Central, in and out; no database, no network.

The seven stages travel verbatim. What that system does not know of (probability,
agreement, lines) stays here; what it knows and we do not is left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from crm.core.errors import DomainError
from deals.pipeline import DealStage, DealType, Involvement, LostReason, Origin

SYSTEM = "aws-partner-central"
CATALOG = "AWS"
TYPES: Mapping[str, str] = {
    DealType.NET_NEW: "Net New Business",
    DealType.EXPANSION: "Expansion",
    DealType.RENEWAL: "Flat Renewal",
}
ORIGINS: Mapping[str, str] = {
    Origin.OURS: "Partner Referral",
    Origin.PARTNER: "AWS Referral",
}
INVOLVEMENTS: Mapping[str, str] = {
    Involvement.CO_SELL: "Co-Sell",
    Involvement.VISIBILITY: "For Visibility Only",
}
LOST: Mapping[str, str] = {
    LostReason.NO_BUDGET: "Customer Deficiency",
    LostReason.CANCELLED: "Delay / Cancellation of Project",
    LostReason.REGULATORY: "Legal / Tax / Regulatory",
    LostReason.COMPETITOR: "Lost to Competitor - Other",
    LostReason.PRICE: "Price",
    LostReason.SECURITY: "Security / Compliance",
    LostReason.TECHNICAL_LIMITS: "Technical Limitations",
    LostReason.GOVERNANCE: "People/Relationship/Governance",
    LostReason.PRODUCT_GAP: "Product/Technology",
    LostReason.OTHER: "Other",
    LostReason.DUPLICATE: "No Opportunity",
    LostReason.ADMINISTRATIVE: "No Update",
}
COMPETITOR = "Lost to Competitor - "


class OpportunityRefusedError(DomainError):
    """What came is no opportunity that can be read; the text says where."""

    code = "opportunity.refused"
    is_input = True


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What an opportunity says about a deal.

    :ivar values: fields as `operations.deals` takes them.
    :ivar number: our own code, when the other side has kept it.
    """

    external_id: str
    number: str
    company: str
    website: str
    title: str
    stage: DealStage
    values: Mapping[str, Any] = field(default_factory=dict)
    lost_reason: str = ""
    competitor: str = ""


def opportunity(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the opportunity of a deal, in the order and with the names of that system.

    :param facts: the deal's fields by name, with `company`, `country`, `website` and
        `external_id`.
    """
    body: dict[str, Any] = {
        "Catalog": CATALOG,
        "PartnerOpportunityIdentifier": facts["code"],
        "OpportunityType": TYPES[facts["deal_type"]],
        "Origin": ORIGINS[facts["origin"]],
        "InvolvementType": INVOLVEMENTS[facts["involvement"]],
        "Customer": {
            "Account": {
                "CompanyName": facts["end_customer"] or facts["company"],
                "WebsiteUrl": facts["website"],
                "Address": {"CountryCode": facts["country"]},
            }
        },
        "LifeCycle": _life(facts),
        "Project": {
            "Title": facts["title"],
            "CustomerBusinessProblem": facts["use_case"],
            "ExpectedCustomerSpend": _spend(facts),
        },
    }
    if facts["external_id"]:
        body["Id"] = facts["external_id"]
    if facts["amount"] is not None:
        value = {"Amount": f"{facts['amount']:f}", "CurrencyCode": facts["currency"]}
        body["SoftwareRevenue"] = {"DeliveryModel": "Contract", "Value": value}
    return body


def _spend(facts: Mapping[str, Any]) -> list[dict[str, str]]:
    if facts["monthly_spend"] is None:
        return []
    return [
        {
            "Amount": f"{facts['monthly_spend']:f}",
            "CurrencyCode": facts["currency"],
            "Frequency": "Monthly",
            "TargetCompany": CATALOG,
        }
    ]


def _life(facts: Mapping[str, Any]) -> dict[str, Any]:
    day = facts["closed_on"] or facts["target_close_on"]
    life: dict[str, Any] = {"Stage": str(facts["stage"])}
    if day is not None:
        life["TargetCloseDate"] = day.isoformat()
    if facts["next_step"]:
        life["NextSteps"] = facts["next_step"]
    if facts["lost_reason"]:
        life["ClosedLostReason"] = LOST[facts["lost_reason"]]
    return life


def read(body: Any) -> Facts:
    """Return what an opportunity says.

    :raises OpportunityRefusedError: naming the member that is missing or wrong.
    """
    if not isinstance(body, Mapping):
        raise OpportunityRefusedError(_("An opportunity is a JSON object."))
    life, project = _part(body, "LifeCycle"), _part(body, "Project")
    account = _part(_part(body, "Customer"), "Account")
    lost = str(life.get("ClosedLostReason", ""))
    return Facts(
        external_id=_text(body, "Id"),
        number=str(body.get("PartnerOpportunityIdentifier", "")),
        company=str(account.get("CompanyName", "")),
        website=str(account.get("WebsiteUrl", "")),
        title=_text(project, "Title"),
        stage=_stage(life),
        values=_values(body, life, project, account),
        lost_reason=_lost(lost),
        competitor=lost.removeprefix(COMPETITOR) if COMPETITOR in lost else "",
    )


def _values(
    body: Mapping[str, Any],
    life: Mapping[str, Any],
    project: Mapping[str, Any],
    account: Mapping[str, Any],
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "deal_type": _known(TYPES, body, "OpportunityType"),
        "origin": _known(ORIGINS, body, "Origin"),
        "involvement": _known(INVOLVEMENTS, body, "InvolvementType"),
        "end_customer": str(account.get("CompanyName", ""))[:250],
        "use_case": str(project.get("CustomerBusinessProblem", "")),
        "next_step": str(life.get("NextSteps", ""))[:250],
        "target_close_on": _day(life.get("TargetCloseDate")),
        **_money(body, project),
    }
    return {name: value for name, value in found.items() if value not in {None, ""}}


def _money(body: Mapping[str, Any], project: Mapping[str, Any]) -> dict[str, Any]:
    """Return spend a month and amount; both are in one currency, or it is refused."""
    spends = project.get("ExpectedCustomerSpend") or []
    monthly = next((s for s in spends if s.get("Frequency") == "Monthly"), None)
    value = _part(_part(body, "SoftwareRevenue"), "Value")
    codes = {
        str(part["CurrencyCode"])
        for part in (monthly or {}, value)
        if "CurrencyCode" in part
    }
    if len(codes) > 1:
        raise OpportunityRefusedError(
            _("Spend and revenue are in two currencies: %(codes)s.")
            % {"codes": ", ".join(sorted(codes))}
        )
    return {
        "monthly_spend": _amount((monthly or {}).get("Amount")),
        "amount": _amount(value.get("Amount")),
        "currency": next(iter(codes), None),
    }


def _part(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = body.get(name) or {}
    if not isinstance(part, Mapping):
        raise OpportunityRefusedError(_("%(name)s is no object.") % {"name": name})
    return part


def _text(body: Mapping[str, Any], name: str) -> str:
    text = str(body.get(name) or "").strip()
    if not text:
        raise OpportunityRefusedError(_("%(name)s is missing.") % {"name": name})
    return text


def _stage(life: Mapping[str, Any]) -> DealStage:
    name = str(life.get("Stage", ""))
    try:
        return DealStage(name)
    except ValueError:
        raise OpportunityRefusedError(
            _("There is no stage “%(code)s”.") % {"code": name}
        ) from None


def _known(words: Mapping[str, str], body: Mapping[str, Any], name: str) -> str | None:
    text = body.get(name)
    if text is None:
        return None
    for code, word in words.items():
        if word == text:
            return str(code)
    raise OpportunityRefusedError(
        _("%(name)s cannot be “%(text)s”.") % {"name": name, "text": text}
    )


def _lost(text: str) -> str:
    if text.startswith(COMPETITOR):
        return LostReason.COMPETITOR
    return next((code for code, word in LOST.items() if word == text), LostReason.OTHER)


def _day(text: Any) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        raise OpportunityRefusedError(
            _("“%(text)s” is no date.") % {"text": text}
        ) from None


def _amount(text: Any) -> Decimal | None:
    if text in {None, ""}:
        return None
    try:
        return Decimal(str(text)).quantize(Decimal("0.01"))
    except InvalidOperation:
        raise OpportunityRefusedError(
            _("“%(text)s” is no amount.") % {"text": text}
        ) from None
