"""What the assistant can quote. Pure: nothing here knows of a database."""

from yakuba.assistant.knowledge.base import FaultyBase, overridden, shared_entries
from yakuba.assistant.knowledge.emergencies import FaultyUrgent, danger, urgent, urgent_entries
from yakuba.assistant.knowledge.entry import Audience, Entry, Kind, Source
from yakuba.assistant.knowledge.services import of_service, of_services
from yakuba.assistant.knowledge.town import DEMO, FaultyTown, Office, Town, read_town

__all__ = [
    "DEMO",
    "Audience",
    "Entry",
    "FaultyBase",
    "FaultyTown",
    "FaultyUrgent",
    "Kind",
    "Office",
    "Source",
    "Town",
    "danger",
    "of_service",
    "of_services",
    "overridden",
    "read_town",
    "shared_entries",
    "urgent",
    "urgent_entries",
]
