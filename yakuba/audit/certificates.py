"""The certificate of what was removed after its keeping time (消去証明書), as a paper and as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from yakuba.audit import papers
from yakuba.cases import erasure, signing
from yakuba.clock import Duration, in_tokyo, say_datetime
from yakuba.messages.actions import town_sender
from yakuba.words import ui

if TYPE_CHECKING:
    from yakuba.cases.models import Certificate

WIDTHS = (4, 2, 3, 0, 0, 0)
COLUMNS = ("service", "keep", "law", "cases", "documents", "bytes")


def file(certificate: Certificate) -> bytes:
    """As JSON that explains itself."""
    return orjson.dumps(erasure.document(certificate), option=orjson.OPT_INDENT_2)


def pdf(certificate: Certificate, language: str = "ja") -> bytes:
    """As a paper of the town."""
    says = erasure.said(certificate)
    key = bytes(certificate.public_key)
    made = papers.Paper(
        language=language,
        title=ui("erasure.title", language),
        on=in_tokyo(certificate.at).date(),
        lead=[ui("erasure.lead", language)],
        facts=[
            (ui("erasure.number", language), str(certificate.number)),
            (ui("erasure.at", language), say_datetime(certificate.at, language)),
            (
                ui("erasure.removed", language),
                ui(
                    "erasure.counts",
                    language,
                    cases=f"{says['cases']:,}",
                    documents=f"{says['documents']:,}",
                    bytes=f"{says['bytes']:,}",
                ),
            ),
            (ui("erasure.law", language), says["law"]),
            (ui("erasure.positions", language), _grouped(says["positions_sha256"])),
            (ui("erasure.previous", language), _grouped(says["previous"]) or ui("none", language)),
            (ui("erasure.signature", language), _grouped(bytes(certificate.signature).hex())),
            (ui("erasure.key", language), f"{_grouped(key.hex())} ({signing.fingerprint(key)})"),
        ],
        heads=[ui(f"erasure.column_{column}", language) for column in COLUMNS],
        widths=WIDTHS,
        numbers=(3, 4, 5),
        rows=[_row(one, language) for one in says["services"]]
        + [
            ["", "", ui("erasure.abandoned", language, what=what), f"{count:,}", "", ""]
            for what, count in says["abandoned"].items()
        ],
        after=[ui("erasure.proof", language)],
    )
    return papers.pdf(made, town_sender())


def _grouped(digits: str) -> str:
    """Hexadecimal digits in groups, so that they can be compared and a line can end between them."""
    return " ".join(digits[n : n + 8] for n in range(0, len(digits), 8))


def _row(one: dict[str, Any], language: str) -> list[str]:
    return [
        f"{one['name']} ({one['service']} {one['version'][:12]})",
        Duration.parse(one["keep"]).text(language),
        "、".join(one["law"]),
        f"{one['cases']:,}",
        f"{one['documents']:,}",
        f"{one['bytes']:,}",
    ]
