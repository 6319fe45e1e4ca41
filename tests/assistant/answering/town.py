"""Questions and answers of a made-up town, and an encoder that needs no model."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import numpy as np

from yakuba.assistant.answering.dense import SIZE, Unavailable
from yakuba.assistant.knowledge.entry import Audience, Entry, Source

ASKED = {
    "move-in": ("町外から引っ越してきたときの手続きを知りたい。", "転入届を14日以内に出してください。転出証明書が必要です。"),
    "move-out": ("町外へ引っ越すときの手続きを知りたい。", "転出届を出してください。転出証明書をお渡しします。"),
    "bulky": ("粗大ごみの出し方を教えてください。", "粗大ごみは予約制です。クリーンセンターへ電話してください。"),
    "seal": ("印鑑登録の方法を知りたい。", "登録する印鑑と本人確認書類を窓口へお持ちください。手数料は300円です。"),
    "marriage": ("婚姻届はどこに出せますか。", "住民課の窓口で、休日も宿直室で受け付けます。"),
    "child": ("児童手当はいつ支給されますか。", "偶数月の10日に支給します。"),
    "pension": ("国民年金の保険料を納めるのが難しい。", "免除や納付猶予の制度があります。"),
    "library": ("図書館の開館時間を教えてください。", "午前9時から午後6時まで。月曜日は休館です。"),
    "dog": ("犬を飼い始めたときの登録は？", "生後91日以上の犬は登録と狂犬病予防注射が必要です。"),
    "tax": ("固定資産税の納期はいつですか。", "4月、7月、12月、2月の末日です。"),
    "nursery": ("保育所に入りたい。", "入所の申込みは子育て支援課で受け付けます。"),
    "disaster": ("避難場所はどこですか。", "各地区の小学校が避難場所です。"),
}  # fmt: skip


def entry(
    id: str, question: str, answer: str, *, audience: Audience = "public", others: tuple[str, ...] = ()
) -> Entry:
    return Entry(id, {"ja": question}, {"ja": answer}, Source("faq", question), audience, others)


def entries() -> list[Entry]:
    return [entry(id, question, answer) for id, (question, answer) in ASKED.items()]


class ByLetters:
    """Texts that share pairs of letters lie near each other."""

    name = "letters"

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.away = False

    def encode(self, texts: Sequence[str], *, query: bool = True, within: float = 0) -> np.ndarray:
        if self.away:
            raise Unavailable("away")
        self.asked += texts
        rows = np.full((len(texts), SIZE), 0.01, np.float32)
        for row, text in zip(rows, texts, strict=True):
            for at in range(len(text)):
                row[crc32(text[at : at + 2].encode()) % SIZE] += 1
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)
