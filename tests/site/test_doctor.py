"""The doctor finds what is wrong with an installation, says where, and how to mend it."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner
from django.db import connection

from tests.cases.conftest import apply, small
from tests.conftest import TOWN
from yakuba import clock
from yakuba.site import commands, database, doctor
from yakuba.site.doctor import BAD, NOTE, OK, WARN, Found

__all__ = ["apply", "small"]
pytestmark = pytest.mark.django_db
PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text("utf-8")


@pytest.fixture(autouse=True)
def here(monkeypatch, tmp_path, in_town) -> Path:
    """The installation is that of the tests, with a folder of its own."""
    address = database.embedded_address(Path("nowhere"))
    monkeypatch.setenv("YAKUBA_DB_ADDRESS", address)
    monkeypatch.setattr(database, "url", lambda var: address)
    monkeypatch.setenv("YAKUBA_VAR", str(tmp_path))
    monkeypatch.delenv("YAKUBA_BACKUP", raising=False)
    return tmp_path


def made(check: str) -> list[Found]:
    return doctor._made(check, doctor.CHECKS[check][2])


def levels(check: str) -> set[str]:
    return {one.level for one in made(check)}


def as_owner(statement: str) -> None:
    """Undone with the test."""
    with connection.cursor() as cursor:
        cursor.execute("set local role none")
        cursor.execute(statement)
        cursor.execute("set local role yakuba_app")


def test_what_is_well_is_said_to_be_well():
    for check in ("database", "role", "rows", "migrations", "clock", "fonts", "proxies", "chains"):
        assert levels(check) == {OK}, made(check)


def test_a_table_whose_row_security_somebody_took_away_is_named():
    as_owner("alter table cases_event no force row level security")
    (found,) = made("rows")
    assert found.level == BAD
    assert "cases_event" in found.en
    assert "cases_event" in found.ja


def test_a_role_that_may_bypass_row_security_is_named():
    as_owner("alter role yakuba_app bypassrls")
    (found,) = made("role")
    assert (found.level, found.en) == (BAD, "yakuba_app bypasses row security")
    assert "alter role yakuba_app" in found.mend_en


def test_a_clock_that_was_set_back_is_seen_by_events_of_the_future(apply):
    apply(as_of=clock.now() + timedelta(days=1))
    assert BAD in levels("clock")


def test_an_event_that_was_changed_is_seen_in_the_newest_chains(apply):
    case = apply()
    assert levels("chains") == {OK}
    as_owner("alter table cases_event disable trigger user")
    as_owner(f"update cases_event set body = '{{}}' where case_id = '{case.id}' and seq = 2")
    found = made("chains")
    assert {one.level for one in found} == {BAD}
    assert "was changed" in found[0].en


def test_a_key_that_others_may_read_is_named(here):
    (here / "seal.key").write_text("x")
    (here / "seal.key").chmod(0o644)
    (found,) = made("keys")
    assert (found.level, found.mend_en) == (BAD, f"chmod 600 {here / 'seal.key'}")


@pytest.mark.parametrize(
    ("chosen", "check"),
    [
        ({"YAKUBA_BASE_URL": "http://yakuba.example.jp"}, "address"),
        ({"YAKUBA_BASE_URL": "https://yakuba.example.jp", "ALLOWED_HOSTS": ["*"]}, "address"),
        ({"HTTPS": True, "TRUSTED_PROXIES": 0}, "proxies"),
        ({"HTTPS": False, "TRUSTED_PROXIES": 1}, "proxies"),
        ({"HTTPS": True}, "secrets"),
        ({"SECRET_KEY": "short"}, "secrets"),
        ({"HTTPS": True}, "practice"),
        ({"HTTPS": True, "EMAIL_PORT": 1}, "mail"),
        ({"HTTPS": True}, "workers"),
        ({"HTTPS": True}, "backup"),
    ],
)
def test_what_practice_may_have_and_a_town_in_service_may_not_must_be_mended(chosen, check, settings):
    for name, value in chosen.items():
        setattr(settings, name, value)
    found = made(check)
    assert BAD in {one.level for one in found}
    assert all(one.mend_ja and one.mend_en for one in found if one.level == BAD)


def test_the_age_of_the_backup_and_how_far_its_log_is_behind_are_looked_at(here):
    now = clock.now()
    told = {"folder": "x", "base": (now - timedelta(days=1)).isoformat(), "until": now.isoformat()}
    (here / "backup.json").write_bytes(orjson.dumps(told))
    assert levels("backup") == {OK}
    (here / "backup.json").write_bytes(orjson.dumps(told | {"until": (now - timedelta(hours=1)).isoformat()}))
    assert levels("backup") == {BAD}


def test_failed_jobs_and_logs_that_nobody_signed_are_to_be_looked_at():
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into procrastinate_jobs (queue_name, task_name, status) values ('steps', 'x', 'failed')"
        )
    assert levels("jobs") == {WARN}
    found = made("signed")
    assert {one.level for one in found} == {WARN}
    assert all(TOWN in one.en for one in found)


def test_a_check_that_cannot_be_made_is_said_so_and_the_others_go_on(monkeypatch):
    def broken():
        raise OSError("山田")

    (found,) = doctor._made("fonts", broken)
    assert (found.level, found.en) == (BAD, "could not be looked at (OSError)")


def test_the_command_says_it_in_either_language_and_ends_with_1_where_something_must_be_mended(settings):
    said = CliRunner().invoke(commands.doctor, ["--language", "ja"])
    assert "役場（Yakuba）の点検" in said.output
    assert "直すもの" in said.output
    settings.SECRET_KEY = "short"
    told = CliRunner().invoke(commands.doctor, ["--json"])
    assert told.exit_code == 1
    found = orjson.loads(told.stdout)
    assert {one["check"] for one in found} == set(doctor.CHECKS)
    assert {one["level"] for one in found} <= {OK, NOTE, WARN, BAD}


def test_a_database_that_does_not_answer_is_the_first_thing_said_and_what_needs_none_is_looked_at(
    monkeypatch,
):
    def away(var):
        raise database.DatabaseTrouble("The database does not answer.\nStart it.")

    monkeypatch.setattr(database, "url", away)
    found = doctor.look()
    assert (found[0].check, found[0].level, found[0].mend_en) == ("database", BAD, "Start it.")
    assert {one.check for one in found[1:]} == doctor.WITHOUT_DATABASE


def test_the_page_lists_every_check_and_no_other():
    written = re.findall(r"^\| `([a-z]+)` \| (.+?) \| (.+?) \|", PAGE, re.MULTILINE)
    assert [(id, ja, en) for id, ja, en in written] == [
        (id, ja, en) for id, (ja, en, _) in doctor.CHECKS.items()
    ]
