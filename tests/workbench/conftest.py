"""A town whose only installed service is the small one, and two people who write and publish services."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from tests.cases.conftest import SMALL, small
from yakuba.access import Worker
from yakuba.access.worker import PROVEN
from yakuba.cases import catalogue
from yakuba.clock import TOKYO
from yakuba.words import Text
from yakuba.workbench import actions, editing

__all__ = ["small"]

NOW = datetime(2026, 4, 1, 9, tzinfo=TOKYO)
LATER = NOW + timedelta(hours=1)


def staff(name: str, *roles: str) -> Worker:
    return Worker("staff", f"staff:{name}", "394262", name=name, roles=frozenset(roles), strength=PROVEN)


HANAKO, JIRO, BOSS = staff("花子", "clerk"), staff("次郎", "clerk"), staff("課長", "manager")


@pytest.fixture
def hall(small, in_town) -> str:
    """The town, with the small catalogue."""
    return in_town


def renamed(name: str):
    """A change that calls the small service otherwise."""
    return lambda files: editing.changed(
        files, "heating/service.yaml", lambda sheet: sheet.put(("name", "ja"), name)
    )


@pytest.fixture
def installed(settings, in_town, tmp_path) -> Callable[[str, str], None]:
    """The small catalogue in a folder of its own; `installed(old, new)`: its next version is installed."""
    folder = tmp_path / "services"
    shutil.copytree(SMALL, folder)
    settings.YAKUBA_SERVICES = folder
    catalogue.forget()

    def update(old: str, new: str) -> None:
        file = folder / "heating" / "service.yaml"
        assert old in file.read_text()
        file.write_text(file.read_text().replace(old, new))
        catalogue.forget()

    yield update
    catalogue.forget()


def published(name: str, *, by: Worker = BOSS, at: datetime = NOW):
    """The small service with another name, published."""
    draft = actions.begin("heating", by=HANAKO, as_of=at)
    actions.save("heating", draft.number, renamed(name), "name", by=HANAKO, as_of=at)
    proposal = actions.propose("heating", draft.number + 1, "条例の改正", by=HANAKO, as_of=at)
    return actions.publish("heating", proposal.id, by=by, as_of=at)


def words(text: str) -> Text:
    return Text.same(text)
