"""What can go wrong with a fee, said so that the clerk or resident knows what to do next."""

from __future__ import annotations

from yakuba.money.errors import MoneyError
from yakuba.words import Text


class NothingOwed(MoneyError):
    """The fee is paid already, is nought, or the case does not ask for it (any more)."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                ja="支払う手数料はありません（支払い済みか、手続が終わっています）。画面を読み直してください。お金は動いていません。",
                easy="はらう お金は ありません。もう はらったか、おわって います。",
                en="Nothing is owed: it is paid already, or the request has ended. Load the page again; no money was moved.",
            )
        )


class NoProvider(MoneyError):
    """This town takes no payments online."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                ja="この自治体では、オンラインでの支払いを受け付けていません。窓口か納付書で支払ってください。",
                easy="ここでは インターネットで はらえません。役場か 銀行で はらって ください。",
                en="This town takes no payments online. Please pay at the counter or with a slip.",
            )
        )


class TooLittle(MoneyError):
    """Less was handed over than is owed."""

    def __init__(self, tendered: int, owed: int):
        super().__init__(
            Text(
                ja=f"お預かり {tendered:,}円 は、手数料 {owed:,}円 に {owed - tendered:,}円 足りません。何も記録していません。",
                easy=f"{owed - tendered:,}円 たりません。",
                en=f"{tendered:,} yen is {owed - tendered:,} yen less than the fee of {owed:,} yen. Nothing was recorded.",
            )
        )


class AnotherAmount(MoneyError):
    """The fee changed while the page was open."""

    def __init__(self, shown: int, owed: int):
        super().__init__(
            Text(
                ja=f"手数料が {shown:,}円 から {owed:,}円 に変わりました。金額を確かめて、もう一度記録してください。何も記録していません。",
                easy=f"お金が {owed:,}円に かわりました。もう一度 見てください。",
                en=f"The fee changed from {shown:,} to {owed:,} yen. Check it and record it again; nothing was recorded.",
            )
        )


class NotACollection(MoneyError):
    """The file is not one of the collecting bank in the agreed layout."""

    def __init__(self, why: Text):
        super().__init__(
            Text(
                ja=f"収納データとして読めません：{why.ja} 銀行に確かめてください。何も取り込んでいません。",
                easy=f"この ファイルは 読めません。{why.easy}",
                en=f"This is not a collection file: {why.en} Ask the bank; nothing was taken in.",
            )
        )


class NoSuchRefund(MoneyError):
    """There is no such refund in this town, or it is not at the point where this can be done."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                ja="この還付は、いまはそのように進められません。画面を読み直してください。何も変わっていません。",
                easy="いまは できません。画面を もう一度 ひらいてください。",
                en="This cannot be done with the refund as it stands. Load the page again; nothing was changed.",
            )
        )


class NoSuchRow(MoneyError):
    """The row of the collection file is not held, or somebody has settled it."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                ja="この収納の行は、もう処理されているか、ありません。画面を読み直してください。何も変わっていません。",
                easy="この 行は もう おわって います。",
                en="This row is settled already, or there is none. Load the page again; nothing was changed.",
            )
        )
