"""On the demo's data every page of the admin opens, for everyone who may open it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from http import HTTPStatus

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.accounts.models import User
from crm.demo import operations, people

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(240)]
AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
MOST_QUERIES = 70
"""A net against queries that grow with rows. Home and the page of a cooperation, which looks at
every gate, come nearest; a login of its own is counted in."""
VISITORS = ("anna", "fiona", "audrey")
OPENED = {HTTPStatus.OK, HTTPStatus.FORBIDDEN, HTTPStatus.FOUND, HTTPStatus.NOT_FOUND}


def own_models() -> list[type[models.Model]]:
    return [
        model
        for model in apps.get_models()
        if model.__module__.split(".")[0] in {"crm", "partners", "deals"}
    ]


def addresses() -> Iterator[str]:
    """Every list, and the page of its earliest row."""
    yield reverse("admin:index")
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        earliest = model._default_manager.order_by("pk").first()
        if earliest is not None:
            yield reverse(f"{name}_change", args=[earliest.pk])


def broken_for(person: User) -> dict[str, str]:
    client = Client(raise_request_exception=False)
    client.force_login(person)
    broken = {}
    for address in addresses():
        with CaptureQueriesContext(
            connection,
        ) as asked:
            answer = client.get(address)
        if answer.status_code not in OPENED:
            broken[address] = f"answers {answer.status_code}"
        elif len(asked) > MOST_QUERIES:
            broken[address] = f"asks {len(asked)} queries"
    return broken


def names_that_ask() -> dict[str, str]:
    asking = {}
    for model in own_models():
        row = model._default_manager.order_by("pk").first()
        with CaptureQueriesContext(connection) as asked:
            str(row)
        if asked.captured_queries:
            asking[model.__name__] = asked.captured_queries[0]["sql"]
    return asking


def test_every_page_opens_and_the_name_of_a_row_costs_no_query() -> None:
    assert operations.seed_demo(seed=2026, at=AT, say=lambda _text: None)

    found = {
        person.key: broken_for(User.objects.get(email=person.email))
        for person in people.PEOPLE
        if person.key in VISITORS
    }

    assert found == {key: {} for key in VISITORS}
    assert names_that_ask() == {}
