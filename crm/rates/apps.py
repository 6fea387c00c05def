from django.apps import AppConfig


class RatesConfig(AppConfig):
    name = "crm.rates"
    label = "rates"
