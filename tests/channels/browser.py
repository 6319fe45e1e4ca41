"""A resident's browser without JavaScript, as Django's test client sees it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.test import Client

from tests.conftest import TOWN

NAME = {"applicant.name": "山田 太郎", "applicant.address": "1番地", "applicant.postal_code": "999-0001"}
ACCOUNT = {
    "account.bank": "0001",
    "account.branch": "001",
    "account.type": "1",
    "account.number": "1234567",
    "account.holder": "ヤマダ タロウ",
}


def day(name: str, era: str, year: str, month: str, of_month: str) -> dict[str, str]:
    """What stands in the parts of a date."""
    return {f"{name}.era": era, f"{name}.year": year, f"{name}.month": month, f"{name}.day": of_month}


BORN = day("applicant.birth_date", "showa", "25", "1", "1")
YOU = NAME | BORN
MEMBER = day("member.birth_date", "western", "1950", "1", "1")


class Visitor:
    """Opens pages, sends what is typed, and remembers where it is."""

    def __init__(self, client: Client):
        self.client = client
        self.at = f"/{TOWN}/"
        self.page: HttpResponse = HttpResponse()

    def open(self, where: str, **headers: Any) -> HttpResponse:
        """Open a page; `where` within the town, or a whole path."""
        self.page = self.client.get(
            where if where.startswith("/") else f"/{TOWN}/{where}", follow=True, **headers
        )
        return self._arrived(where)

    def send(self, *, to: str = "", **typed: Any) -> HttpResponse:
        """Send the form of this page."""
        self.page = self.client.post(to or self.at, typed, follow=True)
        return self._arrived(to or self.at)

    def _arrived(self, where: str) -> HttpResponse:
        chain = getattr(self.page, "redirect_chain", [])
        self.at = chain[-1][0] if chain else (where if where.startswith("/") else f"/{TOWN}/{where}")
        return self.page

    @property
    def text(self) -> str:
        """What the page says."""
        return self.page.content.decode()

    @property
    def key(self) -> str:
        """Which page of the form this is."""
        return self.at.split("?")[0].rstrip("/").rsplit("/", 1)[-1]

    def start(self, service: str = "heating") -> Visitor:
        """Begin a request."""
        self.send(to=f"/{TOWN}/apply/{service}/")
        return self

    def fill_in(self, *, you: dict[str, str] = YOU, account: dict[str, str] = ACCOUNT) -> Visitor:
        """Answer everything that the small service asks, up to the page that shows all answers."""
        self.start()
        self.fill_in_what_is_asked(you=you)
        self.send(**account)
        return self

    def fill_in_what_is_asked(self, *, you: dict[str, str] = YOU) -> Visitor:
        """Answer everything before the account, beginning on the first page of the form."""
        self.send(**you)
        self.send(add="1")
        self.send(**MEMBER)
        self.send(**MEMBER, **{"member.taxed": "no"})
        self.send()
        return self

    @property
    def draft(self) -> str:
        """The id of the request that is being written."""
        return self.at.split("/draft/")[1].split("/")[0]
