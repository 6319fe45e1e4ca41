"""What a robot's file and a target system's file may say, as types. Described in docs/robots.md.

A robot is a short list of steps that a clerk can read, in three parts: `find` looks whether the work is there
already, `do` does it, and `check` reads back what `find` led to. `find` and `check` are looked at again after `do`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import time
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from yakuba.declare.model import Id, Model
from yakuba.words import Text

_IN_BRACES = re.compile(r"\{(\w+)\}")
Form = Literal["text", "full_width", "half_kana", "date", "date_digits", "era_date", "era_month", "month"]
"""How a value is written for the old system: as it is · ＡＢＣ · ﾔﾏﾀﾞ ﾀﾛｳ · 2024/04/01 · 20240401 · R060401 · R0604 ·
202404."""
VERBS = (
    "open", "fill", "click", "expect", "commit", "receipt", "found", "follow", "verify", "read", "download",
    "keep", "each", "python",
)  # fmt: skip


def _encoding(value: str) -> str:
    try:
        "".encode(value)
    except LookupError as error:
        raise ValueError(f"nobody knows the encoding {value!r}; old Japanese systems have cp932") from error
    return value


def _short_value(value: object) -> object:
    return {"is": value} if isinstance(value, str) else value


class Shown(Model):
    """A value that the robot types: an expression, how it is written, and how many bytes of the system's encoding the
    screen has room for. `masked`: covered in all evidence; `each`: one for every item of
    a list."""

    is_: str = Field(alias="is")
    as_: Form = Field("text", alias="as")
    max: int | None = None
    each: str | None = None
    masked: bool = False


class RobotStep(Model):
    """One thing done on the screen: exactly one verb, and `if:` the name of a yes-or-no value."""

    open: str | None = None
    fill: Mapping[str, str] | None = None
    click: str | None = None
    expect: str | None = None
    commit: str | None = None
    receipt: str | None = None
    found: Mapping[str, str] | None = None
    follow: str | None = None
    verify: Mapping[str, str] | None = None
    read: Mapping[str, Id] | None = None
    download: str | None = None
    keep: str | None = None
    each: Id | None = None
    python: str | None = None
    do: list[RobotStep] = []
    if_: str | None = Field(None, alias="if")

    @model_validator(mode="after")
    def _one_verb(self) -> RobotStep:
        said = [verb for verb in VERBS if getattr(self, verb) is not None]
        if len(said) != 1:
            raise ValueError(
                f"a step has exactly one of {', '.join(VERBS)}; here: {', '.join(said) or 'none'}"
            )
        if bool(self.do) != (self.each is not None):
            raise ValueError("each: and do: belong together")
        return self

    @property
    def verb(self) -> str:
        """What kind of step it is."""
        return next(verb for verb in VERBS if getattr(self, verb) is not None)

    def labels(self) -> Iterator[str]:
        """What it looks for on the screen; `{name}` in it stands for a value."""
        for named in (self.fill, self.found, self.verify, self.read):
            yield from named or {}
        for label in (
            self.open,
            self.click,
            self.expect,
            self.commit,
            self.receipt,
            self.follow,
            self.download,
        ):
            if label is not None:
                yield label

    def used(self) -> Iterator[str]:
        """Names of the values that it needs."""
        for typed in (self.fill, self.found, self.verify):
            yield from (typed or {}).values()
        for label in self.labels():
            yield from _IN_BRACES.findall(label)
        if self.if_:
            yield self.if_
        for step in self.do:
            yield from step.used()


class RobotFile(Model):
    """The whole of a `robots/NAME.yaml`."""

    robot: Id
    name: Text
    system: Id
    driver: Literal["browser", "http", "files", "none", "framework"] = "browser"
    key: str
    collect: str | None = None
    values: Mapping[str, Annotated[Shown, BeforeValidator(_short_value)]]
    find: list[RobotStep] = []
    do: list[RobotStep]
    check: list[RobotStep] = []
    gives: Mapping[str, str] = {}

    @property
    def reads(self) -> set[str]:
        """Names of the values that it reads from the screen."""
        return {name for step in self.steps() for name in (step.read or {}).values()}

    @property
    def commits(self) -> bool:
        """Does it change anything outside? What robots of Robot Framework do is not known here."""
        return self.driver == "framework" or any(step.commit for step in walk(self.do))

    def steps(self) -> Iterator[RobotStep]:
        """All steps, those inside of others too."""
        yield from walk([*self.find, *self.do, *self.check])


def walk(steps: list[RobotStep]) -> Iterator[RobotStep]:
    """The steps and those inside of them, in order."""
    for step in steps:
        yield step
        yield from walk(step.do)


class SystemError_(Model):
    """A message of the old system: what a screen says, whose matter it is, and what it means."""

    says: str
    code: str
    kind: Literal["business", "technical"]
    meaning: Text


def _time(value: object) -> object:
    return time.fromisoformat(value) if isinstance(value, str) else value


class Hours(Model):
    """When the system can be used, every day, Tokyo time; `until` before `from` is in the next morning."""

    from_: Annotated[time, BeforeValidator(_time)] = Field(alias="from")
    until: Annotated[time, BeforeValidator(_time)]

    def open_at(self, now: time) -> bool:
        """Is it open at that time of day?"""
        if self.from_ <= self.until:
            return self.from_ <= now < self.until
        return now >= self.from_ or now < self.until


class SystemFile(Model):
    """The whole of a `shared/systems/NAME.yaml`: an old system, as robots need to know it."""

    system: Id
    name: Text
    address: str = ""
    encoding: Annotated[str, AfterValidator(_encoding)] = "cp932"
    fallback: Mapping[str, str] = {}
    hours: Hours | None = None
    sessions: Annotated[int, Field(ge=1)] = 1
    wait: Annotated[int, Field(ge=1, le=120)] = 10
    sign_in: list[RobotStep] = []
    signed_out: str | None = None
    pop_ups: list[str] = []
    errors: list[SystemError_] = []
    error_mark: str | None = None
