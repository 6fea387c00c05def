"""Let the database see to what cooperations count: one tag, known words, own partner."""

import django.contrib.postgres.constraints
from django.db import migrations, models

from crm.accounts import roles
from crm.accounts.roles import Role

ALLIANCE = (Role.ALLIANCE_MANAGER, Role.ALLIANCE_DIRECTOR)
KEEPERS = (*ALLIANCE, Role.FINANCE, Role.INTEGRATION, Role.ADMINISTRATOR)

# A rule's partner is its cooperation's, also while a merge moves both in one transaction
OWN_PARTNER = """
CREATE UNIQUE INDEX cooperation_with_partner ON partners_cooperation (id, partner_id);
ALTER TABLE usage_cooperationusage ADD CONSTRAINT cooperation_usage_of_its_partner
    FOREIGN KEY (cooperation_id, partner_id)
    REFERENCES partners_cooperation (id, partner_id) DEFERRABLE INITIALLY DEFERRED;
"""
ANY_PARTNER = """
ALTER TABLE usage_cooperationusage DROP CONSTRAINT cooperation_usage_of_its_partner;
DROP INDEX cooperation_with_partner;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_roles"),
        ("partners", "0010_stays_know_when_they_were_passed"),
        ("usage", "0002_same_content"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="cooperationusage",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("tag_bucket", ""), _negated=True),
                expressions=[
                    ("partner", "="),
                    (
                        models.Func(
                            models.F("tag_bucket"),
                            output_field=models.TextField(),
                            template="split_part(%(expressions)s, '=', 1)",
                        ),
                        "<>",
                    ),
                    ("during", "&&"),
                ],
                name="cooperation_usage_one_tag_per_partner",
            ),
        ),
        migrations.AddConstraint(
            model_name="cooperationusage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("environment__in", ["", "production", "non-production", "unknown"])
                ),
                name="cooperation_usage_environment_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="cooperationusage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("tag_bucket", ""),
                    ("tag_bucket__regex", "^[^=]+=.+$"),
                    _connector="OR",
                ),
                name="cooperation_usage_tag_has_value",
            ),
        ),
        migrations.RunSQL(OWN_PARTNER, ANY_PARTNER),
        roles.granting(
            {
                "usage.cooperationusage": {
                    "view": roles.EVERYONE,
                    "add": KEEPERS,
                    "delete": KEEPERS,
                }
            }
        ),
    ]
