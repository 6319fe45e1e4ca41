"""A declared service is told in its own words, and in nothing else."""

import re
from datetime import date

import pytest

from tests.assistant.knowledge.conftest import DAY
from yakuba.assistant.knowledge import of_service, of_services
from yakuba.assistant.knowledge.services import synonyms
from yakuba.words import LANGUAGES, Text


@pytest.fixture(scope="module")
def entries(catalogue, town):
    return {one.id: one for one in of_services(catalogue.services.values(), town, as_of=DAY)}


def test_every_offered_service_says_what_it_is_and_how_one_applies(catalogue, entries):
    offered = [s for s in catalogue.services.values() if s.offered and s.in_force(DAY)]
    assert len(offered) > 50
    for service in offered:
        assert entries[f"service:{service.id}:what"].answer["ja"] == service.summary.ja
        assert entries[f"service:{service.id}:how"].service == service.id
    assert not [one for one in entries.values() if not catalogue.services[one.service].offered]


def test_all_is_said_in_three_languages_and_nothing_is_left_to_fill_in(entries):
    for entry in entries.values():
        assert set(entry.question) == set(entry.answer) == set(LANGUAGES)
        assert "{" not in "".join([*entry.question.values(), *entry.answer.values()])
        assert entry.source.as_of == DAY
        assert entry.source.office
        assert entry.audience == "public"
        assert entry.source.link == f"/394262/services/{entry.service}/"


def test_an_amount_is_the_one_in_force_on_the_day(catalogue, town):
    service = catalogue.services["child-rearing-allowance"]
    before, after = (
        {one.id: one for one in of_service(service, town, as_of=day)}[
            "service:child-rearing-allowance:amount"
        ]
        for day in (date(2026, 3, 31), date(2026, 4, 1))
    )
    assert "46,690円" in before.answer["ja"]
    assert "48,050円" not in before.answer["ja"]
    assert "48,050円" in after.answer["ja"]
    assert "46,690円" not in after.answer["ja"]


def test_a_value_that_is_not_known_yet_is_not_told(catalogue, town):
    service = catalogue.services["child-rearing-allowance"]
    ids = [one.id for one in of_service(service, town, as_of=date(2027, 4, 1))]
    assert "service:child-rearing-allowance:amount" not in ids


def test_a_service_that_is_not_in_force_yet_is_not_told(catalogue, town):
    service = catalogue.services["absentee-ballot"]
    assert of_services([service], town, as_of=date(2026, 3, 31)) == []


def test_every_amount_of_an_answer_is_a_value_of_the_declaration(catalogue, entries):
    for entry in entries.values():
        if not entry.id.endswith((":fee", ":amount")):
            continue
        told = {
            int(n.replace(",", ""))
            for n in re.findall(r"(?<![\d,])([\d,]+)円", "".join(entry.aspects.values()))
        }
        declared = {v for p in catalogue.services[entry.service].params.values() for v in p.values.values()}
        assert told <= declared


def test_a_fee_is_told_as_a_fee_and_names_its_source(entries):
    fee = entries["service:bulky-waste:fee"]
    assert fee.aspects == {"収集の手数料": "1点500円"}
    assert "この町の廃棄物条例" in fee.answer["ja"]
    assert "500 yen an item" in fee.answer["en"]
    assert "service:bulky-waste:amount" not in entries


def test_what_the_town_sets_itself_is_told_of_that_town(catalogue, town):
    over = "overlay: bulky-waste\nbecause: 条例\nparams: {each: {values: {2026-01-01: 700}, source: 山あい町廃棄物条例}}\n"
    laid = catalogue.with_texts(town.code, {f"towns/{town.code}/bulky-waste.yaml": over}).of_town(town.code)
    told = {one.id: one for one in of_service(laid.services["bulky-waste"], town, as_of=DAY)}
    assert told["service:bulky-waste:fee"].aspects == {"収集の手数料": "1点700円"}


def test_papers_that_everybody_needs_are_told_apart(entries):
    assert (
        entries["service:child-allowance:papers"]
        .answer["ja"]
        .endswith("・別居監護申立書（別居の子どもがいるとき）")
    )
    assert any(
        "（必ず添えます）" in one.answer["ja"] for one in entries.values() if one.id.endswith(":papers")
    )


def test_the_remedy_names_the_town_and_the_prefecture(entries, catalogue, town):
    assert "山あい町長に対して審査請求" in entries["service:seal-certificate:appeal"].answer["ja"]
    assert "高知県知事" in entries["service:child-allowance:appeal"].answer["ja"]
    stateless = town.model_copy(update={"prefecture": None})
    ids = [one.id for one in of_service(catalogue.services["child-allowance"], stateless, as_of=DAY)]
    assert "service:child-allowance:appeal" not in ids


def test_who_answers_is_the_office_of_its_topic(entries):
    assert entries["service:dog-death:what"].source.office == "住民課 環境係（電話 000-0000-0009）"


def test_colloquial_names_lead_to_a_service_that_there_is(catalogue, entries):
    assert set(synonyms()) <= {s.id for s in catalogue.services.values() if s.offered}
    assert "子ども手当" in entries["service:child-allowance:what"].others


def test_a_town_without_offices_of_its_own_has_the_general_names_and_no_telephone(catalogue, town):
    bare = type(town)(code="394262", name=Text.same("山あい町"))
    entry = of_service(catalogue.services["dog-death"], bare, as_of=DAY)[0]
    assert entry.source.office == "ごみ・環境の窓口"
