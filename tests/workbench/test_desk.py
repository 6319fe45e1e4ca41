"""The pages of the workbench: what each form does to the files of a service, and what it says when it cannot."""

from __future__ import annotations

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from tests.channels.conftest import desk
from yakuba.cases import catalogue
from yakuba.workbench import queries

__all__ = ["desk"]
pytestmark = pytest.mark.long

HOME = "/394262/staff/workbench/"
NAME = {
    "name.ja": "ドッグランの利用登録",
    "name.easy": "犬の ひろばを つかう",
    "name.en": "Dog park registration",
}
THREE = ("ja", "easy", "en")


def text(response) -> str:
    assert response.status_code == 200, response.content.decode()[:2000]
    return response.content.decode()


def post(client, where: str, **typed) -> str:
    return text(client.post(f"{HOME}{where}", typed, follow=True))


def words(name: str, *said: str) -> dict[str, str]:
    return {f"{name}.{language}": one for language, one in zip(THREE, said, strict=True)}


class Clerk:
    """Somebody at the workbench with one service."""

    def __init__(self, client, service: str = "heating"):
        self.client, self.service = client, service

    def begin(self) -> Clerk:
        post(self.client, f"{self.service}/do/begin/")
        return self

    def save(self, part: str, number: int | None = None, **typed) -> str:
        number = queries.draft(self.service).number if number is None else number
        return post(self.client, f"{self.service}/{part}/save/", number=number, **typed)

    def page(self, part: str, **query) -> str:
        return text(self.client.get(f"{HOME}{self.service}/{part}/", query))

    @property
    def file(self) -> str:
        return queries.draft(self.service).files[f"{self.service}/service.yaml"]

    @property
    def lines(self) -> set[str]:
        """The lines of the service file that differ from what is installed."""
        before = queries.texts_of(self.service)[f"{self.service}/service.yaml"].split("\n")
        return {line.strip() for line in self.file.split("\n") if line not in before}


@pytest.fixture
def clerk(desk, small) -> Clerk:
    return Clerk(desk("clerk")).begin()


# -- the list, the beginning ---------------------------------------------------------------------------
def test_all_services_are_listed_with_how_they_stand(desk, small):
    client = desk("clerk")
    assert "公開中（標準）" in text(client.get(HOME))
    Clerk(client).begin()
    assert "案あり" in text(client.get(HOME))
    assert "当てはまる手続はありません" in text(client.get(HOME, {"q": "xyz"}))


def test_an_auditor_looks_and_an_accountant_does_not(desk, small):
    page = text(desk("auditor").get(f"{HOME}heating/"))
    assert "この手続を直しはじめる" not in page
    assert desk("accountant").get(HOME).status_code == 403


def test_a_new_service_is_laid_out_with_what_is_still_to_be_written(desk, in_town):
    client = desk("clerk")
    page = post(client, "new/", service="dog-park", **NAME)
    assert "ドッグランの利用登録" in page
    page = text(client.get(f"{HOME}dog-park/"))
    assert "has no law" in page
    assert "has no worked example" in page


def table(*rows: list[str]) -> SimpleUploadedFile:
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return SimpleUploadedFile("様式.xlsx", out.getvalue())


def test_the_fields_of_a_paper_form_become_a_service(desk, in_town):
    file = table(
        ["項目名", "種類", "必須", "選択肢", "英語", "やさしい日本語", "ページ"],
        ["氏名", "氏名", "必須", "", "", "", ""],
        ["犬の名前", "文字", "必須", "", "Name of the dog", "犬の 名前", "犬"],
        ["大きさ", "選択", "必須", "小さい、中くらい、大きい", "Size", "大きさ", "犬"],
        ["体重", "数", "任意", "", "", "", "犬"],
        ["注射の証明書", "書類", "任意", "", "Certificate", "紙", "書類"],
    )
    page = post(desk("clerk"), "new/", service="dog-park", fields=file, **NAME)
    assert "犬の名前" in page
    assert "翻訳がまだ" in page
    written = queries.draft("dog-park").files["dog-park/service.yaml"]
    assert "dog_park.name_of_the_dog" in written
    assert "c3: {ja: 大きい" in written
    assert "file: paper-1" in written


def test_a_bad_id_is_told_and_what_was_typed_is_still_there(desk, small):
    page = post(desk("clerk"), "new/", service="犬 2", **NAME)
    assert "手続ID「犬 2」は使えません" in page
    assert queries.draft("犬 2") is None


# -- parts ---------------------------------------------------------------------------------------------
def test_the_words_of_a_question_change_in_its_line_alone(clerk):
    pages = [(n, p) for n, p in enumerate(catalogue.service("heating").pages)]
    assert pages
    clerk.save("questions", do="add-page", **words("title", "追加", "ふやす", "More"))
    number = len(re.findall("page-up|page-down", clerk.page("questions")))
    assert number
    assert clerk.lines == {"- {page: page-1, title: {ja: 追加, easy: ふやす, en: More}, questions: []}"}


def test_a_question_is_added_changed_moved_and_removed(clerk):
    at = clerk.file.count("\n  - page:") + clerk.file.count("\n  - use:")
    clerk.save("questions", do="add-page", **words("title", "追加", "ふやす", "More"))
    page = clerk.page("questions")
    index = max(int(one) for one in re.findall(r'name="page" value="(\d+)"', page))
    clerk.save(
        "questions", do="add-question", page=index, kind="choice", required="yes",
        choices="灯油 | とうゆ | Oil\n電気", **words("label", "暖房の種類", "だんぼう", "Kind of heating"),
    )  # fmt: skip
    page = clerk.save(
        "questions", do="add-question", page=index, kind="yen", **words("label", "去年の額", "去年", "Last year"),
    )  # fmt: skip
    assert "暖房の種類" in page
    assert "heating.kind_of_heating" in clerk.file
    assert "c1: {ja: 灯油, easy: とうゆ, en: Oil}" in clerk.file
    assert "unit: JPY" in clerk.file
    clerk.save("questions", do="question-down", page=index, question=0)
    assert clerk.file.index("fact: heating.last_year") < clerk.file.index("fact: heating.kind_of_heating")
    clerk.save(
        "questions", do="change-question", page=index, question=1, kind="choice", fact="heating.kind_of_heating",
        choices="c1 | 石油 | せきゆ | Oil\nc2 | 電気 | でんき | Power", **words("label", "暖房", "だんぼう", "Heating"),
        **{"if": "heating.last_year > 0"},
    )  # fmt: skip
    assert "{fact: heating.kind_of_heating, if: heating.last_year > 0, required: false}" in clerk.file
    assert "石油" in clerk.file
    clerk.save("questions", do="remove-question", page=index, question=1)
    assert "kind_of_heating" not in clerk.file
    assert at
    assert queries.draft("heating").number == 7


def test_a_fault_stands_beside_the_question_that_it_is_about(clerk):
    clerk.save("questions", do="add-page", **words("title", "追加", "ふやす", "More"))
    index = max(int(one) for one in re.findall(r'name="page" value="(\d+)"', clerk.page("questions")))
    page = clerk.save(
        "questions", do="add-question", page=index, kind="text", **{"if": "applicant.nmae = 'x'"},
        **words("label", "理由", "わけ", "Reason"),
    )  # fmt: skip
    at = page.index("applicant.nmae")
    assert "services/heating/service.yaml:" in page[at:]
    assert "ほかに直すところ" not in page


def test_a_condition_is_tried_before_it_is_kept_and_then_kept(clerk):
    before = clerk.file
    typed = {"if": "applicant.resident", "law": "第1条", **words("because", "町民", "町の 人", "Resident")}
    page = clerk.save("conditions", do="try", **typed)
    assert "まだ保存していません" in page
    assert clerk.file == before
    clerk.save("conditions", do="put", **typed)
    assert "condition_1" in clerk.file
    assert re.search(r"grant: \[[^]]*condition_1\]", clerk.file)
    clerk.save("conditions", do="remove", name="condition_1")
    assert clerk.file == before


def test_a_condition_that_cannot_be_read_is_told_with_its_line(clerk):
    typed = {"if": "applicant.age_ > ", "law": "第1条", **words("because", "町民", "町の 人", "Resident")}
    page = clerk.save("conditions", do="put", **typed)
    assert re.search(r"services/heating/service\.yaml:\d+", page)


def test_a_step_is_added_changed_moved_and_removed(clerk):
    before = clerk.file
    typed = {
        "verb": "work",
        "role": "clerk",
        "within": "3 business days",
        **words("name", "現地を見る", "見に 行く", "Look"),
    }
    clerk.save("steps", do="add", **typed)
    assert (
        "{id: step-1, name: {ja: 現地を見る, easy: 見に 行く, en: Look}, by: staff, do: work, role: clerk, within: 3 business days}"
        in clerk.file
    )
    step = max(int(one) for one in re.findall(r'name="step" value="(\d+)"', clerk.page("steps")))
    clerk.save(
        "steps", do="change", step=step, role="reviewer", within="", **words("name", "現地", "見る", "Look")
    )
    assert "role: reviewer}" in clerk.file
    clerk.save("steps", do="up", step=step)
    clerk.save("steps", do="remove", step=step - 1)
    assert clerk.file == before


def test_a_shared_letter_becomes_the_services_own_when_it_is_changed_and_can_be_given_up(clerk):
    page = clerk.page("letters")
    assert "case.reference" in page
    clerk.save(
        "letters",
        do="put",
        letter="received",
        **words("subject", "届きました", "来ました", "Received"),
        **words("body", "本文 {case.reference}", "本文 {case.reference}", "Text {case.reference}"),
    )
    assert "heating/letters/received.yaml" in queries.draft("heating").files
    page = clerk.save(
        "letters",
        do="put",
        letter="received",
        **words("subject", "届きました", "来ました", "Received"),
        **words("body", "{case.nothing}", "x", "x"),
    )
    assert "case.nothing" in page
    assert "heating/letters/received.yaml:" in page
    clerk.save("letters", do="drop", letter="received")
    assert "heating/letters/received.yaml" not in queries.draft("heating").files


def test_the_text_is_changed_as_it_is_typed_and_a_wrong_one_is_kept_with_its_fault(clerk):
    broken = clerk.file.replace("conditions:", "conditions: [", 1)
    page = clerk.save("text", file="heating/service.yaml", text=broken.replace("\n", "\r\n"))
    assert clerk.file == broken
    assert "services/heating/service.yaml:" in page
    assert clerk.client.get(f"{HOME}heating/questions/").status_code == 200


@pytest.mark.parametrize(
    "file", ["../x.yaml", "shared/facts.yaml", "other/service.yaml", "towns/394271/heating.yaml", ""]
)
def test_no_other_file_can_be_written(clerk, file):
    before = queries.draft("heating").files
    clerk.save("text", file=file, text="x: 1")
    assert queries.draft("heating").files == before


def test_an_example_is_written_as_a_form_and_run(clerk):
    page = clerk.page("examples")
    assert "そのとおり" in page
    page = clerk.save(
        "examples", about="だれも知らない人", as_of="2026-04-01", outcome="granted", source="第1条"
    )
    assert "expects outcome" in page
    assert "services/heating/examples.yaml:" in page


def test_residents_screens_are_previewed_in_each_language(clerk):
    for language, said in (("ja", "お名前"), ("en", "name"), ("easy", "名前")):
        page = clerk.page("preview", **{"in": language})
        assert "disabled" in page
        assert said in page or "name" in page


# -- two clerks ------------------------------------------------------------------------------------------
def test_the_second_of_two_clerks_is_told_and_finds_both_texts(desk, clerk):
    second = Clerk(desk("clerk", login="second"))
    clerk.save("about", **about("花子の名前"))
    page = second.save("about", number=1, **about("次郎の名前"))
    assert "先に職員 clerkさんが保存していました" in page
    assert "次郎の名前" in page
    assert "花子の名前" in clerk.file
    aside = re.search(r'name="aside" value="(\d+)"', page)
    page = post(
        second.client, "heating/do/take-over/", aside=aside[1], number=queries.draft("heating").number
    )
    assert "次郎の名前" in clerk.file
    assert not queries.asides(queries.draft("heating"))


def about(name: str) -> dict[str, str]:
    return {
        **words("name", name, "なまえ", "Name"),
        **words("summary", "説明", "説明", "What"),
        "law": "第1条",
        "appeal": "none",
        "norm": "",
    }


# -- publication -----------------------------------------------------------------------------------------
def test_one_proposes_another_publishes_and_the_history_shows_it(desk, clerk):
    clerk.save("about", **about("新しい名前"))
    page = post(clerk.client, "heating/do/propose/", number=2, why="条例の改正")
    assert "公開待ち" in page
    boss = desk("manager")
    page = text(boss.get(f"{HOME}heating/"))
    assert "新しい名前" in page
    proposal = re.search(r'name="proposal" value="([^"]+)"', page)[1]
    refused = clerk.client.post(f"{HOME}heating/do/publish/", {"proposal": proposal})
    assert refused.status_code == 403
    assert "公開しました" in post(boss, "heating/do/publish/", proposal=proposal)
    assert catalogue.service("heating").name.ja == "新しい名前"
    page = text(boss.get(f"{HOME}heating/history/"))
    for said in ("条例の改正", "職員 clerk", "職員 manager", "新しい名前"):
        assert said in page


def test_a_stopped_service_tells_residents_why_and_keeps_their_drafts(desk, clerk, client):
    sent = client.post("/394262/apply/heating/", follow=True)
    address = sent.redirect_chain[-1][0]
    boss = desk("reviewer")
    assert "日本語の欄" not in post(
        boss,
        "heating/do/stop/",
        **words("reason", "金額を確かめています。", "お金を しらべて います。", "We check it."),
    )
    for where in ("/394262/services/heating/", address):
        page = client.get(where)
        assert page.status_code == 503
        assert "金額を確かめています。" in page.content.decode()
    assert "受付停止中" in text(boss.get(f"{HOME}heating/"))


# -- import ------------------------------------------------------------------------------------------------
def test_wrong_rows_are_named_and_nothing_is_taken_in(desk, small):
    file = SimpleUploadedFile(
        "form.csv",
        "項目名,種類,必須\n犬の名前,文字,必須\n,文字,必須\n大きさ,選択,必須\n色,虹,必須\n".encode("cp932"),
    )
    page = post(desk("clerk"), "new/", service="dog-park", fields=file, **NAME)
    for row in ("3行目", "4行目", "5行目"):
        assert row in page
    assert "2行目" not in page
    assert queries.draft("dog-park") is None
