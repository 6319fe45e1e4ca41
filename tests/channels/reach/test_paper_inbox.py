"""What comes by fax or post is a case as soon as a machine has laid it down, with its picture; a clerk keys it in or puts it away."""

from __future__ import annotations

import io
import os
from datetime import timedelta
from pathlib import Path

import pytest
import segno
from PIL import Image

from tests.conftest import TOWN
from yakuba import clock
from yakuba.access import SYSTEM
from yakuba.cases import actions as case_actions
from yakuba.cases import catalogue, retention
from yakuba.cases import queries as cases
from yakuba.cases.models import Case
from yakuba.cases.scanning import NotScanned
from yakuba.channels import actions, paper, paper_reading
from yakuba.channels.actions import scan_of
from yakuba.channels.models import Draft
from yakuba.channels.reach import inbox, paper_inbox


@pytest.fixture
def machine(in_town, monkeypatch, tmp_path) -> Path:
    """The folder into which a fax machine writes; the services are the real ones."""
    catalogue.forget()
    monkeypatch.setattr(inbox, "folder", lambda: tmp_path)
    where = tmp_path / TOWN / "fax"
    where.mkdir(parents=True)
    yield where
    catalogue.forget()


def code(text: str) -> Image.Image:
    made = io.BytesIO()
    segno.make(text).save(made, kind="png", scale=8, border=8)
    return Image.open(made).convert("1")


def fax(*pages: Image.Image) -> bytes:
    """Pages as a fax machine writes them: half as many lines as columns, packed by ITU-T T.6."""
    flat = [one.resize((one.width, one.height // 2)) for one in pages]
    made = io.BytesIO()
    flat[0].save(made, "TIFF", save_all=True, append_images=flat[1:], compression="group4", dpi=(204, 98))
    return made.getvalue()


def laid_down(where: Path, name: str, content: bytes, *, minutes: int = 2) -> Path:
    file = where / name
    file.write_bytes(content)
    then = (clock.now() - timedelta(minutes=minutes)).timestamp()
    os.utime(file, (then, then))
    return file


def taken() -> list[inbox.Taken]:
    return list(inbox.look_through(TOWN, as_of=clock.now()))


def form() -> bytes:
    return fax(code(f"yakuba:{TOWN}:call-back:0123456789abcdef:en"), Image.new("1", (400, 400), 1))


def facts(one: inbox.Taken) -> dict:
    case = cases.by_reference(one.reference)
    assert case
    return cases.state(case).facts["paper"]


def test_a_fax_is_a_case_with_its_picture_as_it_came_and_as_one_that_can_be_opened(machine) -> None:
    content = form()
    file = laid_down(machine, "20261129-0880-22-1234.tif", content)
    (one,) = taken()
    assert not file.exists()
    assert {"came_by": "fax", "sender": "0880221234", "pages": 2, "form": "call-back"}.items() <= facts(
        one
    ).items()
    case = cases.by_reference(one.reference)
    kept = {attached.purpose: cases.document(paper.id) for attached, paper in cases.documents_of(case.id)}
    assert bytes(kept["original"].content) == content
    assert kept["paper"].media_type == "application/pdf"


def test_a_fax_that_lies_there_twice_is_one_case(machine) -> None:
    laid_down(machine, "a.tif", form())
    laid_down(machine, "b.tif", form())
    first, second = taken()
    assert (first.reference, second.new) == (second.reference, False)
    assert Case.objects.filter(service="paper-intake").count() == 1


def test_who_was_asked_to_send_it_again_and_sends_the_same_is_not_lost(machine) -> None:
    laid_down(machine, "a.tif", form())
    (first,) = taken()
    case = cases.by_reference(first.reference)
    case_actions.finish(
        cases.open_task(case.id, inbox.STEP).id, by=SYSTEM(TOWN), as_of=clock.now(), outcome="unreadable"
    )
    laid_down(machine, "b.tif", form())
    (second,) = taken()
    assert second.new
    assert cases.by_reference(second.reference).state == "open"


def test_a_folder_that_cannot_be_looked_into_holds_up_no_other(machine) -> None:
    machine.rmdir()
    machine.write_text("no folder")
    post = machine.parent / "post"
    post.mkdir()
    laid_down(post, "a.tif", form())
    assert len(taken()) == 1


def test_what_a_browser_shows_as_it_came_is_kept_once(machine) -> None:
    made = io.BytesIO()
    code("a letter").convert("L").save(
        made, "PDF", save_all=True, append_images=[Image.new("L", (9, 9))] * 24
    )
    laid_down(machine, "a.pdf", made.getvalue())
    (one,) = taken()
    case = cases.by_reference(one.reference)
    assert [attached.purpose for attached, _ in cases.documents_of(case.id)] == ["paper"]
    assert facts(one)["pages"] == 25


def test_a_paper_that_something_unforeseen_is_wrong_with_holds_up_no_other(machine, monkeypatch) -> None:
    def take_in(content: bytes, name: str, *args, **more) -> inbox.Taken:
        if name == "a.tif":
            raise RuntimeError("unforeseen")
        return really(content, name, *args, **more)

    really = inbox.take_in
    monkeypatch.setattr(inbox, "take_in", take_in)
    stays = laid_down(machine, "a.tif", form())
    laid_down(machine, "b.tif", form()[:60])
    assert [one.file for one in taken()] == ["b.tif"]
    assert stays.exists()


def test_a_paper_with_a_name_in_another_encoding_is_taken_in(machine) -> None:
    laid_down(machine, os.fsdecode("紙.tif".encode("cp932")), form())
    (one,) = taken()
    assert facts(one)["file"].endswith(".tif")


def test_a_file_that_is_still_written_is_left_alone(machine) -> None:
    file = laid_down(machine, "a.tif", form()[:100], minutes=0)
    assert taken() == []
    assert file.exists()


def test_a_paper_that_nobody_can_open_is_a_case_all_the_same(machine) -> None:
    laid_down(machine, "a.tif", form()[:60])
    (one,) = taken()
    assert "開けません" in facts(one)["wrong"]


def test_where_the_virus_scanner_does_not_answer_the_file_stays(machine, monkeypatch) -> None:
    def silent(content: bytes) -> bool:
        raise NotScanned

    file = laid_down(machine, "a.tif", form())
    monkeypatch.setattr("yakuba.cases.scanning.clean", silent)
    assert taken() == []
    assert file.exists()
    assert not Case.objects.exists()


def test_a_clerk_keys_a_fax_in_from_its_picture_and_the_paper_is_done(machine, desk, monkeypatch) -> None:
    monkeypatch.setattr(
        paper_reading, "read", lambda *_, **__: False
    )  # it is read in tests/channels/test_paper_reading.py
    laid_down(machine, "a.tif", form())
    (one,) = taken()
    case = cases.by_reference(one.reference)
    browser = desk("clerk")
    page = browser.get(f"/{TOWN}/staff/papers/").content.decode()
    assert one.reference in page
    assert '<option value="call-back" selected>' in page
    answer = browser.post(f"/{TOWN}/staff/papers/{case.id}/key-in/", {"service": "call-back"})
    assert "/draft/" in answer["Location"] or "/review/" in answer["Location"]
    draft = Draft.objects.get()
    assert (draft.language, draft.evidence) == ("en", "FAX")
    assert browser.session["said"]["kind"] == "warn"  # a form of an earlier version
    assert paper.look(scan_of(draft))
    request = sent(draft)
    assert request.reference in browser.get(f"/{TOWN}/staff/papers/").content.decode()
    browser.post(
        f"/{TOWN}/staff/papers/{case.id}/done/", {"outcome": "opened", "reference": request.reference}
    )
    case.refresh_from_db()
    assert case.state == "closed"
    assert cases.state(case).facts["paper"]["reference"] == request.reference


def sent(draft: Draft) -> Case:
    """The draft that a clerk has keyed in becomes a request."""
    said = {
        "applicant": {"name": "山田 太郎", "phone": "0880-22-1234"},
        "callback": {"about": "国保", "slot": "any"},
    }
    actions.keep(draft, said, as_of=clock.now())
    return actions.submit(draft, by=SYSTEM(TOWN), as_of=clock.now())


def test_when_the_paper_is_no_longer_kept_the_request_still_has_its_picture(
    machine, desk, monkeypatch
) -> None:
    monkeypatch.setattr(paper_reading, "read", lambda *_, **__: False)
    laid_down(machine, "a.tif", form())
    (one,) = taken()
    case, browser = cases.by_reference(one.reference), desk("clerk")
    browser.post(f"/{TOWN}/staff/papers/{case.id}/key-in/", {"service": "call-back"})
    request = sent(Draft.objects.get())
    browser.post(
        f"/{TOWN}/staff/papers/{case.id}/done/", {"outcome": "opened", "reference": request.reference}
    )
    report = retention.run(TOWN, as_of=clock.now() + timedelta(days=3 * 366))
    assert report.due == {"paper-intake": 1}
    assert not cases.documents_of(case.id)
    assert [attached.purpose for attached, _ in cases.documents_of(request.id)] == ["scan"]


def test_a_stack_of_papers_in_one_file_is_not_keyed_in_as_one(machine, desk) -> None:
    made = io.BytesIO()
    page = Image.new("L", (40, 30))
    page.save(made, "PDF", save_all=True, append_images=[page] * 20)
    laid_down(machine, "a.pdf", made.getvalue())
    (one,) = taken()
    case = cases.by_reference(one.reference)
    answer = desk("clerk").post(
        f"/{TOWN}/staff/papers/{case.id}/key-in/", {"service": "call-back"}, follow=True
    )
    assert "21ページ" in answer.content.decode()
    assert not Draft.objects.exists()


def test_a_paper_for_a_case_is_put_there_and_one_for_none_is_not(machine, desk) -> None:
    target = case_actions.open_case(
        catalogue.service("call-back"), {}, channel="phone", by=SYSTEM(TOWN), as_of=clock.now(), key="target"
    )
    laid_down(machine, "a.tif", fax(code(f"https://example.test/?reference={target.reference}")))
    (one,) = taken()
    assert facts(one)["reference"] == target.reference
    case, browser = cases.by_reference(one.reference), desk("clerk")
    done = f"/{TOWN}/staff/papers/{case.id}/done/"
    assert (
        "この番号の案件はありません"
        in browser.post(done, {"outcome": "added", "reference": "1"}, follow=True).content.decode()
    )
    browser.post(done, {"outcome": "added", "reference": target.reference})
    assert [attached.purpose for attached, _ in cases.documents_of(target.id)] == ["paper"]
    assert "受付票" in browser.get(f"/{TOWN}/staff/papers/{case.id}/receipt/").content.decode()


def test_who_asks_by_telephone_gets_the_form_filled_in_by_post_once(machine, taro, desk) -> None:
    browser = desk("clerk")
    asked = f"/{TOWN}/staff/people/{taro.id}/post/"
    assert "受け付けました" in browser.post(asked, {"service": "call-back"}, follow=True).content.decode()
    assert "もう頼まれています" in browser.post(asked, {"service": "call-back"}, follow=True).content.decode()
    page = browser.get(f"/{TOWN}/staff/papers/").content.decode()
    assert "〒999-0001 1番地 山田 太郎" in page
    assert f"/staff/people/{taro.id}/form/?service=call-back" in page
    case = Case.objects.get(service="form-by-post")
    browser.post(f"/{TOWN}/staff/papers/{case.id}/posted/", {"outcome": "posted"})
    case.refresh_from_db()
    assert case.state == "closed"
    assert "〒999-0001" not in browser.get(f"/{TOWN}/staff/papers/").content.decode()
    assert "受け付けました" in browser.post(asked, {"service": "call-back"}, follow=True).content.decode()
    assert Case.objects.filter(service="form-by-post").count() == 2


def test_of_many_forms_to_be_posted_the_page_shows_the_oldest_and_says_how_many_more_wait(
    machine, taro, desk, monkeypatch
) -> None:
    monkeypatch.setattr(paper_inbox, "SHOWN", 1)
    browser = desk("clerk")
    for service in ("call-back", "dog-registration"):
        browser.post(f"/{TOWN}/staff/people/{taro.id}/post/", {"service": service})
    page = browser.get(f"/{TOWN}/staff/papers/").content.decode()
    assert page.count("〒999-0001") == 1
    assert "?service=call-back" in page
    assert "ほかに1件待っています" in page


def test_a_form_to_be_posted_that_is_offered_no_more_is_still_there_to_be_put_away(
    machine, taro, desk, monkeypatch
) -> None:
    browser = desk("clerk")
    browser.post(f"/{TOWN}/staff/people/{taro.id}/post/", {"service": "call-back"})
    left = {name: one for name, one in catalogue.offered().items() if name != "call-back"}
    monkeypatch.setattr(catalogue, "offered", lambda: left)
    page = browser.get(f"/{TOWN}/staff/papers/").content.decode()
    assert "〒999-0001" in page
    assert "?service=call-back" not in page
    assert 'value="posted"' in page
