"""What of the rooms below concerns a person, as the access log names it (see `access.upward`)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from yakuba.cases import queries as cases
from yakuba.messages import queries as messages
from yakuba.money import queries as money


def resources(person: str) -> Mapping[tuple[str, str], str]:
    """Resource type and id, each with the case that it belongs to, or "": the person's entry in the register, the cases that
    they applied in, their papers and letters, and the payment runs that pay them."""
    own = [case.id for case in cases.of_applicant(uuid.UUID(person))]
    found: dict[tuple[str, str], str] = {("Person", person): ""}
    found |= {("Case", str(case)): str(case) for case in own}
    found |= {("Document", document): str(case) for document, case in cases.attached_to(own).items()}
    found |= {("Message", str(message)): str(case) for message, case in messages.of_cases(own).items()}
    return found | {("Run", str(run)): str(case) for run, case in money.runs_of(own).items()}
