"""The first page: what a person opens every morning, and what they can do from here."""

from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core.periods import Week
from crm.figures import words
from crm.figures.frame import DAY
from crm.figures.freshness import LAG
from crm.home import portrait
from crm.home.portrait import Look
from crm.web import navigation
from crm.web.acting import acting_user

LOOKS_AT_PARTNERS = "partners.view_partner"


def fill(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Return the context of the first page."""
    person = acting_user(request)
    return {
        **context,
        **figures(request, person),
        "title": _("Home"),
        "greeting": _("Welcome, %(name)s") % {"name": person},
        "groups": grouped_links(request),
    }


def figures(request: HttpRequest, person: User) -> dict[str, Any]:
    """Return the figures for this person; nothing where their role sees no partners."""
    if not person.has_perm(LOOKS_AT_PARTNERS):
        return {}
    now = timezone.now()
    look = portrait.look_of(
        person=person,
        at=now,
        week=request.GET.get("week", ""),
        scope=request.GET.get("scope", ""),
    )
    facts = portrait.facts_for(person=person, look=look, at=now)
    current = Week.at(now, zone=ZoneInfo(person.time_zone))
    return {
        "look": look,
        "first_day": words.day(facts.frame.first, facts.frame.language),
        "last_day": words.day(facts.frame.after - DAY, facts.frame.language),
        "wanted_day": words.day(facts.frame.today - LAG * DAY, facts.frame.language),
        "weeks": weeks_beside(look, current),
        "scopes": scope_choices(look, person),
        "portrait": portrait.portrait(facts),
        "steps": portrait.own_steps(
            person=person, at=now, language=facts.frame.language
        ),
        "has_partners": bool(facts.frame.partner_ids),
    }


def weeks_beside(look: Look, current: Week) -> dict[str, str]:
    """Return the addresses of the week before, the week after, and this week."""
    return {
        "before": _address(look.week.shifted(-1), look.scope),
        "after": "" if look.is_running else _address(look.week.shifted(1), look.scope),
        "current": "" if look.is_running else _address(current, look.scope),
    }


def scope_choices(look: Look, person: User) -> list[dict[str, Any]]:
    """Return whose partners one may choose to see."""
    choices = [(portrait.ALL, _("All I may see")), (portrait.OWN, _("Mine"))]
    if person.team_id is not None:
        choices.append((portrait.TEAM, _("My team's")))
    return [
        {
            "label": label,
            "url": _address(look.week, scope),
            "is_chosen": scope == look.scope,
        }
        for scope, label in choices
    ]


def _address(week: Week, scope: str) -> str:
    return f"{reverse('admin:index')}?week={week}&scope={scope}"


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
