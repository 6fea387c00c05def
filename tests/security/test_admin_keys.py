"""Addresses of rows that cannot be: every admin page says so, none breaks."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from crm.accounts.roles import Role
from tests import make

pytestmark = pytest.mark.django_db

IMPOSSIBLE = ("coverage", "1e9", "9" * 30, "²", "-1", "_2F")


@pytest.mark.parametrize("key", IMPOSSIBLE)
def test_a_key_that_cannot_be_leads_back_to_the_list(key: str) -> None:
    client = Client()
    client.force_login(make.user(*Role.values))
    broken = []
    for model in admin.site._registry:
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        for page in ("change", "history", "delete"):
            address = reverse(f"admin:{name}_{page}", args=[key])
            if (status := client.get(address).status_code) not in (302, 403, 404):
                broken.append((address, status))
    assert broken == []
