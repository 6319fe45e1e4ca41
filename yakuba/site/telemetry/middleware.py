"""Each request, once: a number by which its lines in the log are found together, and how long it took."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from yakuba.site import log_format
from yakuba.site.telemetry import counted, otlp

logger = logging.getLogger("yakuba.request")


class ObservedMiddleware:
    """Outermost: what the others refuse counts too. A visitor's own number is not taken over: anything might stand in it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        number, began, at = uuid.uuid4().hex, time.perf_counter(), time.time_ns()
        token = log_format.serving.set((number, request))
        try:
            response = self.get_response(request)
            took = time.perf_counter() - began
            view, method = log_format.view_of(request), counted.method_of(request)
            counted.answered(view, method, response.status_code, took)
            otlp.answered(request, view, method, response.status_code, at, took)
            if logger.isEnabledFor(logging.INFO):
                logger.info("answered %s in %d ms", response.status_code, took * 1000)
        finally:
            log_format.serving.reset(token)
        response["X-Request-ID"] = number
        return response
