"""From what a person typed to a typed answer, and back to words: one place for every channel."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from yakuba import clock
from yakuba.booking import queries as booking
from yakuba.declare import Fact, Service
from yakuba.messages import mail, sms
from yakuba.messages import queries as messages
from yakuba.money import account, banks, kana
from yakuba.words import Text, halfwidth, is_kana, kana_name, normalise_name, ui_text, yen

LARGEST = 10**12
_PHONE = re.compile(r"\+?\d{9,15}")
_ERAS = {"reiwa": "令和", "heisei": "平成", "showa": "昭和", "taisho": "大正", "meiji": "明治"}
ERAS = ("western", *_ERAS)
PARTS = ("era", "year", "month", "day")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class Wrong(ValueError):
    """An answer that cannot be taken; `text` says what is wrong and how to mend it, in three languages."""

    def __init__(self, text: Text):
        self.text = text
        super().__init__(text.en)


def kind_of(fact: Fact) -> str:
    """How the answer is given: the declared kind, or the one that fits the fact's type."""
    plain = {
        "bool": "yes_no",
        "int": "count",
        "number": "decimal",
        "date": "date",
        "choice": "choice",
        "text": "text",
    }
    return fact.answer or plain[fact.type]


def choices_of(fact: Fact) -> dict[str, Text]:
    """What can be chosen: all that is declared, but for a way of being told that there is not here."""
    if fact.answer != "carrier":
        return dict(fact.choices)
    here = messages.carriers()
    return {name: words for name, words in fact.choices.items() if name in here}


def read(fact: Fact, raw: Mapping[str, str], label: Text) -> Any:
    """The typed answer, or None when nothing was given. `raw`: "" and, for dates, era, year, month, day.

    Raises Wrong.
    """
    given = _date_text(raw) if fact.type == "date" else clean(raw.get("", ""))
    if not given:
        return None
    reader = _READERS.get(kind_of(fact), _BY_TYPE[fact.type])
    answer = reader(given, fact, label)
    if isinstance(answer, str) and len(answer) > fact.max_length:
        raise Wrong(_say("error.too_long", label, max=fact.max_length, length=len(answer)))
    return answer


def _say(key: str, label: Text, **values: Any) -> Text:
    text = ui_text(key)
    names = text.placeholders()
    said = {language: {"field": label.get(language), **values} for language in ("ja", "easy", "en")}
    return Text(
        **{
            language: _filled(text, language, {n: v for n, v in given.items() if n in names})
            for language, given in said.items()
        }
    )


def _filled(text: Text, language: str, values: Mapping[str, Any]) -> str:
    return text.format(**values).get(language) if values else text.get(language)


def clean(given: str) -> str:
    """Without blanks around it and without control characters, which no answer needs and no database takes."""
    return _CONTROL.sub("", given).strip()


# -- readers -------------------------------------------------------------------------------------
def _yes_no(given: str, fact: Fact, label: Text) -> bool:
    if given not in ("yes", "no"):
        raise Wrong(_say("error.choose_one", label))
    return given == "yes"


def _choice(given: str, fact: Fact, label: Text) -> str:
    if given not in choices_of(fact):
        raise Wrong(_say("error.choose_one", label))
    return given


def _number(given: str, fact: Fact, label: Text) -> int:
    digits = halfwidth(given).replace(",", "").replace("円", "").replace(" ", "")
    if not re.fullmatch(r"-?[0-9]+", digits):
        raise Wrong(_say("error.not_a_number", label))
    if digits.startswith("-") and digits.strip("-0"):
        raise Wrong(_say("error.too_small", label, min=0))
    digits = digits.strip("-").lstrip("0") or "0"
    if len(digits) > len(str(LARGEST)) or int(digits) > LARGEST:
        raise Wrong(_say("error.too_large", label, max=f"{LARGEST:,}"))
    return int(digits)


def _decimal(given: str, fact: Fact, label: Text) -> float | int:
    """A number that may have a fraction; a minus is for the fact's own check to refuse."""
    digits = halfwidth(given).replace(",", "").replace(" ", "")
    if not re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,15})?", digits):
        raise Wrong(_say("error.not_a_number", label))
    return float(digits) if "." in digits else int(digits)


def _date_text(raw: Mapping[str, str]) -> str:
    """The parts as one text to be read, or what was typed whole."""
    year, month, day = (halfwidth(raw.get(part, "")).strip() for part in ("year", "month", "day"))
    if not (year or month or day):
        return raw.get("", "").strip()
    # four digits can only be a western year, whatever era was left chosen beside it
    era = "" if len(year) == 4 else _ERAS.get(raw.get("era", ""), "")
    return f"{era}{year}年{month}月{day}日"


def _date(given: str, fact: Fact, label: Text) -> date:
    try:
        return clock.parse_date(halfwidth(given))
    except clock.NotADate as error:
        raise Wrong(error.text) from error


def _name(given: str, fact: Fact, label: Text) -> str:
    return normalise_name(given)


def _kana(given: str, fact: Fact, label: Text) -> str:
    name = kana_name(given)
    if not is_kana(name):
        raise Wrong(_say("error.not_kana", label))
    return name


def check_holder(given: str) -> None:
    """Can a bank file carry this holder's name? Raises Wrong."""
    try:
        kana.bank_kana(given)
    except (kana.NotBankKana, kana.TooLong) as error:
        raise Wrong(error.text) from error


def _phone(given: str, fact: Fact, label: Text) -> str:
    digits = re.sub(r"[-() ]", "", halfwidth(given))
    if not _PHONE.fullmatch(digits):
        raise Wrong(_say("error.not_a_phone", label))
    return digits


def _postal_code(given: str, fact: Fact, label: Text) -> str:
    digits = re.sub(r"[-〒 ]", "", halfwidth(given))
    if not re.fullmatch(r"\d{7}", digits):
        raise Wrong(_say("error.not_a_postcode", label))
    return digits


def email(given: str) -> str:
    """A mail address as it was typed, in half width. Raises Wrong for one that no mail can be addressed to."""
    address = halfwidth(given.strip())
    if not mail.can_reach(address):
        raise Wrong(ui_text("error.not_an_email"))
    return address


def _email(given: str, fact: Fact, label: Text) -> str:
    return email(given)


def _digits(given: str, fact: Fact, label: Text) -> str:
    digits = re.sub(r"[- ]", "", halfwidth(given))
    if not digits.isdigit():
        raise Wrong(_say("error.not_a_number", label))
    return digits


def _bank(given: str, fact: Fact, label: Text) -> str:
    if not re.search(r"\d", given):
        return _bank_named(given)
    code = _digits(given, fact, label).zfill(4)
    try:
        banks.bank(code)
    except banks.NoSuchBank as error:
        raise Wrong(error.text) from error
    return code


def _bank_named(given: str) -> str:
    """The code of the bank with this name, as people say it: a passbook often has no code. Raises Wrong."""
    wanted = _bank_name(given)
    named = {bank.code: _bank_name(bank.name) for bank in banks.all_banks()}
    found = [code for code, name in named.items() if name == wanted]
    found = found or [code for code, name in named.items() if wanted and name.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise Wrong(ui_text("apply.no_such_bank").format(name=given))
    nearest = "、".join(f"{code} {banks.bank(code).name}" for code in found[:5])
    raise Wrong(ui_text("apply.which_bank").format(name=given, nearest=nearest))


def _bank_name(name: str) -> str:
    """Without what the table of banks leaves out of a name."""
    short = (
        halfwidth(name).replace("信用金庫", "信金").replace("信用組合", "信組").replace("労働金庫", "労金")
    )
    return re.sub(r"\s|^(株式会社|ja)|銀行$", "", short.replace("農業協同組合", "農協").casefold())


def _branch(given: str, fact: Fact, label: Text) -> str:
    return _digits(given, fact, label).zfill(3)


def _account_number(given: str, fact: Fact, label: Text) -> str:
    try:
        return account.account_number(given)
    except account.BadAccount as error:
        raise Wrong(error.text) from error


def _place(given: str, fact: Fact, label: Text) -> str:
    if booking.place(given) is None:
        raise Wrong(ui_text("booking.gone"))
    return given


def _text(given: str, fact: Fact, label: Text) -> str:
    return given


_READERS: Mapping[str, Callable[[str, Fact, Text], Any]] = {
    "name": _name,
    "kana": _kana,
    "phone": _phone,
    "postal_code": _postal_code,
    "email": _email,
    "bank": _bank,
    "branch": _branch,
    "account_number": _account_number,
    "place": _place,
}
_BY_TYPE: Mapping[str, Callable[[str, Fact, Text], Any]] = {
    "bool": _yes_no,
    "int": _number,
    "number": _decimal,
    "date": _date,
    "text": _text,
    "choice": _choice,
}


def check_branch(bank: str, branch: str) -> None:
    """Bank and branch together, against the real master. Raises Wrong."""
    try:
        banks.branch(bank, branch)
    except (banks.NoSuchBank, banks.NoSuchBranch) as error:
        raise Wrong(error.text) from error


def check_reached(contact: str, phone: str) -> None:
    """Can texts be sent to the telephone that was given? Raises Wrong."""
    if contact == "sms" and not sms.mobile(phone):
        raise Wrong(ui_text("error.not_a_mobile"))


# -- answers of another system -------------------------------------------------------------------
def checked(service: Service, said: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Text]]:
    """The answers that another system hands in, read as typed ones are: a copy with what could be read, and by name what
    could not. A name that the service does not ask for is wrong, too."""
    good: dict[str, Any] = {}
    wrong: dict[str, Text] = {}
    for name, value in said.items():
        if name in service.lists:
            good[name] = _checked_items(service, name, value, wrong)
        elif isinstance(value, Mapping):
            facts = {key: service.facts.get(f"{name}.{key}") for key in value}
            good[name] = _checked_group(name, value, facts, wrong)
        else:
            wrong[name] = ui_text("api.unknown").format(name=name)
    return good, wrong


def _checked_items(service: Service, name: str, value: Any, wrong: dict[str, Text]) -> list[dict[str, Any]]:
    kind = service.lists[name]
    if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
        wrong[name] = ui_text("api.not_a_list").format(name=name)
        return []
    return [
        _checked_group(f"{name}[{place}]", item, {key: kind.facts.get(key) for key in item}, wrong)
        for place, item in enumerate(value)
    ]


def _checked_group(
    name: str, value: Mapping[str, Any], facts: Mapping[str, Fact | None], wrong: dict[str, Text]
) -> dict[str, Any]:
    group: dict[str, Any] = {}
    for key, said in value.items():
        fact = facts[key]
        if fact is None:
            wrong[f"{name}.{key}"] = ui_text("api.unknown").format(name=f"{name}.{key}")
            continue
        try:
            group[key] = _checked_one(fact, said)
        except Wrong as found:
            wrong[f"{name}.{key}"] = found.text
    return group


def _checked_one(fact: Fact, said: Any) -> Any:
    """Texts, dates and choices are read as typed ones are; numbers and yes or no come as such. Raises Wrong."""
    if said is None:
        return None
    if isinstance(said, str) and fact.type in ("text", "date", "choice"):
        answer = read(fact, {"": said}, fact.label)
        return answer.isoformat() if isinstance(answer, date) else answer
    if not _fits(fact, said):
        raise Wrong(_say("api.wrong_type", fact.label, type=fact.type))
    return said


# -- kept answers ---------------------------------------------------------------------------------
def fitting(service: Service, kept: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of the kept answers, plain dicts and lists, that the service has a use for. The service may have changed since they were given:
    an answer whose question is gone, or that is no longer one of the choices, is left out and so asked anew.
    """
    fit: dict[str, Any] = {}
    for name, fact in service.facts.items():
        group, _, key = name.partition(".")
        part = kept.get(group)
        if isinstance(part, dict) and _fits(fact, part.get(key)):
            fit.setdefault(group, {})[key] = part[key]
    for name, kind in service.lists.items():
        if isinstance(items := kept.get(name), list):
            fit[name] = [
                {key: item[key] for key, fact in kind.facts.items() if _fits(fact, item.get(key))}
                for item in items
                if isinstance(item, dict)
            ]
    return fit


_PYTHON: Mapping[str, type | tuple[type, ...]] = {"int": int, "number": (int, float), "text": str}


def _fits(fact: Fact, value: Any) -> bool:
    if fact.type == "choice":
        return value in fact.choices
    if fact.type == "date":
        return isinstance(value, str) and _is_iso(value)
    if fact.type == "bool" or isinstance(value, bool):
        return fact.type == "bool" and isinstance(value, bool)
    if isinstance(value, int | float) and abs(value) > LARGEST:
        return False
    return isinstance(value, _PYTHON[fact.type])


def _is_iso(value: str) -> bool:
    try:
        return bool(date.fromisoformat(value))
    except ValueError:
        return False


# -- and back -------------------------------------------------------------------------------------
def parts_of(value: date) -> dict[str, str]:
    """A date as it stands in the parts of its question."""
    return {"era": "western", "year": str(value.year), "month": str(value.month), "day": str(value.day)}


def say(fact: Fact, value: Any, language: str) -> str:
    """An answer in words; an empty text where there is none."""
    if value is None or value == "":
        return ""
    if fact.type == "bool":
        return ui_text("yes" if value else "no").get(language)
    if fact.type == "choice":
        return fact.choices[value].get(language) if value in fact.choices else str(value)
    if fact.type == "date":
        return clock.say_date(value if isinstance(value, date) else date.fromisoformat(value), language)
    if fact.unit and fact.unit.startswith("JPY") and isinstance(value, int):
        return yen(value, language)
    return _named(fact, str(value), language)


def _named(fact: Fact, value: str, language: str) -> str:
    """A bank code with the bank's name, as a passbook has it; a postal code as it stands on letters; a place by its
    name and time."""
    if kind_of(fact) == "postal_code":
        return f"{value[:3]}-{value[3:]}"
    if kind_of(fact) == "bank":
        try:
            return f"{value} {banks.bank(value).name}"
        except banks.NoSuchBank:
            return value
    if kind_of(fact) == "place" and (place := booking.place(value)):
        return f"{place.name[language]} {booking.when(place, language)}".strip()
    return value
