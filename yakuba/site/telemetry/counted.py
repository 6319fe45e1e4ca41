"""What each process counts while it serves. Labels are names of ours (a view, an action, a town's code): never what a visitor
typed, so there are few of them and nobody is in them.

Under gunicorn the processes of one site count in files of a common folder (PROMETHEUS_MULTIPROC_DIR, set by the command that
starts it), and whichever is asked gives the sum.
"""

from __future__ import annotations

import os
from collections import Counter as Tally

from django.http import HttpRequest
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from yakuba.access import policy

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

registry = CollectorRegistry()
requests = Counter(
    "yakuba_requests",
    "Requests answered, by view, method and status.",
    ("view", "method", "status"),
    registry=registry,
)
seconds = Histogram(
    "yakuba_request_seconds",
    "How long an answer took, by view.",
    ("view",),
    buckets=SECONDS,
    registry=registry,
)
decisions = Counter(
    "yakuba_policy_decisions",
    "Answers of the policies, by action and outcome.",
    ("action", "outcome"),
    registry=registry,
)
COUNTED = (requests, seconds, decisions)


def method_of(request: HttpRequest) -> str:
    """Its method; of one that somebody made up only that it is another."""
    return request.method if request.method in METHODS else "other"


def answered(view: str, method: str, status: int, took: float) -> None:
    """A request was answered."""
    requests.labels(view, method, str(status)).inc()
    seconds.labels(view).observe(took)
    for (action, allowed), times in Tally(policy.take_decided()).items():
        decisions.labels(action, "allowed" if allowed else "denied").inc(times)


def text() -> bytes:
    """All of it in Prometheus' text format, of all processes of this site."""
    if folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        together = CollectorRegistry()
        MultiProcessCollector(together, path=folder)
        return generate_latest(together)
    return generate_latest(registry)
