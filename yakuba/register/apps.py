"""The register room as a Django application."""

from django.apps import AppConfig


class RegisterConfig(AppConfig):
    name = "yakuba.register"
    label = "register"
