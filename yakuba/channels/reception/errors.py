"""What may be wrong at the reception, in words that help on."""

from __future__ import annotations

from yakuba.words import ui_text


class ReceptionError(ValueError):
    """Base: nothing was changed; `text` says why and what to do, in ja / easy / en."""

    def __init__(self, key: str, **values: object):
        text = ui_text(f"reception.{key}")
        self.text = text.format(**values) if values else text
        super().__init__(self.text.en)


class NotServed(ReceptionError):
    """The visit is not where it would have to be: not waiting, not at this desk, over, or nobody's."""


class NotTaken(ReceptionError):
    """The visit's requests cannot be taken in so."""
