"""Texts of the ladder as it is delivered, named here so that they are translated.

The rows themselves are data (`migrations/0003_ladder.py`); a text that an administrator
writes is shown as written.
"""

from django.utils.translation import gettext_noop as _

MEANINGS = (
    _("Named partner, a reason to talk"),
    _("Both sides agree the case is real"),
    _("Non-binding intent signed"),
    _("Binding framework signed"),
    _("Time-boxed proof with measured criteria"),
    _("Live workload, billing started"),
    _("More workloads, more spend"),
    _("Ended as planned (transform or exit)"),
    _("Lost or ended early"),
)
CRITERIA = (
    _("Partner profile complete: domain, industry, country"),
    _("At least one contact with a role"),
    _("At least one logged meeting"),
    _("Owner named"),
    _("Next step with a date"),
    _("Business problem written (at least 20 characters)"),
    _("Economic buyer or sponsor on both sides"),
    _("NDA active unless the partnership is public"),
    _("Use case and expected monthly spend estimated"),
    _("Fit score given"),
    _("MoU active and not expired"),
    _("Scope, working group and joint success measures recorded"),
    _("Target date for the definitive agreement"),
    _("Strategic agreement or MSA active"),
    _("DPA or security review passed"),
    _("Steering committee with named sponsors and meeting rhythm"),
    _("Commitment recorded or explicitly none"),
    _("PoC decided: go"),
    _("All mandatory metrics measured and passed"),
    _("Cloud account linked"),
    _("Usage on at least 5 days of the PoC"),
    _("Production plan with date and cost estimate"),
    _("Order form or SOW signed"),
    _("Production environment tagged"),
    _("First day of production-tagged usage"),
    _("Usage on 14 consecutive days, or on 95 % of 21"),
    _("28-day spend at least 1.2 times the production baseline"),
    _("Expansion deal open or won"),
    _("Closing review written"),
    _("Assets and models handed over"),
    _("Reason for the end given"),
    _("Lessons written down"),
    _("Open commitments dealt with"),
)
