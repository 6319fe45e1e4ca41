"""How long it takes from place to place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import numpy as np
import pytest

from yakuba.field.dispatch.travel import UNREACHABLE, GreatCircle, NoRoads, Place, Server, Tenths

TOKYO, OSAKA = Place(35.681236, 139.767125), Place(34.702485, 135.495951)


@contextmanager
def answering(answer: Any, status: int = 200) -> Iterator[tuple[str, list[str]]]:
    """A routing server that gives one answer, and what it was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            asked.append(self.path + self.rfile.read(length).decode())
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def test_tokyo_to_osaka_is_403_kilometres_as_the_crow_flies() -> None:
    metres = GreatCircle(detour=1, speed=1).matrix([TOKYO, OSAKA])
    assert metres[0, 1] == metres[1, 0] == pytest.approx(403_000, rel=0.005)
    assert metres[0, 0] == 0


def test_a_ferry_is_added_wherever_land_changes_and_none_means_no_way() -> None:
    places = [Place(34, 133), Place(34, 133.1, "A"), Place(34, 133.1, "B"), Place(34, 133.1, "A")]
    dry = GreatCircle().matrix([Place(34, 133), Place(34, 133.1)])[0, 1]
    ways = GreatCircle(ferries={"A": 1000}).matrix(places)
    assert ways[0, 1] == dry + 1000
    assert ways[1, 3] == 0
    assert ways[0, 2] == ways[1, 2] == UNREACHABLE
    assert GreatCircle(ferries={"A": 1000, "B": 500}).matrix(places)[1, 2] == 1500


def test_lengths_of_benchmark_files_are_cut_after_one_decimal() -> None:
    assert Tenths().matrix([Place(0, 0), Place(1, 1)]).tolist() == [[0, 14], [14, 0]]


def test_osrm_is_asked_for_a_table_longitude_first() -> None:
    with answering({"code": "Ok", "durations": [[0, 61.4], [59.6, None]]}) as (url, asked):
        ways = Server("osrm", url).matrix([TOKYO, OSAKA])
    assert asked == ["/table/v1/driving/139.767125,35.681236;135.495951,34.702485"]
    assert ways.tolist() == [[0, 61], [60, UNREACHABLE]]


def test_valhalla_is_asked_for_sources_to_targets() -> None:
    cells = [[{"time": 0}, {"time": 61}], [{"time": None}, {"time": 0}]]
    with answering({"sources_to_targets": cells}) as (url, asked):
        ways = Server("valhalla", url).matrix([TOKYO, OSAKA])
    assert asked[0].startswith("/sources_to_targets{")
    assert ways.tolist() == [[0, 61], [UNREACHABLE, 0]]


@pytest.mark.parametrize(
    ("answer", "status"),
    [({}, 200), ({"durations": [[0]]}, 200), ({"durations": [["x", 1], [1, 0]]}, 200), ({}, 500)],
)
def test_a_routing_server_that_answers_something_else_is_named(answer: Any, status: int) -> None:
    with answering(answer, status) as (url, _), pytest.raises(NoRoads, match=url):
        Server("osrm", url).matrix([TOKYO, OSAKA])


def test_a_routing_server_that_is_not_there_is_named() -> None:
    with pytest.raises(NoRoads, match=r"127\.0\.0\.1:9"):
        Server("osrm", "http://127.0.0.1:9").matrix([TOKYO])


def test_ten_thousand_places_need_four_bytes_a_way() -> None:
    assert GreatCircle().matrix([TOKYO, OSAKA]).dtype == np.int32
