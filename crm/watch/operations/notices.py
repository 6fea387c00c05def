"""Alerts by mail: who is owed one, and one mail for all that a person is owed."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet

from crm.accounts.models import User
from crm.core import mail
from crm.core.errors import DomainError
from crm.watch.models import Alert, AlertChoice, AlertNotice

MOST_ATTEMPTS = 5
GIVEN_UP_AFTER = timedelta(minutes=15)
"""After so long a notice that is being handed over is in doubt: it is not sent again."""
PAUSE = timedelta(minutes=10)
MOST_IN_A_MAIL = 50


def owe(*, alerts: Sequence[Alert], at: datetime) -> int:
    """Write down who is to hear of these new alerts by mail; return how many notices.

    The owner where the rule mails owners and the person did not choose otherwise, and
    everybody who chose it; who may not see an alert is left out when the mail is made.
    """
    if not alerts:
        return 0
    rules = {alert.rule_id for alert in alerts}
    chosen: dict[int, dict[int, str]] = defaultdict(dict)
    rows = AlertChoice.objects.filter(rule_id__in=rules, person__is_active=True)
    for rule, person, wish in rows.values_list("rule_id", "person_id", "wish"):
        chosen[rule][person] = wish
    owed = [
        AlertNotice(alert=alert, person_id=person, due_at=at)
        for alert in alerts
        for person in _readers(alert, chosen[alert.rule_id])
    ]
    AlertNotice.objects.bulk_create(owed, ignore_conflicts=True, batch_size=1_000)
    return len(owed)


def _readers(alert: Alert, wishes: dict[int, str]) -> set[int]:
    wish = AlertChoice.Wish
    readers = {person for person, wished in wishes.items() if wished == wish.ALL}
    owner = alert.owner_id
    if owner is None:
        return readers
    wished = wishes.get(owner, wish.MINE if alert.rule.mails_owner else wish.NOTHING)
    return readers | {owner} if wished != wish.NOTHING else readers - {owner}


def due_people(*, at: datetime) -> list[int]:
    """Return the people who are owed mails now."""
    rows = AlertNotice.objects.filter(state=AlertNotice.State.DUE, due_at__lte=at)
    return list(rows.order_by("person").values_list("person", flat=True).distinct())


def send_due(*, person_id: int, at: datetime) -> int:
    """Send one mail with everything a person is owed; return how many alerts it told of.

    Notices are marked before the mail is handed over and never sent twice by themselves:
    what was being handed over when a worker died stays listed as such.
    """
    person = User.objects.select_related("team").filter(pk=person_id).first()
    taken = _claim(person, at) if person else []
    if not person or not taken:
        return 0
    content = mail.render(
        "watch/alerts",
        {
            "person": person,
            "alerts": [notice.alert for notice in taken],
            "product": settings.PRODUCT_NAME,
            "address": settings.PUBLIC_URL,
        },
        language=person.language,
        zone=ZoneInfo(person.time_zone),
    )
    ours = AlertNotice.objects.filter(pk__in=[notice.pk for notice in taken])
    try:
        mail.send(mail.build(content, to=person.email, name=person.name))
    except DomainError as refusal:
        _give_back(ours, str(refusal), at)
        return 0
    ours.update(state=AlertNotice.State.SENT, sent_at=at)
    return len(taken)


@transaction.atomic
def _claim(person: User, at: datetime) -> list[AlertNotice]:
    state = AlertNotice.State
    rows = (
        AlertNotice.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(person=person, state=state.DUE, due_at__lte=at)
        .order_by("pk")[:MOST_IN_A_MAIL]
    )
    due = list(rows)
    wanted = set(
        Alert.objects.visible_to(person)
        .standing()
        .filter(pk__in=[notice.alert_id for notice in due])
        .values_list("pk", flat=True)
    )
    is_here = person.is_active
    taken = [n.pk for n in due if is_here and n.alert_id in wanted]
    left = [n.pk for n in due if n.pk not in set(taken)]
    AlertNotice.objects.filter(pk__in=left).update(state=state.SKIPPED)
    AlertNotice.objects.filter(pk__in=taken).update(
        state=state.SENDING, claimed_at=at, attempts=F("attempts") + 1
    )
    return list(
        AlertNotice.objects.filter(pk__in=taken)
        .select_related("alert__rule", "alert__partner", "alert__cooperation")
        .order_by("-alert__rule__letter", "pk")
    )


def _give_back(ours: QuerySet[AlertNotice], problem: str, at: datetime) -> None:
    """Owe them again later; after too many attempts they count as failed."""
    state = AlertNotice.State
    ours.filter(attempts__gte=MOST_ATTEMPTS).update(
        state=state.FAILED, problem=problem[:250]
    )
    ours.filter(attempts__lt=MOST_ATTEMPTS).update(
        state=state.DUE, due_at=at + PAUSE, problem=problem[:250]
    )


def in_doubt(*, at: datetime) -> QuerySet[AlertNotice]:
    """Return notices whose hand-over began long ago and never ended."""
    return AlertNotice.objects.filter(
        state=AlertNotice.State.SENDING, claimed_at__lt=at - GIVEN_UP_AFTER
    )
