"""What can go wrong while a robot works. What a person reads says what, where and how to mend it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from yakuba.declare import SystemFile
from yakuba.words import Text

if TYPE_CHECKING:
    from yakuba.robots.driver import Picture


class LeaseLost(RuntimeError):
    """The run was given up while it worked: it holds nothing any more."""


class RobotError(Exception):
    """Something stopped the robot at this item. `code` is stable; `final`: another try would not help, a person takes
    over; `files`: what it had fetched by then, which the person should have."""

    code = "robot"
    final = False

    def __init__(self, message: Text):
        self.message = message
        self.files: list[Picture] = []
        super().__init__(message.en)


class NotOnScreen(RobotError):
    """What a step names is not shown, or is shown more than once: the screen is another one, or was changed."""

    code = "screen_changed"

    def __init__(self, kind: str, label: str, seen: Sequence[str], times: int):
        self.kind, self.label, self.times = kind, label, times
        near = "、".join(dict.fromkeys(seen)) or "（なし）"
        how = "見つかりません" if not times else f"{times}つあります"
        super().__init__(
            Text(
                ja=f"画面に「{label}」が{how}。画面にあるもの: {near}",
                easy=f"画面に「{label}」が {how}。",
                en=f'The screen has {times or "no"} {kind} "{label}". It has: {near}',
            )
        )


class NotSaid(RobotError):
    """The screen does not say what it should say here."""

    code = "unexpected_screen"

    def __init__(self, expected: str, seen: str):
        super().__init__(
            Text(
                ja=f"画面に「{expected}」と出るはずですが、出ていません。画面: {seen[:200]}",
                easy=f"画面に「{expected}」が ありません。",
                en=f'The screen should say "{expected}". It says: {seen[:200]}',
            )
        )


class SystemSaid(RobotError):
    """The old system said no: a message of its error table."""

    def __init__(self, code: str, business: bool, meaning: Text):
        self.code, self.final, self.business = code, business, business
        super().__init__(meaning)


class UnknownMessage(RobotError):
    """The old system shows an error, or a pop-up, that its table does not have."""

    code = "unknown_message"

    def __init__(self, seen: str):
        super().__init__(
            Text(
                ja=f"知らないメッセージが出ました: {seen[:200]}。システムのファイルの errors か pop_ups に書き足してください。",
                easy=f"知らない メッセージが 出ました: {seen[:200]}",
                en=f"A message that nobody declared: {seen[:200]}. Add it to errors or pop_ups of the system's file.",
            )
        )


class SignedOut(RobotError):
    """The session with the old system is over; after signing in again the item is looked at anew."""

    code = "signed_out"

    def __init__(self) -> None:
        super().__init__(
            Text(
                ja="古いシステムからログアウトされました。もう一度ログインします。",
                easy="ログインが 切れました。もう一度 ログインします。",
                en="The old system ended the session; the robot signs in again.",
            )
        )


class NoAnswer(RobotError):
    """The old system does not answer, or not in time."""

    code = "no_answer"

    def __init__(self, what: str):
        super().__init__(
            Text(
                ja=f"古いシステムから返事がありません（{what}）。",
                easy="古い システムから 返事が ありません。",
                en=f"The old system does not answer ({what}).",
            )
        )


class CannotBeWritten(RobotError):
    """A value that the old system could not keep as it is: nothing was typed."""

    code = "cannot_be_written"
    final = True

    def __init__(self, value: str, why: Text):
        super().__init__(
            Text(
                ja=f"「{value}」は古いシステムに入れられません: {why.ja}",
                easy=f"「{value}」は 入れられません。{why.easy}",
                en=f'"{value}" cannot be entered into the old system: {why.en}',
            )
        )


class NotKnown(RobotError):
    """A value that the case does not have (unknown is not No, and not empty either)."""

    code = "value_missing"
    final = True

    def __init__(self, label: Text):
        super().__init__(
            Text(
                ja=f"「{label.ja}」が案件にありません。担当者が確かめてください。",
                easy=f"「{label.easy}」が わかりません。",
                en=f'The case does not have "{label.en}"; a person must find it out.',
            )
        )


class Differs(RobotError):
    """What the old system shows is not what was to be there: a person compares (照合)."""

    code = "read_back_differs"
    final = True

    def __init__(self, differences: Sequence[tuple[str, str, str]]):
        self.differences = differences
        listed = "、".join(f"{label}: 案件「{ours}」 相手「{theirs}」" for label, ours, theirs in differences)
        super().__init__(
            Text(
                ja=f"照合が合いません。{listed}",
                easy="ちがう ところが あります。人が しらべます。",
                en=f"What is there differs from the case: {listed}",
            )
        )


class NotThere(RobotError):
    """What the work needs is not in the list or file that it must be in: a person finds out why."""

    code = "not_there"
    final = True

    def __init__(self, wanted: Sequence[tuple[str, str]], where: str):
        listed = "、".join(f"{label}「{text}」" for label, text in wanted)
        super().__init__(
            Text(
                ja=f"{listed} の行がありません（{where[:100]}）。",
                easy=f"{listed} が ありません。",
                en=f"There is no row with {listed} ({where[:100]}).",
            )
        )


class UnreadableFile(RobotError):
    """A file that another office left cannot be read; whoever made it has to make it again."""

    code = "unreadable_file"
    final = True

    def __init__(self, name: str, why: str):
        super().__init__(
            Text(
                ja=f"ファイル「{name}」を読めません: {why}。作った部署に出し直しを頼んでください。",
                easy=f"ファイル「{name}」を 読めません。",
                en=f"The file {name} cannot be read: {why}. Ask the office that made it for a new one.",
            )
        )


class InDoubt(RobotError):
    """The robot was stopped between acting and recording, and the old system cannot be asked: never repeated."""

    code = "in_doubt"
    final = True

    def __init__(self) -> None:
        super().__init__(
            Text(
                ja="登録の途中で止まりました。登録されたかどうかを人が確かめてください。ロボットはくり返しません。",
                easy="とちゅうで 止まりました。人が しらべて ください。",
                en="The robot stopped in the middle. A person must look whether it was registered; it is not repeated.",
            )
        )


class NeedsBrowser(RobotError):
    """The flow is not plain HTML forms: without a browser it cannot go on."""

    code = "needs_browser"

    def __init__(self, why: str):
        super().__init__(
            Text(
                ja=f"この画面はブラウザーがないと進めません（{why}）。",
                easy="ブラウザーが いります。",
                en=f"This screen needs a browser ({why}).",
            )
        )


class NotNow(RobotError):
    """The robot may not work at this time; nothing is wrong with the item."""

    code = "not_now"


class NoAccount(RobotError):
    """Nobody said where the system is and how to sign in."""

    code = "no_account"

    def __init__(self, system: SystemFile):
        super().__init__(
            Text(
                ja=f"{system.name.ja} へのログインが登録されていません。"
                f"yakuba robots account --system {system.system} で登録してください。",
                easy="ログインの じょうほうが ありません。",
                en=f"Nobody said how to sign in to {system.name.en}: "
                f"yakuba robots account --town CODE --system {system.system} --address URL --user NAME",
            )
        )


class NoRobot(RobotError):
    """No step names such a robot."""

    code = "no_robot"

    def __init__(self, service: str, robot: str, known: Sequence[str]):
        name = f"{service}/{robot}" if robot else service
        listed = ", ".join(known)
        super().__init__(
            Text(
                ja=f"ロボット「{name}」はありません。あるもの: {listed}",
                easy=f"「{name}」は ありません。",
                en=f"There is no robot {name!r}. Robots: {listed}",
            )
        )


class Declined(RobotError):
    """The clerk at whose screen the robot works did not want it entered: nothing was."""

    code = "declined"
    final = True

    def __init__(self) -> None:
        super().__init__(
            Text(
                ja="画面を見ていた職員が、登録しないと決めました。",
                easy="職員が 入れないと きめました。",
                en="The clerk who watched decided not to enter it.",
            )
        )


class EvidenceNotKept(RobotError):
    """The picture of what is about to be entered could not be stored: nothing is entered."""

    code = "evidence_not_kept"

    def __init__(self, why: str):
        super().__init__(
            Text(
                ja=f"証跡を保存できません（{why[:120]}）。サーバーの空き容量を確かめてください。何も登録していません。",
                easy="画面を とって おけません。何も 入れて いません。",
                en=f"The evidence cannot be stored ({why[:120]}). Look at the server's disk. Nothing was entered.",
            )
        )


class NotAFact(RobotError):
    """What was read from the screen is not of the kind that the fact has."""

    code = "not_a_fact"
    final = True

    def __init__(self, name: str, text: str):
        super().__init__(
            Text(
                ja=f"画面の「{text[:80]}」は {name} として読めません。",
                easy="画面の ことばが 読めません。",
                en=f'"{text[:80]}" on the screen is not a value of {name}.',
            )
        )


class StepFailed(RobotError):
    """A step in Python has a slip, or met what it was not written for; the whole of it is in the server's log."""

    code = "step_failed"

    def __init__(self, name: str, error: Exception):
        why = f"{type(error).__name__}: {str(error)[:120]}"
        super().__init__(
            Text(
                ja=f"ロボットの手順「{name}」が失敗しました（{why}）。管理者に知らせてください。",
                easy="ロボットが できませんでした。",
                en=f'The robot\'s step "{name}" failed ({why}). Tell its maintainer.',
            )
        )
