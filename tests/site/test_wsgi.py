"""What a web process does before the first visitor comes."""

from __future__ import annotations

import gc

from yakuba.words import ui_words


def test_the_first_visitor_does_not_wait_until_the_words_of_the_screens_are_read(db, monkeypatch):
    monkeypatch.setattr(gc, "freeze", lambda: None)
    from yakuba.site import wsgi

    ui_words.cache_clear()
    wsgi._get_ready()
    assert ui_words.cache_info().currsize == 1
