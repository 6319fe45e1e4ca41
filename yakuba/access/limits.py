"""Rate limits and lockout, kept in PostgreSQL so that every web process counts the same.

    limits.spend("status", address, most=10, per=timedelta(minutes=10), as_of=now)
    limits.check("sign-in", login, as_of=now) ; limits.fail("sign-in", login, as_of=now) ; limits.clear(...)

Keys (login names, addresses) are stored as keyed digests only.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection
from django.utils.crypto import salted_hmac

#: Wrong tries that cost nothing yet; people mistype.
FREE_FAILURES = 5
FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(hours=1)
#: Failures older than this are forgotten.
MEMORY = timedelta(hours=24)
#: Before the purposes of what is remembered.
REMEMBERED = "known:"


class TooMany(Exception):
    """Tried too often. `until` (aware) is when it may be tried again."""

    def __init__(self, purpose: str, until: datetime):
        self.purpose, self.until = purpose, until
        super().__init__(f"too many tries for {purpose!r}; try again at {until:%H:%M}")

    def seconds(self, as_of: datetime) -> int:
        """How long to wait yet, for `Retry-After` (RFC 9110, section 10.2.3)."""
        return max(1, int((self.until - as_of).total_seconds()))


def spend(purpose: str, key: str, *, most: int, per: timedelta, as_of: datetime) -> None:
    """Count one use. Raises TooMany when more than `most` happened within a window of `per`."""
    spent, since = _count(purpose, key, per, as_of)
    if spent > most:
        raise TooMany(purpose, since + per)


def tally(purpose: str, key: str, *, per: timedelta, as_of: datetime) -> int:
    """Count one more; how many it were within the present window of `per`. Refuses nobody."""
    return _count(purpose, key, per, as_of)[0]


def remember(purpose: str, key: str, *, until: datetime, as_of: datetime) -> None:
    """`is_remembered` says yes for the key until then."""
    _count(REMEMBERED + purpose, key, MEMORY, as_of)
    _set_until(REMEMBERED + purpose, key, until)


def is_remembered(purpose: str, key: str, *, as_of: datetime) -> bool:
    """Whether `remember` was told of the key, and that time is not over."""
    return _until(REMEMBERED + purpose, key, as_of) is not None


def fail(purpose: str, key: str, *, as_of: datetime) -> None:
    """Count one failure; after FREE_FAILURES each further one doubles the wait, up to LONGEST_DELAY."""
    failures, _ = _count(purpose, key, MEMORY, as_of)
    if failures < FREE_FAILURES:
        return
    delay = min(FIRST_DELAY * 2 ** min(failures - FREE_FAILURES, 20), LONGEST_DELAY)
    _set_until(purpose, key, as_of + delay)


def check(purpose: str, key: str, *, as_of: datetime) -> None:
    """Raise TooMany while the wait after too many failures lasts."""
    if until := _until(purpose, key, as_of):
        raise TooMany(purpose, until)


def clear(purpose: str, key: str) -> None:
    """Forget the failures, after a success."""
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from access_limit where purpose = %s and key = %s", [purpose, _digest(purpose, key)]
        )


def locked(*, as_of: datetime) -> dict[str, int]:
    """How many are locked now, by what they try; what is only remembered locks nobody."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select purpose, count(*) from access_limit where until > %s and not starts_with(purpose, %s) group by 1 order by 1",
            [as_of, REMEMBERED],
        )
        return dict(cursor.fetchall())


def forget(*, as_of: datetime) -> int:
    """Remove what no limit needs any more; returns the number of rows. Called once a day."""
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from access_limit where since < %s and (until is null or until < %s)",
            [as_of - MEMORY, as_of],
        )
        return cursor.rowcount


def _until(purpose: str, key: str, as_of: datetime) -> datetime | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select until from access_limit where purpose = %s and key = %s and until > %s",
            [purpose, _digest(purpose, key), as_of],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def _set_until(purpose: str, key: str, until: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "update access_limit set until = %s where purpose = %s and key = %s",
            [until, purpose, _digest(purpose, key)],
        )


def _count(purpose: str, key: str, window: timedelta, as_of: datetime) -> tuple[int, datetime]:
    """Add one to the window's count, beginning a new window when the old one is over."""
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into access_limit as l (town, purpose, key, spent, since)
               values (current_setting('yakuba.town'), %(purpose)s, %(key)s, 1, %(now)s)
               on conflict (town, purpose, key) do update set
                 spent = case when l.since <= %(start)s then 1 else l.spent + 1 end,
                 since = case when l.since <= %(start)s then %(now)s else l.since end
               returning spent, since""",
            {
                "purpose": purpose,
                "key": _digest(purpose, key),
                "now": as_of,
                "start": as_of - window,
            },
        )
        return cursor.fetchone()


def _digest(purpose: str, key: str) -> str:
    return salted_hmac(f"yakuba.access.limits.{purpose}", key, algorithm="sha256").hexdigest()
