"""The demo town's register in the items of the standard: what every row of an old file means. Nobody in it is real.

My Numbers and codes of the resident record begin with zeros and are counted up, so that they are nobody's by chance.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from stdnum.jp import in_

from yakuba.clock import age, attained_on, on_day_of_month
from yakuba.records.values.characters import shrink, to_wide
from yakuba.register.synthetic import QUARTERS, MadeHousehold, MadePerson, Maker

CODE, NAME = "394262", "高知県山あい町"
TOWNS = {quarter: f"{number:04}000" for number, quarter in enumerate(QUARTERS, start=1)}
"""The code (町字ID) of each quarter: four digits of it, and three of what lies within, of which it has nothing."""
NATIONS = {"ベトナム": "VNM", "フィリピン": "PHL", "ネパール": "NPL", "中国": "CHN", "インドネシア": "IDN"}
VARIANT = "邉\U000e0100"
"""A form of 邉 that Unicode writes with a variation selector, and old systems with a character of their own."""
ELSEWHERE = ("高知県潮見町港", "高知県高知市見本町", "大阪府大阪市北区見本町", "東京都千代田区見本")
CLERK = "IKOU000001"
AS_OF = date(2026, 10, 1)
"""The day on which the files were handed over."""
PAID_ON = tuple(date(2025 + (month < 10), month, 15) for month in (10, 12, 2, 4, 6, 8))
"""The days on which child allowance of the two months before was paid in the last year."""
OLDEST_CHILD, OLDEST_COUNTED = date(2008, 4, 2), date(2004, 4, 2)
"""Born on it or later: has child allowance, or only counts among brothers and sisters (児童手当法 第3条), in 2026."""
Record = dict[str, str]


@dataclass(slots=True)
class Resident:
    """One who lives here, or who left on a day, with the numbers that the town gave."""

    number: str
    home: Home
    person: MadePerson
    moved_in: date
    relation: str
    count: int
    moved_within: date | None = None

    @property
    def left(self) -> date | None:
        """The day of moving away."""
        return self.home.left

    @property
    def is_foreign(self) -> bool:
        return self.person.nationality != "日本"

    @property
    def is_head(self) -> bool:
        return self.home.people[0] is self

    @property
    def name(self) -> str:
        """In full width, as the standard has names."""
        wide = to_wide(self.person.name).value or ""
        return wide.replace("邉", VARIANT) if self.home.count % 2 else wide


@dataclass(slots=True)
class Home:
    """One household under its number; `left`: the day on which all of it moved away."""

    number: str
    made: MadeHousehold
    count: int
    left: date | None = None
    people: list[Resident] = field(default_factory=list)

    @property
    def quarter(self) -> str:
        return next(one for one in QUARTERS if self.made.line.startswith(NAME + one))

    @property
    def lot(self) -> str:
        """What follows the quarter, in full width."""
        return to_wide(self.made.line.removeprefix(NAME + self.quarter)).value or ""


class Town:
    """Everybody by household, and what the three operations know of them. The same for the same seed."""

    def __init__(self, seed: int, people: int):
        self._random = Random(f"old systems:{seed}")
        self._numbers = 0
        self.homes: list[Home] = []
        for made in Maker(CODE, seed, AS_OF, NAME).households(people):
            self._settle(made, None)
        for made in Maker(CODE, seed + 1000, AS_OF, NAME).households(people // 8):
            self._settle(made, AS_OF - timedelta(days=self._random.randint(40, 600)))

    @property
    def residents(self) -> Iterator[Resident]:
        return (one for home in self.homes for one in home.people)

    def _settle(self, made: MadeHousehold, left: date | None) -> None:
        home = Home(f"{500_000 + len(self.homes):015}", made, len(self.homes), left)
        for person in made.people:
            if left is None or person.birth_date < left - timedelta(days=60):
                home.people.append(self._resident(home, person))
        self.homes.append(home)

    def _resident(self, home: Home, person: MadePerson) -> Resident:
        self._numbers += 1
        latest = AS_OF if home.left is None else home.left - timedelta(days=50)
        moved_in = max(person.birth_date, min(person.moved_in, latest))
        since = (AS_OF - moved_in).days
        moves = home.left is None and since > 400 and self._random.random() < 0.12
        return Resident(
            f"{1_000_000 + 17 * self._numbers:015}",
            home,
            person,
            moved_in,
            _relation(home.made, person),
            self._numbers,
            moved_in + timedelta(days=self._random.randint(30, since - 30)) if moves else None,
        )

    # -- the register of residents -----------------------------------------------------------------
    def households(self) -> Iterator[tuple[Record, Home]]:
        for home in self.homes:
            foreign = {one.is_foreign for one in home.people}
            yield (
                {
                    "setaibango": home.number,
                    "setainushi_atenabango": home.people[0].number,
                    "setaikubun": "3" if len(foreign) > 1 else "2" if True in foreign else "1",
                    "setaiinsu": "0" if home.left else str(len(home.people)),
                    "setaijotai": "2" if home.left else "1",
                    "setaiseiritsunengappi": min(one.moved_in for one in home.people).isoformat(),
                    "setaishometsunengappi": _iso(home.left),
                },
                home,
            )

    def people(self) -> Iterator[tuple[Record, Resident]]:
        for one in self.residents:
            person, home = one.person, one.home
            yield (
                {
                    "atenabango": one.number,
                    "rirekibango": "1",
                    "setaibango": home.number,
                    "kojinbango": my_number(one.count),
                    "juminhyokodo": f"{one.count:011}",
                    "juminkubun": "2" if one.is_foreign else "1",
                    "juminjotai": "2" if one.left else "1",
                    "shimei": one.name,
                    "shimei_yomigana": person.kana,
                    "seinengappi": person.birth_date.isoformat(),
                    "seibetsu": sex(person),
                    "kyushi": "海野" if one.relation == "03" and one.count % 12 == 0 else "",
                    "tsusho": home.people[0].name[:1] + "　ハナ" if one.is_foreign and one.count % 3 else "",
                    "tsuzukigara": one.relation,
                    "juminninattanengappi": one.moved_in.isoformat(),
                    "jusho_shikuchosonkodo": CODE,
                    "jusho_choazakodo": TOWNS[home.quarter],
                    "jusho_banchigohyoki": home.lot,
                    "jusho_katagaki": "山あいハイツ１０１号" if home.count % 19 == 0 else "",
                    "jushoosadametanengappi": (one.moved_within or one.moved_in).isoformat(),
                    **(self._from_abroad(one) if one.is_foreign else _family_register(one)),
                    "sosashaid": CLERK,
                    "sosanengappi": (one.left or one.moved_within or one.moved_in).isoformat(),
                    "sosajikoku": f"{9 + one.count % 8:02}:{one.count * 7 % 60:02}",
                },
                one,
            )

    def _from_abroad(self, one: Resident) -> Record:
        status = ("05", "06", "07", "01")[one.count % 4]
        until = AS_OF + timedelta(days=100 + one.count % 900)
        return {
            "kokusekichiikikodo": NATIONS[one.person.nationality],
            "gaikokujinjuminnokubun": "1",
            "zairyushikaku": status,
            "zairyukikanmanryobi": "" if status == "01" else until.isoformat(),
            "zairyukadotobango": f"AB{one.count:08}CD",
        }

    def moves(self) -> Iterator[tuple[Record, Resident]]:
        """The history of everybody: came or was born, moved within the town, was corrected, left."""
        for one in self.residents:
            here = NAME + one.home.quarter + one.home.lot
            events = [("03" if one.moved_in == one.person.birth_date else "01", one.moved_in)]
            if one.is_foreign and events[0][0] == "01":
                events = [("02", one.moved_in)]
            if one.moved_within:
                events.append(("08", one.moved_within))
            elif one.count % 30 == 0 and one.left is None:
                events.append(("12", AS_OF - timedelta(days=3)))
            if one.left:
                events.append(("05", one.left))
            for number, (why, day) in enumerate(events, start=1):
                yield self._move(one, number, why, day, here), one

    def _move(self, one: Resident, number: int, why: str, day: date, here: str) -> Record:
        told = why != "12"
        away = one.person.nationality if why == "02" else _elsewhere(one.count)
        return {
            "atenabango": one.number,
            "idotsuban": str(number),
            "idojiyu": why,
            "idonokeiki": "1" if told else "3",
            "idonengappi": day.isoformat(),
            "todokedenengappi": min(day + timedelta(days=one.count % 14), AS_OF).isoformat() if told else "",
            "idomaejusho": away if why in ("01", "02") else f"{NAME}寺野７番地" if why == "08" else "",
            "idosakijusho": away if why == "05" else here if why == "08" else "",
        }

    # -- child allowance ---------------------------------------------------------------------------
    def families(self) -> list[Family]:
        """Who has child allowance, or had it until moving away."""
        found: list[Family] = []
        for home in self.homes:
            known = {one.person.id: one for one in home.people}
            children = [
                one for one in home.people if one.person.birth_date >= OLDEST_COUNTED and _parents(one, known)
            ]
            if not any(one.person.birth_date >= OLDEST_CHILD for one in children):
                continue
            parents = _parents(children[0], known)
            children.sort(key=lambda one: one.person.birth_date)
            # A name of one word has no given name to be written into a column of its own.
            if "　" in parents[0].name:
                found.append(Family(f"{len(found) + 1:010}", parents, children))
        return found

    # -- long-term care ----------------------------------------------------------------------------
    def insured(self) -> Iterator[tuple[Record, Resident]]:
        """Everybody of 65 and older; those who left lost it on that day. The host holds the characters of JIS only."""
        for number, one in enumerate(self._of_age(), start=1):
            reached = attained_on(one.person.birth_date, 65)
            since = max(reached, one.moved_in, date(2000, 4, 1))
            yield (
                {
                    "atenabango": one.number,
                    "rirekibango": "1",
                    "hihokenshabango": f"{number:010}",
                    "kojinbango": my_number(one.count),
                    "shimei": shrink(one.name, "shift_jis").text,
                    "shimei_yomigana": one.person.kana,
                    "seinengappi": one.person.birth_date.isoformat(),
                    "seibetsu": sex(one.person),
                    "hihokenshakubun": "1",
                    "shikakushutokunengappi": since.isoformat(),
                    "shikakushutokujiyu": "02" if one.moved_in > reached else "01",
                    "shikakusoshitsunengappi": _iso(one.left),
                    "shikakusoshitsujiyu": "01" if one.left else "",
                    "jushochitokureifuragu": "0",
                    "shisetsumeisho": "",
                    "sosashaid": CLERK,
                    "sosanengappi": (one.left or since).isoformat(),
                    "sosajikoku": f"{9 + one.count % 8:02}:00",
                },
                one,
            )

    def _of_age(self) -> Iterator[Resident]:
        return (one for one in self.residents if age(one.person.birth_date, one.left or AS_OF) >= 65)

    def assessments(self) -> Iterator[tuple[Record, Resident]]:
        """Of those over 75 about one in three was found to need care; some wait for their result."""
        for one in self._of_age():
            if one.left or age(one.person.birth_date, AS_OF) < 75 or one.count % 3:
                continue
            asked = AS_OF - timedelta(days=20 if one.count % 10 == 0 else 60 + one.count % 300)
            decided = one.count % 10 != 0
            after = {
                days: (asked + timedelta(days=days)).isoformat() if decided else ""
                for days in (9, 14, 27, 28)
            }
            level = ("11", "12", "21", "22", "23", "24", "25")[one.count % 7]
            yield (
                {
                    "atenabango": one.number,
                    "shinseibango": f"2026{one.count:08}",
                    "shinseikubun": "12"[one.count % 2],
                    "shinseinengappi": asked.isoformat(),
                    "tokuteishippei": "",
                    "ninteichosanengappi": after[9],
                    "shujiiikenshojuryonengappi": after[14],
                    "ichijihanteikekka": level if decided else "",
                    "shinsakaikaisainengappi": after[27],
                    "ninteinojokyo": "3" if decided else "1",
                    "yokaigojotaikubun": level if decided else "",
                    "ninteinengappi": after[28],
                    "ninteiyukokikan_kaishinengappi": asked.isoformat() if decided else "",
                    "ninteiyukokikan_shuryonengappi": _iso(_two_years_after(asked)) if decided else "",
                },
                one,
            )

    def premiums(self) -> Iterator[tuple[Record, Resident]]:
        for one in self._of_age():
            if one.left is None:
                step = 1 + min(12, one.person.income // 300_000)
                yield (
                    {
                        "atenabango": one.number,
                        "fukanendo": "2026",
                        "shotokudankai": f"{step:02}",
                        "nenkanhokenryogaku": str(22_000 + 13_100 * step),
                        "choshuhoho": "2" if one.count % 9 == 0 else "1",
                    },
                    one,
                )


class Family:
    """One who gets child allowance, the children it is for, and what was paid."""

    def __init__(self, number: str, parents: list[Resident], children: list[Resident]):
        self.number, self.children = number, children
        self.recipient, self.spouse = parents[0], parents[1] if len(parents) > 1 else None
        eldest = next(one for one in children if one.person.birth_date >= OLDEST_CHILD)
        self.since = max(eldest.person.birth_date, self.recipient.moved_in)
        self.is_decided = self.since + timedelta(days=20) <= AS_OF

    def record(self) -> Record:
        one, left = self.recipient, self.recipient.left
        return {
            "atenabango": one.number,
            "ninteibango": self.number,
            "kojinbango": my_number(one.count),
            "shimei": one.name,
            "shimei_yomigana": one.person.kana,
            "seinengappi": one.person.birth_date.isoformat(),
            "seibetsu": sex(one.person),
            "jukyushikakunokubun": "1",
            "shisetsutomeisho": "",
            "kanyunenkinnoshurui": "1223"[one.count % 4],
            "haigusha_atenabango": self.spouse.number if self.spouse else "",
            "seikyunengappi": (self.since + timedelta(days=7)).isoformat(),
            "ninteinengappi": (self.since + timedelta(days=20)).isoformat() if self.is_decided else "",
            "shikyukaishinengetsu": _next_month(self.since) if self.is_decided else "",
            "jukyunojotai": "3" if left else "1" if self.is_decided else "5",
            "genkyotodoketeishutsunengappi": "2026-06-08" if one.count % 8 == 0 and not left else "",
            "shometsunengappi": _iso(left),
            "shometsujiyu": "01" if left else "",
            **self._account(),
            "sosashaid": CLERK,
            "sosanengappi": (left or self.since + timedelta(days=7)).isoformat(),
            "sosajikoku": f"{9 + one.count % 8:02}:30",
        }

    def _account(self) -> Record:
        items = ("kinyukikankodo", "shitenkodo", "kozashubetsu", "kozabango", "kozameiginin")
        account = self.recipient.person.account
        return {"shiharaihoho": "1" if account else "2", **dict(zip(items, account or [""] * 5, strict=True))}

    def child_records(self) -> Iterator[tuple[Record, Resident]]:
        for number, one in enumerate(self.children, start=1):
            birth, apart = one.person.birth_date, one.count % 25 == 0
            yield (
                {
                    "ninteibango": self.number,
                    "jido_atenabango": one.number,
                    "jidoshimei": one.name,
                    "jidoseinengappi": birth.isoformat(),
                    "jidotonokankei": "1",
                    "jidonokubun": _class(birth),
                    "dainanshi": str(number),
                    "dokyobekkyonobetsu": "2" if apart else "1",
                    "bekkyojidojusho": f"{ELSEWHERE[1]}１番地{_wide(number)}" if apart else "",
                    "kaigairyugakufuragu": "0",
                    "taishogainengappi": _iso(self.recipient.left),
                    "taishogaitonattariyu": "9" if self.recipient.left else "",
                },
                one,
            )

    def payments(self) -> Iterator[Record]:
        """One for each day of payment from the claim until moving away on which something was due."""
        until = self.recipient.left or AS_OF
        days = [day for day in PAID_ON if self.since + timedelta(days=60) < day <= until]
        for number, day in enumerate(days, start=1):
            yield self.payment(number, day)

    def payment(self, number: int, day: date) -> Record:
        """What is paid on a day, whoever it may be owed to."""
        return {
            "ninteibango": self.number,
            "shiharaibango": str(number),
            "shiharainoshurui": "1",
            "shiharainengappi": day.isoformat(),
            "shiharaigaku": str(2 * self._monthly(day)),
            "shiharainojotai": "2",
        }

    def _monthly(self, day: date) -> int:
        """Source of the amounts: 児童手当法 第6条, from 2024-10-01."""
        amount = 0
        for number, one in enumerate(self.children, start=1):
            if OLDEST_CHILD <= one.person.birth_date < day:
                amount += 30_000 if number > 2 else 15_000 if age(one.person.birth_date, day) < 3 else 10_000
        return amount


def _class(birth: date) -> str:
    """To the end of the month in which three is attained the higher amount is paid (児童手当法 第6条)."""
    if birth < OLDEST_CHILD:
        return "3"
    month = attained_on(birth, 3).replace(day=1)
    return "1" if on_day_of_month(month, 1) > AS_OF else "2"


def my_number(count: int) -> str:
    """One that nobody has: zeros, a count, and the digit that checks them."""
    digits = f"{count:011}"
    return digits + in_.calc_check_digit(digits)


def sex(person: MadePerson) -> str:
    return "2" if person.sex == "female" else "1"


def _family_register(one: Resident) -> Record:
    head = one.home.people[0] if one.home.people else one
    return {"honseki": NAME + one.home.quarter + one.home.lot, "hittoshashimei": head.name}


def _relation(home: MadeHousehold, one: MadePerson) -> str:
    """How one is related to the head, as the standard codes it. The maker counts what it makes from the middle generation."""
    head = home.people[0]
    if one is head:
        return "01"
    if one.relation == "spouse" or (one.relation == "parent" and head.sex == "male"):
        return "03" if one.sex == "female" else "02"
    if one.relation == "child_spouse":
        return "99"
    parents: set[uuid.UUID | None] = {one.mother, one.father}
    is_head_grandparent = any(other.relation == "child_spouse" for other in home.people)
    return "04" if head.id in parents or not is_head_grandparent or one.father is None else "09"


def _parents(one: Resident, known: dict[uuid.UUID, Resident]) -> list[Resident]:
    """Father and mother of a child in the same household; for a grown-up's parent nobody gets an allowance."""
    ids = (one.person.father, one.person.mother)
    return [known[found] for found in ids if found is not None and found in known]


def _elsewhere(count: int) -> str:
    return f"{ELSEWHERE[count % 4]}{_wide(1 + count * 31 % 300)}番地{_wide(1 + count % 20)}"


def _next_month(day: date) -> str:
    return f"{day.year + day.month // 12}-{day.month % 12 + 1:02}"


def _two_years_after(day: date) -> date:
    """The last day of the month two years later."""
    return on_day_of_month(day.replace(day=1), 25) - timedelta(days=1)


def _wide(number: int) -> str:
    return to_wide(str(number)).value or ""


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
