"""What a clerk has said an answer to must go on being found (回帰試験): every such question is asked again."""

from __future__ import annotations

from yakuba.assistant import library, written
from yakuba.assistant.models import Expected
from yakuba.assistant.replying import Asked


def lost() -> tuple[int, list[Expected]]:
    """How many questions there are, and those to which the entry is not among what is replied any more. An entry that the
    town has switched off is not expected."""
    replier, off = library.replier(), written.off()
    expected = [one for one in written.expected() if one.entry not in off]
    missing = [
        one
        for one in expected
        if one.entry
        not in [
            entry.id
            for entry in replier.reply(Asked(one.question, audience=one.audience)).entries  # type: ignore[arg-type]
        ]
    ]
    return len(expected), missing
