"""A text is scanned in C where that reads it as ruamel does; which of the two it was makes no difference to anybody."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yakuba.declare import written
from yakuba.declare.faults import Faults
from yakuba.declare.load import ROOT

TEXTS = [file.read_text("utf-8") for file in sorted(ROOT.glob("*/letters/*.yaml"))[:40]]
TEXTS += [
    file.read_text("utf-8")[:1500].rsplit("\n", 1)[0] for file in sorted(ROOT.glob("*/service.yaml"))[:20]
]
TYPED = st.sampled_from(
    [*":,-#{}[]'\"&*!|>%@`? \n\tab01.~\\<=", "　", "\u2028", "\x85", "\ufeff", "\r\n", "あ"]
)


@st.composite
def typed_over(draw: st.DrawFn) -> str:
    """A text of ours in which somebody has typed a few characters, or taken one out."""
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(TYPED | st.just("")) + text[at + draw(st.integers(0, 1)) :]
    return text


def said(text: str) -> object:
    try:
        found = written._read(text)
    except Faults as slips:
        return str(slips)
    return found.data, found.lines


@settings(max_examples=25)
@given(typed_over())
def test_a_text_scanned_in_c_is_read_as_by_ruamel_and_refused_in_the_same_words(text):
    fast = said(text)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(written._Scanned, "of", classmethod(lambda cls, text: None))
        assert fast == said(text)


def test_what_is_declared_is_scanned_in_c_and_not_left_to_ruamel():
    files = [*ROOT.glob("*/letters/*.yaml"), *ROOT.glob("*/*.yaml")]
    assert [str(one) for one in files if written._Scanned.of(one.read_text("utf-8")) is None] == []
