"""What a service file may say, as types. The file format is described in docs/service-file.md."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    model_validator,
)

from yakuba.clock import Duration
from yakuba.words import Text

Class = Literal["public", "personal", "sensitive", "my_number", "bank", "health"]
GUARDED = frozenset({"sensitive", "my_number", "bank", "health"})
"""Classes of facts that are shown only on demand to who may look the person up in the register, and are masked elsewhere."""
FactKind = Literal["bool", "int", "number", "date", "text", "choice"]
By = Literal["system", "staff", "robot", "assistant", "partner", "supporter", "resident"]
Role = Literal[
    "clerk", "reviewer", "approver", "accountant", "manager", "auditor", "admin", "kitter", "technician",
    "agent", "dispatcher",
]  # fmt: skip
Topic = Literal[
    "child",
    "care",
    "health",
    "welfare",
    "disaster",
    "certificate",
    "moving",
    "tax",
    "home",
    "pet",
    "leisure",
    "work",
]
Verb = Literal[
    "decide", "review", "work", "pay", "letter", "charge", "issue", "observe", "visit", "allot", "wait", "confirm",
    "end", "set-off", "collect", "switch",
]  # fmt: skip
SYSTEMS = frozenset(
    {"decide", "pay", "letter", "observe", "allot", "wait", "end", "set-off", "collect", "switch"}
)
"""Verbs that are the system's alone."""
Answer = Literal[
    "name", "kana", "address", "postal_code", "date", "past_date", "phone", "email", "yen", "count", "yes_no",
    "choice", "text", "long_text", "bank_account", "bank", "branch", "account_number", "place", "carrier",
]  # fmt: skip


def _duration(value: Any) -> Any:
    return Duration.parse(str(value)) if isinstance(value, str | int) else value


def _texts(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _shared(value: Any) -> Any:
    """`{}`: the list as the shared vocabulary declares it."""
    return {name: one or None for name, one in value.items()} if isinstance(value, Mapping) else value


def _name(value: str) -> str:
    if not value.replace("-", "").replace("_", "").isalnum() or value != value.lower():
        raise ValueError("an id has small letters, digits, - and _ only")
    return value


Names = Annotated[
    list[str],
    BeforeValidator(_texts),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
Time = Annotated[
    Duration,
    BeforeValidator(_duration),
    WithJsonSchema({"type": "string", "examples": ["5 business days", "30 days", "4 hours"]}),
]
Id = Annotated[str, AfterValidator(_name)]


class Model(BaseModel):
    """Every part of a file: frozen, and nothing that is not declared."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, populate_by_name=True
    )


class Check(Model):
    """What an answer must fulfil (`if`), and what is said when it does not."""

    if_: str = Field(alias="if")
    say: Text


class Fact(Model):
    """One thing that may be known: its type and unit, how it is classed, and the words it is asked in."""

    type: FactKind
    unit: str | None = None
    class_: Class = Field("personal", alias="class")
    label: Text
    question: Text | None = None
    help: Text | None = None
    answer: Answer | None = None
    choices: Mapping[str, Text] = {}
    check: Check | None = None
    register_: str | None = Field(None, alias="register")
    max_length: int = 200

    @model_validator(mode="after")
    def _fits(self) -> Fact:
        if (self.type == "choice") != bool(self.choices):
            raise ValueError("choices belong to the type choice, and a choice has at least one")
        if self.answer and self.type != ANSWERS.get(self.answer, "text"):
            raise ValueError(
                f"the answer {self.answer} gives {ANSWERS.get(self.answer, 'text')}, not {self.type}"
            )
        return self


ANSWERS: Mapping[str, str] = {
    "date": "date",
    "past_date": "date",
    "yen": "int",
    "count": "int",
    "yes_no": "bool",
    "choice": "choice",
    "carrier": "choice",
}
"""The type of each kind of answer; all others give text."""


class ListOf(Model):
    """A list of things; each is called `item` in expressions."""

    item: Id
    label: Text
    one: Text | None = None
    register_: str | None = Field(None, alias="register")
    facts: Mapping[str, Fact]


class Param(Model):
    """A number, date or text of a law that changes with time; each value holds from its date.

    `set_by: town`: the law leaves it to each town, which may set it in its overlay, not below `at_least` and not above
    `at_most`. `label`: what it is called where people are told its value; one without is told to nobody.
    """

    type: FactKind = "int"
    unit: str | None = None
    label: Text | None = None
    values: Mapping[date, Any]
    source: str | None = None
    set_by: Literal["law", "town"] = "law"
    at_least: int | float | None = None
    at_most: int | float | None = None
    note: str | None = None
    provisional: bool = False


class ValueRule(Model):
    """A named computed value: `is:` anything, `if:` a yes or no; `each:` one for each item of a list."""

    is_: str | None = Field(None, alias="is")
    if_: str | None = Field(None, alias="if")
    each: str | None = None
    unit: str | None = None
    law: str | None = None
    label: Text | None = None

    @property
    def expr(self) -> str:
        """The expression, however it was written."""
        return self.is_ or self.if_ or ""


class Condition(Model):
    """One named, sourced, explainable yes / no / not known."""

    if_: str = Field(alias="if")
    because: Text
    law: str | None = None
    hint: Text | None = None


class Decide(Model):
    """All of `grant` true: granted; one false: refused; else unknown. `need`: facts that must be known too."""

    grant: list[str] = []
    amount: str | None = None
    need: list[str] = []


class Limit(Model):
    """The largest single payment that needs no second look."""

    each: int
    source: str | None = None


class Schedule(Model):
    """Payments that repeat: in which months, how many months each covers, from when."""

    months: list[Annotated[int, Field(ge=1, le=12)]]
    covers: Annotated[int, Field(ge=1, le=12)]
    from_: str = Field("next month", alias="from")


class Pay(Model):
    """To whom, when, and at most how much."""

    to: Literal["applicant"] = "applicant"
    schedule: Literal["once"] | Schedule = "once"
    limit: Limit | None = None
    entitlement: str | None = None


class Ends(Model):
    """Money that is paid by the month ends: which (the `entitlement` of the service that pays it), and with which month:
    the value that has a day in the last month that is paid for."""

    entitlement: str
    after: str


class Fee(Model):
    """What the service costs the resident: a value or parameter, multiplied by a fact where `per` is given. `called`: its
    name in the town's books and on the receipt, where it is no 手数料 (地方自治法 第227条) but a 使用料 (第225条), a 占用料 …"""

    amount: str
    per: str | None = None
    called: Text | None = None


class Book(Model):
    """Places that are given out: who goes first, and among which places.

    `received`: who asked first. `lottery`: drawn by lot when the round has closed. `points`: the sum of the named
    values, the larger first; equal ones by `ties`, the larger first; then by lot.
    `kind`: the value that says of which kind a place must be (of a nursery, the class of the child's age).
    """

    order: Literal["received", "lottery", "points"]
    points: list[str] = []
    ties: list[str] = []
    kind: str | None = None

    @model_validator(mode="after")
    def _fits(self) -> Book:
        if (self.order == "points") != bool(self.points):
            raise ValueError("order: points and points: [values] belong together")
        return self


class Push(Model):
    """The town asks first (プッシュ型給付): everybody entitled gets a case that is filled in, and confirms it.

    `known`: facts that living here on the base date means. `says`: what somebody says by confirming; facts of the items
    of a list hold for each. `wrong`: what holds instead when they say that something is wrong. `until`: the parameter
    with the last day for an answer. Who has not answered after `remind` is asked once more; after `visit` somebody looks
    after it: the step that the confirmation names `on_failure`.
    `to`: a yearly report (現況届) of all who get this money by the month (an `entitlement`) and whom no condition rules
    out; what they have to say they are asked as they confirm (`record` of that step).
    """

    to: str | None = None

    known: Mapping[str, bool | int | str | date] = {}
    says: Mapping[str, bool | int | str | date]
    wrong: Mapping[str, bool | int | str | date] = {}
    until: str
    remind: Time
    visit: Time | None = None


class Question(Model):
    """A fact that is asked for, or a file."""

    fact: str | None = None
    file: Id | None = None
    label: Text | None = None
    help: Text | None = None
    if_: str | None = Field(None, alias="if")
    required: bool = True
    accept: list[Literal["pdf", "jpeg", "png"]] = ["pdf", "jpeg", "png"]
    max_mb: int = 10
    many: int = 1


class Page(Model):
    """Questions that are asked together: one idea. `each`: repeated for every item of a list."""

    page: Id
    title: Text
    intro: Text | None = None
    each: str | None = None
    if_: str | None = Field(None, alias="if")
    questions: list[Question]


class Visit(Model):
    """Work at somebody's place (現地作業): how long it takes in minutes, how many people and which skills it needs, what
    is checked off there, and the sheet that is left with whoever was shown how to use it.

    The facts `visit.minutes`, `visit.people` and `visit.skill` of a case come before what stands here.
    """

    minutes: Annotated[int, Field(ge=5, le=480)]
    people: Annotated[int, Field(ge=1, le=4)] = 1
    skills: list[Id] = []
    checklist: Mapping[Id, Text] = {}
    sheet: Text | None = None


class Step(Model):
    """One thing that is done, by whom, by when, and on what condition."""

    id: Id
    by: By
    do: Verb
    name: Text | None = None
    role: Role | None = None
    condition: str | None = Field(None, alias="if")
    within: Time | None = None
    four_eyes: bool = False
    after: list[str] = []
    on_failure: str | None = None
    only_on_failure: bool = False
    record: list[str] = []
    outcomes: Mapping[str, Text] = {}
    settles: list[str] = []
    letter: str | None = None
    run: str | None = None
    outsource: bool = False
    visit: Visit | None = None

    @model_validator(mode="after")
    def _can_be_done(self) -> Step:
        if self.do in SYSTEMS and self.by != "system":
            raise ValueError(f"do: {self.do} is done by: system")
        if self.outsource and (self.by != "staff" or self.do not in ("work", "visit")):
            raise ValueError("outsource: true is for a step by: staff, do: work or do: visit")
        if (self.do == "visit") != bool(self.visit) or (self.visit and self.by != "staff"):
            raise ValueError("do: visit and visit: {minutes: …} belong together, by: staff")
        if self.do == "review" and self.by == "system":
            raise ValueError("do: review is for a person")
        if self.do == "confirm" and self.by != "resident":
            raise ValueError("do: confirm is done by: resident")
        if (self.do == "letter") != bool(self.letter):
            raise ValueError("do: letter and letter: NAME belong together")
        return self


class Deadlines(Model):
    """The law's due time, the town's own, and what stops the clocks."""

    legal: Time | None = None
    norm: Time | None = None
    pause: list[Literal["returned", "parts", "customer"]] = []


class Keep(Model):
    """How long closed and abandoned requests are kept. Then whom they were about is removed (`cases.retention`)."""

    closed: Time
    abandoned: Time

    @model_validator(mode="before")
    @classmethod
    def _as_before(cls, said: Any) -> Any:
        """Cases keep versions whose text still says `then`: of a chained log nothing else can be done."""
        return {name: one for name, one in said.items() if name != "then"} if isinstance(said, dict) else said


class Count(Model):
    """The measured baseline that hours saved are computed from; provisional until it was measured."""

    manual_minutes: int
    source: str
    provisional: bool = False


class Letter(Model):
    """One message in three languages, for every carrier."""

    subject: Text
    body: Text


class Versions(Model):
    """From when this text holds."""

    from_: date = Field(alias="from")


class Expect(Model):
    """What a worked example must give; only what is written is compared."""

    outcome: Literal["granted", "refused", "unknown"]
    amount: int | None = None
    conditions: Mapping[str, bool | None] = {}
    values: Mapping[str, Any] = {}
    missing: list[str] | None = None


class Example(Model):
    """A worked example, written by somebody who knows the law."""

    id: str
    about: str
    as_of: date
    facts: Mapping[str, Any]
    expect: Expect
    source: str


class ServiceFile(Model):
    """The whole of a `service.yaml`, its parts put in."""

    service: Id
    name: Text
    summary: Text
    audience: Literal["residents", "town"] = "residents"
    offered: bool = True
    topics: list[Topic] = []
    law: Names = []
    plan: Names = []
    note: str | None = None
    versions: Versions
    during: Literal["disaster"] | None = None
    sign_in: Literal["required", "optional", "none"] = "optional"
    subject: Literal["person", "household"] = "person"
    facts: Mapping[str, Fact] = {}
    lists: Annotated[Mapping[str, ListOf | None], BeforeValidator(_shared)] = {}
    params: Mapping[str, Param] = {}
    values: Mapping[str, ValueRule] = {}
    conditions: Mapping[str, Condition] = {}
    decide: Decide = Decide()
    pay: Pay | None = None
    ends: Ends | None = None
    fee: Fee | None = None
    book: Book | None = None
    push: Push | None = None
    ask: list[Page] = []
    steps: list[Step]
    letters: Mapping[str, str] = {}
    next: Text | None = None
    appeal: Text | Literal["none"] | None = None
    deadlines: Deadlines | None = None
    disclose: Mapping[By, list[str]] = {}
    keep: Keep
    count: Count | None = None


class Vocabulary(Model):
    """The facts and lists that services share."""

    facts: Mapping[str, Fact] = {}
    lists: Mapping[str, ListOf] = {}


def ordered(steps: list[Step]) -> list[Step]:
    """The steps with `after` filled in: a step that names none comes after the one before it that is not a
    mender of failures."""
    done: list[Step] = []
    previous: str | None = None
    for step in steps:
        if not step.after and previous and not step.only_on_failure:
            step = step.model_copy(update={"after": [previous]})
        done.append(step)
        if not step.only_on_failure:
            previous = step.id
    return done
