"""How many people stand at the door of this process: when there are too many, who sends something waits outside.

The web server reads this module as its configuration and calls `pre_request` before every request (gunicorn's server
hooks). Without that server nobody stands at the door.
"""

from __future__ import annotations

from typing import Any

MOST = 400
"""Connections with a request that is being answered or waits for a thread: as many as are answered in some seconds."""
LOOK_AGAIN = 5
"""Seconds after which the page that waits asks again when there is hardly anybody."""
ANSWERED = 100
"""Waiting pages a second that come to a process at most; in `bench.web` two processes answered about 180."""


class Door:
    """`here`: connections that are not idle, when the last request began."""

    here: int = 0

    @property
    def too_many(self) -> bool:
        """Whether more stand here than can be let in soon."""
        return self.here > MOST

    @property
    def look_again(self) -> int:
        """Seconds until who waits shall ask again: the more there are the later, or they would fill the door alone."""
        return LOOK_AGAIN + self.here // ANSWERED


door = Door()


def pre_request(worker: Any, request: Any) -> None:
    """Count who stands at the door of this process."""
    door.here = worker.nr_conns - len(worker.keepalived_conns)
