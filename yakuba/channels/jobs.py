"""What the channels do later: requests that were sent while there was no room are opened as soon as there is; other
systems are told how theirs stand; everybody entitled is asked, and who does not answer is reminded."""

from __future__ import annotations

import logging
from datetime import date

from procrastinate.contrib.django import app

from yakuba import clock
from yakuba.access import PUBLIC, SYSTEM, towns
from yakuba.cases import catalogue
from yakuba.channels import actions, push, telling
from yakuba.channels.assisted import consent, lessons
from yakuba.channels.disaster import mode, pack
from yakuba.channels.models import Draft
from yakuba.channels.reach import inbox, texts
from yakuba.register import queries as register

logger = logging.getLogger(__name__)
BATCH = 200
"""Requests opened in one transaction: enough that a statement's fixed cost vanishes, few enough to be told soon."""


@app.task(name="open_wanted", queue="steps", retry=3)
def open_wanted(town: str) -> None:
    """Open every waiting request of a town, the longest waiting first."""
    most = BATCH
    while True:
        try:
            with towns.inside(town):
                if not _open_some(town, most):
                    return
        except Exception:
            if most == 1:
                raise
            logger.exception("requests of %s could not be opened together; trying one by one", town)
            most = 1


def _open_some(town: str, most: int) -> bool:
    """Open some that wait; one whose service ended, or no longer takes it as it is, goes back to its writer."""
    wanted = Draft.objects.filter(wanted_at__isnull=False, case=None).order_by("wanted_at", "id")
    waiting = list(wanted.select_for_update(skip_locked=True)[:most])
    offered = [draft for draft in waiting if draft.service in catalogue.offered()]
    sent = [actions.Sent(one.id, PUBLIC(town), one.wanted_at or clock.now()) for one in offered]
    outcomes = dict(zip((one.id for one in offered), actions.submit_many(sent), strict=True))
    for draft in waiting:
        if isinstance(outcomes.get(draft.id), actions.Incomplete | None):
            logger.warning("draft %s of %s no longer fits %s", draft.id, town, draft.service)
            actions.give_back(draft)
    return bool(waiting)


@app.periodic(cron="* * * * *")
@app.task(name="open_all_wanted", queue="steps", queueing_lock="open_all_wanted")
def open_all_wanted(timestamp: int) -> None:
    """Nobody's request waits for a job that was lost with its worker."""
    for town in register.town_codes():
        open_wanted(town)


@app.periodic(cron="* * * * *")
@app.task(name="tell_systems", queue="messages", queueing_lock="tell_systems")
def tell_systems(timestamp: int) -> None:
    """Tell other systems what has happened to the requests that they handed in."""
    for town in register.town_codes():
        telling.tell_all(town, as_of=clock.now())


# -- what the town asks first ----------------------------------------------------------------------
@app.task(name="push_all", queue="steps", retry=3)
def push_all(town: str, service: str, base: str) -> None:
    """Ask everybody entitled by the register of a day; tried again, it goes on where it ended."""
    day, now = date.fromisoformat(base), clock.now()
    push.run(town, catalogue.service(service), base=day, by=SYSTEM(town), as_of=push.moment(day, now))


@app.periodic(cron="7 * * * *")
@app.task(name="chase_unanswered", queue="steps", queueing_lock="chase_unanswered")
def chase_unanswered(timestamp: int) -> None:
    """Who has not answered in time is reminded, and then called on."""
    for town in register.town_codes():
        push.chase(town, as_of=clock.now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="tidy_helpers", queue="steps", queueing_lock="tidy_helpers")
def tidy_helpers(timestamp: int) -> None:
    """Consents to helpers that no longer hold are closed; for a supporter who left, a clerk gets the task to find another, for who
    was helped and for who was to get a lesson."""
    for town in register.town_codes():
        with towns.inside(town):
            consent.tidy(as_of=clock.now())
            lessons.tidy(as_of=clock.now())


# -- what ends by itself ---------------------------------------------------------------------------
@app.periodic(cron="*/5 * * * *")
@app.task(name="tidy_disasters", queue="steps", queueing_lock="tidy_disasters")
def tidy_disasters(timestamp: int) -> None:
    """Declarations of disaster mode whose end is over are closed, and the files of offline packs that have ended are kept no
    longer. Both have ended by the clock already."""
    for town in register.town_codes():
        mode.tidy(town, as_of=clock.now())
        with towns.inside(town):
            pack.forget(as_of=clock.now())


# -- fax, post and texts -----------------------------------------------------------------------------
@app.periodic(cron="* * * * *")
@app.task(name="take_in_papers", queue="steps", queueing_lock="take_in_papers")
def take_in_papers(timestamp: int) -> None:
    """Take in what fax machines and scanners have laid down."""
    if not inbox.folder().is_dir():
        return
    for town in register.town_codes():
        for one in inbox.look_through(town, as_of=clock.now()):
            logger.info("paper of %s: %s", town, one.reference)


@app.periodic(cron="*/5 * * * *")
@app.task(name="send_waiting_replies", queue="messages", queueing_lock="send_waiting_replies")
def send_waiting_replies(timestamp: int) -> None:
    """Wake somebody for replies to texts whose job died with its worker."""
    for town in register.town_codes():
        with towns.inside(town):
            texts.wake(as_of=clock.now())
