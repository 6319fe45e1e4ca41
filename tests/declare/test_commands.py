"""The commands for people who know the law: check, decide, facts, schema."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import jsonschema
import orjson
import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from tests.declare.conftest import SMALL
from tests.server import VAR
from yakuba.declare import commands, decide, describe
from yakuba.declare.commands import check, decide_, facts, schema
from yakuba.declare.load import ROOT, keys_of_a_file, load_catalogue
from yakuba.site.cli import yakuba

DOCS = Path(__file__).parents[2] / "docs"
GOOD = """
applicant: {resident: true, birth_date: 昭和25年1月1日}
members: [{birth_date: 1950-01-01, taxed: false}]
account: {bank: "0001", branch: "001", type: "1", number: "1234567", holder: ヤマダ タロウ}
"""


@pytest.fixture(scope="module")
def catalogue():
    return load_catalogue(keep_in=VAR / "catalogue")


def run(command, *arguments: str):
    return CliRunner().invoke(command, [*arguments, "--services", str(SMALL)])


def test_check_says_how_many_services_conditions_and_examples(edited):
    said = run(check)
    assert said.exit_code == 0, said.output
    assert said.output.startswith("1 services, 3 conditions, 4 examples: all right")


def test_check_prints_every_fault_and_fails(edited):
    folder = edited("if: applicant.resident\n", "if: applicant.residnt\n")
    said = CliRunner().invoke(check, ["--services", str(folder)])
    assert said.exit_code == 1
    assert "services/heating/service.yaml:" in said.output
    assert "1 to mend" in said.output


def test_check_of_a_service_that_is_not_there_names_those_that_are():
    said = run(check, "heatng")
    assert said.exit_code == 2
    assert "heating" in said.output


def test_decide_prints_outcome_amount_and_the_reasons_of_each_condition(tmp_path):
    (tmp_path / "facts.yaml").write_text(GOOD)
    said = run(
        decide_, "heating", "--facts", str(tmp_path / "facts.yaml"), "--as-of", "令和7年5月1日", "--json"
    )
    answer = orjson.loads(said.output)
    assert (answer["outcome"], answer["amount"], answer["missing"]) == ("granted", 7000, [])
    assert [(c["name"], c["value"]) for c in answer["conditions"]] == [
        ("resident", True),
        ("old", True),
        ("untaxed", True),
    ]
    assert all(c["because"] and c["law"] for c in answer["conditions"])
    assert answer["conditions"][1]["facts"] == {"applicant.birth_date": "1950-01-01"}


def test_decide_says_what_is_missing_when_it_cannot_be_decided(tmp_path):
    (tmp_path / "facts.yaml").write_text("applicant: {resident: true, birth_date: 1950-01-01}\n")
    said = run(decide_, "heating", "--facts", str(tmp_path / "facts.yaml"), "--as-of", "2025-05-01", "--json")
    answer = orjson.loads(said.output)
    assert answer["outcome"] == "unknown"
    assert "members" in answer["missing"]


def test_decide_takes_many_cases_each_with_its_own_day(tmp_path):
    indented = GOOD.replace("\n", "\n    ").rstrip()
    cases = f"- id: a\n  as_of: 2025-05-01\n  facts:{indented}\n- id: b\n  as_of: 2025-03-31\n  facts:{indented}\n"
    (tmp_path / "cases.yaml").write_text(cases)
    said = run(decide_, "heating", "--cases", str(tmp_path / "cases.yaml"), "--json")
    assert [(a["id"], a["amount"]) for a in orjson.loads(said.output)] == [("a", 7000), ("b", 6000)]


def test_a_slip_in_one_case_is_said_and_the_others_are_decided(tmp_path):
    cases = """
- {id: slip, as_of: 2025-05-01, facts: {applicant: {residnt: true}}}
- {id: undated, facts: {applicant: {resident: false}}}
- {id: wrong-date, as_of: 2025-05-01, facts: {applicant: {birth_date: 昭和65年1月1日}}}
- {id: too-early, as_of: 2024-03-31, facts: {applicant: {resident: false}}}
- {id: good, as_of: 2025-05-01, facts: {applicant: {resident: false}}}
"""
    (tmp_path / "cases.yaml").write_text(cases)
    said = run(decide_, "heating", "--cases", str(tmp_path / "cases.yaml"), "--json")
    assert said.exit_code == 1
    slip, undated, wrong, early, good = orjson.loads(said.output)
    assert "applicant.resident" in slip["error"]
    assert "as_of" in undated["error"]
    assert "昭和65年" in wrong["error"]
    assert "no version for 2024-03-31" in early["error"]
    assert good["outcome"] == "refused"


@pytest.mark.parametrize("arguments", [[], ["--facts", "x", "--cases", "x"]])
def test_decide_asks_for_one_file(arguments, tmp_path):
    (tmp_path / "x").write_text("{}")
    given = [str(tmp_path / "x") if a == "x" else a for a in arguments]
    assert "--facts FILE for one case" in run(decide_, "heating", *given).output


def test_the_page_of_facts_is_up_to_date():
    made = CliRunner().invoke(facts, ["--services", str(ROOT)]).output
    assert (DOCS / "facts.md").read_text() == made, "run: yakuba facts > docs/facts.md"


def test_what_the_page_calls_enough_is_decided_as_it_says(catalogue, tmp_path, monkeypatch):
    monkeypatch.setattr(commands, "_known", lambda services: catalogue)  # read once, and not for each service
    page = (DOCS / "facts.md").read_text()
    shown = re.findall(r"### ([\w-]+)\n.*?```yaml\n(.*?)# (\w+)(?:, ([\d,]+) yen)?\n```", page, re.DOTALL)
    offered = [name for name, service in catalogue.services.items() if service.offered]
    assert [service for service, *_ in shown] == offered
    for service, cases, outcome, amount in shown:
        (tmp_path / "cases.yaml").write_text(cases)
        said = CliRunner().invoke(decide_, [service, "--cases", str(tmp_path / "cases.yaml"), "--json"])
        (answer,) = orjson.loads(said.output)
        yen = int(amount.replace(",", "")) if amount else None
        assert (answer["outcome"], answer["amount"], answer["missing"]) == (outcome, yen, [])


@pytest.mark.parametrize("name", sorted(file.parent.name for file in ROOT.glob("*/examples.yaml")))
def test_enough_leaves_out_what_a_decision_does_not_need_and_nothing_else(catalogue, name):
    service, example = catalogue.services[name], catalogue.examples[name][0]
    kept = describe.enough(service, example)
    whole = decide(service, example.facts, as_of=example.as_of)
    assert comes_out(service, kept, example) == (whole.outcome, whole.amount)
    for group in groups(kept):
        for key, value in list(group.items()):
            del group[key]
            assert comes_out(service, kept, example) != (whole.outcome, whole.amount), key
            group[key] = value


def comes_out(service, facts, example):
    decided = decide(service, facts, as_of=example.as_of)
    return decided.outcome, decided.amount


def groups(facts):
    """Each mapping in the facts that holds facts and not further groups."""
    for value in facts.values():
        yield from [value] if isinstance(value, dict) else value


WRITTEN = re.findall(r"```yaml\n# yakuba (.*?)\n(.*?)```", (DOCS / "facts.md").read_text(), re.DOTALL)


@pytest.mark.parametrize(
    ("written", "outcomes"),
    [(WRITTEN[0], ["granted"]), (WRITTEN[1], ["granted", "refused", "unknown"])],
    ids=["facts", "cases"],
)
def test_the_files_on_the_page_of_facts_are_decided(written, outcomes, tmp_path):
    command, text = written
    (tmp_path / "file.yaml").write_text(text)
    words = command.replace("FILE.yaml", str(tmp_path / "file.yaml")).split()
    said = CliRunner().invoke(decide_, words[1:])
    assert said.exit_code == 0, said.output
    answers = orjson.loads(said.output)
    assert [a["outcome"] for a in (answers if isinstance(answers, list) else [answers])] == outcomes


@pytest.mark.parametrize(
    "keys", [["outcome", "amount", "conditions", "missing", "undated", "values", "items"]]
)
def test_the_page_of_facts_says_what_an_answer_has(keys, tmp_path):
    (tmp_path / "facts.yaml").write_text(GOOD)
    said = run(decide_, "heating", "--facts", str(tmp_path / "facts.yaml"), "--as-of", "2025-05-01", "--json")
    answer = orjson.loads(said.output)
    told = (DOCS / "facts.md").read_text()
    assert set(answer) == {"service", "version", "as_of", *keys}
    assert all(f"`{key}`" in told for key in [*keys, *answer["conditions"][0]])


def test_an_error_names_file_and_line_of_its_case(tmp_path):
    cases = "- {id: a, as_of: 2025-05-01, facts: {}}\n- {id: b, as_of: 2025-05-01, facts: {aplicant: 1}}\n"
    (tmp_path / "cases.yaml").write_text(cases)
    said = run(decide_, "heating", "--cases", str(tmp_path / "cases.yaml"), "--json")
    _, wrong = orjson.loads(said.output)
    assert said.exit_code == 1
    assert wrong["error"].startswith(f"{tmp_path / 'cases.yaml'}:2 — ")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("a: 日".encode("cp932"), "UTF-8"),
        (b"a: &a [1]\nb: [*a, *a]\n", "& and *"),
        (b"", "empty"),
        (b"a: [1\n", "YAML"),
    ],
)
def test_a_file_that_cannot_be_read_is_wrong_use(written, said, tmp_path):
    (tmp_path / "facts.yaml").write_bytes(written)
    shown = run(decide_, "heating", "--facts", str(tmp_path / "facts.yaml"), "--as-of", "2025-05-01")
    assert shown.exit_code == 2
    assert said in shown.output
    assert "facts.yaml:" in shown.output


@pytest.mark.parametrize("day", ["2025-05-01", "2025/5/1", "令和7年5月1日", "R7.5.1", '"2025-05-01"'])
def test_the_day_of_decision_is_written_as_people_write_dates(day, tmp_path):
    (tmp_path / "cases.yaml").write_text(f"- {{as_of: {day}, facts: {{applicant: {{birth_date: {day}}}}}}}\n")
    (answer,) = orjson.loads(
        run(decide_, "heating", "--cases", str(tmp_path / "cases.yaml"), "--json").output
    )
    assert answer["as_of"] == "2025-05-01"
    assert answer["conditions"][1]["facts"] == {"applicant.birth_date": "2025-05-01"}


def test_a_day_before_a_parameter_grants_nothing_and_names_it(edited, tmp_path):
    folder = edited("values: {2024-04-01: 65}", "values: {2025-04-01: 65}")
    (tmp_path / "facts.yaml").write_text(GOOD)
    given = ["--facts", str(tmp_path / "facts.yaml"), "--as-of", "2025-03-31", "--json"]
    answer = orjson.loads(CliRunner().invoke(decide_, ["heating", *given, "--services", str(folder)]).output)
    assert (answer["outcome"], answer["amount"], answer["undated"]) == ("unknown", None, ["age"])


def test_a_code_keeps_its_zeros_without_quotes(tmp_path):
    (tmp_path / "facts.yaml").write_text(GOOD.replace('"0001"', "0001"))
    said = run(decide_, "heating", "--facts", str(tmp_path / "facts.yaml"), "--as-of", "2025-05-01", "--json")
    assert orjson.loads(said.output)["outcome"] == "granted"


def test_the_pages_of_what_is_declared_name_every_key():
    pages = ("service-file.md", "robots.md", "plan.md", "reception.md")
    told = "".join((DOCS / page).read_text() for page in pages)
    missing = [key for key in keys_of_a_file() if not re.search(rf"\b{key}\b", told)]
    assert missing == []


def test_the_schema_in_the_docs_is_up_to_date():
    assert (DOCS / "service.schema.json").read_text() == CliRunner().invoke(schema).output, (
        "run: yakuba schema > docs/service.schema.json"
    )


def test_the_schema_takes_every_service_file_and_refuses_a_slip():
    checker = jsonschema.Draft202012Validator(orjson.loads(CliRunner().invoke(schema).output))
    files = [*ROOT.glob("*/service.yaml"), SMALL / "heating/service.yaml"]
    for file in files:
        written = orjson.loads(orjson.dumps(YAML(typ="safe").load(file), option=orjson.OPT_NON_STR_KEYS))
        assert list(checker.iter_errors(written)) == [], file
        assert list(checker.iter_errors({**written, "stepps": []}))


def test_a_new_service_is_laid_out_once_and_only_under_a_name_that_a_folder_can_have(tmp_path):
    shutil.copytree(ROOT, tmp_path / "services")
    asked = ["new-service", "dog-park", "--name", "犬", "--services", str(tmp_path / "services")]
    assert CliRunner().invoke(yakuba, asked).exit_code == 0
    written_once = (tmp_path / "services" / "dog-park" / "service.yaml").read_text()
    again = CliRunner().invoke(yakuba, asked)
    assert again.exit_code == 1
    assert "is there already" in again.output
    assert (tmp_path / "services" / "dog-park" / "service.yaml").read_text() == written_once
    for bad in ("Dog", "dog_park", "shared", "towns", "..", "a--b"):
        refused = CliRunner().invoke(
            yakuba, ["new-service", bad, "--name", "犬", "--services", str(tmp_path)]
        )
        assert refused.exit_code == 2, bad
