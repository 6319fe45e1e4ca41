"""The peer of `bench/web.py`: a bare Django view that inserts one row. No session, no check, no log.

Served by the same gunicorn command as ours, on the same database server (`DATABASE_URL`).
"""

from __future__ import annotations

import os

import django
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path

from yakuba.site import database

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    DATABASES={"default": database.django_settings(os.environ["DATABASE_URL"], role=None)},
    INSTALLED_APPS=[],
    MIDDLEWARE=[],
    ROOT_URLCONF=__name__,
    SECRET_KEY="only-for-the-benchmark",
    TIME_ZONE="Asia/Tokyo",
    USE_TZ=True,
)
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import models  # noqa: E402


class Row(models.Model):  # noqa: DJ008
    """What somebody sent."""

    name = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "bare"
        db_table = "bare_row"


def insert(request: HttpRequest) -> HttpResponse:
    """Insert one row."""
    Row.objects.create(name=request.POST["name"])
    return HttpResponse("ok", headers={"Content-Length": "2"})


urlpatterns = [path("", insert)]
application = get_wsgi_application()
