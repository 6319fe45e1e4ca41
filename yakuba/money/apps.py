"""The money room as a Django application."""

from django.apps import AppConfig


class MoneyConfig(AppConfig):
    """Declares who works the steps with money, and how long accounts are needed."""

    name = "yakuba.money"
    label = "money"

    def ready(self) -> None:
        from yakuba.money import ending, ordering, retention  # noqa: F401
