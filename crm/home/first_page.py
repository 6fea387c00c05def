"""The first page: a greeting and what this person can do from here.

Other parts of the page come as panels: each is a template and a function that returns
its context, or None when it has nothing to say to this person.
"""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from crm.web import navigation
from crm.web.acting import acting_user


def fill(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Return the context of the first page."""
    person = acting_user(request)
    return {
        **context,
        "title": _("Home"),
        "greeting": _("Welcome, %(name)s") % {"name": person},
        "groups": grouped_links(request),
    }


def grouped_links(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the pages this person may open, by part of the menu."""
    links = [
        link for link in navigation.links_for(request) if not link.page.is_personal
    ]
    groups = [
        {
            "title": navigation.TITLES[group],
            "links": [link for link in links if link.page.group is group],
        }
        for group in navigation.Group
    ]
    return [group for group in groups if group["links"]]
