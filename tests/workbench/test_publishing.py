"""A service is proposed by one person and published by another, and then counts at once; what goes wrong changes nothing."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from tests.workbench.conftest import BOSS, HANAKO, JIRO, LATER, NOW, published, renamed, staff, words
from yakuba.access import Denied
from yakuba.cases import catalogue
from yakuba.workbench import actions, editing, errors, queries
from yakuba.workbench.models import Draft, Publication


def name() -> str:
    return catalogue.service("heating").name.ja


def propose(to: str):
    draft = actions.begin("heating", by=HANAKO, as_of=NOW)
    actions.save("heating", draft.number, renamed(to), "name", by=HANAKO, as_of=NOW)
    return actions.propose("heating", draft.number + 1, "条例の改正", by=HANAKO, as_of=NOW)


def test_what_is_published_counts_at_once_and_a_draft_does_not(hall):
    before = name()
    proposal = propose("灯油代の助成")
    assert name() == before
    actions.publish("heating", proposal.id, by=BOSS, as_of=NOW)
    assert name() == "灯油代の助成"


def test_what_one_town_publishes_is_not_seen_in_another(hall, other_town):
    published("灯油代の助成")
    with other_town:
        assert name() != "灯油代の助成"
    assert name() == "灯油代の助成"


def test_who_proposed_a_service_cannot_publish_it_even_with_the_right(hall):
    both = staff("一人", "clerk", "manager")
    draft = actions.begin("heating", by=both, as_of=NOW)
    actions.save("heating", draft.number, renamed("灯油代の助成"), "name", by=both, as_of=NOW)
    proposal = actions.propose("heating", 2, "条例の改正", by=both, as_of=NOW)
    with pytest.raises(Denied) as refused:
        actions.publish("heating", proposal.id, by=both, as_of=NOW)
    assert [one.id for one in refused.value.policies] == ["four-eyes-service"]


def test_a_clerk_cannot_publish_what_another_clerk_proposed(hall):
    proposal = propose("灯油代の助成")
    with pytest.raises(Denied):
        actions.publish("heating", proposal.id, by=JIRO, as_of=NOW)


def test_the_database_itself_takes_no_publication_of_one_person_alone(hall):
    made = published("灯油代の助成")
    alone = {
        field.name: getattr(made, field.name) for field in Publication._meta.fields if field.name != "id"
    }
    with pytest.raises(IntegrityError, match="published_by_another"), transaction.atomic():
        Publication.objects.create(**alone | {"proposed_by": made.by})


def test_only_the_proposal_that_was_looked_at_is_published(hall):
    first = propose("灯油代の助成")
    actions.give_back("heating", "名前が違います", by=BOSS, as_of=NOW)
    draft = queries.draft("heating")
    actions.save("heating", draft.number, renamed("灯油"), "name", by=HANAKO, as_of=NOW)
    actions.propose("heating", draft.number + 1, "もう一度", by=HANAKO, as_of=NOW)
    with pytest.raises(errors.NoProposal):
        actions.publish("heating", first.id, by=BOSS, as_of=NOW)


def test_a_service_with_a_fault_cannot_be_proposed(hall):
    draft = actions.begin("heating", by=HANAKO, as_of=NOW)
    actions.save(
        "heating",
        1,
        lambda f: editing.put_condition(f, "heating", "old", "applicant.agee > 3", words("x"), None, "第1条"),
        "c",
        by=HANAKO,
        as_of=NOW,
    )
    with pytest.raises(errors.HasFaults, match=r"heating/service\.yaml:\d+"):
        actions.propose("heating", 2, "x", by=HANAKO, as_of=NOW)
    assert draft.service == "heating"


def test_a_text_that_says_what_counts_already_is_not_proposed(hall):
    actions.begin("heating", by=HANAKO, as_of=NOW)
    with pytest.raises(errors.NothingChanged):
        actions.propose("heating", 1, "x", by=HANAKO, as_of=NOW)


def test_a_proposal_that_another_publication_overtook_is_refused(hall):
    proposal = propose("灯油代の助成")
    other = propose_older(proposal)
    with pytest.raises(errors.Overtaken):
        actions.publish("heating", other.id, by=BOSS, as_of=LATER)


def propose_older(proposal):
    """One was published; the next was begun before that."""
    base = proposal.base
    actions.publish("heating", proposal.id, by=BOSS, as_of=NOW)
    draft = actions.begin("heating", by=HANAKO, as_of=NOW)
    Draft.objects.filter(id=draft.id).update(base=base)
    actions.save(
        "heating",
        1,
        lambda f: editing.put_text(f, "heating/service.yaml", f["heating/service.yaml"] + "# x\n"),
        "x",
        by=HANAKO,
        as_of=NOW,
    )
    return actions.propose("heating", 2, "x", by=HANAKO, as_of=NOW)


# -- history, again, stop ----------------------------------------------------------------------------
def test_the_history_says_who_when_and_why_and_an_older_version_can_be_published_again(hall):
    first = published("灯油代の助成")
    published("灯油とまきの助成", at=LATER)
    assert [(one.proposed_by_name, one.by_name, one.why) for one in queries.history("heating")] == [
        ("花子", "課長", "条例の改正")
    ] * 2
    proposal = actions.propose_again(first.id, "前のほうが正しい", by=HANAKO, as_of=LATER)
    actions.publish("heating", proposal.id, by=BOSS, as_of=LATER)
    assert name() == "灯油代の助成"
    assert queries.history("heating")[0].again == first.id


def test_a_publication_can_be_changed_or_removed_by_nobody(hall):
    published("灯油代の助成")
    for change in (lambda: Publication.objects.update(why="x"), lambda: Publication.objects.all().delete()):
        with pytest.raises(Exception, match="permission denied"), transaction.atomic():
            change()


def test_one_person_stops_a_service_at_once_and_a_new_version_starts_it_again(hall):
    actions.stop("heating", words("金額に誤りがあります。"), "x", by=BOSS, as_of=NOW)
    assert "heating" not in catalogue.offered()
    assert catalogue.stopped()["heating"].ja == "金額に誤りがあります。"
    assert "heating" in catalogue.current().services
    with pytest.raises(errors.AlreadyStopped):
        actions.stop("heating", words("x"), "", by=BOSS, as_of=NOW)
    published("灯油代の助成", at=LATER)
    assert "heating" in catalogue.offered()


def test_what_was_installed_can_be_published_again_after_a_stop(hall):
    stopped = actions.stop("heating", words("確かめています。"), "", by=BOSS, as_of=NOW)
    proposal = actions.propose_again(stopped.id, "誤りはなかった", by=HANAKO, as_of=LATER)
    actions.publish("heating", proposal.id, by=BOSS, as_of=LATER)
    assert "heating" in catalogue.offered()


def test_a_clerk_alone_cannot_stop_a_service(hall):
    with pytest.raises(Denied):
        actions.stop("heating", words("x"), "", by=HANAKO, as_of=NOW)


# -- what lies over what -------------------------------------------------------------------------------
def test_what_a_town_lays_over_a_service_is_kept_when_the_national_file_changes(installed, in_town):
    proposal = overlay(in_town, "because: 町の決定\ncount: {manual_minutes: 9, source: 町で測った}\n")
    actions.publish("heating", proposal.id, by=BOSS, as_of=NOW)
    assert catalogue.service("heating").file.count.manual_minutes == 9
    installed("暖房費の助成", "暖房費の助成（新）")
    assert name() == "暖房費の助成（新）"
    assert catalogue.service("heating").file.count.manual_minutes == 9


def overlay(town: str, text: str):
    actions.begin("heating", by=HANAKO, as_of=NOW)
    where = f"towns/{town}/heating.yaml"
    actions.save(
        "heating",
        1,
        lambda f: editing.put_text(f, where, f"overlay: heating\n{text}"),
        "o",
        by=HANAKO,
        as_of=NOW,
    )
    return actions.propose("heating", 2, "町の決定", by=HANAKO, as_of=NOW)


def test_a_town_keeps_the_service_that_it_published_when_its_overlay_no_longer_fits(installed, in_town):
    proposal = overlay(in_town, "because: 町の決定\nsteps: {review: {within: 2 business days}}\n")
    actions.publish("heating", proposal.id, by=BOSS, as_of=NOW)
    within = catalogue.service("heating").step("review").within
    installed("id: review", "id: look")
    assert catalogue.service("heating").step("review").within == within


def test_a_service_that_the_town_wrote_itself_stays_when_the_national_file_changes(installed):
    published("灯油代の助成")
    installed("暖房費の助成", "暖房費の助成（新）")
    assert name() == "灯油代の助成"


def test_a_new_service_of_the_town_is_offered_once_it_is_published(hall):
    actions.create("dog-park", words("ドッグランの利用"), by=HANAKO, as_of=NOW)
    assert "dog-park" not in catalogue.current().services
    with pytest.raises(errors.HasFaults):
        actions.propose("dog-park", 1, "新しい", by=HANAKO, as_of=NOW)
    with pytest.raises(errors.NameTaken):
        actions.create("dog-park", words("x"), by=JIRO, as_of=NOW)


@pytest.mark.parametrize("id", ["", "Dog", "犬", "a--b", "shared", "towns", "../x", "a" * 61])
def test_an_id_that_no_folder_can_have_is_refused(hall, id):
    with pytest.raises(errors.BadName):
        actions.create(id, words("x"), by=HANAKO, as_of=NOW)
