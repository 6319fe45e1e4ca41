"""What a synthetic case gives the robot of the demo, without a database."""

from __future__ import annotations

from yakuba.declare import RobotFile, SystemFile
from yakuba.robots.player import Item
from yakuba.robots.written import write
from yakuba.words import Text


def sample(robot: RobotFile, system: SystemFile, key: str) -> Item:
    """A synthetic item of the demo's robot."""
    values = {
        "reference": key, "name": "見本 親", "kana": "ミホン オヤ", "birth_date": "1990-04-01", "children": 2,
        "amount": 25000, "first_month": "2026-05-01", "method": "1",
    }  # fmt: skip
    return Item(
        key,
        {name: write(Text.same(name), value, robot.values[name], system) for name, value in values.items()},
    )
