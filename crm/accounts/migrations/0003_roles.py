"""The ten roles, and what they may do with people, teams and the journal."""

from django.db import migrations

from crm.accounts import roles
from crm.accounts.roles import Role

GRANTS = {
    "accounts.user": {
        "view": roles.EVERYONE,
        "add": (Role.ADMINISTRATOR,),
        "change": (Role.ADMINISTRATOR,),
    },
    "accounts.team": {
        "view": roles.EVERYONE,
        "add": (Role.ADMINISTRATOR,),
        "change": (Role.ADMINISTRATOR,),
    },
    "auth.group": {"view": (Role.ADMINISTRATOR, Role.AUDITOR)},
    "journal.event": {"view": roles.EVERYONE},
}


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_team_tree"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("journal", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(roles.create_roles, migrations.RunPython.noop),
        roles.granting(GRANTS),
    ]
