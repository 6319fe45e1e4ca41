"""What may be wrong in disaster mode, in words that help on."""

from __future__ import annotations

from yakuba.words import Text, ui_text


class DisasterError(ValueError):
    """Base: nothing was changed; `text` says why and what to do, in ja / easy / en."""

    def __init__(self, text: Text):
        self.text = text
        super().__init__(text.en)


class NotDeclared(DisasterError):
    """Disaster mode cannot be declared so, or is not there to be confirmed or ended."""

    def __init__(self, key: str, **values: object):
        text = ui_text(f"disaster.{key}")
        super().__init__(text.format(**values) if values else text)


class NotOpened(DisasterError):
    """Break-glass access is not given so, or cannot be reviewed so."""

    def __init__(self, key: str):
        super().__init__(ui_text(f"glass.{key}"))


class NoPack(DisasterError):
    """An offline pack cannot be made so, or a file of entries is none that can be read."""

    def __init__(self, key: str, **values: object):
        text = ui_text(f"offline.{key}")
        super().__init__(text.format(**values) if values else text)
