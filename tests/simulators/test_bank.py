import json

import httpx
import pytest

from tests.money.files import batch
from yakuba.money.results import read_file
from yakuba.money.zengin import write
from yakuba.simulators.bank import Bank, Mood, Refused, serve

REJECTS = {"9900-058-1234567": "1"}


@pytest.fixture
def bank(tmp_path):
    return Bank(tmp_path, REJECTS, time_out_seconds=1.0)


@pytest.fixture
def window(bank):
    server = serve(bank)
    with httpx.Client(base_url=f"http://127.0.0.1:{server.server_port}", timeout=0.5) as client:
        yield client
    server.shutdown()
    server.server_close()


def codes(data: bytes) -> list[str]:
    return [result.code for result in read_file(data).results]


def test_a_file_gets_a_receipt_and_later_its_result(window):
    receipt = window.post("/files", content=write(batch())).raise_for_status().json()
    assert (receipt["records"], receipt["total"]) == (2, 35_000)
    assert codes(window.get(f"/results/{receipt['receipt']}").content) == ["1", "0"]


def test_the_same_file_again_gets_the_same_receipt_and_is_paid_once(bank, window):
    first, again = (window.post("/files", content=write(batch())).json() for _ in range(2))
    assert first == again
    assert bank.paid() == {"0001-001-7654321": 25_000}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: d[:-1],
        lambda d: d[120:],
        lambda d: d.replace(b"000000035000", b"000000035001"),
        lambda d: b"",
    ],
)
def test_a_file_that_does_not_add_up_is_not_taken(bank, window, spoil):
    with pytest.raises(Refused):
        bank.accept(spoil(write(batch())))
    assert window.post("/files", content=spoil(write(batch()))).status_code == 422
    assert bank.paid() == {}


def test_a_bank_that_fails_has_taken_nothing(bank, window):
    bank.mood = Mood.FAIL
    assert window.post("/files", content=write(batch())).status_code == 503
    assert bank.paid() == {}


@pytest.mark.parametrize("mood", [Mood.TIME_OUT, Mood.LOSE_ANSWER])
def test_an_answer_that_is_lost_can_be_asked_for_again_without_paying_twice(bank, window, mood):
    bank.mood = mood
    with pytest.raises(httpx.TransportError):
        window.post("/files", content=write(batch()))
    bank.mood = Mood.WELL
    assert window.post("/files", content=write(batch())).status_code == 201
    assert bank.paid() == {"0001-001-7654321": 25_000}


def test_a_result_for_a_receipt_that_was_never_given_is_not_found(window):
    assert window.get("/results/0123456789abcdef").status_code == 404


def test_the_folder_takes_files_and_answers_beside(bank):
    bank.mood = Mood.ANSWER_TWICE
    (bank.folder / "in" / "good.txt").write_bytes(write(batch()))
    (bank.folder / "in" / "bad.txt").write_bytes(b"hello")
    assert bank.work_folder() == 2
    out = bank.folder / "out"
    assert json.loads((out / "good.receipt.json").read_text())["total"] == 35_000
    assert (
        codes((out / "good.result.txt").read_bytes())
        == codes((out / "good.result-again.txt").read_bytes())
        == ["1", "0"]
    )
    assert "5 bytes" in (out / "bad.error.txt").read_text()
    assert list((bank.folder / "in").iterdir()) == []
