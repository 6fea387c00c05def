"""Say who moves, holds, approves, waives, decides and attaches."""

from django.db import migrations

from crm.accounts import roles
from crm.accounts.roles import Role

ALLIANCE = (Role.ALLIANCE_MANAGER, Role.ALLIANCE_DIRECTOR)
WRITERS = (*ALLIANCE, Role.INTEGRATION)
APPROVERS = (*ALLIANCE, Role.EXECUTIVE, Role.LEGAL, Role.TECHNICAL_LEAD)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_roles"),
        ("partners", "0007_stage_numbers"),
    ]

    operations = [
        roles.granting(
            {
                # whoever approves a step may also take it; gates judge the rest
                "partners.stagetransition": {"add": {*WRITERS, *APPROVERS}},
                "partners.hold": {"add": WRITERS, "change": WRITERS},
                "partners.approval": {"add": APPROVERS},
                "partners.waiver": {"add": APPROVERS},
                "partners.pocdecision": {"add": (*ALLIANCE, Role.TECHNICAL_LEAD)},
                "partners.activity": {"add": (Role.TECHNICAL_LEAD, Role.LEGAL)},
                "partners.attachment": {
                    "add": (Role.TECHNICAL_LEAD, Role.LEGAL),
                    "delete": (*ALLIANCE, Role.LEGAL),
                },
            }
        )
    ]
