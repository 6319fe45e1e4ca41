"""The access room as a Django application."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "yakuba.access"
    label = "access"
