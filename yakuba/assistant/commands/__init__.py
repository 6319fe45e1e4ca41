"""The commands of the assistant: `yakuba assistant …`, `yakuba voice …`; `yakuba paper …` stands with the channels, which print the forms."""

from yakuba.assistant.commands.group import assistant, voice

commands = [assistant, voice]
