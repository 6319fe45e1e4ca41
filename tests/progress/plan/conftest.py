"""A town with the small service, which fulfils two procedures of the national plan, and with a plan of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.cases.conftest import GOOD, SMALL
from yakuba.access import SYSTEM
from yakuba.cases import actions, catalogue, jobs
from yakuba.cases.models import Case
from yakuba.clock import TOKYO

NATIONAL = Path(__file__).parents[3] / "services/shared/plan.yaml"
NOW = datetime(2026, 11, 24, 10, tzinfo=TOKYO)
OWN = """
plan: {ja: 山あい町DX計画, easy: 山あい町の 計画, en: Plan of Yamaai}
because: 町長決裁（令和8年3月25日）
lead: 総務課長
from: 2026-04-01
until: 2029-03-31
steps:
  direction: {on: 2026-03-25, shown_by: {ja: 決裁, easy: 決めた 紙, en: Decision}}
goals:
  - {item: online, by: 2027-03-31, who: 住民課, at_least: 1, procedures: [kosodate-01], says: {ja: 1手続, easy: 1つ, en: One procedure}}
  - {item: telework, by: 2026-10-31, who: 総務課, says: {ja: 2人, easy: 2人, en: Two people}}
leaves_out:
  - {item: eltax, because: {ja: 来年度, easy: 来年, en: Next year}}
"""
Apply = Callable[..., Case]


@pytest.fixture
def services(tmp_path: Path) -> Path:
    """The folder of the small catalogue with the national plan in it, and the town's own."""
    folder = tmp_path / "services"
    shutil.copytree(SMALL, folder)
    shutil.copy(NATIONAL, folder / "shared/plan.yaml")
    file = folder / "heating/service.yaml"
    text = file.read_text()
    file.write_text(text.replace("keep: {", "plan: [kosodate-01, kosodate-10]\nkeep: {", 1))
    (folder / "towns/394262").mkdir(parents=True)
    (folder / "towns/394262/plan.yaml").write_text(OWN)
    return folder


@pytest.fixture
def planned(services: Path, in_town: str, settings) -> Iterator[str]:
    """The test town works with that catalogue."""
    settings.YAKUBA_SERVICES = services
    catalogue.forget()
    yield in_town
    catalogue.forget()


@pytest.fixture
def came(planned: str) -> Apply:
    """`came("web")`: a request that came in that way, and that the system has worked to its end; not `worked`: it waits."""

    def open_one(channel: str, *, worked: bool = True, facts=GOOD, at: datetime = NOW) -> Case:
        case = actions.open_case(
            catalogue.service("heating"), facts, channel=channel, by=SYSTEM(planned), as_of=at, identified=True,
            key=f"test:{Case.objects.count()}",
        )  # fmt: skip
        if worked:
            jobs.drain(planned, as_of=at)
        return Case.objects.get(id=case.id)

    return open_one
