"""Cloud usage as an application of its own."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UsageConfig(AppConfig):
    name = "partners.usage"
    label = "usage"
    verbose_name = _("Cloud usage")
