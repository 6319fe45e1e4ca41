"""What a service file may say: typed model, loader, linter, JSON Schema. Pure."""

from yakuba.declare.faults import Fault, Faults
from yakuba.declare.load import Catalogue, from_bundle, load_catalogue
from yakuba.declare.model import Example, Fact, Letter, ListOf, Page, Question, Step
from yakuba.declare.service import Decision, Judged, NotInForce, Service, UnknownStep, decide, decide_many

__all__ = [
    "Catalogue",
    "Decision",
    "Example",
    "Fact",
    "Fault",
    "Faults",
    "Judged",
    "Letter",
    "ListOf",
    "NotInForce",
    "Page",
    "Question",
    "Service",
    "Step",
    "UnknownStep",
    "decide",
    "decide_many",
    "from_bundle",
    "load_catalogue",
]
