"""The 28 industries by which co-sell systems sort companies (the AWS list, verbatim)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Industry(models.TextChoices):
    """What the partner's main business is."""

    AEROSPACE = "aerospace", _("Aerospace")
    AGRICULTURE = "agriculture", _("Agriculture")
    AUTOMOTIVE = "automotive", _("Automotive")
    COMPUTERS = "computers_electronics", _("Computers and Electronics")
    CONSUMER_GOODS = "consumer_goods", _("Consumer Goods")
    EDUCATION = "education", _("Education")
    OIL_AND_GAS = "energy_oil_gas", _("Energy - Oil and Gas")
    POWER_AND_UTILITIES = "energy_power_utilities", _("Energy - Power and Utilities")
    FINANCIAL_SERVICES = "financial_services", _("Financial Services")
    GAMING = "gaming", _("Gaming")
    GOVERNMENT = "government", _("Government")
    HEALTHCARE = "healthcare", _("Healthcare")
    HOSPITALITY = "hospitality", _("Hospitality")
    LIFE_SCIENCES = "life_sciences", _("Life Sciences")
    MANUFACTURING = "manufacturing", _("Manufacturing")
    MARKETING = "marketing_advertising", _("Marketing and Advertising")
    MEDIA = "media_entertainment", _("Media and Entertainment")
    MINING = "mining", _("Mining")
    NON_PROFIT = "non_profit", _("Non-Profit Organization")
    PROFESSIONAL_SERVICES = "professional_services", _("Professional Services")
    REAL_ESTATE = "real_estate_construction", _("Real Estate and Construction")
    RETAIL = "retail", _("Retail")
    SOFTWARE = "software_internet", _("Software and Internet")
    TELECOMMUNICATIONS = "telecommunications", _("Telecommunications")
    TRANSPORTATION = "transportation_logistics", _("Transportation and Logistics")
    TRAVEL = "travel", _("Travel")
    WHOLESALE = "wholesale_distribution", _("Wholesale and Distribution")
    OTHER = "other", _("Other")
