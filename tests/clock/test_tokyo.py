"""The wall clock is read in one place, and always in Tokyo."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import yakuba
from yakuba.clock import TOKYO, in_tokyo, now

PACKAGE = Path(yakuba.__file__).parent
READS_THE_CLOCK = re.compile(
    r"\b(datetime\.now|date\.today|timezone\.now|utcnow|time\.time|localdate|localtime)\("
)


def test_now_is_aware_and_in_tokyo():
    assert now().utcoffset() == timedelta(hours=9)


def test_a_moment_keeps_its_instant_in_tokyo():
    moment = datetime(2026, 11, 24, 15, tzinfo=UTC)
    assert in_tokyo(moment) == moment
    assert in_tokyo(moment).tzinfo is TOKYO
    with pytest.raises(ValueError, match=r"Give an aware datetime"):
        in_tokyo(datetime(2026, 11, 24))


def test_only_the_clock_room_reads_the_wall_clock():
    """Simulators play other organisations, which have clocks of their own."""
    readers = {
        str(file.relative_to(PACKAGE))
        for file in PACKAGE.rglob("*.py")
        if "simulators" not in file.parts and READS_THE_CLOCK.search(file.read_text())
    }
    assert readers == {"clock/tokyo.py"}
