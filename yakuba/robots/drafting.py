"""Turns a demonstration into a robot's file: labels for places, values of the case for what was typed, the press that has
an effect, and how the work is found again. A draft: somebody reads it, and `yakuba check` does."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from yakuba.cases.deciding import decided_on
from yakuba.cases.oracle import guard_facts
from yakuba.cases.state import CaseState
from yakuba.declare import GUARDED, RobotFile, Service, Shown, SystemFile, compile_values, received
from yakuba.declare.model import Vocabulary
from yakuba.declare.robot import Form
from yakuba.robots.errors import NotOnScreen, RobotError
from yakuba.robots.marks import Mark
from yakuba.robots.recorder import Demonstration, Did
from yakuba.robots.screen import FIELD, LINK, Screen, find_field, plain, said
from yakuba.robots.written import write
from yakuba.words import Text

COMMITS = re.compile("登録|確定|更新|決定|送信|実行|申請|保存|完了|OK")
"""What a button says that probably has an effect. Ours; the draft asks a person to look."""
RECEIPTS = re.compile("番号|ＮＯ|No")
"""What a label says beside which a receipt is shown."""
_WRITTEN_OUT = re.compile(r"([^\s:：]+)\s*[:：]\s*(\S+)")
"""Label and value in running text: `登録番号：W-000012`."""
"""Classes of facts that no picture may show."""
_NAME = re.compile(r"[a-z][a-z0-9_]*")


class Unfinished(Exception):
    """A demonstration from which no robot can be made; the message says what was missing."""


@dataclass(frozen=True, slots=True)
class Known:
    """A value of the case that may be what was typed: an expression, what it is called, and whether it is private."""

    expression: str
    label: str
    value: object
    private: bool


@dataclass(slots=True)
class Draft:
    """A robot's file that was made from a demonstration, what a person must look at, and the marks of its elements."""

    file: RobotFile
    notes: list[str] = field(default_factory=list)
    marks: dict[tuple[str, str], Mark] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """As it is written into `robots/NAME.yaml`, notes first."""
        data = self.file.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        yaml = YAML()
        yaml.width = 200
        whole = CommentedMap(data)
        whole["name"] = _in_one_line(data["name"])
        whole["values"] = CommentedMap({name: _short(value) for name, value in data["values"].items()})
        for part in ("find", "do", "check"):
            if part in data:
                whole[part] = [_step(step) for step in data[part]]
        written = io.StringIO()
        yaml.dump(whole, written)
        return "".join(f"# {note}\n" for note in self.notes) + written.getvalue()


def known_values(service: Service, state: CaseState, vocabulary: Vocabulary) -> list[Known]:
    """All that a case says, and all that its service computes from it."""
    facts = service.step_schema.facts
    single = [name for name, value in service.values.items() if value.each is None]
    names = [name for name in [*facts, *single] if not name.startswith("step.")]
    on = decided_on(state.opened_at or "")
    robot = RobotFile.model_validate(
        {
            "robot": "x", "name": {"ja": "x", "easy": "x", "en": "x"}, "system": "x", "key": "v0", "do": [],
            "values": {f"v{number}": name for number, name in enumerate(names)},
        }
    )  # fmt: skip
    program = compile_values(robot, service, vocabulary)
    (answer,) = program.run_many([received(guard_facts(state), on)], as_of=on)
    found = []
    for number, name in enumerate(names):
        value, fact = answer.values.get(f"?v{number}"), service.facts.get(name)
        if value is not None:
            label = fact.label.ja if fact else name
            found.append(Known(name, label, value, bool(fact and fact.class_ in GUARDED)))
    return found


def draft(
    seen: Demonstration, *, robot: str, system: SystemFile, known: Sequence[Known], commit: str = ""
) -> Draft:
    """The robot that would have done this. `commit`: the button with an effect, where it is not the last one that says
    登録 or the like. Raises Unfinished."""
    return _Drafter(seen, robot, system, known).draft(commit)


class _Drafter:
    def __init__(self, seen: Demonstration, robot: str, system: SystemFile, known: Sequence[Known]):
        self.seen, self.robot, self.system, self.known = seen, robot, system, known
        self.values: dict[str, Shown] = {}
        self.texts: dict[str, str] = {}
        self.labels: dict[str, str] = {}
        self.notes = [
            f"Drafted from a demonstration ({robot}). Read it, mend what is marked, run yakuba check."
        ]
        self.marks: dict[tuple[str, str], Mark] = {}

    def draft(self, commit: str) -> Draft:
        did = self.seen.did
        at = self._commit(did, commit)
        doing, after = did[:at], did[at + 1 :]
        do = [*self._steps(doing), *self._expect(did, at), {"commit": self._pressed(did[at])}]
        typed = {self._anchor(one): self._named(one) for one in doing if one.text is not None}
        receipt = self._receipt(did, at)
        if receipt:
            do.append({"receipt": receipt})
        find, check, key = self._find(after, typed, receipt)
        data = {
            "robot": self.robot, "name": dict.fromkeys(("ja", "easy", "en"), self.robot), "system": self.system.system,
            "key": key, "values": self.values, "find": find, "do": do, "check": check,
        }  # fmt: skip
        for message in dict.fromkeys(self.seen.pop_ups):
            if not any(allowed in message for allowed in self.system.pop_ups):
                self.notes.append(f"A pop-up said 「{message}」: name it under pop_ups of the system's file.")
        return Draft(RobotFile.model_validate(data), self.notes, self.marks)

    # -- steps ------------------------------------------------------------------------------------------
    def _steps(self, did: Sequence[Did]) -> list[dict[str, Any]]:
        """Typing that belongs together in one step, presses in steps of their own."""
        steps: list[dict[str, Any]] = []
        for one in did:
            if one.text is None:
                steps.append({"open" if one.element.kind == LINK else "click": self._pressed(one)})
            elif steps and "fill" in steps[-1]:
                steps[-1]["fill"][self._anchor(one)] = self._named(one)
            else:
                steps.append({"fill": {self._anchor(one): self._named(one)}})
        return steps

    def _pressed(self, one: Did) -> str:
        self.marks[one.element.kind, one.element.label] = Mark.of(one.element)
        return one.element.label

    def _anchor(self, one: Did) -> str:
        """The label of a field; its place, where no label is its own."""
        screen = self.seen.screens[one.shown]
        try:
            find_field([screen], one.element.label)
        except NotOnScreen:
            self.notes.append(f"No label is only that of field {one.element.place + 1} ({one.element.name}).")
            return f"#{one.element.place + 1}"
        self.marks[FIELD, one.element.label] = Mark.of(one.element)
        return one.element.label

    # -- the commit ---------------------------------------------------------------------------------------
    def _commit(self, did: Sequence[Did], wanted: str) -> int:
        presses = [number for number, one in enumerate(did) if one.text is None]
        for number in reversed(presses):
            label = did[number].element.label
            if plain(label) == plain(wanted) if wanted else self._has_effect(did[number]):
                return number
        raise Unfinished(
            f"Nothing was pressed that says 「{wanted}」." if wanted else
            "No button was pressed that says 登録 or the like. Name the one with an effect: --commit LABEL."
        )  # fmt: skip

    def _has_effect(self, one: Did) -> bool:
        return one.element.kind != LINK and bool(COMMITS.search(one.element.label))

    def _expect(self, did: Sequence[Did], at: int) -> Iterator[dict[str, str]]:
        """What the screen with the commit says first, where it is a screen of its own."""
        typed = [one.shown for one in did[:at] if one.text is not None]
        screen = self.seen.screens[did[at].shown]
        if typed and typed[-1] != did[at].shown and (heading := _heading(screen)):
            yield {"expect": heading}

    def _receipt(self, did: Sequence[Did], at: int) -> str | None:
        """The label beside which the screen after the commit shows what nobody typed."""
        last = did[at + 1].shown + 1 if at + 1 < len(did) else len(self.seen.screens)
        typed = {said(text) for text in self.texts.values()}
        for screen in self.seen.screens[did[at].shown + 1 : last]:
            for label, value in [*screen.cells, *_WRITTEN_OUT.findall(screen.text)]:
                if RECEIPTS.search(label) and value and value not in typed:
                    return label
        self.notes.append("No receipt was seen after the commit: add - receipt: LABEL after it.")
        return None

    # -- finding it again -----------------------------------------------------------------------------------
    def _find(
        self, after: Sequence[Did], typed: Mapping[str, str], receipt: str | None
    ) -> tuple[list[dict[str, Any]], list[dict[str, Any]], str]:
        searched = next((one for one in after if one.text is not None), None)
        if searched is None:
            self.notes.append(
                "Nobody searched for what was registered, so the robot cannot look before it registers, and after a "
                "crash a person must. Demonstrate it again, search for the key, and open what is found."
            )
            return [], [], next(iter(self.values), "")
        key = self._named(searched)
        followed = next((n for n, one in enumerate(after) if self._column(one)), len(after))
        last = self.seen.screens[after[followed].shown if followed < len(after) else -1]
        find = [*self._steps(after[:followed]), {"found": {self._shown_beside(last, key): key}}]
        check: list[dict[str, Any]] = []
        if followed < len(after):
            check.append({"follow": self._column(after[followed])})
        shown = self.seen.screens[-1]
        if receipt and shown.value_of(receipt) is not None:
            check.append({"receipt": receipt})
        compared = {
            label: name for label, name in typed.items() if shown.value_of(label) == said(self.texts[name])
        }
        if compared:
            check.append({"verify": compared})
        for label in [label for label in typed if label not in compared]:
            self.notes.append(
                f"The last screen does not show 「{label}」 as it was typed: it is not compared."
            )
        return find, check, key

    def _column(self, one: Did) -> str | None:
        """The head of the column in which a link stands that was followed, in the row of something that was typed."""
        if one.text is not None or one.element.kind != LINK:
            return None
        typed = {said(text) for text in self.texts.values()}
        for row in self.seen.screens[one.shown].rows():
            if typed & set(row.values()):
                found = next((head for head, text in row.items() if text == said(one.element.label)), None)
                if found:
                    return found
        return None

    def _shown_beside(self, screen: Screen, key: str) -> str:
        """What the found row, or the found screen, calls the key."""
        wanted = said(self.texts[key])
        heads = [head for row in screen.rows() for head, text in row.items() if text == wanted]
        return next(iter([*heads, *(label for label, value in screen.cells if value == wanted)]), key)

    # -- values -----------------------------------------------------------------------------------------------
    def _named(self, one: Did) -> str:
        """The name of the value that was typed; the same text in a field of the same label is the same value."""
        text = one.text or ""
        for name, there in self.texts.items():
            if there == text and self.labels.get(name) == plain(one.element.label):
                return name
        shown, name = self._value(one, text)
        while name in self.values:
            name += "_2"
        self.values[name], self.texts[name] = shown, text
        self.labels[name] = plain(one.element.label)
        return name

    def _value(self, one: Did, text: str) -> tuple[Shown, str]:
        room = _room(self.seen.screens[one.shown], one)
        ticks = one.element.role == "checkbox"  # a yes is written as 1, which many a number is, too
        known_here = [known for known in self.known if isinstance(known.value, bool) == ticks]
        fits = [
            (known, form)
            for known in known_here
            for form in get_args(Form)
            if self._writes(known, form, text)
        ]
        if not fits:
            self.notes.append(
                f"「{one.element.label}」: which value of the case is 「{text}」? It is a constant for now."
            )
            constant = "'" + text.replace("'", "''") + "'"
            return Shown.model_validate({"is": constant}), _id(one.element.name)
        label = plain(one.element.label)
        fits.sort(key=lambda fit: _far(fit[0], fit[1], label, text))
        known, form = fits[0]
        others = sorted({other.expression for other, _ in fits[1:]} - {known.expression})
        if others:
            self.notes.append(
                f"「{one.element.label}」 is taken for {known.expression}; {', '.join(others)} would fit too."
            )
        return (
            Shown.model_validate({"is": known.expression, "as": form, "max": room, "masked": known.private}),
            _id(known.expression.rpartition(".")[2]),
        )

    def _writes(self, known: Known, form: str, text: str) -> bool:
        try:
            return (
                write(
                    Text.same("x"), known.value, Shown.model_validate({"is": "x", "as": form}), self.system
                ).text
                == text
            )
        except RobotError:
            return False


def _far(known: Known, form: str, label: str, text: str) -> tuple[bool, ...]:
    """How little a value looks like what a field asks for, where several are written the same way: first its label
    counts, then whether both are numbers, then whether it is typed as it is."""
    theirs = plain(known.label)
    number = isinstance(known.value, int | float)
    return theirs != label, label not in theirs, number != text.isdigit(), form != "text"


def _room(screen: Screen, one: Did) -> int | None:
    """Bytes that the field has room for, where it says so and a text is typed."""
    room = screen.at(one.element.path).get("maxlength") or ""
    return int(room) if room.isdigit() and one.element.role == "text" else None


def _heading(screen: Screen) -> str:
    """The first heading, else the title."""
    for element in screen.root.iter("h1", "h2", "h3", "h4", "caption"):
        return said(element.text_content())
    return screen.title


def _id(name: str) -> str:
    found = _NAME.search(name.lower())
    return found[0] if found else "value"


def _in_one_line(value: Mapping[str, Any]) -> CommentedMap:
    made = CommentedMap(value)
    made.fa.set_flow_style()
    return made


def _short(value: Mapping[str, Any]) -> Any:
    return value["is"] if set(value) == {"is"} else _in_one_line(value)


def _step(step: Mapping[str, Any]) -> CommentedMap:
    return CommentedMap(
        {verb: _in_one_line(said) if isinstance(said, dict) else said for verb, said in step.items()}
    )
