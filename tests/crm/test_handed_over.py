"""Hand-over knows everything that a person can own, whichever package keeps it."""

import pytest
from django.apps import apps
from django.utils import timezone

from crm.accounts import handover, operations
from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.journal.models import Event
from tests import make

STAYS = {
    "accounts.apitoken.owner": "ends with the person; a successor issues their own",
    "deals.target.owner": "says what that person was to reach, also afterwards",
}
"""What a leaving person owns and does not hand over, and why."""


def owned() -> set[str]:
    return {
        f"{model._meta.label_lower}.{field.name}"
        for model in apps.get_models()
        if not model.__module__.startswith("tests.")
        for field in model._meta.fields
        if field.name in {"owner", "lead", "our_sponsor"}
        and field.related_model is User
    }


def test_whatever_has_an_owner_is_registered() -> None:
    known = {belonging.key for belonging in handover.belongings()}

    assert owned() - known == set(STAYS)
    assert known <= owned()


@pytest.mark.django_db
def test_a_report_whose_owner_leaves_tells_the_successor() -> None:
    leaver, successor = make.user(Role.EXECUTIVE), make.user(Role.EXECUTIVE)
    report = make.report(leaver)

    operations.hand_over(from_=leaver, to=successor, by=None, at=timezone.now())

    report.refresh_from_db()
    assert (report.owner, report.version) == (successor, 2)
    event = Event.objects.get(kind="report.owner-changed")
    assert (event.old, event.new) == ({"owner": leaver.pk}, {"owner": successor.pk})
