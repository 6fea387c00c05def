"""Let a stay be told once when the cooperation went on, also after it was closed."""

from django.db import migrations

CHANGES = """
CREATE FUNCTION partners_stay_changes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    -- generated columns are not computed yet when this looks
    settled text[] := ARRAY['exited_at', 'held_seconds', 'advanced_at', 'lasted_seconds'];
    is_closing boolean := OLD.exited_at IS NULL AND NEW.exited_at IS NOT NULL;
BEGIN
    IF (to_jsonb(OLD) - settled) <> (to_jsonb(NEW) - settled)
        OR NOT is_closing AND (OLD.exited_at, OLD.held_seconds)
            IS DISTINCT FROM (NEW.exited_at, NEW.held_seconds)
        OR OLD.advanced_at IS NOT NULL AND OLD.advanced_at IS DISTINCT FROM NEW.advanced_at
    THEN
        PERFORM partners_refuse('stagetransition_closes_once', 'it may only be closed, once');
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER stagetransition_closes_once ON partners_stagetransition;
CREATE TRIGGER stagetransition_closes_once BEFORE UPDATE ON partners_stagetransition
    FOR EACH ROW EXECUTE FUNCTION partners_stay_changes();
"""

FILL = """
UPDATE partners_stagetransition stay SET advanced_at = found.at
FROM (
    SELECT earlier.id, min(later.entered_at) AS at
    FROM partners_stagetransition earlier
    JOIN partners_stagedefinition low ON low.code = earlier.to_stage_id
    JOIN partners_stagetransition later
        ON later.cooperation_id = earlier.cooperation_id
        AND later.entered_at >= earlier.entered_at AND later.kind IN ('advance', 'skip')
    JOIN partners_stagedefinition high ON high.code = later.to_stage_id
    WHERE high."order" > low."order" AND low.stage_type = 'open'
    GROUP BY earlier.id
) found
WHERE found.id = stay.id AND stay.advanced_at IS NULL;
"""

BACK = """
DROP FUNCTION partners_stay_changes() CASCADE;
CREATE TRIGGER stagetransition_closes_once BEFORE UPDATE ON partners_stagetransition
    FOR EACH ROW EXECUTE FUNCTION
    partners_close_once('stagetransition_closes_once', 'exited_at', 'held_seconds');
"""


class Migration(migrations.Migration):
    dependencies = [("partners", "0009_lengths_of_stays")]

    operations = [
        migrations.RunSQL(CHANGES, BACK),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
