"""Pages of consumption: the portfolio, one partner, and the line items behind a number."""

from collections.abc import Iterable
from datetime import UTC, date
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.core import numbers
from crm.web.acting import acting_user
from crm.web.admin import OperationAdmin
from crm.web.api import formats
from partners.models import Partner
from partners.usage import queries
from partners.usage.admin import partner_page, portfolio
from partners.usage.models import MonthlyUsage

ITEMS_PER_PAGE = 100
MOST_EXPORTED = 100_000


@admin.register(MonthlyUsage)
class UsagePages(OperationAdmin[MonthlyUsage]):
    """Consumption of visible partners; its list is the portfolio, its rows partners."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path(
                "partners/<int:pk>/",
                view(self.partner_view),
                name="usage_monthlyusage_partner",
            ),
            path(
                "partners/<int:pk>/export/",
                view(self.export_view),
                name="usage_monthlyusage_export",
            ),
            path(
                "partners/<int:pk>/line-items/",
                view(self.items_view),
                name="usage_monthlyusage_items",
            ),
            path(
                "portfolio/export/",
                view(self.portfolio_export_view),
                name="usage_monthlyusage_portfolio",
            ),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Show the portfolio: partners by spend of a month, in the reader's currency."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        person = acting_user(request)
        page = portfolio.build(by=person, month=_month(request), today=today_of())
        return self._shown(
            request, "usage/portfolio.html", page=page, title=_("Usage of partners")
        )

    def partner_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the usage of a partner with the subsidiaries this person may see."""
        partner = self._partner(request, pk)
        choice = partner_page.Choice.read(request.GET)
        page = partner_page.build(
            partner, choice, by=acting_user(request), today=today_of()
        )
        return self._shown(
            request,
            "usage/partner.html",
            page=page,
            title=_("Usage of %(partner)s") % {"partner": partner},
        )

    def export_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Answer the daily figures of the page as a table."""
        partner = self._partner(request, pk)
        rows = partner_page.exported(
            partner,
            partner_page.Choice.read(request.GET),
            by=acting_user(request),
            today=today_of(),
        )
        return _table(request, f"usage-{pk}", partner_page.EXPORTED, rows)

    def portfolio_export_view(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the portfolio as a table, each currency by itself."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = portfolio.exported(
            by=acting_user(request), month=_month(request), today=today_of()
        )
        return _table(request, "usage-portfolio", portfolio.EXPORTED, rows)

    def items_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Show the line items of one charge day, or answer them as a table."""
        partner = self._partner(request, pk)
        day = _day(request)
        service = request.GET.get("service", "")[:300]
        scope = queries.scope_seen(partner, by=acting_user(request))
        owned = queries.owned_accounts(scope.partner_ids, day=day)
        services = (service,) if service else ()
        if "format" in request.GET:
            found = queries.line_items(
                owned, day=day, services=services, limit=MOST_EXPORTED
            )
            return _table(request, f"line-items-{day}", found.columns, found.rows)
        number = _number(request.GET.get("page"))
        found = queries.line_items(
            owned,
            day=day,
            services=services,
            limit=ITEMS_PER_PAGE,
            offset=(number - 1) * ITEMS_PER_PAGE,
        )
        pages = Paginator(range(found.count), ITEMS_PER_PAGE)
        return self._shown(
            request,
            "usage/line_items.html",
            partner=partner,
            day=day,
            service=service,
            count=found.count,
            columns=found.columns,
            rows=[[numbers.plain(cell) for cell in row] for row in found.rows],
            pages=pages.get_page(number),
            back=reverse("admin:usage_monthlyusage_partner", args=(pk,)),
            title=_("Line items of %(day)s") % {"day": day},
        )

    def _partner(self, request: HttpRequest, pk: int) -> Partner:
        """Return the partner when this person may see it and usage at all.

        :raises Http404: when it is absent or not visible; both look the same.
        :raises PermissionDenied: without the permission to see usage.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        seen = Partner.objects.visible_to(acting_user(request))
        partner = seen.filter(pk=pk).first()
        if partner is None:
            raise Http404
        return partner

    def _shown(
        self, request: HttpRequest, template: str, **context: Any
    ) -> TemplateResponse:
        return TemplateResponse(
            request,
            template,
            {
                **self.admin_site.each_context(request),
                "is_fullwidth": True,
                **context,
            },
        )


def today_of() -> date:
    """Return the current day in UTC, in which charge days are."""
    return timezone.now().astimezone(UTC).date()


def _table(
    request: HttpRequest, name: str, columns: Iterable[str], rows: Iterable[Any]
) -> HttpResponseBase:
    answer = formats.TABLES.get(request.GET.get("format", "csv"))
    if answer is None:
        raise Http404
    return answer(name, list(columns), rows)


def _day(request: HttpRequest) -> date:
    try:
        return date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        raise Http404 from None


def _month(request: HttpRequest) -> date | None:
    try:
        return date.fromisoformat(f"{request.GET.get('month', '')}-01")
    except ValueError:
        return None


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 6 and int(text) else 1
