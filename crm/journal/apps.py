from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "crm.journal"
    label = "journal"
