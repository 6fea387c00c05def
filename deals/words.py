"""What the fields of an import are called, and the values of stages and choices."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from deals.sheet_columns import DAY_FIRST, MONTH_FIRST

FIELD_WORDS: Mapping[str, Promise | str] = {
    "external_id": _("id there"),
    "title": _("title"),
    "stage": _("stage"),
    "amount": _("total contract value"),
    "currency": _("currency"),
    "monthly_spend": _("expected monthly spend"),
    "contract_months": _("contract months"),
    "close_date": _("close date"),
    DAY_FIRST: _("close date, day first"),
    MONTH_FIRST: _("close date, month first"),
    "deal_type": _("type"),
    "partner": _("partner: name"),
    "partner_domain": _("partner: domain"),
    "partner_external_id": _("partner: id there"),
    "end_customer": _("end customer"),
    "owner": _("owner"),
    "use_case": _("use case"),
    "next_step": _("next step"),
    "agreement": _("agreement: reference or title"),
    "won_reason": _("won because"),
    "lost_reason": _("lost because"),
    "competitor": _("competitor"),
}
