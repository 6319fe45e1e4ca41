"""Requests by text message alone: each text is answered once, a form is asked question by question, and nothing is said to a
telephone that its holder did not prove to know."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from standardwebhooks.webhooks import Webhook

from tests.channels.family import PARENT
from tests.conftest import TOWN
from yakuba import clock
from yakuba.access import SYSTEM, sealed
from yakuba.assistant import talks
from yakuba.booking import actions as booking
from yakuba.cases import actions as case_actions
from yakuba.cases import catalogue
from yakuba.cases import jobs as case_jobs
from yakuba.cases import queries as cases
from yakuba.cases.models import Case
from yakuba.channels import actions
from yakuba.channels.models import Draft, Texter, TextReply
from yakuba.channels.reach import texting, texts
from yakuba.messages import sms
from yakuba.simulators import sms as simulator
from yakuba.words import Text

SECRET = "whsec_" + base64.b64encode(b"a secret of the gateway").decode()
NUMBER = "+819000001111"


@pytest.fixture
def telephone(in_town, settings):
    """A telephone whose texts reach the town, and that shows what comes back; the services are the real ones."""
    catalogue.forget()
    settings.YAKUBA_SMS_URL, settings.YAKUBA_SMS_TOKEN = "http://127.0.0.1:1", "token"
    settings.YAKUBA_SMS_SECRET = SECRET
    yield Telephone(NUMBER)
    catalogue.forget()


class Telephone:
    """Sends texts through a gateway, as docs/sms.md says."""

    def __init__(self, number: str):
        self.number, self.sent = number, 0

    def send(
        self, text: str, *, id: str = "", secret: str = SECRET, town: str = TOWN, at: datetime | None = None
    ) -> int:
        self.sent += 1
        id, at = id or f"{self.number}-{self.sent}", at or datetime.now(UTC)
        body = json.dumps({"town": town, "from": self.number, "text": text})
        headers = {
            "webhook-id": id, "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": Webhook(secret).sign(id, at, body),
        }  # fmt: skip
        answer = Client().post(f"/{TOWN}/sms/", body, content_type="application/json", headers=headers)
        return answer.status_code

    def says(self, text: str) -> str:
        """What comes back."""
        assert self.send(text) == 200
        reply = TextReply.objects.latest("at").text
        return sealed.unseal(reply) if reply else ""


def case_of(telephone: Telephone) -> talks.Conversation:
    case = talks.of_outside(f"sms:{telephone.number}", clock.now())
    assert case
    return talks.conversation(case)


def asked_for(name: str = "山田 太郎") -> Case:
    """A request of somebody who was born on 1 January 1950."""
    facts = {
        "applicant": {"name": name, "birth_date": "1950-01-01", "phone": "09000001111"},
        "callback": {"slot": "any"},
    }
    case = case_actions.open_case(
        catalogue.service("call-back"), facts, channel="phone", by=SYSTEM(TOWN), as_of=clock.now(), key=name
    )
    case_jobs.drain(TOWN, as_of=clock.now())
    return case


def test_what_nobody_understands_is_answered_by_how_it_goes(telephone) -> None:
    assert "状況 受付番号 生年月日" in telephone.says("こんにちは")
    assert telephone.says("english").startswith("Town hall by text")
    assert "apply SERVICE" in telephone.says("what?")


def test_who_knows_the_number_and_the_birth_date_is_told_how_it_stands_and_nobody_else(telephone) -> None:
    case = asked_for()
    said = telephone.says(f"状況 {case.reference} S25.1.1")
    assert f"受付番号{case.reference}：手続中です。いまは「電話する（1回目）」" in said
    assert "折り返し" not in said  # no fact of the case: a telephone shows its texts to whoever holds it
    assert "合いません" in telephone.says(f"状況 {case.reference} 昭和26年1月1日")
    assert "生年月日を送ってください" in telephone.says(f"状況 {case.reference}")
    assert "昭和" in telephone.says(f"状況 {case.reference} 昭和65年1月1日")
    for _ in range(texting.TRIES):
        said = telephone.says("状況 0000-0000-0000 昭和26年1月1日")
    assert "10分ほどあとで" in said


def test_a_request_is_made_question_by_question_and_becomes_one_case(telephone) -> None:
    first = telephone.says("電話 国保のこと")
    assert "「折り返し電話の申込み」を申し込みます" in first
    assert "あなたの氏名は何ですか。" in first
    assert "1 開庁時間ならいつでも" in telephone.says("山田 花子")
    assert "どれか" in telephone.says("9") or Draft.objects.get().facts["callback"].get("slot") is None
    shown = telephone.says("2")
    assert "氏名：山田　花子" in shown
    assert "電話番号：09000001111" in shown
    telephone.says("1")
    assert "氏名：山田　太郎" in telephone.says("山田 太郎")
    assert "受付番号は" in telephone.says("はい")
    case = Case.objects.get(service="call-back")
    assert case.channel == "sms"
    assert case.reference in sealed.unseal(TextReply.objects.latest("at").text)


def test_who_stops_has_sent_nothing(telephone) -> None:
    telephone.says("電話")
    telephone.says("山田 花子")
    assert "何も送っていません" in telephone.says("やめる")
    assert not Case.objects.filter(service="call-back").exists()


def test_a_text_that_comes_twice_is_one_turn_and_is_answered_once(telephone) -> None:
    for _ in range(2):
        assert telephone.send("こんにちは", id="again") == 200
    assert TextReply.objects.count() == 1
    assert [turn.who for turn in case_of(telephone).turns] == ["person", "assistant"]


def test_texts_of_one_number_are_one_case_that_a_clerk_goes_on_with(telephone, monkeypatch) -> None:
    telephone.says("こんにちは")
    assert "職員に引き継ぎました" in telephone.says("職員 犬のこと")
    assert telephone.says("まだですか") == ""
    talk = case_of(telephone)
    assert talk.with_staff
    assert talk.channel == "sms"
    assert [turn.text for turn in talk.turns if turn.who == "person"][:2] == ["こんにちは", "職員 犬のこと"]
    texts.clerk_said(talk.case, "お電話ください。", key="1", as_of=clock.now())
    assert sealed.unseal(TextReply.objects.latest("at").text) == "お電話ください。"
    assert Case.objects.filter(service="question").count() == 1


@pytest.mark.parametrize(
    "forged",
    [
        {"secret": "whsec_" + base64.b64encode(b"another").decode()},
        {"town": "394271"},
        {"at": datetime.now(UTC) - timedelta(minutes=6)},
    ],
    ids=["another secret", "another town", "an old one"],
)
def test_what_the_gateway_did_not_sign_now_for_this_town_changes_nothing(telephone, forged) -> None:
    assert telephone.send("こんにちは", **forged) == 403
    assert not Texter.objects.exists()


def test_accounts_and_papers_are_never_asked_for_by_text(telephone) -> None:
    assert "SMSでは申し込めません" in telephone.says("申請 児童手当")
    for service in catalogue.offered().values():
        if texting.by_text(service):
            needed = [(page, one) for page in service.pages for one in page.questions if one.required]
            facts = [service.fact_asked(page, one) for page, one in needed]
            assert not [one for one in facts if one is None or one.class_ in ("bank", "my_number")], (
                service.id
            )


def test_a_form_that_comes_to_an_account_is_not_gone_on_with_by_text(telephone) -> None:
    telephone.says("こんにちは")
    said = {name: facts for name, facts in PARENT.items() if name != "account"}
    declared = catalogue.service("child-allowance")
    draft = actions.begin(declared, channel="sms", language="ja", as_of=clock.now(), said=said)
    Texter.objects.update(draft=draft.id)
    assert "「児童手当の認定請求」は、口座や書類があるためSMSでは申し込めません" in telephone.says("1")
    assert Texter.objects.get().draft is None


def test_a_service_that_the_town_has_stopped_is_neither_begun_nor_sent(telephone, monkeypatch) -> None:
    telephone.says("電話 国保のこと")
    telephone.says("山田 花子")
    assert "この内容でよいですか" in telephone.says("2")
    monkeypatch.setattr(catalogue, "stopped", lambda: {"call-back": Text.same("電話の番がお休みです。")})
    assert telephone.says("はい") == "電話の番がお休みです。"
    telephone.says("やめる")
    assert telephone.says("電話") == "電話の番がお休みです。"
    assert "電話の番がお休みです。" in telephone.says("申請 折り返し電話")
    assert not Case.objects.filter(service="call-back").exists()


def test_what_is_for_disasters_only_is_said_to_be_so(telephone) -> None:
    assert "災害モードのあいだだけ" in telephone.says("申請 避難所")


def test_who_corrects_how_many_children_there_are_keeps_what_was_said_of_them(telephone) -> None:
    telephone.says("こんにちは")
    draft = actions.begin(
        catalogue.service("school-lunch-collection"),
        channel="sms",
        language="ja",
        as_of=clock.now(),
        said={"children": [{"name": "山田 一郎"}]},
    )
    Texter.objects.update(draft=draft.id, asking={"screen": "list.children"})
    telephone.says("2")
    draft.refresh_from_db()
    assert draft.facts["children"] == [{"name": "山田 一郎"}, {}]
    Texter.objects.update(asking={"screen": "list.children"})
    telephone.says("1")
    draft.refresh_from_db()
    assert draft.facts["children"] == [{"name": "山田 一郎"}]


def test_what_is_returned_or_closed_says_no_step_and_no_day(telephone) -> None:
    case = asked_for()
    case_actions.withdraw(case.id, by=SYSTEM(TOWN), as_of=clock.now(), reason="")
    said = telephone.says(f"状況 {case.reference} S25.1.1")
    assert said.endswith("手続は終わりました。結果はお知らせの手紙か進み具合のページで見られます。")


def test_a_reply_that_a_clerk_sends_twice_is_sent_once(telephone) -> None:
    telephone.says("職員 犬のこと")
    talk = case_of(telephone)
    for _ in range(2):
        texts.clerk_said(talk.case, "お電話ください。", key="1", as_of=clock.now())
    assert TextReply.objects.filter(key="clerk:1").count() == 1


def test_no_part_of_a_long_reply_is_longer_than_carriers_take() -> None:
    text = "\n".join(["😀" * 500, "", "あ" * 659, "𠮷野" * 300])
    some = list(texting.parts(text))
    assert [one for one in some if sms.units(one) > sms.LONGEST] == []
    assert "".join(some).replace("\n", "") == text.replace("\n", "")


def test_a_machine_that_answers_ours_is_not_answered_for_ever(telephone) -> None:
    answered = {telephone.send("自動応答です") for _ in range(texts.MOST + 1)}
    assert answered == {200, 429}
    assert TextReply.objects.count() == texts.MOST


def test_a_reply_reaches_the_telephone_once_though_the_gateway_was_down(telephone, settings) -> None:
    gateway = simulator.Gateway()
    server = simulator.serve(gateway)
    telephone.says("こんにちは")
    reply = str(TextReply.objects.get().id)
    with pytest.raises(Exception, match="ConnectError"):
        texts.send_reply.func(TOWN, reply)
    settings.YAKUBA_SMS_URL = f"http://127.0.0.1:{server.server_port}"
    for _ in range(2):
        texts.send_reply.func(TOWN, reply)
    server.shutdown()
    server.server_close()
    (text,) = gateway.texts.values()
    assert (text.to, text.times) == (NUMBER, 1)
    assert "状況 受付番号 生年月日" in text.text


def test_numbers_are_kept_sealed(telephone) -> None:
    telephone.says("こんにちは")
    texter = Texter.objects.get()
    assert NUMBER[3:] not in f"{texter.number}{texter.address}"
    assert sealed.unseal(texter.address) == NUMBER


def test_the_same_words_are_understood_in_full_width_and_without_a_blank() -> None:
    assert texting.understood("状況１２３４－５６７８－９０１２　昭和25年1月1日").command == "status"


# -- what the town filled in ---------------------------------------------------------------------------
class Pushed:
    """A household that was asked to confirm a benefit."""

    def __init__(self, service: str = "one-off-benefit"):
        declared = catalogue.service(service)
        facts = {
            "applicant": {
                "name": "山田 太郎",
                "birth_date": "1950-01-01",
                "address": "1番地",
                "postal_code": "9990001",
            }
        }
        self.case = case_actions.open_case(
            declared, facts, channel="push", by=SYSTEM(TOWN), as_of=clock.now(), key=f"pushed:{service}"
        )
        case_jobs.drain(TOWN, as_of=clock.now())
        self.step = declared.confirmation()

    def outcome(self) -> str | None:
        return self.case.tasks.get(step=self.step.id).outcome


def test_yes_by_text_confirms_what_the_town_filled_in_once(telephone) -> None:
    asked = Pushed()
    reference = asked.case.reference
    assert "合いません" in telephone.says(f"はい {reference} 1951-01-01")
    assert asked.outcome() is None
    assert "確認しました" in telephone.says(f"はい {reference} 1950-01-01")
    assert asked.outcome() == "confirmed"
    assert "もう受け取っています" in telephone.says(f"断る {reference} 1950-01-01")
    history = cases.history(asked.case.id)
    assert [one.event.how for one in history if one.event.kind == "confirmed"] == ["sms"]


def test_no_by_text_is_asked_what_it_means_before_anything_is_lost(telephone) -> None:
    asked = Pushed()
    assert "「断る 番号 生年月日」" in telephone.says("いいえ")
    assert asked.outcome() is None
    telephone.says(f"断る {asked.case.reference} 1950-01-01")
    assert asked.outcome() == "declined"


def test_a_place_is_booked_by_text(telephone) -> None:
    place = booking.NewPlace("gym-1", Text.same("体育館 午前"), 3)
    booking.set_up(
        "library-reservation",
        "autumn",
        Text.same("秋"),
        [place],
        opens=clock.now() - timedelta(days=1),
        by=SYSTEM(TOWN),
    )
    shown = telephone.says("予約")
    assert shown.splitlines()[1].startswith("1 ")
    said, typed = telephone.says("1"), []
    answers = {
        "カナ": "ヤマダ タロウ",
        "氏名": "山田 太郎",
        "生年月日": "1950-01-01",
        "郵便番号": "999-0001",
        "住所": "1番地",
        "カード": "20251234",
    }
    for _ in range(15):
        if "この内容でよいですか" in said:
            break
        answer = next(
            (one for word, one in answers.items() if word in said),
            "いいえ" if "はい／いいえ" in said else "1",
        )
        typed.append((said, answer))
        said = telephone.says(answer)
    assert "体育館 午前" in said, typed
    assert "受付番号は" in telephone.says("はい")
    assert Case.objects.get(service="library-reservation").channel == "sms"
