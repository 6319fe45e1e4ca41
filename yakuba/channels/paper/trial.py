"""Forms of declared services filled in by made-up people and read again: how often the reader is right, beside its peers.

Who writes: people of the made-up town that the register knows, and some whom it does not. In which hands: fonts in
`yakuba/assistant/reading/fonts` that the reader has not learnt from, and two for print.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, lru_cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from PIL import Image

from yakuba.assistant.reading import align, practice, reader
from yakuba.assistant.reading.engine import Engine, Line
from yakuba.assistant.reading.fields import DATES, DIGITS, Field
from yakuba.assistant.reading.layout import Layout, Place
from yakuba.assistant.reading.practice import Hand
from yakuba.assistant.reading.prior import Prior, folded
from yakuba.assistant.reading.reader import Known
from yakuba.channels.paper import printed, sheets
from yakuba.declare import Service
from yakuba.messages import letters
from yakuba.money import banks
from yakuba.register.synthetic import Maker

FONTS = Path(practice.__file__).parent / "fonts"
TOWN, TOWN_NAME = "394262", "高知県山あい町"
PEOPLE, UNKNOWN = 3000, 0.2
"""People of the made-up register, and the share of writers whom it does not know."""
AS_OF = date(2026, 10, 1)
LANGUAGES, LARGE = (("ja", 70), ("easy", 20), ("en", 10)), 0.15
STAMPED, TURNED, PRINTED = 0.4, 0.12, 0.25
"""The shares of pages with a stamp, that were laid the wrong way round, and that were filled in by a machine."""


def hands() -> tuple[list[Hand], list[Hand]]:
    """Hands, and print."""
    return [Hand(font) for font in sorted(FONTS.glob("*.ttf"))], [Hand(one, 0, 0) for one in _print_fonts()]


def _print_fonts() -> list[Path]:
    ours = letters.FOLDER / "fonts" / "BIZUDPGothic-Regular.ttf"
    return [ours, *sorted(Path("/usr/share/fonts").rglob("NotoSerifCJK-Regular.ttc"))]


# -- who writes ----------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Somebody:
    """A made-up person."""

    name: str
    kana: str
    birth_date: date
    postal_code: str
    address: str


def people(seed: int, count: int) -> list[Somebody]:
    """People of the made-up town."""
    return [
        Somebody(one.name, one.kana, one.birth_date, home.postal_code, home.line)
        for home in Maker(TOWN, seed, AS_OF, TOWN_NAME).households(count)
        for one in home.people
    ]


@cache
def prior() -> Prior:
    """What the register of the made-up town knows."""
    return sheets.prior(
        [
            {
                "name": one.name,
                "kana": one.kana,
                "birth_date": one.birth_date.isoformat(),
                "postal_code": one.postal_code,
                "address": one.address,
            }
            for one in people(1, PEOPLE)
        ]
    )


# -- what is written -------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Answer:
    """`value`: as it should be read; `written`: text by box or line; `chosen`: which tick box."""

    value: str
    written: Sequence[str] = ()
    chosen: int | None = None


TEXTS = (
    "山あい診療所", "みどり保育園", "高知中央病院", "長男の入学のため", "株式会社山あい建設", "町営住宅2号棟", "川口集会所の前",
    "転勤のため", "父の介護", "あおぞら薬局", "有限会社谷内商店", "木製のたんす", "自転車1台", "南国市", "社会福祉協議会",
    "訪問介護ゆず", "日浦小学校", "失業したため", "台風12号", "屋根の瓦", "手すりの取付け", "車いす", "上山バス停横", "雑種・茶色",
)  # fmt: skip
SENTENCES = (
    "火曜日の午前中に来てください。", "玄関の段差をなくし、手すりを付けます。", "足が悪く、一人では歩けません。",
    "引っ越しのため、前の住所から移りました。", "母と同居を始めたので、変更します。", "平日の夕方に電話をください。",
)  # fmt: skip


@cache
def _banks() -> Sequence[banks.Bank]:
    return list(banks.all_banks())


def answer(place: Place, who: Somebody, random: Random) -> Answer:
    """What this person writes there."""
    if place.kind in DATES:
        return _date(place, who, random)
    if place.choices:
        chosen = random.randrange(len(place.choices))
        return Answer(place.choices[chosen], chosen=chosen)
    if place.kind == "kana":
        text = who.kana[: len(place.boxes)]
        return Answer(text, list(text))
    if place.kind in DIGITS:
        return _digits(place, who, random)
    if place.kind == "bank":
        bank = random.choice(_banks())
        return Answer(bank.code, [bank.name])
    said = {
        "name": who.name,
        "address": who.address,
        "email": f"{random.choice(('taro', 'hanako', 'yama', 'kochi', 'm.sato', 'k_abe'))}{random.randint(1, 99)}@example.{random.choice(('jp', 'com', 'ne.jp'))}",
        "decimal": f"{random.randint(1, 99)}.{random.randint(1, 9)}",
        "long_text": random.choice(SENTENCES),
    }.get(place.kind) or random.choice(TEXTS)
    return Answer(said, [said])


def _digits(place: Place, who: Somebody, random: Random) -> Answer:
    count = {"branch": 3, "account_number": 7}.get(place.kind, 0)
    text = {
        "postal_code": who.postal_code,
        "phone": f"0{random.choice('789')}0{random.randrange(10**8):08}"
        if random.random() < 0.6
        else f"088{random.randrange(10**7):07}",
        "yen": str(random.choice((1, 10, 100, 1000)) * random.randint(1, 99999)),
        "count": str(random.randint(0, 12) if random.random() < 0.8 else random.randint(13, 999)),
    }.get(place.kind) or f"{random.randrange(10**count):0{count}}"
    ahead = len(place.boxes) - len(text) if place.kind in ("yen", "count") else 0
    return Answer(text, [*" " * ahead, *text])


def _date(place: Place, who: Somebody, random: Random) -> Answer:
    day = who.birth_date if "birth" in place.name else AS_OF - timedelta(days=random.randint(-90, 2000))
    eras = [
        ("reiwa", 2018, date(2019, 5, 1)),
        ("heisei", 1988, date(1989, 1, 8)),
        ("showa", 1925, date(1926, 12, 25)),
        ("taisho", 1911, date(1912, 7, 30)),
    ]
    era, base, _ = next((one for one in eras if day >= one[2]), ("western", 0, day))
    if random.random() < 0.3:
        era, base = "western", 0
    year = str(day.year - base)
    parts = (year.rjust(4), str(day.month).rjust(2), str(day.day).rjust(2))
    if random.random() < 0.3:
        parts = (year.ljust(4), f"{day.month:02}", f"{day.day:02}")
    return Answer(day.isoformat(), list("".join(parts)), place.choices.index(era))


# -- a page ----------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Trial:
    """A page as it came in, and what stands on it by name of the answer."""

    content: bytes
    known: Known
    answers: Mapping[str, Answer]
    way: str
    hand: str


@lru_cache(maxsize=200)
def _pages(service: Service, language: str, large: bool) -> tuple[list[bytes], Layout]:
    form = printed.Form(service, TOWN, TOWN_NAME, language, large, synthetic=True)
    return printed.pictures(form, align.DOTS), printed.layout_of(form)


def trials(
    services: Sequence[Service], count: int, seed: int, writing: tuple[list[Hand], list[Hand]] | None = None
) -> Iterator[Trial]:
    """So many pages; the same for the same seed."""
    register, strangers = people(1, PEOPLE), people(1000 + seed, 400)
    by_hand, by_machine = writing or hands()
    for number in range(count):
        random = Random(f"{seed}:{number}")
        service = random.choice(services)
        language = random.choices([one for one, _ in LANGUAGES], [share for _, share in LANGUAGES])[0]
        pages, layout = _pages(service, language, random.random() < LARGE)
        full = [page for page in range(1, layout.pages + 1) if len(layout.on(page)) >= 3] or [
            layout.places[0].page
        ]
        page = random.choice(full)
        hand = random.choice(by_machine if random.random() < PRINTED else by_hand)
        everybody = strangers if random.random() < UNKNOWN else register
        empty = np.asarray(Image.open(io.BytesIO(pages[page - 1])).convert("RGB"))
        yield _trial(empty, layout, page, hand, everybody, random)


def _trial(
    empty: Any, layout: Any, page: int, hand: Hand, everybody: Sequence[Somebody], random: Random
) -> Trial:
    writer = practice.Writer(empty, align.SCALE, hand, random)
    people: dict[str, Somebody] = {}
    answers = {}
    for place in layout.on(page):
        prefix = place.name.rpartition(".")[0]
        if prefix not in people:
            people[prefix] = next(
                one for _ in range(99) if hand.covers((one := random.choice(everybody)).name)
            )
        said = answer(place, people[prefix], random)
        if not all(hand.covers(text) for text in said.written):
            continue
        writer.fill(place, said.written, said.chosen)
        answers[place.name] = said
    if random.random() < STAMPED:
        writer.stamp("受付")
    way = random.choice(tuple(practice.WAYS))
    picture = practice.WAYS[way](writer.page, random)
    if random.random() < TURNED:
        picture = np.ascontiguousarray(np.rot90(picture, random.randint(1, 3)))
    known = Known("", "", page, layout.pages, layout.on(page), np.empty((0, 0), np.uint8))
    return Trial(practice.jpeg(picture, random), known, answers, way, hand.font.stem)


# -- right or wrong ----------------------------------------------------------------------------------------
def is_right(place: Place, value: str, said: Answer) -> bool:
    """Would a register take both for the same? Width, blanks and kinds of dashes do not count in texts; 髙 and 高 are two."""
    if place.kind in practice.LINES and place.kind != "bank":
        return folded(value) == folded(said.value)
    if place.kind == "kana":
        return value.split() == said.value.split()
    return value == said.value


@dataclass
class Count:
    """Of answers: how many, right before anybody looked, accepted without a look, wrong though accepted."""

    fields: int = 0
    right: int = 0
    accepted: int = 0
    wrong_accepted: int = 0

    def add(self, right: bool, accepted: bool) -> None:
        self.fields += 1
        self.right += right
        self.accepted += accepted
        self.wrong_accepted += accepted and not right

    def told(self) -> dict[str, Any]:
        of = max(self.fields, 1)
        return {
            "fields": self.fields,
            "right": round(self.right / of, 4),
            "accepted": round(self.accepted / of, 4),
            "wrong_accepted": round(self.wrong_accepted / of, 5),
        }


@dataclass
class Report:
    """What came of a run."""

    forms: int = 0
    not_read: int = 0
    seconds: float = 0.0
    all: Count = field(default_factory=Count)
    written: Count = field(default_factory=Count)
    kinds: dict[str, Count] = field(default_factory=dict)
    ways: dict[str, Count] = field(default_factory=dict)
    hands: dict[str, Count] = field(default_factory=dict)
    peers: dict[str, Peer] = field(default_factory=dict)
    wrong: list[dict[str, Any]] = field(default_factory=list)
    seen: list[tuple[str, float, bool]] = field(default_factory=list)


def measure(
    trials: Iterator[Trial],
    services: Mapping[str, Service],
    reading: Engine,
    peers: Sequence[Peer],
    known: Prior,
) -> Report:
    """Read every page; the peers get the page as this reader laid it flat, and where the answers stand."""
    report, forms = Report(peers={one.name: one for one in peers}), sheets.forms(services)
    for trial in trials:
        report.forms += 1
        began = time.process_time()
        (page,) = reader.read(trial.content, forms, reading, known, foreign=False)
        report.seconds += time.process_time() - began
        report.not_read += page.outcome != "form"
        found = {one.name: one for one in page.fields}
        for place in trial.known.places:
            if place.name in trial.answers:
                _judge(report, trial, place, found.get(place.name))
        if page.flat is not None:
            for peer in peers:
                peer.take(page.flat, trial)
    return report


def _judge(report: Report, trial: Trial, place: Place, one: Field | None) -> None:
    said = trial.answers[place.name]
    right = one is not None and is_right(place, one.value, said)
    accepted = one is not None and one.sure
    report.all.add(right, accepted)
    if not place.choices or place.kind in DATES:
        report.written.add(right, accepted)
    for counts, key in ((report.kinds, place.kind), (report.ways, trial.way), (report.hands, trial.hand)):
        counts.setdefault(key, Count()).add(right, accepted)
    if one is not None:
        report.seen.append((place.kind, one.confidence, right))
    if not right:
        report.wrong.append(
            {
                "kind": place.kind,
                "is": said.value,
                "read": one and one.value,
                "confidence": one and one.confidence,
                "sure": accepted,
                "trouble": one and one.trouble,
                "hand": trial.hand,
                "way": trial.way,
            }
        )


# -- the peers ---------------------------------------------------------------------------------------------
class Peer:
    """An engine that reads the whole page; its lines are matched to the answers by where they stand. It does not tell ticks,
    so that only what is written counts."""

    def __init__(self, name: str):
        self.name, self.count, self.seconds, self.pages = name, Count(), 0.0, 0

    def lines(self, flat: Any) -> list[Line]:
        raise NotImplementedError

    def take(self, flat: Any, trial: Trial) -> None:
        began = time.perf_counter()
        lines = self.lines(flat)
        self.seconds += time.perf_counter() - began
        self.pages += 1
        for place in trial.known.places:
            said = trial.answers.get(place.name)
            if said is not None and (not place.choices or place.kind in DATES):
                self.count.add(self._is_right(place, _within(lines, place), said), False)

    @staticmethod
    def _is_right(place: Place, text: str, said: Answer) -> bool:
        """As kindly as can be: of dates only the digits count, of kana only the kana."""
        bare = folded(text)
        if place.kind in DATES or place.kind in DIGITS:
            return "".join(one for one in bare if one.isdigit()) == "".join(said.written).replace(" ", "")
        if place.kind == "kana":
            return bare == folded(said.value)
        wanted = said.written[0] if place.kind == "bank" else said.value
        return bare.strip("_-|") == folded(wanted)


def _within(lines: Sequence[Line], place: Place) -> str:
    """The signs of lines that stand within the boxes of an answer, row by row."""
    text = ""
    for cell in dict.fromkeys((one.y, one.height) for one in place.boxes):
        row = [one for one in place.boxes if one.y == cell[0]]
        left, right = (
            min(one.x for one in row) * align.SCALE,
            max(one.x + one.width for one in row) * align.SCALE,
        )
        top, bottom = (cell[0] - 0.5) * align.SCALE, (cell[0] + cell[1] + 0.8) * align.SCALE
        for line in sorted(lines, key=lambda one: one.box[0]):
            x0, y0, x1, y1 = line.box
            if top < (y0 + y1) / 2 < bottom:
                step = (x1 - x0) / max(len(line.text), 1)
                text += "".join(
                    sign for n, sign in enumerate(line.text) if left - 4 < x0 + (n + 0.5) * step < right + 4
                )
    return text


class WholePage(Peer):
    """The engine of this reader on the whole page."""

    def __init__(self, reading: Engine):
        super().__init__(f"{reading.name} on the whole page")
        self._reading = reading

    def lines(self, flat: Any) -> list[Line]:
        return self._reading.lines(np.repeat(flat[:, :, None], 3, axis=2))


class Tesseract(Peer):
    """Tesseract with the Japanese model of Debian, by its command."""

    def __init__(self) -> None:
        said = subprocess.run(["tesseract", "--version"], capture_output=True, text=True, check=True)
        super().__init__(said.stdout.split("\n")[0].title())

    @staticmethod
    def is_there() -> bool:
        return (
            shutil.which("tesseract") is not None
            and "jpn"
            in subprocess.run(
                ["tesseract", "--list-langs"], capture_output=True, text=True, check=False
            ).stdout
        )

    def lines(self, flat: Any) -> list[Line]:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "page.png"
            Image.fromarray(flat).save(file, dpi=(align.DOTS, align.DOTS))
            said = subprocess.run(
                ["tesseract", str(file), "-", "-l", "jpn", "--psm", "11", "tsv"],
                capture_output=True,
                text=True,
                check=True,
                env={"OMP_THREAD_LIMIT": "1", "PATH": "/usr/bin:/bin:/usr/local/bin"},
            )
        found = []
        for row in said.stdout.splitlines()[1:]:
            cells = row.split("\t")
            if len(cells) == 12 and cells[0] == "5" and cells[11].strip():
                x, y, width, height = map(float, cells[6:10])
                found.append(Line(cells[11], (x, y, x + width, y + height), float(cells[10]) / 100))
        return found


def peers(reading: Engine) -> list[Peer]:
    """The peers that are installed."""
    return [WholePage(reading), *([Tesseract()] if Tesseract.is_there() else [])]


def told(report: Report, *, wrong: bool = False) -> dict[str, Any]:
    """The report as JSON."""
    said = {
        "forms": report.forms,
        "not_read": report.not_read,
        "seconds_a_page": round(report.seconds / max(report.forms, 1), 3),
        "ours": report.all.told(),
        "ours_written": report.written.told(),
        "peers_written": {
            one.name: {
                "fields": one.count.fields,
                "right": round(one.count.right / max(one.count.fields, 1), 4),
                "seconds_a_page": round(one.seconds / max(one.pages, 1), 3),
            }
            for one in report.peers.values()
        },
        "kinds": {kind: count.told() for kind, count in sorted(report.kinds.items())},
        "ways": {way: count.told() for way, count in sorted(report.ways.items())},
        "hands": {hand: count.told() for hand, count in sorted(report.hands.items())},
    }
    return said | ({"wrong": report.wrong} if wrong else {})


def lines(said: Mapping[str, Any]) -> list[str]:
    """The report in words."""
    ours, written = said["ours"], said["ours_written"]
    shown = [
        f"{said['forms']} pages of forms, {ours['fields']} answers, {said['seconds_a_page']} s a page",
        f"right before review   {ours['right']:.2%}   accepted unseen {ours['accepted']:.1%}   wrong though accepted {ours['wrong_accepted']:.3%}",
        f"  of what is written  {written['right']:.2%}",
    ]
    for name, one in said["peers_written"].items():
        shown.append(f"  {name:40} {one['right']:.2%}   {one['seconds_a_page']} s a page")
    for kind, one in said["kinds"].items():
        shown.append(
            f"  {kind:15} {one['fields']:5} right {one['right']:.2%} accepted {one['accepted']:.1%} wrong {one['wrong_accepted']:.3%}"
        )
    return shown + [f"  {one}" for one in said.get("wrong", ())]
