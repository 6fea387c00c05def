"""Say who may do what in the partner registry."""

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
PROOF = (*ALLIANCE, Role.TECHNICAL_LEAD)


class Migration(migrations.Migration):
    dependencies = [
        ("partners", "0005_search_and_imports"),
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
                "partners.hold": READ,
                "partners.stagedefinition": LADDER,
                "partners.stagetransitionrule": LADDER,
                "partners.gatecriterion": LADDER,
                "partners.stagetransition": READ,
                "partners.gatecheck": READ,
                "partners.waiver": READ,
                "partners.approval": READ,
                "partners.proposal": {**READ, "change": ALLIANCE},
                "partners.poc": {**READ, "add": PROOF, "change": PROOF},
                "partners.pocmetric": {**READ, "add": PROOF, "change": PROOF},
                "partners.pocdecision": READ,
                "partners.activity": WRITTEN,
                "partners.actionitem": WRITTEN,
                "partners.risk": WRITTEN,
                "partners.attachment": WRITTEN,
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
