"""The fields of a paper form as a table (CSV or Excel) become a new service. Read as a whole: one wrong row, nothing is
taken in. docs/workbench.md has the columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from yakuba.declare import scaffold
from yakuba.register.tables import Table, UnreadableTable, read_office_csv, read_workbook
from yakuba.words import Text
from yakuba.workbench import editing
from yakuba.workbench.editing import Asked
from yakuba.workbench.errors import Unreadable

MOST_ROWS = 200
MOST_BYTES = 5_000_000
_COLUMNS = {
    "label": ("項目名", "項目", "label"),
    "kind": ("種類", "形式", "kind"),
    "required": ("必須", "required"),
    "easy": ("やさしい日本語", "easy"),
    "en": ("英語", "english", "en"),
    "question": ("質問", "質問文", "question"),
    "help": ("説明", "備考", "help"),
    "choices": ("選択肢", "choices"),
    "page": ("ページ", "page"),
}
_KINDS = {
    "text": ("", "文字", "文字列", "テキスト", "text"),
    "long_text": ("長い文字", "長文", "自由記述", "long_text"),
    "yes_no": ("はい・いいえ", "はいいいえ", "有無", "チェック", "yes_no"),
    "choice": ("選択", "選択式", "choice"),
    "date": ("日付", "年月日", "date"),
    "past_date": ("過去の日付", "past_date"),
    "yen": ("金額", "円", "yen"),
    "count": ("数", "人数", "数値", "個数", "count"),
    "name": ("氏名", "name"),
    "kana": ("フリガナ", "kana"),
    "address": ("住所", "address"),
    "postal_code": ("郵便番号", "postal_code"),
    "phone": ("電話", "電話番号", "phone"),
    "email": ("メール", "メールアドレス", "email"),
    "file": ("書類", "添付", "添付書類", "file"),
}
_YES = ("", "必須", "はい", "○", "〇", "1", "yes", "true", "required")
_NO = ("任意", "いいえ", "×", "－", "0", "no", "false", "optional")
_APPLICANT = frozenset(
    {
        "氏名", "お名前", "名前", "申請者氏名", "申請者の氏名", "氏名フリガナ", "フリガナ", "ふりがな", "申請者フリガナ",
        "住所", "申請者住所", "申請者の住所", "郵便番号", "生年月日", "申請者生年月日", "電話番号", "連絡先", "メールアドレス",
    }
)  # fmt: skip
"""What the shared pages `applicant` ask already, and fill in from the register."""


@dataclass(frozen=True, slots=True)
class Row:
    """One field of the form, and the page that it stands on."""

    page: str
    asked: Asked


def read(content: bytes, file: str) -> list[Row]:
    """The fields of a table, without those of the applicant. Raises Unreadable with every row that is wrong."""
    if len(content) > MOST_BYTES:
        raise Unreadable([f"5 MB を超えています: {file}"])
    try:
        table = _table(content, file)
    except UnreadableTable as error:
        raise Unreadable([error.reason]) from error
    columns = _columns(table)
    if len(table.rows) > MOST_ROWS:
        raise Unreadable([f"{len(table.rows)}行あります。{MOST_ROWS}行までにしてください"])
    rows, wrong = [], []
    for number, cells in enumerate(table.rows, start=2):
        said = {key: str(cells[at]).strip() for key, at in columns.items()}
        try:
            rows.append(_row(said))
        except ValueError as error:
            wrong.append(f"{number}行目: {error}")
    if wrong:
        raise Unreadable(wrong)
    found = [row for row in rows if row is not None]
    if not found:
        raise Unreadable(["申請者のほかに、聞く項目がありません"])
    return found


def _table(content: bytes, file: str) -> Table:
    if file.lower().endswith((".xlsx", ".xlsm")) or content.startswith(b"PK"):
        return read_workbook(content)
    return read_office_csv(content)


def _columns(table: Table) -> dict[str, int]:
    heads = [str(head).strip().lower() for head in table.heads]
    found = {}
    for key, names in _COLUMNS.items():
        at = next((heads.index(name) for name in names if name in heads), None)
        if at is not None:
            found[key] = at
    if "label" not in found:
        known = "、".join(names[0] for names in _COLUMNS.values())
        raise Unreadable([f"1行目に「項目名」の列がありません。使える列: {known}"])
    return found


def _row(said: dict[str, str]) -> Row | None:
    """One row; None for what the pages of the applicant ask. Raises ValueError: what is wrong, and how to mend it."""
    label = said["label"]
    if not label:
        raise ValueError("「項目名」が空です")
    if label in _APPLICANT:
        return None
    kind = next((k for k, names in _KINDS.items() if said.get("kind", "").lower() in names), None)
    if kind is None:
        known = "、".join(names[1] if not names[0] else names[0] for names in _KINDS.values())
        raise ValueError(f"種類「{said['kind']}」はありません。使える種類: {known}")
    choices = [one.strip() for one in re.split(r"[、,;／/|｜\n]", said.get("choices", "")) if one.strip()]
    if (kind == "choice") != bool(choices):
        raise ValueError("選択肢は種類「選択」に、1つ以上書いてください（「、」で区切る）")
    if len(set(choices)) != len(choices):
        raise ValueError("同じ選択肢が2つあります")
    required = said.get("required", "").lower()
    if required not in _YES and required not in _NO:
        raise ValueError(f"必須「{said['required']}」が読めません。「必須」か「任意」と書いてください")
    asked = Asked(
        label=_words(label, said.get("easy"), said.get("en")),
        kind=kind,
        question=_words(said["question"]) if said.get("question") else None,
        help=_words(said["help"]) if said.get("help") else None,
        required=required in _YES,
        choices={f"c{n}": _words(one) for n, one in enumerate(choices, start=1)} or None,
    )
    return Row(said.get("page", ""), asked)


def _words(ja: str, easy: str | None = "", en: str | None = "") -> Text:
    """What nobody has translated yet stands in Japanese; the page of questions says so."""
    return Text(ja=ja, easy=easy or ja, en=en or ja)


def service(name: str, title: Text, rows: Sequence[Row], since: date) -> dict[str, str]:
    """The files of a new service that asks these fields, page by page."""
    files: dict[str, str] = scaffold.files(name, title, since)
    files = editing.remove_page(files, name, 1)  # the one of the scaffold
    for number, (page, group) in enumerate(groupby(rows, key=lambda row: row.page), start=1):
        files = editing.add_page(
            files, name, _words(page) if page else _words("申請の内容", "申し込みの こと", "Your request")
        )
        for row in group:
            files = editing.add_question(files, name, number, row.asked)
    return files


def columns() -> list[tuple[str, str, Any]]:
    """What a table may have, for the page that says so."""
    return [(key, names[0], names[-1]) for key, names in _COLUMNS.items()]


def kinds() -> list[tuple[str, str]]:
    """The kinds of fields and what people call them."""
    return [(key, next(name for name in names if name)) for key, names in _KINDS.items()]
