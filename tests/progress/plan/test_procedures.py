"""A procedure is online when somebody really did it online."""

from datetime import timedelta

import pytest

from tests.progress.plan.conftest import NOW
from yakuba.access import SYSTEM
from yakuba.cases import actions as cases
from yakuba.progress.plan import whole

REFUSED = {
    "applicant": {
        "name": "山田 太郎", "resident": False, "birth_date": "1950-01-01", "address": "1番地", "postal_code": "9990001",
    },
    "members": [{"birth_date": "1950-01-01", "taxed": False}],
}  # fmt: skip


def procedure(town, name="kosodate-01", **more):
    found = whole.whole(town, as_of=NOW, **more)
    return next(one for one in found.procedures if one.id == name)


def test_a_procedure_that_is_offered_and_that_nobody_has_done_is_not_online(planned):
    assert procedure(planned).stage == "offered"


def test_a_request_that_came_by_web_and_waits_makes_no_procedure_online(came, planned):
    came("web", worked=False)
    assert procedure(planned).stage == "offered"


def test_a_request_that_came_by_web_and_ended_makes_its_procedures_online_with_count_and_day(came, planned):
    case = came("web", facts=REFUSED)
    assert (case.state, case.outcome) == ("closed", "refused")
    found = procedure(planned)
    assert (found.stage, found.online, found.since) == ("online", 1, NOW.date())
    assert procedure(planned, "kosodate-10").stage == "online"
    assert procedure(planned, "kosodate-02").stage == "no_service"


def test_a_request_that_another_system_handed_in_counts_as_online(came, planned):
    came("api", facts=REFUSED)
    assert procedure(planned).stage == "online"


def test_what_ended_at_the_counter_is_not_online_and_says_what_it_costs_the_hall(came, planned):
    came("counter", facts=REFUSED)
    found = procedure(planned)
    assert (found.stage, found.by_hand, found.demand) == ("elsewhere", 1, 1)


@pytest.mark.parametrize("channel", ["sms", "chat", "voice", "push"])
def test_what_ended_in_another_way_is_not_called_something_that_nobody_has_done(came, planned, channel):
    came(channel, facts=REFUSED)
    found = procedure(planned)
    assert (found.stage, found.online, found.by_hand) == ("elsewhere", 0, 0)


def test_a_request_that_was_withdrawn_did_not_end_online(came, planned):
    case = came("web", worked=False)
    cases.withdraw(case.id, reason="", by=SYSTEM(planned), as_of=NOW)
    assert procedure(planned).stage == "offered"


def test_what_happened_after_the_day_that_is_asked_about_is_not_seen(came, planned):
    came("web", facts=REFUSED, at=NOW + timedelta(days=1))
    assert procedure(planned).stage == "offered"


def test_the_procedures_of_prefectures_are_named_and_not_counted_against_a_town(planned):
    found = whole.whole(planned, as_of=NOW)
    assert procedure(planned, "jidosha-01").stage == "prefecture"
    assert found.online == (0, 27)
