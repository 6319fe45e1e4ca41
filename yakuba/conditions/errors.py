"""What may be wrong with an expression, said so that its author can mend it."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class ExpressionError(Exception):
    """An expression cannot be used. `what` is wrong, `mend` is the next thing to do, `rule` where it stands."""

    def __init__(self, what: str, mend: str, *, rule: str = ""):
        self.what, self.mend, self.rule = what, mend, rule
        where = f'"{rule}": ' if rule else ""
        super().__init__(f"{where}{what} {mend}".strip())


class NotAllowed(ExpressionError):
    """The expression is not one value computed from facts: it is refused before anything is run."""


class UnknownName(ExpressionError):
    """The expression uses a name that nothing provides."""

    def __init__(self, name: str, known: Iterable[str], *, rule: str = ""):
        self.name = name
        near = get_close_matches(name, list(known), n=3, cutoff=0.5)
        mend = f"Nearest: {', '.join(f'{n!r}' for n in near)}." if near else "No similar name is known."
        super().__init__(f'uses "{name}", which no question or register item provides.', mend, rule=rule)


class UnknownFunction(ExpressionError):
    """The expression calls a function that is not on the closed list."""

    def __init__(self, name: str, known: Iterable[str], *, rule: str = ""):
        self.name = name
        near = get_close_matches(name, list(known), n=1)
        hint = f" Did you mean {near[0]}()?" if near else ""
        super().__init__(
            f"calls {name}(), which is not one of the functions of the language.{hint}",
            f"Functions: {', '.join(sorted(known))}.",
            rule=rule,
        )


class WrongType(ExpressionError):
    """Values of kinds that do not go together."""


class Circular(ExpressionError):
    """Rules that need each other."""


class WrongFact(ExpressionError):
    """A fact that was given does not fit its declaration: an unknown name, a wrong type, an impossible date."""
