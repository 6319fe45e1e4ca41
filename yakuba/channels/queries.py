"""What can be asked of what the channels keep."""

from __future__ import annotations

from django.db.models import Q

from yakuba.access import Worker
from yakuba.channels.models import SavedFilter


def saved_filters(worker: Worker) -> list[SavedFilter]:
    """The filters that somebody sees: everybody's, then their own, by name."""
    return list(SavedFilter.objects.filter(Q(owner="") | Q(owner=worker.id)).order_by("owner", "name"))
