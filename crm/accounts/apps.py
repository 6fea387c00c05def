from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from crm.accounts import handover


class AccountsConfig(AppConfig):
    name = "crm.accounts"
    label = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        handover.register(
            handover.Belonging(
                model="accounts.Team",
                field="lead",
                label=_("Teams led"),
                kind="team.lead-changed",
            )
        )
