"""Bring the rules and the first scheme as they are delivered; say who may do what."""

from datetime import UTC, datetime

from django.db import migrations

from crm.accounts import roles
from crm.accounts.roles import Role

RULES = (
    ("usage_falling", "a", "critical", 14, True),
    ("commitment_behind", "b", "critical", 14, True),
    ("stalled", "c", "critical", 14, True),
    ("poc_unmeasured", "d", "critical", 14, True),
    ("notice_without_renewal", "e", "critical", 14, True),
    ("sponsor_gone", "f", "critical", 14, True),
    ("paper_partnership", "g", "critical", 14, True),
    ("usage_drop", "", "warning", 7, False),
    ("zero_usage", "", "warning", 3, False),
    ("usage_spike", "", "info", 7, False),
    ("late_data", "", "warning", 1, False),
    ("held_delivery", "", "warning", 0, False),
    ("unassigned_spend", "", "warning", 0, False),
    ("commitment_pace", "", "warning", 7, False),
    ("notice_deadline", "", "warning", 0, True),
)
EARLY = {"deployment": 40, "engagement": 60, "adoption": 0, "returns": 0}
PROVING = {"deployment": 35, "engagement": 30, "adoption": 25, "returns": 10}
LIVE = {"deployment": 10, "engagement": 20, "adoption": 40, "returns": 30}
WEIGHTS = {
    "first_contact": EARLY,
    "qualified": EARLY,
    "mou": EARLY,
    "strategic_agreement": PROVING,
    "joint_poc": PROVING,
    "production": LIVE,
    "expansion": LIVE,
}
NUMBERS = {
    "late_step_percent": 25,
    "late_step_points": 10,
    "governance_points": 60,
    "recency_points": 40,
    "recency_days": 28,
    "full_growth_percent": 30,
    "green_from": 70,
    "amber_from": 40,
    "least_confidence": 50,
}
HANDLERS = (
    Role.ALLIANCE_MANAGER,
    Role.ALLIANCE_DIRECTOR,
    Role.FINANCE,
    Role.ADMINISTRATOR,
)
SETTERS = (Role.ALLIANCE_DIRECTOR, Role.ADMINISTRATOR)
READ = {"view": roles.EVERYONE}


def deliver(apps, _schema_editor):
    rule = apps.get_model("watch", "AlertRule")
    rule.objects.bulk_create(
        rule(
            code=code,
            letter=letter,
            severity=severity,
            clean_days=days,
            mails_owner=mails,
        )
        for code, letter, severity, days, mails in RULES
    )
    apps.get_model("watch", "HealthScheme").objects.create(
        version=1,
        weights=WEIGHTS,
        numbers=NUMBERS,
        made_at=datetime(2026, 1, 1, tzinfo=UTC),
        reason="As delivered.",
    )


class Migration(migrations.Migration):
    dependencies = [("watch", "0001_initial"), ("accounts", "0003_roles")]

    operations = [
        migrations.RunPython(deliver, migrations.RunPython.noop),
        roles.granting(
            {
                "watch.alert": {**READ, "change": HANDLERS},
                "watch.alertrule": {**READ, "change": SETTERS},
                "watch.alertchoice": {**READ, "change": roles.EVERYONE},
                "watch.alertnotice": {"view": (Role.ADMINISTRATOR, Role.AUDITOR)},
                "watch.healthsnapshot": READ,
                "watch.healthscheme": {**READ, "add": SETTERS},
                "watch.healthoverride": {
                    **READ,
                    "add": (Role.ALLIANCE_MANAGER, Role.ALLIANCE_DIRECTOR),
                    "change": (Role.ALLIANCE_MANAGER, Role.ALLIANCE_DIRECTOR),
                },
                "watch.gatelook": READ,
                "watch.stocktaking": {
                    "view": (Role.ADMINISTRATOR, Role.AUDITOR, Role.ALLIANCE_DIRECTOR)
                },
            }
        ),
    ]
