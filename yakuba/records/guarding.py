"""Which items of the standard are guarded: shown as dots where people look, and given on to no system whose scopes do not
say so. The classes are those of declared facts (`declare.model.Class`)."""

from __future__ import annotations

from typing import Literal

from yakuba.records.standards import Definition, Item

Guard = Literal["my_number", "bank", "health"]
_BANK = ("koza", "kinyukikan", "shitenkodo")
"""How the romaji names of a bank account's items begin."""
_HEALTH_OPERATIONS = frozenset({"health-management", "disability-welfare"})
_HEALTH_GROUPS = frozenset(
    {("long-term-care-insurance", "要介護認定"), ("late-elderly-medical-care", "給付")}
)
"""Operations and groups that are about somebody's health or disability: 要配慮個人情報.
Source: 個人情報の保護に関する法律 第2条第3項, 同法施行令 第2条."""
_HEALTH_CLASSES = frozenset({"医療", "疾病", "障害"})
_PLAIN_CLASSES = frozenset({"共通", "氏名", "性別", "生年月日", "操作", "履歴", "宛名"})
"""Classes of items (LV1) that say who and when, not what."""
DOTS = "••••"


def guard_of(definition: Definition, item: Item) -> Guard | None:
    """As what an item is guarded; None where it is not."""
    if item.is_my_number:
        return "my_number"
    if item.romaji.startswith(_BANK):
        return "bank"
    classes = set(item.classes)
    about_health = definition.id in _HEALTH_OPERATIONS or (definition.id, item.group) in _HEALTH_GROUPS
    if not item.key and ((about_health and not classes & _PLAIN_CLASSES) or classes & _HEALTH_CLASSES):
        return "health"
    return None
