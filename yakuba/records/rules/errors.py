"""What is wrong with a file of rules."""

from __future__ import annotations


class FaultyRules(Exception):
    """A file of rules cannot be read, or two rules have one id."""
