"""Neither town sees, changes or adds to the other's accounts, sessions, limits and log: the database says no."""

import datetime
import uuid

import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, transaction
from django.test import Client

from tests.access.people import OTHER_TOWN, TOWN, make_staff, sign_in
from yakuba import clock
from yakuba.access import PUBLIC, SYSTEM, Resource, devices, grants, limits, log, seals, towns
from yakuba.access.models import Absence, AccessCut, Emergency, Limit, Passkey, Resident, Session, Staff
from yakuba.access.models import Client as OtherSystem

MODELS = list(apps.get_app_config("access").get_models())
pytestmark = pytest.mark.django_db


@pytest.fixture
def two_towns(time):
    """The same things happen in both towns."""
    for town in (TOWN, OTHER_TOWN):
        staff = make_staff(town=town)
        sign_in(Client(), town=town)
        with towns.inside(town):
            limits.fail("sign-in", "somebody", as_of=time())
            log.record(PUBLIC(town), "case.read", Resource("Case", "1", town), log.DENIED, as_of=time())
            seals.seal(town, as_of=clock.now() + 2 * seals.SETTLED)
            AccessCut.objects.create(town=town, last_event=0, statement="{}", signature=b"1", public_key=b"1")
            Resident.objects.create(town=town, issuer="https://id.example", subject="s", created_at=time())
            Passkey.objects.create(town=town, staff=staff, credential_id=b"1", public_key=b"1", name="x")
            OtherSystem.objects.create(town=town, name="x", token="x")
            by, now = SYSTEM(town), time()
            devices.issue("x", staff, by=by, as_of=now)
            devices.declare_network("counter", "127.0.0.0/8", by=by, as_of=now)
            devices.set_posture("none", datetime.time(7), datetime.time(22), by=by, as_of=now)
            Emergency.objects.create(
                town=town,
                case=uuid.uuid4(),
                declared_by="x",
                confirmed_by="y",
                reason="x",
                begins=now,
                ends=now + datetime.timedelta(days=1),
            )
            grants.give(
                uuid.uuid4(),
                staff=staff.worker().id,
                opens=["x"],
                begins=now,
                ends=now + datetime.timedelta(minutes=1),
            )
            deputy = make_staff(login="deputy", town=town)
            today = time().date()
            Absence.objects.create(
                town=town,
                staff=staff,
                deputy=deputy,
                first=today,
                last=today,
                entered_by="x",
                entered_at=time(),
            )


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_each_town_sees_its_own_rows_only(two_towns, model):
    for town in (TOWN, OTHER_TOWN):
        with towns.inside(town):
            assert set(model.objects.values_list("town", flat=True)) == {town}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_without_a_town_nothing_is_seen(two_towns, model):
    with connection.cursor() as cursor:
        cursor.execute("select set_config('yakuba.town', '', true)")
    assert not model.objects.exists()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_row_security_is_forced_on_every_table(model):
    with connection.cursor() as cursor:
        cursor.execute(
            "select relrowsecurity, relforcerowsecurity from pg_class where relname = %s",
            [model._meta.db_table],
        )
        assert cursor.fetchone() == (True, True)


def test_a_row_cannot_be_added_to_or_moved_to_another_town(two_towns):
    with towns.inside(TOWN):
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Staff.objects.create(town=OTHER_TOWN, login="intruder", name="x")
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Staff.objects.update(town=OTHER_TOWN)
        assert Session.objects.filter(town=OTHER_TOWN).delete()[0] == 0


def test_a_lock_in_one_town_locks_nobody_in_the_other(time):
    with towns.inside(TOWN):
        for _ in range(6):
            limits.fail("sign-in", "hanako", as_of=time())
    with towns.inside(OTHER_TOWN):
        limits.check("sign-in", "hanako", as_of=time())
        assert not Limit.objects.exists()
