"""What a carrier says when it does not take a message."""

from __future__ import annotations


class TryAgain(Exception):
    """The carrier cannot take it now; the same message may go through later."""


class Undeliverable(Exception):
    """This message will never be delivered: the carrier says so, or the address is none."""
