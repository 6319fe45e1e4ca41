"""The cases room as a Django application."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "yakuba.cases"
    label = "cases"

    def ready(self) -> None:
        from yakuba.cases import deciding  # noqa: F401  (declares who works `do: decide`)
