"""docs/field.md lists what the code has: keys of a profile, facts that checks may ask, reasons, parts of a day."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from yakuba.field.dispatch.day import Day, Job, Technician
from yakuba.field.dispatch.reasons import REASONS
from yakuba.field.kitting import observe
from yakuba.field.kitting.device import SCHEMA
from yakuba.field.kitting.profile import Profile

PAGE = (Path(__file__).parents[2] / "docs" / "field.md").read_text("utf-8")


def between(start: str, end: str) -> str:
    return PAGE.partition(start)[2].partition(end)[0]


def test_every_key_of_a_profile_is_explained() -> None:
    rows = between("| key | what it says |", "Facts that a check may ask")
    keys = {
        key for row in re.findall(r"^\| (`.+?) \|", rows, re.MULTILINE) for key in re.findall(r"`(\w+)`", row)
    }
    assert keys == set(Profile.model_fields)


def test_every_fact_that_a_check_may_ask_is_named() -> None:
    line = between("Facts that a check may ask: ", "\n")
    named = set(re.findall(r"`([\w.]+)`", line))
    device = {name.removeprefix("device.") for name in SCHEMA.facts if name.startswith("device.")}
    order = {name for name in SCHEMA.facts if name.startswith("order.")}
    items = {f"{kind.item}.{fact}" for kind in SCHEMA.lists.values() for fact in kind.facts}
    assert {name.removeprefix("device.") for name in named} == device | order | items | set(SCHEMA.lists)


def test_every_reason_why_a_job_is_not_served_is_named() -> None:
    line = between("What is not served says why: ", ". `yakuba")
    assert tuple(re.findall(r"`(\w+)`", line)) == REASONS


def test_the_parts_of_a_day_are_those_of_the_code() -> None:
    line = between("FILE is JSON with ", ". Times are")
    said = {name: set(inside.split(", ")) for name, inside in re.findall(r"`(\w+)` \(([^)]*)\)", line)}
    assert said["jobs"] == {one.name for one in fields(Job)}
    assert said["technicians"] == {one.name for one in fields(Technician)}
    assert {*said} == {one.name for one in fields(Day)}


def test_every_kind_of_reading_is_in_the_table() -> None:
    rows = between("| device | collector | file |", "The collector for Windows")
    assert len(re.findall(r"^ *\| \w", rows, re.MULTILINE)) == len(observe._KINDS)
