"""The roster as a file: everything right, or nothing is entered and every slip is said."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.access.people import make_staff
from tests.field.hall import Hall
from yakuba.field import roster_file, visits
from yakuba.field.models import Technician


def test_the_example_of_the_documentation_is_entered(hall: Hall) -> None:
    staff = make_staff("technician", login="genchi", name="現地 八重")
    assert roster_file.enter(roster_file.read(roster_file.EXAMPLE), by=hall.system) == (1, 2)
    row = Technician.objects.get()
    assert (row.worker, row.base, row.skills) == (f"staff:{staff.id}", "高知", ["network"])
    assert (row.shift, row.rest) == ([30600, 63000], [41400, 46800, 3600])
    assert visits.ferries(date(2026, 12, 30)) == {"見本島": 5400}
    assert visits.ferries(date(2026, 12, 31)) == {}


def test_a_login_without_an_account_is_named_and_nobody_is_entered(hall: Hall) -> None:
    with pytest.raises(roster_file.Unreadable, match="genchi"):
        roster_file.enter(roster_file.read(roster_file.EXAMPLE), by=hall.system)
    assert not Technician.objects.exists()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("technicians: [{login: a, base: b, latitude: 99, longitude: 133}]", "latitude"),
        (
            "technicians: [{login: a, base: b, latitude: 33, longitude: 133, shift: ['18:00', '09:00']}]",
            "shift",
        ),
        (
            "technicians: [{login: a, base: b, latitude: 33, longitude: 133, shift: ['early', 'late']}]",
            "early",
        ),
        ("people: []", "technicians"),
    ],
)
def test_a_slip_is_said_with_its_place(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "roster.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(roster_file.Unreadable, match=says):
        roster_file.read(path)
