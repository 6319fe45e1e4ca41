"""The channels room as a Django application."""

from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    name = "yakuba.channels"
    label = "channels"
