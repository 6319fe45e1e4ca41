"""What may be wrong with the queue's filter, in words that help on."""

from __future__ import annotations

from collections.abc import Mapping

from yakuba.words import Text, ui_text


class QueueError(ValueError):
    """Base: nothing was changed; `text` says why and what to do, in ja / easy / en."""

    def __init__(self, text: Text):
        self.text = text
        super().__init__(text.en)


class BadFilter(QueueError):
    """Something in the filter cannot be read; `wrong` says what, by field, `text` the first of it."""

    def __init__(self, wrong: Mapping[str, Text]):
        self.wrong = dict(wrong)
        super().__init__(next(iter(wrong.values())))


class NotKept(QueueError):
    """A filter cannot be kept so, or be removed."""

    def __init__(self, key: str, **values: object):
        super().__init__(ui_text(f"queue.{key}").format(**values))
