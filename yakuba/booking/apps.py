"""The booking room as a Django application."""

from django.apps import AppConfig


class BookingConfig(AppConfig):
    name = "yakuba.booking"
    label = "booking"

    def ready(self) -> None:
        from yakuba.booking import giving  # noqa: F401  (declares who works `allot` and `wait`)
