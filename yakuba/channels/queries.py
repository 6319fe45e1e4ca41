"""What can be asked of what the channels keep."""

from __future__ import annotations

from django.db.models import Q

from yakuba.access import Worker
from yakuba.access import queries as staff
from yakuba.channels.models import SavedFilter
from yakuba.register import queries as register


def saved_filters(worker: Worker) -> list[SavedFilter]:
    """The filters that somebody sees: everybody's, then their own, by name."""
    return list(SavedFilter.objects.filter(Q(owner="") | Q(owner=worker.id)).order_by("owner", "name"))


def holder_names() -> dict[str, str]:
    """What whoever may hold a task is called: the present town's staff, and partners, by worker id."""
    return staff.staff_names() | {f"partner:{one.code}": one.name for one in register.partners()}
