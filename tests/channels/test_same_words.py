"""One declaration: the form on the web, the phone script and the form on paper ask in the same words."""

from __future__ import annotations

import html
import io
import re

import pytest
from pypdf import PdfReader

from tests.conftest import TOWN
from yakuba.cases import catalogue
from yakuba.channels import paper
from yakuba.channels.models import Draft
from yakuba.words import LANGUAGES, plain

FACTS = ("applicant.name", "applicant.birth_date")


def read(page: str) -> str:
    """The words of a page without markup, readings above words, and blanks."""
    bare = re.sub(r"<rt[^>]*>.*?</rt>|<[^>]+>", "", page)
    return re.sub(r"\s", "", html.unescape(bare))


def asked(language: str) -> dict[str, str]:
    """What the declaration asks, by fact."""
    facts = catalogue.service("heating").facts
    return {
        name: re.sub(r"\s", "", plain((facts[name].question or facts[name].label).get(language)))
        for name in FACTS
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_web_phone_and_paper_ask_in_the_words_of_the_declaration(language, visitor, clerk):
    wanted = asked(language)
    assert len(set(wanted.values())) == len(FACTS)
    visitor.start()
    clerk.send(to=f"/{TOWN}/staff/paper/call/", service="heating")
    drafts = {one.channel: one.id for one in Draft.objects.all()}
    assert set(drafts) == {"web", "phone"}
    form = paper.Form(catalogue.service("heating"), TOWN, "山あい町", language=language)
    printed = PdfReader(io.BytesIO(paper.pdf(form))).pages
    on_paper = re.sub(r"\s", "", "".join(page.extract_text() for page in printed))
    for page, name in zip(("name", "birth"), FACTS, strict=True):
        on_web = read(visitor.open(f"draft/{drafts['web']}/{page}/?lang={language}").content.decode())
        by_phone = clerk.open(f"draft/{drafts['phone']}/{page}/?lang={language}").content.decode()
        assert wanted[name] in on_web
        assert wanted[name] in read("".join(re.findall(r"<q>.*?</q>", by_phone)))
        if language != "easy":  # there the readings stand between the letters
            assert wanted[name][:12] in on_paper
