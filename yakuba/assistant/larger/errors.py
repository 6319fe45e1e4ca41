"""What can go wrong between us and the larger model."""


class NoAnswer(Exception):
    """The model gave nothing that can be used: it was not reached, took too long, or answered what nobody can read. What
    was being answered is answered without it."""
