"""What it brought: hours, days to payment, completion, satisfaction, cost; for everybody alike?"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yakuba.progress.brought.figures import Summary
    from yakuba.progress.brought.period import Period


def summary(when: Period | int, as_of: datetime) -> Summary:
    """What it brought the open town in a period, or in a fiscal year (年度): see `figures.Summary`."""
    from yakuba.progress.brought.figures import (
        summarise,
    )  # the command line names this room before Django is set up

    return summarise(when, as_of)
