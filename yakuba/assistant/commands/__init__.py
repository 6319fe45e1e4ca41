"""The commands of the assistant: `yakuba assistant …`, `yakuba paper …`, `yakuba voice …`."""

from yakuba.assistant.commands import knowledge, talking  # noqa: F401  (registers its commands)
from yakuba.assistant.commands.group import assistant, paper, voice

commands = [assistant, paper, voice]
