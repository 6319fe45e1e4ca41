"""The state of a case as plain data."""

from yakuba.cases.state import IMPLICIT, CaseState, StepState
from yakuba.declare.service import RESERVED_STEPS


def test_a_state_written_and_read_is_the_same_state():
    state = CaseState(
        facts={"age": 3}, steps={"review": StepState(), "pay": StepState(proposal={"outcome": "granted"})}
    )
    assert CaseState.from_json(state.to_json()) == state


def test_what_did_not_move_since_the_beginning_is_not_written():
    state = CaseState(steps={"review": StepState()})
    assert state.to_json() == {"facts": {}, "steps": {"review": {}}}


def test_what_was_set_and_taken_back_is_as_it_was_at_the_beginning():
    step = StepState()
    step.proposal = {"outcome": "granted"}
    step.proposal = None
    assert CaseState(steps={"review": step}).to_json() == CaseState(steps={"review": StepState()}).to_json()


def test_a_fact_is_found_by_its_dotted_name_and_what_is_not_known_is_none():
    state = CaseState(facts={"site": {"name": "北", "floor": None}, "note": "x"})
    assert state.fact("site.name") == "北"
    assert state.fact("site") == {"name": "北", "floor": None}
    assert [state.fact(name) for name in ("site.floor", "site.phone", "note.more", "none.at.all")] == [
        None
    ] * 4


def test_no_service_declares_a_step_that_every_case_may_have() -> None:
    assert set(IMPLICIT) == RESERVED_STEPS
