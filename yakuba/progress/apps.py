"""The progress room as a Django application."""

from django.apps import AppConfig


class ProgressConfig(AppConfig):
    name = "yakuba.progress"
    label = "progress"

    def ready(self) -> None:
        from yakuba.progress.brought import projection  # noqa: F401  (declares what it forgets)
