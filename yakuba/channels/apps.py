"""The channels room as a Django application."""

from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    name = "yakuba.channels"
    label = "channels"

    def ready(self) -> None:
        from yakuba.channels import chat_shelf, retention  # noqa: F401  (declare what is known, and when drafts are removed)
