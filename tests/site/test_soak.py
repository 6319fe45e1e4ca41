"""Web processes, workers and a backend of the database are killed at random: what came in comes out, and nothing twice."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from tests.server import VAR
from tests.site import soak

SECONDS = 3
"""Of requests and kills; `python -m bench.soak` goes on for as long as one likes."""


@pytest.mark.kill
def test_whatever_is_killed_every_request_becomes_one_case_and_everything_happens_once():
    VAR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=VAR, ignore_cleanup_errors=True) as place:
        came = soak.begin(Path(place) / "var", SECONDS, seed=9)
    assert soak.whole(came) == [], came
    assert came["over the API"] > 0
    assert came["desk"] > 0
    assert min(came["kills"][kind] for kind in soak.KINDS) > 0
