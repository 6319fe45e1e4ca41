"""The money room as a Django application."""

from django.apps import AppConfig


class MoneyConfig(AppConfig):
    """Declares who works `do: pay` steps, and how long the accounts are needed."""

    name = "yakuba.money"
    label = "money"

    def ready(self) -> None:
        from yakuba.money import ordering, retention  # noqa: F401
