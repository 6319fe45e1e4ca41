"""Cases are alike by what their conditions said, and by nothing that says whom they are about."""

from __future__ import annotations

import uuid
from datetime import timedelta

from tests.cases.conftest import GOOD, KATO, MONDAY, SATO, UNSURE, apply, open_task, small
from yakuba.assistant.helping.similar import similar
from yakuba.cases import actions, precedents, retention
from yakuba.cases.models import Case

__all__ = ["apply", "small"]
ALL = {"resident": True, "old": True, "untaxed": True}
YOUNG = {**GOOD, "applicant": {**GOOD["applicant"], "birth_date": "1990-01-01"}}
FOREIGN = {**YOUNG, "applicant": {**YOUNG["applicant"], "resident": False}}


def found(conditions=ALL, besides: uuid.UUID | None = None):
    return similar(conditions, precedents.decided("heating", besides or uuid.uuid4()))


def refuse(case: Case, reason: str = "課税証明書で確かめた") -> None:
    """Two people refuse a case that the system left to them."""
    for who in (KATO, SATO):
        actions.decide(open_task(case, "review"), by=who, as_of=MONDAY, outcome="refused", reason=reason)


def test_of_those_that_differ_in_one_condition_at_most_it_says_how_they_ended_and_why(apply):
    for n in range(3):
        apply(GOOD, key=f"good:{n}")
    apply(YOUNG), apply(FOREIGN)
    alike = found()
    assert (alike.count, alike.alike) == (4, 3)
    granted, refused = alike.outcomes
    assert (granted.decision, granted.count, granted.least, granted.most) == ("granted", 3, 7000, 7000)
    assert (refused.decision, refused.count, dict(refused.because)) == ("refused", 1, {"old": 1})


def test_what_a_person_decided_is_counted_by_what_the_machine_knew(apply):
    refuse(apply(UNSURE))
    (refused,) = found({**ALL, "untaxed": None}).outcomes
    assert (refused.count, refused.by_person, dict(refused.because)) == (1, 1, {})


def test_a_case_is_not_like_itself_and_one_that_waits_does_not_count(apply):
    mine = apply(GOOD)
    apply(UNSURE)
    assert found(besides=mine.id).count == 0
    assert found().count == 1


def test_the_newest_of_each_way_in_which_they_ended_are_shown_with_what_differs(apply):
    for n in range(5):
        apply(GOOD, key=f"good:{n}", as_of=MONDAY + timedelta(days=n))
    young = apply(YOUNG)
    examples = found().examples
    assert len(examples) == 4
    assert {one.case: differs for one, _, differs in examples}[young.id] == ("old",)
    days = [one.decided_at for one, decision, _ in examples if decision == "granted"]
    assert days[0] == max(days)


def test_an_anonymised_case_still_counts(apply, in_town):
    case = apply(YOUNG)
    retention.anonymise([case.id], as_of=MONDAY)
    assert found().outcomes[0].because == {"old": 1}


def test_another_town_and_another_service_do_not_count(apply, other_town):
    apply(GOOD)
    assert precedents.decided("other", uuid.uuid4()) == []
    with other_town:
        assert found().count == 0


def test_a_condition_that_another_version_does_not_have_is_a_difference(apply):
    apply(GOOD)
    alike = found({**ALL, "new_rule": True})
    assert (alike.count, alike.alike) == (1, 0)


def test_it_takes_one_query(apply, django_assert_num_queries):
    for n in range(5):
        apply(GOOD, key=f"good:{n}")
    with django_assert_num_queries(1):
        found()
