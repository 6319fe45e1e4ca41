"""What a clerk has said an answer to must go on being found (回帰試験): every such question is asked again."""

from __future__ import annotations

from yakuba.assistant import library, written
from yakuba.assistant.models import Expected
from yakuba.assistant.replying import Asked, Replier


def lost() -> tuple[int, list[Expected]]:
    """How many questions there are, and those to which the entry is not replied any more: to be named among the nearest, where
    nothing is known, is not enough. An entry that the town has switched off is not expected."""
    replier, off = library.replier(), written.off()
    expected = [one for one in written.expected() if one.entry not in off]
    return len(expected), [one for one in expected if not _is_found(one, replier)]


def _is_found(one: Expected, replier: Replier) -> bool:
    reply = replier.reply(Asked(one.question, audience=one.audience))  # type: ignore[arg-type]
    return reply.how != "unknown" and one.entry in [entry.id for entry in reply.entries]
