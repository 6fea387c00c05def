"""Which usage of its partner a cooperation counts as its own: adding, ending, removing."""

from collections.abc import Iterator
from datetime import date, datetime

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core.errors import DomainError
from crm.journal import operations as journal
from partners.models import Cooperation, Partner
from partners.usage.models import (
    AccountAssignment,
    AccountOwnership,
    BillingSource,
    CloudAccount,
    CooperationUsage,
    Environment,
)
from partners.usage.operations import rerolls, rollups
from partners.usage.queries.tags import named_tags

DIMENSIONS = ("account_id", "service", "model", "environment", "tag_bucket")


class CooperationUsageRefusedError(DomainError):
    """A rule of usage cannot be kept as asked; the text says which one is in the way."""

    code = "usage.cooperation-rule-refused"


@transaction.atomic
def add_cooperation_rule(
    *,
    cooperation: Cooperation,
    by: User,
    at: datetime,
    since: date | None = None,
    until: date | None = None,
    account: CloudAccount | None = None,
    **part: str,
) -> CooperationUsage:
    """Let a cooperation count a part of its partner's usage as its own.

    :param until: day after the last one; None is open.
    :param part: `service`, `model`, `environment`, `tag_bucket` (`key=value`); what is
        not given is not looked at.
    :raises CooperationUsageRefusedError: when another rule would take the same rows, or
        the rule could take none.
    """
    if since is not None and until is not None and until <= since:
        raise CooperationUsageRefusedError(_("The last day lies before the first."))
    Partner.objects.select_for_update().get(pk=cooperation.partner_id)
    rule = CooperationUsage(
        cooperation=cooperation,
        partner_id=cooperation.partner_id,
        account=account,
        during=DateRange(since, until),
        **{name: text.strip() for name, text in part.items()},
    )
    _refuse_empty_words(rule)
    _refuse_foreign_account(rule)
    _refuse_same_rows(rule)
    _refuse_second_tag(rule)
    anew = _sources_to_roll_up(rule)
    rule.save()
    for source in anew:
        rerolls.request_reroll(source=source, by=by, at=at)
    _record("usage.cooperation-rule-added", rule, by=by, at=at, new=_facts(rule))
    return rule


@transaction.atomic
def end_cooperation_rule(
    *, rule: CooperationUsage, on: date, by: User, at: datetime
) -> CooperationUsage:
    """Let a rule take nothing from a day on; what it took before stays.

    :raises CooperationUsageRefusedError: when it would take nothing at all, or had
        ended before that day.
    """
    locked = CooperationUsage.objects.select_for_update().get(pk=rule.pk)
    first, end = locked.during.lower, locked.during.upper
    if (first is not None and on <= first) or (end is not None and on > end):
        raise CooperationUsageRefusedError(
            _("The day lies outside the days of the rule; remove the rule instead.")
        )
    old = _facts(locked)
    locked.during = DateRange(first, on)
    locked.save(update_fields=["during"])
    _record(
        "usage.cooperation-rule-ended",
        locked,
        by=by,
        at=at,
        old=old,
        new=_facts(locked),
    )
    return locked


@transaction.atomic
def remove_cooperation_rule(*, rule: CooperationUsage, by: User, at: datetime) -> None:
    """Let a cooperation no longer count this part of the usage, as if it never had."""
    locked = CooperationUsage.objects.select_for_update().get(pk=rule.pk)
    _record("usage.cooperation-rule-removed", locked, by=by, at=at, old=_facts(locked))
    locked.delete()


def rules_that_clash(loser: Partner, winner: Partner) -> Iterator[str]:
    """Name the rules of two partners that would take the same row if they were one."""
    rules = CooperationUsage.objects.select_related("cooperation")
    theirs = list(rules.filter(partner=winner).order_by("pk"))
    for one in rules.filter(partner=loser).order_by("pk"):
        for other in theirs:
            if _take_the_same(one, other) or _name_other_tags(one, other):
                yield _(
                    "Cooperations %(one)s and %(other)s would count the same usage;"
                    " remove one of their usage rules first."
                ) % {"one": one.cooperation.code, "other": other.cooperation.code}


def _refuse_empty_words(rule: CooperationUsage) -> None:
    if rule.environment and rule.environment not in Environment.values:
        raise CooperationUsageRefusedError(
            _("There is no environment “%(name)s”.") % {"name": rule.environment}
        )
    key, _sign, value = rule.tag_bucket.partition("=")
    if rule.tag_bucket and not (key and value):
        raise CooperationUsageRefusedError(
            _("A tag is written as key=value, for instance project=cockpit.")
        )


def _refuse_foreign_account(rule: CooperationUsage) -> None:
    """Refuse an account that is the partner's on none of the days."""
    if rule.account is None:
        return
    held = AccountOwnership.objects.filter(
        account=rule.account, partner_id=rule.partner_id, during__overlap=rule.during
    )
    if not held.exists():
        raise CooperationUsageRefusedError(
            _("Account %(account)s belongs to the partner on none of these days.")
            % {"account": rule.account}
        )


def _refuse_same_rows(rule: CooperationUsage) -> None:
    others = CooperationUsage.objects.filter(partner_id=rule.partner_id)
    for other in others.select_related("cooperation").order_by("pk"):
        if _take_the_same(rule, other):
            raise CooperationUsageRefusedError(
                _("Cooperation %(code)s already counts such usage.")
                % {"code": other.cooperation.code}
            )
        if _name_other_tags(rule, other):
            raise CooperationUsageRefusedError(
                _(
                    "Cooperation %(code)s is told by the tag %(tag)s; a row may carry"
                    " both tags, so use the same one."
                )
                % {"code": other.cooperation.code, "tag": _key(other)}
            )


def _refuse_second_tag(rule: CooperationUsage) -> None:
    """Refuse another tag than the one that tells the partner's own rows apart."""
    if not rule.tag_bucket:
        return
    other = (
        AccountAssignment.objects.filter(partner_id=rule.partner_id)
        .exclude(tag_key__in=("", _key(rule)))
        .first()
    )
    if other is not None:
        raise CooperationUsageRefusedError(
            _(
                "Usage is given to this partner by the tag %(tag)s; one row keeps one"
                " tag, so use that one or none."
            )
            % {"tag": other.tag_key}
        )


def _sources_to_roll_up(rule: CooperationUsage) -> list[BillingSource]:
    """Return the sources whose rollups do not tell the tag of a rule apart yet."""
    if not rule.tag_bucket:
        return []
    key, _sign, value = rule.tag_bucket.partition("=")
    sources = BillingSource.objects.filter(
        accounts__ownerships__partner_id=rule.partner_id
    ).distinct()
    return [
        source
        for source in sources.order_by("pk")
        if not rollups.is_told_apart(named_tags(source.pk), key, value)
    ]


def _take_the_same(one: CooperationUsage, other: CooperationUsage) -> bool:
    """Tell whether a row could fall under both rules."""
    for name in DIMENSIONS:
        mine, theirs = getattr(one, name), getattr(other, name)
        if mine and theirs and mine != theirs:
            return False
    return _meet(one, other)


def _name_other_tags(one: CooperationUsage, other: CooperationUsage) -> bool:
    is_tagged = bool(one.tag_bucket and other.tag_bucket)
    return is_tagged and _key(one) != _key(other) and _meet(one, other)


def _key(rule: CooperationUsage) -> str:
    return rule.tag_bucket.partition("=")[0]


def _meet(one: CooperationUsage, other: CooperationUsage) -> bool:
    """Tell whether two rules share a day."""
    starts = max(one.during.lower or date.min, other.during.lower or date.min)
    ends = min(one.during.upper or date.max, other.during.upper or date.max)
    return starts < ends


def _facts(rule: CooperationUsage) -> dict[str, object]:
    """Return what the journal keeps of a rule; empty parts are left out."""
    parts = {name: getattr(rule, name) for name in DIMENSIONS}
    span = {"since": rule.during.lower, "until": rule.during.upper}
    days = {
        name: None if day is None else day.isoformat() for name, day in span.items()
    }
    return {name: value for name, value in {**parts, **days}.items() if value}


def _record(
    kind: str,
    rule: CooperationUsage,
    *,
    by: User,
    at: datetime,
    old: dict[str, object] | None = None,
    new: dict[str, object] | None = None,
) -> None:
    journal.record(
        kind=kind,
        subject=rule.cooperation,
        by=by,
        at=at,
        partner_id=rule.partner_id,
        old=old,
        new=new,
    )
