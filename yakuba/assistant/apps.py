"""The assistant's room as a Django application."""

from django.apps import AppConfig


class AssistantConfig(AppConfig):
    name = "yakuba.assistant"
    label = "assistant"
