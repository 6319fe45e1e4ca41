"""Absence on the desk: entering it, whose work is shown to the deputy, what stands in the log of a case."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.access.people import make_staff
from tests.cases.conftest import UNSURE, open_task
from tests.channels.test_desk import DESK, act, again, decision, page_of, text
from tests.channels.test_queue_desk import listed
from yakuba import clock
from yakuba.access.models import Absence, Staff
from yakuba.cases import actions as cases
from yakuba.cases.errors import NotThere
from yakuba.cases.models import Event, Task


def worker(login: str) -> str:
    """The worker id of a login."""
    return Staff.objects.get(login=login).worker().id


def enter(client, who: str, deputy: str, first: str = "", last: str = "") -> str:
    """Fill in the form; without days, from today until tomorrow."""
    today = clock.now().date()
    form = {
        "staff": worker(who),
        "deputy": worker(deputy) if deputy else "",
        "first": first or today.isoformat(),
        "last": last or (today + timedelta(days=1)).isoformat(),
    }
    return text(client.post(f"{DESK}absences/enter/", form, follow=True))


def test_an_absence_is_entered_seen_and_ended(desk, small):
    reviewer, _ = desk("reviewer", login="kato"), desk("clerk", login="sato")
    assert "不在の予定はありません" in text(reviewer.get(f"{DESK}absences/"))
    page = enter(reviewer, "kato", "sato")
    assert "今日不在" in page
    assert "審査担当" in page
    ended = reviewer.post(f"{DESK}absences/{Absence.objects.get().id}/end/", follow=True)
    assert "不在の予定はありません" in text(ended)


def test_a_supporter_is_no_member_of_staff_and_stands_in_for_nobody(desk, small):
    reviewer, account = (
        desk("reviewer", login="kato"),
        make_staff("supporter", login="minoru", name="高橋 実"),
    )
    assert "高橋 実" not in text(reviewer.get(f"{DESK}absences/"))
    form = {
        "staff": worker("kato"),
        "deputy": f"staff:{account.id}",
        "first": "2030-01-01",
        "last": "2030-01-02",
    }
    reviewer.post(f"{DESK}absences/enter/", form)
    assert not Absence.objects.exists()


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"deputy": ""}, "代理を入れてください"),
        ({"deputy": "kato"}, "自分自身の代理にはなれません"),
        ({"deputy": "sato", "first": "2月30日"}, 'role="alert"'),
        ({"deputy": "sato", "last": "2020-01-01"}, "最後の日が最初の日より前です"),
    ],
)
def test_what_is_wrong_with_an_absence_is_said_and_nothing_is_entered(form, says, desk, small):
    reviewer, _ = desk("reviewer", login="kato"), desk("clerk", login="sato")
    assert says in enter(reviewer, "kato", **form)
    assert not Absence.objects.exists()


def test_only_a_manager_enters_the_absence_of_others(desk, small):
    clerk, manager = desk("clerk", login="sato"), desk("manager", login="ito")
    desk("reviewer", login="kato")
    form = {"staff": worker("kato"), "deputy": worker("ito"), "first": "2099-01-01", "last": "2099-01-02"}
    assert clerk.post(f"{DESK}absences/enter/", form).status_code == 403
    assert manager.post(f"{DESK}absences/enter/", form).status_code == 403
    manager.post(f"{DESK}absences/enter/", {**form, "deputy": worker("sato")})
    assert Absence.objects.get().entered_by == worker("ito")


def test_what_the_absent_hold_is_the_deputys_to_take_over_and_marked_so(desk, apply):
    case = apply(UNSURE)
    absent, deputy = desk("reviewer", login="kato"), desk("reviewer", login="sato")
    act(absent, case, "take", task=open_task(case, "review"))
    assert listed(deputy, "mine=1") == set()
    enter(absent, "kato", "sato")
    assert listed(deputy, "mine=1") == {case.reference}
    assert "職員 kato さんの代理" in text(deputy.get(f"{DESK}queue/?mine=1"))
    assert "職員 kato さんの代理です" in text(deputy.get(DESK))
    assert "引き継ぐ" in page_of(deputy, case)
    act(deputy, case, "take", task=open_task(case, "review"))
    assert Task.objects.get(id=open_task(case, "review")).holder == worker("sato")


def test_a_deputy_decides_in_the_role_they_were_lent_and_the_log_says_for_whom(desk, apply):
    case = apply(UNSURE)
    absent, deputy = desk("reviewer", login="kato"), desk("clerk", login="sato")
    path = f"{DESK}case/{case.id}/decide/"
    assert deputy.post(path, decision(case)).status_code == 403
    enter(absent, "kato", "sato")
    act(deputy, case, "decide", **decision(case))
    event = Event.objects.filter(case=case).order_by("-seq").first()
    assert (event.kind, event.by_id, event.body["acting_for"]) == (
        "proposed",
        worker("sato"),
        [worker("kato")],
    )
    assert "職員 sato（職員 kato の代理）" in page_of(deputy, case)


def test_a_deputy_is_one_person_and_not_two(desk, apply):
    case = apply(UNSURE)
    absent, deputy = desk("reviewer", login="kato"), desk("reviewer", login="sato")
    enter(absent, "kato", "sato")
    for _ in range(2):
        act(deputy, case, "decide", **decision(case))
    assert again(case).decision is None
    act(absent, case, "decide", **decision(case))
    assert again(case).decision == "granted"


def test_what_a_deputy_may_do_anyway_is_not_marked_as_somebody_elses(desk, apply):
    case = apply(UNSURE)
    absent, deputy = desk("reviewer", login="kato"), desk("reviewer", login="sato")
    enter(absent, "kato", "sato")
    act(deputy, case, "note", text="電話で聞いた")
    assert "acting_for" not in Event.objects.filter(case=case).order_by("-seq").first().body


def test_nothing_is_given_to_who_is_absent(desk, apply):
    case = apply(UNSURE)
    absent, _ = desk("reviewer", login="kato"), desk("reviewer", login="sato")
    enter(absent, "kato", "sato")
    giver = Staff.objects.get(login="sato").worker()
    with pytest.raises(NotThere, match="Ask the deputy, 職員 sato"):
        cases.assign(open_task(case, "review"), worker("kato"), by=giver, as_of=clock.now())
    cases.assign(open_task(case, "review"), worker("sato"), by=giver, as_of=clock.now())


def test_a_deputy_costs_no_query_more(desk, apply, django_assert_num_queries):
    reviewer, _ = desk("reviewer", login="kato"), desk("reviewer", login="sato")
    case, path = apply(UNSURE), f"{DESK}queue/"
    from tests.channels.test_queue_desk import queries_of

    queries_of(reviewer, path)
    before = queries_of(reviewer, path)
    enter(desk("manager", login="ito"), "sato", "kato")
    assert queries_of(reviewer, path) == before
    assert case.reference in listed(reviewer)
