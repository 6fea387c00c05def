from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from crm.accounts import handover
from crm.web import navigation

PAGES = (
    (_("Webhooks"), "webhookendpoint", "webhook"),
    (_("Webhook deliveries"), "webhookdelivery", "outbox"),
)


class WebhooksConfig(AppConfig):
    name = "crm.webhooks"
    label = "webhooks"
    verbose_name = _("Webhooks")

    def ready(self) -> None:
        handover.register(
            handover.Belonging(
                model="webhooks.WebhookEndpoint",
                field="owner",
                label=_("Webhooks"),
                kind="webhook.owner-changed",
            )
        )
        for order, (title, model, icon) in enumerate(PAGES):
            navigation.add(
                navigation.Page(
                    group=navigation.Group.ADMINISTRATION,
                    title=title,
                    url_name=f"admin:webhooks_{model}_changelist",
                    icon=icon,
                    permission=f"webhooks.view_{model}",
                    order=60 + order,
                    summary=_("What other systems are told, and whether it arrived."),
                )
            )
