"""A small bank that takes bulk transfer files and answers with receipts and result files.

It reads and writes the format with code of its own, keeps its books in a folder, and can be told to
misbehave, so that faults are rehearsed where they matter. As a folder it takes `in/*.txt` and answers in
`out/`; over HTTP it takes `POST /files`, and gives `GET /results/{receipt}`.

    python -m yakuba.simulators.bank --folder var/bank --port 8790
"""

from __future__ import annotations

import hashlib
import json
import struct
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import click

RECORD = 120
_HEADER = struct.Struct("1s2s1s10s40s4s4s15s3s15s1s7s17s")
_ORDER = struct.Struct("1s4s15s3s15s4s1s7s30s10s1s10s10s1s1s7s")
_TRAILER = struct.Struct("1s6s12s101s")
PAID = b"0"


class Mood(StrEnum):
    """How the bank behaves. It fails, times out and loses answers over HTTP, where whoever asks a second
    time gets the same answer; it answers twice in its folder."""

    WELL = "well"
    FAIL = "fail"
    TIME_OUT = "time_out"
    LOSE_ANSWER = "lose_answer"
    ANSWER_TWICE = "answer_twice"


class Refused(ValueError):
    """The bank does not take the file; the message says which record and why."""


@dataclass(frozen=True, slots=True)
class Line:
    """One transfer as the bank read it; `raw` are its 120 bytes."""

    raw: bytes
    bank: str
    branch: str
    number: str
    amount: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """The bank's word that it has the file: the same file again gets the same receipt and is paid once."""

    number: str
    records: int
    total: int


@dataclass(slots=True)
class Bank:
    """The bank's books in `folder`. `rejects`: result code by account, "bank-branch-number"."""

    folder: Path
    rejects: Mapping[str, str] = field(default_factory=dict)
    mood: Mood = Mood.WELL
    time_out_seconds: float = 30.0

    def __post_init__(self) -> None:
        for part in ("in", "out", "accepted"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)

    def accept(self, data: bytes) -> Receipt:
        """Take a file. Raises Refused when it is not a bulk transfer file."""
        lines = read(data)
        receipt = Receipt(
            hashlib.sha256(data).hexdigest()[:16], len(lines), sum(line.amount for line in lines)
        )
        kept = self.folder / "accepted" / receipt.number
        if not kept.exists():
            half = kept.with_suffix(".part")
            half.write_bytes(data)
            half.rename(kept)
        return receipt

    def result(self, receipt: str) -> bytes:
        """The result file of an accepted file. Raises LookupError for a receipt that was never given."""
        kept = self.folder / "accepted" / receipt
        if not receipt.isalnum() or not kept.exists():
            raise LookupError(f"no file was taken under receipt {receipt!r}")
        return answer(kept.read_bytes(), self.rejects)

    def work_folder(self) -> int:
        """Take every file of `in/`, write a receipt or an error and the result to `out/`; returns how many."""
        files = sorted((self.folder / "in").glob("*.txt"))
        for file in files:
            self._work_file(file)
        return len(files)

    def _work_file(self, file: Path) -> None:
        out = self.folder / "out"
        try:
            receipt = self.accept(file.read_bytes())
        except Refused as refused:
            (out / f"{file.stem}.error.txt").write_text(str(refused), encoding="utf-8")
        else:
            (out / f"{file.stem}.receipt.json").write_text(_receipt_json(receipt), encoding="utf-8")
            result = self.result(receipt.number)
            (out / f"{file.stem}.result.txt").write_bytes(result)
            if self.mood == Mood.ANSWER_TWICE:
                (out / f"{file.stem}.result-again.txt").write_bytes(result)
        file.unlink()

    def paid(self) -> dict[str, int]:
        """Yen that this bank moved to each account, over all files that it took."""
        moved: dict[str, int] = {}
        for kept in (self.folder / "accepted").iterdir():
            for line in read(kept.read_bytes()):
                account = f"{line.bank}-{line.branch}-{line.number}"
                if account not in self.rejects:
                    moved[account] = moved.get(account, 0) + line.amount
        return moved


def read(data: bytes) -> list[Line]:
    """The transfers of a file. Raises Refused."""
    records = _records(data)
    kinds = b"".join(record[:1] for record in records)
    if len(records) < 4 or kinds != b"1" + b"2" * (len(records) - 3) + b"89":
        raise Refused("the records are not header, data, trailer, end in this order")
    if _HEADER.unpack(records[0])[1] != b"21":
        raise Refused("record 1: this is not a bulk transfer file (21)")
    lines = [_line(record, number) for number, record in enumerate(records[1:-2], start=2)]
    _, count, total, _ = _TRAILER.unpack(records[-2])
    said, found = (count, total), (b"%06d" % len(lines), b"%012d" % sum(line.amount for line in lines))
    if said != found:
        raise Refused(f"record {len(records) - 1}: count and total are {said}, the transfers give {found}")
    return lines


def _records(data: bytes) -> list[bytes]:
    data = data.replace(b"\r\n", b"")
    if not data or len(data) % RECORD:
        raise Refused(f"{len(data)} bytes are no whole number of {RECORD}-byte records")
    return [data[start : start + RECORD] for start in range(0, len(data), RECORD)]


def _line(record: bytes, number: int) -> Line:
    _, bank, _, branch, _, _, _, account, holder, amount, *_ = _ORDER.unpack(record)
    if not (bank + branch + account + amount).isdigit():
        raise Refused(f"record {number}: bank, branch, account and amount must be digits")
    if not holder.strip() or not int(amount):
        raise Refused(f"record {number}: the holder is blank or the amount is zero")
    return Line(record, bank.decode(), branch.decode(), account.decode(), int(amount))


def answer(data: bytes, rejects: Mapping[str, str]) -> bytes:
    """The result file of an order file, with the same line ends."""
    lines = read(data)
    end = b"\r\n" if b"\r\n" in data else b""
    codes = [rejects.get(f"{line.bank}-{line.branch}-{line.number}", "0").encode() for line in lines]
    paid = [line.amount for line, code in zip(lines, codes, strict=True) if code == PAID]
    failed = [line.amount for line, code in zip(lines, codes, strict=True) if code != PAID]
    sums = b"%06d%012d%06d%012d" % (len(paid), sum(paid), len(failed), sum(failed))
    records = _records(data)
    answered = [line.raw[:111] + code + b" " * 8 for line, code in zip(lines, codes, strict=True)]
    trailer = (records[-2][:19] + sums).ljust(RECORD)
    return b"".join(record + end for record in [records[0], *answered, trailer, records[-1]])


def _receipt_json(receipt: Receipt) -> str:
    return json.dumps({"receipt": receipt.number, "records": receipt.records, "total": receipt.total})


def serve(bank: Bank, port: int = 0) -> ThreadingHTTPServer:
    """A running server on 127.0.0.1 (port 0: any free one); `shutdown()` ends it."""

    class Window(_Window):
        behind = bank

    server = ThreadingHTTPServer(("127.0.0.1", port), Window)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class _Window(BaseHTTPRequestHandler):
    """The bank's window on the network."""

    behind: Bank

    def do_POST(self) -> None:
        data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path != "/files":
            self._say(404, "only /files takes files")
        elif self.behind.mood == Mood.FAIL:
            self._say(503, "the bank is closed for maintenance; try again later")
        else:
            self._take(data)

    def _take(self, data: bytes) -> None:
        try:
            receipt = self.behind.accept(data)
        except Refused as refused:
            self._say(422, str(refused))
            return
        if self.behind.mood == Mood.LOSE_ANSWER:
            self.close_connection = True
            return
        if self.behind.mood == Mood.TIME_OUT:
            time.sleep(self.behind.time_out_seconds)
        self._send(201, _receipt_json(receipt).encode(), "application/json")

    def do_GET(self) -> None:
        try:
            result = self.behind.result(self.path.removeprefix("/results/"))
        except LookupError as missing:
            self._say(404, str(missing))
            return
        self._send(200, result, "application/octet-stream")

    def _say(self, status: int, message: str) -> None:
        self._send(status, message.encode(), "text/plain; charset=utf-8")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: what the bank did is in its folder."""


@click.command()
@click.option(
    "--folder", type=click.Path(path_type=Path), required=True, help="Where the bank keeps its books."
)
@click.option("--port", type=int, default=8790, show_default=True)
@click.option(
    "--reject",
    multiple=True,
    metavar="BANK-BRANCH-NUMBER=CODE",
    help="Accounts that payments come back from.",
)
@click.option("--mood", type=click.Choice([mood.value for mood in Mood]), default=Mood.WELL.value)
def main(folder: Path, port: int, reject: tuple[str, ...], mood: str) -> None:
    """A bank to practise with: takes files in FOLDER/in and on http://127.0.0.1:PORT/files."""
    bank = Bank(folder, dict(each.split("=", 1) for each in reject), Mood(mood))
    server = serve(bank, port)
    click.echo(
        f"The practice bank listens on http://127.0.0.1:{server.server_port} and looks into {folder / 'in'}."
    )
    while True:
        bank.work_folder()
        time.sleep(1)


if __name__ == "__main__":
    main()
