"""A crowd waits in line: only so many requests are opened at once, and nobody meets an error."""

import threading

from yakuba.channels import admission


def test_there_is_room_for_a_few_and_then_for_none_until_one_is_through(monkeypatch):
    monkeypatch.setattr(admission, "_room", threading.BoundedSemaphore(2))
    monkeypatch.setattr(admission, "PATIENCE", 0.01)
    with admission.room() as first, admission.room() as second:
        assert first
        assert second
        with admission.room() as third:
            assert not third
    with admission.room() as again:
        assert again


def test_an_error_makes_room_again(monkeypatch):
    monkeypatch.setattr(admission, "_room", threading.BoundedSemaphore(1))
    monkeypatch.setattr(admission, "PATIENCE", 0.01)
    try:
        with admission.room():
            raise ValueError("the request could not be opened")
    except ValueError:
        pass
    with admission.room() as admitted:
        assert admitted


def test_who_waits_a_moment_is_admitted_when_another_is_through(monkeypatch):
    monkeypatch.setattr(admission, "_room", threading.BoundedSemaphore(1))
    monkeypatch.setattr(admission, "PATIENCE", 30)
    inside, through = threading.Event(), threading.Event()

    def first() -> None:
        with admission.room():
            inside.set()
            through.wait(30)

    thread = threading.Thread(target=first)
    thread.start()
    inside.wait(30)
    threading.Timer(0.05, through.set).start()
    with admission.room() as admitted:
        assert admitted
    thread.join()


def test_who_finds_the_line_full_is_answered_at_once(monkeypatch):
    monkeypatch.setattr(admission, "_room", threading.BoundedSemaphore(1))
    monkeypatch.setattr(admission, "_line", threading.BoundedSemaphore(1))
    monkeypatch.setattr(admission, "PATIENCE", 3600)
    with admission.room() as first, admission._line:
        assert first
        with admission.room() as third:  # whoever would wait here would wait an hour
            assert not third
