"""Cloud accounts: whose they are from when on, and what they serve."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core.errors import DomainError
from crm.journal import operations as journal
from partners.models import Partner
from partners.usage.models import AccountAssignment, CloudAccount, Environment
from partners.usage.operations import ownership, rerolls, rollups
from partners.usage.queries.tags import named_tags


class AssignmentRefusedError(DomainError):
    """An account cannot be assigned as asked."""

    code = "usage.assignment-refused"


@transaction.atomic
def assign_account(
    *,
    account: CloudAccount,
    partner: Partner,
    since: date | None,
    by: User,
    at: datetime,
    until: date | None = None,
    tag: tuple[str, str] = ("", ""),
) -> AccountAssignment:
    """Give an account, or one tag value in it, to a partner from a day on.

    Whoever had it before keeps the days before; what lay ahead gives way. History
    changes from that day on, and only that.

    :param since: first charge day (UTC); None is from the beginning.
    :param until: day after the last one; None is open.
    :param tag: key and value of a tag that tells the rows, blanks included; else all.
    :raises AssignmentRefusedError: when the days are empty.
    """
    tag_key, tag_value = (word if word.strip() else "" for word in tag)
    if since is not None and until is not None and until <= since:
        raise AssignmentRefusedError(_("The last day lies before the first."))
    if bool(tag_key) != bool(tag_value):
        raise AssignmentRefusedError(_("A tag needs a key and a value."))
    _lock(account)
    is_new_tag = _is_new_tag(account, tag_key, tag_value)
    old = _make_room(account, tag_key, tag_value, since=since, until=until)
    made = AccountAssignment.objects.create(
        account=account,
        tag_key=tag_key,
        tag_value=tag_value,
        partner=partner,
        during=DateRange(since, until),
        assigned_by=by,
        assigned_at=at,
    )
    _restate(account)
    _record(made, {partner.pk, *old}, by=by, at=at, needs_reroll=is_new_tag)
    return made


@transaction.atomic
def end_assignment(
    *, assignment: AccountAssignment, on: date | None, by: User, at: datetime
) -> None:
    """End an assignment before a day, or take it away wholly with None.

    :raises AssignmentRefusedError: when the day lies outside its days.
    """
    _lock(assignment.account)
    locked = AccountAssignment.objects.select_for_update().get(pk=assignment.pk)
    old = {"during": str(locked.during)}
    if on is None or (locked.during.lower is not None and on <= locked.during.lower):
        if on is not None:
            raise AssignmentRefusedError(_("The day lies before its first day."))
        locked.delete()
    else:
        locked.during = DateRange(locked.during.lower, on)
        locked.save(update_fields=["during"])
    _restate(assignment.account)
    journal.record(
        kind="usage.account-unassigned",
        subject=assignment.account,
        by=by,
        at=at,
        partner_id=assignment.partner_id,
        old=old,
        new={"until": None if on is None else on.isoformat()},
    )


@transaction.atomic
def set_environment(
    *, account: CloudAccount, environment: Environment, by: User, at: datetime
) -> CloudAccount:
    """Say what an account serves; rows whose tags say otherwise keep what they say."""
    locked = CloudAccount.objects.select_for_update().get(pk=account.pk)
    old = locked.environment
    locked.environment = environment
    locked.save(update_fields=["environment"])
    journal.record(
        kind="usage.account-environment-set",
        subject=locked,
        by=by,
        at=at,
        old={"environment": old},
        new={"environment": environment.value},
    )
    return locked


def _is_new_tag(account: CloudAccount, key: str, value: str) -> bool:
    """Tell whether the rollups of the source have to be made anew to tell a tag apart."""
    named = named_tags(account.source_id)
    return bool(key) and not rollups.is_told_apart(named, key, value)


def _lock(account: CloudAccount) -> None:
    """Serialise changes of the assignments of a billing account and its sub-accounts."""
    list(
        CloudAccount.objects.select_for_update()
        .filter(
            source_id=account.source_id,
            provider=account.provider,
            billing_account_id=account.billing_account_id,
        )
        .order_by("pk")
    )


def _make_room(
    account: CloudAccount,
    tag_key: str,
    tag_value: str,
    *,
    since: date | None,
    until: date | None,
) -> list[int]:
    """Cut the assignments that overlap; return the partners that lose days."""
    overlapping = AccountAssignment.objects.filter(
        account=account,
        tag_key=tag_key,
        tag_value=tag_value,
        during__overlap=DateRange(since, until),
    )
    losers = []
    for old in overlapping:
        rest = ownership.without((old.during.lower, old.during.upper), (since, until))
        losers.append(old.partner_id)
        old.delete()
        for low, high in rest:
            AccountAssignment.objects.create(
                account=account,
                tag_key=tag_key,
                tag_value=tag_value,
                partner_id=old.partner_id,
                during=DateRange(low, high),
                assigned_by_id=old.assigned_by_id,
                assigned_at=old.assigned_at,
            )
    return losers


def _restate(account: CloudAccount) -> None:
    """Derive ownership and monthly rows of the accounts that a rule bears on."""
    touched = CloudAccount.objects.filter(pk=account.pk)
    if account.sub_account_id == "":
        touched = CloudAccount.objects.filter(
            source_id=account.source_id,
            provider=account.provider,
            billing_account_id=account.billing_account_id,
        )
    accounts = list(touched.order_by("pk"))
    ownership.derive(accounts=accounts)
    ids = [one.pk for one in accounts]
    rollups.derive_months(
        source_id=account.source_id,
        billing_months=_months_of(ids),
        account_ids=ids,
    )


def _months_of(account_ids: Sequence[int]) -> list[date]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT billing_month FROM usage_dailyusage "
            "WHERE account_id = ANY(%s)",
            [list(account_ids)],
        )
        return [row[0] for row in cursor.fetchall()]


def _record(
    made: AccountAssignment,
    partner_ids: set[int],
    *,
    by: User,
    at: datetime,
    needs_reroll: bool,
) -> None:
    """Write down the change for each partner; have a new tag rolled up by a worker."""
    if needs_reroll:
        rerolls.request_reroll(source=made.account.source, by=by, at=at)
    for partner_id in sorted(partner_ids):
        journal.record(
            kind="usage.account-assigned",
            subject=made.account,
            by=by,
            at=at,
            partner_id=partner_id,
            new={
                "partner": made.partner_id,
                "during": str(made.during),
                "tag": f"{made.tag_key}={made.tag_value}" if made.tag_key else "",
                "needs_reroll": needs_reroll,
            },
        )
