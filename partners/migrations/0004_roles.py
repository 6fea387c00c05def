"""Say who may do what in the partner registry, at gates and with reviews."""

from django.db import migrations

from crm.accounts import roles
from crm.accounts.roles import Role

ALLIANCE = (Role.ALLIANCE_MANAGER, Role.ALLIANCE_DIRECTOR)
WRITERS = (*ALLIANCE, Role.INTEGRATION)
READ = {"view": roles.EVERYONE}
LADDER = {
    "view": roles.EVERYONE,
    "add": (Role.ADMINISTRATOR,),
    "change": (Role.ADMINISTRATOR,),
}
WRITTEN = {**READ, "add": WRITERS, "change": WRITERS}
APPROVERS = (*ALLIANCE, Role.EXECUTIVE, Role.LEGAL, Role.TECHNICAL_LEAD)
PROOF = (*ALLIANCE, Role.TECHNICAL_LEAD)


class Migration(migrations.Migration):
    dependencies = [
        ("partners", "0003_ladder"),
        ("accounts", "0003_roles"),
    ]

    operations = [
        roles.granting(
            {
                "partners.partner": {**WRITTEN, "delete": (Role.ALLIANCE_DIRECTOR,)},
                "partners.partneralias": READ,
                "partners.partnerdomain": READ,
                "partners.registrationid": READ,
                "partners.externalid": READ,
                "partners.contact": {
                    **WRITTEN,
                    "delete": (Role.ALLIANCE_DIRECTOR, Role.ADMINISTRATOR),
                },
                "partners.cooperation": WRITTEN,
                "partners.cooperationcontact": WRITTEN,
                "partners.hold": WRITTEN,
                "partners.stagedefinition": LADDER,
                "partners.stagetransitionrule": LADDER,
                "partners.gatecriterion": LADDER,
                # whoever approves a step may also take it; gates judge the rest
                "partners.stagetransition": {**READ, "add": {*WRITERS, *APPROVERS}},
                "partners.gatecheck": READ,
                "partners.waiver": {**READ, "add": APPROVERS},
                "partners.approval": {**READ, "add": APPROVERS},
                "partners.proposal": {**READ, "change": ALLIANCE},
                "partners.poc": {**READ, "add": PROOF, "change": PROOF},
                "partners.pocmetric": {**READ, "add": PROOF, "change": PROOF},
                "partners.pocdecision": {**READ, "add": PROOF},
                "partners.activity": {
                    **WRITTEN,
                    "add": (*WRITERS, Role.TECHNICAL_LEAD, Role.LEGAL),
                },
                "partners.actionitem": WRITTEN,
                "partners.risk": WRITTEN,
                "partners.attachment": {
                    **WRITTEN,
                    "add": (*WRITERS, Role.TECHNICAL_LEAD, Role.LEGAL),
                    "delete": (*ALLIANCE, Role.LEGAL),
                },
                "partners.businessreview": WRITTEN,
                "partners.partnersearch": {"view": (Role.ADMINISTRATOR,)},
                "partners.importbatch": {
                    "view": (*WRITERS, Role.AUDITOR, Role.ADMINISTRATOR),
                    "add": WRITERS,
                    "change": WRITERS,
                },
                "partners.importrow": {
                    "view": (*WRITERS, Role.AUDITOR, Role.ADMINISTRATOR)
                },
            }
        )
    ]
