"""The records room as a Django application."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "yakuba.records"
    label = "records"
