"""The values that a robot types, as rules of the condition language over the facts of a case."""

from __future__ import annotations

import re

from yakuba import conditions
from yakuba.conditions import Program, Rule, Schema
from yakuba.declare.model import Vocabulary
from yakuba.declare.robot import RobotFile
from yakuba.declare.service import Service, fact_type

_NAME = re.compile(r"[a-z_]+\.[a-z][a-z0-9_]*")


def compile_values(robot: RobotFile, service: Service, vocabulary: Vocabulary) -> Program:
    """The robot's values as rules `?NAME`, beside the rules of the service in the version that a case keeps. Facts
    that this version did not use come from the vocabulary of today. Raises conditions.Errors."""
    own = [Rule(f"?{name}", shown.is_, shown.each) for name, shown in robot.values.items()]
    used = {name for rule in own for name in _NAME.findall(rule.expr)}
    more = {name: fact_type(fact) for name, fact in vocabulary.facts.items() if name in used}
    schema = Schema({**more, **service.step_schema.facts}, service.step_schema.lists)
    whole = conditions.compile_rules(schema, [*service.rules, *own], service.dated_params)
    return whole.only(own)
