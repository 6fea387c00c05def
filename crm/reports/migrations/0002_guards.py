"""What the database refuses: changing a run, and every wrong way of a delivery."""

from django.db import migrations

from crm.core.append_only import append_only

# The only steps a delivery may take; a row may also stay in its state.
STEPS = """
    ('due','rendering'), ('due','skipped'), ('due','suppressed'),
    ('rendering','due'), ('rendering','ready'), ('rendering','skipped'),
    ('rendering','suppressed'), ('rendering','failed'),
    ('ready','due'), ('ready','sending'), ('ready','skipped'),
    ('ready','suppressed'), ('ready','failed'),
    ('sending','sent'), ('sending','ready'), ('sending','failed'), ('sending','uncertain'),
    ('uncertain','sent'), ('uncertain','failed'), ('uncertain','ready'),
    ('failed','due'), ('failed','ready'), ('skipped','due'), ('suppressed','due')
"""

GUARD = f"""
CREATE FUNCTION report_delivery_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state NOT IN ('due', 'skipped', 'suppressed') OR NEW.handed_over <> 0 THEN
            RAISE EXCEPTION 'a delivery begins as due, skipped or suppressed'
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.key, NEW.definition_id, NEW.subscription_id, NEW.recipient_id, NEW.period, NEW.is_test)
       IS DISTINCT FROM
       (OLD.key, OLD.definition_id, OLD.subscription_id, OLD.recipient_id, OLD.period, OLD.is_test)
    THEN
        RAISE EXCEPTION 'what a delivery is for never changes'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN ({STEPS}) THEN
        RAISE EXCEPTION 'a delivery never goes from % to %', OLD.state, NEW.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF (NEW.run_id, NEW.address, NEW.message_id, NEW.message_date, NEW.message_hash)
       IS DISTINCT FROM
       (OLD.run_id, OLD.address, OLD.message_id, OLD.message_date, OLD.message_hash)
       AND (OLD.handed_over > 0
            OR OLD.state NOT IN ('due', 'rendering')
               AND NOT (OLD.state = 'ready' AND NEW.state = 'due'))
    THEN
        RAISE EXCEPTION 'a frozen message never changes'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.handed_over <> OLD.handed_over
       + (CASE WHEN OLD.state = 'ready' AND NEW.state = 'sending' THEN 1 ELSE 0 END)
    THEN
        RAISE EXCEPTION 'hand-overs are counted when sending begins'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state = 'uncertain' AND NEW.state = 'ready'
       AND (NEW.resolved_by_id IS NULL
            OR NEW.resolved_at IS NOT DISTINCT FROM OLD.resolved_at)
    THEN
        RAISE EXCEPTION 'only a person sends an uncertain delivery again'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER report_delivery_guard BEFORE INSERT OR UPDATE ON reports_reportdelivery
    FOR EACH ROW EXECUTE FUNCTION report_delivery_guard();
"""

UNGUARD = """
DROP TRIGGER report_delivery_guard ON reports_reportdelivery;
DROP FUNCTION report_delivery_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial")]

    operations = [
        append_only("reports_reportrun"),
        append_only("reports_reportdelivery", refused=("DELETE", "TRUNCATE")),
        append_only("reports_storedmessage", refused=("UPDATE",)),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
