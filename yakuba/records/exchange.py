"""Standard data of people who move, from one town to another (転出証明書情報): signed by the town that they leave, encrypted to
the one that they move to, and acknowledged by it with a signature of its own.

A package is a JWS (ES256) within a JWE (ECDH-ES+A256KW, A256GCM); RFC 7515, RFC 7516. What travels is a file: how it gets
there is the towns' matter. Lost, it is handed over again; repeated, it is the same case and the same receipt.

Source: 住民基本台帳法 第24条の2 (転出証明書情報の通知), 第12条の4第3項. The form of the package is ours: the national one goes through the
住基ネット, which an installation that has no line to it cannot use.
"""

from __future__ import annotations

import csv
import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import orjson
from django.db import transaction
from joserfc import jwe, jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from pydantic import BaseModel, ConfigDict

from yakuba import access
from yakuba.access import Worker, towns
from yakuba.cases import actions as cases
from yakuba.cases import catalogue
from yakuba.cases import queries as case_queries
from yakuba.clock import in_tokyo
from yakuba.records import checking, giving
from yakuba.records.errors import BadPackage
from yakuba.records.models import Record
from yakuba.records.standards import Definition, FaultyDefinition
from yakuba.records.versions import exactly

STANDARD, PERSON = "resident-register", "atenabango"
"""What is handed over: of each group of the resident register that is kept by person, the rows of those who move."""
SERVICE = "mover-notice"
OLDEST, AHEAD = timedelta(days=30), timedelta(minutes=10)
"""A package is refused after so long: who moves declares it within 14 days (住民基本台帳法 第22条), and what was true a month ago may
not be. So far may the other town's clock be ahead of ours."""
SAID = 20
_SIGNED = {"alg": "ES256"}
_SEALED = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM"}


class Package(BaseModel):
    """What one town hands to another: of each group, rows by romaji name. `sender` and `addressee`: 6-digit codes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: uuid.UUID
    sender: str
    addressee: str
    standard: str
    version: str
    made_at: datetime
    groups: Mapping[str, Sequence[Mapping[str, str]]]

    @property
    def people(self) -> int:
        """How many move."""
        return len({row[PERSON] for rows in self.groups.values() for row in rows if PERSON in row})


class Receipt(BaseModel):
    """What the other town signs: that it has this package. `reference`: its case."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    package: uuid.UUID
    sha256: str
    sender: str
    addressee: str
    reference: str
    at: datetime


# -- keys --------------------------------------------------------------------------------------------
class Keys:
    """The keys of a town, below a folder: its own two (`own.json`, which only it may read) and those of the towns that it
    trusts (`towns/CODE.json`)."""

    def __init__(self, folder: Path):
        self.folder = folder

    def own(self) -> dict[str, ECKey]:
        """The key that signs and the key that opens; made when they are first asked for."""
        path = self.folder / "own.json"
        if not path.exists():
            made = {use: ECKey.generate_key("P-256") for use in ("sig", "enc")}
            self.folder.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(
                json.dumps({use: key.as_dict(private=True) for use, key in made.items()}), "utf-8"
            )
        return self._read(path)

    def public(self) -> dict[str, Any]:
        """What other towns need to know."""
        return {use: key.as_dict(private=False) for use, key in self.own().items()}

    def trust(self, town: str, keys: Mapping[str, Any]) -> None:
        """Take the public keys of another town, which somebody has compared by telephone. Raises BadPackage."""
        try:
            public = {use: ECKey.import_key(keys[use]).as_dict(private=False) for use in ("sig", "enc")}
        except (KeyError, TypeError, ValueError, JoseError) as error:
            raise BadPackage("bad_keys") from error
        path = self.folder / "towns" / f"{town}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(public), "utf-8")

    def of(self, town: str) -> dict[str, ECKey]:
        """The public keys of another town. Raises BadPackage."""
        path = self.folder / "towns" / f"{town}.json"
        if not (town.isascii() and town.isdigit() and path.is_file()):
            raise BadPackage("unknown_town", town=town)
        return self._read(path)

    @staticmethod
    def _read(path: Path) -> dict[str, ECKey]:
        return {use: ECKey.import_key(key) for use, key in json.loads(path.read_text("utf-8")).items()}


# -- handing over ------------------------------------------------------------------------------------
def hand_over(
    people: Sequence[str], to: str, keys: Keys, *, by: Worker, as_of: datetime
) -> tuple[Package, bytes]:
    """The current standard data of some people (宛名番号), signed and encrypted to another town. Raises BadPackage for a town
    without a key, or where nothing is known of one of them; access.Denied."""
    known = keys.of(to)
    definition = giving.in_use(STANDARD)
    groups = {group: _rows(group, people) for group in _by_person(definition)} if definition else {}
    found = {row[PERSON] for rows in groups.values() for row in rows}
    if missing := sorted(set(people) - found):
        raise BadPackage("unknown_person", number=missing[0])
    assert definition is not None  # somebody was found
    for group in groups:
        access.require(by, giving.READ, giving.resource(STANDARD, group))
        giving.trace(by, STANDARD, group, as_of=as_of)
    package = Package(
        id=uuid.uuid4(), sender=towns.current_town(), addressee=to, standard=STANDARD, version=definition.version,
        made_at=as_of, groups=groups,
    )  # fmt: skip
    signed = jws.serialize_compact(_SIGNED, package.model_dump_json(), keys.own()["sig"])
    return package, jwe.encrypt_compact(_SEALED | {"cty": "JWT"}, signed, known["enc"]).encode()


def _by_person(definition: Definition) -> list[str]:
    return [
        group
        for group, items in definition.groups().items()
        if any(one.key and one.romaji == PERSON for one in items)
    ]


def _rows(group: str, people: Sequence[str]) -> list[dict[str, str]]:
    found = Record.objects.filter(standard=STANDARD, group=group, until_sequence=None)
    return list(
        found.filter(**{f"values__{PERSON}__in": list(people)})
        .order_by("key")
        .values_list("values", flat=True)
    )


# -- taking over ---------------------------------------------------------------------------------------
def take_over(content: bytes, keys: Keys, *, by: Worker, as_of: datetime) -> tuple[Receipt, bytes]:
    """Open a package, and make it a case of the town's own; the same package again is the same case. Returns the receipt, and
    as the file that goes back. Nothing is entered into the register: the numbers are those of the other town.

    Raises BadPackage: not for this town, of a town that it does not trust, changed on the way, too old; access.Denied.
    """
    package, signed = _opened(content, keys)
    _check(package, as_of)
    digest = hashlib.sha256(signed).hexdigest()
    reference = _case_of(package, digest, by, as_of)
    receipt = Receipt(
        package=package.id, sha256=digest, sender=towns.current_town(), addressee=package.sender,
        reference=reference, at=as_of,
    )  # fmt: skip
    return receipt, jws.serialize_compact(_SIGNED, receipt.model_dump_json(), keys.own()["sig"]).encode()


def keep_refused(content: bytes, folder: Path, why: BadPackage) -> None:
    """What was refused stays, with the reason: it may be evidence."""
    name = hashlib.sha256(content).hexdigest()
    kept = folder / "refused"
    kept.mkdir(parents=True, exist_ok=True)
    (kept / f"{name}.package").write_bytes(content)
    (kept / f"{name}.txt").write_text(f"{why.text.ja}\n", encoding="utf-8")


def _opened(content: bytes, keys: Keys) -> tuple[Package, bytes]:
    """The package, and the signed text that was in it. Raises BadPackage."""
    try:
        signed = jwe.decrypt_compact(content, keys.own()["enc"]).plaintext or b""
    except (JoseError, ValueError) as error:
        raise BadPackage("unreadable") from error
    return _signed(Package, signed, keys), signed


_Signed = TypeVar("_Signed", Package, Receipt)


def _signed(kind: type[_Signed], content: bytes, keys: Keys) -> _Signed:
    """What the town that it names has signed. Raises BadPackage."""
    try:
        claimed = kind.model_validate_json(jws.extract_compact(content).payload)
    except (JoseError, ValueError) as error:
        raise BadPackage("unreadable") from error
    try:
        return kind.model_validate_json(
            jws.deserialize_compact(content, keys.of(claimed.sender)["sig"]).payload
        )
    except JoseError as error:
        raise BadPackage("bad_signature", town=claimed.sender) from error


def _check(package: Package, as_of: datetime) -> None:
    """Raises BadPackage."""
    if package.addressee != towns.current_town():
        raise BadPackage("other_town", town=package.addressee)
    if not as_of - OLDEST <= package.made_at <= as_of + AHEAD:
        raise BadPackage("too_old", at=f"{in_tokyo(package.made_at):%Y-%m-%d %H:%M}")


def _case_of(package: Package, digest: str, by: Worker, as_of: datetime) -> str:
    """The reference of the package's case. Raises BadPackage where another package had this number."""
    key = f"{SERVICE}:{package.sender}:{package.id}"
    with transaction.atomic():
        towns.alone_with(SERVICE)
        known = case_queries.opened_under([key])
        if not known:
            _open(package, digest, key, by, as_of)
            known = case_queries.opened_under([key])
        case = case_queries.one(known[key])
        if case_queries.state(case).fact("mover.digest") != digest:
            raise BadPackage("number_twice", number=package.id)
        return str(case.reference)


def _open(package: Package, digest: str, key: str, by: Worker, as_of: datetime) -> None:
    faults = _faults(package, as_of)
    content = orjson.dumps(package.model_dump(mode="json"), option=orjson.OPT_INDENT_2)
    paper = cases.store_evidence(content, name=f"{package.id}.json", as_of=as_of, origin="system")
    about = {"package": str(package.id), "from": package.sender, "digest": digest, "people": package.people}
    cases.open_case(
        catalogue.service(SERVICE),
        {"mover": about | ({"faults": "\n".join(faults)} if faults else {})},
        channel="api",
        by=by,
        as_of=as_of,
        key=key,
        documents=[(paper.id, "package")],
    )


def _faults(package: Package, as_of: datetime) -> list[str]:
    """What does not fit the standard, for the clerk; the other town's faults are no reason to lose its people."""
    try:
        definition = exactly(package.standard, package.version)
    except (KeyError, FaultyDefinition):
        return [f"・{package.standard} {package.version}"]
    return [line for group in package.groups for line in _faults_of(package, definition, group, as_of)][:SAID]


def _faults_of(package: Package, definition: Definition, group: str, as_of: datetime) -> list[str]:
    rows = package.groups[group]
    items = definition.groups().get(group)
    if items is None or not rows:
        return [f"・{group}"] if items is None else []
    with TemporaryDirectory() as beside:
        path = Path(beside) / "rows.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            lines = csv.DictWriter(file, [one.romaji for one in items], restval="", extrasaction="ignore")
            lines.writeheader()
            lines.writerows(rows)
        report = checking.check(path, definition, group, as_of=in_tokyo(as_of).date(), most=SAID)
    return [f"・{group} {one.row} {one.item.name}: {one.text.ja}" for one in report.findings]


# -- the receipt -----------------------------------------------------------------------------------------
def acknowledged(content: bytes, keys: Keys) -> Receipt:
    """The receipt of another town, for a package of this one. Raises BadPackage: not for this town, not signed by the town
    that it names."""
    receipt = _signed(Receipt, content, keys)
    if receipt.addressee != towns.current_town():
        raise BadPackage("other_town", town=receipt.addressee)
    return receipt
