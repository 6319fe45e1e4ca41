"""Who moves is handed from town to town: signed, for nobody else to read, acknowledged; lost or repeated, it harms nobody."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from joserfc import jwe, jws

from tests.conftest import OTHER_TOWN, TOWN
from tests.records.conftest import Old
from tests.records.loads import AT
from tests.records.test_held import held_person
from yakuba.access import PUBLIC, SYSTEM, Denied
from yakuba.cases import queries as case_queries
from yakuba.cases.models import Case
from yakuba.records import exchange
from yakuba.records.commands import records
from yakuba.records.errors import BadPackage
from yakuba.records.exchange import Keys
from yakuba.records.models import Record

NUMBER = "000000000000001"


@pytest.fixture
def here(old: Old, tmp_path: Path) -> Keys:
    """The keys of the town that 山田 太郎 leaves."""
    old.cut_over({"住民": [{**held_person(), "state": "accepted"}]})
    return Keys(tmp_path / TOWN)


@pytest.fixture
def there(here: Keys, tmp_path: Path) -> Keys:
    """The keys of the town that he moves to; both trust each other."""
    keys = Keys(tmp_path / OTHER_TOWN)
    here.trust(OTHER_TOWN, keys.public())
    keys.trust(TOWN, here.public())
    return keys


def handed(here: Keys, *, at=AT) -> bytes:
    return exchange.hand_over([NUMBER], OTHER_TOWN, here, by=SYSTEM(TOWN), as_of=at)[1]


def test_who_moves_arrives_as_a_case_with_everything_that_was_known_of_them(here, there, other_town):
    content = handed(here)
    with other_town:
        receipt, _ = exchange.take_over(content, there, by=SYSTEM(OTHER_TOWN), as_of=AT)
        case = case_queries.by_reference(receipt.reference)
        facts = case_queries.state(case).facts["mover"]
        assert (facts["from"], facts["people"], "faults" in facts) == (TOWN, 1, False)
        ((attached, document),) = case_queries.documents_of(case.id)
        assert attached.purpose == "package"
        row = json.loads(bytes(case_queries.document(document.id).content))["groups"]["住民"][0]
        assert (row["shimei"], row["atenabango"]) == ("山田　太郎", NUMBER)
        assert not Record.objects.exists()


def test_the_receipt_of_the_other_town_is_believed_by_its_signature(here, there, other_town):
    package, content = exchange.hand_over([NUMBER], OTHER_TOWN, here, by=SYSTEM(TOWN), as_of=AT)
    with other_town:
        _, answer = exchange.take_over(content, there, by=SYSTEM(OTHER_TOWN), as_of=AT)
    receipt = exchange.acknowledged(answer, here)
    assert (receipt.package, receipt.sender) == (package.id, OTHER_TOWN)
    forged = jws.serialize_compact({"alg": "ES256"}, receipt.model_dump_json(), here.own()["sig"])
    with pytest.raises(BadPackage, match="not signed by"):
        exchange.acknowledged(forged.encode(), here)


def test_a_repeated_package_is_the_same_case_and_the_same_receipt(here, there, other_town):
    content = handed(here)
    with other_town:
        first, again = (
            exchange.take_over(content, there, by=SYSTEM(OTHER_TOWN), as_of=AT + timedelta(minutes=n))[0]
            for n in (0, 5)
        )
        assert (first.reference, first.sha256) == (again.reference, again.sha256)
        assert Case.objects.count() == 1


def test_nobody_on_the_way_can_read_it(here, there):
    content = handed(here)
    assert "山田" not in content.decode()
    with pytest.raises(BadPackage, match="cannot be opened"):
        exchange.take_over(content, here, by=SYSTEM(TOWN), as_of=AT)


def test_what_was_changed_or_made_by_somebody_else_is_refused(here, there, other_town, tmp_path):
    stranger = Keys(tmp_path / "stranger")
    stranger.trust(OTHER_TOWN, there.public())
    content = handed(stranger)
    with other_town:
        with pytest.raises(BadPackage, match=f"not signed by {TOWN}"):
            exchange.take_over(content, there, by=SYSTEM(OTHER_TOWN), as_of=AT)
        with pytest.raises(BadPackage, match="cannot be opened"):
            exchange.take_over(handed_changed(content), there, by=SYSTEM(OTHER_TOWN), as_of=AT)
        assert not Case.objects.exists()


def handed_changed(content: bytes) -> bytes:
    return content[:-5] + b"AAAAA"


def test_what_is_for_another_town_is_refused(here, there, other_town):
    package, _ = exchange.hand_over([NUMBER], OTHER_TOWN, here, by=SYSTEM(TOWN), as_of=AT)
    misled = package.model_copy(update={"addressee": "394289"})
    signed = jws.serialize_compact({"alg": "ES256"}, misled.model_dump_json(), here.own()["sig"])
    content = jwe.encrypt_compact({"alg": "ECDH-ES+A256KW", "enc": "A256GCM"}, signed, there.own()["enc"])
    with other_town, pytest.raises(BadPackage, match="for 394289"):
        exchange.take_over(content.encode(), there, by=SYSTEM(OTHER_TOWN), as_of=AT)


@pytest.mark.parametrize("late", [timedelta(days=31), -timedelta(hours=1)])
def test_what_is_too_old_or_from_the_future_is_refused(here, there, other_town, late):
    content = handed(here)
    with other_town, pytest.raises(BadPackage, match="too long ago"):
        exchange.take_over(content, there, by=SYSTEM(OTHER_TOWN), as_of=AT + late)


def test_a_town_that_is_not_trusted_gets_and_gives_nothing(here, there, other_town):
    with pytest.raises(BadPackage, match="no key of 394289"):
        exchange.hand_over([NUMBER], "394289", here, by=SYSTEM(TOWN), as_of=AT)
    content = handed(here)
    (there.folder / "towns" / f"{TOWN}.json").unlink()
    with other_town, pytest.raises(BadPackage, match=f"no key of {TOWN}"):
        exchange.take_over(content, there, by=SYSTEM(OTHER_TOWN), as_of=AT)


def test_who_is_not_known_is_not_handed_over(here, there):
    with pytest.raises(BadPackage, match="number 9"):
        exchange.hand_over([NUMBER, "9"], OTHER_TOWN, here, by=SYSTEM(TOWN), as_of=AT)


def test_who_may_not_read_standard_data_hands_nothing_over(here, there):
    with pytest.raises(Denied):
        exchange.hand_over([NUMBER], OTHER_TOWN, here, by=PUBLIC(TOWN), as_of=AT)


@pytest.mark.parametrize("keys", [{}, {"sig": {}, "enc": {}}, {"sig": "x", "enc": "y"}])
def test_keys_that_are_none_are_not_trusted(tmp_path, keys):
    with pytest.raises(BadPackage, match="file of keys"):
        Keys(tmp_path).trust(OTHER_TOWN, keys)


def test_only_this_town_can_read_its_own_keys(tmp_path):
    keys = Keys(tmp_path)
    assert keys.own()["sig"].as_dict(private=True) == keys.own()["sig"].as_dict(private=True)
    assert (tmp_path / "own.json").stat().st_mode & 0o077 == 0
    assert "d" not in keys.public()["sig"]


# ---------------------------------------------------------------- between two folders


def test_two_towns_exchange_packages_and_receipts_as_files(in_town, old, other_town, tmp_path, monkeypatch):
    monkeypatch.setenv("YAKUBA_VAR", str(tmp_path / "var"))
    old.cut_over({"住民": [{**held_person(), "state": "accepted"}]})
    post = tmp_path / "post"
    post.mkdir()
    for town, other in ((TOWN, OTHER_TOWN), (OTHER_TOWN, TOWN)):
        keys = post / f"{town}.json"
        keys.write_text(command("exchange-keys", "--town", town), "utf-8")
        command("trust", town, str(keys), "--town", other)
    sent = json.loads(
        command("hand-over", NUMBER, "--to", OTHER_TOWN, "--town", TOWN, "--out", str(post), "--json")
    )
    assert "for another town" in command(
        "take-over", sent["file"], "--town", TOWN, "--language", "en", code=1
    )
    with other_town:
        taken = json.loads(
            command("take-over", sent["file"], "--town", OTHER_TOWN, "--out", str(post), "--json")
        )
    came = json.loads(command("receipt", taken["file"], "--town", TOWN, "--json"))
    assert (came["package"], came["reference"]) == (sent["package"], taken["reference"])
    assert (tmp_path / "var/exchange" / TOWN / "receipts" / f"{sent['package']}.receipt").is_file()
    (why,) = (tmp_path / "var/exchange" / TOWN / "refused").glob("*.txt")
    assert "この町あて" in why.read_text("utf-8")


def command(*words: str, code: int = 0) -> str:
    done = CliRunner().invoke(records, words)
    assert done.exit_code == code, (done.output, done.exception)
    return done.output
