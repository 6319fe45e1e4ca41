"""The commands of the assistant: `yakuba assistant …`, `yakuba paper …`, `yakuba voice …`."""

from yakuba.assistant.commands import answers, helping, knowledge, speech, talking
from yakuba.assistant.commands.group import assistant, paper, voice

commands = [assistant, paper, voice]

__all__ = ["answers", "commands", "helping", "knowledge", "speech", "talking"]
