"""What the assistant knows where no town is open: the declared services, and what all towns share. No database is needed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from yakuba import clock
from yakuba.assistant.answering.dense import E5, Kept, Unavailable
from yakuba.assistant.answering.searching import Searcher
from yakuba.assistant.knowledge import Town, of_services, shared_entries, urgent
from yakuba.assistant.naming import named, names_of
from yakuba.assistant.replying import Replier
from yakuba.declare import load_catalogue
from yakuba.words import Text

NO_TOWN = Town(code="000000", name=Text(ja="お住まいの町", easy="あなたの 町", en="your town"))


def replier(services: Path, var: Path, told: Callable[[int], None] = lambda left: None) -> Replier:
    """Who replies from the services of a folder and the shared base; what was read and embedded is kept below `var`. `told`:
    how many entries still wait to be read by their meaning, which takes minutes the first time."""
    offered = {
        id: one
        for id, one in load_catalogue(services, keep_in=var / "catalogue").services.items()
        if one.offered
    }
    entries = of_services(offered.values(), NO_TOWN, as_of=clock.now().date())
    entries += shared_entries(NO_TOWN, keep_in=var / "assistant")
    entries = [replace(one, source=replace(one.source, link="")) for one in entries]  # no town, no pages
    searcher = Searcher(entries, E5(), Kept(var / "assistant" / "vectors"))
    with suppress(Unavailable):  # then words alone are searched
        searcher.embed(told)
    who, names = {one.id: one for one in entries}, names_of(offered.values())
    return Replier(
        searcher,
        partial(urgent, town=NO_TOWN),
        who_gets=lambda text: who.get(f"service:{named(text, names)}:who"),
        can_be_tried=lambda id: id in offered and bool(offered[id].conditions),
    )
