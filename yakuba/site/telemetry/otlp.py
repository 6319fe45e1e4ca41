"""Traces and metrics to a collector over OTLP, where the standard variables say so (OTEL_EXPORTER_OTLP_ENDPOINT and its
relatives, OpenTelemetry Environment Variable Specification); otherwise nothing is loaded and nothing is sent. Needs the extra
`telemetry`. What is sent is what the metrics have: names of views, codes of towns, never an address or what was typed.
"""

from __future__ import annotations

import logging
import os
from functools import cache
from typing import Any

from django.http import HttpRequest

ADDRESSES = (
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
)
logger = logging.getLogger(__name__)


def is_wanted() -> bool:
    """Whether the environment names a collector."""
    off = os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true"
    return not off and any(os.environ.get(name) for name in ADDRESSES)


@cache
def _instruments() -> tuple[Any, Any] | None:
    """What spans and durations are written with, begun in the process that asks first; None where nothing is to be sent."""
    if not is_wanted():
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.metrics import MeterProvider
        from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        logger.warning(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, but the extra `telemetry` is not installed: nothing is sent"
        )
        return None
    os.environ.setdefault("OTEL_SERVICE_NAME", "yakuba")
    resource = Resource.create()
    traces = TracerProvider(resource=resource)
    traces.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    meters = MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())], resource=resource)
    meter = meters.get_meter("yakuba")
    duration = meter.create_histogram("http.server.request.duration", "s", "How long an answer took.")
    return traces.get_tracer("yakuba"), (duration, meter)


def begin() -> None:
    """Get ready in this process, before the first visitor comes."""
    _instruments()


def answered(request: HttpRequest, view: str, method: str, status: int, at: int, took: float) -> None:
    """A request was answered: one span and one duration. `at`: nanoseconds since 1970."""
    if (made := _instruments()) is None:
        return
    from yakuba.site.log_format import asker

    tracer, (duration, _) = made
    seen: dict[str, Any] = {
        "http.request.method": method,
        "http.route": view,
        "http.response.status_code": status,
    }
    duration.record(took, seen)
    town, kind = getattr(request, "town", ""), asker(request)
    span = tracer.start_span(f"{method} {view}", start_time=at)
    span.set_attributes(
        {**seen, **({"yakuba.town": town} if town else {}), **({"yakuba.worker": kind} if kind else {})}
    )
    span.end(end_time=at + int(took * 1e9))


def tell_figures() -> None:
    """Send what the database knows, too: of a worker, so that not each web process sends the same."""
    if (made := _instruments()) is None:
        return
    from opentelemetry.metrics import CallbackOptions, Observation

    from yakuba.site.telemetry.figures import FIGURES, figures

    def observer(name: str, labels: tuple[str, ...]) -> Any:
        def observe(_: CallbackOptions) -> list[Any]:
            found = (one for one in figures() if one.name == name)
            return [Observation(one.value, dict(zip(labels, one.labels, strict=True))) for one in found]

        return observe

    for name, (labels, told) in FIGURES.items():
        made[1][1].create_observable_gauge(name, [observer(name, labels)], description=told)
