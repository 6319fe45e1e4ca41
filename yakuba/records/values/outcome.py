"""What became of one text: a value of the standard with what was repaired, or held with what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from yakuba.words import Text, ui_text


@dataclass(frozen=True, slots=True)
class Repair:
    """That `given` became `value`, for the reason `why` (of the words `records.why.{why}`). A text that no report may repeat
    is not here: `given` and `value` are None. The words are made when they are asked for: a register has a million dates."""

    why: str
    given: str | None = None
    value: str | None = None
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def text(self) -> Text:
        """What was changed and why, for people."""
        reason = ui_text(f"records.why.{self.why}").format(**self.values)
        if self.given is None:
            return reason
        return ui_text("records.repaired").format(given=self.given, value=self.value, why=reason)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`value`: as the standard writes it, "" for an empty text, None where it is held. `repairs`: what was changed and
    why. `held`: why it cannot be taken and what to do."""

    value: str | None
    repairs: tuple[Repair, ...] = ()
    held: Text | None = None


def accepted(given: str, value: str, why: str, **values: object) -> Outcome:
    """The value; where it is not the given text, with the repair that the words `records.why.{why}` explain."""
    return Outcome(value) if value == given else Outcome(value, (Repair(why, given, value, values),))


def held(key: str, **values: object) -> Outcome:
    """No value; the words `records.{key}` say why and what to do."""
    return Outcome(None, held=ui_text(f"records.{key}").format(**values))
