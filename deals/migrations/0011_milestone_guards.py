"""A reversal takes back a shortfall, too; milestones of the past are judged once."""

from django.db import migrations

from crm.accounts import roles

FOLLOWS = """
CREATE OR REPLACE FUNCTION drawdownentry_follows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE previous record; undone record;
BEGIN
    IF NEW.number = 1 THEN
        IF NEW.balance_after <> -NEW.amount THEN
            RAISE EXCEPTION 'The opening balance of commitment % is not its amount',
                NEW.commitment_id USING ERRCODE = 'check_violation',
                CONSTRAINT = 'drawdownentry_balance_adds_up';
        END IF;
        RETURN NEW;
    END IF;
    SELECT balance_after INTO previous FROM deals_drawdownentry
        WHERE commitment_id = NEW.commitment_id AND number = NEW.number - 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'Entry % of commitment % does not follow the one before',
            NEW.number, NEW.commitment_id USING ERRCODE = 'check_violation',
            CONSTRAINT = 'drawdownentry_numbers_follow';
    END IF;
    IF NEW.balance_after <> previous.balance_after - NEW.amount THEN
        RAISE EXCEPTION 'Entry % of commitment %: balance is not previous - amount',
            NEW.number, NEW.commitment_id USING ERRCODE = 'check_violation',
            CONSTRAINT = 'drawdownentry_balance_adds_up';
    END IF;
    IF NEW.reversal_of_id IS NOT NULL THEN
        SELECT commitment_id, amount, overage{column} INTO undone FROM deals_drawdownentry
            WHERE id = NEW.reversal_of_id;
        IF undone.commitment_id <> NEW.commitment_id OR undone.amount <> -NEW.amount
            OR undone.overage <> -NEW.overage{condition} THEN
            RAISE EXCEPTION 'Entry % of commitment % is not the opposite of entry %',
                NEW.number, NEW.commitment_id, NEW.reversal_of_id
                USING ERRCODE = 'check_violation',
                CONSTRAINT = 'drawdownentry_reversal_is_the_opposite';
        END IF;
    END IF;
    RETURN NEW;
END $$;
"""
WITH_SHORTFALL = FOLLOWS.replace("{column}", ", shortfall").replace(
    "{condition}", "\n            OR undone.shortfall <> -NEW.shortfall"
)
WITHOUT = FOLLOWS.replace("{column}", "").replace("{condition}", "")

# ledgers whose terms have milestones are told anew at the next tick
TOLD_ANEW = """
UPDATE deals_drawdownstate SET mark = '' WHERE partner_id IN (
    SELECT c.partner_id FROM deals_commitment c
    JOIN deals_commitmentmilestone m ON m.commitment_id = c.id);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("deals", "0010_milestones_and_reminders"),
        ("accounts", "0003_roles"),
    ]

    operations = [
        migrations.RunSQL(WITH_SHORTFALL, WITHOUT),
        migrations.RunSQL(TOLD_ANEW, migrations.RunSQL.noop),
        roles.granting({"deals.commitmentreminder": {"view": roles.EVERYONE}}),
    ]
