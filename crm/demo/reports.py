"""The demo's reports: four kinds, and who gets them; the first mails go out by themselves."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.figures import sections
from crm.reports.models import ReportDefinition
from crm.reports.models.definition import Audience, Scope
from crm.reports.operations import subscribing
from crm.reports.weeks import Rhythm
from partners.models import Partner

SINCE = timedelta(days=15)
"""Readers subscribed so long ago, so the report of last week is due at once."""

WEEK_HOURS = 7 * 24
REPORTS: tuple[dict[str, Any], ...] = (
    {
        "code": "portfolio-weekly",
        "name": "AI partnerships, the week",
        "name_zh": "AI 合作伙伴周报",
        "audience": Audience.EXECUTIVE,
    },
    {
        "code": "my-partners-weekly",
        "name": "My partners, the week",
        "name_zh": "我的伙伴周报",
        "audience": Audience.MANAGER,
    },
    {
        "code": "usage-finance-weekly",
        "name": "Usage and commitments, the week",
        "name_zh": "用量与承诺周报",
        "audience": Audience.FINANCE,
    },
    {
        "code": "partner-review-quarterly",
        "name": "Quarterly business review",
        "name_zh": "季度业务回顾",
        "audience": Audience.PARTNER,
        "rhythm": Rhythm.QUARTERLY,
    },
)
REVIEWED = {"BMW Group": "anna", "China Mobile": "lin"}
"""Partners whose manager gets the pack for the quarterly review."""


def bring(*, cast: dict[str, User], at: datetime) -> None:
    """Define the reports and subscribe people by role, by name and about one partner."""
    since = at - SINCE
    director, by = cast["diana"], cast["admin"]
    reports = {
        values["audience"]: subscribing.register_definition(
            values={
                "owner": director,
                "sections": sections.names_for(values["audience"]),
                "catch_up_hours": WEEK_HOURS,
                **values,
            },
            by=by,
            at=since,
        )
        for values in REPORTS
    }
    for values in _subscriptions(reports, cast):
        subscribing.subscribe(values=values, by=by, at=since)


def _subscriptions(
    reports: dict[str, ReportDefinition], cast: dict[str, User]
) -> Iterator[dict[str, Any]]:
    executives = reports[Audience.EXECUTIVE]
    yield {"definition": executives, "role": _role(Role.EXECUTIVE)}
    for key in ("diana", "dan"):
        person = cast[key]
        yield {
            "definition": executives,
            "person": person,
            "scope": Scope.TEAM,
            "scope_team": person.team,
            "time_zone": person.time_zone,
        }
    yield {
        "definition": reports[Audience.MANAGER],
        "role": _role(Role.ALLIANCE_MANAGER),
        "scope": Scope.OWN,
    }
    yield {"definition": reports[Audience.FINANCE], "role": _role(Role.FINANCE)}
    partners = Partner.objects.filter(display_name__in=REVIEWED).order_by("pk")
    for partner in partners:
        yield {
            "definition": reports[Audience.PARTNER],
            "person": cast[REVIEWED[partner.display_name]],
            "scope": Scope.PARTNER,
            "scope_partner": partner,
        }


def _role(role: Role) -> Group:
    return Group.objects.get(name=role.value)
