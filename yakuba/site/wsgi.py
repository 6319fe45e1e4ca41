"""The WSGI application."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yakuba.site.settings")
application = get_wsgi_application()


def _get_ready() -> None:
    """Read the pages, the services and the words before the first visitor comes, who would wait for it, and before the
    processes part that share them: no connection to the database may be open then."""
    from django.db import connections
    from django.urls import get_resolver

    from yakuba.cases import catalogue
    from yakuba.site.telemetry import otlp
    from yakuba.words import ui_words

    otlp.begin()
    get_resolver().url_patterns  # noqa: B018  Django imports the views when they are first asked for
    catalogue.current()
    ui_words()
    connections.close_all()
    gc.collect()
    gc.freeze()  # what was read now stays: looking for garbage in it took a twentieth of the processor


_get_ready()
