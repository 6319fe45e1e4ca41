"""What may be wrong when places are set up or drawn, in words that help on."""

from __future__ import annotations

from datetime import datetime

from yakuba.clock import say_datetime
from yakuba.words import Text, ui_text


class BookingError(Exception):
    """Base: nothing was changed; `text` says why and what to do, in ja / easy / en."""

    def __init__(self, text: Text):
        self.text = text
        super().__init__(text.en)


class NoSuchRound(BookingError):
    """The town has no such round of this service."""

    def __init__(self, code: str):
        super().__init__(ui_text("booking.no_such_round").format(code=code))


class NotClosed(BookingError):
    """People may still ask for its places, so it cannot be drawn."""

    def __init__(self, closes: datetime | None):
        until = Text(
            **{lang: say_datetime(closes, lang) if closes else "－" for lang in ("ja", "easy", "en")}
        )
        super().__init__(ui_text("booking.not_closed").format(until=until))


class NothingToDraw(BookingError):
    """The places of this service are given in the order of asking."""

    def __init__(self) -> None:
        super().__init__(ui_text("booking.nothing_to_draw"))


class NotPlaces(BookingError):
    """The service gives no places out."""

    def __init__(self, service: str):
        super().__init__(ui_text("booking.not_places").format(service=service))


class Unreadable(BookingError):
    """A file of places that cannot be taken in as a whole: says where it is wrong, row by row."""

    def __init__(self, rows: list[str]):
        super().__init__(ui_text("booking.unreadable").format(rows="\n".join(rows)))
