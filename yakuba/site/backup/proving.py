"""What a restored database proves of itself: every hash chain computed anew, every checkpoint and seal compared, what was
signed and kept outside found again.

    python -m yakuba.site.backup.proving < WITNESSED    # as JSON; looks at the database of YAKUBA_DB_ADDRESS
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import orjson

from yakuba.clock import TOKYO


@dataclass(frozen=True, slots=True)
class TownProof:
    """What was found of one town."""

    town: str
    cases: int
    events: int
    last_event: str
    checkpoints: int
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found of all towns, and what could not be compared."""

    towns: tuple[TownProof, ...]
    missing: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, value: Mapping[str, Any], *, known_key: bool) -> Proof:
        towns = tuple(TownProof(**{**one, "findings": tuple(one["findings"])}) for one in value["towns"])
        missing = (
            ()
            if known_key
            else ("checkpoint.key was not given: who signed the backup and its checkpoints is not proven",)
        )
        return cls(towns, (*value["missing"], *missing))

    @property
    def whole(self) -> bool:
        return not self.missing and not any(one.findings for one in self.towns)

    def lines(self) -> Iterator[str]:
        """As a person reads it."""
        for one in self.towns:
            last = f"last event {one.last_event}" if one.last_event else "no events"
            chain = "verified" if not one.findings else f"{len(one.findings)} FINDINGS"
            yield f"  {one.town}: {one.cases} cases, {one.events} events, {last}, {one.checkpoints} checkpoints: {chain}"
            yield from (f"    {what}" for what in one.findings)
        yield from (f"  Not proven: {what}" for what in self.missing)
        yield (
            "It is whole: every hash follows from the one before it."
            if self.whole
            else "It is NOT proven whole."
        )

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "whole": self.whole}


def witness() -> list[dict[str, Any]]:
    """What each town signed last about itself: its checkpoint of the case log and its seal of the access log."""
    from yakuba.access import seals, towns
    from yakuba.cases import queries as cases
    from yakuba.register import queries as register

    found = []
    for code in register.town_codes():
        with towns.inside(code):
            signed, sealed = cases.last_checkpoint(), seals.last_seal(code)
        if signed or sealed:
            checkpoint = {"at": signed[0].isoformat(), "digest": signed[1].hex()} if signed else None
            seal = {"last_event": sealed.last_event, "hash": sealed.hash} if sealed else None
            found.append({"town": code, "checkpoint": checkpoint, "seal": seal})
    return found


def prove(witnessed: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Look through everything. `witnessed`: lines as `witness` gave them, kept outside."""
    from yakuba.register import queries as register

    kept = {line["town"]: line for line in witnessed}
    here = register.town_codes()
    gone = [f"town {town}, which had signed its log, is not there" for town in kept if town not in here]
    proofs = [_of_town(code, kept.get(code, {})) for code in here]
    return {"towns": [asdict(one) for one in proofs], "missing": [*gone, *_other_version()]}


def _of_town(code: str, kept: Mapping[str, Any]) -> TownProof:
    from yakuba.access import seals, towns
    from yakuba.cases import queries as cases
    from yakuba.cases import verify

    done = verify.whole(code)
    findings = [f"case {one.case}: {one.what}" if one.case else one.what for one in done.findings]
    with towns.inside(code):
        signed, sealed = kept.get("checkpoint"), kept.get("seal")
        if signed and cases.checkpoint_digest(datetime.fromisoformat(signed["at"])) != bytes.fromhex(
            signed["digest"]
        ):
            findings.append(
                f"the checkpoint of {signed['at']}, kept in the backup's journal, is not the one that is there"
            )
        if sealed and seals.hashes(code, [sealed["last_event"]]).get(sealed["last_event"]) != sealed["hash"]:
            findings.append(
                f"the access log's seal up to {sealed['last_event']}, kept in the journal, is not there"
            )
        last = cases.last_event_at()
    at = f"{last.astimezone(TOKYO):%Y-%m-%d %H:%M:%S}" if last else ""
    return TownProof(code, done.cases, done.events, at, done.checkpoints, tuple(findings))


def _other_version() -> list[str]:
    """Whether the database has had migrations that this program does not know."""
    from django.db import connection

    from yakuba.site import migrate

    strange = migrate.unknown(connection)
    return (
        [f"the database was written by a newer program (migrations {', '.join(strange)})"] if strange else []
    )


def main() -> None:
    """Look, and print what was found as JSON."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "yakuba.site.settings"
    import django

    django.setup()
    from yakuba.site import migrate

    migrate.bring_up_to_date()  # the restored database is a copy; an older one is looked at as it will be used
    sys.stdout.buffer.write(orjson.dumps(prove(orjson.loads(sys.stdin.buffer.read()))))


if __name__ == "__main__":
    main()
