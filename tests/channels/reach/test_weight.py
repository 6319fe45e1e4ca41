"""No page of a resident is heavier than 60 KB before pictures, whichever address it has: a thin line carries it in seconds."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from tests.channels.conftest import sign_in
from tests.channels.family import PARENT
from tests.conftest import TOWN
from yakuba import clock
from yakuba.access import PUBLIC, SYSTEM
from yakuba.cases import actions as case_actions
from yakuba.cases import catalogue
from yakuba.channels import actions
from yakuba.channels.assisted.materials import SHEETS
from yakuba.channels.disaster import mode
from yakuba.channels.forms import Form
from yakuba.channels.urls import urlpatterns

MOST = 60_000
"""Bytes of a page with its style sheet and its scripts, unpacked: what a phone has to read."""
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
LOADED = re.compile(r'<(?:link rel="stylesheet" href|script[^>]* src)="/static/([^"]+)"')
ELSEWHERE = {
    "open_data_version_csv": "a file", "open_data_version_json": "a file", "open_data_csv": "a file", "open_data_json": "a file",
    "open_data_metadata": "a file", "open_data_jsonld": "a file", "open_data_ttl": "a file", "speak": "a sound", "open_data_set": "it shows a file that a town has published: tests/channels/test_open_data.py",
    "paying": "it needs a provider of payments: one form with one button", "fee_receipt": "a file", "scan": "a picture",
    "confirm": "it needs a campaign: weighed below", "confirm_account": "it needs a campaign: one screen of a form",
    "rate": "of a case that is closed: opened below", "disparity": "it needs the published table",
    **dict.fromkeys(
        ("helper_begin", "helping", "helping_leave", "helping_send", "helping_screen"),
        "a helper's session: its screens are those of a draft, which are weighed as the resident sees them",
    ),
}  # fmt: skip
"""Addresses that are not opened here, and why."""


@dataclass
class Home:
    """A resident's browser, and what stands in the addresses that it opens."""

    browser: Client
    known: dict[str, list[object]]
    screens: list[str]


@pytest.fixture
def home(taro, monkeypatch) -> Home:
    """Signed in, with a draft of every service, those for disasters among them, a case that is being worked on, and one that is
    closed."""
    catalogue.forget()
    monkeypatch.setattr(mode, "not_now", lambda *_: None)
    now = clock.now()
    browser = sign_in(Client(), taro)
    drafts: dict[str, str] = {}
    screens = []
    for service in catalogue.offered().values():
        draft = actions.begin(service, channel="web", language="easy", as_of=now)
        drafts[str(draft.id)] = service.id
        form = Form(service, {}, as_of=now.date(), at=now)
        if form.screens:
            longest = max(form.screens, key=lambda one: sum(len(field.choices) + 3 for field in one.fields))
            screens.append(f"draft/{draft.id}/{longest.key}/")
    full = actions.begin(catalogue.service("child-allowance"), channel="web", language="easy", as_of=now)
    sent = actions.begin(
        catalogue.service("child-allowance"), channel="web", language="easy", as_of=now, person=taro.id
    )
    for one in (full, sent):
        actions.keep(one, PARENT, as_of=now)
        drafts[str(one.id)] = one.service
    case = actions.submit(sent, by=PUBLIC(TOWN), as_of=now)
    closed = case_actions.open_case(
        catalogue.service("call-back"), {}, channel="web", by=SYSTEM(TOWN), as_of=now, key="closed", applicant=taro.id
    )  # fmt: skip
    case_actions.withdraw(closed.id, by=SYSTEM(TOWN), as_of=now, reason="")
    screens.append(f"status/{closed.reference}/rate/")
    session = browser.session
    session.update({"drafts": drafts, "codes": {str(full.id): actions.resume_code(full)}})
    session.save()
    known: dict[str, list[object]] = {
        "service": list(catalogue.offered()), "draft": [full.id, sent.id], "key": ["name"], "reference": [case.reference],
        "page": [1], "order": [uuid.uuid4()], "number": [1], "sheet": list(SHEETS),
    }  # fmt: skip
    yield Home(browser, known, screens)
    catalogue.forget()


def addresses(home: Home) -> Iterator[str]:
    """Every address of a resident that can be opened."""
    for pattern in urlpatterns:
        if pattern.name in ELSEWHERE:
            continue
        where = str(pattern.pattern)
        names = PARAMETER.findall(where)
        unknown = [name for name in names if name not in home.known]
        assert not unknown, f"{where}: say what stands there, or in ELSEWHERE why it is not weighed"
        for values in product(*(home.known[name] for name in names)):
            made = where
            for value in values:
                made = PARAMETER.sub(str(value), made, count=1)
            yield made
    yield from home.screens
    yield from (f"progress/?procedures={group}" for group in range(1, 6))


def weight(html: bytes) -> int:
    """Of a page with all that it loads before it can be read."""
    found = LOADED.findall(html.decode())
    return len(html) + sum(_size(name) for name in found)


def _size(name: str) -> int:
    file = finders.find(name)
    assert file, name
    with open(file, "rb") as opened:
        return len(opened.read())


def test_every_page_of_a_resident_weighs_less_than_60_kilobytes(home) -> None:
    weights = {}
    for where in addresses(home):
        answer = home.browser.get(f"/{TOWN}/{where}{'&' if '?' in where else '?'}lang=easy", follow=True)
        assert answer.status_code in (200, 405), (where, answer.status_code)  # 405: a form is only sent there
        if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html"):
            assert b"/static/site/yakuba.css" in answer.content, where
            weights[where] = weight(answer.content)
    assert len(weights) > 100
    heavy = {where: bytes_ for where, bytes_ in weights.items() if bytes_ >= MOST}
    assert not heavy
