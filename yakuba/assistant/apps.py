"""The assistant's room as a Django application."""

from django.apps import AppConfig


class AssistantConfig(AppConfig):
    name = "yakuba.assistant"
    label = "assistant"

    def ready(self) -> None:
        from yakuba.assistant import retention  # noqa: F401  (declares what is forgotten of talks)
