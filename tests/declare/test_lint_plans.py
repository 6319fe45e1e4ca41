"""A town's own plan is held to the national one: names, days, what is said twice."""

import pytest

from tests.declare.conftest import TOWN, faults, lay
from yakuba import declare

NATIONAL = """
steps:
  direction: {number: 1, name: {ja: 方針, easy: 方針, en: Direction}, asks: {ja: 方針, easy: 方針, en: Direction}}
  doing: {number: 3, name: {ja: 実行, easy: する, en: Doing}, asks: {ja: 実行, easy: する, en: Doing}}
items:
  online: {name: {ja: 手続, easy: 手続き, en: Online}, about: {ja: 手続, easy: 手続き, en: Online}, part: priority, section: "1"}
  eltax: {name: {ja: 公金, easy: お金, en: Money}, about: {ja: 公金, easy: お金, en: Money}, part: priority, section: "2"}
groups: {kosodate: {name: 子育て, counted: true}}
procedures: {kosodate-01: 児童手当の認定請求}
"""
OWN = """
plan: {ja: 計画, easy: 計画, en: Plan}
because: 決裁
lead: 総務課長
from: 2026-04-01
until: 2029-03-31
steps: {direction: {on: 2026-03-25, shown_by: {ja: 決裁, easy: 紙, en: Paper}}}
goals:
  - {item: online, by: 2027-03-31, who: 住民課, procedures: [kosodate-01], says: {ja: 1つ, easy: 1つ, en: One}}
leaves_out:
  - {item: eltax, because: {ja: 来年, easy: 来年, en: Next year}}
partner:
  - {service: heating, step: fix-account, because: {ja: 人がいない, easy: 人が いない, en: Nobody}}
"""
SLIPS = {
    "an item that is not there": ("item: online", "item: onlnie", "Nearest: online"),
    "a procedure that is not there": ("[kosodate-01]", "[kosodate-10]", "Nearest: kosodate-01"),
    "a goal after the end of the plan": ("by: 2027-03-31", "by: 2030-03-31", "outside of the plan"),
    "a plan that ends before it begins": ("until: 2029-03-31", "until: 2025-03-31", "before it begins"),
    "a step of the manual that is not there": ("direction: {on", "directoin: {on", "Nearest: direction"),
    "the last step, which nobody can declare": ("direction: {on", "doing: {on", "seen in what runs"),
    "an item that is pursued and left out": ("item: eltax", "item: online", "has a goal"),
    "a service that is not there": ("service: heating", "service: heatnig", "Nearest: heating"),
    "a step that is not there": ("step: fix-account", "step: fix-acount", "Nearest: fix-account"),
    "a key that is not known": ("lead: ", "laed: ", "Nearest: lead"),
    "a goal without an English text": (", en: One}", "}", "translation"),
}


@pytest.fixture
def laid(edited):
    def laid(old="", new="", outsource=True):
        folder = edited(
            "do: work, role: clerk,", f"do: work, role: clerk, {'outsource: true,' if outsource else ''}"
        )
        (folder / "shared/plan.yaml").write_text(NATIONAL)
        return lay(folder, "plan.yaml", OWN, old, new)

    return laid


def test_a_good_plan_has_no_fault_and_is_no_overlay(laid):
    folder = laid()
    assert [str(one) for one in faults(folder)] == []
    catalogue = declare.load_catalogue(folder)
    assert (list(catalogue.town_plans), catalogue.laid) == ([TOWN], {})


@pytest.mark.parametrize(("old", "new", "said"), SLIPS.values(), ids=SLIPS)
def test_a_slip_is_told_with_file_line_and_what_would_be_right(laid, old, new, said):
    told = [str(one) for one in faults(laid(old, new))]
    assert any(said in one and f"towns/{TOWN}/plan.yaml:" in one for one in told), told


def test_a_step_that_no_partner_may_do_is_told_with_how_to_allow_it(laid):
    (told,) = faults(laid(outsource=False))
    assert "outsource: true" in told.mend


def test_a_catalogue_that_was_kept_has_the_plans(laid, tmp_path):
    folder = laid()
    declare.load_catalogue(folder, keep_in=tmp_path / "kept")
    kept = declare.load_catalogue(folder, keep_in=tmp_path / "kept")
    assert kept.town_plans == declare.load_catalogue(folder).town_plans
    assert kept.plan.items["online"].name.en == "Online"
