"""The channels room as a Django application."""

from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    name = "yakuba.channels"
    label = "channels"

    def ready(self) -> None:
        from yakuba.channels import retention  # noqa: F401  (declares when drafts are removed)
