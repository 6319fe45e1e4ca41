"""From where, with what and when: what each of them opens and closes, by the policies as they are."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yakuba.access import SYSTEM, Resource, Worker, may
from yakuba.access.circumstances import (
    DATA_CLASSES,
    LONG_AGO,
    PROFILES,
    PROOF_STEP,
    ZONES,
    Circumstances,
    minutes_since,
)
from yakuba.access.policy import book
from yakuba.access.worker import PROVEN, ROLES
from yakuba.clock import TOKYO

HERE = "394262"
TOWN = Resource("Town", HERE, HERE)
CASE = Resource("Case", "c1", HERE, {"applicant": "p1"})
PERSON = Resource("Person", "p1", HERE, {"person": "p1"})
#: What somebody may do from an unknown device: say who they are, make the device known, read what everybody reads.
OPEN = {
    "sign_in",
    "sign_out",
    "step_up",
    "device.register",
    "service.read",
    "form.answer",
    "open-data.read",
    "plan.read",
}
HOME = Circumstances(zone="home", device="registered", certificate=False)


def staff(where: Circumstances, *roles: str) -> Worker:
    return Worker("staff", "staff:me", HERE, roles=frozenset(roles or ROLES), strength=PROVEN, where=where)


def opened(where: Circumstances, about: Resource) -> set[str]:
    return {action for action in book().actions if may(staff(where), action, about)}


@pytest.mark.parametrize("about", [TOWN, CASE, PERSON], ids=["town", "case", "person"])
def test_an_unknown_device_outside_opens_no_page_of_work(about):
    nowhere = Circumstances(zone="internet", device="none", certificate=False)
    assert opened(nowhere, about) <= OPEN


def test_a_registered_device_at_home_opens_cases_and_the_queue():
    assert may(staff(HOME, "clerk"), "case.read", CASE)
    assert may(staff(HOME, "clerk"), "queue.read", TOWN)


@pytest.mark.parametrize("zone", [zone for zone in ZONES if zone not in ("counter", "lgwan")])
def test_nothing_is_taken_along_as_a_file_outside_of_the_hall(zone):
    where = replace(HOME, zone=zone)
    run = Resource("Run", "r1", HERE, {"created_by": "staff:a", "approved_by": "staff:b"})
    assert not may(staff(where, "manager"), "queue.export", TOWN)
    assert not may(staff(where, "accountant"), "money.run.export", run)
    assert may(staff(Circumstances(), "manager"), "queue.export", TOWN)


@pytest.mark.parametrize("action", ["register.read", "case.decide"])
def test_outside_masked_facts_and_decisions_need_a_fresh_proof(action):
    about = PERSON if action == "register.read" else CASE
    fresh, old = replace(HOME, proven_minutes=10), replace(HOME, proven_minutes=15)
    assert may(staff(fresh, "reviewer"), action, about)
    assert not may(staff(old, "reviewer"), action, about)
    assert may(staff(replace(Circumstances(), proven_minutes=LONG_AGO), "reviewer"), action, about)


def test_my_number_stays_in_the_halls_networks():
    secret = replace(PERSON, data="my-number")
    for zone in ZONES:
        allowed = may(staff(replace(HOME, zone=zone, emergency=True), "reviewer"), "register.read", secret)
        assert allowed == (zone in ("counter", "lgwan"))


def test_work_outside_ends_with_the_hours_that_the_town_set_but_in_an_emergency():
    night = replace(HOME, office_hours=False)
    assert not may(staff(night, "clerk"), "case.read", CASE)
    assert may(staff(night, "clerk"), "staff.home", TOWN)
    assert may(staff(replace(night, emergency=True), "clerk"), "case.read", CASE)


@pytest.mark.parametrize(
    ("profile", "device", "certificate", "works", "sensitive"),
    [
        ("none", "registered", False, True, True),
        ("alpha", "managed", True, False, False),
        ("alpha-dash", "managed", True, True, False),
        ("alpha-dash", "managed", False, False, False),
        ("beta", "managed", True, True, False),
        ("beta", "registered", True, False, False),
        ("beta-dash", "managed", True, True, True),
        ("beta-dash", "managed", False, False, False),
    ],
)
def test_each_model_of_the_three_layers_says_what_is_possible_outside(
    profile, device, certificate, works, sensitive
):
    where = replace(HOME, profile=profile, device=device, certificate=certificate)
    assert may(staff(where, "reviewer"), "case.read", CASE) == works
    guarded = replace(PERSON, data="sensitive")
    assert may(staff(where, "reviewer"), "register.read", guarded) == sensitive


@pytest.mark.parametrize("profile", PROFILES)
def test_no_model_changes_anything_inside_of_the_hall(profile):
    for about in (TOWN, CASE, PERSON):
        assert opened(Circumstances(profile=profile), about) == opened(Circumstances(), about)


where = st.builds(
    Circumstances,
    zone=st.sampled_from(ZONES),
    device=st.sampled_from(("none", "registered", "managed")),
    certificate=st.booleans(),
    proven_minutes=st.integers(0, LONG_AGO),
    office_hours=st.booleans(),
    emergency=st.booleans(),
    profile=st.sampled_from(PROFILES),
)


@given(where, st.sampled_from(DATA_CLASSES), st.sampled_from(["case.read", "register.read", "queue.export"]))
def test_nothing_is_possible_anywhere_that_is_not_possible_at_the_hall(where, data, action):
    about = replace({"case.read": CASE, "register.read": PERSON, "queue.export": TOWN}[action], data=data)
    if may(staff(where), action, about):
        assert may(staff(Circumstances(profile=where.profile)), action, about)


@given(where)
def test_the_machine_is_never_asked_where_it_is(where):
    assert may(replace(SYSTEM(HERE), where=where), "case.decide", CASE)


@given(st.integers(-100_000, 100_000))
def test_a_proof_ages_in_steps_and_one_from_the_future_counts_for_nothing(seconds):
    now = datetime(2026, 11, 29, 12, tzinfo=TOKYO)
    age = minutes_since(now - timedelta(seconds=seconds), now)
    assert age % PROOF_STEP == 0
    if seconds < 0:
        assert age == LONG_AGO
    else:
        assert age <= seconds / 60
        assert age > seconds / 60 - PROOF_STEP or age == LONG_AGO


def test_who_never_showed_both_factors_has_no_fresh_proof():
    assert minutes_since(None, datetime(2026, 11, 29, 12, tzinfo=TOKYO)) == LONG_AGO
