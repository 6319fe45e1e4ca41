"""How long the access log is kept: whole links are removed when all of their rows are past that time, and a signed cut says
what was removed, so that the rest can still be proved.

Source: 地方公共団体における情報セキュリティポリシーに関するガイドライン (総務省) 第2編 (ログの取得等: 保存期間は各団体が定める).
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection

from yakuba.access import seals, towns
from yakuba.cases import chain, signing
from yakuba.cases.retention import ARCHIVIST, over_before
from yakuba.clock import Duration, in_tokyo

if TYPE_CHECKING:
    from yakuba.access.models import AccessCut

FORMAT = "yakuba-cut-1"


def rule() -> Duration:
    """How long a row is kept (`YAKUBA_ACCESS_LOG_YEARS`), counted from the fiscal year after it."""
    return Duration.parse(f"{settings.YAKUBA_ACCESS_LOG_YEARS} years")


def cut(town: str, *, as_of: datetime) -> AccessCut | None:
    """Remove the rows of links that were sealed before the keeping time; None when there are none."""
    with towns.inside(town):
        towns.alone_with("access seal")
        before = over_before(rule(), as_of)
        last = seals.last_before(town, before)
        done = max((one.last_event for one in seals.cuts(town)), default=0)
        if last is None or last.last_event <= done:
            return None
        removed = _remove(town, last.last_event)
        said = chain.canonical(
            {
                "format": FORMAT,
                "town": town,
                "at": in_tokyo(as_of).isoformat(),
                "rule": str(rule()),
                "before": before.isoformat(),
                "last_event": last.last_event,
                "hash": last.hash,
                "rows": removed,
            }
        )
        key = signing.signing_key()
        return seals.keep_cut(town, last.last_event, said, key.sign(said), signing.public(key))


def _remove(town: str, last: int) -> int:
    """Only the archivist's role may remove rows."""
    with connection.cursor() as cursor:
        cursor.execute(f"set local role {ARCHIVIST}")
        removed = seals.remove_rows(town, last)
        cursor.execute("reset role")
    return removed
