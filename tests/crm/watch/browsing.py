"""Browsers of logged-in people, for the tests of these doors."""

from typing import Any

from django.test import Client

from crm.accounts.models import User


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def sent(person: User, address: str, body: dict[str, Any]) -> Any:
    return browser(person).post(address, body, content_type="application/json")
