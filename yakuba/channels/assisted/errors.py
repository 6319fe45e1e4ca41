"""What may be wrong with a helper, in words that help on."""

from __future__ import annotations

from yakuba.words import Text, ui_text


class HelpError(ValueError):
    """Base: nothing was changed; `text` says why and what to do, in ja / easy / en."""

    def __init__(self, key: str, **values: object):
        text = ui_text(f"assisted.{key}")
        self.text: Text = text.format(**values) if values else text
        super().__init__(self.text.en)


class NotHelped(HelpError):
    """Nobody can be asked to help so, or the code opens nothing."""


class Over(HelpError):
    """The consent does not hold (any more): the helper stops at once, and what was written is kept. `why`: as
    `consent.Consent.standing` says it."""

    def __init__(self, why: str):
        self.why = why
        super().__init__(f"over_{why}")


class NotListed(HelpError):
    """The roster of supporters cannot be changed so."""
