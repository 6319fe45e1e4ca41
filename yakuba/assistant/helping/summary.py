"""A long case in a few lines, taken from its log: who asked for what, what was decided and why, what waits and until when,
and the last remarks word for word. Nothing is said in other words than those of the log and of the service."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from yakuba.cases import events as e
from yakuba.cases.queries import Happened
from yakuba.clock import in_tokyo, say_date, say_datetime
from yakuba.declare import Service
from yakuba.words import plain, ui, ui_words, yen

if TYPE_CHECKING:
    from yakuba.cases.models import Case, Task

FIRST, LAST, REMARKS, QUOTED = 2, 10, 3, 160
"""How many of the oldest and of the newest events that count are told, how many remarks, and characters of each quotation."""


@dataclass(frozen=True, slots=True)
class About:
    """What a summary is made of. `names`: what workers are called, by id; `step`: what a step is called."""

    case: Case
    service: Service
    happened: Sequence[Happened]
    open_tasks: Sequence[Task]
    missing: Sequence[str]
    names: Mapping[str, str]
    step: Callable[[str], str]
    language: str

    def say(self, key: str, **values: object) -> str:
        return ui(f"helping.{key}", self.language, **values)


def summary(about: About) -> str:
    """The summary, one line for each thing; furigana left out, so that it can be kept as a note."""
    told = [line for one in about.happened if (line := _told(about, one))]
    between = [about.say("more_events", count=len(told) - FIRST - LAST)] if len(told) > FIRST + LAST else []
    course = [*told[:FIRST], *between, *told[-LAST:]] if between else told
    parts = [
        (about.say("course"), [*course, *_counted(about)]),
        (about.say("remarks"), list(_remarks(about))),
        (about.say("stands"), list(_stands(about))),
    ]
    return plain("\n".join(line for title, lines in parts if lines for line in (f"【{title}】", *lines)))


def _told(about: About, one: Happened) -> str:
    """One event that counts, with its day, who did it, and what was said; empty for all others."""
    said = _SAY.get(type(one.event))
    if said is None or not (detail := said(about, one.event)):
        return ""
    who = about.names.get(one.by_id) or ui(f"desk.by_{one.by_kind}", about.language)
    return about.say("line", day=say_date(in_tokyo(one.at).date(), about.language), who=who, what=detail)


def _name(about: About, event: e.Event) -> str:
    return ui(f"desk.event_{event.kind}", about.language)


def _quote(about: About, text: str) -> str:
    """Word for word, the beginning of what is long; nothing of nothing."""
    words = " ".join(text.split())
    return about.say("quote", text=words[:QUOTED] + ("…" if len(words) > QUOTED else "")) if words else ""


def _joined(about: About, parts: Sequence[str]) -> str:
    """What belongs to one event; what is empty is left out."""
    return ("; " if about.language == "en" else "、").join(part for part in parts if part)


def _list(about: About, names: Sequence[str]) -> str:
    """Several things of one kind, each once."""
    return (", " if about.language == "en" else "、").join(dict.fromkeys(names))


def _opened(about: About, event: e.Opened) -> str:
    known = ui("desk.identified" if event.identified else "desk.not_identified", about.language)
    channel = ui(f"desk.channel_{event.channel}", about.language)
    return _joined(about, [_name(about, event), channel, known])


def _decided(about: About, event: e.Decided) -> str:
    outcome = about.say("left_to_a_person") if event.outcome == e.UNKNOWN else _outcome(about, event.outcome)
    amount = yen(event.amount, about.language) if event.amount is not None else ""
    return _joined(about, [outcome, amount, *_grounds(about, event.conditions), _quote(about, event.reason)])


def _grounds(about: About, conditions: Mapping[str, bool | None]) -> Iterator[str]:
    """The conditions that did not hold, and those that were not known."""
    for value, key in ((False, "holds_not"), (None, "not_known")):
        names = [
            about.service.conditions[one]
            for one, held in conditions.items()
            if held is value and one in about.service.conditions
        ]
        if names:
            yield about.say(key, what=_list(about, [one.because.get(about.language) for one in names]))


def _outcome(about: About, outcome: str) -> str:
    key = f"outcome.{outcome}"
    return ui(key, about.language) if key in ui_words() else outcome


def _proposed(about: About, event: e.Proposed) -> str:
    return _joined(about, [_name(about, event), _outcome(about, event.outcome), _quote(about, event.reason)])


def _returned(about: About, event: e.Returned) -> str:
    asked = _list(about, [about.service.label(one).get(about.language) for one in event.asks])
    return _joined(about, [_name(about, event), asked, _quote(about, event.message)])


def _answered(about: About, event: e.Answered) -> str:
    """Which facts came, and not what they say: some are seen by few."""
    names = [about.service.label(name).get(about.language) for name in _facts(event.facts)]
    return _joined(about, [_name(about, event), _list(about, names)])


def _facts(facts: Mapping[str, object], prefix: str = "") -> Iterator[str]:
    for key, value in facts.items():
        if isinstance(value, Mapping):
            yield from _facts(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"


def _failed(about: About, event: e.StepFailed) -> str:
    """A step that failed for good; tries in between are counted."""
    said = [_name(about, event), about.step(event.step), _quote(about, event.reason)]
    return _joined(about, said) if event.final else ""


def _done(about: About, event: e.StepDone) -> str:
    """A step with something to say; the others are counted."""
    return _joined(about, [about.step(event.step), _quote(about, event.note)]) if event.note else ""


def _with_reason(about: About, event: e.Event) -> str:
    words = getattr(event, "reason", "") or getattr(event, "text", "")
    return _joined(about, [_name(about, event), _quote(about, words)])


def _plainly(about: About, event: e.Event) -> str:
    return _name(about, event)


_SAY: dict[type[e.Event], Callable[..., str]] = {
    e.Opened: _opened,
    e.Identified: _plainly,
    e.Proposed: _proposed,
    e.ProposalDropped: _with_reason,
    e.Decided: _decided,
    e.StepDone: _done,
    e.StepFailed: _failed,
    e.Returned: _returned,
    e.Answered: _answered,
    e.Withdrawn: _with_reason,
    e.Objected: _with_reason,
    e.Reopened: _with_reason,
    e.Extended: _with_reason,
    e.Paused: _with_reason,
    e.Resumed: _plainly,
    e.Migrated: _with_reason,
    e.Anonymised: _plainly,
}
"""What is told of each kind of event; of other kinds nothing."""


def _counted(about: About) -> list[str]:
    """What happened often and says little, as numbers."""
    kinds = Counter(one.event.kind for one in about.happened)
    tries = sum(isinstance(one.event, e.StepFailed) and not one.event.final for one in about.happened)
    counts = [("papers", kinds[e.Attached.kind]), ("steps_done", kinds[e.StepDone.kind]), ("tries", tries)]
    said = [about.say(f"count_{name}", count=count) for name, count in counts if count]
    return [about.say("counted", what=_list(about, said))] if said else []


def _remarks(about: About) -> Iterator[str]:
    notes = [one for one in about.happened if isinstance(one.event, e.Noted) and one.event.text.strip()]
    for one in notes[-REMARKS:]:
        assert isinstance(one.event, e.Noted)
        who = about.names.get(one.by_id) or ui(f"desk.by_{one.by_kind}", about.language)
        day = say_date(in_tokyo(one.at).date(), about.language)
        yield about.say("line", day=day, who=who, what=_quote(about, one.event.text))


def _stands(about: About) -> Iterator[str]:
    """What waits, for whom and until when; what is missing; when the case must be done."""
    case = about.case
    if case.closed_at:
        day = say_date(in_tokyo(case.closed_at).date(), about.language)
        yield about.say("closed", day=day, outcome=_outcome(about, case.outcome or ""))
    for task in about.open_tasks:
        who = about.names.get(task.holder or "") or ui(f"desk.by_{task.by}", about.language)
        due = say_datetime(task.due_at, about.language) if task.due_at else about.say("no_due")
        yield about.say("waits", step=about.step(task.step), who=who, due=due)
    if about.missing:
        names = [about.service.label(name).get(about.language) for name in about.missing]
        yield about.say("missing", what=_list(about, names))
    if case.paused:
        yield ui("desk.paused", about.language)
    if not case.closed_at:
        for key, due_at in (("norm_due", case.norm_due), ("legal_due", case.legal_due)):
            if due_at:
                yield about.say(
                    "due",
                    what=ui(f"desk.{key}", about.language),
                    day=say_date(in_tokyo(due_at).date(), about.language),
                )
