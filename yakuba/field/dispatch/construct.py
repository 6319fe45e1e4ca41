"""A first plan by VROOM, which knows breaks and skills and is quick; also the way to keep what is promised."""

from __future__ import annotations

from yakuba.field.dispatch.day import Map, Orders

_LEVELS = 100
"""VROOM's priorities go from 0 to 100."""


def constructed(day: Map, *, effort: int = 1, threads: int = 1, start: Orders | None = None) -> Orders:
    """Orders that VROOM finds. `effort` is its exploration level, 0 to 5. `start` is a plan to go on from.

    Worth becomes VROOM's priority, in a hundred levels of the highest worth.
    """
    if not day.day.jobs or not day.day.technicians:
        return {}
    import vroom  # it brings pandas along: a third of a second for every command that plans nothing

    problem = vroom.Input()
    problem.set_durations_matrix("car", day.matrix.astype("uint32"))
    skills = _numbers(day)
    jobs = day.day.jobs
    highest = max(job.worth for job in jobs) or 1
    loads = any(who.capacity for who in day.day.technicians)
    for number, job in enumerate(jobs):
        wanted = {skills[name] for name in job.skills}
        if job.technician:
            wanted.add(skills[f"\0{job.technician}"])
        problem.add_job(
            vroom.Job(
                number,
                location=job.place,
                default_service=job.service,
                delivery=[job.load] if loads else [],
                skills=wanted or None,
                priority=min(_LEVELS, _LEVELS * job.worth // highest),
                time_windows=[vroom.TimeWindow(job.opens, max(job.opens, job.window.closes))],
            )
        )
    numbers = {job.id: number for number, job in enumerate(jobs)}
    for number, who in enumerate(day.day.technicians):
        steps = [vroom.VehicleStepSingle(numbers[name]) for name in (start or {}).get(who.id, [])]
        problem.add_vehicle(
            vroom.Vehicle(
                number,
                start=who.start,
                end=who.end,
                profile="car",
                capacity=[who.capacity or 10**6] if loads else [],
                skills={skills[name] for name in who.skills} | {skills[f"\0{who.id}"]},
                time_window=vroom.TimeWindow(who.shift.opens, who.shift.closes),
                breaks=[
                    vroom.Break(
                        index, [vroom.TimeWindow(rest.window.opens, rest.window.closes)], service=rest.length
                    )
                    for index, rest in enumerate(who.breaks)
                ],
                **({"steps": steps} if steps else {}),
            )
        )
    answer = problem.solve(exploration_level=effort, nb_threads=threads)
    orders: Orders = {}
    for row in answer.routes.to_dict("records"):
        if row["type"] == "job":
            who = day.day.technicians[int(row["vehicle_id"])]
            orders.setdefault(who.id, []).append(jobs[int(row["id"])].id)
    return orders


def _numbers(day: Map) -> dict[str, int]:
    """A number for each skill, and one for each person ("\\0" + id), whose promised work only they may do."""
    names = {name for who in day.day.technicians for name in who.skills}
    names |= {name for job in day.day.jobs for name in job.skills}
    names |= {f"\0{who.id}" for who in day.day.technicians}
    names |= {f"\0{job.technician}" for job in day.day.jobs if job.technician}
    return {name: number for number, name in enumerate(sorted(names))}
