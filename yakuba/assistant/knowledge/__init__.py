"""What the assistant can quote. Pure: nothing here knows of a database."""

from yakuba.assistant.knowledge.entry import Audience, Entry, Kind, Source

__all__ = ["Audience", "Entry", "Kind", "Source"]
