"""What became of one text: a value of the standard with what was repaired, or held with what to do."""

from __future__ import annotations

from dataclasses import dataclass

from yakuba.words import Text, ui_text


@dataclass(frozen=True, slots=True)
class Outcome:
    """`value`: as the standard writes it, "" for an empty text, None where it is held. `repairs`: what was changed and
    why, for people. `held`: why it cannot be taken and what to do."""

    value: str | None
    repairs: tuple[Text, ...] = ()
    held: Text | None = None


def accepted(given: str, value: str, why: str, **values: object) -> Outcome:
    """The value; where it is not the given text, with the repair that the words `records.why.{why}` explain."""
    if value == given:
        return Outcome(value)
    reason = ui_text(f"records.why.{why}").format(**values)
    return Outcome(value, (ui_text("records.repaired").format(given=given, value=value, why=reason),))


def held(key: str, **values: object) -> Outcome:
    """No value; the words `records.{key}` say why and what to do."""
    return Outcome(None, held=ui_text(f"records.{key}").format(**values))
