"""Bring the ladder as delivered: stages, allowed moves, approvers and gates.

Everything here is data from now on; later changes are made as new versions, never here.
"""

from itertools import pairwise

from django.db import migrations
from django.utils.translation import gettext_noop as _

# code, name, meaning, type, expected days, warning days, confirm within, co-sell stage
STAGES = [
    (
        "first_contact",
        _("First contact"),
        _("Named partner, a reason to talk"),
        "open",
        30,
        23,
        None,
        "Prospect",
    ),
    (
        "qualified",
        _("Qualified"),
        _("Both sides agree the case is real"),
        "open",
        45,
        34,
        None,
        "Qualified",
    ),
    (
        "mou",
        _("MoU"),
        _("Non-binding intent signed"),
        "open",
        60,
        45,
        None,
        "Qualified",
    ),
    (
        "strategic_agreement",
        _("Strategic agreement"),
        _("Binding framework signed"),
        "open",
        60,
        45,
        None,
        "Business Validation",
    ),
    (
        "joint_poc",
        _("Joint PoC"),
        _("Time-boxed proof with measured criteria"),
        "open",
        90,
        68,
        None,
        "Technical Validation",
    ),
    (
        "production",
        _("Production"),
        _("Live workload, billing started"),
        "open",
        180,
        135,
        45,
        "Committed → Launched",
    ),
    (
        "expansion",
        _("Expansion"),
        _("More workloads, more spend"),
        "open",
        None,
        None,
        None,
        "Launched",
    ),
    (
        "completed",
        _("Completed"),
        _("Ended as planned (transform or exit)"),
        "completed",
        None,
        None,
        None,
        "",
    ),
    (
        "terminated",
        _("Terminated"),
        _("Lost or ended early"),
        "terminated",
        None,
        None,
        None,
        "Closed Lost",
    ),
]
LADDER = [row[0] for row in STAGES if row[3] == "open"]


def present(*fields, **more):
    return {"fields": list(fields), **more}


def part(kind, **parameters):
    return {"kind": kind, "parameters": parameters}


MOU_ACTIVE = (
    "mou_active",
    _("MoU active and not expired"),
    "agreement",
    {"types": ["mou"]},
)
FRAMEWORK = (
    "framework_agreement_active",
    _("Strategic agreement or MSA active"),
    "agreement",
    {"types": ["strategic", "msa"]},
)
INTENT = [
    MOU_ACTIVE,
    (
        "intent_recorded",
        _("Scope, working group and joint success measures recorded"),
        "field",
        present("scope", "working_group", "success_measures"),
    ),
    (
        "agreement_target_date",
        _("Target date for the definitive agreement"),
        "field",
        present("agreement_target_on"),
    ),
]
CLOSING = [
    (
        "closing_review",
        _("Closing review written"),
        "field",
        present("closing_review"),
    ),
    (
        "assets_handed_over",
        _("Assets and models handed over"),
        "field",
        present("handed_over_on"),
    ),
]
ENDING = [
    (
        "reason_given",
        _("Reason for the end given"),
        "field",
        present("closed_reason"),
    ),
    ("lessons_written", _("Lessons written down"), "field", present("lessons")),
    (
        "commitments_dealt_with",
        _("Open commitments dealt with"),
        "any_of",
        {
            "of": [
                part("commitments_settled"),
                part("field", fields=["commitments_settlement"]),
            ]
        },
    ),
]

# (from, to): role that waives, then the criteria: code, label, kind, parameters
GATES = {
    ("first_contact", "qualified"): (
        "team_lead",
        [
            (
                "profile_complete",
                _("Partner profile complete: domain, industry, country"),
                "field",
                present("partner.domains", "partner.industry", "partner.country"),
            ),
            (
                "contact_with_role",
                _("At least one contact with a role"),
                "contact",
                {"min_count": 1},
            ),
            (
                "meeting_logged",
                _("At least one logged meeting"),
                "activity",
                {"kinds": ["meeting"], "min_count": 1},
            ),
            ("owner_named", _("Owner named"), "field", present("owner")),
            (
                "next_step_dated",
                _("Next step with a date"),
                "field",
                present("next_step", "next_step_due_on"),
            ),
        ],
    ),
    ("qualified", "mou"): (
        "team_lead",
        [
            (
                "business_problem",
                _("Business problem written (at least 20 characters)"),
                "field",
                present("business_problem", min_length=20),
            ),
            (
                "sponsors_on_both_sides",
                _("Economic buyer or sponsor on both sides"),
                "sponsors",
                {"roles": ["economic_buyer", "executive_sponsor"]},
            ),
            (
                "nda_active",
                _("NDA active unless the partnership is public"),
                "any_of",
                {
                    "of": [
                        part(
                            "field_equals",
                            field="partner.confidentiality",
                            value="public",
                        ),
                        part("agreement", types=["nda"]),
                    ]
                },
            ),
            (
                "use_case_and_spend",
                _("Use case and expected monthly spend estimated"),
                "field",
                present("use_case", "expected_monthly_spend"),
            ),
            ("fit_score", _("Fit score given"), "field", present("fit_score")),
        ],
    ),
    ("mou", "strategic_agreement"): ("alliance_director", INTENT),
    ("mou", "joint_poc"): ("executive", [*INTENT, FRAMEWORK]),
    ("strategic_agreement", "joint_poc"): (
        "executive",
        [
            FRAMEWORK,
            (
                "security_passed",
                _("DPA or security review passed"),
                "any_of",
                {
                    "of": [
                        part("field_equals", field="security_review", value="passed"),
                        part("agreement", types=["dpa"]),
                    ]
                },
            ),
            (
                "steering_committee",
                _("Steering committee with named sponsors and meeting rhythm"),
                "all_of",
                {
                    "of": [
                        part("field", fields=["steering_committee", "steering_rhythm"]),
                        part("sponsors", roles=["executive_sponsor"]),
                    ]
                },
            ),
            (
                "commitment_or_none",
                _("Commitment recorded or explicitly none"),
                "any_of",
                {
                    "of": [
                        part("field_equals", field="has_no_commitment", value=True),
                        part("commitment"),
                    ]
                },
            ),
        ],
    ),
    ("joint_poc", "production"): (
        "technical_lead",
        [
            ("poc_go", _("PoC decided: go"), "poc_decision", {"decision": "go"}),
            (
                "poc_metrics_passed",
                _("All mandatory metrics measured and passed"),
                "poc_metrics",
                {},
            ),
            (
                "cloud_account_linked",
                _("Cloud account linked"),
                "cloud_account",
                {"min_count": 1},
            ),
            (
                "usage_in_poc",
                _("Usage on at least 5 days of the PoC"),
                "usage_days",
                {"window": "poc", "min_days": 5},
            ),
            (
                "production_plan",
                _("Production plan with date and cost estimate"),
                "field",
                present("production_plan", "production_planned_on", "production_cost"),
            ),
            (
                "order_signed",
                _("Order form or SOW signed"),
                "agreement",
                {"types": ["order_form", "sow"], "states": ["signed", "active"]},
            ),
            (
                "production_tagged",
                _("Production environment tagged"),
                "cloud_account",
                {"min_count": 1, "environment": "production"},
            ),
            (
                "production_usage",
                _("First day of production-tagged usage"),
                "usage_days",
                {"window": "any", "environment": "production", "min_days": 1},
            ),
            FRAMEWORK,
        ],
    ),
    ("production", "production"): (
        "executive",
        [
            (
                "usage_is_steady",
                _("Usage on 14 consecutive days, or on 95 % of 21"),
                "any_of",
                {
                    "of": [
                        part(
                            "usage_consecutive_days",
                            days=14,
                            environment="production",
                        ),
                        part(
                            "usage_days",
                            window_days=21,
                            min_share="0.95",
                            environment="production",
                        ),
                    ]
                },
            )
        ],
    ),
    ("production", "expansion"): (
        "executive",
        [
            (
                "spend_above_baseline",
                _("28-day spend at least 1.2 times the production baseline"),
                "usage_spend_ratio",
                {"window_days": 28, "min_ratio": "1.2", "baseline_days": 28},
            ),
            (
                "expansion_deal",
                _("Expansion deal open or won"),
                "deal",
                {"types": ["expansion"], "states": ["open", "won"]},
            ),
        ],
    ),
    ("production", "completed"): ("executive", CLOSING),
    ("expansion", "completed"): ("executive", CLOSING),
    **{(stage, "terminated"): ("executive", ENDING) for stage in LADDER},
}
NEVER_WAIVED = {
    ("joint_poc", "production"): {"framework_agreement_active"},
    **{(stage, "terminated"): {"reason_given"} for stage in LADDER},
}
APPROVERS = {
    ("first_contact", "qualified"): ["owner"],
    ("qualified", "mou"): ["team_lead"],
    ("mou", "strategic_agreement"): ["alliance_director"],
    ("mou", "joint_poc"): ["alliance_director"],
    ("strategic_agreement", "joint_poc"): ["executive", "legal"],
    ("joint_poc", "production"): ["technical_lead", "owner"],
    ("production", "expansion"): ["executive"],
    ("production", "completed"): ["executive"],
    ("expansion", "completed"): ["executive"],
    **{(stage, "terminated"): ["executive"] for stage in LADDER},
    **{("terminated", stage): ["executive"] for stage in LADDER},
}
REOPEN_WITHIN_DAYS = 180


def moves():
    """Every allowed step: source, target, kind."""
    for earlier, later in pairwise(LADDER):
        yield earlier, later, "advance"
        yield later, earlier, "regress"
    yield "mou", "joint_poc", "skip"
    yield "production", "production", "confirm"
    yield "production", "completed", "complete"
    yield "expansion", "completed", "complete"
    for stage in LADDER:
        yield stage, "terminated", "terminate"
        yield "terminated", stage, "reopen"


def bring(apps, _schema_editor):
    stage_model = apps.get_model("partners", "StageDefinition")
    rule_model = apps.get_model("partners", "StageTransitionRule")
    criterion_model = apps.get_model("partners", "GateCriterion")
    names = (
        "code",
        "name",
        "meaning",
        "stage_type",
        "expected_days",
        "warning_days",
        "confirm_within_days",
        "co_sell_stage",
    )
    for order, row in enumerate(STAGES, 1):
        stage_model.objects.create(order=order, **dict(zip(names, row, strict=True)))
    for source, target, kind in moves():
        rule = rule_model.objects.create(
            source_id=source,
            target_id=target,
            kind=kind,
            approver_roles=APPROVERS.get((source, target), []),
            needs_reason=kind in {"regress", "terminate", "reopen"},
            within_days=REOPEN_WITHIN_DAYS if kind == "reopen" else None,
        )
        waiver_role, criteria = GATES.get((source, target), ("", []))
        fixed = NEVER_WAIVED.get((source, target), set())
        for order, (code, label, evidence, parameters) in enumerate(criteria, 1):
            criterion_model.objects.create(
                rule=rule,
                code=code,
                label=label,
                kind=evidence,
                parameters=parameters,
                order=order,
                is_waivable=code not in fixed,
                waiver_role=waiver_role,
            )


def take_away(apps, _schema_editor):
    for name in ("GateCriterion", "StageTransitionRule", "StageDefinition"):
        apps.get_model("partners", name).objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("partners", "0002_guards")]

    operations = [migrations.RunPython(bring, take_away)]
