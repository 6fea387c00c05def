"""What somebody would get, computed now and kept nowhere."""

from datetime import datetime

from crm.accounts.models import User
from crm.reports import queries
from crm.reports.models import ReportSubscription
from crm.reports.operations import requests, runs
from crm.reports.payloads import Payload
from crm.reports.wanted import Wanted


def preview(
    *, subscription: ReportSubscription, reader: User, at: datetime, period: str = ""
) -> Payload:
    """Return the payload of one subscription for the person who asks.

    It shows what that person may see, whoever the subscription is for.

    :param period: label; empty for the newest that is due.
    :raises PeriodRefusedError: when there is no such period.
    :raises RequestRefusedError: when it is of another rhythm or not over yet.
    """
    label = period or requests.newest_owed(subscription, at=at)
    requests.refuse_unless_over(subscription, label, at)
    return runs.computed_payload(
        wanted=Wanted(
            definition=subscription.definition,
            period=label,
            time_zone=subscription.time_zone,
            currency=subscription.currency or reader.currency,
            language=subscription.language or reader.language,
            visible=queries.visible_set(subscription=subscription, reader=reader),
        ),
        at=at,
    )
