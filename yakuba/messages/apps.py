"""The messages room as a Django application."""

from django.apps import AppConfig


class MessagesConfig(AppConfig):
    name = "yakuba.messages"
    label = "messages"

    def ready(self) -> None:
        # declare who works `do: letter`, and what is forgotten with a case
        from yakuba.messages import actions, retention  # noqa: F401
