"""The site room as a Django application."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "yakuba.site"
    label = "site"
