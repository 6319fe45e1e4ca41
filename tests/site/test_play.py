"""Every service that residents can apply for goes from intake to close through every channel."""

import re
from datetime import date

import pytest
from click.testing import CliRunner
from django.db import transaction

from tests.access.people import make_staff
from tests.channels.conftest import household, person
from tests.server import VAR
from yakuba import declare
from yakuba.cases.models import Case
from yakuba.money import actions as money
from yakuba.site.commands import play as play_
from yakuba.site.play import CHANNELS, Stuck, lines, play

pytestmark = pytest.mark.long
__all__ = ["household"]

SERVICES = sorted(
    n for n, s in declare.load_catalogue(keep_in=VAR / "catalogue").services.items() if s.offered
)


@pytest.fixture
def hall(household, settings, tmp_path):
    """A town with a resident, staff of every role and an account to pay from; its bank keeps its files apart."""
    settings.YAKUBA_VAR = tmp_path
    person(household, "山田 太郎", "ヤマダ タロウ", date(1950, 1, 1), relation="head")
    for login, *roles in (
        ("clerk", "clerk"), ("reviewer", "reviewer", "clerk"), ("second", "reviewer", "clerk"), ("accountant", "accountant"),
        ("approver", "approver"), ("boss", "manager", "approver"),
    ):  # fmt: skip
        make_staff(*roles, login=login)
    money.register_originator(
        code="0000394262", name="ヤマアイチヨウ", bank="0001", branch="001", type="1", number="1234567",
        per_transfer=10_000_000, per_run=100_000_000,
    )  # fmt: skip


@pytest.mark.parametrize("service", SERVICES)
def test_a_case_of_every_service_goes_from_intake_to_close_through_every_channel(hall, service):
    for channel in CHANNELS:
        with transaction.atomic():
            played = play(service, channel)
            assert played.closed, channel
            assert played.outcome == "granted", channel
            assert Case.objects.get(reference=played.reference).channel == channel
            transaction.set_rollback(True)  # the next one finds the hall as this one found it


def test_what_was_played_is_said_step_by_step(hall):
    head, *steps = lines(play("dog-registration", "phone"))
    assert re.match(r"dog-registration by phone: \d{4}-\d{4}-\d{4} granted$", head)
    assert [step.split()[2:] for step in steps[:2]] == [["opened"], ["decided", "decide", "granted"]]


def test_a_case_that_cannot_go_on_says_what_it_waits_for(hall, monkeypatch):
    monkeypatch.setattr("yakuba.site.play.TURNS", 1)
    with pytest.raises(Stuck, match="dog-registration by web: waits for issue"):
        play("dog-registration", "web")


def test_the_towns_own_work_is_not_applied_for(hall, monkeypatch):
    monkeypatch.setattr("yakuba.site.demo.make_towns", lambda as_of: None)
    said = CliRunner().invoke(play_, ["device-kitting"])
    assert said.exit_code == 1
    assert "residents cannot apply for 'device-kitting'" in said.output
