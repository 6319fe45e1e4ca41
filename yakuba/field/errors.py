"""What may be wrong when somebody scans or hands over a device, in words that help them on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from yakuba.cases.errors import CaseError
from yakuba.clock import in_tokyo
from yakuba.words import Text, ui_text


class NoSuchDevice(CaseError):
    """Nobody has received a device with this serial number."""

    def __init__(self, serial: str):
        super().__init__(
            Text(
                ja=f"製造番号 {serial} の端末は受け取っていません。番号を確かめるか、先に「受け取る」で読み取ってください。",
                easy=f"番号 {serial} の 端末は まだ ありません。先に「受け取る」で 読んで ください。",
                en=f"No device {serial} was received. Check the number, or scan it at “Receive” first.",
            )
        )


class NoLineLeft(CaseError):
    """The order has no device left to be received, or there is no such order."""

    def __init__(self, order: str):
        super().__init__(
            Text(
                ja=f"注文 {order} に、受け取る端末はもうありません。注文番号を確かめてください。端末は脇に置いてください。",
                easy=f"注文 {order} の 端末は ぜんぶ あります。番号を 見て ください。",
                en=f"Order {order} has no device left to receive. Check the order's number; put the device aside.",
            )
        )


class OfAnotherOrder(CaseError):
    """The device belongs to somebody else: another order names it, or has it."""

    def __init__(self, serial: str, order: str):
        super().__init__(
            Text(
                ja=f"製造番号 {serial} は注文 {order} の端末です。この注文では受け取れません。注文 {order} の場所に置いてください。",
                easy=f"{serial} は 注文 {order} の 端末です。ここでは 受け取れません。",
                en=f"Device {serial} belongs to order {order}. Put it with that order; it was not received here.",
            )
        )


class OutOfTurn(CaseError):
    """The device is at another step of the line."""

    def __init__(self, serial: str, step: Text):
        super().__init__(
            Text(
                ja=f"製造番号 {serial} の次の作業は「{step.ja}」です。この作業はまだできません。",
                easy=f"{serial} の 次の しごとは「{step.easy}」です。",
                en=f"The next step of {serial} is “{step.en}”; this one cannot be done yet.",
            )
        )


class Finished(CaseError):
    """The device has left the line."""

    def __init__(self, serial: str):
        super().__init__(
            Text(
                ja=f"製造番号 {serial} の作業はすべて終わっています。",
                easy=f"{serial} の しごとは ぜんぶ 終わりました。",
                en=f"All work on {serial} is done.",
            )
        )


class NotTheHolder(CaseError):
    """Somebody else holds the device than the one who is said to hand it on."""

    def __init__(self, serial: str, holder: str):
        super().__init__(
            Text(
                ja=f"製造番号 {serial} は今「{holder}」が持っています。先にそこから受け取ってください。",
                easy=f"{serial} は いま「{holder}」が 持って います。",
                en=f"{serial} is held by “{holder}” now. Take it over from there first.",
            )
        )


class OrderExists(CaseError):
    """The order was entered before, with other content."""

    def __init__(self, order: str):
        super().__init__(
            Text(
                ja=f"注文 {order} は別の内容で登録済みです。新しい番号で登録してください。",
                easy=f"注文 {order} は もう あります。新しい 番号に して ください。",
                en=f"Order {order} was entered before with other content. Enter it under a new number.",
            )
        )


class NoTracking(CaseError):
    """A device is shipped under its tracking number."""

    def __init__(self, serial: str):
        super().__init__(
            Text(
                ja=f"製造番号 {serial} の送り状番号を読み取ってください。番号なしでは送れません。",
                easy=f"{serial} の 荷物の 番号を 読んで ください。",
                en=f"Scan the tracking number of {serial}; nothing is shipped without one.",
            )
        )


class NoSuchVisit(CaseError):
    """There is no such visit in this hall, or it is on no day."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                ja="この訪問は見つかりません。訪問日が決まっていないか、取り下げられています。画面を読み直してください。",
                easy="この 訪問は ありません。もう一度 ページを ひらいて ください。",
                en="There is no such visit: it has no day yet, or was withdrawn. Reload the page.",
            )
        )


class BegunAlready(CaseError):
    """The visit is under way or done: it cannot be given to somebody else."""

    def __init__(self, reference: str):
        super().__init__(
            Text(
                ja=f"{reference} の訪問は、もう始まっているか終わっています。移せません。",
                easy=f"{reference} は もう はじまって います。",
                en=f"The visit of {reference} has begun or is done. It cannot be moved.",
            )
        )


class MovedMeanwhile(CaseError):
    """Somebody else changed the visit since the page was shown."""

    def __init__(self, reference: str, who: str, begins: datetime | None):
        at = f"{in_tokyo(begins):%H:%M}" if begins else "–"
        super().__init__(
            Text(
                ja=f"{reference} は、ほかの配車担当が先に変えました（今は {who or '担当なし'}、{at}）。何も変えていません。新しい画面を見て、もう一度移してください。",
                easy=f"{reference} は ほかの 人が 先に かえました。もう一度 見て ください。",
                en=f"Another dispatcher changed {reference} first (now {who or 'nobody'}, {at}). Nothing was changed; look again and move it anew.",
            )
        )


class CannotBeMoved(CaseError):
    """The plan with the change could not be kept. `codes`: what the checker found."""

    def __init__(self, codes: Sequence[str]):
        said = [ui_text(f"visits.fault_{code.replace(' ', '_')}") for code in dict.fromkeys(codes)]
        super().__init__(
            Text(
                ja="移せません：" + "、".join(one.ja for one in said) + "。何も変えていません。",
                easy="できません：" + "、".join(one.easy for one in said),
                en="It cannot be moved: " + "; ".join(one.en for one in said) + ". Nothing was changed.",
            )
        )


class NotYourVisit(CaseError):
    """Somebody else has the visit now, or it is done; what was sent is kept in the case."""

    def __init__(self, reference: str, who: str):
        super().__init__(
            Text(
                ja=f"{reference} の訪問は、今は{who or '別の人'}の担当か、もう終わっています。送られた内容は案件の記録に残しました。作業の結果にはしていません。配車担当に連絡してください。",
                easy=f"{reference} は いま ほかの 人の 仕事です。送った ことは のこりました。配車の 係に 言って ください。",
                en=f"The visit of {reference} is {who or 'somebody else'}’s now, or done. What you sent is kept in the case, but does not count as its result. Tell the dispatcher.",
            )
        )


class NoSpare(CaseError):
    """The pool has no unit that could take the failed one's place."""

    def __init__(self, profile: str):
        super().__init__(
            Text(
                ja=f"仕様 {profile} の予備の端末がありません。訪問して直すか、予備が戻るまで待ってください。案件はそのまま残っています。",
                easy=f"かわりの 端末（{profile}）が ありません。",
                en=f"No spare of profile {profile} is left. Choose a visit, or wait until one comes back. The case is as it was.",
            )
        )


class WrongUnit(CaseError):
    """A serial number was scanned that is not the one this visit is about."""

    def __init__(self, scanned: str, expected: str):
        super().__init__(
            Text(
                ja=f"製造番号 {scanned} は、この作業の端末ではありません（予定は {expected}）。何も記録していません。端末を確かめてください。",
                easy=f"番号 {scanned} は ちがいます。{expected} です。",
                en=f"{scanned} is not the unit of this work (expected {expected}). Nothing was recorded; check the unit.",
            )
        )
