"""What the assistant's room says no to, in the reader's language."""

from __future__ import annotations

from yakuba.words import Text, ui_text


class AssistantError(ValueError):
    """Base of what is said no to here; `text` says what, where and how to mend it."""

    def __init__(self, text: Text):
        self.text = text
        super().__init__(text.en)


class TalkOver(AssistantError):
    """The talk has ended, or nobody has it any more."""

    def __init__(self) -> None:
        super().__init__(ui_text("chat.over"))


class NotOffered(AssistantError):
    """What was chosen is none of the answers that were shown, or may be shown, here."""

    def __init__(self) -> None:
        super().__init__(ui_text("chat.not_offered"))


class NothingWritten(AssistantError):
    """An answer needs a question and a text in Japanese."""

    def __init__(self) -> None:
        super().__init__(ui_text("chat.nothing_written"))


class WithNobody(AssistantError):
    """The talk is with the assistant: a clerk goes on only in one that was handed over."""

    def __init__(self) -> None:
        super().__init__(ui_text("chat.with_nobody"))


class StillListening(AssistantError):
    """The recording has not been heard yet."""

    def __init__(self) -> None:
        super().__init__(ui_text("voice.still_listening"))


class NothingHeard(AssistantError):
    """The recording could not be heard: there is nothing to take."""

    def __init__(self) -> None:
        super().__init__(ui_text("voice.nothing_to_take"))
