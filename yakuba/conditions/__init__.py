"""The one condition language: SQL expressions over a closed world, three values, with reasons. Pure."""

from yakuba.conditions.answer import Answer, Explanation, UsedParam
from yakuba.conditions.engine import register_connection
from yakuba.conditions.errors import (
    Circular,
    ExpressionError,
    NotAllowed,
    UnknownFunction,
    UnknownName,
    WrongFact,
    WrongType,
)
from yakuba.conditions.facts import check_facts, pick_facts, typed
from yakuba.conditions.functions import FUNCTIONS
from yakuba.conditions.language import quoted
from yakuba.conditions.program import Errors, Program, compile_rules
from yakuba.conditions.types import FactType, Kind, ListType, Param, Rule, Schema, Value

__all__ = [
    "FUNCTIONS",
    "Answer",
    "Circular",
    "Errors",
    "Explanation",
    "ExpressionError",
    "FactType",
    "Kind",
    "ListType",
    "NotAllowed",
    "Param",
    "Program",
    "Rule",
    "Schema",
    "UnknownFunction",
    "UnknownName",
    "UsedParam",
    "Value",
    "WrongFact",
    "WrongType",
    "check_facts",
    "compile_rules",
    "pick_facts",
    "quoted",
    "register_connection",
    "typed",
]
