"""Made-up residents who fill in forms: they answer whatever a service asks, through the same form engine as real ones."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date, timedelta
from random import Random
from typing import Any

from PIL import Image, ImageDraw

from yakuba.cases.actions import plain
from yakuba.channels.forms import Field, Form, Screen
from yakuba.declare import Service

#: Answers that a typical resident gives, by fact; for all others a kind's own answer is taken.
USUAL: Mapping[str, Any] = {
    "claim.reason": "moved_in",
    "applicant.public_servant": False,
    "applicant.parent_role": "higher_income",
    "child.relation": "own",
    "child.living_together": True,
    "child.cared_for": True,
    "child.in_japan": True,
    "child.in_institution": False,
    "child.supported": True,
    "child.disabled": False,
    "child.ground": "divorced",
    "applicant.rearing_role": "mother",
    "applicant.has_partner": False,
    "applicant.public_pension": False,
    "household.paid_elsewhere": False,
    "member.dependant_of_taxed": False,
    "record.my_number": False,
    "record.registered_domicile": False,
    "dog.registered_before": False,
    "dog.chip_registered": False,
    "disaster.name": "令和8年台風（架空）",
    "dog.name": "ポチ",
    "dog.breed": "柴",
    "dog.colour": "茶",
    "income.total": 1_450_000,
    "income.earned": 1_450_000,
    "income.dependants": 1,
    "record.copies": 1,
}
#: Now and then somebody answers otherwise: the fact, the answer, how often.
UNUSUAL = (
    ("applicant.public_servant", True, 0.05),
    ("applicant.parent_role", "lower_income", 0.06),
    ("confirm.accept", False, 0.02),
    ("child.in_institution", True, 0.01),
)
YUCHO = {"bank": "9900", "branch": "058", "type": "1"}


def _picture(words: str) -> bytes:
    """A picture that says that it is made up."""
    picture = Image.new("RGB", (640, 480), "#dde6f0")
    ImageDraw.Draw(picture).text((40, 220), f"SYNTHETIC {words}", fill="black", font_size=32)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=60)
    return out.getvalue()


class Visitor:
    """One made-up resident."""

    def __init__(self, random: Random, known: Mapping[str, Any], as_of: date, *, mail: bool):
        self._random, self._known, self._as_of, self._mail = random, known, as_of, mail
        self._moods = {name: value for name, value, often in UNUSUAL if random.random() < often}

    def papers(self, service: Service) -> dict[str, bytes]:
        """A picture for every file that the service cannot do without."""
        needed = [q.file for page in service.pages for q in page.questions if q.file and q.required]
        return {purpose: _picture(purpose) for purpose in needed}

    def fill_in(self, service: Service, files: Mapping[str, list[Any]]) -> dict[str, Any]:
        """Answers to everything that the service asks of them, beginning with what the register knows."""
        form = Form(service, plain(self._known), as_of=self._as_of, files=files)
        for _ in range(300):
            key = form.first_open()
            screen = form.screen(key) if key else None
            if screen is None:
                break
            self._answer(form, screen)
        if self._mail:
            form.put("applicant.email", f"demo{self._random.randint(1000, 9999)}@example.jp")
        return form.answered()

    def _answer(self, form: Form, screen: Screen) -> None:
        if screen.overview:
            form.close_list(screen.list)
            return
        for one in screen.fields:
            if one.fact is not None and one.value is None and one.required:
                form.put(one.name, self.said(one), screen.list, screen.position)

    def said(self, one: Field) -> Any:
        """What they answer to one question."""
        name = one.name
        if name in self._moods:
            return self._moods[name]
        if name in USUAL:
            return USUAL[name]
        if name == "income.year":
            return self._as_of.year - 1 if self._as_of.month >= 10 else self._as_of.year - 2
        if name.startswith("account."):
            return self._account(name.split(".")[1])
        return self._by_kind(one)

    def _account(self, part: str) -> str:
        if part == "number":
            return f"{self._random.randint(0, 9_999_999):07d}"
        return YUCHO.get(part) or str(self._known.get("applicant", {}).get("kana") or "ヤマダ タロウ")

    def _by_kind(self, one: Field) -> Any:
        assert one.fact is not None
        if one.kind == "phone":
            return f"090{self._random.randint(0, 99_999_999):08d}"
        if one.kind == "postal_code":
            return str(self._known.get("applicant", {}).get("postal_code") or "9990001")
        if one.kind == "kana":
            return str(self._known.get("applicant", {}).get("kana") or "ミホン")
        if one.fact.type == "choice":
            return next(iter(one.fact.choices))
        if one.fact.type == "date":
            return self._as_of - timedelta(days=self._random.randint(1, 12))
        return {"bool": True, "text": "とくになし"}.get(one.fact.type, 1)
