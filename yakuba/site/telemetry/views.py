"""/metrics and /readyz."""

from __future__ import annotations

import hmac
import ipaddress

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST

from yakuba.access.web import address, open_to_all
from yakuba.site import migrate

_UP_TO_DATE = False
"""Once they are applied, migrations stay applied while this process runs."""


def may_look(request: HttpRequest) -> bool:
    """Whether the metrics are shown to who is asking: from a network of YAKUBA_METRICS_NETWORKS, or with
    YAKUBA_METRICS_TOKEN. With neither set, to nobody."""
    if token := settings.YAKUBA_METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        if hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
            return True
    try:
        here = ipaddress.ip_network(address(request))  # type: ignore[arg-type]
    except ValueError:
        return False
    return any(
        here.version == one.version and here.subnet_of(one)  # type: ignore[arg-type]
        for one in settings.YAKUBA_METRICS_NETWORKS
    )


@open_to_all("it counts and names nobody, and is shown to the networks and the token of the settings alone")
def metrics(request: HttpRequest) -> HttpResponse:
    """For Prometheus."""
    if not may_look(request):
        return HttpResponse("Not for you.\n", content_type="text/plain; charset=utf-8", status=403)
    from yakuba.site.telemetry import counted, figures

    return HttpResponse(counted.text() + figures.text(), content_type=CONTENT_TYPE_LATEST)


@open_to_all("it says only whether this server can answer")
def ready(request: HttpRequest) -> HttpResponse:
    """For a load balancer: whether this process should be sent visitors: its database answers and is migrated. With `?workers`,
    for who watches over the whole: also whether a worker was heard of. What is missing is told to those alone who may see the
    metrics. That no worker is there sends nobody away: what comes in waits, and nothing is lost."""
    missing = list(_missing(workers="workers" in request.GET))
    said = "ready" if not missing else f"not ready{': ' + ', '.join(missing) if may_look(request) else ''}"
    return HttpResponse(f"{said}\n", content_type="text/plain; charset=utf-8", status=503 if missing else 200)


def _missing(*, workers: bool) -> list[str]:
    try:
        if not _up_to_date():
            return ["migrations are not applied (yakuba migrate)"]
        if workers:
            from yakuba.site.telemetry.figures import workers_alive

            return [] if workers_alive() else ["no worker was heard of within a minute (yakuba work)"]
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except DatabaseError:
        connection.close()
        return ["the database does not answer"]
    return []


def _up_to_date() -> bool:
    global _UP_TO_DATE
    if not _UP_TO_DATE:
        _UP_TO_DATE = not migrate.waiting(connection)
    return _UP_TO_DATE
