"""The page that takes a newcomer to a service does what it says: its commands and blocks are run in order."""

from __future__ import annotations

import fnmatch
import re
import shlex
import shutil
from pathlib import Path

from click.testing import CliRunner

from yakuba import declare
from yakuba.declare import written
from yakuba.declare.load import ROOT
from yakuba.declare.sheet import Sheet
from yakuba.site.cli import yakuba

PAGE = Path(__file__).parents[2] / "docs" / "add-a-service.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_who_follows_the_page_has_a_tested_service(tmp_path, monkeypatch):
    services = tmp_path / "services"
    shutil.copytree(ROOT, services)
    monkeypatch.setenv("YAKUBA_SERVICES", str(services))
    done = {"console": 0, "yaml": 0}
    for kind, text in BLOCK.findall(PAGE.read_text("utf-8")):
        done[kind] += 1
        {"console": run, "yaml": write}[kind](text, services)
    assert done == {"console": 3, "yaml": 5}
    service = declare.load_catalogue(services).services["dog-park"]
    assert service.offered
    assert [step.id for step in service.steps] == ["decide", "review", "issue", "tell"]


def run(text: str, services: Path) -> None:
    """A command, and what it prints."""
    command, *expected = text.splitlines()
    result = CliRunner().invoke(yakuba, shlex.split(command.removeprefix("$ yakuba ")))
    printed = result.output.splitlines()
    assert len(printed) == len(expected), result.output
    for got, wanted in zip(printed, expected, strict=True):
        assert fnmatch.fnmatchcase(got, wanted.replace("[", "[[]")), (got, wanted)


def write(text: str, services: Path) -> None:
    """The parts of a block into the file that its first line names, in place of those that are there."""
    head, _, body = text.partition("\n")
    file = services / head.removeprefix("# ")
    if file.name == "examples.yaml":
        file.write_text(body, "utf-8")
        return
    sheet = Sheet(file.read_text("utf-8"))
    for key, value in written.parsed(body, head)[0].items():
        sheet.put((key,), value)
    file.write_text(sheet.text, "utf-8")
