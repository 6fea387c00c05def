"""What is used, on the pages of a partner and of a cooperation."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core import numbers
from crm.web import panels
from partners.models import Cooperation, Partner
from partners.usage import queries
from partners.usage.admin import partner_page
from partners.usage.admin.tiles import Tile, tiles_of
from partners.usage.queries.cooperations import CooperationFigures, cooperation_figures
from partners.usage.queries.whose import Basis


def of_partner(partner: Partner, by: User, at: datetime) -> Mapping[str, Any] | None:
    """Return the numbers of 28 days with a way to the whole; None without any usage."""
    scope = queries.scope_seen(partner, by=by)
    today = at.date()
    complete = queries.complete_days(
        scope.partner_ids, since=today - timedelta(days=800), until=today
    )
    if not complete:
        return None
    end = max(complete) + timedelta(days=1)
    whole = queries.daily_usage(
        scope, since=end - timedelta(days=partner_page.BACK), until=end
    )
    currencies = queries.currencies_of(whole)
    if not currencies:
        return None
    shown = [point for point in whole if point.currency == currencies[0]]
    tiles = tiles_of(
        shown, end=end, complete=complete, cost="effective", currency=currencies[0]
    )
    return {"tiles": tiles, "end": end, "url": _page_of(partner.pk)}


def of_cooperation(
    cooperation: Cooperation, _by: User, at: datetime
) -> Mapping[str, Any] | None:
    """Return what the cooperation itself uses; None where nobody can tell whose it is."""
    figures = cooperation_figures([cooperation.pk], until=at.date()).get(cooperation.pk)
    if figures is None or figures.reach is None or not figures.spending:
        return None
    return {
        "tiles": _tiles(figures),
        "end": figures.reach,
        "url": _page_of(cooperation.partner_id),
        "is_by_rules": figures.whose.basis == Basis.RULES,
    }


def _tiles(figures: CooperationFigures) -> Sequence[Tile]:
    tiles = [
        Tile(
            title=_("Spend, 28 days"),
            value=f"{numbers.short(spent.latest)} {currency}",
            note=_("%(growth)s against the 28 days before; AI %(share)s")
            % {
                "growth": numbers.percent(spent.growth),
                "share": numbers.share(
                    spent.ai_latest / spent.latest if spent.latest else None
                ),
            },
            tone="bad" if spent.growth is not None and spent.growth <= -0.3 else "",
        )
        for currency, spent in sorted(
            figures.spending.items(), key=lambda each: -each[1].latest
        )
    ]
    change = None
    if figures.tokens_before:
        change = figures.tokens / figures.tokens_before - 1
    return [
        *tiles,
        Tile(
            title=_("Tokens, 28 days"),
            value=numbers.short(figures.tokens),
            note=numbers.percent(change),
        ),
        Tile(
            title=_("Days with usage"),
            value=_("%(days)d of %(length)d")
            % {"days": figures.active_days, "length": 28},
            note=_("%(days)d in a row") % {"days": figures.streak},
        ),
        Tile(
            title=_("First AI usage"),
            value=f"{figures.first_ai_day or '–'}",
        ),
    ]


def _page_of(partner_id: int) -> str:
    return reverse("admin:usage_monthlyusage_partner", args=[partner_id])


for model, content in (
    ("partners.partner", of_partner),
    ("partners.cooperation", of_cooperation),
):
    panels.add(
        panels.Panel(
            model=model,
            template="usage/panel.html",
            permission="usage.view_monthlyusage",
            content=content,
            order=20,
        )
    )
