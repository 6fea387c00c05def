from pathlib import Path

from django.apps import AppConfig
from django.conf import settings
from django.contrib.admin import apps as admin_apps


class WebConfig(AppConfig):
    name = "crm.web"
    label = "web"
    default = True

    def ready(self) -> None:
        Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


class SiteConfig(admin_apps.AdminConfig):
    """Django's admin with the product's own site object."""

    default = False
    default_site = "crm.web.site.Site"
