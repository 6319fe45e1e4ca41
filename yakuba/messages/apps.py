"""The messages room as a Django application."""

from django.apps import AppConfig


class MessagesConfig(AppConfig):
    name = "yakuba.messages"
    label = "messages"

    def ready(self) -> None:
        from yakuba.messages import actions  # noqa: F401  (declares who works `do: letter`)
