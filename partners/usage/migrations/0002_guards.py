"""Let the database see to it that a rule about a cooperation stays with that one's partner."""

from django.db import migrations

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
    dependencies = [("partners", "0001_initial"), ("usage", "0001_initial")]

    operations = [migrations.RunSQL(OWN_PARTNER, ANY_PARTNER)]
