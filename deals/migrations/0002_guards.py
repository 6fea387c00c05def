"""Let the database guard what no order of operations may break.

The functions of the partner registry (`partners_refuse`, `partners_append_only`,
`partners_close_once`, `partners_same_partner`) are used as they are.
"""

from django.db import migrations

STANDING = """
CREATE FUNCTION deals_deal_stands(which bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    d deals_deal%ROWTYPE;
    stay deals_dealstagechange%ROWTYPE;
BEGIN
    SELECT * INTO d FROM deals_deal WHERE id = which;
    IF NOT FOUND THEN RETURN; END IF;
    SELECT * INTO stay FROM deals_dealstagechange WHERE deal_id = which AND exited_at IS NULL;
    IF NOT FOUND THEN
        PERFORM partners_refuse('deal_has_open_stay', 'no open stage move');
    END IF;
    IF (d.stage, d.stage_entered_at) IS DISTINCT FROM (stay.to_stage, stay.entered_at) THEN
        PERFORM partners_refuse('deal_stage_follows_move',
            'the stage is not that of the open stage move');
    END IF;
END $$;

CREATE FUNCTION deals_deal_row_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM deals_deal_stands(NEW.id);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER deal_inserted_follows_move AFTER INSERT ON deals_deal
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION deals_deal_row_stands();
CREATE CONSTRAINT TRIGGER deal_stage_follows_move
    AFTER UPDATE OF stage, stage_entered_at ON deals_deal
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION deals_deal_row_stands();

CREATE FUNCTION deals_change_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM deals_deal_stands(NEW.deal_id);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER dealstagechange_stands AFTER INSERT OR UPDATE ON deals_dealstagechange
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION deals_change_stands();

CREATE FUNCTION deals_agreement_stands(which bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    a deals_agreement%ROWTYPE;
    stay deals_agreementstatuschange%ROWTYPE;
BEGIN
    SELECT * INTO a FROM deals_agreement WHERE id = which;
    IF NOT FOUND THEN RETURN; END IF;
    SELECT * INTO stay FROM deals_agreementstatuschange
        WHERE agreement_id = which AND exited_at IS NULL;
    IF NOT FOUND THEN
        PERFORM partners_refuse('agreement_has_open_stay', 'no open status move');
    END IF;
    IF (a.status, a.status_since) IS DISTINCT FROM (stay.to_status, stay.entered_at) THEN
        PERFORM partners_refuse('agreement_status_follows_move',
            'the status is not that of the open status move');
    END IF;
END $$;

CREATE FUNCTION deals_agreement_row_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM deals_agreement_stands(NEW.id);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER agreement_inserted_follows_move AFTER INSERT ON deals_agreement
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION deals_agreement_row_stands();
CREATE CONSTRAINT TRIGGER agreement_status_follows_move
    AFTER UPDATE OF status, status_since ON deals_agreement
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION deals_agreement_row_stands();

CREATE FUNCTION deals_status_change_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM deals_agreement_stands(NEW.agreement_id);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER agreementstatuschange_stands
    AFTER INSERT OR UPDATE ON deals_agreementstatuschange
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION deals_status_change_stands();
"""

CHAIN = """
CREATE FUNCTION deals_change_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.kind = 'start' THEN
        IF EXISTS (SELECT FROM deals_dealstagechange WHERE deal_id = NEW.deal_id AND id <> NEW.id
                   AND (entered_at < NEW.entered_at OR kind = 'start')) THEN
            PERFORM partners_refuse('dealstagechange_starts_once', 'there is a move before it');
        END IF;
    ELSIF NOT EXISTS (SELECT FROM deals_dealstagechange
                      WHERE deal_id = NEW.deal_id AND id <> NEW.id
                      AND to_stage = NEW.from_stage AND exited_at = NEW.entered_at) THEN
        PERFORM partners_refuse('dealstagechange_follows_previous',
            'no stay in the earlier stage ended at that instant');
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER dealstagechange_follows_previous AFTER INSERT ON deals_dealstagechange
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION deals_change_follows();

CREATE FUNCTION deals_status_change_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.from_status = '' THEN
        IF EXISTS (SELECT FROM deals_agreementstatuschange
                   WHERE agreement_id = NEW.agreement_id AND id <> NEW.id
                   AND (entered_at < NEW.entered_at OR from_status = '')) THEN
            PERFORM partners_refuse('agreementstatuschange_starts_once',
                'there is a move before it');
        END IF;
    ELSIF NOT EXISTS (SELECT FROM deals_agreementstatuschange
                      WHERE agreement_id = NEW.agreement_id AND id <> NEW.id
                      AND to_status = NEW.from_status AND exited_at = NEW.entered_at) THEN
        PERFORM partners_refuse('agreementstatuschange_follows_previous',
            'no stay in the earlier status ended at that instant');
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER agreementstatuschange_follows_previous
    AFTER INSERT ON deals_agreementstatuschange
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION deals_status_change_follows();
"""

CLOSED = """
CREATE FUNCTION deals_closed_is_read_only() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    -- what merging, handing over and counting may still touch
    free text[] := ARRAY['partner_id', 'cooperation_id', 'owner_id', 'team_id', 'version'];
BEGIN
    IF (to_jsonb(OLD) - free) <> (to_jsonb(NEW) - free) THEN
        PERFORM partners_refuse('deal_closed_is_read_only', 'a closed deal is only reopened');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER deal_closed_is_read_only BEFORE UPDATE ON deals_deal FOR EACH ROW
    WHEN (OLD.stage IN ('Launched', 'Closed Lost') AND NEW.stage IN ('Launched', 'Closed Lost'))
    EXECUTE FUNCTION deals_closed_is_read_only();

CREATE FUNCTION deals_part_is_read_only() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    which bigint;
BEGIN
    IF TG_OP = 'DELETE' THEN which := OLD.deal_id; ELSE which := NEW.deal_id; END IF;
    IF TG_OP = 'UPDATE' AND (to_jsonb(OLD) - 'partner_id') = (to_jsonb(NEW) - 'partner_id') THEN
        RETURN NEW;
    END IF;
    IF EXISTS (SELECT FROM deals_deal WHERE id = which AND stage IN ('Launched', 'Closed Lost')) THEN
        PERFORM partners_refuse(TG_ARGV[0], 'a closed deal is only reopened');
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER dealline_closed_is_read_only BEFORE INSERT OR UPDATE OR DELETE ON deals_dealline
    FOR EACH ROW EXECUTE FUNCTION deals_part_is_read_only('dealline_closed_is_read_only');
CREATE TRIGGER attributioncredit_closed_is_read_only
    BEFORE INSERT OR UPDATE OR DELETE ON deals_attributioncredit
    FOR EACH ROW EXECUTE FUNCTION deals_part_is_read_only('attributioncredit_closed_is_read_only');

CREATE FUNCTION deals_won_is_signed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM deals_agreement a WHERE a.id = NEW.agreement_id
                   AND a.partner_id = NEW.partner_id AND a.status IN ('signed', 'active')) THEN
        PERFORM partners_refuse('deal_won_has_signed_agreement',
            'its agreement is not signed by both, or is not in force');
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER deal_won_has_signed_agreement AFTER INSERT OR UPDATE OF stage
    ON deals_deal DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.stage = 'Launched') EXECUTE FUNCTION deals_won_is_signed();
"""

SUMS = """
CREATE FUNCTION deals_sourced_to_100() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- two people crediting one deal at once wait for one another here
    PERFORM FROM deals_deal WHERE id = NEW.deal_id FOR NO KEY UPDATE;
    IF (SELECT sum(percent) FROM deals_attributioncredit
        WHERE deal_id = NEW.deal_id AND kind = 'sourced') > 100 THEN
        PERFORM partners_refuse('attributioncredit_sourced_to_100',
            'more than 100 percent of the deal would be sourced');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER attributioncredit_sourced_to_100 AFTER INSERT OR UPDATE
    ON deals_attributioncredit FOR EACH ROW
    WHEN (NEW.kind = 'sourced') EXECUTE FUNCTION deals_sourced_to_100();

CREATE FUNCTION deals_amount_is_sum(which bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    total numeric;
BEGIN
    SELECT sum(amount) INTO total FROM deals_dealline WHERE deal_id = which;
    IF total IS NOT NULL AND EXISTS (
        SELECT FROM deals_deal WHERE id = which AND amount IS DISTINCT FROM total
    ) THEN
        PERFORM partners_refuse('deal_amount_is_sum_of_lines', 'the lines add up to another amount');
    END IF;
END $$;
CREATE FUNCTION deals_deal_amount_holds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM deals_amount_is_sum(NEW.id);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER deal_amount_is_sum_of_lines AFTER UPDATE OF amount ON deals_deal
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION deals_deal_amount_holds();
CREATE FUNCTION deals_line_amount_holds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM deals_amount_is_sum(CASE WHEN TG_OP = 'DELETE' THEN OLD.deal_id ELSE NEW.deal_id END);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER dealline_amount_is_sum AFTER INSERT OR UPDATE OR DELETE
    ON deals_dealline DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION deals_line_amount_holds();
"""

AGREEMENTS = """
CREATE FUNCTION deals_agreement_is_settled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.agreement_type, OLD.parent_id, OLD.is_binding, OLD.signed_by_us_on,
        OLD.signed_by_them_on, OLD.our_signatory_id, OLD.amends)
        IS DISTINCT FROM
       (NEW.agreement_type, NEW.parent_id, NEW.is_binding, NEW.signed_by_us_on,
        NEW.signed_by_them_on, NEW.our_signatory_id, NEW.amends)
    THEN
        PERFORM partners_refuse('agreement_signed_is_settled',
            'what both have signed is changed by an amendment only');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER agreement_signed_is_settled BEFORE UPDATE ON deals_agreement FOR EACH ROW
    WHEN (OLD.status NOT IN ('draft', 'in_review'))
    EXECUTE FUNCTION deals_agreement_is_settled();

CREATE FUNCTION deals_agreement_acyclic() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('deals_agreement.parent', 0));
    IF EXISTS (
        WITH RECURSIVE above(id) AS (
            SELECT NEW.parent_id
            UNION
            SELECT a.parent_id FROM deals_agreement a JOIN above u ON a.id = u.id
            WHERE a.parent_id IS NOT NULL
        )
        SELECT FROM above WHERE id = NEW.id
    ) THEN
        PERFORM partners_refuse('agreement_parent_acyclic', 'an agreement cannot be above itself');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER agreement_parent_acyclic BEFORE INSERT OR UPDATE OF parent_id
    ON deals_agreement FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL)
    EXECUTE FUNCTION deals_agreement_acyclic();

CREATE FUNCTION deals_same_partner() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    differs boolean;
    column_name text := TG_ARGV[1];
    other text := TG_ARGV[2];
BEGIN
    EXECUTE format(
        'SELECT EXISTS (SELECT FROM %I t JOIN %I o ON o.id = t.%I '
        'WHERE t.id = $1 AND t.partner_id <> o.partner_id)', TG_TABLE_NAME, other, column_name)
        INTO differs USING NEW.id;
    IF differs THEN
        PERFORM partners_refuse(TG_ARGV[0], 'it belongs to another partner');
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION deals_covered_is_of_partner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM deals_agreement_cooperations t
               JOIN deals_agreement a ON a.id = t.agreement_id
               JOIN partners_cooperation c ON c.id = t.cooperation_id
               WHERE t.id = NEW.id AND a.partner_id <> c.partner_id) THEN
        PERFORM partners_refuse('agreement_covers_its_partner',
            'the cooperation belongs to another partner');
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER agreement_covers_its_partner
    AFTER INSERT OR UPDATE ON deals_agreement_cooperations
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION deals_covered_is_of_partner();

CREATE FUNCTION deals_cooperation_moves_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM deals_deal d WHERE d.cooperation_id = NEW.id
               AND d.partner_id <> (SELECT partner_id FROM partners_cooperation WHERE id = NEW.id))
        OR EXISTS (SELECT FROM deals_agreement_cooperations t
                   JOIN deals_agreement a ON a.id = t.agreement_id
                   WHERE t.cooperation_id = NEW.id AND a.partner_id <>
                   (SELECT partner_id FROM partners_cooperation WHERE id = NEW.id))
    THEN
        PERFORM partners_refuse('cooperation_moves_with_its_deals',
            'a deal or an agreement stays with the old partner');
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER cooperation_moves_with_its_deals AFTER UPDATE OF partner_id
    ON partners_cooperation DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION deals_cooperation_moves_whole();
"""

# table, column, other table: both belong to one partner
TOGETHER = (
    ("deal", "cooperation_id", "partners_cooperation"),
    ("deal", "agreement_id", "deals_agreement"),
    ("deal", "renews_id", "deals_agreement"),
    ("agreement", "parent_id", "deals_agreement"),
    ("agreement", "superseded_by_id", "deals_agreement"),
    ("agreement", "their_signatory_id", "partners_contact"),
)
APPEND_ONLY = ("agreementversion", "dealsnapshot")
CLOSED_ONCE = ("dealstagechange", "agreementstatuschange")


def triggers():
    """One statement per guarded table or column."""
    for table, column, other in TOGETHER:
        name = f"{table}_{column.removesuffix('_id')}_is_of_partner"
        yield (
            f"CREATE CONSTRAINT TRIGGER {name} AFTER INSERT OR UPDATE "
            f"OF partner_id, {column} ON deals_{table} DEFERRABLE INITIALLY DEFERRED "
            f"FOR EACH ROW WHEN (NEW.{column} IS NOT NULL) "
            f"EXECUTE FUNCTION deals_same_partner('{name}', '{column}', '{other}');"
        )
    for table in APPEND_ONLY:
        yield (
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON deals_{table} "
            f"FOR EACH ROW EXECUTE FUNCTION partners_append_only('{table}_append_only');"
        )
    for table in CLOSED_ONCE:
        yield (
            f"CREATE TRIGGER {table}_append_only BEFORE DELETE ON deals_{table} "
            f"FOR EACH ROW EXECUTE FUNCTION partners_append_only('{table}_append_only');"
        )
        yield (
            f"CREATE TRIGGER {table}_closes_once BEFORE UPDATE ON deals_{table} FOR EACH ROW "
            f"EXECUTE FUNCTION partners_close_once('{table}_closes_once', 'exited_at');"
        )


FUNCTIONS = (
    "deals_cooperation_moves_whole()",
    "deals_covered_is_of_partner()",
    "deals_same_partner()",
    "deals_agreement_acyclic()",
    "deals_agreement_is_settled()",
    "deals_line_amount_holds()",
    "deals_deal_amount_holds()",
    "deals_amount_is_sum(bigint)",
    "deals_sourced_to_100()",
    "deals_won_is_signed()",
    "deals_part_is_read_only()",
    "deals_closed_is_read_only()",
    "deals_status_change_follows()",
    "deals_change_follows()",
    "deals_status_change_stands()",
    "deals_agreement_row_stands()",
    "deals_agreement_stands(bigint)",
    "deals_change_stands()",
    "deals_deal_row_stands()",
    "deals_deal_stands(bigint)",
)
DROPPED_TRIGGERS = "".join(
    f"DROP TRIGGER {table}_append_only ON deals_{table};"
    for table in (*APPEND_ONLY, *CLOSED_ONCE)
) + "".join(
    f"DROP TRIGGER {table}_closes_once ON deals_{table};" for table in CLOSED_ONCE
)

# stage, probability, forecast category: seeds, edited as data from now on


class Migration(migrations.Migration):
    dependencies = [
        ("deals", "0001_initial"),
        ("partners", "0002_guards"),
    ]

    operations = [
        migrations.RunSQL(
            "\n".join([STANDING, CHAIN, CLOSED, SUMS, AGREEMENTS, *triggers()]),
            DROPPED_TRIGGERS
            + "\n".join(f"DROP FUNCTION {name} CASCADE;" for name in FUNCTIONS),
        ),
    ]
