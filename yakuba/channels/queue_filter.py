"""The filter of the queue: what its form says, in the address and when it is kept, and what that means."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, time, timedelta
from typing import Any, get_args
from urllib.parse import urlencode

from yakuba import clock
from yakuba.access import Worker
from yakuba.cases import catalogue
from yakuba.cases.events import Channel
from yakuba.cases.queries import IDENTIFIED, PROPOSED, Wanted
from yakuba.channels import casework
from yakuba.channels.acting import Incomplete
from yakuba.channels.answers import clean
from yakuba.channels.errors import BadFilter
from yakuba.words import Text, ui_text, yen

CHANNELS: tuple[str, ...] = get_args(Channel)
NOBODY = "nobody"
"""What the form says for tasks that nobody holds."""
LONGEST = 100
"""Characters of one entry: longer than any name, reference number or date."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The form of the filter as it was filled in; an empty entry asks for nothing.

    >>> Asked.of({"service": "heating", "late": "1", "page": "2"}).query
    'service=heating&late=1'
    """

    service: str = ""
    step: str = ""
    text: str = ""
    mine: str = ""
    late: str = ""
    holder: str = ""
    channel: str = ""
    since: str = ""
    until: str = ""
    least: str = ""
    most: str = ""
    proposed: str = ""
    identified: str = ""

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Asked:
        """From an address or from what was kept; what else is there is left out."""
        return cls(**{one.name: clean(str(said.get(one.name, "")))[:LONGEST] for one in fields(cls)})

    def entries(self) -> dict[str, str]:
        """What is asked for, by field."""
        return {name: said for name, said in asdict(self).items() if said}

    @property
    def query(self) -> str:
        """As it stands in an address."""
        return urlencode(self.entries())

    @property
    def particular(self) -> bool:
        """Whether something is asked for that the page shows only on demand."""
        return any(self.entries().keys() - {"service", "step", "text", "mine", "late"})

    def wanted(self, worker: Worker, now: datetime) -> Wanted:
        """What it means for whoever asks: `mine` is theirs, and of whom they stand in for. Raises BadFilter."""
        read = _Reading(self)
        since, until = read.day("since"), read.day("until")
        if since and until and until < since:
            read.wrong["until"] = ui_text("queue.days_turned")
        meant = Wanted(
            service=self.service,
            step=self.step,
            text=self.text,
            channel=read.one_of("channel", CHANNELS),
            holders=self._holders(worker),
            late_at=now if self.late else None,
            since=since,
            until=until + timedelta(days=1) if until else None,
            least=read.yen("least"),
            most=read.yen("most"),
            proposed=read.one_of("proposed", PROPOSED),
            me=worker.id,
            identified=read.one_of("identified", IDENTIFIED),
        )
        if read.wrong:
            raise BadFilter(read.wrong)
        return meant

    def _holders(self, worker: Worker) -> tuple[str, ...] | None:
        if self.mine:
            return mine(worker)
        if self.holder == NOBODY:
            return ()
        return (self.holder,) if self.holder else None

    def said(self, names: Mapping[str, str], language: str) -> Iterator[tuple[str, str]]:
        """What is asked for in words, (label, value), for the file and the page before a decision. `names`: of staff."""
        words: dict[str, Callable[[str], Text | str]] = {
            "service": catalogue.name_of,
            "step": lambda said: casework.step_name(self.service, said),
            "mine": lambda _: ui_text("yes"),
            "late": lambda _: ui_text("yes"),
            "holder": lambda said: (
                ui_text("queue.held_by_nobody") if said == NOBODY else names.get(said, said)
            ),
            "channel": lambda said: ui_text(f"desk.channel_{said}"),
            "least": lambda said: yen(casework.amount(said, needed=True) or 0, language),
            "most": lambda said: yen(casework.amount(said, needed=True) or 0, language),
            "proposed": lambda said: ui_text(f"queue.proposed_{said}"),
            "identified": lambda said: ui_text(f"queue.identified_{said}"),
        }
        for name, value in self.entries().items():
            meant = words[name](value) if name in words else value
            yield (
                ui_text(f"queue.by_{name}").get(language),
                meant.get(language) if isinstance(meant, Text) else meant,
            )


def mine(worker: Worker) -> tuple[str, ...]:
    """Who holds what is a worker's to do today: they, and whoever they stand in for."""
    return (worker.id, *(one.of for one in worker.delegations))


def reviews(wanted: Wanted) -> Wanted:
    """Of what is wanted, what can be decided."""
    return replace(wanted, verb="review")


class _Reading:
    """Entries that must be dates, yen or one of some words; what cannot be read is collected."""

    def __init__(self, asked: Asked):
        self._asked = asked
        self.wrong: dict[str, Text] = {}

    def day(self, name: str) -> datetime | None:
        """The beginning of a day in Tokyo."""
        said = getattr(self._asked, name)
        try:
            return datetime.combine(clock.parse_date(said), time(), clock.TOKYO) if said else None
        except clock.NotADate as error:
            self.wrong[name] = error.text
            return None

    def yen(self, name: str) -> int | None:
        try:
            return casework.amount(getattr(self._asked, name), needed=False)
        except Incomplete as error:
            self.wrong[name] = error.text
            return None

    def one_of(self, name: str, known: tuple[str, ...]) -> str:
        said: str = getattr(self._asked, name)
        if said and said not in known:
            self.wrong[name] = ui_text("queue.not_a_choice")
        return said
