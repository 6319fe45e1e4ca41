"""Steps of a robot in Python, for what branches: functions in the file of the robot's name beside it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from yakuba.declare import RobotFile

Step = Callable[..., Any]


def python_steps(root: Path, service: str, robot: RobotFile) -> Mapping[str, Step]:
    """The functions that the robot's steps may name: `name(player, item, played)`. `root`: the folder of services."""
    if robot.collect is None and not any(step.python for step in robot.steps()):
        return {}
    name = robot.robot.replace("-", "_")
    spec = spec_from_file_location(f"yakuba_robot_{name}", root / service / "robots" / f"{name}.py")
    if spec is None or spec.loader is None:
        return {}
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return dict(inspect.getmembers(module, inspect.isfunction))
