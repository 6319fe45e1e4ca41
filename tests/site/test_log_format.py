"""The server's log says what broke and where, and nothing about people."""

from __future__ import annotations

import logging
import logging.config
from itertools import islice

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.utils.log import log_response

from tests.cases.conftest import GOOD, MONDAY, apply, small
from yakuba.cases import jobs, work
from yakuba.site.log_format import chain

__all__ = ["apply", "small"]
PERSONAL = ("山田", "ヤマダ", "1950-01-01", "1234567", "9990001", "taro@example.jp")


@pytest.fixture
def written() -> list[str]:
    """Every line that the server would write at level INFO, as it would write it."""
    lines: list[str] = []
    logging.config.dictConfig(settings.LOGGING)
    root = logging.getLogger()
    formatter = root.handlers[0].formatter

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(formatter.format(record))

    kept, before = Kept(), root.level
    root.addHandler(kept)
    root.setLevel(logging.INFO)
    yield lines
    root.removeHandler(kept)
    root.setLevel(before)


@pytest.mark.django_db
def test_a_case_worked_through_leaves_nothing_personal_in_the_log(apply, written):
    apply({**GOOD, "applicant": {**GOOD["applicant"], "email": "taro@example.jp"}})
    assert not [word for word in PERSONAL if word in "\n".join(written)]


@pytest.mark.parametrize(("status", "lines"), [(503, 0), (500, 1)])
def test_a_page_that_asks_people_to_wait_is_no_error_and_a_broken_page_is(status, lines, written, rf):
    log_response("%s", "/394262/", response=HttpResponse(status=status), request=rf.get("/394262/"))
    assert len(written) == lines


@pytest.mark.django_db
def test_a_step_that_breaks_names_its_place_and_not_the_person(apply, in_town, written, monkeypatch):
    case = apply(worked=False)

    def broken(tasks, *, as_of):
        raise ValueError(f"cannot pay {tasks[0].state.facts['applicant']['name']}") from KeyError(
            tasks[0].state.facts["account"]["number"]
        )

    monkeypatch.setitem(work._HANDLERS, "decide", broken)
    jobs.drain(in_town, as_of=MONDAY)
    said = "\n".join(written)
    assert str(case.id) in said
    assert "test_log_format.py" in said
    assert "builtins.KeyError" in said
    assert "builtins.ValueError" in said
    assert not [word for word in PERSONAL if word in said]


def test_a_chain_of_exceptions_that_leads_back_into_itself_is_told_once():
    first, second, third = KeyError(), ValueError(), OSError()
    third.__context__, second.__cause__, first.__context__ = second, first, second
    assert list(islice(chain(third), 9)) == [third, second, first]


def test_the_log_tells_a_chain_from_its_first_cause_on(written):
    try:
        try:
            raise KeyError
        except KeyError as error:
            raise ValueError from error
    except ValueError:
        logging.getLogger("yakuba").exception("broken")
    assert [line for line in written[-1].splitlines() if not line.startswith("  ")][1:] == [
        "builtins.KeyError",
        "and then:",
        "builtins.ValueError",
    ]
