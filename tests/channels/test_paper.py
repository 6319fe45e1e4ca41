"""Paper in and out: the form says what the screens ask, a scan is known, and what matters is keyed in twice."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pypdf import PdfReader

from tests.channels.browser import ACCOUNT, Visitor
from tests.conftest import TOWN
from tests.declare.conftest import SMALL
from tests.server import VAR
from yakuba import declare
from yakuba.cases import queries as case_queries
from yakuba.cases.models import Case
from yakuba.channels import paper
from yakuba.channels.models import Draft
from yakuba.channels.paper import scanned

ALL = declare.load_catalogue(keep_in=VAR / "catalogue").services
OFFERED = sorted(name for name, one in ALL.items() if one.offered)


def form(service: str, **more) -> paper.Form:
    return paper.Form(ALL[service], TOWN, "山あい町", **more)


def text(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def scan(code: str, *, turned: int = 0) -> bytes:
    """A scan with this code on it, as a scanner makes it."""
    import segno

    made = io.BytesIO()
    segno.make(code, error="m").save(made, kind="png", scale=6, border=4)
    sheet = Image.new("L", (1240, 1754), "white")
    sheet.paste(Image.open(made).convert("L"), (900, 60))
    out = io.BytesIO()
    sheet.rotate(turned, expand=True, fillcolor="white").save(out, "PNG")
    return out.getvalue()


# ---------------------------------------------------------------- the printed form


@pytest.mark.parametrize("service", OFFERED)
def test_every_service_has_a_form_that_asks_what_the_screens_ask(service):
    said = text(paper.pdf(form(service))).replace("\n", "").replace(" ", "")
    for page in ALL[service].pages:
        for question in [one for one in page.questions if one.fact and not page.each]:
            asks = ALL[service].facts[question.fact].question or ALL[service].facts[question.fact].label
            wanted = (question.label or asks).ja.replace(" ", "")
            assert wanted[:12] in said, wanted


@pytest.mark.parametrize(("language", "large"), [("easy", False), ("en", False), ("ja", True)])
def test_a_form_comes_in_three_languages_and_in_large_type(language, large):
    normal, other = form("dog-registration"), form("dog-registration", language=language, large=large)
    assert len(PdfReader(io.BytesIO(paper.pdf(other))).pages) >= len(
        PdfReader(io.BytesIO(paper.pdf(normal))).pages
    )


def test_what_the_register_knows_stands_on_the_form_already():
    known = {
        "applicant": {"name": "山田 太郎", "postal_code": "9990001"},
        "children": [{"name": "山田 一子"}],
    }
    said = text(paper.pdf(form("child-allowance", facts=known)))
    assert "山田 太郎" in said
    assert "山田 一子" in said


# ---------------------------------------------------------------- the scan


@pytest.mark.parametrize("turned", [0, 3, 180])
def test_a_scan_is_known_by_its_code_however_it_was_laid(turned):
    seen = paper.look(scan(form("move-in", language="easy").code, turned=turned))
    assert (seen.town, seen.service, seen.language) == (TOWN, "move-in", "easy")
    assert ALL["move-in"].version.startswith(seen.version)


def test_a_scan_in_a_pdf_is_known_too():
    out = io.BytesIO()
    Image.open(io.BytesIO(scan(form("move-in").code))).save(out, "PDF")
    assert paper.look(out.getvalue()).service == "move-in"
    assert paper.pages(out.getvalue()) == 1


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 broken", b"no picture", scan("https://example.org/")])
def test_what_shows_no_form_of_ours_is_none(content):
    assert paper.look(content) is None


def test_a_code_with_too_many_parts_is_no_form():
    assert scanned.read("yakuba:1:2:3:4:5") is None


# ---------------------------------------------------------------- keying it in


def hand_in(clerk: Visitor, content: bytes, **more) -> Visitor:
    upload = SimpleUploadedFile("scan.png", content, "image/png")
    clerk.send(to=f"/{TOWN}/staff/paper/scan/", scan=upload, came_by="fax", **more)
    return clerk


def heating_code(version: str = "") -> str:
    from yakuba.cases import catalogue

    return f"yakuba:{TOWN}:heating:{version or catalogue.service('heating').version[:16]}:easy"


def test_a_form_that_came_by_fax_is_keyed_in_beside_its_picture(clerk):
    hand_in(clerk, scan(heating_code()))
    draft = Draft.objects.get()
    assert (draft.channel, draft.language, draft.evidence) == ("paper", "easy", "FAX")
    assert f"/{TOWN}/draft/{draft.id}/scan/1/" in clerk.text
    picture = clerk.client.get(f"/{TOWN}/draft/{draft.id}/scan/1/")
    assert picture["Content-Type"] == "image/png"
    assert clerk.client.get(f"/{TOWN}/draft/{draft.id}/scan/2/").status_code == 404


def test_the_picture_of_a_draft_is_for_whoever_keys_it_in(clerk, client):
    hand_in(clerk, scan(heating_code()))
    answer = client.get(f"/{TOWN}/draft/{Draft.objects.get().id}/scan/1/")
    assert answer.status_code == 302


def test_the_account_is_keyed_in_twice_and_a_difference_is_said(clerk):
    hand_in(clerk, scan(heating_code()))
    clerk.fill_in_what_is_asked()
    assert clerk.key == "account"
    again = {f"{name}.again": value for name, value in ACCOUNT.items()}
    clerk.send(**ACCOUNT, **again | {"account.number.again": "1234576"})
    assert clerk.page.status_code == 422
    assert "2回" in clerk.text
    assert Draft.objects.get().facts["account"].get("number") is None
    clerk.send(**ACCOUNT, **again)
    assert clerk.key == "check"
    clerk.send(to=clerk.at.replace("check", "send"))
    case = Case.objects.get()
    assert (case.channel, case.identified) == ("paper", False)
    assert [purpose.purpose for purpose, _ in case_queries.documents_of(case.id)] == ["scan"]


def test_a_form_of_an_earlier_version_is_taken_in_with_a_warning(clerk):
    hand_in(clerk, scan(heating_code("0123456789abcdef")))
    assert Draft.objects.count() == 1
    assert clerk.client.session["said"]["kind"] == "warn"
    assert "前の版の用紙です" in clerk.text


@pytest.mark.parametrize(
    ("content", "says"),
    [(scan("yakuba:394271:heating:0:ja"), "ほかの"), (scan("nothing"), "QRコード"), (b"", "QRコード")],
)
def test_what_cannot_be_taken_in_is_said_and_nothing_is_kept(clerk, content, says):
    hand_in(clerk, content or b"x")
    assert says in clerk.text
    assert Draft.objects.count() == 0


def test_a_paper_without_a_code_is_taken_in_for_the_service_that_is_chosen(clerk):
    hand_in(clerk, scan("nothing"), service="heating")
    assert Draft.objects.get().service == "heating"


def test_a_caller_is_asked_by_a_script_of_the_same_questions(clerk):
    clerk.send(to=f"/{TOWN}/staff/paper/call/", service="heating")
    assert Draft.objects.get().channel == "phone"
    fact = declare.load_catalogue(SMALL).vocabulary.facts["applicant.name"]
    assert f"<q>{(fact.question or fact.label).ja}</q>" in clerk.text


def test_residents_reach_neither_the_desk_of_papers_nor_forms_with_somebodys_data(client, small, taro):
    assert client.get(f"/{TOWN}/staff/paper/").status_code == 302
    assert client.get(f"/{TOWN}/staff/people/{taro.id}/form/", {"service": "heating"}).status_code == 403
    assert client.get(f"/{TOWN}/services/heating/form.pdf").status_code == 200


def test_a_clerk_prints_a_form_with_what_the_register_knows(desk, small, taro):
    answer = desk("clerk").get(f"/{TOWN}/staff/people/{taro.id}/form/", {"service": "heating"})
    assert "山田 太郎" in text(answer.content)
