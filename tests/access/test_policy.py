"""Each role's allowed and denied questions, towns kept apart, four eyes, and the texts of a refusal."""

import re
from dataclasses import replace
from pathlib import Path

import cedarpy
import orjson
import pytest

from yakuba.access import PUBLIC, SYSTEM, Denied, Resource, Worker, may, require
from yakuba.access.policy import FOLDER, BadResource, PolicyBook, UnknownAction, book
from yakuba.access.worker import KNOWN, PROVEN, ROLES, UNKNOWN

HERE, THERE = "394262", "394271"
TOWN = Resource("Town", HERE, HERE)
CASE = Resource("Case", "c1", HERE, {"applicant": "p1", "reference": "1234-5678-9012"})
RUN = Resource("Run", "r1", HERE, {"created_by": "staff:maker", "approved_by": "staff:other"})
PERSON = Resource("Person", "p1", HERE, {"person": "p1"})
PAPER = Resource("Document", "d1", HERE, {"applicant": "p1"})
PROPOSAL = Resource("Proposal", "t1", HERE, {"proposed_by": "staff:other"})
LOAD = Resource("Load", "l1", HERE, {"asked_by": "staff:other"})
LETTER = Resource("Message", "m1", HERE, {"applicant": "p1"})

READING = "clerk reviewer approver manager auditor"
#: Who may, of all roles. Everything that is not named is denied.
CONSENT = Resource(
    "Case", "c9", HERE, {"service": "helper-consent", "state": "open", "helper": "supporter:1"}
)
MATRIX = [
    ("staff.home", TOWN, " ".join(ROLES)),
    ("open-data.read", TOWN, " ".join(ROLES)),
    ("open-data.publish", TOWN, ""),
    ("plan.read", TOWN, " ".join(ROLES)),
    ("queue.read", TOWN, READING),
    ("case.read", CASE, READING),
    ("document.read", PAPER, READING),
    ("message.read", LETTER, READING),
    ("case.open", TOWN, "clerk reviewer"),
    ("case.note", CASE, "clerk reviewer"),
    ("case.return", CASE, "clerk reviewer"),
    ("case.answer", CASE, "clerk reviewer"),
    ("case.withdraw", CASE, "clerk reviewer"),
    ("case.object", CASE, "clerk reviewer"),
    ("case.identify", CASE, "clerk reviewer"),
    ("case.confirm", CASE, "clerk reviewer"),
    ("case.rate", replace(CASE, attributes={"state": "closed"}), "clerk reviewer"),
    ("case.rate", CASE, ""),
    ("case.open", replace(CASE, attributes={"service": "service-review"}), "clerk reviewer manager"),
    ("case.help", CASE, "clerk reviewer approver manager"),
    ("help.measure", TOWN, "manager auditor"),
    ("push.read", TOWN, READING),
    ("push.run", TOWN, "manager"),
    ("message.resend", LETTER, "clerk reviewer"),
    ("case.decide", CASE, "reviewer approver"),
    ("case.bulk_decide", TOWN, "reviewer approver"),
    ("queue.export", TOWN, "reviewer approver manager"),
    ("filter.keep", Resource("Filter", "f1", HERE, {"owner": "staff:me"}), READING),
    ("filter.keep", Resource("Filter", "f1", HERE, {"owner": "staff:other"}), ""),
    ("filter.keep", Resource("Filter", "f1", HERE), "manager"),
    ("step_up", TOWN, " ".join(ROLES)),
    ("device.register", TOWN, " ".join(ROLES)),
    ("account.change", TOWN, " ".join(ROLES)),
    ("network.manage", TOWN, "admin"),
    ("telework.read", TOWN, "manager auditor admin"),
    ("absence.read", TOWN, " ".join(ROLES)),
    ("absence.enter", Resource("Absence", "a1", HERE, {"staff": "staff:me", "deputy": "x"}), " ".join(ROLES)),
    ("absence.enter", Resource("Absence", "a1", HERE, {"staff": "y", "deputy": "x"}), "manager"),
    ("absence.enter", Resource("Absence", "a1", HERE, {"staff": "y", "deputy": "staff:me"}), ""),
    ("absence.end", Resource("Absence", "a1", HERE, {"staff": "y", "deputy": "staff:me"}), "manager"),
    ("case.extend", CASE, "reviewer approver manager"),
    ("case.reopen", CASE, "reviewer approver manager"),
    ("entitled.read", TOWN, "reviewer approver manager"),
    ("register.search", TOWN, "clerk reviewer approver"),
    ("register.read", PERSON, "clerk reviewer approver"),
    ("resident.link", PERSON, "clerk reviewer approver"),
    ("receipt.take_in", TOWN, "clerk reviewer"),
    ("register.import", TOWN, ""),
    ("progress.read", TOWN, "manager auditor admin"),
    ("money.read", TOWN, "approver accountant manager auditor"),
    ("money.order", TOWN, ""),
    ("money.run.create", TOWN, "accountant"),
    ("money.run.cancel", RUN, "accountant"),
    ("money.result.read", RUN, "accountant"),
    ("money.run.approve", RUN, "approver"),
    ("money.run.export", RUN, "accountant"),
    ("log.read", TOWN, "auditor"),
    ("log.verify", TOWN, "auditor admin"),
    ("log.export", TOWN, "auditor"),
    ("looks.disclose", PERSON, "clerk reviewer auditor"),
    ("case.read", replace(CASE, attributes={"service": "security-alarm"}), "manager auditor"),
    ("staff.manage", TOWN, "admin"),
    ("workbench.read", TOWN, READING),
    ("workbench.edit", TOWN, "clerk reviewer manager"),
    ("workbench.publish", PROPOSAL, "approver manager"),
    ("workbench.stop", TOWN, "reviewer approver manager"),
    ("load.list", TOWN, READING),
    ("load.take_in", TOWN, ""),
    ("load.read", LOAD, READING),
    ("load.mend", LOAD, "clerk reviewer manager"),
    ("load.ask", LOAD, "approver manager"),
    ("load.cut_over", LOAD, "approver manager"),
    ("load.cut_over", Resource("Load", "l1", HERE, {"asked_by": "staff:me"}), ""),
    ("load.cut_over", Resource("Load", "l1", HERE), ""),
    ("load.roll_back", LOAD, "approver manager"),
    ("load.discard", LOAD, "approver manager"),
    ("emergency.read", TOWN, " ".join(ROLES)),
    ("emergency.declare", TOWN, "manager admin"),
    ("break-glass.use", TOWN, " ".join(ROLES)),
    ("break-glass.review", TOWN, "manager auditor"),
    ("shelter.read", TOWN, "clerk reviewer manager"),
    ("offline.pack", TOWN, "clerk manager"),
    ("offline.merge", TOWN, "clerk"),
    ("reception.read", TOWN, "clerk reviewer manager"),
    ("reception.work", TOWN, "clerk"),
    ("ticket.read", TOWN, " ".join(ROLES)),
    ("helper.act", CONSENT, ""),
    ("helper.home", TOWN, ""),
    ("roster.read", TOWN, "clerk reviewer manager auditor"),
]


def staff(*roles: str, strength: int = PROVEN, town: str = HERE) -> Worker:
    return Worker("staff", "staff:me", town, roles=frozenset(roles), strength=strength)


def resident(person: str | None = "p1", strength: int = PROVEN) -> Worker:
    return Worker("resident", "resident:1", HERE, strength=strength, person=person)


@pytest.mark.parametrize(("action", "resource", "allowed"), MATRIX, ids=[row[0] for row in MATRIX])
def test_each_role_may_do_exactly_what_its_policy_says(action, resource, allowed):
    assert {role for role in ROLES if may(staff(role), action, resource)} == set(allowed.split())


@pytest.mark.parametrize(("action", "resource", "allowed"), MATRIX, ids=[row[0] for row in MATRIX])
def test_nobody_may_do_anything_in_another_town(action, resource, allowed):
    assert not may(staff(*ROLES, town=THERE), action, resource)
    assert not may(SYSTEM(THERE), action, resource)


@pytest.mark.parametrize(("action", "resource", "allowed"), MATRIX, ids=[row[0] for row in MATRIX])
def test_staff_with_a_password_alone_may_do_nothing(action, resource, allowed):
    assert not may(staff(*ROLES, strength=KNOWN), action, resource)


@pytest.mark.parametrize("role", ["clerk", "reviewer", "approver", "accountant", "manager"])
def test_a_task_is_for_staff_of_the_role_declared_for_it(role):
    task = replace(CASE, attributes={**CASE.attributes, "role": role})
    others = set(ROLES) - {role}
    assert may(staff(role), "task.finish", task)
    assert not may(staff(*others), "task.finish", task)


def test_a_manager_frees_a_task_without_being_able_to_finish_it():
    task = replace(CASE, attributes={"role": "reviewer", "holder": "staff:other"})
    assert may(staff("manager"), "task.release", task)
    assert not may(staff("manager"), "task.finish", task)


def test_text_leaves_for_a_larger_model_only_where_the_town_lets_it():
    machine = Worker("assistant", "assistant:larger-model", HERE)
    assert not may(machine, "assistant.send_out", TOWN)
    assert not may(machine, "assistant.send_out", replace(TOWN, attributes={"sends_out": False}))
    assert may(machine, "assistant.send_out", replace(TOWN, attributes={"sends_out": True}))


def test_who_proposed_a_decision_cannot_confirm_it():
    proposed = replace(CASE, attributes={**CASE.attributes, "proposed_by": "staff:me"})
    assert not may(staff("reviewer", "approver"), "case.decide", proposed)
    assert may(replace(staff("approver"), id="staff:other"), "case.decide", proposed)


def test_who_made_a_transfer_run_cannot_approve_it():
    with pytest.raises(Denied) as refused:
        require(replace(staff("approver", "accountant"), id="staff:maker"), "money.run.approve", RUN)
    assert [policy.id for policy in refused.value.policies] == ["four-eyes-money"]


def test_who_proposed_a_text_of_a_service_cannot_publish_it():
    with pytest.raises(Denied) as refused:
        require(replace(staff("manager"), id="staff:other"), "workbench.publish", PROPOSAL)
    assert [policy.id for policy in refused.value.policies] == ["four-eyes-service"]
    assert not may(staff("manager"), "workbench.publish", replace(PROPOSAL, attributes={}))


def test_a_run_whose_maker_is_not_said_cannot_be_approved():
    assert not may(staff("approver"), "money.run.approve", replace(RUN, attributes={}))


@pytest.mark.parametrize(
    "attributes",
    [{}, {"created_by": "a"}, {"approved_by": "a"}, {"created_by": "a", "approved_by": "a"}],
)
def test_a_run_goes_to_the_bank_only_after_two_people(attributes):
    run = replace(RUN, attributes=attributes)
    assert not may(staff("accountant"), "money.run.export", run)
    assert not may(SYSTEM(HERE), "money.run.export", run)


def test_the_system_decides_cases_but_never_approves_money():
    assert may(SYSTEM(HERE), "case.decide", CASE)
    assert not may(SYSTEM(HERE), "money.run.approve", RUN)


@pytest.mark.parametrize(
    "action", ["case.read", "case.answer", "case.withdraw", "case.object", "case.attach"]
)
def test_a_resident_reaches_their_own_case_and_no_other(action):
    assert may(resident("p1"), action, CASE)
    assert not may(resident("p2"), action, CASE)
    assert not may(resident(None), action, CASE)
    assert not may(resident("p1", strength=KNOWN), action, CASE)


def test_a_case_without_an_applicant_belongs_to_nobody():
    for nobody in (None, ""):
        assert not may(resident(nobody), "case.read", replace(CASE, attributes={"applicant": nobody}))


@pytest.mark.parametrize(
    "action", ["case.decide", "case.note", "case.return", "task.finish", "register.search"]
)
def test_a_resident_does_none_of_the_town_halls_work(action):
    about = TOWN if action == "register.search" else CASE
    assert not may(resident("p1"), action, about)


def test_a_resident_reads_their_own_register_entry_and_papers_only():
    assert may(resident("p1"), "register.read", PERSON)
    assert not may(resident("p2"), "register.read", PERSON)
    assert may(resident("p1"), "document.read", PAPER)
    assert not may(resident("p2"), "document.read", PAPER)


def test_a_reference_number_shows_the_progress_of_one_case_and_confirms_it_and_nothing_more():
    holder = Worker("resident", "reference:x", HERE, strength=KNOWN, reference="1234-5678-9012")
    assert may(holder, "status.read", CASE)
    assert may(holder, "case.confirm", CASE)
    assert not may(holder, "case.read", CASE)
    assert not may(holder, "case.answer", CASE)
    assert not may(replace(holder, reference="9999-9999-9999"), "case.confirm", CASE)
    assert not may(replace(holder, reference="9999-9999-9999"), "status.read", CASE)
    assert not may(replace(holder, strength=UNKNOWN), "status.read", CASE)


def test_a_visitor_may_read_the_catalogue_and_apply_and_nothing_else():
    visitor = PUBLIC(HERE)
    service = Resource("Service", "child-allowance", HERE)
    allowed = {
        "service.read",
        "form.answer",
        "case.open",
        "document.store",
        "sign_in",
        "sign_out",
        "fee.notify",
        "open-data.read",
        "plan.read",
        "ticket.read",
        "api.token",
        "helper.home",
    }
    found = {
        action for action in book().actions for about in (service, TOWN, CASE) if may(visitor, action, about)
    }
    assert found == allowed


def test_a_partner_works_the_tasks_of_a_case_and_reads_nothing_of_it():
    worker = Worker("partner", "partner:900001", HERE, roles=frozenset(ROLES), strength=PROVEN)
    found = {action for action in book().actions if may(worker, action, CASE)}
    assert found == {"task.take", "task.release", "task.finish", "task.fail", "case.attach"}
    assert not any(may(worker, action, TOWN) for action in book().actions)


def test_an_assistant_may_do_nothing_with_a_case_that_is_no_talk():
    worker = Worker("assistant", "assistant:1", HERE, roles=frozenset(ROLES), strength=PROVEN)
    assert not any(may(worker, action, CASE) for action in book().actions)


SUPPORTER = Worker("supporter", "supporter:1", HERE, roles=frozenset(ROLES), strength=PROVEN)


def test_a_supporter_hands_in_and_reads_no_case():
    handing_in = {"service.read", "form.answer", "case.open", "document.store", "sign_in", "sign_out"}
    assert {one for one in book().actions if may(SUPPORTER, one, CASE)} == handing_in
    assert {one for one in book().actions if may(SUPPORTER, one, TOWN)} == handing_in | {"helper.home"}


@pytest.mark.parametrize(
    ("who", "changed"),
    [
        (replace(SUPPORTER, id="supporter:2"), {}),
        (replace(SUPPORTER, strength=KNOWN), {}),
        (replace(SUPPORTER, town=THERE), {}),
        (SUPPORTER, {"state": "closed"}),
        (SUPPORTER, {"service": "child-allowance"}),
        (SUPPORTER, {"helper": None}),
    ],
    ids=["another", "one factor", "another town", "ended", "no consent", "nobody named"],
)
def test_a_helper_acts_only_within_an_open_consent_that_names_them(who, changed):
    assert may(SUPPORTER, "helper.act", CONSENT)
    assert not may(who, "helper.act", replace(CONSENT, attributes=CONSENT.attributes | changed))


@pytest.mark.parametrize(
    ("language", "words"),
    [("ja", "審査担当と決裁者は"), ("easy", "審査の 職員だけ"), ("en", "Reviewers and approvers")],
)
def test_a_refusal_names_the_policy_that_would_allow_in_the_readers_language(language, words):
    with pytest.raises(Denied) as refused:
        require(staff("clerk"), "case.decide", CASE)
    message = refused.value.message(language)
    assert words in message
    assert "staff-decide" in message
    assert "case.decide" in message


def test_a_visitor_is_told_how_the_applicant_can_see_the_case():
    with pytest.raises(Denied) as refused:
        require(PUBLIC(HERE), "case.read", CASE)
    assert [policy.id for policy in refused.value.policies] == ["resident-own-case"]


def test_a_mistyped_action_is_an_error_and_not_a_refusal():
    with pytest.raises(UnknownAction, match=r"case\.raed"):
        may(staff("clerk"), "case.raed", CASE)


@pytest.mark.parametrize(
    "resource",
    [Resource("Caes", "c", HERE), Resource("Case", "c", HERE, {"owner": "me"})],
    ids=["type", "attribute"],
)
def test_a_resource_that_the_schema_does_not_know_is_an_error_and_not_a_refusal(resource):
    with pytest.raises(BadResource, match=r"schema\.cedarschema"):
        may(staff("clerk"), "case.read", resource)


def test_the_policies_fit_the_schema():
    text = "\n".join(file.read_text(encoding="utf-8") for file in sorted(FOLDER.glob("*.cedar")))
    result = cedarpy.validate_policies(text, (FOLDER / "schema.cedarschema").read_text(encoding="utf-8"))
    assert result.validation_passed, [str(error) for error in result.errors]


def test_slicing_by_action_changes_no_answer():
    """The whole policy set, as an auditor reads it, answers as the slices do."""
    whole = cedarpy.PolicySet.from_str("\n".join(file.read_text() for file in sorted(FOLDER.glob("*.cedar"))))
    sliced, unsliced = book(), PolicyBook()
    unsliced._slices = dict.fromkeys(unsliced._slices, whole)
    for worker in [staff(*ROLES), staff("clerk"), SYSTEM(HERE), PUBLIC(HERE), resident()]:
        for action in sliced.actions:
            rest = orjson.dumps([{"applicant": "p1"}, worker.where.context("personal")])
            asked = (worker, action, "Case", HERE, rest)
            assert sliced.decide(*asked)[0] == unsliced.decide(*asked)[0], action


def test_no_policy_names_an_entity_by_id_so_that_equal_questions_may_be_answered_from_memory():
    text = "\n".join(file.read_text() for file in FOLDER.glob("*.cedar"))
    assert set(re.findall(r"(\w+)::\"", text)) == {"Action", "Role"}


def test_a_policy_without_its_reason_or_law_is_refused_at_start(tmp_path: Path):
    (tmp_path / "schema.cedarschema").write_text((FOLDER / "schema.cedarschema").read_text())
    (tmp_path / "bad.cedar").write_text('@id("bad") permit (principal, action, resource);')
    with pytest.raises(ValueError, match=r"'bad' lacks @because"):
        PolicyBook(tmp_path)


def test_two_policies_with_one_id_are_refused_at_start(tmp_path: Path):
    (tmp_path / "schema.cedarschema").write_text((FOLDER / "schema.cedarschema").read_text())
    for name in ("a", "b"):
        (tmp_path / f"{name}.cedar").write_text(
            '@id("same") @because("x") @easy("x") @en("x") @law("x") @clause("P3-2-2") permit (principal, action, resource);'
        )
    with pytest.raises(ValueError, match="'same' is used twice"):
        PolicyBook(tmp_path)


def test_the_page_about_policies_lists_each_one_as_it_is():
    page = (Path(__file__).parents[2] / "docs" / "policies.md").read_text(encoding="utf-8")
    lines = page.partition("## Policies")[2].splitlines()
    rows = {line.split("|")[1].strip(" `"): line for line in lines if line.startswith("| `")}
    assert set(rows) == set(book().policies)
    for policy in book().policies.values():
        assert policy.text.en in rows[policy.id]
        assert policy.law in rows[policy.id]
        assert f"`{policy.file}`" in rows[policy.id]
