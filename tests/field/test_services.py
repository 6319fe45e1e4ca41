"""The kitting line is what its service's file says: a step that is renamed or put in is followed without a change here."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.field.conftest import Centre
from yakuba import declare
from yakuba.cases import catalogue
from yakuba.cases import queries as cases
from yakuba.field import queries, services

SN = "SIM00000001"
PHOTOGRAPH = """  - id: photograph
    name: {ja: 写真を撮る, easy: 写真を とる, en: Photograph}
    by: staff
    do: work
    role: kitter
"""


@pytest.fixture
def other_line(settings, tmp_path: Path):
    """A hall that calls shipping "hand-out", mending "put-right", and photographs each device before it is packed."""
    shutil.copytree(declare.load.ROOT, tmp_path, dirs_exist_ok=True)
    file = tmp_path / services.KITTING / "service.yaml"
    text = file.read_text("utf-8").replace("id: ship", "id: hand-out").replace("mend", "put-right")
    file.write_text(text.replace("  - id: pack\n", f"{PHOTOGRAPH}  - id: pack\n"), "utf-8")
    settings.YAKUBA_SERVICES = tmp_path
    catalogue.forget()
    yield
    catalogue.forget()


def test_a_line_with_a_step_more_is_worked_as_its_file_says(other_line, centre: Centre) -> None:
    (case,) = centre.order()
    line = services.kitting()
    assert [step.id for step in services.before_reading(line)] == ["unbox", "set-up"]
    assert [step.id for step in services.after_reading(line)] == ["label", "photograph", "pack", "hand-out"]
    centre.up_to(SN, "verify")
    centre.read(SN, fault="disk not encrypted")
    assert queries.faults("K-1").keys() == {SN}
    centre.scan(SN, services.mending(line).id)
    centre.read(SN)
    for step in services.after_reading(line):
        centre.scan(SN, step.id, tracking="1234")
    assert cases.one(case).state == "closed"
    assert [one.holder for one in queries.custody(SN)] == ["depot:chiba-3", "carrier:1234"]


def test_a_service_without_a_step_that_the_code_needs_says_which(other_line, in_town: str) -> None:
    service = catalogue.service("resident-record")
    with pytest.raises(
        services.NoSuchStep, match=r"resident-record/service.yaml has no step with do: observe"
    ):
        services.mending(service)
    with pytest.raises(services.NoSuchStep, match=r"record: \[device.serial\]"):
        services.before_reading(service)
