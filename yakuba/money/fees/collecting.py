"""Reading the collecting bank's file: each row finds its slip or is held for a person, and none is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from yakuba.access import SYSTEM, Resource, Worker, require, towns
from yakuba.money.fees import collected, queries
from yakuba.money.fees.charging import alone, receive
from yakuba.money.fees.collected import Line
from yakuba.money.fees.errors import NoSuchRow
from yakuba.money.models import (
    AGAIN,
    ENDED,
    MATCHED,
    REFUNDED,
    SLIP,
    TWICE,
    UNKNOWN,
    UNREADABLE,
    WRONG_AMOUNT,
    CollectionFile,
    CollectionRow,
    Received,
    Slip,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of the rows of a file: how many there were, and how many of each result. `again`: the whole file had
    been read before, and nothing was changed."""

    file: int
    rows: int
    results: Mapping[str, int]
    again: bool

    @property
    def matched(self) -> int:
        """Rows that paid their fee."""
        return self.results.get(MATCHED, 0)

    @property
    def before(self) -> int:
        """Rows that an earlier file had told of."""
        return self.results.get(AGAIN, 0)

    @property
    def held(self) -> int:
        """Rows that a person has to look at. With the other two they are all rows."""
        return sum(self.results.values()) - self.matched - self.before


def collect(data: bytes, *, by: Worker, as_of: datetime) -> Reading:
    """Read a file: all of it, or where it is not one nothing. The same content twice is harmless.

    Raises Denied, NotACollection.
    """
    town = towns.current_town()
    require(by, "fee.collect", Resource("Town", town, town))
    read = collected.read(data)
    with transaction.atomic():
        alone()
        before = CollectionFile.objects.filter(sha256=read.sha256).first()
        if before is not None:
            results = Counter(before.lines.values_list("result", flat=True))
            return Reading(before.id, before.rows, results, again=True)
        file = CollectionFile.objects.create(
            town=town,
            sha256=read.sha256,
            content=data,
            rows=len(read.lines),
            read_by=by.id,
            read_at=as_of,
        )
        kept = [_keep(file, line, as_of) for line in read.lines]
    return Reading(file.id, file.rows, Counter(row.result for row in kept), again=False)


def _keep(file: CollectionFile, line: Line, as_of: datetime) -> CollectionRow:
    result, money = _match(line, as_of)
    return CollectionRow.objects.create(
        town=file.town,
        file=file,
        line=line.line,
        raw=line.raw,
        slip=line.slip,
        amount=line.amount,
        on=line.on,
        reference=line.reference,
        result=result,
        received=money,
    )


def _match(line: Line, as_of: datetime) -> tuple[str, Received | None]:
    """What a row is; money for a slip of ours is received whatever is wrong with it. The system does: whoever read the file
    is kept with the file."""
    if line.amount is None or line.on is None or not line.reference:
        return UNREADABLE, None
    told = CollectionRow.objects.filter(reference=line.reference).exclude(result__in=[AGAIN, UNREADABLE])
    if told.exists():
        return AGAIN, None
    slip = queries.slip(line.slip)
    if slip is None:
        return UNKNOWN, None
    result = _result(slip, line.amount)
    money = receive(
        slip.fee,
        SLIP,
        line.amount,
        on=line.on,
        key=f"slip:{line.reference}",
        by=SYSTEM(slip.town),
        as_of=as_of,
        slip=slip,
    )
    return result, money


def _result(slip: Slip, amount: int) -> str:
    """How a payment of this slip fits what is owed, before it counts."""
    bill = queries.bill(slip.fee.case)
    if bill and bill.due:
        return MATCHED if amount == bill.due else WRONG_AMOUNT
    if bill and bill.refunds:
        return REFUNDED
    return TWICE if bill and bill.target != 0 else ENDED


def explain(row_id: int, told: str, *, by: Worker, as_of: datetime) -> CollectionRow:
    """A person has found out about a held row, and says what: it is no longer held, and stays as it was. Raises Denied,
    NoSuchRow."""
    town = towns.current_town()
    require(by, "fee.collect", Resource("Town", town, town))
    with transaction.atomic():
        row = queries.rows_held().select_related(None).select_for_update().filter(id=row_id).first()
        if row is None:
            raise NoSuchRow
        row.told, row.told_by, row.told_at = told, by.id, as_of
        row.save(update_fields=["told", "told_by", "told_at"])
    return row
