"""What is wrong in a robot's file that can be read: unknown systems and values, expressions that give no value, work
that nobody could find again."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from yakuba import conditions
from yakuba.declare.faults import Fault
from yakuba.declare.load import Catalogue
from yakuba.declare.model import GUARDED
from yakuba.declare.robot import RobotFile, walk
from yakuba.declare.robot_values import compile_values
from yakuba.declare.service import Service
from yakuba.declare.written import Path_, Places


def check_robots(catalogue: Catalogue, service: str) -> Iterator[Fault]:
    """All faults of the robots of a service."""
    for name, robot in catalogue.robots_of(service).items():
        places = catalogue.robot_places[service, name]
        if robot.system not in catalogue.systems:
            yield _unknown(places, ("system",), robot.system, catalogue.systems, "system")
        yield from _values(catalogue, service, robot, places)
        yield from _steps(robot, places)
        yield from _given(catalogue, service, robot, places)
        yield from _python(catalogue, service, robot, places)


def _values(catalogue: Catalogue, service: str, robot: RobotFile, places: Places) -> Iterator[Fault]:
    try:
        program = compile_values(robot, catalogue.services[service], catalogue.vocabulary)
    except conditions.Errors as errors:
        for error in errors.errors:
            name = error.rule.removeprefix("?")
            yield places.fault(("values", name), f'value "{name}" {error.what}', error.mend)
        return
    for rule, compiled in program.by_name.items():
        name = rule.removeprefix("?")
        guarded = _guarded(catalogue.services[service], compiled.node.all_names())
        if (
            guarded
            and name in robot.values
            and compiled.kind.kind != "bool"
            and not robot.values[name].masked
        ):
            what = f'value "{name}" shows {", ".join(guarded)} in pictures and in what is said of it.'
            yield places.fault(("values", name), what, "Write masked: true.")
    yes_no = {rule.removeprefix("?") for rule, c in program.by_name.items() if c.kind.kind == "bool"}
    for step in robot.steps():
        if step.if_ and step.if_ in robot.values and step.if_ not in yes_no:
            yield places.fault(
                ("values", step.if_), f'"{step.if_}" is no yes or no.', "Compare it with something."
            )


def _guarded(service: Service, names: Iterable[str]) -> list[str]:
    """Those that are facts which are masked wherever they are shown."""
    listed = {
        f"{kind.item}.{key}": fact for kind in service.lists.values() for key, fact in kind.facts.items()
    }
    facts = {**service.facts, **listed}
    return [name for name in names if name in facts and facts[name].class_ in GUARDED]


def _steps(robot: RobotFile, places: Places) -> Iterator[Fault]:
    known = {**robot.values, **dict.fromkeys(robot.reads)}
    if robot.key not in robot.values:
        yield _unknown(places, ("key",), robot.key, robot.values, "value")
    for part in ("find", "do", "check"):
        for number, step in enumerate(getattr(robot, part)):
            for name in step.used():
                if name not in known:
                    yield _unknown(places, (part, number), name, known, "value")
    for fact, name in robot.gives.items():
        if name not in robot.reads:
            yield _unknown(places, ("gives", fact), name, robot.reads, "value that is read")
    commits = [step for step in walk(robot.do) if step.commit]
    if len(commits) > 1 or any(step.commit for step in walk([*robot.find, *robot.check])):
        yield places.fault(
            ("do",), "commits more than once.", "One robot, one effect: make a second robot of the rest."
        )
    if commits and not any(step.receipt for step in robot.do):
        yield places.fault(("do",), "reads no receipt after its commit.", "Add - receipt: LABEL at the end.")
    if robot.find and not any(step.found for step in walk(robot.find)):
        yield places.fault(("find",), "never says whether the work is there.", "Add - found: {LABEL: VALUE}.")
    if robot.check and not robot.find:
        yield places.fault(("check",), "has nothing to read back from.", "Write find: first.")


def _given(catalogue: Catalogue, service: str, robot: RobotFile, places: Places) -> Iterator[Fault]:
    facts = catalogue.services[service].facts
    for fact in robot.gives:
        if fact not in facts:
            yield _unknown(places, ("gives", fact), fact, facts, "fact")


def _python(catalogue: Catalogue, service: str, robot: RobotFile, places: Places) -> Iterator[Fault]:
    """Steps in Python stand as functions in the file of the robot's name beside it; it is read, not run."""
    wanted = {step.python for step in robot.steps() if step.python} | (
        {robot.collect} if robot.collect else set()
    )
    path = catalogue.root / service / "robots" / f"{robot.robot.replace('-', '_')}.py"
    there: set[str] = set()
    if wanted and path.exists():
        tree = ast.parse(path.read_text("utf-8"))
        there = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    for name in sorted(wanted - there):
        yield places.fault((), f'names the Python function "{name}".', f"Write def {name}(…) in {path.name}.")


def _unknown(places: Places, path: Path_, name: str, known: Iterable[str], kind: str) -> Fault:
    near = get_close_matches(name, list(known), n=3, cutoff=0.5) or list(known)
    return places.fault(
        path, f'names the {kind} "{name}", which is not there.', f"Known: {', '.join(near) or 'none'}."
    )
