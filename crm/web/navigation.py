"""The menu: packages add their pages here, people see those they may open.

In `ready()` of a package's apps.py:

    navigation.add(
        navigation.Page(
            group=navigation.Group.PORTFOLIO,
            title=_("Partners"),
            url_name="admin:partners_partner_changelist",
            icon="handshake",
            permission="partners.view_partner",
            order=10,
        )
    )
"""

import enum
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Title = str | Promise


class Group(enum.Enum):
    """The parts of the menu, in the order shown."""

    PORTFOLIO = 1
    MODELS = 2
    USAGE = 3
    DEALS = 4
    REPORTS = 5
    ADMINISTRATION = 6


TITLES = {
    Group.PORTFOLIO: _("Portfolio"),
    Group.MODELS: _("Models and scenarios"),
    Group.USAGE: _("Usage"),
    Group.DEALS: _("Deals"),
    Group.REPORTS: _("Reports"),
    Group.ADMINISTRATION: _("Administration"),
}


@dataclass(frozen=True, kw_only=True)
class Page:
    """One entry of the menu.

    `permission` is what one must have to see it, as "app.codename"; empty shows it to
    everybody who is logged in. `summary` says on the first page what it is for. What is
    personal stands beside Home, in no group, and is nothing that a role opens.
    """

    group: Group
    title: Title
    url_name: str
    icon: str
    permission: str
    order: int = 100
    summary: Title = ""
    is_personal: bool = False


class Link(NamedTuple):
    """A page with the address it has here."""

    page: Page
    url: str


_pages: dict[str, Page] = {}


def add(page: Page) -> None:
    """Put a page into the menu; the same address twice is one entry."""
    _pages[page.url_name] = page


def links_for(request: HttpRequest) -> list[Link]:
    """Return the pages this person may open, in the order of the menu."""
    allowed = (
        page
        for page in _pages.values()
        if not page.permission or request.user.has_perm(page.permission)
    )
    found = (Link(page, _address(page)) for page in allowed)
    return sorted(
        (link for link in found if link.url),
        key=lambda link: (link.page.group.value, link.page.order, link.page.url_name),
    )


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the menu in the theme's form; parts without a page are left out."""
    links = links_for(request)
    current = current_link(links, path=request.path)
    home = reverse("admin:index")
    first: dict[str, Any] = {
        "items": [
            {
                "title": _("Home"),
                "icon": "home",
                "link": home,
                "active": request.path == home,
            },
            *(_entry(link, current) for link in links if link.page.is_personal),
        ]
    }
    groups = [
        {
            "title": TITLES[group],
            "items": [
                _entry(link, current)
                for link in links
                if link.page.group is group and not link.page.is_personal
            ],
        }
        for group in Group
    ]
    return [first, *(group for group in groups if group["items"])]


def _entry(link: Link, current: Link | None) -> dict[str, Any]:
    return {
        "title": link.page.title,
        "icon": link.page.icon,
        "link": link.url,
        "active": link == current,
    }


def current_link(links: list[Link], *, path: str) -> Link | None:
    """Return the entry a page belongs to: the longest address that it starts with."""
    matching = [link for link in links if path.startswith(link.url)]
    return max(matching, key=lambda link: len(link.url), default=None)


def _address(page: Page) -> str:
    try:
        return reverse(page.url_name)
    except NoReverseMatch:
        return ""
