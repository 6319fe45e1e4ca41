"""What may be wrong when an absence is entered, or a device or network declared, in words that help on."""

from __future__ import annotations

from datetime import date

from yakuba.clock import say_date
from yakuba.words import LANGUAGES, Text, ui_text


class AccessError(ValueError):
    """Base: nothing was done; `text` says why and what to do, in ja / easy / en."""

    def __init__(self, key: str, **values: object):
        self.text = ui_text(key).format(**values)
        super().__init__(self.text.en)


class AbsenceError(AccessError):
    """An absence cannot be entered or ended so."""

    def __init__(self, key: str, **values: object):
        super().__init__(f"absence.{key}", **values)


class NoSuchColleague(AbsenceError):
    """The town has no member of staff of this id who may sign in."""

    def __init__(self) -> None:
        super().__init__("no_such_colleague")


class OwnDeputy(AbsenceError):
    """Nobody is their own deputy."""

    def __init__(self) -> None:
        super().__init__("own_deputy")


class DaysTurned(AbsenceError):
    """The last day is before the first one."""

    def __init__(self) -> None:
        super().__init__("days_turned")


class DaysOver(AbsenceError):
    """The last day is over already."""

    def __init__(self) -> None:
        super().__init__("days_over")


class TooLong(AbsenceError):
    """More days than anybody is away for under one deputy."""

    def __init__(self, most: int):
        super().__init__("too_long", most=most)


class AwayAlready(AbsenceError):
    """On some of the days the person is absent already."""

    def __init__(self, name: str, first: date, last: date):
        super().__init__("away_already", name=name, days=_days(first, last))


class DeputyAway(AbsenceError):
    """On some of the days the deputy is absent too."""

    def __init__(self, name: str, first: date, last: date):
        super().__init__("deputy_away", name=name, days=_days(first, last))


class IsDeputy(AbsenceError):
    """On some of the days the person stands in for somebody else."""

    def __init__(self, name: str, absent: str, first: date, last: date):
        super().__init__("is_deputy", name=name, absent=absent, days=_days(first, last))


class NotInForce(AbsenceError):
    """The absence is over, was ended, or is not there."""

    def __init__(self) -> None:
        super().__init__("not_in_force")


class WrongCode(AccessError):
    """No device waits for this code: it was mistyped, used, revoked, is too old, or is somebody else's."""

    def __init__(self) -> None:
        super().__init__("telework.wrong_code")


class NoSuchDevice(AccessError):
    """The device is not there, or was revoked before."""

    def __init__(self) -> None:
        super().__init__("telework.no_such_device")


class NotANetwork(AccessError):
    """What was given is no network in CIDR notation."""

    def __init__(self, given: str):
        super().__init__("telework.not_a_network", given=given)


class TooWide(AccessError):
    """A network so wide that it is not one's own."""

    def __init__(self, given: str, most: int):
        super().__init__("telework.too_wide", given=given, most=most)


class NotACertificate(AccessError):
    """What was given is no SHA-256 in hexadecimal."""

    def __init__(self) -> None:
        super().__init__("telework.not_a_certificate")


class NotATime(AccessError):
    """What was given is no time of the day."""

    def __init__(self) -> None:
        super().__init__("telework.not_a_time")


class HoursTurned(AccessError):
    """The hours end before they begin."""

    def __init__(self) -> None:
        super().__init__("telework.hours_turned")


class Nameless(AccessError):
    """A device without a name: nobody could tell it from another."""

    def __init__(self) -> None:
        super().__init__("telework.nameless")


def _days(first: date, last: date) -> Text:
    """From when until when, in words."""
    return Text(**{lang: f"{say_date(first, lang)}～{say_date(last, lang)}" for lang in LANGUAGES})
