"""Why a load, a row or a cut-over was refused, in words for who reads it."""

from __future__ import annotations

from yakuba.words import Text, ui_text


class RecordsError(Exception):
    """Refused; nothing was changed. `text` says why and what to do."""

    def __init__(self, key: str, **values: object):
        self.text: Text = ui_text(f"loads.{key}").format(**values)
        super().__init__(self.text.en)


class FaultyFolder(RecordsError):
    """The folder is not what an import makes, or not whole."""


class NoSuchLoad(RecordsError):
    """There is no such load in this town."""


class NotNow(RecordsError):
    """The state of the load does not allow it."""


class HeldRows(RecordsError):
    """Rows are still held, and nobody said that they may stay behind."""


class LaterCutover(RecordsError):
    """Another load was cut over since, in the same groups."""


class KeysTwice(RecordsError):
    """Rows of a load have the same key, so that none of them can be current."""


class NotHeld(RecordsError):
    """The row waits for nobody."""


class BadPackage(RecordsError):
    """What came from another town, or is to go there, cannot be opened, believed or made."""
