"""The workbench as a Django application."""

from django.apps import AppConfig


class WorkbenchConfig(AppConfig):
    name = "yakuba.workbench"
    label = "workbench"

    def ready(self) -> None:
        from yakuba.cases import catalogue
        from yakuba.workbench import queries

        catalogue.lies_over(queries.edition, queries.newest)
