"""Which column of an uploaded sheet is which field; no database.

Exports of Salesforce and HubSpot map by themselves; other headings map by their words
in English or Chinese, and what does not map is the person's choice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from partners.industries import Industry
from partners.names import normalise


class Target(models.TextChoices):
    """What the rows of a sheet become."""

    PARTNERS = "partners", _("Partners")
    CONTACTS = "contacts", _("Contacts")


class Origin(models.TextChoices):
    """Where a sheet comes from, as its headings tell."""

    SALESFORCE = "salesforce", "Salesforce"
    HUBSPOT = "hubspot", "HubSpot"
    OTHER = "other", _("another system or by hand")


@dataclass(frozen=True, kw_only=True)
class ColumnMapping:
    """The field of each mapped column, by its position; the rest is left out."""

    target: Target
    origin: Origin
    fields: Mapping[int, str] = field(default_factory=dict)


PARTNER_FIELDS: Mapping[str, tuple[str, ...]] = {
    "display_name": (
        "name",
        "display name",
        "account name",
        "company name",
        "company",
        "partner",
        "名称",
        "显示名称",
        "公司名称",
        "客户名称",
        "伙伴名称",
    ),
    "legal_name": ("legal name", "registered name", "法定名称", "注册名称", "工商名称"),
    "local_name": (
        "local name",
        "local language name",
        "account name local",
        "chinese name",
        "中文名称",
        "本地名称",
    ),
    "aliases": ("alias", "aliases", "also known as", "dba", "别名"),
    "domain": (
        "domain",
        "website",
        "website url",
        "company domain name",
        "web site",
        "web",
        "域名",
        "网址",
        "网站",
    ),
    "industry": ("industry", "sector", "行业"),
    "country": (
        "country",
        "billing country",
        "billing country code",
        "country region",
        "hq country",
        "国家",
        "国家 地区",
    ),
    "segment": ("segment", "细分"),
    "partner_type": ("partner type", "account type", "type", "类型", "伙伴类型"),
    "tier": ("tier", "rating", "级别", "等级"),
    "owner": (
        "owner",
        "account owner",
        "account owner email",
        "company owner",
        "owner email",
        "alliance manager",
        "负责人",
    ),
    "team": ("team", "团队"),
    "confidentiality": ("confidentiality", "保密级别"),
    "currency": (
        "currency",
        "reporting currency",
        "account currency",
        "currency code",
        "币种",
    ),
    "time_zone": ("time zone", "timezone", "时区"),
    "parent": (
        "parent",
        "parent account",
        "parent company",
        "parent account name",
        "group",
        "上级公司",
        "集团",
    ),
    "parent_external_id": (
        "parent account id",
        "parent company id",
        "associated parent company id",
    ),
    "external_id": (
        "external id",
        "account id",
        "account id 18",
        "record id",
        "company id",
        "id",
        "外部编号",
    ),
    "duns": ("duns", "d u n s number", "duns number", "邓白氏编码"),
    "lei": ("lei", "legal entity identifier"),
    "uscc": ("uscc", "unified social credit code", "统一社会信用代码"),
    "lifecycle": ("lifecycle", "lifecycle stage", "account status", "状态"),
}
CONTACT_FIELDS: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "full name", "contact name", "姓名", "联系人"),
    "first_name": ("first name", "given name", "名"),
    "last_name": ("last name", "surname", "family name", "姓"),
    "title": ("title", "job title", "position", "职务", "职位"),
    "email": ("email", "e mail", "email address", "邮箱", "电子邮件"),
    "phone": ("phone", "phone number", "business phone", "mobile", "电话", "手机"),
    "locale": ("locale", "language", "preferred language", "语言"),
    "role": ("role", "contact role", "buying role", "角色"),
    "partner": (
        "partner",
        "account name",
        "company name",
        "company",
        "associated company",
        "primary associated company",
        "公司名称",
        "伙伴",
    ),
    "partner_domain": ("domain", "website", "company domain name", "公司域名"),
    "partner_external_id": (
        "account id",
        "associated company ids",
        "associated company id",
        "primary associated company id",
    ),
    "external_id": ("external id", "contact id", "contact id 18", "record id", "id"),
}
FIELD_NAMES: Mapping[str, str | Promise] = {
    "display_name": _("display name"),
    "legal_name": _("legal name"),
    "local_name": _("local-language name"),
    "aliases": _("aliases"),
    "domain": _("domain"),
    "industry": _("industry"),
    "country": _("country"),
    "segment": _("segment"),
    "partner_type": _("partner type"),
    "tier": _("tier"),
    "owner": _("alliance manager"),
    "team": _("team"),
    "confidentiality": _("confidentiality"),
    "currency": _("reporting currency"),
    "time_zone": _("time zone"),
    "parent": _("parent, by name"),
    "parent_external_id": _("parent, by external id"),
    "external_id": _("external id"),
    "duns": "DUNS",
    "lei": "LEI",
    "uscc": "USCC",
    "lifecycle": _("lifecycle"),
    "name": _("name"),
    "first_name": _("first name"),
    "last_name": _("last name"),
    "title": _("title"),
    "email": _("e-mail"),
    "phone": _("phone"),
    "locale": _("locale"),
    "role": _("role"),
    "partner": _("partner, by name"),
    "partner_domain": _("partner, by domain"),
    "partner_external_id": _("partner, by external id"),
}
"""What people call the fields that a column can become."""
FIELDS: Mapping[Target, Mapping[str, tuple[str, ...]]] = {
    Target.PARTNERS: PARTNER_FIELDS,
    Target.CONTACTS: CONTACT_FIELDS,
}
SIGNS: Mapping[Origin, frozenset[str]] = {
    Origin.SALESFORCE: frozenset(
        {
            "account id",
            "account name",
            "account owner",
            "billing country",
            "contact id",
            "account id 18",
        }
    ),
    Origin.HUBSPOT: frozenset(
        {
            "record id",
            "company name",
            "company domain name",
            "company owner",
            "lifecycle stage",
            "associated company ids",
        }
    ),
}
CONTACT_SIGNS = frozenset(
    {
        "first name",
        "last name",
        "contact id",
        "job title",
        "full name",
        "姓名",
        "职务",
        "email",
        "邮箱",
    }
)

INDUSTRY_WORDS: Mapping[str, Industry] = {
    "apparel": Industry.CONSUMER_GOODS,
    "automobile": Industry.AUTOMOTIVE,
    "aviation aerospace": Industry.AEROSPACE,
    "banking": Industry.FINANCIAL_SERVICES,
    "biotechnology": Industry.LIFE_SCIENCES,
    "chemicals": Industry.MANUFACTURING,
    "communications": Industry.TELECOMMUNICATIONS,
    "computer games": Industry.GAMING,
    "computer hardware": Industry.COMPUTERS,
    "computer software": Industry.SOFTWARE,
    "construction": Industry.REAL_ESTATE,
    "consulting": Industry.PROFESSIONAL_SERVICES,
    "electronics": Industry.COMPUTERS,
    "energy": Industry.POWER_AND_UTILITIES,
    "engineering": Industry.PROFESSIONAL_SERVICES,
    "entertainment": Industry.MEDIA,
    "farming": Industry.AGRICULTURE,
    "finance": Industry.FINANCIAL_SERVICES,
    "food beverage": Industry.CONSUMER_GOODS,
    "hospital health care": Industry.HEALTHCARE,
    "information technology and services": Industry.SOFTWARE,
    "insurance": Industry.FINANCIAL_SERVICES,
    "internet": Industry.SOFTWARE,
    "logistics and supply chain": Industry.TRANSPORTATION,
    "machinery": Industry.MANUFACTURING,
    "media": Industry.MEDIA,
    "mining metals": Industry.MINING,
    "not for profit": Industry.NON_PROFIT,
    "oil energy": Industry.OIL_AND_GAS,
    "pharmaceuticals": Industry.LIFE_SCIENCES,
    "real estate": Industry.REAL_ESTATE,
    "recreation": Industry.TRAVEL,
    "shipping": Industry.TRANSPORTATION,
    "technology": Industry.SOFTWARE,
    "transportation": Industry.TRANSPORTATION,
    "transportation trucking railroad": Industry.TRANSPORTATION,
    "utilities": Industry.POWER_AND_UTILITIES,
    "wholesale": Industry.WHOLESALE,
    "汽车": Industry.AUTOMOTIVE,
    "通信": Industry.TELECOMMUNICATIONS,
    "电信": Industry.TELECOMMUNICATIONS,
    "制造": Industry.MANUFACTURING,
    "制造业": Industry.MANUFACTURING,
    "零售": Industry.RETAIL,
    "金融": Industry.FINANCIAL_SERVICES,
    "银行": Industry.FINANCIAL_SERVICES,
    "物流": Industry.TRANSPORTATION,
    "交通": Industry.TRANSPORTATION,
    "医疗": Industry.HEALTHCARE,
    "游戏": Industry.GAMING,
    "教育": Industry.EDUCATION,
    "能源": Industry.POWER_AND_UTILITIES,
    "互联网": Industry.SOFTWARE,
}


def propose(headings: Sequence[str], *, target: Target | None = None) -> ColumnMapping:
    """Guess what each column is, from its heading alone.

    :param headings: the sheet's headings, in order.
    :param target: what the rows are to become; guessed from the headings when None.
    """
    normal = [normalise(heading) for heading in headings]
    known = frozenset(normal)
    chosen = target or _guess_target(known)
    words = {word: name for name, all_ in FIELDS[chosen].items() for word in all_}
    fields: dict[int, str] = {}
    for position, heading in enumerate(normal):
        name = words.get(heading)
        if name is not None and name not in fields.values():
            fields[position] = name
    return ColumnMapping(target=chosen, origin=_guess_origin(known), fields=fields)


def _guess_target(known: frozenset[str]) -> Target:
    return Target.CONTACTS if len(known & CONTACT_SIGNS) >= 2 else Target.PARTNERS


def _guess_origin(known: frozenset[str]) -> Origin:
    matches = {origin: len(known & signs) for origin, signs in SIGNS.items()}
    best = max(matches, key=lambda origin: matches[origin])
    return best if matches[best] >= 2 else Origin.OTHER


def industry(text: str) -> Industry | None:
    """Return the industry that a text in a sheet means, or None when nobody can tell.

    Codes, names in English and the words of other systems are understood.
    """
    normal = normalise(text)
    for choice in Industry:
        if normal in {normalise(choice.value), normalise(str(choice.label))}:
            return choice
    return INDUSTRY_WORDS.get(normal)
