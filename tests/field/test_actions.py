"""A device goes along the line once, in order, and somebody holds it at every moment."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test.utils import CaptureQueriesContext

from tests.conftest import TOWN
from tests.field.conftest import NOW, Centre
from yakuba import access
from yakuba.cases import jobs
from yakuba.cases import queries as cases
from yakuba.field import actions, queries, services
from yakuba.field.errors import (
    Finished,
    NoLineLeft,
    NoSuchDevice,
    NoTracking,
    NotTheHolder,
    OfAnotherOrder,
    OrderExists,
    OutOfTurn,
)
from yakuba.field.kitting.device import Recipient
from yakuba.field.models import Custody, Device, OrderLine
from yakuba.register.models import Town

SN = "SIM00000001"


def holders(serial: str) -> list[str]:
    return [one.holder for one in queries.custody(serial)]


def test_a_sound_device_goes_from_the_carton_to_the_carrier(centre: Centre) -> None:
    (case,) = centre.order()
    centre.up_to(SN, "ship")
    centre.scan(SN, "ship", tracking="1234-5678-9012")
    assert cases.one(case).state == "closed"
    assert holders(SN) == ["depot:chiba-3", "carrier:1234-5678-9012"]
    assert cases.state(cases.one(case)).facts["parcel"]["number"] == "1234-5678-9012"
    line = queries.line(centre.now)
    assert (line.devices, line.shipped, line.compared, line.first_pass) == (1, 1, 1, 1.0)


def test_what_a_device_is_cannot_be_ticked(centre: Centre) -> None:
    centre.order()
    centre.up_to(SN, "verify")
    with pytest.raises(OutOfTurn, match="Compare"):
        centre.scan(SN, "label")
    (task,) = [one for one in cases.tasks_of(Device.objects.get(serial=SN).case) if one.status == "open"]
    from yakuba.cases.errors import NotByHand

    with pytest.raises((NotByHand, access.Denied)):
        actions.scan(SN, "verify", by=centre.kitter, as_of=centre.later())
    assert task.step == "verify"


def test_a_faulty_device_is_mended_read_again_and_then_let_through(centre: Centre) -> None:
    (case,) = centre.order()
    centre.up_to(SN, "verify")
    centre.read(SN, fault="disk not encrypted")
    (found,) = queries.faults("K-1").items()
    assert found == (SN, "ディスクが暗号化されていること（device.disk_encrypted=いいえ）")
    with pytest.raises(OutOfTurn, match="Mend"):
        centre.scan(SN, "label")
    assert centre.scan(SN, "mend").next == "verify"
    centre.read(SN)
    assert centre.scan(SN, "label").next == "pack"
    assert queries.line(centre.now).first_pass == 0
    assert queries.faults("K-1") == {}
    assert cases.one(case).state == "open"


def test_what_was_read_before_mending_does_not_count_after_it(centre: Centre) -> None:
    centre.order()
    centre.up_to(SN, "verify")
    centre.read(SN, fault="firewall off")
    centre.scan(SN, "mend")
    jobs.drain(centre.town, as_of=centre.later())
    with pytest.raises(OutOfTurn, match="Compare"):
        centre.scan(SN, "label")


def test_a_device_may_be_read_before_its_set_up_is_said_to_be_done(centre: Centre) -> None:
    centre.order()
    centre.receive(SN)
    centre.scan(SN, "unbox")
    centre.read(SN)
    centre.scan(SN, "set-up")
    jobs.drain(centre.town, as_of=centre.later())
    assert centre.scan(SN, "label").next == "pack"


def test_the_board_of_all_orders_shows_what_is_on_the_line_or_left_it_today(centre: Centre) -> None:
    centre.order(count=2)
    centre.up_to(SN, "ship")
    centre.scan(SN, "ship", tracking="T-1")
    assert (queries.line(centre.now).devices, queries.line(centre.now).shipped) == (2, 1)
    tomorrow = centre.now + timedelta(days=1)
    assert (queries.line(tomorrow).devices, queries.line(tomorrow).shipped) == (1, 0)
    assert queries.line(tomorrow, "K-1").shipped == 1


def test_a_serial_scanned_twice_is_done_once(centre: Centre) -> None:
    centre.order(count=2)
    assert centre.receive(SN).again is False
    assert centre.receive(SN).again is True
    assert OrderLine.objects.filter(serial=SN).count() == 1
    assert centre.scan(SN, "unbox").again is False
    twice = centre.scan(SN, "unbox")
    assert (twice.again, twice.next) == (True, "set-up")
    assert holders(SN) == ["depot:chiba-3"]


def test_devices_get_the_lines_of_their_order_in_turn_until_none_is_left(centre: Centre) -> None:
    centre.order(count=2)
    centre.receive("A-1")
    centre.receive("A-2")
    assert list(OrderLine.objects.order_by("position").values_list("serial", flat=True)) == ["A-1", "A-2"]
    with pytest.raises(NoLineLeft, match="K-1"):
        centre.receive("A-3")
    assert queries.custody("A-3") == []


def test_a_device_that_another_order_names_is_not_received(centre: Centre) -> None:
    centre.order("K-1")
    centre.order("K-2", serial=SN)
    with pytest.raises(OfAnotherOrder, match="K-2"):
        centre.receive(SN, "K-1")
    assert centre.receive(SN, "K-2").again is False
    with pytest.raises(OfAnotherOrder, match="K-2"):
        centre.receive(SN, "K-1")


def test_what_was_never_received_or_has_left_says_so(centre: Centre) -> None:
    with pytest.raises(NoSuchDevice, match="NOPE"):
        centre.scan("NOPE", "unbox")
    with pytest.raises(NoLineLeft, match="K-9"):
        centre.receive("NOPE", "K-9")
    centre.order()
    centre.up_to(SN, "ship")
    centre.scan(SN, "ship", tracking="T-1")
    with pytest.raises(Finished, match=SN):
        centre.scan(SN, "mend")


def test_nothing_is_shipped_without_a_tracking_number(centre: Centre) -> None:
    centre.order()
    centre.up_to(SN, "ship")
    with pytest.raises(NoTracking):
        centre.scan(SN, "ship", tracking="  ")
    assert holders(SN) == ["depot:chiba-3"]


def test_an_order_keeps_the_profile_it_began_with(centre: Centre) -> None:
    centre.order(count=2)
    centre.up_to(SN, "label")
    stricter = centre.profile.model_copy(update={"checks": centre.profile.checks | {
        "new_rule": centre.profile.checks["battery"].model_copy(update={"if_": "device.battery >= 100"})}})  # fmt: skip
    centre.profile = stricter.model_copy()
    centre.up_to("SIM2", "label", number=2)
    assert centre.scan("SIM2", "label").next == "pack"
    with pytest.raises(OrderExists, match="K-1"):
        centre.order(count=2)


def test_the_same_order_again_opens_nothing(centre: Centre) -> None:
    first = centre.order(count=3)
    assert centre.order(count=3) == first
    assert OrderLine.objects.count() == 3
    with pytest.raises(OrderExists):
        centre.order(count=4)


def test_another_list_under_the_same_number_is_refused(centre: Centre) -> None:
    people = [Recipient("1", "YKB-1"), Recipient("2", "YKB-2")]
    order = actions.Order("K-1", centre.profile, "town-hall", people)
    actions.enter_order(order, by=centre.system, as_of=centre.later())
    for other in (
        replace(order, recipients=people[::-1]),
        replace(order, recipients=[people[0], replace(people[1], account="someone")]),
        replace(order, ship_to="school"),
    ):
        with pytest.raises(OrderExists, match="K-1"):
            actions.enter_order(other, by=centre.system, as_of=centre.later())
    centre.receive(SN)
    assert len(actions.enter_order(order, by=centre.system, as_of=centre.later())) == 2


def test_a_rack_of_devices_is_compared_with_as_many_queries_as_two(centre: Centre) -> None:
    counts = []
    for number, order in ((2, "K-1"), (6, "K-2")):
        centre.order(order, count=number)
        for one in range(1, number + 1):
            centre.up_to(f"{order}-{one}", "verify", order)
            centre.take_in(f"{order}-{one}", one)
        with CaptureQueriesContext(connection) as queries_made:
            jobs.work_waiting(centre.town, services.KITTING, "verify", as_of=centre.later())
        counts.append(len(queries_made))
    assert queries.line(centre.now).compared == 8
    assert counts[0] == counts[1]


def test_whoever_does_not_hold_a_device_cannot_hand_it_on(centre: Centre) -> None:
    (case,) = centre.order()
    centre.receive(SN)
    with pytest.raises(NotTheHolder, match="depot:chiba-3"):
        actions.hand(
            SN, case, before="depot:osaka", holder="staff:x", place="", by=centre.kitter, as_of=centre.later()
        )
    assert holders(SN) == ["depot:chiba-3"]


def test_the_database_itself_lets_nobody_hold_a_device_at_the_same_time(centre: Centre) -> None:
    (case,) = centre.order()
    centre.receive(SN)
    device = Device.objects.get(serial=SN)
    row = {"town": centre.town, "device": device, "case": case, "by": "x", "holder": "thief"}
    for held in (DateTimeTZRange(centre.later(), None), DateTimeTZRange(NOW, centre.later())):
        with pytest.raises(IntegrityError), transaction.atomic():
            Custody.objects.create(**row, held=held)


def test_custody_can_be_made_anew_from_the_log(centre: Centre) -> None:
    centre.order(count=2)
    centre.up_to(SN, "ship")
    centre.scan(SN, "ship", tracking="T-1")
    centre.receive("SIM2")
    before = {serial: queries.custody(serial) for serial in (SN, "SIM2")}
    assert actions.rebuild() == 3
    assert {serial: queries.custody(serial) for serial in (SN, "SIM2")} == before


def test_only_kitting_staff_receive_and_scan(centre: Centre) -> None:
    centre.order()
    with pytest.raises(access.Denied):
        actions.receive(SN, "K-1", "x", by=centre.clerk, as_of=centre.later())
    centre.receive(SN)
    with pytest.raises(access.Denied):
        actions.scan(SN, "unbox", by=centre.clerk, as_of=centre.later())
    with pytest.raises(access.Denied):
        actions.enter_order(
            actions.Order("K-2", centre.profile, "x", []), by=centre.kitter, as_of=centre.later()
        )
    assert Device.objects.get(serial=SN).holder == "depot:chiba-3"


def test_a_town_sees_no_device_of_another(centre: Centre) -> None:
    centre.order()
    centre.receive(SN)
    with connection.cursor() as cursor:
        cursor.execute("select set_config('yakuba.town', '394271', true)")
        for table in ("deviceprofile", "secret", "orderline", "device", "custody", "observation"):
            cursor.execute(f"select count(*) from field_{table}")
            assert cursor.fetchone() == (0,)
        cursor.execute("select set_config('yakuba.town', %s, true)", [centre.town])


def test_the_board_shows_where_devices_wait(centre: Centre) -> None:
    centre.order(count=4)
    centre.receive("A-1")
    centre.receive("A-2")
    centre.scan("A-1", "unbox")
    line = queries.line(centre.now, "K-1")
    waiting = {one.step: one.waiting for one in line.stations}
    assert waiting["receive"] == 2
    assert (waiting["unbox"], waiting["set-up"]) == (1, 1)
    assert {one.step: one.last_hour for one in line.stations}["receive"] == 2
    assert queries.line(centre.now, "K-9").devices == 0


def test_the_same_reading_twice_is_kept_once(centre: Centre) -> None:
    from yakuba.field.kitting.device import Observation

    seen = Observation(SN, NOW, "windows", {"device": {"serial": SN}})
    assert actions.take_in(seen, by=centre.system) is True
    assert actions.take_in(seen, by=centre.system) is False


def test_two_scanners_at_one_moment_receive_a_device_once(transactional_db) -> None:
    Town.objects.create(
        code=TOWN, name="山あい町", prefecture="高知県", mayor_title="", contact="", synthetic=True
    )
    centre = Centre(TOWN)
    with access.towns.inside(TOWN):
        centre.order(count=3)
    together = threading.Barrier(3)
    done: list[actions.Scan] = []

    def scan() -> None:
        try:
            together.wait(10)
            with access.towns.inside(TOWN):
                done.append(actions.receive(SN, "K-1", "chiba-3", by=centre.kitter, as_of=NOW))
        finally:
            connection.close()

    scanners = [threading.Thread(target=scan) for _ in range(3)]
    for one in scanners:
        one.start()
    for one in scanners:
        one.join(30)
    assert sorted(one.again for one in done) == [False, True, True]
    with access.towns.inside(TOWN):
        assert OrderLine.objects.filter(serial=SN).count() == 1
        assert holders(SN) == ["depot:chiba-3"]
