"""What a shelter entered comes in once, whatever the order and however often; what does not fit is kept for a clerk."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import uuid
from collections import Counter
from datetime import timedelta

import pytest
from click.testing import CliRunner
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.channels.disaster.conftest import SHELTER, TARO, Pack
from tests.channels.test_desk import text
from tests.conftest import OTHER_TOWN, TOWN
from yakuba import clock
from yakuba.access import SYSTEM, Denied
from yakuba.cases import actions as cases
from yakuba.cases import jobs
from yakuba.cases import queries as case_queries
from yakuba.cases.models import Case, Document
from yakuba.channels.disaster import merging, pack, shelters
from yakuba.channels.disaster.commands import offline
from yakuba.channels.disaster.errors import NoPack
from yakuba.channels.models import OfflinePack

LATER = timedelta(hours=1)


def take(one: Pack, *entries: dict, by=None, hours: int = 1) -> list[merging.Taken]:
    return merging.merge(one.file(*entries), by=by or SYSTEM(TOWN), as_of=one.at + timedelta(hours=hours))


def opened(service: str) -> int:
    return Case.objects.filter(service=service).count()


@pytest.fixture
def packed(in_town) -> Pack:
    return Pack()


def test_entries_become_cases_once_and_say_who_entered_them(packed, clerk):
    entries = (
        packed.check_in(),
        packed.check_in(name="鈴木 花子", birth_date="1980-05-05", people=4, medical="透析"),
    )
    assert [one.state for one in take(packed, *entries, by=clerk)] == ["opened", "opened"]
    assert [one.state for one in take(packed, *entries, by=clerk)] == ["known", "known"]
    assert opened("shelter-check-in") == 2
    jobs.drain(TOWN, as_of=packed.at + LATER)
    (shelter,) = shelters.shelters()
    assert (shelter.name, len(shelter.there), shelter.people, shelter.needs["medical"]) == (SHELTER, 2, 6, 1)
    state = case_queries.state(Case.objects.get(id=shelter.there[0].case))
    assert state.fact("shelter.taken_by") == "佐藤"
    assert state.channel == "counter"


# -- any order, repeats, two devices -----------------------------------------------------------------
PEOPLE = ("山田 太郎", "鈴木 花子", "佐藤 次郎")
KINDS = ("good", "good", "good", "forged", "expired", "incomplete", "foreign key")
#: Entries: who, and what is wrong with them; then files of them, each with repeats, in any order.
MADE = st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(KINDS)), min_size=1, max_size=6)


@given(made=MADE, order=st.randoms(use_true_random=False), files=st.integers(1, 4))
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_merging_loses_nothing_and_doubles_nothing_in_any_order_with_any_repeats(made, order, files, packed):
    good = Counter(who for who, kind in made if kind == "good")
    with transaction.atomic():
        packs = (packed, Pack("第二小学校", as_of=packed.at))
        entries = [(order.choice(packs), who, kind) for who, kind in made]
        ready = [(where, entry(where, who, kind)) for where, who, kind in entries]
        sent = ready * 2 + order.choices(ready, k=3)
        order.shuffle(sent)
        for number in range(files):
            for where in packs:
                some = [one for of, one in sent[number::files] if of is where]
                merging.merge(where.file(*some), by=SYSTEM(TOWN), as_of=packed.at + LATER)
        there = Counter(one.name.replace("\u3000", " ") for one in shelters.check_ins())
        held = Counter(
            case_queries.state(case).fact("entry.why") for case in case_queries.open_of(merging.HELD)
        )
        transaction.set_rollback(True)
    assert there == good
    assert held["twice"] == sum(count - 1 for count in good.values())
    assert held.total() - held["twice"] == sum(kind != "good" for _, kind in made)


def entry(where: Pack, who: str, kind: str) -> dict:
    if kind == "expired":
        return where.check_in(name=who, minutes=73 * 60)
    if kind == "incomplete":
        return where.check_in(name=who, people=0)
    made = where.check_in(name=who, key=os.urandom(32) if kind == "foreign key" else None)
    return made if kind != "forged" else {**made, "data": made["data"][:-8] + "AAAAAAA="}


def test_a_file_that_was_cut_off_in_the_middle_goes_on_where_it_ended(packed, monkeypatch):
    monkeypatch.setattr(merging, "BATCH", 2)
    entries = [packed.check_in(name=name) for name in ("山田 一", "山田 二", "山田 三")]
    real, done = merging.take_in, []

    def dies_at_the_second(*given, **more):
        if done:
            raise KeyboardInterrupt
        done.append(1)
        return real(*given, **more)

    with monkeypatch.context() as patch:
        patch.setattr(merging, "take_in", dies_at_the_second)
        with pytest.raises(KeyboardInterrupt):
            take(packed, *entries)
    assert opened("shelter-check-in") == 2
    assert [one.state for one in take(packed, *entries)] == ["known", "known", "opened"]


# -- what does not fit ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("why", "says"),
    [
        ("forged", "改ざんされたか、壊れています"),
        ("foreign key", "改ざんされたか、壊れています"),
        ("expired", "期限が切れたあとに入力されています"),
        ("incomplete", "1人から30人まで"),
    ],
)
def test_an_entry_that_cannot_be_taken_in_is_kept_aside_with_what_is_wrong(why, says, packed):
    made = entry(packed, "山田 太郎", why)
    (one,) = take(packed, made)
    assert one.state == "held"
    assert one.wrong
    assert says in one.wrong.ja
    held = Case.objects.get(service=merging.HELD)
    assert held.reference == one.reference
    kept = Document.objects.get()
    assert json.loads(bytes(kept.content)) == made  # as it came
    assert [again.state for again in take(packed, made)] == ["known"]
    assert opened("shelter-check-in") == 0


def test_an_entry_under_the_number_of_another_or_of_another_pack_is_not_believed(packed):
    real, other = packed.check_in(), Pack("第二小学校")
    swapped = {**packed.check_in(name="別人"), "id": real["id"]}
    assert [one.why for one in take(packed, real, swapped)] == [None, "forged"]
    assert [one.why for one in take(other, real)] == ["forged"]
    assert opened("shelter-check-in") == 1


def test_the_same_person_at_two_shelters_is_kept_at_both_and_shown_to_a_clerk(packed):
    other = Pack("第二小学校")
    take(packed, packed.check_in())
    (one,) = take(other, other.check_in(name="山田太郎"))  # written without a blank
    assert (one.state, one.why) == ("opened", "twice")
    assert len(shelters.check_ins()) == 2
    held = case_queries.state(Case.objects.get(service=merging.HELD))
    assert SHELTER in held.fact("entry.wrong")
    assert len(held.fact("entry.cases").split(", ")) == 2


def test_leaving_is_carried_out_unless_the_case_went_on_meanwhile(packed, clerk):
    take(packed, packed.check_in())
    jobs.drain(TOWN, as_of=packed.at + LATER)
    (there,) = shelters.check_ins()
    out = Pack(as_of=packed.at + LATER)
    first, second = out.left(there.case, there.seq), out.left(there.case, there.seq)
    assert [one.state for one in take(out, first, by=clerk, hours=2)] == ["applied"]
    assert [one.state for one in take(out, first, by=clerk, hours=2)] == ["known"]
    assert not shelters.check_ins()
    assert case_queries.one(there.case).state == "closed"
    assert [(one.state, one.why) for one in take(out, second, by=clerk, hours=2)] == [("held", "changed")]


def test_a_case_that_changed_in_the_hall_is_not_closed_from_the_shelter(packed, clerk):
    take(packed, packed.check_in())
    jobs.drain(TOWN, as_of=packed.at + LATER)
    (there,) = shelters.check_ins()
    cases.note(there.case, "別の避難所へ移す相談中", by=clerk, as_of=packed.at + LATER)
    assert [(one.state, one.why) for one in take(packed, packed.left(there.case, there.seq), by=clerk)] == [
        ("held", "changed")
    ]
    assert len(shelters.check_ins()) == 1


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b'{"format": "x"}', b"\xff\xfe", b'{"format":"yakuba-offline-entries/1","pack":"x","entries":[]}',
     b'{"format":"yakuba-offline-entries/1","pack":"00000000-0000-0000-0000-000000000000","entries":[1]}',
     b'{"format":"yakuba-offline-entries/1","pack":"00000000-0000-0000-0000-000000000000","entries":[]}'],
)  # fmt: skip
def test_a_file_that_is_none_of_ours_is_refused_in_plain_words(content, in_town):
    with pytest.raises(NoPack) as refused:
        merging.merge(content, by=SYSTEM(TOWN), as_of=clock.now())
    assert "取り込んでいません" in refused.value.text.ja


NONSENSE = st.dictionaries(
    st.sampled_from(["id", "iv", "data", "x"]), st.one_of(st.none(), st.integers(), st.text(max_size=20))
)


@given(entries=st.lists(NONSENSE, max_size=3), inner=st.recursive(st.one_of(st.none(), st.integers(), st.text(max_size=9)), lambda c: st.dictionaries(st.sampled_from(["kind", "service", "answers", "at", "case", "applicant", "shelter", "name"]), c), max_leaves=6))  # fmt: skip
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_entry_however_odd_breaks_the_file_that_it_is_in(entries, inner, packed):
    with transaction.atomic():
        odd = packed.entry(
            {"kind": "intake", "service": "shelter-check-in", "at": packed.at.isoformat(), "answers": inner}
        )
        taken = take(packed, *entries, odd, packed.entry({"inner": inner}), packed.check_in())
        transaction.set_rollback(True)
    assert taken[-1].state == "opened"
    assert {one.state for one in taken[:-1]} <= {"held"}


ODD = (
    2**63 - 1,
    -1,
    10**400,
    1e300,
    True,
    "3",
    [],
    {},
    None,
    "\x00",
    "あ" * 5000,
    "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
)


@pytest.mark.parametrize("where", ["people", "medical", "name", "tell"])
def test_an_odd_answer_is_held_or_taken_in_and_breaks_nothing(where, packed):
    good = packed.check_in(name="鈴木 花子")
    odd = [packed.check_in(**{where: one}) for one in ODD]
    taken = take(packed, *odd, {**good, "id": "\x00" * 5}, good)
    assert [one.state for one in taken][-2:] == ["held", "opened"]
    assert {one.state for one in taken[:-2]} <= {"held", "opened"}


def test_a_pack_of_another_town_and_a_worker_without_the_right_take_nothing_in(packed, manager):
    with pytest.raises(Denied):
        take(packed, packed.check_in(), by=manager)
    with pytest.raises(Denied):
        take(packed, packed.check_in(), by=SYSTEM(OTHER_TOWN))
    assert opened("shelter-check-in") == 0


# -- on the desk and the command line --------------------------------------------------------------------
def test_a_clerk_checks_in_at_the_counter_once_makes_a_pack_and_takes_a_file_in(desk, in_town):
    clerk, address = desk("clerk"), f"/{TOWN}/staff/"
    number = str(uuid.uuid4())
    form = {
        "number": number, "shelter.name": SHELTER, "shelter.people": "3", "applicant.name": "山田 太郎", "shelter.tell": "no",
        "applicant.birth_date.year": "1950", "applicant.birth_date.month": "1", "applicant.birth_date.day": "1",
        "applicant.address": TARO["address"], "shelter.allergy": "そば",
    }  # fmt: skip
    wrong = clerk.post(f"{address}shelters/check-in/", {**form, "shelter.people": "0"})
    assert wrong.status_code == 422
    page = text(clerk.post(f"{address}shelters/check-in/", form, follow=True))
    assert "山田\u3000太郎 さんを受け付けました" in page
    clerk.post(f"{address}shelters/check-in/", form, follow=True)  # pressed twice
    assert opened("shelter-check-in") == 1
    jobs.drain(TOWN, as_of=clock.now())
    page = text(clerk.get(f"{address}shelters/"))
    assert "そば" in page
    assert "だれにも伝えない" in page
    made = text(
        clerk.post(
            f"{address}offline/make/", {"shelter": SHELTER, "hours": "72", "services": ["shelter-check-in"]}
        )
    )
    one = OfflinePack.objects.get()
    passphrase = made[made.index('id="passphrase"') :].split(">")[1].split("<")[0]
    assert len(passphrase.replace(" ", "")) == pack.DIGITS
    assert passphrase not in text(clerk.get(f"{address}offline/"))
    file = clerk.get(f"{address}offline/{one.id}/")
    assert file["Content-Disposition"].startswith("attachment")
    assert "そば" not in file.content.decode()
    back = SimpleUploadedFile(
        "x.json",
        json.dumps({"format": "yakuba-offline-entries/1", "pack": str(one.id), "entries": []}).encode(),
    )
    assert "0件のうち" in text(clerk.post(f"{address}offline/merge/", {"file": back}, follow=True))
    there = shelters.check_ins()[0]
    clerk.post(f"{address}shelters/{there.case}/left/", {"shelter": SHELTER})
    assert not shelters.check_ins()


def test_the_command_line_makes_a_pack_and_takes_a_file_in(in_town, tmp_path):
    out = tmp_path / "pack.html"
    done = CliRunner().invoke(offline, ["pack", TOWN, "--shelter", SHELTER, "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "passphrase" in done.output
    one = Pack()
    file = tmp_path / "x.json"
    file.write_bytes(one.file(one.check_in(minutes=0)))
    for state in ("opened: 1", "known: 1"):
        done = CliRunner().invoke(offline, ["merge", str(file), "--town", TOWN])
        assert state in done.output, done.output


def test_a_pack_has_no_fact_that_is_not_disclosed_and_never_an_account(in_town):
    for name in ("shelter-check-in", "disaster-certificate", "emergency-repair"):
        service = pack.catalogue.service(name)
        classes = {service.facts[fact].class_ for fact in pack.disclosed(service)}
        assert not classes & pack.NEVER
    assert "shelter.medical" in pack.disclosed(pack.catalogue.service("shelter-check-in"))
    assert "applicant.address" not in pack.disclosed(pack.catalogue.service("shelter-check-in"))
    assert not pack.takes(pack.catalogue.service("disaster-certificate"))  # wants photos
    assert not pack.takes(pack.catalogue.service("child-allowance"))  # children, an account


def test_a_pack_opens_with_its_passphrase_alone_and_only_as_it_was_made(packed):
    other = Pack("第二小学校")
    elsewhere = other.entry(
        {"kind": "intake", "service": "shelter-check-in", "at": other.at.isoformat(),
         "answers": {"applicant": TARO | {"name": "よその人"}, "shelter": {"name": "第二小学校", "people": 1, "tell": True}}}
    )  # fmt: skip
    take(packed, packed.check_in(medical="透析"))
    take(other, elsewhere)
    one = Pack()
    page = one.made.content.decode()
    assert "透析" not in page
    stated, sealed = (re.search(f'id="{name}">(.*?)</script>', page, re.S)[1] for name in ("head", "sealed"))
    head = json.loads(stated)
    assert head["iterations"] >= 600_000
    digits = one.made.passphrase.replace(" ", "").encode()
    salt, iv = base64.b64decode(head["salt"]), base64.b64decode(head["iv"])
    key = hashlib.pbkdf2_hmac("sha256", digits, salt, head["iterations"], 32)
    inside = AESGCM(key).decrypt(iv, base64.b64decode(sealed), stated.encode())
    assert "透析" in inside.decode()
    assert TARO["address"] not in inside.decode()  # not disclosed
    assert "よその人" not in inside.decode()
    later = stated.replace(head["ends"], "2099-01-01T00:00:00+09:00")
    with pytest.raises(InvalidTag):
        AESGCM(key).decrypt(iv, base64.b64decode(sealed), later.encode())


def test_the_file_of_a_pack_is_kept_until_its_end_and_its_key_for_what_comes_late(packed):
    assert pack.forget(as_of=packed.at + timedelta(hours=71)) == 0
    assert pack.forget(as_of=packed.at + timedelta(hours=73)) == 1
    assert pack.content_of(packed.made.id, as_of=packed.at) is None
    assert [one.state for one in take(packed, packed.check_in(), hours=200)] == ["opened"]
