"""The channels room as a Django application."""

from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    name = "yakuba.channels"
    label = "channels"

    def ready(self) -> None:
        # declare what is known, when drafts are removed, and who works the steps `do: switch`
        from yakuba.channels import chat_shelf, retention  # noqa: F401
        from yakuba.channels.disaster import switching  # noqa: F401
