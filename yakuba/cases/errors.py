"""What may be wrong when somebody acts on a case, in words that help them on."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date

from yakuba.clock import say_date
from yakuba.words import Text


class CaseError(Exception):
    """Base: `text` says it in ja / easy / en."""

    text: Text

    def __init__(self, text: Text):
        self.text = text
        super().__init__(text.en)


class NoSuchCase(CaseError):
    """There is no such case in this town."""

    def __init__(self, case: uuid.UUID | str):
        self.case = case
        super().__init__(
            Text(
                ja=f"案件 {case} はこの自治体にありません。受付番号を確かめてください。",
                easy=f"この番号（{case}）の 申請は ありません。番号を もう一度 見てください。",
                en=f"There is no case {case} in this town. Check the reference number.",
            )
        )


class Anonymous(CaseError):
    """The time for which the case is kept is over: whom it was about is not known any more, and nothing can be added."""

    def __init__(self, reference: str):
        super().__init__(
            Text(
                ja=f"案件 {reference} は保存期間が終わり、個人情報を消しました。もう変えられません。必要なら、新しい申請として受け付けてください。",
                easy=f"{reference} は、もう 古いので 名前などを けしました。かえられません。新しい 申請を してください。",
                en=f"Case {reference} is past its keeping time, and its personal data was removed. It cannot be changed; take in a new request.",
            )
        )


class NotYours(CaseError):
    """Somebody else holds the task."""

    def __init__(self, holder: str):
        self.holder = holder
        super().__init__(
            Text(
                ja=f"この作業は {holder} さんが担当しています。終わるのを待つか、担当を代わってもらってください。",
                easy=f"この しごとは {holder} さんが しています。待ってください。",
                en=f"{holder} holds this task. Wait until it is done, or ask for it to be handed over.",
            )
        )


class NoAmount(CaseError):
    """Something is paid, and nobody has said how much."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                ja="金額がまだ計算されていません。この案件は1件ずつ開いて、金額を入れて決定してください。",
                easy="お金が いくらか まだ わかりません。1つずつ 開いて 決めて ください。",
                en="The amount is not known yet. Open this case by itself and decide it with an amount.",
            )
        )


class NotThere(CaseError):
    """Who is to do the task is absent."""

    def __init__(self, name: str, deputy: str, last: date):
        super().__init__(
            Text(
                ja=f"{name} さんは{say_date(last, 'ja')}まで不在です。代理の {deputy} さんに頼んでください。何も変わっていません。",
                easy=f"{name}さんは {say_date(last, 'easy')}まで いません。かわりの {deputy}さんに たのんで ください。",
                en=f"{name} is absent until {say_date(last, 'en')}. Ask the deputy, {deputy}; nothing was changed.",
            )
        )


class NotOpen(CaseError):
    """The task was done, or the case went on, while somebody still looked at the old page."""

    def __init__(self, step: str):
        self.step = step
        super().__init__(
            Text(
                ja=f"作業「{step}」はもう終わっています。画面を読み直して、今の状態を見てください。入力は反映していません。",
                easy="この しごとは もう おわりました。画面を 読みなおしてください。",
                en=f"The task “{step}” is no longer open. Reload the page; nothing of yours was recorded.",
            )
        )


class NotByHand(CaseError):
    """Somebody tried to do a task that is another kind of worker's."""

    def __init__(self, step: str):
        self.step = step
        super().__init__(
            Text(
                ja=f"作業「{step}」はこの画面で終えるものではありません。別の担い手（システムなど）が行います。何も変わっていません。",
                easy="この しごとは コンピューターなどが します。何も かわって いません。",
                en=f"The task “{step}” is done by another kind of worker, such as the system. Nothing was changed.",
            )
        )


class NeedsDecision(CaseError):
    """A task in which somebody decides was to be ended without a decision."""

    def __init__(self, step: str):
        self.step = step
        super().__init__(
            Text(
                ja=f"作業「{step}」は決定で終わります。「支給する」か「支給しない」を選び、理由を書いてください。",
                easy="この しごとは 決定が いります。決定を えらんでください。",
                en=f"The task “{step}” ends with a decision. Choose to grant or to refuse, and say why.",
            )
        )


class NeedsPayment(CaseError):
    """A task in which a fee is paid was to be ended without the money."""

    def __init__(self, step: str):
        self.step = step
        super().__init__(
            Text(
                ja=f"作業「{step}」は手数料の支払いで終わります。現金を受け取ったときは「手数料」の欄で受け取りを記録してください。",
                easy="この しごとは お金を はらうと おわります。お金を もらったら 書いてください。",
                en=f"The task “{step}” ends when the fee is paid. Record the cash that you took under “Fee”.",
            )
        )


class NoSuchOutcome(CaseError):
    """A task was to be ended in a way that its service does not declare, or in none of the declared ones."""

    def __init__(self, step: str):
        self.step = step
        super().__init__(
            Text(
                ja=f"作業「{step}」の結果を、画面に出ている中から選んでください。何も記録していません。",
                easy="どう おわったか、画面の 中から えらんで ください。",
                en=f"Choose how the task “{step}” ended from what the page offers. Nothing was recorded.",
            )
        )


class NotAskable(CaseError):
    """The applicant was to be asked for something that the form of the service does not ask."""

    def __init__(self, names: Sequence[str]):
        self.names = names
        listed = ", ".join(names)
        super().__init__(
            Text(
                ja=f"この手続の申請にない項目です（{listed}）。画面を読み直して、直してほしい項目を選んでください。何も送っていません。",
                easy="その しつもんは この 申し込みに ありません。もう一度 えらんで ください。",
                en=f"The form of this service does not ask for {listed}. Reload the page and choose what to correct. Nothing was sent.",
            )
        )


class NothingToDecide(CaseError):
    """A decision was given for a task in which nobody decides."""

    def __init__(self, step: str):
        self.step = step
        super().__init__(
            Text(
                ja=f"作業「{step}」では決定できません。審査の作業を開いて決定してください。",
                easy="ここでは 決定できません。審査の しごとを ひらいてください。",
                en=f"Nothing is decided in the task “{step}”. Open the review to decide.",
            )
        )


class FourEyes(CaseError):
    """The second decision must come from a second person."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                ja="この決定は、起案した人とは別の人が確認します。ほかの担当者に回してください。",
                easy="この決定は べつの 人が たしかめます。ほかの 人に おねがいしてください。",
                en="The person who proposed a decision cannot confirm it. Pass it to a colleague.",
            )
        )


class AlreadyIdentified(CaseError):
    """The applicant of the case is known, and somebody else was to be put in their place."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                ja="この案件の申請者は、もう別の方に確かめてあります。違う方の申請なら、取り下げて、その方の申請として受け付け直してください。何も記録していません。",
                easy="だれの 申し込みか、もう きまって います。ちがう 人なら 申し込みを やめて、もう一度 はじめて ください。",
                en="Somebody else was identified as the applicant already. If that was wrong, withdraw the case and take the request in anew. Nothing was recorded.",
            )
        )


class NotAnExtension(CaseError):
    """A due time was to be moved to a day before it, into the past, or further than anybody extends."""

    def __init__(self, first: date, last: date):
        self.first, self.last = first, last
        super().__init__(
            Text(
                ja=f"新しい期限は、{say_date(first, 'ja')}から{say_date(last, 'ja')}までの日にしてください。もっと要るときは、その期限が近づいてから再び延ばします。何も記録していません。",
                easy=f"新しい 期限は {say_date(first, 'easy')}から {say_date(last, 'easy')}までです。",
                en=f"The new deadline must be from {say_date(first, 'en')} to {say_date(last, 'en')}. If more time is needed, extend it again when that day is near. Nothing was recorded.",
            )
        )


class AlreadyPaid(CaseError):
    """A case whose money has left cannot be withdrawn."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                ja="支払が済んでいるため取り下げられません。窓口で返還の手続をご案内します。",
                easy="お金を もう はらいました。だから やめることが できません。役場に 電話してください。",
                en="The money has been paid, so the request cannot be withdrawn. Contact the office about returning it.",
            )
        )


class AlreadyClosed(CaseError):
    """The case has ended."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                ja="この案件は終了しています。続けるには、先に再開してください。",
                easy="この 申請は おわりました。",
                en="This case is closed. Reopen it first.",
            )
        )


class OtherThanSeen(CaseError):
    """What somebody looked at before they acted is no longer so; nothing was done. The text says of what."""


class NotOver(CaseError):
    """How content somebody is is asked once the case has ended."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                ja="この手続はまだ終わっていません。結果が出てから、感想を教えてください。",
                easy="この 手続きは まだ おわって いません。おわってから、どうだったか 教えて ください。",
                en="This request has not ended yet. Tell us how it went once it has.",
            )
        )


class NotAScore(CaseError):
    """What was chosen is none of the five answers."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                ja="満足度が選ばれていません。「とても不満」から「とても満足」までの5つから1つ選んでください。",
                easy="5つの 中から 1つ えらんで ください。",
                en="Nothing is chosen yet. Choose one of the five answers, from “very dissatisfied” to “very satisfied”.",
            )
        )


class NotOfThisCase(CaseError):
    """The step that is named is none of this case."""

    def __init__(self, step: str):
        super().__init__(
            Text(
                ja=f"「{step}」という手順は、この手続にありません。画面の選択肢から選び直してください。",
                easy="えらんだ ものは この 手続きに ありません。もう一度 えらんで ください。",
                en=f"This request has no step “{step}”. Choose one of those on the page.",
            )
        )
