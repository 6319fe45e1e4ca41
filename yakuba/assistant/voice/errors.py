"""Why something cannot be heard or spoken, in the reader's language."""

from __future__ import annotations

from yakuba.words import Text, ui_text


class VoiceError(ValueError):
    """Base of what is said no to here; `text` says what is wrong and how to mend it."""

    def __init__(self, key: str, **values: object):
        self.key, self.values = key, values
        self.text: Text = ui_text(key).format(**values)
        super().__init__(self.text.en)


class NotAudio(VoiceError):
    """The file is no recording that can be read: `voice.not_audio`, `voice.empty`."""


class TooLong(VoiceError):
    """The recording lasts longer, or the file or text is larger, than is taken."""


class Unavailable(VoiceError):
    """The engine or its model is not installed, is another one than was checked, or gave no answer."""
