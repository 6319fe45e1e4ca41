"""What the channels hold of people beside their cases: drafts, which are removed when nobody goes on with them."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from yakuba.assistant import readings, talks
from yakuba.cases import actions as case_actions
from yakuba.cases.retention import expires, forgets
from yakuba.channels.models import Draft, DraftFile, Texter


@forgets
def forget(cases: Collection[uuid.UUID]) -> None:
    """The drafts from which these cases were made."""
    readings.forget(Draft.objects.filter(case__in=cases).values_list("id", flat=True))
    Draft.objects.filter(case__in=cases).delete()


@expires("drafts")
def abandoned(service: str, before: datetime, remove: bool) -> int:
    """Requests that somebody began and did not send; one that waits for room was sent."""
    found = Draft.objects.filter(service=service, case=None, wanted_at=None, changed_at__lt=before)
    drafts = list(found.values_list("id", flat=True))
    if remove and drafts:
        files = list(DraftFile.objects.filter(draft__in=drafts).values_list("document", flat=True))
        readings.forget(drafts)
        Draft.objects.filter(id__in=drafts).delete()
        case_actions.discard_documents(files)
    return len(drafts)


@expires("texters")
def silent(service: str, before: datetime, remove: bool) -> int:
    """Telephones that have sent no text for so long as a talk that came to nothing is kept, with what was said to them."""
    if service != talks.SERVICE:
        return 0
    found = Texter.objects.filter(last_at__lt=before)
    count = found.count()
    if remove:
        found.delete()
    return count
