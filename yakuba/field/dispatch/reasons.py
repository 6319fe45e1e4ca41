"""Why a job is not served, as a code that every language has words for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

from yakuba.field.dispatch.day import Job, Map
from yakuba.field.dispatch.timing import timed
from yakuba.field.dispatch.travel import UNREACHABLE

Reason = Literal["late_parts", "no_skill", "no_way", "too_far", "too_few_people", "full"]
REASONS: tuple[str, ...] = get_args(Reason)


def why(day: Map, unserved: Sequence[Job]) -> dict[str, str]:
    """The first reason that holds for each job, from what nobody could change to what another plan could.

    late_parts: what it needs comes after its window. no_skill: fewer able people on shift than it needs. no_way: none
    of these can reach it today (an island without a ferry). too_far: none could keep its window even on an empty day.
    too_few_people: one could, but not as many as it needs. full: it fits only in place of work of more worth, or
    costs more travel than it is worth.
    """
    return {job.id: _why(day, job) for job in unserved}


def _why(day: Map, job: Job) -> Reason:
    if job.ready > job.window.closes:
        return "late_parts"
    able = day.able(job)
    if len(able) < job.people:
        return "no_skill"
    able = [who for who in able if day.matrix[who.start, job.place] < UNREACHABLE]
    if len(able) < job.people:
        return "no_way"
    in_time = [who for who in able if timed(day, who, [job])]
    if not in_time:
        return "too_far"
    return "full" if len(in_time) >= job.people else "too_few_people"
