"""What a mother of two answers who claims child allowance."""

CHILD = {
    "name": "山田　一郎", "birth_date": "2024-06-01", "relation": "own", "living_together": True,
    "cared_for": True, "in_japan": True, "in_institution": False,
}  # fmt: skip
PARENT = {
    "applicant": {
        "name": "山田　花子", "kana": "ヤマダ ハナコ", "birth_date": "1990-04-01", "address": "1番地",
        "postal_code": "1000001", "phone": "09000000000", "public_servant": False,
        "parent_role": "higher_income",
    },
    "claim": {"reason": "birth", "event_date": "2024-06-01"},
    "children": [CHILD, {**CHILD, "name": "山田　二子", "living_together": False}],
    "account": {"bank": "9900", "branch": "058", "type": "1", "number": "1234567", "holder": "ヤマダ ハナコ"},
}  # fmt: skip
