"""What comes next stands where its reasons put it, and each reason can be added up."""

from datetime import timedelta

import pytest

from tests.progress.plan.conftest import NOW
from tests.progress.plan.test_procedures import REFUSED
from yakuba.cases import catalogue
from yakuba.progress.plan import nexts, seeing, whole
from yakuba.progress.plan.telling import step_shown


@pytest.fixture(autouse=True)
def no_table(monkeypatch, tmp_path):
    monkeypatch.setenv("YAKUBA_PROGRESS_DATA", str(tmp_path / "nowhere"))


def steps(town):
    found = whole.whole(town, as_of=NOW)
    return {one.id: one for one in found.next}, [one.id for one in found.next]


def why(step):
    return [(one.points, one.text.en) for one in step.reasons]


def test_points_are_the_sum_of_the_reasons_and_the_most_come_first(came, planned):
    came("counter", facts=REFUSED)
    found, order = steps(planned)
    assert all(one.points == sum(reason.points for reason in one.reasons) for one in found.values())
    ready = [found[id].points for id in order if not found[id].needs]
    assert ready == sorted(ready, reverse=True)


def test_a_procedure_that_the_hall_writes_by_hand_says_how_many_and_that_the_minutes_are_provisional(
    came, planned
):
    for _ in range(3):
        came("counter", facts=REFUSED)
    found, _ = steps(planned)
    assert any(text.startswith("3 requests by hand") for _, text in why(found["procedure:kosodate-01"]))


def test_a_procedure_that_is_online_is_proposed_no_more(came, planned):
    came("web", facts=REFUSED)
    assert not [id for id in steps(planned)[0] if "kosodate-01" in id]


def test_a_day_that_the_state_set_and_that_passed_weighs_three_points(planned):
    found, _ = steps(planned)
    reasons = why(found["item:standard"])
    assert any(points == 3 and "31 March 2026" in text for points, text in reasons)


def test_what_the_town_leaves_out_is_not_proposed(planned, services):
    assert "item:standard" in steps(planned)[0]
    file = services / "towns/394262/plan.yaml"
    file.write_text(file.read_text().replace("item: eltax", "item: standard"))
    catalogue.forget()
    assert "item:standard" not in steps(planned)[0]


def test_a_step_that_needs_another_item_stands_at_the_end_with_what_it_needs(planned):
    found, order = steps(planned)
    assert found["item:telework"].needs == ("security",)
    assert order[-1] == "item:telework"


def test_what_nobody_knows_of_a_step_is_not_known(planned):
    found, _ = steps(planned)
    assert all(one.takes.yen is None for one in found.values())


def test_most_of_the_towns_most_alike_are_a_reason(planned):
    sight = seeing.Sight(planned, NOW)
    found = nexts.next_steps(sight, seeing.states(sight), {"rpa": (12, 20)})
    step = next(one for one in found if one.id == "item:rpa")
    assert (1, "12 of the 20 municipalities most like this one have it") in why(step)


def test_without_the_published_table_nothing_is_compared(planned):
    assert whole.whole(planned, as_of=NOW).beside is None


def test_a_goal_whose_day_passed_is_missed_and_one_that_runs_is_reached(came, planned):
    came("web", facts=REFUSED)
    goals = {one.goal.item: one for one in whole.whole(planned, as_of=NOW).goals}
    assert (goals["online"].stands, goals["online"].reached) == ("reached", 1)
    assert goals["telework"].stands == "missed"


def test_the_last_step_of_the_manual_is_not_taken_while_nothing_runs(planned, services):
    (services / "towns/394262/plan.yaml").unlink()
    catalogue.forget()
    found = whole.whole(planned, as_of=NOW)
    assert not {one.standing for one in found.items} & {"runs", "part"}
    last = found.steps[-1]
    assert (last.seen, last.taken, step_shown(last).en) == (None, None, "Nothing runs yet")


def test_what_cannot_be_counted_is_not_counted_as_nothing(planned, services):
    """Of a goal for a plan that runs, how many run is not known; of a goal for what never ran it is none."""
    file = services / "towns/394262/plan.yaml"
    text = file.read_text().replace(
        "goals:",
        "goals:\n  - {item: own-plan, by: 2027-03-31, who: 総務課, at_least: 1, says: {ja: 計画, easy: 計画, en: Plan}}",
    )
    file.write_text(text.replace("who: 総務課, says", "who: 総務課, at_least: 2, says"))
    catalogue.forget()
    goals = {one.goal.item: one for one in whole.whole(planned, as_of=NOW).goals}
    assert (goals["own-plan"].stands, goals["own-plan"].reached) == ("reached", None)
    assert (goals["telework"].stands, goals["telework"].reached) == ("missed", 0)


def test_nothing_of_an_item_that_leaves_no_trace_here_is_unseen_and_not_no(planned):
    items = {one.id: one.standing for one in whole.whole(planned, as_of=NOW).items}
    assert (items["rules"], items["eltax"], items["rpa"]) == ("unseen", "unseen", "not_yet")
    assert items["organisation"] == "declared"


def test_a_procedure_that_was_done_online_long_ago_stays_online_and_says_when(came, planned):
    came("web", facts=REFUSED)
    later = whole.whole(planned, as_of=NOW + timedelta(days=400))
    found = next(one for one in later.procedures if one.id == "kosodate-01")
    assert (found.stage, found.last) == ("online", NOW.date())
    front = next(one for one in later.items if one.id == "front")
    assert front.standing == "not_yet"
