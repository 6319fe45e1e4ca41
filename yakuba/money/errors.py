"""What can go wrong with money, said so that an accountant knows what to do next."""

from __future__ import annotations

from datetime import date

from yakuba.words import Text


class MoneyError(Exception):
    """Base: nothing was changed; `text` says why and what to do, in ja / easy / en."""

    def __init__(self, text: Text):
        self.text = text
        super().__init__(text.en)


class NoSuchRun(MoneyError):
    """There is no such run in this town."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                ja="この振込データはこの自治体にありません。支払の一覧から選び直してください。何も変わっていません。",
                easy="この 振込は ありません。リストから えらんでください。",
                en="There is no such transfer run in this town. Choose it from the list; nothing was changed.",
            )
        )


class NoOriginator(MoneyError):
    """The town has not said which account its payments leave from."""

    def __init__(self, town: str):
        super().__init__(
            Text(
                ja="町の支払口座（委託者コードと口座）が登録されていないので、振込データを作れません。会計の設定で登録してください。",
                easy="町の 口座が まだ 登録されていません。",
                en=f"Town {town} has no paying account, so no run can be made. Register the originator code and account first.",
            )
        )


class NothingToPay(MoneyError):
    """No payment waits that could leave on this date."""

    def __init__(self, value_date: date):
        super().__init__(
            Text(
                ja=f"{value_date} に振り込む支払はありません。決定済みの支払が届くと、ここで作れます。",
                easy=f"{value_date} に 振り込む お金は ありません。",
                en=f"There is nothing to pay on {value_date}. Granted payments appear here when they are due.",
            )
        )


class NotABankDay(MoneyError):
    """Banks are closed on the value date, or it has passed."""

    def __init__(self, value_date: date, nearest: date):
        super().__init__(
            Text(
                ja=f"振込指定日 {value_date} は銀行の休業日か、過ぎた日です。{nearest} なら振り込めます。",
                easy=f"{value_date} は 銀行が 休みか、すぎた日です。{nearest} なら できます。",
                en=f"Banks are closed on {value_date}, or it has passed. The next possible date is {nearest}.",
            )
        )


class TooFarAhead(MoneyError):
    """The value date is further ahead than any payment that could be waiting."""

    def __init__(self, value_date: date, last: date):
        super().__init__(
            Text(
                ja=f"振込指定日 {value_date} は先すぎます。{last} までの日にしてください。年の書きまちがいではないか確かめてください。",
                easy=f"{value_date} は 先すぎます。{last} までに してください。",
                en=f"The value date {value_date} is too far ahead. Choose a day up to {last}; was the year mistyped?",
            )
        )


class OverLimit(MoneyError):
    """The run would be larger than the town's limit."""

    def __init__(self, total: int, limit: int):
        super().__init__(
            Text(
                ja=f"合計 {total:,}円 が1回の上限 {limit:,}円 を超えています。手続を選んで分けるか、上限の変更を決裁してください。",
                easy=f"合計 {total:,}円は 多すぎます（{limit:,}円まで）。分けて ください。",
                en=f"The total of {total:,} yen is over the limit of {limit:,} yen per run. Split it by service, or have the limit raised.",
            )
        )


class WrongState(MoneyError):
    """The run is not at the point where this can be done."""

    def __init__(self, state: str, needed: str):
        super().__init__(
            Text(
                ja=f"この振込は「{state}」の状態なので、できません（「{needed}」のときにできます）。画面を読み込み直してください。",
                easy="いまは できません。画面を もう一度 ひらいてください。",
                en=f"The run is {state}; this can be done while it is {needed}. Load the page again.",
            )
        )


class SecondPerson(MoneyError):
    """The same person cannot give both approvals."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                ja="あなたはこの振込をもう承認しています。もう1人、別の人の承認が必要です。",
                easy="もう1人、ほかの人が 認めてください。",
                en="You have approved this run already. It needs another person's approval.",
            )
        )


class OwnAccounts(MoneyError):
    """Who entered an account cannot approve the run that pays to it for the first time."""

    def __init__(self, count: int, references: str):
        super().__init__(
            Text(
                ja=f"この振込に、あなたが口座を入力した案件が{count}件あります（{references}）。その口座への最初の振込は、ほかの決裁者が承認してください。何も記録していません。",
                easy=f"あなたが 口座を 入れた 案件が {count}件 あります。ほかの 人が 認めてください。",
                en=f"You entered the account of {count} cases in this run ({references}). The first payment to it needs the approval of others. Nothing was recorded.",
            )
        )


class NoLongerGranted(MoneyError):
    """Decisions behind transfers of the run changed after it was made."""

    def __init__(self, count: int, references: str):
        super().__init__(
            Text(
                ja=f"この振込に、決定が取り消された案件が{count}件あります（{references}）。この振込を取り消して、作り直してください。",
                easy=f"取り消された 案件が {count}件 あります。もう一度 作ってください。",
                en=f"{count} cases in this run are no longer granted ({references}). Cancel the run and make it again.",
            )
        )


class FileFailsCheck(MoneyError):
    """The file that was made does not pass the independent check; it is not given out."""

    def __init__(self, first: str, count: int):
        super().__init__(
            Text(
                ja=f"作ったファイルが検査に通らないので、出していません（{count}か所）。最初の誤り：{first}",
                easy=f"ファイルに まちがいが あります（{count}）。",
                en=f"The file did not pass the independent check ({count} faults) and was not given out. The first: {first}",
            )
        )


class NeverSent(MoneyError):
    """A result for a file that this town did not send."""

    def __init__(self, number: int):
        super().__init__(
            Text(
                ja=f"この結果はファイル番号 {number} のものですが、この町から送ったファイルにありません。別の町か別の環境の結果ではないか、銀行に確かめてください。何も反映していません。",
                easy=f"ファイル {number} は 送っていません。銀行に 聞いてください。",
                en=f"The result is about file {number}, which this town never sent. Ask the bank whose it is. Nothing was changed.",
            )
        )


class UnknownTransfers(MoneyError):
    """The result names transfers that the file did not hold."""

    def __init__(self, numbers: list[int]):
        listed = ", ".join(map(str, numbers[:5]))
        super().__init__(
            Text(
                ja=f"送ったファイルにない振込番号が{len(numbers)}件あります（{listed}）。銀行に結果の再送を頼んでください。何も反映していません。",
                easy=f"しらない 振込が {len(numbers)}件 あります。銀行に 聞いてください。",
                en=f"The result names {len(numbers)} transfers that the file did not hold ({listed}). Ask the bank to send it again. Nothing was changed.",
            )
        )


class WrongAmounts(MoneyError):
    """The result's amounts are not those that were ordered."""

    def __init__(self, number: int, said: int, ordered: int, count: int):
        super().__init__(
            Text(
                ja=f"金額の違う振込が{count}件あります。振込 {number}：依頼 {ordered:,}円、結果 {said:,}円。銀行に確かめてください。何も反映していません。",
                easy=f"お金が ちがう 振込が {count}件 あります。銀行に 聞いてください。",
                en=f"{count} transfers have another amount. Transfer {number}: ordered {ordered:,} yen, result {said:,} yen. Ask the bank. Nothing was changed.",
            )
        )


class Contradiction(MoneyError):
    """An earlier result said otherwise."""

    def __init__(self, numbers: list[int]):
        listed = ", ".join(map(str, numbers[:5]))
        super().__init__(
            Text(
                ja=f"前に読み込んだ結果と食い違う振込が{len(numbers)}件あります（{listed}）。どちらが正しいか銀行に確かめてください。何も反映していません。",
                easy=f"前の 結果と ちがう 振込が {len(numbers)}件 あります。銀行に 聞いてください。",
                en=f"{len(numbers)} transfers contradict a result read earlier ({listed}). Ask the bank which is right. Nothing was changed.",
            )
        )
