"""Say who may do what with models, scenarios and feedback."""

from django.db import migrations

from crm.accounts import roles
from crm.accounts.roles import Role

ALLIANCE = (Role.ALLIANCE_MANAGER, Role.ALLIANCE_DIRECTOR)
CATALOGUE = (Role.MODEL_TEAM, Role.ADMINISTRATOR)
MAPPERS = (*CATALOGUE, Role.FINANCE)
MAKERS = (*ALLIANCE, Role.TECHNICAL_LEAD, Role.MODEL_TEAM, Role.INTEGRATION)
FIELD = (*ALLIANCE, Role.TECHNICAL_LEAD, Role.INTEGRATION)
READ = {"view": roles.EVERYONE}
KEPT = {**READ, "add": CATALOGUE, "change": CATALOGUE}


class Migration(migrations.Migration):
    dependencies = [("ai", "0002_guards"), ("accounts", "0003_roles")]

    operations = [
        roles.granting(
            {
                "ai.modelfamily": KEPT,
                "ai.basemodel": KEPT,
                "ai.scenariokind": KEPT,
                "ai.derivativecount": {**KEPT, "delete": CATALOGUE},
                "ai.modelalias": {**READ, "add": MAPPERS, "change": MAPPERS},
                "ai.derivedmodel": {**READ, "add": MAKERS, "change": MAKERS},
                "ai.modelparent": READ,
                "ai.scenario": {**READ, "add": FIELD, "change": FIELD},
                "ai.scenariomeasure": READ,
                "ai.scenariomodel": READ,
                "ai.feedback": {
                    **READ,
                    "add": MAKERS,
                    "change": MAKERS,
                    "decide": (Role.MODEL_TEAM,),
                    "answer": FIELD,
                },
            }
        )
    ]
