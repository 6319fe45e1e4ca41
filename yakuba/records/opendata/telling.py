"""How counts were protected, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yakuba.words import Text, ui_text


def proof_text(proof: Mapping[str, Any]) -> Text:
    """What a proof (`disclosure.Proof`, as it is kept with a version) says to people."""
    suppressed = proof["small"] + proof["others"]
    told = {name: "-" if value is None else value for name, value in proof.items()}
    told |= {"over": "・".join(proof["over"]), "suppressed": suppressed}
    text = ui_text("opendata.proof") if suppressed else ui_text("opendata.proof_all_shown")
    return text.format(told)
