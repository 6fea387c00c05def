from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from crm.web import navigation


class JournalConfig(AppConfig):
    name = "crm.journal"
    label = "journal"
    verbose_name = _("Journal")

    def ready(self) -> None:
        navigation.add(
            navigation.Page(
                group=navigation.Group.ADMINISTRATION,
                title=_("Journal"),
                url_name="admin:journal_event_changelist",
                icon="history_edu",
                permission="journal.view_event",
                order=90,
                summary=_("Everything that happened, by whom and when."),
            )
        )
