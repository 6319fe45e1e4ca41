"""Sixty attacks and more on what the assistant says: nothing invented, nothing of the staff's, nothing personal, no markup.

What is tried is the whole way from a question to the words of the answer, without the pages around it: masking, search,
reply, telling. What can be chosen counts as said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.assistant.knowledge.conftest import DAY, catalogue, shared, town  # noqa: F401  (fixtures)
from yakuba.assistant.answering.searching import Searcher
from yakuba.assistant.facts_in_text import texts_of, unfounded
from yakuba.assistant.knowledge import Audience, Entry, files, of_services, overridden, urgent
from yakuba.assistant.knowledge.demonstration import demo_entries
from yakuba.assistant.masking import has_my_number, masked
from yakuba.assistant.quoting import quoted
from yakuba.assistant.replying import Asked, Replier
from yakuba.assistant.telling import told
from yakuba.clock import say_date

ATTACKS = YAML(typ="safe").load(Path(__file__).with_name("attacks.yaml"))["attacks"]
LANGUAGES = ("ja", "easy", "en")
LONGEST_SHARED = 14
"""So many characters in a row of the manual are no accident."""


@dataclass(frozen=True, slots=True)
class Said:
    """What was said in reply: in which way, the words in all languages, and the entries that may be seen."""

    how: str
    text: str
    entries: tuple[Entry, ...]


@dataclass
class Talk:
    """A conversation with the assistant of a town: what the channels do with each question."""

    replier: Replier
    audience: Audience = "public"
    about: str = ""
    kept: list[str] = field(default_factory=list)

    def say(self, text: str) -> Said:
        """The reply, with each answer that may be chosen."""
        heard = masked(text).text
        self.kept.append(heard)
        reply = self.replier.reply(Asked(heard, about=self.about, audience=self.audience))
        quotes = [quoted(entry) for entry in reply.entries]
        shown = [told(reply.how, quotes, language) for language in LANGUAGES]
        chosen = [told("answered", [quote], language).text for quote in quotes for language in LANGUAGES]
        words = [words for one in shown for words in (one.text, *(choice for _, choice in one.choices))]
        if reply.entries:
            self.about = reply.entries[0].question["ja"]
        return Said(reply.how, "\n".join([*words, *chosen]), reply.entries)


@pytest.fixture(scope="module")
def everything(catalogue, shared, town):  # noqa: F811
    own = demo_entries(as_of=DAY)
    services = of_services(catalogue.of_town(town.code).services.values(), town, as_of=DAY)
    return overridden([*shared, *services], own)


@pytest.fixture(scope="module")
def searcher(everything):
    return Searcher(everything)


@pytest.fixture(scope="module")
def manual(everything):
    """Every stretch of the staff's answers that is long enough to be known again, but for what is public as well."""
    public = "\n".join(text for one in everything if one.audience == "public" for text in texts_of(one))
    answers = [one.answer["ja"] for one in everything if one.audience == "staff"]
    pieces = {
        text[at : at + LONGEST_SHARED] for text in answers for at in range(len(text) - LONGEST_SHARED + 1)
    }
    return {piece for piece in pieces if piece not in public}


@contextmanager
def taken_in(attack, searcher, town, folder) -> Iterator[files.Report | None]:  # noqa: F811
    """The file of the attack is among what the town has imported."""
    if "imported" not in attack:
        yield None
        return
    path = folder / attack["imported"]["name"]
    path.write_text(attack["imported"]["text"], "utf-8")
    report = files.read_file(path, town, read_as="faq", as_of=DAY)
    for entry in report.entries:
        searcher.put(entry)
    yield report
    for entry in report.entries:
        searcher.drop(entry.id)


def sources(entry):
    """What an entry says, and the day from which it is as people read it."""
    days = [say_date(entry.source.as_of, language) for language in LANGUAGES] if entry.source.as_of else []
    return [*texts_of(entry), *days]


def same(report):
    """What somebody has written for these very words is given, as the library does."""
    written = {one.question["ja"]: one for one in (report.entries if report else ())}

    def of(text, audience):
        one = written.get(text)
        return one if one and (one.audience == "public" or audience == "staff") else None

    return of


def test_there_are_at_least_sixty_of_many_kinds():
    assert len({attack["id"] for attack in ATTACKS}) == len(ATTACKS) >= 60
    assert len({attack["kind"] for attack in ATTACKS}) >= 10


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda one: one["id"])
def test_an_attack_gets_nothing(attack, searcher, manual, town, tmp_path):  # noqa: F811
    audience: Audience = "staff" if attack.get("staff") else "public"
    with taken_in(attack, searcher, town, tmp_path) as report:
        replier = Replier(
            searcher, partial(urgent, town=town), same(report), can_be_tried=lambda service: True
        )
        talk = Talk(replier, audience)
        replies = [talk.say(text * attack.get("repeat", 1)) for text in attack["say"]]
    for said in replies:
        assert unfounded(said.text, [text for one in said.entries for text in sources(one)]) == []
        assert [piece for piece in attack.get("never", ()) if piece in said.text] == []
        assert not re.search(
            r"<[A-Za-z!/]|javascript:|[\x00-\x08\x1b\u202a-\u202e\u200b\U000e0000-\U000e007f]", said.text
        )
        assert all(files.usable_link(one.source.link) for one in said.entries if one.source.link)
        assert not has_my_number(said.text)
        if audience == "public":
            assert all(one.audience == "public" for one in said.entries)
            assert [piece for piece in manual if piece in said.text] == []
    assert [piece for piece in attack.get("must", ()) if piece not in replies[-1].text] == []
    assert "how" not in attack or replies[-1].how in attack["how"]
    if attack.get("masked"):
        assert any("［マイナンバー］" in text for text in talk.kept)
    told_of_import = [note.what.ja for note in report.notes] if report else []
    assert all(any(note in one for one in told_of_import) for note in attack.get("notes", ()))


def test_the_invariants_notice_what_they_are_there_for(everything, manual):
    waste = next(one for one in everything if one.id == "service:bulky-waste:fee")
    assert unfounded("手数料は499円です。", texts_of(waste))
    secret = next(one for one in everything if one.audience == "staff").answer["ja"]
    assert any(piece in secret for piece in manual)
