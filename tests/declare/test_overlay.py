"""What a town lays over a national service: it sets what the law leaves to it, and nothing else."""

from datetime import date

import pytest

from tests.declare.conftest import TOWN, faults, lay
from yakuba import declare

GOOD = """
overlay: heating
because: 見本町暖房費助成条例（令和7年）
params:
  base: {values: {2025-04-01: 9000}, source: 見本町条例 第2条}
deadlines: {norm: 2 business days}
steps: {review: {within: 1 business day}}
facts:
  heater.kind: {type: text, class: public, label: {ja: 暖房, easy: だんぼう, en: Heater}, question: {ja: 暖房は何ですか。, easy: だんぼうは 何ですか。, en: 'Which heater?'}}
ask:
  - {after: you, page: heater, title: {ja: 暖房, easy: だんぼう, en: Heater}, questions: [{fact: heater.kind}, {file: bill, label: {ja: 領収書, easy: 領収書, en: Receipt}, required: false}]}
"""


@pytest.fixture
def laid(edited):
    """`laid(old, new)`: the folder of the small catalogue, whose base amount is the town's to set, with an overlay."""

    def laid(old="", new="", bounds="set_by: town"):
        folder = edited("6000}, source", f"6000}}, {bounds}, source")
        return lay(folder, "heating.yaml", GOOD, old, new)

    return laid


def in_town(folder):
    return declare.load_catalogue(folder).of_town(TOWN).services["heating"]


def test_a_good_overlay_has_no_fault(laid):
    assert faults(laid()) == []


def test_the_values_of_the_town_count_from_their_day_on_and_before_it_the_national_ones(laid):
    assert in_town(laid()).params["base"].values == {date(2024, 4, 1): 5000, date(2025, 4, 1): 9000}


def test_the_other_towns_keep_the_national_service(laid):
    catalogue = declare.load_catalogue(laid())
    assert catalogue.of_town("999999").services["heating"] is catalogue.services["heating"]
    assert catalogue.services["heating"].version != catalogue.of_town(TOWN).services["heating"].version


def test_a_page_of_the_town_stands_after_the_page_it_names(laid):
    pages = [page.page for page in in_town(laid()).pages]
    assert pages[pages.index("you") + 1] == "heater"


def test_a_page_that_names_no_place_comes_last(laid):
    assert in_town(laid("after: you, ", "")).pages[-1].page == "heater"


def test_due_times_are_the_towns(laid):
    service = in_town(laid())
    assert str(service.deadlines.norm) == "2 business days"
    assert str(service.deadlines.legal) == "30 days"
    assert str(service.step("review").within) == "1 business day"


def test_a_service_that_the_town_does_not_have_is_not_offered_there(laid):
    assert not in_town(laid("params:", "offered: false\nparams:")).offered


def test_what_the_law_sets_a_town_cannot_change(laid):
    (fault,) = faults(laid(bounds="set_by: law"))
    assert (fault.file, fault.line) == ("services/towns/394262/heating.yaml", 5)
    assert "the law sets (暖房費助成要綱 第3条)" in fault.what


@pytest.mark.parametrize("bound", ["at_least: 9001", "at_most: 8999"])
def test_a_value_outside_of_what_the_law_allows_is_refused_at_its_line(laid, bound):
    (fault,) = faults(laid(bounds=f"set_by: town, {bound}"))
    assert fault.line == 5
    assert bound.replace("_", " ").replace(":", "") in fault.what


SLIPS = {
    "another service": ("overlay: heating", "overlay: heatin", "heatin"),
    "a parameter it does not have": ("  base: {", "  bass: {", "base"),
    "a step it does not have": ("{review:", "{reviw:", "review"),
    "a page it does not have": ("after: you", "after: yuo", "you"),
    "a fact that is there already": ("heater.kind: {", "applicant.name: {", "applicant.name"),
    "a norm later than the law": ("norm: 2 business days", "norm: 40 days", "longer than the law"),
    "a key that nobody knows": ("because:", "becuase:", "because"),
    "a question about nothing": ("{fact: heater.kind}", "{fact: heater.kin}", "heater.kind"),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_one_slip_is_found_in_the_file_of_the_town(laid, slip):
    old, new, said = SLIPS[slip]
    found = faults(laid(old, new))
    assert any(said in f"{fault.what} {fault.mend}" for fault in found), found
    assert {fault.file for fault in found} == {"services/towns/394262/heating.yaml"}


def test_the_towns_own_examples_are_decided_with_its_own_values(laid):
    example = """
examples:
  - {id: warm, about: a, as_of: 2025-05-01, facts: {applicant: {resident: false}}, expect: {outcome: granted}, source: 条例}
"""
    (fault,) = faults(laid("ask:", example.strip() + "\nask:"))
    assert 'example "warm" expects outcome' in fault.what
    assert fault.file == "services/towns/394262/heating.yaml"


def test_a_new_national_file_keeps_the_overlay(laid):
    folder = laid()
    national = folder / "heating/service.yaml"
    national.write_text(national.read_text().replace("within: 3 business days", "within: 4 business days"))
    assert in_town(folder).params["base"].values[date(2025, 4, 1)] == 9000
    assert str(in_town(folder).step("fix-account").within) == "4 business days"
