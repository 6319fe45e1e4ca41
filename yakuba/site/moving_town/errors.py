"""What can be wrong when a town moves, said so that whoever sits at it knows what to do."""

from __future__ import annotations


class MovingError(Exception):
    """A town cannot leave or come in as it was asked; nothing was changed."""


class WrongPassphrase(MovingError):
    """The file opens with another passphrase than this one."""


class Damaged(MovingError):
    """The file is not as it was written: cut off, changed, or no such file at all."""


class OtherSchema(MovingError):
    """The file was written by another version of Yakuba than the one that reads it."""


class AlreadyHere(MovingError):
    """The town, or something of it, is here already."""


class NotHere(MovingError):
    """There is no such town here."""


class NotAsItLeft(MovingError):
    """What was read is not what the file itself says that it holds, or its logs do not hold."""
