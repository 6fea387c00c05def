"""The admin site: the theme's, with a search that is neither cached nor unbounded."""

import time
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.module_loading import import_string
from unfold.dataclasses import SearchResult
from unfold.sites import UnfoldAdminSite

from crm.web import navigation

LONGEST_TERM = 100
PER_PAGE = 50


class Site(UnfoldAdminSite):  # type: ignore[misc]  # the theme has no types
    """Every page of the admin; the menu decides what it offers."""

    def search(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Answer the command palette: pages of the menu, then what the search finds.

        The theme's own version keeps answers for five minutes, also after a right
        was taken away, and fails on a page that is no number.
        """
        started = time.monotonic()
        term = request.GET.get("s", "").strip()[:LONGEST_TERM]
        if not term:
            return HttpResponse()
        found = [*pages_named(request, term), *found_by_callback(request, term)]
        paginator = Paginator(found, PER_PAGE)
        page = paginator.get_page(request.GET.get("page"))
        return TemplateResponse(
            request,
            "unfold/helpers/command_results.html",
            {
                "page_obj": paginator,
                "results": page,
                "page_counter": page.start_index() - 1 if found else 0,
                "execution_time": time.monotonic() - started,
                "command_show_history": False,
            },
            headers={"HX-Trigger": "search"},
        )


def pages_named(request: HttpRequest, term: str) -> list[SearchResult]:
    """Return the pages of the menu whose title contains the term."""
    return [
        SearchResult(
            title=str(link.page.title),
            description=str(navigation.TITLES[link.page.group]),
            link=link.url,
            icon=link.page.icon,
        )
        for link in navigation.links_for(request)
        if term.casefold() in str(link.page.title).casefold()
    ]


def found_by_callback(request: HttpRequest, term: str) -> list[SearchResult]:
    """Return what the product's search finds; it checks permissions itself."""
    callback = import_string(settings.SEARCH_CALLBACK)
    return list(callback(request, term))
