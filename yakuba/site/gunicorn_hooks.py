"""What the web server is told (gunicorn reads this module as its configuration): who counts at the door, and where the
processes of one site count together."""

from __future__ import annotations

import os
import re
import shutil
from typing import Any

from yakuba.channels.crowd import pre_request
from yakuba.command_line import var_folder

__all__ = ["on_starting", "pre_request"]


def on_starting(server: Any) -> None:
    """A folder of this site's own for its counters, empty: what was counted before it started is in Prometheus."""
    bound = re.sub(r"\W+", "-", " ".join(server.cfg.bind))
    folder = var_folder() / "metrics" / bound
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
