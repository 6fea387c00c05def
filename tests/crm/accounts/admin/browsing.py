"""Browsers of logged-in people and what they send, for the tests of these pages."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from crm.accounts import operations
from crm.accounts.models import ApiToken, Invitation, Team, User
from crm.journal.models import Event

PASSWORD = "a fine long sentence"
NOW = timezone.now()
CONFIRMED = {"_form_submitted": "True"}


def logged_in(person: User) -> Client:
    client = Client()
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


def token_of(owner: User) -> ApiToken:
    return operations.issue_token(
        owner=owner,
        name="ERP",
        scopes=["deals:read"],
        expires_at=NOW + timedelta(days=9),
        by=owner,
        at=NOW,
    )[0]


def everything() -> list[Any]:
    models: list[Any] = [ApiToken, Invitation, Team, Group]
    rows = [list(model.objects.order_by("pk").values()) for model in models]
    columns = [field.attname for field in User._meta.fields]
    columns.remove("last_login")
    people = list(User.objects.order_by("pk").values(*columns))
    roles = sorted(User.groups.through.objects.values_list("user_id", "group_id"))
    return [*rows, people, roles, Event.objects.count()]
