"""Who owns the usage of an account on which days: derived from the assignments.

A rule for a tag value goes before one for the sub-account, and that before one for the
billing account. What comes out is stored per account and tag bucket, without overlap,
so that a screen joins one small table.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q

from partners.usage.models import AccountAssignment, AccountOwnership, CloudAccount

Span = tuple[date | None, date | None]
"""First day and the day after the last; None where there is no bound."""


def inherit(*, account_ids: Sequence[int]) -> None:
    """Give newly found sub-accounts the partner of their billing account."""
    derive(accounts=CloudAccount.objects.filter(pk__in=account_ids))


def derive(*, accounts: Iterable[CloudAccount]) -> None:
    """Write the ownership of some accounts anew from the assignments."""
    for account in accounts:
        payer = _payer_rules(account)
        own = list(AccountAssignment.objects.filter(account=account))
        rules = own if account.sub_account_id == "" else [*own, *payer]
        buckets = {_bucket(rule) for rule in rules} | {""}
        AccountOwnership.objects.filter(account=account).delete()
        AccountOwnership.objects.bulk_create(
            AccountOwnership(
                account=account,
                tag_bucket=bucket,
                partner_id=partner_id,
                during=DateRange(*span),
            )
            for bucket in sorted(buckets)
            for span, partner_id in _spans(bucket, own=own, payer=payer)
        )


def _payer_rules(account: CloudAccount) -> list[AccountAssignment]:
    if account.sub_account_id == "":
        return []
    return list(
        AccountAssignment.objects.filter(
            Q(account__source_id=account.source_id)
            & Q(account__provider=account.provider)
            & Q(account__billing_account_id=account.billing_account_id)
            & Q(account__sub_account_id="")
        )
    )


def _bucket(rule: AccountAssignment) -> str:
    return f"{rule.tag_key}={rule.tag_value}"[:400] if rule.tag_key else ""


def _spans(
    bucket: str,
    *,
    own: Sequence[AccountAssignment],
    payer: Sequence[AccountAssignment],
) -> list[tuple[Span, int]]:
    """Return who owns a bucket when: nearer rules first, the farther fill the gaps."""
    layers = [
        [rule for rule in own if bucket and _bucket(rule) == bucket],
        [rule for rule in payer if bucket and _bucket(rule) == bucket],
        [rule for rule in own if _bucket(rule) == ""],
        [rule for rule in payer if _bucket(rule) == ""],
    ]
    taken: list[tuple[Span, int]] = []
    for layer in layers:
        free: list[tuple[Span, int]] = []
        for rule in layer:
            pieces = [(rule.during.lower, rule.during.upper)]
            for span, _partner in taken:
                pieces = [rest for piece in pieces for rest in without(piece, span)]
            free += [(piece, rule.partner_id) for piece in pieces]
        taken += free
    return sorted(taken, key=lambda one: one[0][0] or date.min)


def without(piece: Span, hole: Span) -> list[Span]:
    """Return what is left of a span of days outside another one."""
    start, end = piece[0] or date.min, piece[1] or date.max
    cut, uncut = hole[0] or date.min, hole[1] or date.max
    if uncut <= start or end <= cut:
        return [piece]
    left = []
    if start < cut:
        left.append((piece[0], hole[0]))
    if uncut < end:
        left.append((hole[1], piece[1]))
    return left
