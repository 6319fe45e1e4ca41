"""Metrics, logs and readiness: what a town wants to know, and nothing about people."""

from __future__ import annotations

import json
import logging
import os
import re
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings as chosen
from django.db import OperationalError, connection
from django.db.migrations import Migration
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from tests.cases.conftest import GOOD, apply, small
from tests.conftest import TOWN
from yakuba.site import log_format
from yakuba.site.telemetry import counted, figures, views

__all__ = ["apply", "small"]
ROOT = Path(__file__).parents[2]
PERSONAL = (
    "山田",
    "ヤマダ",
    "1950-01-01",
    "1234567",
    "9990001",
    "taro@example.jp",
    "090-1234-5678",
    "AB12-CD34-EF56",
    "203.0.113.77",
)
"""Names, accounts, addresses, numbers and references that a visitor sends wherever something can be sent."""


@pytest.fixture(autouse=True)
def forget() -> None:
    figures._kept = None


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """Every line that would be written at level DEBUG, as JSON and as plain text."""
    written: list[str] = []
    formatters = [
        log_format.AsJson(),
        log_format.Impersonal("{asctime} {levelname} {name} {message}", style="{"),
    ]

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.extend(one.format(record) for one in formatters)

    kept, root = Kept(), logging.getLogger()
    before = root.level
    root.addHandler(kept)
    root.setLevel(logging.DEBUG)
    yield written
    root.removeHandler(kept)
    root.setLevel(before)


def plant(client: Client) -> None:
    """Send what is personal in every part of a request, to pages that are there and to pages that are not."""
    client.raise_request_exception = False
    dirty = dict(enumerate(PERSONAL))
    everything = quote(" ".join(PERSONAL))
    for path in (f"/{TOWN}/", f"/{TOWN}/status/", f"/{TOWN}/staff/", "/healthz", "/山田/AB12-CD34-EF56"):
        client.get(
            f"{path}?q={everything}", HTTP_USER_AGENT=everything, HTTP_REFERER=f"http://x/{everything}"
        )
        client.post(path, {f"f{n}": text for n, text in dirty.items()}, REMOTE_ADDR="203.0.113.77")
    client.get(f"/{TOWN}/{quote('山田')}/AB12-CD34-EF56/")
    client.get("/", HTTP_HOST="taro@example.jp")
    client.get("/", HTTP_X_REQUEST_ID="090-1234-5678")
    client.post(f"/{TOWN}/status/", "山田=1234567\0", content_type="application/x-www-form-urlencoded")


@pytest.mark.django_db
def test_what_visitors_send_is_found_in_no_line_of_the_log_and_in_no_metric(in_town, lines, monkeypatch):
    def broken(request):
        raise ValueError(f"cannot show {' '.join(PERSONAL)}") from KeyError(GOOD["applicant"]["name"])

    plant(Client())
    monkeypatch.setattr(
        "django.core.handlers.base.BaseHandler._get_response", lambda self, request: broken(request)
    )
    plant(Client())
    monkeypatch.undo()
    for name in ("django.request", "gunicorn.error", "procrastinate.worker"):
        other = logging.getLogger(name)
        other.error(
            "Refused %s for %s",
            "/394262/status/?reference=AB12-CD34-EF56",
            "'山田 太郎'",
            extra={"job": {"id": 7, "task_name": "send"}},
        )
        other.error(f"Invalid header: {PERSONAL[5]!r} of http://x/{TOWN}/taro@example.jp")
    said = "\n".join(lines) + counted.text().decode() + figures.text().decode()
    assert "builtins.ValueError" in said
    assert '"worker":"public"' in said or '"town"' in said
    assert [word for word in PERSONAL if word in said or quote(word) in said] == []


@pytest.mark.django_db
def test_a_line_of_the_log_is_json_with_the_request_the_town_the_page_and_the_kind_of_who_asks(
    in_town, lines
):
    answer = Client().get(f"/{TOWN}/")
    told = [json.loads(line) for line in lines if line.startswith("{") and '"yakuba.request"' in line][-1]
    assert told["request"] == answer["X-Request-ID"]
    assert (told["town"], told["worker"]) == (TOWN, "public")
    assert told["view"]
    assert told["time"].endswith("+09:00")


# -- metrics ---------------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("networks", "token", "sent", "status"),
    [
        ("", "", {}, 403),
        ("", "", {"HTTP_AUTHORIZATION": "Bearer "}, 403),
        ("10.0.0.0/8", "", {}, 403),
        ("10.0.0.0/8", "", {"HTTP_X_FORWARDED_FOR": "10.1.1.1"}, 403),
        ("127.0.0.0/8", "", {}, 200),
        ("", "right", {"HTTP_AUTHORIZATION": "Bearer wrong"}, 403),
        ("", "right", {"HTTP_AUTHORIZATION": "Bearer right"}, 200),
        ("2001:db8::/48", "", {"REMOTE_ADDR": "2001:db8::17"}, 200),
    ],
)
def test_metrics_are_shown_to_the_networks_and_the_token_of_the_settings_alone(
    networks, token, sent, status, settings, in_town
):
    settings.YAKUBA_METRICS_NETWORKS = [ip_network(one) for one in networks.split()]
    settings.YAKUBA_METRICS_TOKEN = token
    answer = Client().get("/metrics", **sent)
    assert answer.status_code == status
    assert (b"yakuba_workers" in answer.content) == (status == 200)


@pytest.mark.django_db
def test_the_metrics_say_what_was_asked_what_waits_and_when_the_logs_were_signed(apply, in_town, settings):
    from yakuba import clock
    from yakuba.cases import verify

    settings.YAKUBA_METRICS_TOKEN = "right"
    apply(worked=False)
    verify.checkpoint(TOWN, as_of=clock.now())
    Client().get(f"/{TOWN}/staff/")
    text = Client().get("/metrics", HTTP_AUTHORIZATION="Bearer right").content.decode()
    told = {
        (one.name, *sorted(one.labels.items())): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }
    assert told["yakuba_tasks_open", ("by", "system"), ("town", TOWN)] >= 1
    assert told["yakuba_checkpoint_age_seconds", ("town", TOWN)] < 600
    assert told["yakuba_jobs", ("queue", "steps"), ("status", "todo")] >= 1
    assert told["yakuba_job_oldest_seconds", ("queue", "steps")] >= 0
    assert any(
        key[0] == "yakuba_requests_total" and dict(key[1:])["status"] in ("302", "403") for key in told
    )
    assert any(key[0] == "yakuba_policy_decisions_total" for key in told)
    assert any(key[0] == "yakuba_request_seconds_bucket" for key in told)


@pytest.mark.django_db
def test_metrics_go_on_where_the_database_does_not_answer_and_say_so(monkeypatch, settings, in_town):
    def away() -> None:
        raise OperationalError("山田")

    settings.YAKUBA_METRICS_TOKEN = "right"
    monkeypatch.setattr(figures, "of_jobs", away)
    monkeypatch.setattr(figures.connection, "close", lambda: None)
    answer = Client().get("/metrics", HTTP_AUTHORIZATION="Bearer right")
    assert answer.status_code == 200
    assert b"yakuba_database_up 0.0" in answer.content
    assert b"yakuba_request" in answer.content


def test_the_page_lists_every_metric_with_its_labels_and_no_other():
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    written = dict(re.findall(r"^\| `(yakuba_\w+)` \| (.*?) \|", page, re.MULTILINE))
    ours = {name: labels for name, (labels, _) in figures.FIGURES.items()}
    for one in counted.COUNTED:
        ours[one._name + ("_total" if one._type == "counter" else "")] = one._labelnames
    assert written == {name: " ".join(f"`{label}`" for label in labels) for name, labels in ours.items()}


# -- ready -----------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_server_is_ready_when_its_database_is_migrated_and_says_no_more_to_strangers(in_town, settings):
    assert Client().get("/readyz").content == b"ready\n"
    asked = Client().get("/readyz?workers")
    assert (asked.status_code, asked.content) == (503, b"not ready\n")
    settings.YAKUBA_METRICS_TOKEN = "right"
    told = Client().get("/readyz?workers", HTTP_AUTHORIZATION="Bearer right").content
    assert b"no worker was heard of" in told
    with connection.cursor() as cursor:
        cursor.execute("insert into procrastinate_workers default values")
    assert Client().get("/readyz?workers").status_code == 200


@pytest.mark.django_db
def test_a_server_whose_database_is_older_than_its_program_is_not_ready(monkeypatch):
    monkeypatch.setattr(views, "_UP_TO_DATE", False)
    monkeypatch.setattr(
        "django.db.migrations.executor.MigrationExecutor.migration_plan",
        lambda *_: [(Migration("one", "access"), False)],
    )
    assert Client().get("/readyz").status_code == 503


# -- several processes, and a collector ------------------------------------------------------------
class Collector(BaseHTTPRequestHandler):
    """Takes what is sent over OTLP."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.setdefault(self.path, []).append(body)  # type: ignore[attr-defined]
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return None


@pytest.mark.long
def test_two_processes_of_one_site_count_together_and_tell_a_collector_without_anything_personal(
    transactional_db,
):
    collector = HTTPServer(("127.0.0.1", 0), Collector)
    collector.heard = {}  # type: ignore[attr-defined]
    threading.Thread(target=collector.serve_forever, daemon=True).start()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    at = connection.settings_dict
    address = f"postgresql://{at['USER']}:{at['PASSWORD']}@{':' + at['PORT'] if at['PORT'] else ''}/{at['NAME']}?host={at['HOST']}"
    given = {
        "YAKUBA_DB_ADDRESS": address,
        "YAKUBA_METRICS_TOKEN": "right",
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.server_port}",
        "OTEL_METRIC_EXPORT_INTERVAL": "500",
        "OTEL_BSP_SCHEDULE_DELAY": "300",
        "DJANGO_SETTINGS_MODULE": "yakuba.site.settings",
    }
    from yakuba.site.commands import web_server

    server = subprocess.Popen(
        web_server("127.0.0.1", port, 2), env=os.environ | given, stderr=subprocess.DEVNULL
    )
    try:
        folder, sent_so_far, end = (
            chosen.YAKUBA_VAR / "metrics" / f"127-0-0-1-{port}",
            0,
            time.monotonic() + 60,
        )
        while len(list(folder.glob("counter_*.db"))) < 2 and time.monotonic() < end:
            with ThreadPoolExecutor(8) as visitors:  # both processes take part
                answers = visitors.map(lambda _: _get(port, f"/healthz?q={quote('山田')}"), range(16))
                assert {status for status, _ in answers} == {200}
            sent_so_far += 16
        made_up = urllib.request.Request(f"http://127.0.0.1:{port}/healthz", method="YAMADA")
        with suppress(urllib.error.HTTPError):
            urllib.request.urlopen(made_up, timeout=30).close()
        status, text = _get(port, "/metrics", Authorization="Bearer right")
        assert status == 200, text
        pattern = r'yakuba_requests_total\{method="GET",status="200",view="healthz"\} ([\d.]+)'
        (counted_there,) = re.findall(pattern, text)
        assert float(counted_there) == sent_so_far
        assert len(list(folder.glob("counter_*.db"))) == 2
        end = time.monotonic() + 60
        heard = collector.heard  # type: ignore[attr-defined]
        while set(heard) < {"/v1/traces", "/v1/metrics"} and time.monotonic() < end:
            time.sleep(0.1)
        sent = b"".join(b"".join(bodies) for bodies in heard.values())
        assert b"GET healthz" in sent
        assert b"http.server.request.duration" in sent
        assert "山田".encode() not in sent
        assert b"YAMADA" not in sent
        assert "YAMADA" not in text
        assert quote("山田").encode() not in sent
    finally:
        server.terminate()
        server.wait(timeout=60)
        collector.shutdown()


def _get(port: int, path: str, **headers: str) -> tuple[int, str]:
    end = time.monotonic() + 60
    while True:
        try:
            asked = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
            with urllib.request.urlopen(asked, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
