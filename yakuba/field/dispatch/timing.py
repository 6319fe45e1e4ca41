"""When everything in an order happens, breaks included: as early as can be."""

from __future__ import annotations

from collections.abc import Sequence

from yakuba.field.dispatch.day import Job, Map, Route, Stop, Technician

_Breaks = tuple[tuple[int, int], ...]
_State = tuple[int, _Breaks]


def timed(day: Map, who: Technician, order: Sequence[Job]) -> Route | None:
    """The route that does the jobs in this order, or None when that cannot be done within windows, shift and breaks.

    A break is taken before or after the way to the next place. To be earlier is never worse, so the earliest moment
    for each number of breaks taken is all that has to be remembered: the result is exact. A break whose window closes
    before the work begins or after it ends need not be taken on the way, but lies in the shift.
    """
    if who.capacity and sum(job.load for job in order) > who.capacity:
        return None
    ways, at = day.ways, who.start
    states: dict[int, _State] = {0: (who.shift.opens, ())}
    met: list[dict[int, tuple[int, int, int]]] = []
    came: list[dict[int, int]] = []
    for job in order:
        arrivals = _moved(states, ways[at, job.place], who)
        states, here, source = {}, {}, {}
        for taken, (moment, breaks, before) in arrivals.items():
            begins = max(moment, job.opens)
            if begins > job.window.closes:
                continue
            states[taken] = (begins + job.service, breaks)
            here[taken], source[taken] = (moment, begins, begins + job.service), before
        if not states:
            return None
        met.append(here)
        came.append(source)
        at = job.place
    ends = _moved(states, ways[at, who.end], who)
    last = ends.get(len(who.breaks))
    if last is None or last[0] > who.shift.closes:
        return None
    stops: list[Stop] = []
    taken = last[2]
    for job, here, source in zip(reversed(order), reversed(met), reversed(came), strict=True):
        stops.append(Stop(job.id, *here[taken]))
        taken = source[taken]
    stops.reverse()
    leaves = who.shift.opens
    if stops and not any(begins < stops[0].begins for begins, _ in last[1]):
        way = ways[who.start, order[0].place]
        leaves = stops[0].begins - way
        stops[0] = Stop(stops[0].job, stops[0].begins, stops[0].begins, stops[0].ends)
    return Route(who.id, leaves, tuple(stops), last[1], last[0])


def _moved(states: dict[int, _State], way: int, who: Technician) -> dict[int, tuple[int, _Breaks, int]]:
    """For each number of breaks taken: the earliest arrival, the breaks so far, and how many were taken before."""
    best: dict[int, tuple[int, _Breaks, int]] = {}
    for taken, (moment, breaks) in states.items():
        _keep(best, taken, moment + way, breaks, taken)
        _rest(best, who, moment, way, taken, breaks, taken)
    return best


def _rest(
    best: dict[int, tuple[int, _Breaks, int]],
    who: Technician,
    moment: int,
    way: int,
    taken: int,
    breaks: _Breaks,
    before: int,
) -> None:
    """Take the next break here, or at the end of the way, and perhaps one more."""
    if taken == len(who.breaks):
        return
    rest = who.breaks[taken]
    for first, second in {(0, way), (way, 0)}:
        begins = max(moment + first, rest.window.opens)
        if begins > rest.window.closes:
            continue
        ends = begins + rest.length
        more = (*breaks, (begins, ends))
        _keep(best, taken + 1, ends + second, more, before)
        _rest(best, who, ends, second, taken + 1, more, before)


def _keep(
    best: dict[int, tuple[int, _Breaks, int]], taken: int, moment: int, breaks: _Breaks, before: int
) -> None:
    if taken not in best or moment < best[taken][0]:
        best[taken] = (moment, breaks, before)
