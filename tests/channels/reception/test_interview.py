"""One interview, many procedures: what is found, what is asked once, what is taken in together."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.server import VAR
from yakuba import declare
from yakuba.access import Worker
from yakuba.booking import actions as booking
from yakuba.cases import catalogue
from yakuba.cases import queries as cases
from yakuba.cases.models import Case, Event
from yakuba.channels import actions
from yakuba.channels.reception import interview
from yakuba.channels.reception.errors import NotTaken
from yakuba.site.play import as_typed
from yakuba.site.visitors import Visitor
from yakuba.words import Text

WATER = {
    "applicant.name": "森 さくら", "applicant.kana": "モリ サクラ", "applicant.birth_date": "1990-04-02",
    "applicant.postal_code": "9990001", "applicant.address": "本町1番地2", "applicant.phone": "09012345678",
    "water.date": "2026-11-20", "water.use": "home", "water.payment": "slip",
}  # fmt: skip
DOG = {
    "dog.name": "ポチ", "dog.breed": "雑種", "dog.colour": "白", "dog.sex": "male", "dog.birth_date": "2020-01-01",
    "dog.acquired_on": "2020-03-01", "dog.kept_in_town": True, "dog.registered_before": False, "dog.chip_registered": False,
}  # fmt: skip


def answer(whole, said) -> None:
    """Answer screen after screen what is said of it."""
    for _ in range(40):
        asked = next(
            (
                one
                for one in whole.steps
                if any(f.value is None and f.name in said for f in one.screen.fields)
            ),
            None,
        )
        if asked is None:
            return
        for one in asked.screen.fields:
            if one.name in said:
                one.value = said[one.name]
                asked.part.form.put(one.name, one.value)
        whole.spread(asked)
    pytest.fail("the interview does not end")


def answered(
    reception, whole, visitor: Visitor
) -> tuple[interview.Interview, list[tuple[str, str, int | None]]]:
    """Answer everything that must be answered, screen after screen as a clerk does; also what was asked, in order."""
    asked = []
    for _ in range(200):
        step = whole.missing()
        if step is None:
            return whole, asked
        form, screen, typed = step.part.form, step.screen, {}
        if screen.overview:
            form.close_list(screen.list)
        for one in () if screen.overview else screen.fields:
            asked.append((step.part.service if one.fact is None else "", one.name, screen.position))
            if one.fact is not None and one.required:
                typed |= as_typed(one, one.offers[0].place.code if one.offers else visitor.said(one))
                typed |= {f"{one.name}.again": typed[one.name]} if one.twice else {}
            elif one.fact is None and one.required:
                picture = visitor.papers(form.service)[one.name]
                upload = SimpleUploadedFile("paper.jpg", picture, "image/jpeg")
                actions.add_file(step.part.draft, one.question, upload, as_of=reception.now)
        form.read(screen, typed)
        assert not [f"{one.name}: {one.error.ja}" for one in screen.fields if one.error and one.name in typed]
        whole.spread(step)
        whole.keep()
        whole = reception.interview(whole.visit.case)
    pytest.fail(f"the interview does not end: {asked[-5:]}")


def asked_of(whole) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in whole.steps:
        found.setdefault(one.part.service, []).extend(field.name for field in one.screen.fields)
    return found


def test_what_the_first_answers_rule_out_is_shown_with_its_reason(reception):
    whole = reception.asked("move-in", dog=False, children=True, water=None)
    found = {one.service.id: one for one in whole.applying()}
    assert found["dog-registration"].applies is False
    assert found["dog-registration"].because.ja == "犬を飼っていること"
    assert found["child-allowance"].applies is True
    assert found["move-in"].applies is True
    assert found["water-use"].applies is None  # nobody said so: it may be


def test_what_two_forms_ask_is_asked_by_the_first_and_put_into_both(reception):
    whole = reception.asked("water-use", "dog-registration")
    asked = asked_of(whole)
    assert "applicant.name" in asked["water-use"]
    assert not any(name.startswith("applicant.") for name in asked["dog-registration"])
    answer(whole, WATER)
    assert whole.parts[1].form.value("applicant.name") == "森 さくら"


def test_what_the_event_itself_says_is_filled_in(reception):
    whole = reception.asked("water-use", "national-health-insurance-join")
    said = {part.draft.service: part.form for part in whole.parts}
    assert said["water-use"].value("water.kind") == "start"
    assert said["national-health-insurance-join"].value("joining.reason") == "moved_in"


def test_an_address_that_is_the_same_thing_is_not_asked_again(reception):
    whole = reception.asked("water-use", "move-in")
    assert "water.address" not in asked_of(whole)["water-use"]
    answer(whole, WATER)
    water = next(part.form for part in whole.parts if part.draft.service == "water-use")
    assert water.value("water.address") == "本町1番地2"


def test_the_children_of_two_forms_are_one_list_and_those_who_join_an_insurance_another(reception):
    whole = reception.asked(
        "move-in", "national-health-insurance-join", "child-allowance", "child-medical-subsidy"
    )
    keys = [one.screen.key for one in whole.steps]
    assert keys.count("list.children") == 1
    assert keys.count("list.members") == 2
    allowance = next(one for one in whole.steps if one.screen.key == "list.children")
    allowance.part.form.add_item("children")
    whole.spread(allowance)
    child = next(one for one in whole.steps if one.screen.position == 0)
    child.part.form.put("child.name", "森 はる", "children", 0)
    whole.spread(child)
    medical = next(part.form for part in whole.parts if part.draft.service == "child-medical-subsidy")
    assert medical.facts["children"] == [{"name": "森 はる"}]
    whole.take_away(child, 0)
    assert medical.facts["children"] == []


def test_who_is_known_is_asked_nothing_that_the_register_has(reception, taro):
    whole = reception.asked("water-use", "dog-registration", person=taro.id)
    assert whole.parts[0].form.value("applicant.name") == "山田 太郎"
    assert whole.missing().screen.key == "contact"
    assert all(part.draft.identified and part.draft.evidence == "運転免許証" for part in whole.parts)


def test_all_are_taken_in_or_none(reception, clerk):
    whole = reception.asked("water-use", "dog-registration")
    answer(whole, WATER)
    whole.keep()
    with pytest.raises(NotTaken) as refused:
        whole.send(by=clerk)
    assert "1件も受け付けていません" in refused.value.text.ja
    assert not Case.objects.exclude(service="counter-visit").exists()
    again = reception.interview(whole.visit.case)
    answer(again, DOG | {"applicant.contact": "letter"})
    again.keep()
    assert again.missing() is None, again.missing().screen
    assert len(again.send(by=clerk)) == 2
    opened = Case.objects.exclude(service="counter-visit")
    assert {(one.service, one.channel) for one in opened} == {
        ("water-use", "counter"),
        ("dog-registration", "counter"),
    }
    assert {cases.state(one).fact("applicant.name") for one in opened} == {"森 さくら"}


def test_what_is_not_wanted_any_more_is_dropped_and_the_rest_stays(reception):
    whole = reception.asked("water-use", "dog-registration")
    answer(whole, WATER)
    whole.keep()
    left = whole.choose(["dog-registration"])
    assert [part.draft.service for part in left.parts] == ["dog-registration"]
    assert left.parts[0].form.value("applicant.name") == "森 さくら"
    assert len(actions.of_visit(whole.visit.id)) == 2  # the first questions, and the dog


def test_of_somebody_whom_the_register_does_not_know_the_paper_is_noted_and_nobody_is_identified(
    reception, clerk
):
    whole = reception.interview(reception.called())
    whole.meet(None, "在留カード（窓口 一葉）")
    whole = whole.choose(["water-use"])
    answer(whole, WATER)
    whole.keep()
    (case,) = whole.send(by=clerk)
    assert Event.objects.get(case=case, kind="opened").body["evidence"] == "在留カード（窓口 一葉）"
    assert Case.objects.get(id=case).identified is False


def test_what_a_form_asks_in_words_of_its_own_is_its_own_and_nothing_is_put_over_it(reception, monkeypatch):
    dog = catalogue.service("dog-registration")
    (page,) = [one for one in dog.pages if one.page == "name"]
    other = Text.same("飼い主の名前")
    asked = [
        one.model_copy(update={"label": other}) if one.fact == "applicant.name" else one
        for one in page.questions
    ]
    monkeypatch.setitem(page.__dict__, "questions", asked)
    interview._reworded.cache_clear()
    whole = reception.asked("water-use", "dog-registration")
    assert "applicant.name" in asked_of(whole)["dog-registration"]
    part = next(one for one in whole.parts if one.draft.service == "dog-registration")
    part.form.put("applicant.name", "森 犬太郎")
    answer(whole, WATER)
    assert part.form.value("applicant.name") == "森 犬太郎"
    interview._reworded.cache_clear()


def homes_are_offered(now: datetime, by: Worker) -> None:
    """Temporary homes of every size may be asked for."""
    words = Text.same("見本")
    homes = [booking.NewPlace(size, words, 9, size, None, None) for size in ("small", "medium", "large")]
    opens, closes = now - timedelta(days=1), now + timedelta(days=1)
    booking.set_up("temporary-housing", "homes", words, homes, opens=opens, closes=closes, by=by)


@pytest.mark.parametrize("event", sorted(declare.load_catalogue(keep_in=VAR / "catalogue").events))
def test_all_that_a_life_event_brings_is_asked_once_and_taken_in_together(reception, clerk, taro, event):
    homes_are_offered(reception.now, clerk)
    whole = reception.asked(event=event, person=taro.id)
    for name in whole.event.facts:
        whole.first.form.put(name, True)
    whole.first.changed = True
    whole.keep()
    brought = [one.service.id for one in whole.applying() if one.applies is not False]
    assert len(brought) >= 3
    whole, asked = answered(
        reception, whole.choose(brought), Visitor(Random(7), {}, whole.at.date(), mail=False)
    )
    opened = Case.objects.filter(id__in=whole.send(by=clerk))
    assert sorted(one.service for one in opened) == sorted(brought)
    assert {one.applicant for one in opened} == {taro.id}
    again = {name for one in whole.event.services for name in one.own}
    shared = [one for one in asked if one[1] in catalogue.current().vocabulary.facts.keys() - again]
    assert not [one for one in shared if shared.count(one) > 1], "asked twice"


def test_the_events_of_a_town_are_made_once_until_something_is_published(in_town):
    assert interview.events() is interview.events()
