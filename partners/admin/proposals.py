"""Proposals to move: what the evidence says, accepted or dismissed with a reason."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.enums import ActionVariant

from crm.web import dialogs
from crm.web.acting import acting_user
from crm.web.admin import OperationAdmin
from crm.web.dialogs import DialogForm
from crm.web.labels import Tones
from partners import operations
from partners.gates import Verdict
from partners.models import GateCriterion, Proposal
from partners.queries.ladder import label_of

STATES = {"open": "warning", "accepted": "success", "dismissed": "danger"}


class BecauseForm(DialogForm):
    """Why it is decided so."""

    reason = forms.CharField(label=_("reason"), widget=forms.Textarea)


@admin.register(Proposal)
class ProposalAdmin(OperationAdmin[Proposal]):
    """What the product proposes for visible cooperations; nothing moves by itself."""

    list_display = (
        "cooperation",
        "kind",
        "to_stage",
        "words",
        "state_label",
        "proposed_at",
    )
    list_select_related = ("cooperation", "to_stage")
    list_filter = (("state", ChoicesDropdownFilter), ("kind", ChoicesDropdownFilter))
    search_fields = ("cooperation__title", "words")
    ordering = ("-proposed_at", "-pk")
    actions_detail = ("accept", "dismiss")
    fields = (
        "cooperation",
        "kind",
        "to_stage",
        "words",
        "seen",
        "state",
        "proposed_at",
        "decided_by",
        "decided_at",
        "reason",
    )
    readonly_fields = fields

    @display(  # type: ignore[untyped-decorator]  # the theme has no types
        description=_("state"), label=Tones(STATES)
    )
    def state_label(self, proposal: Proposal) -> tuple[str, str]:
        return proposal.state, proposal.get_state_display()

    @display(description=_("evidence"))  # type: ignore[untyped-decorator]  # the theme has no types
    def seen(self, proposal: Proposal) -> str:
        return format_html_join(
            "", "<div>{}: {}</div>", evidence_in_words(proposal.evidence)
        )

    def has_decide_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        proposal = self.row_of(request, obj)
        return (
            proposal is not None
            and proposal.state == Proposal.State.OPEN
            and request.user.has_perm("partners.change_proposal")
        )

    @dialogs.button(
        title=_("Accept"),
        permission="decide",
        form=BecauseForm,
        description=_("It moves through the same gate as every move."),
        icon="check",
        variant=ActionVariant.PRIMARY,
        keeps_refusals=True,
    )
    def accept(self, request: HttpRequest, proposal: Proposal, form: Any) -> str:
        moved = operations.accept_proposal(
            proposal=proposal,
            **form.said,
            by=acting_user(request),
            at=timezone.now(),
        )
        return now("It is in “%(stage)s” now.") % {"stage": moved.stage}

    @dialogs.button(
        title=_("Dismiss"),
        permission="decide",
        form=BecauseForm,
        description=_("The like is not proposed again for two weeks."),
        icon="close",
    )
    def dismiss(self, request: HttpRequest, proposal: Proposal, form: Any) -> str:
        operations.dismiss_proposal(
            proposal=proposal,
            **form.said,
            by=acting_user(request),
            at=timezone.now(),
        )
        return now("Dismissed.")


def evidence_in_words(evidence: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what was looked at and what came out, by the names people know."""
    labels: dict[str, str] = {}
    for criterion in GateCriterion.objects.filter(code__in=list(evidence)):
        labels[criterion.code] = str(criterion)
    verdicts = {str(value): str(label) for value, label in Verdict.choices}
    return [
        (label_of(code, labels), verdicts.get(str(found), str(found)))
        for code, found in evidence.items()
    ]
