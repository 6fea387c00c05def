"""One row of each kind, for the addresses of the pages."""

import pytest
from django.contrib.auth.models import Group

from crm.accounts import operations
from crm.accounts.models import User
from crm.accounts.roles import Role
from tests import make
from tests.crm.accounts.admin.browsing import NOW, token_of


@pytest.fixture
def numbers() -> dict[str, int]:
    invited = operations.invite_person(
        email="new@example.com", name="New", by=None, at=NOW
    )
    left = make.user(is_active=False)
    User.objects.filter(pk=left.pk).update(deactivated_at=NOW)
    return {
        "left": left.pk,
        "lawyer": make.user(Role.LEGAL).pk,
        "invitee": invited.person_id,
        "user": make.user().pk,
        "team": make.team().pk,
        "role": Group.objects.get(name=Role.LEGAL).pk,
        "invitation": invited.pk,
        "token": token_of(make.user()).pk,
    }
