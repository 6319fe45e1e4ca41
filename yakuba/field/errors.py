"""What may be wrong when somebody scans or hands over a device, in words that help them on."""

from __future__ import annotations

from yakuba.cases.errors import CaseError
from yakuba.words import Text


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
