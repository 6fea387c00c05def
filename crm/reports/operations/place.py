"""The place mails are sent from: a copy or a restored backup sends nothing by itself."""

from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core.errors import DomainError
from crm.journal import operations as journal
from crm.reports.models import ReportDelivery, SendingPlace, State
from crm.reports.models.reasons import Reason

WHERE_AM_I = """
SELECT (pg_control_system()).system_identifier || ':' || oid || ':'
       || (pg_control_checkpoint()).timeline_id
FROM pg_database WHERE datname = current_database()
"""


class PlaceRefusedError(DomainError):
    """Sending is already held, or not held."""

    code = "reports.sending"


def fingerprint() -> str:
    """Return what tells this database from every copy: server, database, timeline.

    A dump that is restored gets another database number, a copied or recovered server
    another identifier or timeline.
    """
    with connection.cursor() as cursor:
        cursor.execute(WHERE_AM_I)
        (found,) = cursor.fetchone()
    return str(found)


@transaction.atomic
def check_place(*, at: datetime) -> bool:
    """Tell whether mails may be sent from here; hold sending in a copy.

    The first database that asks becomes the place.
    """
    here = fingerprint()
    place = SendingPlace.objects.filter(pk=1).first() or _first_place(here, at)
    if place.is_held:
        return False
    if place.fingerprint == here:
        return True
    place = _locked(at)
    place.is_held = True
    place.reason = _("This database is a copy or was restored from a backup.")
    place.changed_at = at
    place.save()
    journal.record(
        kind="report.sending-held", subject=place, by=None, at=at, new={"place": here}
    )
    return False


@transaction.atomic
def hold_sending(*, reason: str, by: User, at: datetime) -> SendingPlace:
    """Stop all report mails until somebody releases them.

    :raises PlaceRefusedError: when they are held already.
    """
    place = _locked(at)
    if place.is_held:
        raise PlaceRefusedError(_("Sending is already held."))
    place.is_held, place.reason, place.changed_at = True, reason, at
    place.save()
    journal.record(
        kind="report.sending-held", subject=place, by=by, at=at, new={"reason": reason}
    )
    return place


@transaction.atomic
def release_sending(*, send_waiting: bool, by: User, at: datetime) -> int:
    """Send from this database from now on; return how many waiting rows were skipped.

    :param send_waiting: send what is due now as well. After a restore the readers may
        have it already, so the careful answer is no: then it is skipped, visibly.
    :raises PlaceRefusedError: when sending is not held.
    """
    place = _locked(at)
    if not place.is_held:
        raise PlaceRefusedError(_("Sending is not held."))
    place.is_held, place.reason, place.changed_at = False, "", at
    place.fingerprint = fingerprint()
    place.save()
    skipped = 0
    if not send_waiting:
        waiting = ReportDelivery.objects.filter(state__in=[State.DUE, State.READY])
        skipped = waiting.filter(due_at__lte=at).update(
            state=State.SKIPPED, reason=Reason.RESTORED, owner="", lease_until=None
        )
    journal.record(
        kind="report.sending-released",
        subject=place,
        by=by,
        at=at,
        new={"send_waiting": send_waiting, "skipped": skipped},
    )
    return skipped


def _first_place(here: str, at: datetime) -> SendingPlace:
    place, _made = SendingPlace.objects.get_or_create(
        pk=1, defaults={"fingerprint": here, "changed_at": at}
    )
    return place


def _locked(at: datetime) -> SendingPlace:
    _first_place(fingerprint(), at)
    return SendingPlace.objects.select_for_update().get(pk=1)
