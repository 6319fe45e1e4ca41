"""The field room as a Django application."""

from django.apps import AppConfig


class FieldConfig(AppConfig):
    name = "yakuba.field"
    label = "field"

    def ready(self) -> None:
        from yakuba.field import jobs  # noqa: F401  (declares who works `observe`)
