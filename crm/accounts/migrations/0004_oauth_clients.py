"""Clients of OAuth2 and the API tokens they act with; apart, as their applications name people."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from crm.accounts import roles
from crm.accounts.roles import Role


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_roles"),
        # the many steps of its own are quick only while few tables know people
        ("oauth2_provider", "0022_refreshtoken_token_family_index"),
        migrations.swappable_dependency(settings.OAUTH2_PROVIDER_APPLICATION_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="OAuthClient",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                (
                    "application",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="client",
                        to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL,
                        verbose_name="application",
                    ),
                ),
                (
                    "token",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="client",
                        to="accounts.apitoken",
                        verbose_name="API token",
                    ),
                ),
            ],
            options={
                "verbose_name": "OAuth2 client",
                "verbose_name_plural": "OAuth2 clients",
            },
        ),
        roles.granting(
            {
                "accounts.oauthclient": {
                    "view": (Role.INTEGRATION, Role.ADMINISTRATOR, Role.AUDITOR),
                },
            }
        ),
    ]
