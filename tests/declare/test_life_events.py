"""Life events and receptions: what is declared is checked with everything else, with its file and line."""

from __future__ import annotations

from datetime import date

import pytest

from yakuba import declare
from yakuba.declare import Faults, lint

SNOW = date(2026, 12, 1)
TEXT = "{ja: 町, easy: まち, en: town}"
FILE = f"""
winter:
  name: {TEXT}
  lead: {TEXT}
  law: [暖房費助成要綱 第1条]
  facts:
    life.cold: {{type: bool, class: personal, label: {TEXT}, question: {TEXT}}}
  services:
    - service: heating
      if: life.cold
      because: {TEXT}
      law: 暖房費助成要綱 第2条
      known: {{applicant.resident: true}}
      own: [members]
"""
SLIPS = {
    "a service that is not there": ("service: heating", "service: heatin", '"heatin"'),
    "a condition over what nobody asks": ("if: life.cold", "if: life.cald", "life.cald"),
    "a condition without its reason": (f"      because: {TEXT}\n", "", "belong together"),
    "an answer to a question that it does not have": ("applicant.resident: true", "applicant.rich: true", "applicant.rich"),
    "an answer of another type": ("applicant.resident: true", "applicant.resident: often", "but it is a bool"),
    "the same as what nobody asked before": ("own: [members]", "same: {applicant.resident: life.old}", "life.old"),
    "the same as something of another type": ("own: [members]", "same: {applicant.birth_date: life.cold}", "same type"),
    "its own of what it does not have": ("own: [members]", "own: [dogs]", '"dogs"'),
}  # fmt: skip


def checked(folder) -> list[str]:
    try:
        return [str(one) for one in lint.check(declare.load_catalogue(folder))]
    except Faults as found:
        return [str(one) for one in found.faults]


@pytest.fixture
def events(edited):
    def written(old: str = "", new: str = ""):
        folder = edited()
        assert old in FILE
        (folder / "shared" / "life-events.yaml").write_text(FILE.replace(old, new, 1))
        return folder

    return written


def test_a_good_life_event_has_no_faults_and_is_asked_like_a_service(events):
    folder = events()
    assert checked(folder) == []
    event = declare.load_catalogue(folder).events["winter"]
    assert [one.value for one in event.interview.judge({"life": {"cold": False}}, as_of=SNOW)] == [False]
    assert [one.value for one in event.interview.judge({}, as_of=SNOW)] == [None]


@pytest.mark.parametrize("slip", list(SLIPS), ids=str)
def test_a_slip_is_found_at_its_place(slip, events):
    old, new, says = SLIPS[slip]
    found = checked(events(old, new))
    assert len(found) == 1, found
    assert says in found[0]
    assert "shared/life-events.yaml:" in found[0]


def test_a_kept_catalogue_knows_the_life_events_and_the_receptions(events, tmp_path):
    folder = events()
    town = folder / "towns" / "394262"
    town.mkdir(parents=True, exist_ok=True)
    desks = (
        f"{{places: {{north: {{name: {TEXT}, desks: {{a: {TEXT}}}, video: 'https://meet.example/north'}}}}}}"
    )
    (town / "reception.yaml").write_text(desks)
    declare.load_catalogue(folder, keep_in=tmp_path / "kept")
    kept = declare.load_catalogue(folder, keep_in=tmp_path / "kept")
    assert list(kept.events) == ["winter"]
    assert kept.receptions["394262"].places["north"].video == "https://meet.example/north"


def test_a_video_link_without_encryption_is_refused(events):
    folder = events()
    town = folder / "towns" / "394262"
    town.mkdir(parents=True, exist_ok=True)
    (town / "reception.yaml").write_text(
        f"places:\n  north:\n    name: {TEXT}\n    desks: {{a: {TEXT}}}\n    video: http://meet.example/north\n"
    )
    found = checked(folder)
    assert len(found) == 1
    assert "https://" in found[0]
    assert "towns/394262/reception.yaml:5" in found[0]
