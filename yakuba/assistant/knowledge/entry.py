"""One thing that the assistant can quote: a question, its answer, and the source that answers for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Audience = Literal["public", "staff"]
"""Who may be given the answer: everybody, or those who work for the town."""
Kind = Literal["service", "faq", "page", "open_data", "sight", "manual", "shared", "urgent"]
"""Where an answer comes from: a declared service, the town's questions and answers, its pages, its open data, its sights, the
manual of its staff, what all towns share, or what is said when somebody is in danger."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where an answer stands: what it is called, its address (a path of this site or a whole address), when it was last
    true, and the office that answers for it."""

    kind: Kind
    title: str
    link: str = ""
    as_of: date | None = None
    office: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A question and its answer, word for word as they may be shown.

    `question` and `answer` by language (`ja`, `easy`, `en`); Japanese is always there, the others may be missing and are
    then not made up. `others`: more ways of asking the same. `service`: the id of the declared service that it is about,
    so that a person's own question can be handed to the finder or the form. `replaces`: the id of the shared entry whose
    place it takes.
    """

    id: str
    question: Mapping[str, str]
    answer: Mapping[str, str]
    source: Source
    audience: Audience = "public"
    others: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    service: str | None = None
    replaces: str | None = None
    aspects: Mapping[str, str] = field(default_factory=dict)
    """Facts in it that are looked for by name, as `fee: 300円`, each a part of the answer."""
