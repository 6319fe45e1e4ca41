"""What the robots type for a batch of tasks: the values of each, computed in one run of the condition engine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from yakuba.cases import catalogue
from yakuba.cases.deciding import decided_on
from yakuba.cases.oracle import guard_facts
from yakuba.cases.work import Waiting
from yakuba.conditions import Answer, Program
from yakuba.declare import RobotFile, Service, SystemFile, compile_values, received
from yakuba.robots.errors import RobotError
from yakuba.robots.player import Item
from yakuba.robots.written import Written, write
from yakuba.words import Text


@dataclass(frozen=True, slots=True)
class Prepared:
    """One task and what is to be typed for it, or why nothing can be typed."""

    task: Waiting
    item: Item | RobotError


def prepare(tasks: Sequence[Waiting], robot: RobotFile, system: SystemFile) -> list[Prepared]:
    """The items of the tasks, in their order. Facts and parameters count as of the day of the request."""
    groups: dict[tuple[str, date], list[Waiting]] = defaultdict(list)
    for task in tasks:
        groups[task.state.version, decided_on(task.state.opened_at or "")].append(task)
    items: dict[object, Item | RobotError] = {}
    for (_, on), group in groups.items():
        service = group[0].service
        program, labels = _program(robot.robot, service), _labels(service, robot)
        answers = program.run_many([received(guard_facts(task.state), on) for task in group], as_of=on)
        for task, answer in zip(group, answers, strict=True):
            items[task.id] = _item(answer, robot, labels, system)
    return [Prepared(task, items[task.id]) for task in tasks]


@lru_cache(maxsize=64)
def _program(robot: str, service: Service) -> Program:
    now = catalogue.current()
    return compile_values(now.robots[service.id, robot], service, now.vocabulary)


def _labels(service: Service, robot: RobotFile) -> dict[str, Text]:
    """What people call each value: as the fact that it is, else by its own name."""
    facts = {name: service.label(shown.is_) for name, shown in robot.values.items()}
    return {
        name: Text.same(name) if label == Text.same(robot.values[name].is_) else label
        for name, label in facts.items()
    }


def _item(
    answer: Answer, robot: RobotFile, labels: Mapping[str, Text], system: SystemFile
) -> Item | RobotError:
    flags = {
        name: bool(answer.values.get(f"?{name}")) for name, shown in robot.values.items() if not shown.each
    }
    try:
        once = {name: answer.values[f"?{name}"] for name, shown in robot.values.items() if not shown.each}
        values = _written(once, robot, labels, system)
        lists = {
            name: [_written(row, robot, labels, system) for row in _rows(answer, robot, name)]
            for name in {shown.each for shown in robot.values.values() if shown.each}
        }
    except RobotError as error:
        return error
    return Item(values[robot.key].text, values, flags, lists)


def _rows(answer: Answer, robot: RobotFile, listed: str) -> list[dict[str, Any]]:
    names = [name for name, shown in robot.values.items() if shown.each == listed]
    return [{name: row[f"?{name}"] for name in names} for row in answer.items.get(listed, [])]


def _written(
    values: Mapping[str, Any], robot: RobotFile, labels: Mapping[str, Text], system: SystemFile
) -> dict[str, Written]:
    """Raises NotKnown and CannotBeWritten. A value that only decides (`if:`) is not typed and may be unknown."""
    decides = {step.if_ for step in robot.steps()}
    return {
        name: write(labels[name], value, robot.values[name], system)
        for name, value in values.items()
        if name not in decides
    }
