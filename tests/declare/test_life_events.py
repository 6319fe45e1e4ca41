"""Life events and receptions: what is declared is checked with everything else, with its file and line."""

from __future__ import annotations

from datetime import date

import pytest

from tests.declare.conftest import faults, lay
from yakuba import declare

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
    "an answer of another type": ("applicant.resident: true", "applicant.resident: often", "not a yes or no"),
    "a key that is not known": ("      own: [members]", "      knwon: {}", "Nearest: known"),
    "the same as what nobody asked before": ("own: [members]", "same: {applicant.resident: life.old}", "life.old"),
    "the same as something of another type": ("own: [members]", "same: {applicant.birth_date: life.cold}", "same type"),
    "its own of what it does not have": ("own: [members]", "own: [dogs]", '"dogs"'),
}  # fmt: skip


def checked(folder) -> list[str]:
    return [str(one) for one in faults(folder)]


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


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        ("number", "1.5", None),
        ("int", "2", None),
        ("int", "true", "not a whole number"),
        ("number", "true", "not a number"),
        ("date", "2026-13-01", "2026-13-01"),
        ("bool", "1", "not a yes or no"),
    ],
)
def test_an_answer_of_the_event_is_held_to_the_type_of_the_fact(kind, value, said, events):
    folder = events("known: {applicant.resident: true}", f"known: {{heater.power: {value}}}")
    service = folder / "heating" / "service.yaml"
    fact = f"  heater.power: {{type: {kind}, class: public, label: {TEXT}}}"
    service.write_text(service.read_text().replace("\nparams:", f"\nfacts:\n{fact}\nparams:", 1))
    found = checked(folder)
    assert [said in one for one in found] == ([True] if said else []), found


def test_a_kept_catalogue_knows_the_life_events_and_the_receptions(events, tmp_path):
    folder = events()
    desks = (
        f"{{places: {{north: {{name: {TEXT}, desks: {{a: {TEXT}}}, video: 'https://meet.example/north'}}}}}}"
    )
    lay(folder, "reception.yaml", desks)
    declare.load_catalogue(folder, keep_in=tmp_path / "kept")
    kept = declare.load_catalogue(folder, keep_in=tmp_path / "kept")
    assert list(kept.events) == ["winter"]
    assert kept.receptions["394262"].places["north"].video == "https://meet.example/north"


def test_a_video_link_without_encryption_is_refused(events):
    folder = lay(
        events(),
        "reception.yaml",
        f"places:\n  north:\n    name: {TEXT}\n    desks: {{a: {TEXT}}}\n    video: http://meet.example/north\n",
    )
    found = checked(folder)
    assert len(found) == 1
    assert "https://" in found[0]
    assert "towns/394262/reception.yaml:5" in found[0]
