"""What lies ahead: decisions that somebody has to make, and the next 90 days."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from crm.figures import blocks, ladder, links, words
from crm.figures.blocks import Align, Block, Move
from crm.figures.facts import Facts
from crm.figures.frame import DAY
from crm.figures.headline import AGREEMENTS, COMMITMENTS
from crm.figures.sections.renewals import what_follows

HORIZONS = (30, 60, 90)
MOST_ROWS = 120


def decisions(facts: Facts) -> list[Block]:
    """Return what waits for a decision: moves, proofs that are over, notices to give."""
    if not facts.frame.partner_ids:
        return []
    wanted = [*_proposals(facts), *_proofs(facts), *_notices(facts)]
    return [blocks.moves(wanted, title="", empty=_("Nothing waits for a decision."))]


def _proposals(facts: Facts) -> Iterator[Move]:
    for proposal in ladder.open_proposals(facts.frame):
        cooperation = proposal.cooperation
        yield Move(
            title=f"{cooperation.partner.display_name}: {cooperation.title}",
            text=_("%(kind)s: move to %(stage)s?")
            % {"kind": proposal.get_kind_display(), "stage": proposal.to_stage},
            tone="plain",
            evidence=[proposal.words],
            url=links.cooperation(cooperation.pk),
        )


def _proofs(facts: Facts) -> Iterator[Move]:
    for proof in ladder.proofs_ending(facts.frame, until=facts.frame.today):
        cooperation = proof.cooperation
        late = (facts.frame.today - proof.planned_end_on).days
        yield Move(
            title=f"{cooperation.partner.display_name}: {proof.title}",
            text=_("The proof was to end %(days)d days ago: extend it, or decide.")
            % {"days": late},
            tone="bad",
            evidence=[str(cooperation.owner or "")],
            url=links.cooperation(cooperation.pk),
        )


def _notices(facts: Facts) -> Iterator[Move]:
    """Yield agreements to renew or to end whose notice falls due, and nobody acts on."""
    if not facts.frame.may(AGREEMENTS):
        return
    for row in facts.renewals.notices:
        if row.has_renewal or row.agreement.notice_deadline_on is None:
            continue
        deadline = words.day(row.agreement.notice_deadline_on, facts.frame.language)
        yield Move(
            title=f"{row.agreement.partner.display_name}: {row.agreement.title}",
            text=_("Renew it, or give notice by %(day)s.") % {"day": deadline},
            tone="bad",
            evidence=[str(row.agreement.owner or ""), what_follows(row)],
            url=links.page("admin:deals_agreement_change", row.agreement.pk),
        )


@dataclass(frozen=True, slots=True)
class Coming:
    """One thing that is due on a day."""

    on: date
    partner: str
    what: str
    owner: str
    url: str


def next_days(facts: Facts) -> list[Block]:
    """Return what is overdue and what comes within 30, 60 and 90 days."""
    today = facts.frame.today
    coming = sorted(_coming(facts), key=lambda each: (each.on, each.partner, each.what))
    if not coming:
        return []
    columns: list[tuple[str, Align]] = [
        (_("Due"), "right"),
        (_("Within"), "left"),
        (_("Partner"), "left"),
        (_("What"), "left"),
        (_("Owner"), "left"),
    ]
    rows = [
        [
            blocks.day(each.on),
            blocks.text(_within(each.on, today)),
            blocks.text(each.partner, url=each.url),
            blocks.text(each.what),
            blocks.text(each.owner),
        ]
        for each in coming[:MOST_ROWS]
    ]
    return [
        blocks.table(
            columns,
            rows,
            title="",
            total_count=len(coming),
            empty=_("Nothing is due."),
        )
    ]


def _within(on: date, today: date) -> str:
    if on < today:
        return _("overdue for %(days)d days") % {"days": (today - on).days}
    horizon = next((days for days in HORIZONS if on < today + days * DAY), HORIZONS[-1])
    return _("%(days)d days") % {"days": horizon}


def _coming(facts: Facts) -> Iterator[Coming]:
    frame = facts.frame
    until = frame.today + HORIZONS[-1] * DAY
    for cooperation in ladder.steps_until(frame, until=until):
        if cooperation.next_step_due_on is not None:
            yield Coming(
                on=cooperation.next_step_due_on,
                partner=cooperation.partner.display_name,
                what=cooperation.next_step,
                owner=str(cooperation.owner or ""),
                url=links.cooperation(cooperation.pk),
            )
    for proof in ladder.proofs_ending(frame, until=until):
        yield Coming(
            on=proof.planned_end_on,
            partner=proof.cooperation.partner.display_name,
            what=_("Proof ends: %(title)s") % {"title": proof.title},
            owner=str(proof.cooperation.owner or ""),
            url=links.cooperation(proof.cooperation_id),
        )
    yield from _stage_targets(facts, until)
    yield from _endings(facts, until)
    yield from _milestones(facts, until)


def _endings(facts: Facts, until: date) -> Iterator[Coming]:
    if not facts.frame.may(AGREEMENTS):
        return
    for row in facts.renewals.rows:
        agreement = row.agreement
        dates = (
            (agreement.expires_on, _("Agreement expires: %(title)s")),
            (
                agreement.notice_deadline_on if not agreement.notice_given_on else None,
                _("Notice deadline: %(title)s"),
            ),
        )
        for on, what in dates:
            if on is not None and facts.frame.today <= on < until:
                yield Coming(
                    on=on,
                    partner=agreement.partner.display_name,
                    what=what % {"title": agreement.title},
                    owner=str(agreement.owner or ""),
                    url=links.page("admin:deals_agreement_change", agreement.pk),
                )


def _milestones(facts: Facts, until: date) -> Iterator[Coming]:
    if not facts.frame.may(COMMITMENTS):
        return
    for row in facts.promises.rows:
        milestone = row.arithmetic.next_milestone
        if milestone is None or not facts.frame.today <= milestone.due_on < until:
            continue
        yield Coming(
            on=milestone.due_on,
            partner=row.commitment.partner.display_name,
            what=_("Milestone of the commitment: %(title)s")
            % {"title": row.commitment.title},
            owner=str(row.commitment.owner or ""),
            url=links.page("admin:deals_commitment_change", row.commitment.pk),
        )


def _stage_targets(facts: Facts, until: date) -> Iterator[Coming]:
    frame = facts.frame
    for cooperation in ladder.stage_targets(frame, until=until):
        dates = (
            (cooperation.target_stage_on, _("Target of the next stage")),
            (cooperation.production_planned_on, _("Production planned")),
        )
        for on, what in dates:
            if on is not None and frame.today <= on < until:
                yield Coming(
                    on=on,
                    partner=cooperation.partner.display_name,
                    what=f"{what}: {cooperation.title}",
                    owner=str(cooperation.owner or ""),
                    url=links.cooperation(cooperation.pk),
                )
