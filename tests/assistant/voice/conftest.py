"""The words of a small town."""

from __future__ import annotations

import pytest

from yakuba.assistant.voice.vocabulary import TownWords, Vocabulary, vocabulary
from yakuba.words import known_readings

TEXTS = (
    "児童手当の認定請求をしてください。",
    "児童手当の申請には、振込先の口座の通帳が必要です。",
    "児童扶養手当の現況届を出してください。",
    "固定資産税の納付書を送ります。固定資産税は口座振替で払えます。",
    "介護保険の要介護認定を申請できます。介護保険の負担限度額認定証を更新します。",
    "国民健康保険に加入する届出をしてください。",
    "罹災証明書の申請には家の写真が必要です。",
    "軽自動車税は4月1日に自動車を持っている人が払います。",
    "住民票の写しは窓口で請求できます。手数料は1通300円です。",
    "申請書に氏名を書いてください。審査の結果を通知します。",
)
WORDS = TownWords(TEXTS, known_readings(), {"桑ノ川": "くわのかわ", "中央公民館": "ちゅうおうこうみんかん"})


@pytest.fixture(scope="session")
def words() -> Vocabulary:
    return vocabulary(WORDS)
