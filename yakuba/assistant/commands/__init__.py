"""The commands of the assistant: `yakuba assistant …`, `yakuba voice …`; `yakuba paper …` stands with the channels, which
print the forms."""

from yakuba.assistant.commands import answers, helping, knowledge, speech, talking
from yakuba.assistant.commands.group import assistant, voice

commands = [assistant, voice]

__all__ = ["answers", "commands", "helping", "knowledge", "speech", "talking"]
