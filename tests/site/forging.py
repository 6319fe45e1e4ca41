"""Archives that are damaged, or made by somebody who has the passphrase and wants something else to come in."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from yakuba.site.moving_town import archive
from yakuba.site.moving_town.envelope import Opening, Sealing

QUICK = 8
"""The work of making the key: nobody guesses it here."""
Parts = dict[str, bytes]


def refusal(file: Path, what: str, passphrase: str) -> list[str]:
    """Which error a wrong archive ends with, and what it says; empty where it was taken in."""
    from yakuba import clock
    from yakuba.site.moving_town import arriving
    from yakuba.site.moving_town.errors import MovingError

    made = file.with_suffix(".wrong")
    more = {"signed_with": "0" * 64} if what == "signed by somebody else than was said" else {}
    parts = dict(_parts(file, passphrase))
    if what in FORGERIES:
        FORGERIES[what](parts)
    made.write_bytes(DAMAGES.get(what, lambda content: content)(_sealed(parts, passphrase)))
    used = "another passphrase" if what == "the passphrase is another" else passphrase
    try:
        arriving.take_in(made, used, by="tests", as_of=clock.now(), **more)
    except MovingError as error:
        return [type(error).__name__, str(error)]
    return []


def _flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def _other_letter(content: bytes, at: int) -> bytes:
    return content[:at] + (b"A" if content[at : at + 1] != b"A" else b"B") + content[at + 1 :]


def _chunk(content: bytes, number: int) -> int:
    """Where a chunk of the sealed content begins."""
    return content.index(b"\n---") + 48 + 16 + number * (64 * 1024 + 16)


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "the passphrase is another": lambda content: content,
    "a bit of the content": lambda content: _flipped(content, len(content) // 2),
    "a letter of the header": lambda content: _other_letter(content, content.index(b"\n---") + 10),
    "cut off in the middle": lambda content: content[: len(content) // 2],
    "cut off between two chunks": lambda content: content[: _chunk(content, 1)],
    "the last byte is missing": lambda content: content[:-1],
    "a byte too many": lambda content: content + b"\0",
    "two chunks changed places": lambda content: (
        content[: _chunk(content, 0)]
        + content[_chunk(content, 1) : _chunk(content, 2)]
        + content[_chunk(content, 0) : _chunk(content, 1)]
        + content[_chunk(content, 2) :]
    ),
    "no archive": lambda content: b"a letter\n",
    "nothing": lambda content: b"",
    "a key that takes a day to make": lambda content: content.replace(b" 8\n", b" 40\n", 1),
}


@cache
def _parts(file: Path, passphrase: str) -> Parts:
    with file.open("rb") as sealed:
        plain = Opening(sealed, passphrase).readall()
    with tarfile.open(fileobj=io.BytesIO(plain)) as tar:
        return {one.name: tar.extractfile(one).read() for one in tar}  # type: ignore[union-attr]


def _sealed(parts: Parts, passphrase: str) -> bytes:
    out = io.BytesIO()
    with Sealing(out, passphrase, QUICK) as sealing:
        tar = tarfile.open(fileobj=sealing, mode="w|")  # noqa: SIM115
        for name, content in parts.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(content), 0o600
            if content == b"-> link":
                info.type, info.linkname, info.size = tarfile.SYMTYPE, "/etc/passwd", 0
            tar.addfile(info, io.BytesIO(content))
        tar.close()
    return out.getvalue()


def _changed(
    table: str, change: Callable[[list[list[str]]], object], *, told: bool = True
) -> Callable[[Parts], None]:
    """The rows of a table changed, and the manifest with them, signed by a key of the forger's."""

    def forge(parts: Parts) -> None:
        name = f"tables/{table}/000001.tsv.gz"
        head, *lines = gzip.decompress(parts[name]).decode().splitlines()
        rows = [[head, *line.split("\t")] for line in lines]
        change(rows)
        written = "".join(f"{line}\n" for line in (head, *("\t".join(row[1:]) for row in rows))).encode()
        parts[name] = gzip.compress(written)
        if told:
            manifest = json.loads(parts[archive.MANIFEST])
            manifest["tables"][table] |= {"rows": len(rows), "sha256": hashlib.sha256(written).hexdigest()}
            _sign(parts, manifest)

    return forge


def _put(column: str, value: str | Callable[[str], str]) -> Callable[[list[list[str]]], None]:
    def change(rows: list[list[str]]) -> None:
        place = rows[0][0].split("\t").index(column) + 1
        rows[0][place] = value(rows[0][place]) if callable(value) else value

    return change


def _sign(parts: Parts, manifest: dict[str, object]) -> None:
    key = Ed25519PrivateKey.generate()
    manifest["signed_with"] = key.public_key().public_bytes_raw().hex()
    parts[archive.MANIFEST] = json.dumps(manifest).encode()
    parts[archive.SIGNATURE] = key.sign(parts[archive.MANIFEST])


def _said(name: str, **said: object) -> Callable[[Parts], None]:
    def forge(parts: Parts) -> None:
        parts[name] = json.dumps(json.loads(parts[name]) | said).encode()

    return forge


def _with(name: str, content: bytes, before: str = archive.JOBS) -> Callable[[Parts], None]:
    def forge(parts: Parts) -> None:
        after = {one: parts.pop(one) for one in list(parts)[list(parts).index(before) :]} if before else {}
        parts |= {name: content} | after
        parts.update(parts)

    return forge


def _without(name: str) -> Callable[[Parts], None]:
    return lambda parts: parts.__delitem__(name)


FORGERIES: dict[str, Callable[[Parts], None]] = {
    "signed by somebody else than was said": lambda parts: None,
    "of other tables": _said(archive.ABOUT, schema={"access": ["0001_initial"]}),
    "of another form": _said(archive.ABOUT, format=2),
    "a manifest that nobody signed": _said(archive.MANIFEST, jobs=0),
    "a row is missing": _changed("cases_task", lambda rows: rows.pop(), told=False),
    "a row is missing, and the manifest says so": _changed("cases_event", lambda rows: rows.pop()),
    "an event says something else": _changed("cases_event", _put("body", lambda body: body.replace("web", "api"))),
    "a look at the register was taken out": _changed("access_accessevent", lambda rows: rows.pop(0)),
    "a case is decided otherwise": _changed("cases_case", _put("amount", "999999")),
    "a row of the neighbour": _changed("access_staff", _put("town", "394297")),
    "a neighbour comes along": _changed("register_town", lambda rows: rows.append([*rows[0][:1], "394305", *rows[0][2:]])),
    "a number nobody has given": _changed("access_accessevent", _put("id", str(2**60))),
    "a reference to nothing": _changed("money_slip", _put("fee_id", "4711")),
    "a value that is none": _changed("register_person", _put("birth_date", "no day")),
    "a table is missing": _without("tables/cases_document/000001.tsv.gz"),
    "an end without a manifest": _without(archive.MANIFEST),
    "a file outside of the folders": _with("folders/answers/../../../evil", b"x"),
    "a file at the root": _with("folders/answers//etc/evil", b"x"),
    "a link": _with("folders/answers/link", b"-> link"),
    "another folder": _with("folders/secrets/x", b"x"),
    "a file that the manifest does not know": _with("folders/inbox/new", b"x"),
    "something after the end": _with("more", b"x", before=""),
}  # fmt: skip
