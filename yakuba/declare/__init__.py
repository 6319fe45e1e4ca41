"""What a service file may say: typed model, loader, linter, JSON Schema. Pure."""

from yakuba.declare.disclosed import MARK, ROLE, NotOutsourced, disclosed
from yakuba.declare.faults import Fault, Faults
from yakuba.declare.life_events import Included, LifeEvent
from yakuba.declare.load import Catalogue, Tree, from_bundle, load_catalogue
from yakuba.declare.model import GUARDED, Example, Fact, Letter, ListOf, Page, Question, Step, Topic
from yakuba.declare.robot import Hours, RobotFile, RobotStep, Shown, SystemFile
from yakuba.declare.robot_values import compile_values
from yakuba.declare.service import (
    Decision,
    Judged,
    NotInForce,
    Service,
    UnknownStep,
    decide,
    decide_many,
    received,
)
from yakuba.declare.undisturbed import undisturbed

__all__ = [
    "GUARDED",
    "MARK",
    "ROLE",
    "Catalogue",
    "Decision",
    "Example",
    "Fact",
    "Fault",
    "Faults",
    "Hours",
    "Included",
    "Judged",
    "Letter",
    "LifeEvent",
    "ListOf",
    "NotInForce",
    "NotOutsourced",
    "Page",
    "Question",
    "RobotFile",
    "RobotStep",
    "Service",
    "Shown",
    "Step",
    "SystemFile",
    "Topic",
    "Tree",
    "UnknownStep",
    "compile_values",
    "decide",
    "decide_many",
    "disclosed",
    "from_bundle",
    "load_catalogue",
    "received",
    "undisturbed",
]
