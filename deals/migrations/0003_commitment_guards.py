"""Keep the ledger of commitments true, and milestones in step, in the database itself."""

from django.db import migrations

from crm.core.append_only import append_only

LEDGER_FOLLOWS = """
CREATE FUNCTION drawdownentry_follows() RETURNS trigger LANGUAGE plpgsql AS $$
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
        SELECT commitment_id, amount, overage INTO undone FROM deals_drawdownentry
            WHERE id = NEW.reversal_of_id;
        IF undone.commitment_id <> NEW.commitment_id OR undone.amount <> -NEW.amount
            OR undone.overage <> -NEW.overage THEN
            RAISE EXCEPTION 'Entry % of commitment % is not the opposite of entry %',
                NEW.number, NEW.commitment_id, NEW.reversal_of_id
                USING ERRCODE = 'check_violation',
                CONSTRAINT = 'drawdownentry_reversal_is_the_opposite';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER drawdownentry_follows BEFORE INSERT ON deals_drawdownentry
    FOR EACH ROW EXECUTE FUNCTION drawdownentry_follows();

CREATE FUNCTION drawdownentry_not_overdrawn() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM deals_drawdownentry WHERE commitment_id = NEW.commitment_id
            AND number > NEW.number) THEN
        RETURN NULL;
    END IF;
    IF NEW.balance_after < 0 THEN
        RAISE EXCEPTION 'Commitment % is overdrawn', NEW.commitment_id
            USING ERRCODE = 'check_violation',
            CONSTRAINT = 'drawdownentry_not_overdrawn';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER drawdownentry_not_overdrawn AFTER INSERT
    ON deals_drawdownentry DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.balance_after < 0)
    EXECUTE FUNCTION drawdownentry_not_overdrawn();
"""

LEDGER_FREE = """
DROP TRIGGER drawdownentry_not_overdrawn ON deals_drawdownentry;
DROP FUNCTION drawdownentry_not_overdrawn();
DROP TRIGGER drawdownentry_follows ON deals_drawdownentry;
DROP FUNCTION drawdownentry_follows();
"""

MILESTONES_CLIMB = """
CREATE FUNCTION commitmentmilestones_climb() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE checked bigint; promise record; latest record;
BEGIN
    IF TG_TABLE_NAME = 'deals_commitment' THEN
        checked := NEW.id;
    ELSIF TG_OP = 'DELETE' THEN
        checked := OLD.commitment_id;
    ELSE
        checked := NEW.commitment_id;
    END IF;
    SELECT amount, start_on, end_on INTO promise FROM deals_commitment WHERE id = checked;
    IF NOT FOUND OR NOT EXISTS
            (SELECT 1 FROM deals_commitmentmilestone WHERE commitment_id = checked) THEN
        RETURN NULL;
    END IF;
    IF EXISTS (
        SELECT 1 FROM (SELECT target, lag(target) OVER (ORDER BY due_on) AS before
            FROM deals_commitmentmilestone WHERE commitment_id = checked) AS steps
        WHERE before > target
    ) THEN
        RAISE EXCEPTION 'The milestones of commitment % fall', checked
            USING ERRCODE = 'check_violation',
            CONSTRAINT = 'commitmentmilestone_targets_climb';
    END IF;
    IF EXISTS (
        SELECT 1 FROM deals_commitmentmilestone WHERE commitment_id = checked
            AND (due_on <= promise.start_on OR due_on > promise.end_on)
    ) THEN
        RAISE EXCEPTION 'A milestone of commitment % lies outside its term', checked
            USING ERRCODE = 'check_violation',
            CONSTRAINT = 'commitmentmilestone_within_term';
    END IF;
    SELECT target INTO latest FROM deals_commitmentmilestone
        WHERE commitment_id = checked ORDER BY due_on DESC LIMIT 1;
    IF latest.target <> promise.amount THEN
        RAISE EXCEPTION 'The last milestone of commitment % is not its amount', checked
            USING ERRCODE = 'check_violation',
            CONSTRAINT = 'commitmentmilestone_last_is_amount';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER commitmentmilestones_climb
    AFTER INSERT OR UPDATE OR DELETE ON deals_commitmentmilestone
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION commitmentmilestones_climb();
CREATE CONSTRAINT TRIGGER commitmentmilestones_fit_amount
    AFTER UPDATE OF amount, start_on, end_on ON deals_commitment
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION commitmentmilestones_climb();
"""

MILESTONES_FREE = """
DROP TRIGGER commitmentmilestones_fit_amount ON deals_commitment;
DROP TRIGGER commitmentmilestones_climb ON deals_commitmentmilestone;
DROP FUNCTION commitmentmilestones_climb();
"""


class Migration(migrations.Migration):
    dependencies = [("deals", "0002_guards")]

    operations = [
        append_only("deals_drawdownentry"),
        append_only("deals_commitmentamendment"),
        migrations.RunSQL(LEDGER_FOLLOWS, LEDGER_FREE),
        migrations.RunSQL(MILESTONES_CLIMB, MILESTONES_FREE),
    ]
