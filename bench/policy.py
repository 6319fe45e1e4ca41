"""One policy decision beside bare cedarpy with policies and entities parsed beforehand.

Ours starts from a Worker and a Resource (it builds Cedar's entities itself), bare starts from handles that
were parsed before the clock ran. `policy.first`: a question never asked before; `policy.again`: one that was.

    python -m bench.run policy
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from statistics import median

import cedarpy

from yakuba.access import SYSTEM, Resource, Worker, may
from yakuba.access.policy import FOLDER

ACTS = (
    "note", "attach", "identify", "decide", "return", "withdraw", "reopen", "extend", "object", "answer", "help",
)  # fmt: skip
PARTS = {"queue": "queue.read", "people": "register.search", "entitled": "entitled.read", "fees": "fee.read"}
"""As `channels.casework` and `channels.desk` have them: those need a database."""

TOWN = "394262"
ACTIONS = ("case.read", "case.decide", "task.finish", "queue.read", "register.read", "money.run.approve")
ROUNDS, QUESTIONS = 5, 6_000
LIMIT = 0.9


def workers() -> list[Worker]:
    """The system and staff of several roles."""
    roles = (("clerk",), ("reviewer",), ("approver", "manager"), ("accountant",), ("auditor",))
    staff = [
        Worker("staff", f"staff:{n}", TOWN, roles=frozenset(held), strength=2) for n, held in enumerate(roles)
    ]
    return [SYSTEM(TOWN), *staff]


def resource(action: str, number: int) -> Resource:
    """What the action is about; each number is another one."""
    if action == "queue.read":
        return Resource("Town", TOWN, TOWN)
    if action == "register.read":
        return Resource("Person", str(number), TOWN, {"person": str(number)})
    if action == "money.run.approve":
        return Resource("Run", str(number), TOWN, {"created_by": f"staff:{number}"})
    return Resource("Case", str(number), TOWN, {"applicant": str(number), "role": "clerk"})


def questions(begin: int) -> list[tuple[Worker, str, Resource]]:
    """QUESTIONS different questions; another `begin` gives others."""
    people = workers()
    numbers = range(begin, begin + QUESTIONS)
    return [
        (people[n % len(people)], action, resource(action, n))
        for n in numbers
        for action in (ACTIONS[n // len(people) % len(ACTIONS)],)
    ]


def prepared(asked: list[tuple[Worker, str, Resource]]) -> list[tuple[dict, cedarpy.Entities]]:
    """Requests and entity handles for bare cedarpy."""
    return [(_request(*question), _entities(*question)) for question in asked]


def _request(worker: Worker, action: str, about: Resource) -> dict:
    return {
        "principal": {"type": worker.kind.capitalize(), "id": worker.id},
        "action": {"type": "Action", "id": action},
        "resource": {"type": about.type, "id": about.id},
        "context": worker.where.context(about.data),
    }


def _entities(worker: Worker, action: str, about: Resource) -> cedarpy.Entities:
    me = {
        "uid": {"type": worker.kind.capitalize(), "id": worker.id},
        "attrs": {"id": worker.id, "town": worker.town, "strength": worker.strength},
        "parents": [{"type": "Role", "id": role} for role in worker.roles],
    }
    it = {
        "uid": {"type": about.type, "id": about.id},
        "attrs": {**about.attributes, "town": about.town},
        "parents": [],
    }
    return cedarpy.Entities.from_json_str(json.dumps([me, it]))


def per_second(work: Callable[[], None], count: int) -> float:
    """Decisions a second of CPU time."""
    begin = time.process_time()
    work()
    return count / (time.process_time() - begin)


def measure() -> list[dict]:
    """Decisions a second of CPU time, the best of ROUNDS, ours beside bare cedarpy's on the same questions."""
    whole = cedarpy.PolicySet.from_str(
        "\n".join(file.read_text(encoding="utf-8") for file in sorted(FOLDER.glob("*.cedar")))
    )
    best = {"bare": 0.0, "first": 0.0, "again": 0.0}
    for turn in range(ROUNDS):
        asked = questions(turn * QUESTIONS)
        ready = prepared(asked)
        bare = [cedarpy.is_authorized(request, whole, entities).allowed for request, entities in ready]
        speed = {
            "bare": lambda ready=ready: [cedarpy.is_authorized(r, whole, e).allowed for r, e in ready],
            "first": lambda asked=asked: [may(*question) for question in asked],
            "again": lambda asked=asked: [may(*question) for question in asked],
        }
        for name, work in speed.items():
            best[name] = max(best[name], per_second(work, QUESTIONS))
        assert [may(*question) for question in asked] == bare, "ours and bare cedarpy disagree"
    rows = [row(f"policy, asked {name} (1/s)", best[name], best["bare"]) for name in ("first", "again")]
    return [*rows, page_row()]


PAGE_LIMIT = 5.0
"""Milliseconds that all decisions of a page may take."""


def page_questions(number: int) -> list[tuple[Worker, str, Resource]]:
    """What the page of a case asks, the fullest of the desk's: every act, what is shown of it, and each of three tasks."""
    me = Worker("staff", f"staff:{number}", TOWN, roles=frozenset(("clerk", "reviewer")), strength=2)
    case = Resource("Case", "c", TOWN, {"applicant": "p", "reference": "r", "service": "s", "state": "open"})
    town, person = Resource("Town", TOWN, TOWN), Resource("Person", "p", TOWN, data="sensitive")
    asked = [(me, f"case.{act}", case) for act in ACTS]
    asked += [(me, "case.read", case), (me, "register.read", person), (me, "money.read", town)]
    asked += [(me, action, case) for action in ("fee.take", "fee.pay")]
    asked += [(me, action, town) for action in PARTS.values()]
    for role in ("clerk", "reviewer", "approver"):
        task = replace(case, attributes={**case.attributes, "role": role})
        asked += [
            (me, action, task) for action in ("task.finish", "case.decide", "task.fail", "case.confirm")
        ]
    return asked


def page_row() -> dict:
    """The decisions of one page that was never asked for before: CPU time, the median of ROUNDS times ten."""
    times = []
    for number in range(ROUNDS * 10):
        asked = page_questions(10_000_000 + number)
        begin = time.process_time()
        for question in asked:
            may(*question)
        times.append((time.process_time() - begin) * 1000)
    taken = median(times)
    return {
        "name": f"decisions of a case's page, asked first (ms, {len(asked)} questions)",
        "ours": round(taken, 2),
        "peer": PAGE_LIMIT,
        "peer_version": "the limit",
        "ratio": round(taken / PAGE_LIMIT, 2),
        "limit": "<= 1",
        "ok": taken <= PAGE_LIMIT,
        "command": "python -m bench.run policy",
    }


def row(name: str, ours: float, peer: float) -> dict:
    """One line of the table."""
    return {
        "name": name,
        "ours": round(ours),
        "peer": round(peer),
        "peer_version": f"cedarpy {version('cedarpy')}, all parsed before",
        "ratio": round(ours / peer, 2),
        "limit": f">= {LIMIT}",
        "ok": ours / peer >= LIMIT,
        "command": "python -m bench.run policy",
    }
