"""The robots room as a Django application."""

from django.apps import AppConfig


class RobotsConfig(AppConfig):
    name = "yakuba.robots"
    label = "robots"
