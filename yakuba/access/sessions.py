"""Sessions in the database, bound to one town (`SESSION_ENGINE = "yakuba.access.sessions"`).

Row-level security hides a session from every other town; its key is stored as a digest, so that a stolen
backup opens nothing. One query loads it, and one more who it belongs to, if it is anybody's (of staff with whom they stand in for today).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import connection

from yakuba import clock
from yakuba.access.situation import Seen
from yakuba.access.towns import current_town
from yakuba.access.worker import PUBLIC, Worker, knows

if TYPE_CHECKING:
    from uuid import UUID

    from yakuba.access.models import Session, Staff

#: Idle and absolute life of a session, by who it belongs to. A public one holds a form not yet sent, and
#: must outlast 20 hours (WCAG 2.2, success criterion 2.2.1, exception "20 Hour"). Away: staff outside of the hall's networks.
LIVES = {
    "staff": (timedelta(minutes=30), timedelta(hours=12)),
    "away": (timedelta(minutes=15), timedelta(hours=4)),
    "resident": (timedelta(minutes=30), timedelta(hours=12)),
    "reference": (timedelta(minutes=15), timedelta(hours=1)),
    "public": (timedelta(hours=24), timedelta(days=7)),
}
#: A session in use is written at most this often.
TOUCH = timedelta(seconds=60)


_COLUMNS = ("session_key", "session_data", "expire_date", "town", "staff_id", "resident_id")
#: Every request asks this: as written SQL it takes a fifth of the time that putting it together would.
_BY_KEY = f"select {', '.join(_COLUMNS)} from access_session where session_key = %s and expire_date > %s"


class SessionStore(DatabaseStore):
    """A Django session with a town, an owner and two ages."""

    model: type[Session]
    #: The stored session with its owner, once it was read.
    row: Session | None = None

    @classmethod
    def get_model_class(cls):
        from yakuba.access.models import Session

        return Session

    def worker(self, seen: Seen) -> Worker:
        """Who this browser is, with today's roles, and from where it asks. Anything doubtful is a visitor: also a session that
        was begun inside of the hall and is shown from outside. Counts as a use."""
        reference = self.get("reference")
        if self.row is None:
            return PUBLIC(current_town())
        self._touch()
        if self.row.staff_id and (found := self._staff(self.row.staff_id, seen)):
            self.row.staff, worker = found
            if self.row.staff.is_active and (worker.where.inside or self.get("away")):
                return worker
        if self.row.resident:
            return self.row.resident.worker()
        if reference:
            return knows(reference, current_town())
        return PUBLIC(current_town())

    def _staff(self, staff_id: UUID, seen: Seen) -> tuple[Staff, Worker] | None:
        from yakuba.access import queries

        return queries.signed_in(staff_id, seen, self.proven, as_of=clock.now())

    @property
    def proven(self) -> datetime | None:
        """When staff showed both factors last (aware)."""
        seconds = self.get("proven")
        return datetime.fromtimestamp(seconds, clock.TOKYO) if seconds else None

    def prove(self) -> None:
        """Both factors were shown just now; the session goes on under a new key."""
        self["proven"] = int(clock.now().timestamp())
        self.cycle_key()

    def _touch(self) -> None:
        now = int(clock.now().timestamp())
        if now - self.get("seen", 0) > TOUCH.total_seconds():
            self["seen"] = now

    def begin(self, *, keep: Sequence[str] = (), **owner: str) -> None:
        """A new session under a new key, for `staff`, `resident` or `reference`; of the old session only the
        entries named in `keep` remain."""
        kept = {name: self[name] for name in keep if name in self}
        self.flush()
        self.row = None
        now = int(clock.now().timestamp())
        proven = {"proven": now} if "staff" in owner else {}
        self.update({**kept, **owner, **proven, "began": now, "seen": now})

    def begin_staff(self, staff: Staff, seen: Seen) -> None:
        """A new session of somebody who has just shown both factors; `away` where they are not inside of the hall."""
        self.begin(staff=str(staff.id))
        found = self._staff(staff.id, seen)
        if found and not found[1].where.inside:
            self["away"] = True

    def get_expiry_age(self, **_: Any) -> int:
        """Seconds until the session ends if nobody uses it; never beyond its absolute life."""
        idle, absolute = LIVES[self.owner()]
        now = int(clock.now().timestamp())
        left = self.setdefault("began", now) + int(absolute.total_seconds()) - now
        return max(0, min(int(idle.total_seconds()), left))

    def get_expiry_date(self, **_: Any):
        """When the session ends if nobody uses it."""
        return clock.now() + timedelta(seconds=self.get_expiry_age())

    def owner(self) -> str:
        """away, staff, resident, reference or public."""
        return next((kind for kind in ("away", "staff", "resident", "reference") if self.get(kind)), "public")

    def _get_session_from_db(self):
        with connection.cursor() as cursor:
            cursor.execute(_BY_KEY, [_stored(self.session_key), clock.now()])
            found = cursor.fetchone()
        self.row = self.model.from_db("default", _COLUMNS, found) if found else None
        if self.row is None:
            self._session_key = None
        return self.row

    def exists(self, session_key: str) -> bool:
        return self.model.objects.filter(session_key=_stored(session_key)).exists()

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            self.model.objects.filter(session_key=_stored(key)).delete()

    def create_model_instance(self, data: dict[str, Any]):
        expires = self.get_expiry_date()
        return self.model(
            town=current_town(),
            session_key=_stored(self._get_or_create_session_key()),  # type: ignore[attr-defined]  # its stubs lack it
            session_data=self.encode(data),
            expire_date=expires,
            staff_id=data.get("staff"),
            resident_id=data.get("resident"),
        )


def _stored(session_key: str | None) -> str:
    return hashlib.sha256((session_key or "").encode()).hexdigest()[:40]
