"""The money room as a Django application."""

from django.apps import AppConfig


class MoneyConfig(AppConfig):
    name = "yakuba.money"
    label = "money"
