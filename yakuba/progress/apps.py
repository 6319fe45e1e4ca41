"""The progress room as a Django application."""

from django.apps import AppConfig


class ProgressConfig(AppConfig):
    name = "yakuba.progress"
    label = "progress"
