"""Which column of an export of opportunities is which field of a deal; no database.

Exports of Salesforce (reports and Data Loader) and HubSpot map by their headings; what is
called otherwise is the person's choice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import models

from partners.names import normalise


class System(models.TextChoices):
    """Where a sheet of opportunities comes from; its ids and stage names are theirs."""

    SALESFORCE = "salesforce", "Salesforce"
    HUBSPOT = "hubspot", "HubSpot"


@dataclass(frozen=True, kw_only=True)
class Columns:
    """The field of each mapped column, by its position; the rest is left out."""

    system: str = ""
    fields: Mapping[int, str] = field(default_factory=dict)


DAY_FIRST, MONTH_FIRST = "close_date_day_first", "close_date_month_first"
DATES = ("close_date", DAY_FIRST, MONTH_FIRST)
"""The close date: as the whole column tells, or as the person says."""

FIELDS: Mapping[str, tuple[str, ...]] = {
    "external_id": (
        "opportunity id", "opportunity id 18", "record id", "deal id", "id",
        "hs object id", "external id", "商机编号", "交易编号",
    ),
    "title": (
        "opportunity name", "deal name", "dealname", "name", "title", "商机名称",
        "交易名称", "名称",
    ),
    "stage": (
        "stage", "stage name", "stagename", "deal stage", "dealstage", "sales stage",
        "阶段", "销售阶段", "商机阶段",
    ),
    "amount": (
        "amount", "deal amount", "total contract value", "tcv", "金额", "合同总额",
    ),
    "currency": (
        "currency", "opportunity currency", "amount currency", "currency iso code",
        "currencyisocode", "deal currency", "deal currency code", "币种",
    ),
    "monthly_spend": (
        "expected monthly spend", "monthly spend", "monthly recurring revenue", "mrr",
        "hs mrr", "预计月消费",
    ),
    "contract_months": (
        "contract months", "contract term months", "contract term", "term months",
        "合同月数",
    ),
    "close_date": (
        "close date", "closedate", "expected close date", "结单日期", "预计成交日期",
        "关闭日期",
    ),
    DAY_FIRST: (),
    MONTH_FIRST: (),
    "deal_type": ("type", "opportunity type", "deal type", "dealtype", "类型"),
    "partner": (
        "account name", "associated company", "associated company primary",
        "primary associated company", "company name", "company", "partner",
        "客户名称", "公司名称", "伙伴",
    ),
    "partner_domain": (
        "website", "account website", "company domain name", "domain", "域名", "网站",
    ),
    "partner_external_id": (
        "account id", "accountid", "account id 18", "associated company id",
        "associated company ids", "associated company ids primary",
        "primary associated company id",
    ),
    "end_customer": ("end customer", "end customer name", "最终客户"),
    "owner": (
        "opportunity owner", "opportunity owner email", "deal owner", "owner",
        "owner email", "hubspot owner id", "负责人",
    ),
    "use_case": ("description", "deal description", "use case", "描述", "应用场景"),
    "next_step": (
        "next step", "next steps", "nextstep", "hs next step", "下一步",
    ),
    "agreement": (
        "agreement", "agreement reference", "contract number", "合同编号", "协议编号",
    ),
    "won_reason": ("closed won reason", "win reason", "won reason", "赢单原因"),
    "lost_reason": (
        "closed lost reason", "lost reason", "loss reason", "reason lost", "输单原因",
    ),
    "competitor": (
        "main competitor", "main competitor s", "competitor", "competitors", "竞争对手",
    ),
}  # fmt: skip
SIGNS: Mapping[System, frozenset[str]] = {
    System.SALESFORCE: frozenset(
        {
            "opportunity name", "opportunity id", "opportunity id 18",
            "opportunity owner", "account name", "account id", "fiscal period",
            "stagename", "closedate", "accountid", "currencyisocode",
        }
    ),
    System.HUBSPOT: frozenset(
        {
            "deal name", "deal stage", "record id", "deal owner", "pipeline",
            "associated company", "associated company ids", "dealname", "dealstage",
        }
    ),
}  # fmt: skip
UNSURE = frozenset({"closedate"})
"""Signs that both use; they tell nothing where the other has more."""


def propose(headings: Sequence[str]) -> Columns:
    """Guess what each column is, and whose export it is, from the headings alone."""
    words = {word: name for name, known in FIELDS.items() for word in known}
    normal = [normalise(heading) for heading in headings]
    fields: dict[int, str] = {}
    for position, heading in enumerate(normal):
        name = words.get(heading)
        if name is not None and name not in fields.values():
            fields[position] = name
    return Columns(system=_whose(frozenset(normal) - UNSURE), fields=fields)


def _whose(known: frozenset[str]) -> str:
    matches = {system: len(known & signs) for system, signs in SIGNS.items()}
    best = max(matches, key=lambda system: matches[system])
    return best.value if matches[best] >= 2 else ""
