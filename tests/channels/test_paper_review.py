"""A clerk looks at what was read unsurely: picture beside text, by keyboard, money twice; nothing of it is kept longer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.channels.browser import Visitor
from tests.channels.filled_forms import packed, page, page_of
from tests.conftest import TOWN
from yakuba import clock
from yakuba.assistant.models import ReadField
from yakuba.assistant.reading import thresholds
from yakuba.cases import catalogue
from yakuba.channels import paper_reading
from yakuba.channels.models import Draft
from yakuba.channels.retention import abandoned

YOU = {
    "applicant.name": "山田 太郎",
    "applicant.postal_code": "7890301",
    "applicant.birth_date": "showa 25 1 1",
}


@pytest.fixture
def nothing_is_sure(monkeypatch):
    monkeypatch.setattr(thresholds, "kept", dict)


@pytest.fixture
def ticks_and_digits_are_sure(monkeypatch):
    sure = {"postal_code": 0.5, "past_date": 0.5, "account_number": 0.5}
    monkeypatch.setattr(thresholds, "kept", lambda: sure)
    monkeypatch.setattr(paper_reading, "_is_control", lambda draft, number: False)


def hand_in(clerk: Visitor, said: dict[str, str]) -> Draft:
    service = catalogue.service("heating")
    number = page_of(service, next(iter(said)))
    upload = SimpleUploadedFile("scan.png", packed(page(service, number, said)), "image/png")
    clerk.send(to=f"/{TOWN}/staff/paper/scan/", scan=upload, came_by="post")
    return Draft.objects.get()


def key(clerk: Visitor, **typed: str) -> None:
    """Answer the question that is shown."""
    reading = ReadField.objects.filter(asked=True, answered_at=None).order_by("id").first()
    clerk.send(reading=str(reading.id), **typed)


def test_sure_answers_are_filled_in_and_the_others_are_shown_one_by_one(clerk, ticks_and_digits_are_sure):
    draft = hand_in(clerk, YOU)
    assert draft.facts["applicant"] == {"postal_code": "7890301", "birth_date": "1950-01-01"}
    assert clerk.at == f"/{TOWN}/staff/paper/review/{draft.id}/"
    assert 'value="山田' in clerk.text
    (open_,) = ReadField.objects.filter(answered_at=None, asked=True)
    picture = clerk.client.get(f"{clerk.at}{open_.id}.png")
    assert (picture["Content-Type"], picture["Cache-Control"]) == ("image/png", "private, no-store")
    key(clerk, **{"applicant.name": "山田 太郎"})
    draft.refresh_from_db()
    assert draft.facts["applicant"]["name"] == "山田　太郎"
    assert "/draft/" in clerk.at


def test_what_was_read_is_gone_once_it_was_answered_and_only_how_well_it_was_read_stays(
    clerk, nothing_is_sure
):
    hand_in(clerk, YOU)
    key(clerk, **{"applicant.name": "山田 次郎"})
    first = ReadField.objects.order_by("id").first()
    assert (first.value, first.others, first.keyed, bytes(first.picture)) == ("", [], "", b"")
    assert (first.kind, first.right) == ("name", False)
    assert first.confidence > 0


def test_nothing_written_leaves_the_question_open(clerk, nothing_is_sure):
    draft = hand_in(clerk, {"applicant.name": "山田 太郎"})
    key(clerk, nothing="1")
    draft.refresh_from_db()
    assert "name" not in draft.facts.get("applicant", {})
    assert ReadField.objects.get().right is False


def test_an_account_is_keyed_in_twice_without_being_shown(clerk, nothing_is_sure):
    draft = hand_in(clerk, {"account.number": "6990009"})
    assert "6990009" not in clerk.text
    key(clerk, **{"account.number": "6990009"})
    assert "2回目" in clerk.text
    assert "6990009" not in clerk.text
    key(clerk, **{"account.number": "6990008"})
    assert "違います" in clerk.text
    for _ in range(2):
        key(clerk, **{"account.number": "6990009"})
    draft.refresh_from_db()
    assert draft.facts["account"]["number"] == "6990009"


def test_what_cannot_be_is_said_beside_the_picture(clerk, nothing_is_sure):
    hand_in(clerk, {"applicant.postal_code": "7890301"})
    key(clerk, **{"applicant.postal_code": "78"})
    assert clerk.page.status_code == 422
    assert "7桁" in clerk.text
    assert ReadField.objects.get().answered_at is None


def test_an_answer_that_was_sent_twice_counts_once(clerk, nothing_is_sure):
    hand_in(clerk, YOU)
    first = ReadField.objects.order_by("id").first()
    for name in ("山田 太郎", "別の 人"):
        clerk.send(
            to=f"/{TOWN}/staff/paper/review/{first.draft}/", reading=str(first.id), **{"applicant.name": name}
        )
    assert Draft.objects.get().facts["applicant"]["name"] == "山田　太郎"


def test_the_pictures_of_a_paper_are_for_whoever_keys_it_in(clerk, desk, nothing_is_sure):
    draft = hand_in(clerk, {"applicant.name": "山田 太郎"})
    where = f"/{TOWN}/staff/paper/review/{draft.id}/"
    other = desk("clerk", login="other")
    assert other.get(where).status_code == 404
    assert other.get(f"{where}{ReadField.objects.get().id}.png").status_code == 404


def test_a_draft_that_nobody_goes_on_with_leaves_nothing_of_what_was_read(clerk, nothing_is_sure):
    hand_in(clerk, {"applicant.name": "山田 太郎"})
    abandoned("heating", clock.now() + timedelta(days=1), True)
    kept = ReadField.objects.get()
    assert (kept.value, bytes(kept.picture)) == ("", b"")


def test_a_stack_of_papers_is_refused_and_nothing_is_kept(clerk):
    sheets = [page(catalogue.service("heating"), 1, {})[::8, ::8]] * 21
    upload = SimpleUploadedFile("stack.pdf", packed(*sheets, kind="PDF"), "application/pdf")
    clerk.send(to=f"/{TOWN}/staff/paper/scan/", scan=upload, service="heating")
    assert "21ページ" in clerk.text
    assert Draft.objects.count() == 0


def test_without_an_engine_everything_is_keyed_in_as_before(clerk, monkeypatch):
    from yakuba.assistant.reading import engine

    def missing():
        raise engine.NoEngine("not installed")

    monkeypatch.setattr(engine, "engine", missing)
    hand_in(clerk, YOU)
    assert "/draft/" in clerk.at
    assert not ReadField.objects.exists()
