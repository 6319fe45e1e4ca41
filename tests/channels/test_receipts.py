"""What a portal received is taken in as any request is, or held with what is wrong; nothing in its file is believed."""

from __future__ import annotations

import csv
import io
import json
import random
import zipfile
from datetime import datetime

import pytest
from click.testing import CliRunner
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.channels.files import photo, program
from tests.conftest import TOWN
from yakuba.access import PUBLIC, SYSTEM, Denied, towns
from yakuba.cases import queries as case_queries
from yakuba.cases.models import Case, Document
from yakuba.channels import receipt_files, receipts
from yakuba.channels.commands import intake
from yakuba.channels.models import Draft
from yakuba.channels.receipt_files import Unreadable
from yakuba.clock import TOKYO

NOW = datetime(2026, 11, 29, 12, tzinfo=TOKYO)
RECEIVED = "2026-11-28T10:15:00+09:00"
TARO = {
    "applicant.name": "山田 太郎", "applicant.kana": "ヤマダ タロウ", "applicant.birth_date": "1950-01-01",
    "applicant.postal_code": "9990001", "applicant.address": "1番地", "applicant.phone": "0000000000",
}  # fmt: skip
DOG = TARO | {
    "dog_death.name": "ポチ", "dog_death.breed": "柴", "dog_death.owner": "owner", "dog_death.kept_in_town": True,
    "dog_death.registered": "here", "dog_death.tag": "lost", "event.date": "2026-11-20",
}  # fmt: skip
CHILD = TARO | {
    "claim.reason": "other", "applicant.public_servant": False, "applicant.parent_role": "only_parent",
    "children[0].name": "山田 一郎", "children[0].birth_date": "2020-04-01", "children[0].relation": "own",
    "children[0].living_together": False, "children[0].cared_for": True, "children[0].in_japan": True,
    "children[0].in_institution": False, "account.bank": "0001", "account.branch": "001", "account.type": "1",
    "account.number": "1234567", "account.holder": "ヤマダ タロウ", "file.living_apart": "apart.jpg",
}  # fmt: skip
PHOTO = photo().read()


def row(number: str, service: str = "dog-death", **more: str) -> dict[str, str]:
    usual = {"received_at": RECEIVED, "evidence": "", "answers": f"{number}/answers.json"}
    return {"receipt": number, "service": service, **usual, **more}


def table(rows: list[dict[str, str]], encoding: str = "utf-8") -> bytes:
    made = io.StringIO()
    lines = csv.DictWriter(made, dict.fromkeys(name for one in rows for name in one), restval="")
    lines.writeheader()
    lines.writerows(rows)
    return made.getvalue().encode(encoding)


def written(answers: dict) -> bytes:
    return json.dumps(answers, ensure_ascii=False).encode()


def packed(*rows: dict[str, str], encoding: str = "utf-8", **files: bytes) -> bytes:
    """A delivery with these rows; `files` by name, `/` written as `__`; a receipt whose answers are not among them is
    about a dog."""
    made = io.BytesIO()
    named = {name.replace("__", "/"): content for name, content in files.items()}
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("index.csv", table(list(rows), encoding))
        for one in rows:
            if one["answers"] not in named and one["answers"].endswith("answers.json"):
                named.setdefault(one["answers"], written(DOG))
        for name, content in named.items():
            archive.writestr(name, content)
    return made.getvalue()


def take(content: bytes, language: str = "ja", by=None) -> list[receipts.Taken]:
    with receipt_files.opened(io.BytesIO(content)) as delivery:
        return [
            one
            for some in receipts.batches(delivery)
            for one in receipts.take_in(delivery, some, by=by or SYSTEM(TOWN), as_of=NOW, language=language)
        ]


def held(content: bytes) -> receipts.Taken:
    """The one receipt of a delivery, which is held."""
    (one,) = take(content)
    assert one.state == "held"
    return one


def case_of(one: receipts.Taken) -> Case:
    case = case_queries.by_reference(one.reference)
    assert case is not None
    return case


# ---------------------------------------------------------------- what is right


def test_a_receipt_becomes_a_case_of_its_service_on_the_day_on_which_the_portal_received_it(in_town):
    (one,) = take(packed(row("A-1")))
    case = case_of(one)
    assert (one.state, case.service, case.channel) == ("opened", "dog-death", "api")
    assert case.opened_at == datetime.fromisoformat(RECEIVED)
    assert case_queries.state(case).fact("dog_death.name") == "ポチ"


def test_a_receipt_may_name_the_procedure_of_the_plan_and_bring_its_papers(in_town):
    (one,) = take(
        packed(row("A-1", "kosodate-01"), **{"A-1__answers.json": written(CHILD), "A-1__apart.jpg": PHOTO})
    )
    case = case_of(one)
    assert case.service == "child-allowance"
    assert [attached.purpose for attached, _ in case_queries.documents_of(case.id)] == ["living_apart"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_answers_may_come_as_a_table_in_the_encoding_of_an_office(encoding, in_town):
    said = {name: {True: "はい", False: "no"}.get(value, value) for name, value in CHILD.items()}
    cells = [{"fact": name, "value": str(value)} for name, value in said.items()]
    delivery = packed(
        row("A-1", "child-allowance", answers="A-1/答え.csv"), encoding=encoding,
        **{"A-1__答え.csv": table(cells, encoding), "A-1__apart.jpg": PHOTO},
    )  # fmt: skip
    (one,) = take(delivery)
    assert (one.state, dict(one.wrong)) == ("opened", {})
    (child,) = case_queries.state(case_of(one)).facts["children"]
    assert (child["birth_date"], child["living_together"]) == ("2020-04-01", False)


def test_the_same_file_again_changes_nothing(in_town):
    delivery = packed(row("A-1"), row("A-2", "nothing"))
    first, again = take(delivery), take(delivery)
    assert receipts.counts(first) == {"in": 2, "opened": 1, "known": 0, "held": 1}
    assert receipts.counts(again) == {"in": 2, "opened": 0, "known": 2, "held": 0}
    assert [one.reference for one in again] == [one.reference for one in first]
    assert Case.objects.count() == 2


def test_who_the_portal_identified_is_the_one_person_of_that_name_birth_date_and_address(taro):
    sure, unsure, moved = take(
        packed(
            row("A-1", evidence="マイナンバーカード"),
            row("A-2"),
            row("A-3", evidence="マイナンバーカード"),
            **{"A-3__answers.json": written(DOG | {"applicant.address": "99番地"})},
        )
    )
    assert (case_of(sure).identified, case_of(sure).applicant) == (True, taro.id)
    assert not case_of(unsure).identified
    assert not case_of(moved).identified


def test_many_receipts_are_taken_in_batch_by_batch_and_none_is_lost(in_town, monkeypatch):
    monkeypatch.setattr(receipts, "BATCH", 10)
    taken = take(packed(*(row(f"A-{n}") for n in range(25))))
    assert receipts.counts(taken) == {"in": 25, "opened": 25, "known": 0, "held": 0}
    assert len({one.reference for one in taken}) == 25


# ---------------------------------------------------------------- what is held

WRONG: dict[str, tuple[dict, dict[str, bytes], str]] = {
    "a service that the town has not": ({"service": "dog-park"}, {}, "service"),
    "a procedure that several services fulfil": ({"service": "kurashi-07"}, {}, "service"),
    "a time that is none": ({"received_at": "yesterday"}, {}, "received_at"),
    "a time that is still to come": ({"received_at": "2027-01-01T00:00:00+09:00"}, {}, "received_at"),
    "a day before the rules held": ({"received_at": "2001-01-01T00:00:00+09:00"}, {}, "received_at"),
    "a language that nobody has": ({"language": "fr"}, {}, "language"),
    "answers that are not there": ({"answers": "A-1/none.json"}, {}, "A-1/none.json"),
    "answers that are no JSON": ({}, {"A-1__answers.json": b"{"}, "A-1/answers.json"),
    "answers that are a list": ({}, {"A-1__answers.json": b"[]"}, "A-1/answers.json"),
    "answers in another encoding": (
        {"answers": "A-1/a.csv"}, {"A-1__a.csv": "fact,value\nx,あ\n".encode("utf-16")}, "A-1/a.csv",
    ),
    "answers too large": ({}, {"A-1__answers.json": random.Random(1).randbytes(1_100_000)}, "A-1/answers.json"),
    "an answer that is missing": (
        {}, {"A-1__answers.json": written({k: v for k, v in DOG.items() if k != "event.date"})}, "event.date",
    ),
    "an answer that cannot be taken": (
        {}, {"A-1__answers.json": written(DOG | {"applicant.postal_code": "12"})}, "applicant.postal_code",
    ),
    "an answer of another type": (
        {}, {"A-1__answers.json": written(DOG | {"dog_death.kept_in_town": "yes"})}, "dog_death.kept_in_town",
    ),
    "an answer that does not hold": (
        {}, {"A-1__answers.json": written(DOG | {"applicant.birth_date": "1899-01-01"})}, "applicant.birth_date",
    ),
    "a name that nobody asks for": ({}, {"A-1__answers.json": written(DOG | {"dog.age": 3})}, "dog.age"),
    "a name that is none": ({}, {"A-1__answers.json": written(DOG | {"../x": 3})}, "../x"),
    "a group that is also a list": ({}, {"A-1__answers.json": written(DOG | {"applicant[0].name": "x"})}, "applicant[0].name"),
    "an attachment that is not there": (
        {"service": "child-allowance"}, {"A-1__answers.json": written(CHILD)}, "A-1/apart.jpg",
    ),
    "an attachment of another type": (
        {"service": "child-allowance"},
        {"A-1__answers.json": written(CHILD), "A-1__apart.jpg": program().read()}, "A-1/apart.jpg",
    ),
    "an attachment that nobody asks for": (
        {}, {"A-1__answers.json": written(DOG | {"file.photo": "a.jpg"}), "A-1__a.jpg": PHOTO}, "file.photo",
    ),
    "more attachments than are asked for": (
        {"service": "child-allowance"},
        {"A-1__answers.json": written(CHILD | {"file.living_apart": ["apart.jpg", "b.jpg"]}), "A-1__apart.jpg": PHOTO},
        "file.living_apart",
    ),
}  # fmt: skip


@pytest.mark.parametrize("slip", WRONG)
def test_what_cannot_be_taken_in_is_held_and_says_where_what_and_how_to_mend_it(slip, in_town):
    more, files, where = WRONG[slip]
    one = held(packed(row("A-1", **more), **files))
    assert where in one.wrong
    case = case_of(one)
    assert case.service == "held-receipt"
    assert one.wrong[where].ja in case_queries.state(case).fact("receipt.wrong")
    assert case_queries.waiting_step(case.id)[1] == "mend"


def test_a_held_receipt_keeps_what_was_answered_and_the_files_as_they_came(in_town):
    files = {"A-1__answers.json": written(CHILD | {"claim.reason": "?"}), "A-1__apart.jpg": program().read()}
    state = case_queries.state(case := case_of(held(packed(row("A-1", "child-allowance"), **files))))
    service, facts = receipts.given(state)
    assert service.id == "child-allowance"
    assert (facts["applicant"]["kana"], facts["children"][0]["cared_for"]) == ("ヤマダ タロウ", True)
    kept = {document.name: document for _, document in case_queries.documents_of(case.id)}
    assert bytes(case_queries.document(kept["answers.json"].id).content) == files["A-1__answers.json"]
    assert kept["apart.jpg.txt"].media_type == "text/plain"  # a program is not opened as what it says it is


def test_a_receipt_that_lacks_something_leaves_no_stray_paper(in_town):
    said = {name: value for name, value in CHILD.items() if name != "applicant.kana"}
    one = held(
        packed(row("A-1", "child-allowance"), **{"A-1__answers.json": written(said), "A-1__apart.jpg": PHOTO})
    )
    assert list(one.wrong) == ["applicant.kana"]
    assert Document.objects.count() == len(case_queries.documents_of(case_of(one).id)) == 2


def test_the_reasons_are_in_the_language_of_who_reads_them(in_town):
    (one,) = take(packed(row("A-1", "dog-park")), language="en")
    assert "neither a service of this town" in case_queries.state(case_of(one)).fact("receipt.wrong")


def test_a_number_that_stands_twice_in_a_file_is_held_both_times(in_town):
    first, second, other = take(packed(row("A-1"), row("A-1", "child-allowance"), row("A-2")))
    assert [first.state, second.state, other.state] == ["held", "held", "opened"]
    assert first.reference != second.reference


def test_nobodys_papers_go_to_another_who_shares_the_folder(in_town):
    first, second = take(
        packed(
            row("A-1", answers="both/1.json"),
            row("A-2", answers="both/2.json"),
            **{"both__1.json": written(DOG), "both__2.json": written(DOG)},
        )
    )
    assert [first.state, second.state] == ["held", "held"]
    names = [document.name for _, document in case_queries.documents_of(case_of(first).id)]
    assert names == ["1.json"]


def test_what_was_held_and_comes_mended_is_taken_in(in_town):
    held(packed(row("A-1", "dog-park")))
    (one,) = take(packed(row("A-1")))
    assert one.state == "opened"


# ---------------------------------------------------------------- what is not read at all


def zipped(**files: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def damaged() -> bytes:
    made = bytearray(packed(row("A-1")))
    made[60:70] = b"\0" * 10
    return bytes(made)


INDEX = table([row("A-1")])
NEVER = {
    "no ZIP": (b"PK no", "ZIP"),
    "a cut-off ZIP": (packed(row("A-1"))[:-40], "ZIP"),
    "a damaged index": (damaged(), "damaged"),
    "no index": (zipped(**{"a.txt": b""}), "no index.csv"),
    "an index in another encoding": (zipped(**{"index.csv": INDEX.decode().encode("utf-16")}), "CP932"),
    "an index without a column": (zipped(**{"index.csv": b"receipt,service\nA-1,x\n"}), "missing: answers"),
    "an index with another column": (zipped(**{"index.csv": table([row("A-1") | {"my_number": "1"}])}), "my_number"),
    "a row without a number": (zipped(**{"index.csv": table([row("A-1"), row("")])}), "Row 3"),
    "a name that goes up": (zipped(**{"index.csv": INDEX, "../evil.json": b"{}"}), "points outside"),
    "an absolute name": (zipped(**{"index.csv": INDEX, "/etc/passwd": b"{}"}), "points outside"),
    "a name with a drive": (zipped(**{"index.csv": INDEX, "C:\\evil": b"{}"}), "points outside"),
    "a bomb": (zipped(**{"index.csv": INDEX, "A-1/answers.json": b"0" * 20_000_000}), "too large"),
}  # fmt: skip


@pytest.mark.parametrize("slip", NEVER)
def test_a_file_that_is_no_delivery_is_refused_as_a_whole(slip, in_town):
    content, says = NEVER[slip]
    with pytest.raises(Unreadable, match=says):
        take(content)
    assert Case.objects.count() == 0


def test_a_name_that_stands_twice_in_the_zip_is_refused(in_town):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("index.csv", INDEX)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("index.csv", INDEX)
    with pytest.raises(Unreadable, match=r"index\.csv"):
        take(made.getvalue())


@pytest.mark.parametrize("most", ["MOST_PACKED", "MOST_UNPACKED", "MOST_ENTRIES", "MOST_INDEX"])
def test_sizes_have_their_limits(most, in_town, monkeypatch):
    monkeypatch.setattr(receipt_files, most, 1)
    with pytest.raises(Unreadable, match="too large"):
        take(packed(row("A-1")))


# ---------------------------------------------------------------- who may, and how


def test_a_visitor_takes_no_file_in(in_town):
    with pytest.raises(Denied):
        take(packed(row("A-1")), by=PUBLIC(TOWN))


def test_the_command_says_what_came_of_each_receipt(in_town, tmp_path):
    file = tmp_path / "delivery.zip"
    file.write_bytes(packed(row("A-1"), row("A-2", "dog-park")))
    said = CliRunner().invoke(intake, ["receipts", str(file), "--town", TOWN, "--json"])
    report = json.loads(said.output)
    assert len(report["sha256"]) == 64
    assert {name: report[name] for name in ("in", "opened", "known", "held")} == {
        "in": 2, "opened": 1, "known": 0, "held": 1,
    }  # fmt: skip
    assert set(report["receipts"][1]["wrong"]["service"]) == {"ja", "easy", "en"}
    plain = CliRunner().invoke(intake, ["receipts", str(file), "--town", TOWN])
    assert "known: 2" in plain.output


def test_the_command_says_why_a_file_cannot_be_read(in_town, tmp_path):
    (tmp_path / "x.zip").write_bytes(b"x")
    said = CliRunner().invoke(intake, ["receipts", str(tmp_path / "x.zip"), "--town", TOWN])
    assert (said.exit_code, "ZIP" in said.output) == (1, True)
    said = CliRunner().invoke(intake, ["receipts", str(tmp_path / "x.zip"), "--town", "999999"])
    assert (said.exit_code, "no town" in said.output) == (2, True)


# ---------------------------------------------------------------- the desk


def upload(client, content: bytes):
    file = SimpleUploadedFile("delivery.zip", content, "application/zip")
    return client.post(f"/{TOWN}/staff/receipts/take-in/", {"file": file})


def test_a_clerk_takes_a_file_in_and_sees_what_is_held_and_why(desk):
    clerk = desk("clerk")
    page = upload(clerk, packed(row("A-1"), row("A-2", "dog-park"))).content.decode()
    assert "A-2" in page
    assert "「dog-park」は、この町の手続のID" in page
    assert "A-2" in clerk.get(f"/{TOWN}/staff/receipts/").content.decode()


def test_a_clerk_keys_in_what_is_held_without_typing_again_what_was_answered(desk):
    clerk = desk("clerk")
    upload(clerk, packed(row("A-1"), **{"A-1__answers.json": written(DOG | {"applicant.postal_code": "12"})}))
    with towns.inside(TOWN):
        task = case_queries.queue(service="held-receipt").get()
    answer = clerk.post(f"/{TOWN}/staff/receipts/{task.case_id}/key-in/", follow=True)
    assert answer.redirect_chain[-1][0].endswith("/address/")
    with towns.inside(TOWN):
        draft = Draft.objects.get()
        assert draft.facts["dog_death"]["name"] == "ポチ"


def test_the_desk_says_why_a_file_cannot_be_taken_in(desk, monkeypatch):
    clerk = desk("clerk")
    assert "ZIPファイルとして開けません" in upload(clerk, b"x").content.decode()
    assert "受付ファイルを選んでください" in clerk.post(f"/{TOWN}/staff/receipts/take-in/").content.decode()
    monkeypatch.setattr("yakuba.channels.receipts_desk.MOST", 0)
    assert "0件までです" in upload(clerk, packed(row("A-1"))).content.decode()


def test_who_does_not_take_requests_in_does_not_see_the_page(desk):
    assert desk("accountant").get(f"/{TOWN}/staff/receipts/").status_code == 403


def test_what_is_no_longer_held_cannot_be_keyed_in(desk, in_town):
    clerk = desk("clerk")
    answer = clerk.post(f"/{TOWN}/staff/receipts/{'0' * 8}-0000-4000-8000-{'0' * 12}/key-in/", follow=True)
    assert "もう保留されていません" in answer.content.decode()
