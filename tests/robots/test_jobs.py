"""What a dead robot holds comes back although no other robot is at work."""

from __future__ import annotations

from django.db import connection

from yakuba.cases.models import Task
from yakuba.robots.jobs import bury_robots
from yakuba.robots.models import Run


def test_a_dead_robots_tasks_are_free_again_within_a_minute(queue, shift):
    queue(2)
    dead = shift()
    dead.take(2)
    assert Task.objects.filter(step="ledger", holder=None).count() == 0
    Run.objects.filter(id=dead.run.id).update(beat_at="2020-01-01T00:00:00Z")
    connection.yakuba_town = None  # a job opens each town by itself
    bury_robots(0)
    connection.yakuba_town = dead.town
    assert Task.objects.filter(step="ledger", holder=None).count() == 2
    assert Run.objects.get().ended_at is not None


def test_a_robot_that_lives_keeps_what_it_holds(queue, shift):
    queue(2)
    working = shift()
    working.take(2)
    connection.yakuba_town = None
    bury_robots(0)
    connection.yakuba_town = working.town
    assert Task.objects.filter(step="ledger", holder=None).count() == 0
