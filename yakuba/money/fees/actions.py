"""What can happen to fees: they are paid online, at the counter or with a slip; they go back. The only writers."""

from yakuba.money.fees.charging import (
    assess_waiting,
    issue_slip,
    printed,
    receipt_number,
    settle_ended,
    take_cash,
)
from yakuba.money.fees.collecting import Reading, collect, explain
from yakuba.money.fees.online import ask_all, look, notified, open_page, order, refused
from yakuba.money.fees.refunds import approve, decline, pay_out, send_all

__all__ = [
    "Reading",
    "approve",
    "ask_all",
    "assess_waiting",
    "collect",
    "decline",
    "explain",
    "issue_slip",
    "look",
    "notified",
    "open_page",
    "order",
    "pay_out",
    "printed",
    "receipt_number",
    "refused",
    "send_all",
    "settle_ended",
    "take_cash",
]
