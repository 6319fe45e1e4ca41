"""A checkpoint that was kept outside finds out who rewrote everything else: rows, chains, checkpoints and the key."""

from __future__ import annotations

import copy
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner
from django.db import ProgrammingError, connection, transaction

from tests.cases.conftest import KATO, MONDAY, SATO, UNSURE, open_task, tamper
from yakuba import clock
from yakuba.access import Resource, log, seals
from yakuba.cases import actions, chain, outside, replay, retention, signing, verify
from yakuba.cases.models import Case, Event

pytestmark = pytest.mark.django_db
LATER = clock.now() + timedelta(days=1)


@pytest.fixture(autouse=True)
def own_key(settings, tmp_path):
    """A key of this test alone."""
    settings.YAKUBA_CHECKPOINT_KEY = tmp_path / "checkpoint.key"


@pytest.fixture
def lived(apply, in_town) -> list[Case]:
    """Two cases with some life, and a few looks at them, sealed."""
    first, second = apply(UNSURE), apply(UNSURE)
    for who in (KATO, SATO):
        actions.decide(open_task(first, "review"), by=who, as_of=MONDAY, outcome="refused", reason="対象外")
    for case in (first, second, first):
        log.record(KATO, "case.read", Resource("Case", str(case.id), in_town), log.ALLOWED, as_of=clock.now())
        seals.seal(in_town, as_of=LATER)
    return [first, second]


@pytest.fixture
def kept(lived, in_town) -> dict:
    """The file that was kept outside."""
    return outside.make(in_town, as_of=LATER)


def told(town: str, file: dict) -> str:
    """What the file finds, as one text."""
    return "\n".join(f"{one.case} {one.what}" for one in outside.against(town, file))


def rewrite(case: Case) -> None:
    """Compute the whole chain of a case anew over the rows as they are now: what somebody could do who owns the database."""
    head = chain.GENESIS
    for seq, row in enumerate(Event.objects.filter(case=case).order_by("seq"), start=1):
        new = chain.link(
            head, town=row.town, case=str(case.id), seq=seq, kind=row.kind, at=row.at, by_kind=row.by_kind,
            by_id=row.by_id, key=row.key, body=row.body, digest=row.digest and bytes(row.digest),
        )  # fmt: skip
        tamper("update cases_event set seq = %s, prev = %s, hash = %s where id = %s", seq, head, new, row.id)
        head = new
        tamper("update cases_case set seq = %s, head = %s where id = %s", seq, head, case.id)


def reseal(town: str) -> None:
    """Make the whole chain of the access log anew."""
    tamper("delete from access_accessseal")
    seals.seal_all(town, as_of=LATER)


def test_logs_that_only_grew_contain_all_that_was_bound(lived, kept, in_town):
    actions.note(lived[1].id, "later", by=KATO, as_of=MONDAY)
    log.record(KATO, "case.read", Resource("Case", "x", in_town), log.ALLOWED, as_of=clock.now())
    seals.seal(in_town, as_of=LATER)
    assert outside.against(in_town, kept) == []
    assert verify.whole(in_town).findings == []


def test_the_file_is_small_and_explains_itself(kept, tmp_path):
    path = tmp_path / outside.name(kept)
    outside.write(kept, path)
    assert path.stat().st_size < 4000
    assert outside.read(path) == kept
    assert {"says", "signature", "public_key", "how"} < kept.keys()
    assert kept["says"]["cases"]["count"] == 2
    assert kept["says"]["access"]["events"] == 3


@pytest.mark.parametrize(
    "change",
    [
        "update cases_event set at = at + interval '1 day' where case_id = %s and seq = 2",
        "delete from cases_event where case_id = %s and seq = 2",
        "delete from cases_event where case_id = %s and seq > 2",
        "update cases_event set seq = case seq when 2 then 3 else 2 end where case_id = %s and seq in (2, 3)",
        "update cases_event set seq = seq + 1 where case_id = %s and seq > 1",
        "update cases_event set by_id = 'staff:nobody' where case_id = %s and kind = 'proposed'",
    ],
    ids=["change", "middle", "last", "reorder", "insert", "who"],
)
def test_a_chain_that_was_computed_anew_is_found_by_the_file_and_its_case_named(lived, kept, in_town, change):
    tamper("alter table cases_event drop constraint one_event_per_place")
    tamper(change, lived[0].id)
    if "seq + 1" in change:
        tamper(
            "insert into cases_event (town, case_id, seq, kind, at, by_kind, by_id, key, body, prev, hash)"
            " select town, case_id, 2, 'noted', at, by_kind, by_id, 'forged', '{}', hash, hash"
            " from cases_event where case_id = %s and seq = 1",
            lived[0].id,
        )
    rewrite(lived[0])
    replay.rebuild(in_town)
    tamper("delete from cases_checkpoint")
    assert verify.verify(in_town)[2] == []
    found = outside.against(in_town, kept)
    assert lived[0].id in {one.case for one in found}
    assert lived[1].id not in {one.case for one in found}


def test_events_swapped_between_two_cases_are_found_even_with_new_chains(lived, kept, in_town):
    tamper(
        "update cases_event e set body = o.body, private = o.private, salt = o.salt, digest = o.digest from cases_event o"
        " where e.seq = 1 and o.seq = 1 and e.case_id <> o.case_id"
    )
    for case in lived:
        rewrite(case)
    assert {one.case for one in outside.against(in_town, kept)} >= {case.id for case in lived}


def test_a_case_that_was_removed_whole_is_named(lived, kept, in_town):
    for table in ("cases_event", "cases_task"):
        tamper(f"delete from {table} where case_id = %s", lived[1].id)
    tamper("delete from cases_case where id = %s", lived[1].id)
    tamper("delete from cases_checkpoint")
    assert verify.verify(in_town)[2] == []
    assert str(lived[1].id) in told(in_town, kept)


def test_a_database_that_was_rolled_back_to_an_older_state_is_found(lived, in_town):
    older = transaction.savepoint()
    actions.note(lived[0].id, "what shall be forgotten", by=KATO, as_of=MONDAY)
    log.record(KATO, "case.read", Resource("Case", "x", in_town), log.ALLOWED, as_of=clock.now())
    file = outside.make(in_town, as_of=LATER)
    assert outside.against(in_town, file) == []
    transaction.savepoint_rollback(older)
    assert verify.whole(in_town).findings == []
    found = told(in_town, file)
    assert f"{lived[0].id} checkpoint kept outside" in found
    assert "the access log between rows" in found
    assert "the database does not know this checkpoint" in found


def test_an_access_log_whose_chain_was_made_anew_is_found_and_the_place_named(
    lived, kept, in_town, monkeypatch
):
    links = list(seals.anchors(in_town, since=MONDAY))
    monkeypatch.setattr(seals, "MOST", 1)  # with the same ends as before
    tamper("update access_accessevent set worker_id = 'staff:nobody' where id = %s", links[1][0])
    reseal(in_town)
    assert seals.verify(in_town).breaks == []
    assert "the access log" in "\n".join(one.what for one in verify.whole(in_town).findings)
    tamper("delete from cases_checkpoint")
    assert verify.whole(in_town).findings == []
    assert f"the access log between rows {links[0][0] + 1} and {links[1][0]}" in told(in_town, kept)


def test_everything_replaced_with_its_checkpoints_and_the_key_is_found(lived, kept, in_town, settings):
    tamper("update cases_event set by_id = 'staff:nobody' where case_id = %s and seq = 2", lived[0].id)
    rewrite(lived[0])
    tamper("delete from access_accessevent where id = (select min(id) from access_accessevent)")
    reseal(in_town)
    tamper("delete from cases_checkpoint")
    settings.YAKUBA_CHECKPOINT_KEY.unlink()
    outside.make(in_town, as_of=LATER)
    found = told(in_town, kept)
    assert "it was signed with key" in found
    assert str(lived[0].id) in found
    assert str(lived[1].id) not in found
    assert "the access log between rows" in found


@pytest.mark.parametrize(
    "forge",
    [
        lambda file: file["says"]["cases"].update(events=1),
        lambda file: file.update(heads=""),
        lambda file: file["links"].pop(),
        lambda file: file.update(signature="00" * 64),
        lambda file: file["says"].update(at="2020-01-01T00:00:00+09:00"),
    ],
)
def test_a_file_that_was_changed_proves_nothing_and_says_so(kept, in_town, forge):
    file = copy.deepcopy(kept)
    forge(file)
    assert "the file itself was changed" in told(in_town, file)


def test_a_file_of_another_town_is_told_apart(kept):
    assert "it is of town 394262" in told("394271", kept)


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"says": {"format": "x"}}', b"\xff\x00"])
def test_a_file_that_is_no_checkpoint_is_refused_in_plain_words(tmp_path, content):
    path = Path(tmp_path / "x.json")
    path.write_bytes(content)
    with pytest.raises(outside.NotACheckpoint, match=r"x\.json"):
        outside.read(path)


def test_a_key_that_came_before_still_counts_where_the_settings_name_it(lived, kept, in_town, settings):
    settings.YAKUBA_CHECKPOINT_TRUSTED = [kept["public_key"]]
    settings.YAKUBA_CHECKPOINT_KEY.unlink()
    signing.signing_key()
    assert outside.against(in_town, kept) == []
    assert verify.whole(in_town).findings == []


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("update cases_checkpoint set statement = replace(statement, '\"events\":', '\"events\":1')", "signature"),
        ("delete from cases_checkpoint where id = (select min(id) from cases_checkpoint)", "before it is missing"),
        ("update cases_checkpoint set statement = '', statement_signature = null", "gone"),
    ],
)  # fmt: skip
def test_a_checkpoint_that_was_changed_or_removed_is_found(lived, kept, in_town, change, what):
    actions.note(lived[0].id, "more", by=KATO, as_of=MONDAY)
    outside.make(in_town, as_of=LATER)
    assert verify.whole(in_town).findings == []
    tamper(change)
    found = "\n".join(one.what for one in verify.whole(in_town).findings)
    assert what in found or "does not give" in found


def test_only_what_changed_is_kept_of_a_later_checkpoint(lived, kept, in_town):
    actions.note(lived[0].id, "more", by=KATO, as_of=MONDAY)
    later = verify.checkpoint(in_town, as_of=LATER)
    assert [case for case, _ in orjson.loads(later.heads)] == [str(lived[0].id)]
    assert verify.verify(in_town)[2] == []


@pytest.mark.parametrize(
    "change",
    [
        "update cases_event set kind = 'nonsense' where case_id = %s and kind = 'proposed'",
        "update cases_event set body = '{\"x\": []}' where case_id = %s and kind = 'decided'",
        "update cases_event set body = '[]' where case_id = %s and seq = 1",
    ],
)
def test_what_cannot_even_be_read_any_more_is_named_and_the_rest_is_looked_at(lived, in_town, change):
    tamper(change, lived[0].id)
    rewrite(lived[0])
    tamper("update cases_case set amount = 1 where id = %s", lived[1].id)
    findings = verify.verify(in_town)[2]
    assert {one.case for one in findings} == {lived[0].id, lived[1].id}


@pytest.mark.parametrize(
    "change",
    [
        "update cases_checkpoint set heads = 'nonsense'",
        "update cases_checkpoint set heads = '[1]'",
        "update cases_checkpoint set public_key = ''",
        "update cases_checkpoint set statement_signature = ''",
        "update access_accessseal set rows = 'x'",
        "update access_accessseal set hash = 'x', previous = id::text",
    ],
)
def test_nonsense_in_what_proves_the_logs_is_a_finding(lived, kept, in_town, change):
    tamper(change)
    assert verify.whole(in_town).findings


def test_the_text_of_a_service_that_was_changed_is_found(lived, in_town):
    tamper("update cases_serviceversion set bundle = replace(bundle, 'heating', 'heatinG')")
    assert "the kept text of service heating" in "\n".join(one.what for one in verify.verify(in_town)[2])


def test_an_event_that_is_dated_long_before_the_one_before_it_is_told(lived, in_town):
    actions.note(lived[0].id, "dated back", by=KATO, as_of=MONDAY - timedelta(days=30))
    done = verify.whole(in_town)
    assert done.findings == []
    assert [one.case for one in done.clocks] == [lived[0].id]


@pytest.mark.parametrize(
    "table",
    [
        "access_accessevent", "access_accessseal", "access_accesscut", "assistant_writtenentry", "audit_proof",
        "cases_event", "cases_checkpoint", "cases_certificate", "cases_serviceversion", "money_approval",
        "money_collectionfile", "money_paymentnotice", "records_cutover", "workbench_publication",
    ],
)  # fmt: skip
@pytest.mark.parametrize("verb", ["update {} set town = town", "delete from {}", "truncate {}"])
def test_the_application_can_only_add_to_what_is_a_log(in_town, table, verb):
    refused = pytest.raises(ProgrammingError, match="permission denied")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(verb.format(table))


# -- the certificate of what was removed -------------------------------------------------------------
@pytest.fixture
def removed(apply, in_town) -> Case:
    """A case with a file that was withdrawn long ago, and anonymised."""
    case = apply(UNSURE, worked=False)
    paper = actions.store_evidence("山田さんの画面".encode(), name="a.txt", as_of=MONDAY)
    actions.attach(case.id, paper, purpose="counter", by=KATO, as_of=MONDAY)
    actions.withdraw(case.id, by=KATO, as_of=MONDAY)
    assert retention.run(in_town, as_of=MONDAY + timedelta(days=3000)).certificate == 1
    return case


def test_what_was_removed_is_certified_with_its_rule_and_its_place_in_the_log(removed, in_town):
    from yakuba.cases import erasure

    (one,) = erasure.certificates()
    said = erasure.document(one)
    assert said["says"]["services"][0] | {"version": ""} == {
        "service": "heating", "name": said["says"]["services"][0]["name"], "version": "", "keep": "5 years",
        "law": said["says"]["services"][0]["law"], "cases": 1, "documents": 1, "bytes": 21,
    }  # fmt: skip
    last = Event.objects.get(case=removed, kind="anonymised")
    assert said["positions"] == [{"case": str(removed.id), "event": last.seq, "hash": bytes(last.hash).hex()}]
    assert signing.holds(
        bytes.fromhex(said["public_key"]), bytes.fromhex(said["signature"]), chain.canonical(said["says"])
    )


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("update cases_certificate set statement = replace(statement, '\"cases\":1', '\"cases\":0')", "signature"),
        ("update cases_certificate set positions = ''", "its list of cases was changed"),
        ("update cases_event set kind = 'noted' where kind = 'anonymised'", "does not say any more"),
    ],
)  # fmt: skip
def test_a_certificate_that_does_not_hold_any_more_is_found(removed, in_town, change, what):
    assert verify.verify(in_town)[2] == []
    tamper(change)
    assert what in "\n".join(one.what for one in verify.verify(in_town)[2])


def test_a_certificate_that_was_removed_is_missed_by_the_checkpoint_and_outside(removed, in_town):
    file = outside.make(in_town, as_of=LATER)
    tamper("delete from cases_certificate")
    assert "certificate 1 of what was removed is gone" in told(in_town, file)
    assert "certificate 1" in "\n".join(one.what for one in verify.verify(in_town)[2])


def test_a_certificate_that_was_kept_as_a_file_is_proved_and_a_changed_one_is_not(removed, in_town):
    from yakuba.cases import erasure

    file = orjson.loads(orjson.dumps(erasure.document(erasure.certificates()[0])))
    assert outside.against(in_town, file) == []
    forged = copy.deepcopy(file)
    forged["says"]["cases"] = 2
    assert "the file itself was changed" in told(in_town, forged)
    del forged["positions"]
    with pytest.raises(outside.NotACheckpoint):
        outside.against(in_town, forged)
    tamper("update cases_event set kind = 'noted' where kind = 'anonymised'")
    tamper("delete from cases_certificate")
    found = told(in_town, file)
    assert "certificate 1 of what was removed is gone" in found
    assert str(removed.id) in found


def test_what_a_killed_run_removed_is_certified_by_the_next(removed, apply, in_town, monkeypatch):
    from yakuba.cases import erasure

    other = apply(UNSURE, worked=False)
    actions.withdraw(other.id, by=KATO, as_of=MONDAY)
    retention.anonymise([other.id], as_of=MONDAY)
    report = retention.run(in_town, as_of=MONDAY + timedelta(days=3000))
    assert (report.due, report.certificate) == ({}, 2)
    assert erasure.said(erasure.certificates()[0])["cases"] == 1
    assert verify.verify(in_town)[2] == []


# -- on the command line -----------------------------------------------------------------------------
@pytest.fixture
def yakuba(monkeypatch):
    """The command line, in this process and on this database."""
    from yakuba.audit.commands import log as group

    return lambda *words: CliRunner().invoke(group, list(words), obj=lambda: None)


def test_the_command_line_writes_the_file_and_proves_the_log_by_it(lived, in_town, yakuba, tmp_path):
    path = str(tmp_path / "kept.json")
    assert yakuba("checkpoint", in_town, "--out", path).exit_code == 0
    proved = yakuba("verify", in_town, "--against", path)
    assert (proved.exit_code, "They contain all" in proved.output) == (0, True), proved.output
    tamper("delete from access_accessseal where id = (select max(id) from access_accessseal)")
    failed = yakuba("verify", in_town, "--against", path, "--json")
    assert failed.exit_code == 1
    assert any("access log" in one["what"] for one in orjson.loads(failed.output)["findings"])
    assert yakuba("verify", "123456").exit_code == 1
