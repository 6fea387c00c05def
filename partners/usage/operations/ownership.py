"""Who owns the usage of an account on which days: derived from the assignments.

A rule for a tag value goes before one for the sub-account, and that before one for the
billing account. What comes out is stored per account and tag bucket, without overlap,
so that a screen joins one small table.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from django.db.backends.postgresql.psycopg_any import DateRange

from partners.usage.models import AccountAssignment, AccountOwnership, CloudAccount

Span = tuple[date | None, date | None]
"""First day and the day after the last; None where there is no bound."""


def inherit(*, account_ids: Sequence[int]) -> None:
    """Give newly found sub-accounts the partner of their billing account."""
    derive(accounts=CloudAccount.objects.filter(pk__in=account_ids))


def derive(*, accounts: Iterable[CloudAccount]) -> None:
    """Write the ownership of some accounts anew from the assignments; four queries."""
    wanted = list(accounts)
    own, payers = _rules_of(wanted), _rules_of_payers(wanted)
    AccountOwnership.objects.filter(account__in=wanted).delete()
    AccountOwnership.objects.bulk_create(
        owned
        for account in wanted
        for owned in _ownership(
            account,
            own=own.get(account.pk, []),
            payer=payers.get(_payer(account), []) if account.sub_account_id else [],
        )
    )


def _ownership(
    account: CloudAccount,
    *,
    own: Sequence[AccountAssignment],
    payer: Sequence[AccountAssignment],
) -> Iterator[AccountOwnership]:
    for bucket in sorted({_bucket(rule) for rule in [*own, *payer]} | {""}):
        for span, partner_id in _spans(bucket, own=own, payer=payer):
            yield AccountOwnership(
                account=account,
                tag_bucket=bucket,
                partner_id=partner_id,
                during=DateRange(*span),
            )


Payer = tuple[int, str, str]
"""Source, provider and billing account."""


def _payer(account: CloudAccount) -> Payer:
    return account.source_id, account.provider, account.billing_account_id


def _rules_of(
    accounts: Sequence[CloudAccount],
) -> dict[int, list[AccountAssignment]]:
    found: dict[int, list[AccountAssignment]] = {}
    for rule in AccountAssignment.objects.filter(account__in=accounts).order_by("pk"):
        found.setdefault(rule.account_id, []).append(rule)
    return found


def _rules_of_payers(
    accounts: Sequence[CloudAccount],
) -> dict[Payer, list[AccountAssignment]]:
    """Return the rules of the billing accounts above some sub-accounts."""
    subs = [account for account in accounts if account.sub_account_id]
    rules = AccountAssignment.objects.filter(
        account__source_id__in={one.source_id for one in subs},
        account__billing_account_id__in={one.billing_account_id for one in subs},
        account__sub_account_id="",
    )
    found: dict[Payer, list[AccountAssignment]] = {}
    for rule in rules.select_related("account").order_by("pk"):
        found.setdefault(_payer(rule.account), []).append(rule)
    return found


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
