"""What a town publishes as open data, as entries: where a place is, when it is open, its telephone, what is on.

Rows are given as plain mappings with the headings of the datasets (docs/open-data.md); an empty cell has no entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from yakuba.assistant.knowledge.entry import Entry, Kind, Source
from yakuba.assistant.knowledge.files import plain, usable_link
from yakuba.assistant.knowledge.town import Town
from yakuba.clock import NotADate, parse_date, say_date
from yakuba.words import LANGUAGES, Text, ui_text, yen

Row = Mapping[str, str]
EVENTS = "events"
SHELTERS = "evacuation-sites"
SIGHTS = frozenset({"sightseeing", "cultural-properties"})
_WITHIN = frozenset({"aed", "wifi", "toilets", SHELTERS})
"""Datasets of what is at a place that other datasets tell of: asked for together, not by the name of the place."""
_HAZARD = "災害種別_"
_NAMES = ("名称", "イベント名")
_ENGLISH = ("名称_英語", "名称_英字", "イベント名_英語", "イベント名_英字")
_DAYS = ("利用可能曜日", "診療曜日")
_FROM, _TO = ("開始時間", "診療開始時間", "利用開始時間"), ("終了時間", "診療終了時間", "利用終了時間")
_NOTES = ("利用可能日時特記事項", "診療日時特記事項", "利用可能時間特記事項")
_PHONES = ("電話番号", "連絡先電話番号")
_ABOUT = ("説明", "概要", "診療科目")
_WEEK = {
    "月": "Mon",
    "火": "Tue",
    "水": "Wed",
    "木": "Thu",
    "金": "Fri",
    "土": "Sat",
    "日": "Sun",
    "祝": "holidays",
}
_LISTED = 30
"""Places that are named in the answer about all of a kind; the table has the rest."""
_MADE_UP = "（架空）"


def of_dataset(dataset: str, name: Text, rows: Iterable[Row], town: Town, *, as_of: date) -> list[Entry]:
    """The entries of a published dataset. `dataset`: its id, such as `public-facilities`; `name`: what it is called;
    `as_of`: the day of its version, and the day whose week is told of events."""
    kept = [row for row in rows if _cell(row, _NAMES)]
    source = _source(dataset, name, town, as_of)
    if dataset == EVENTS:
        return [*_events(kept, source, as_of)]
    if not kept:
        return []
    if dataset in _WITHIN:
        return [_all_of(dataset, name, kept, source), *_shelters(dataset, kept, source)]
    entries = [entry for row in kept for entry in _of_place(dataset, row, source)]
    return [*entries, _all_of(dataset, name, kept, source)]


def _source(dataset: str, name: Text, town: Town, as_of: date) -> Source:
    kind: Kind = "sight" if dataset in SIGHTS else "open_data"
    office = town.office("tourism" if kind == "sight" or dataset == EVENTS else "hall")
    return Source(kind, name.ja, town.link(f"open-data/{dataset}/"), as_of, office.called())


# -- places ------------------------------------------------------------------------------------------
def _of_place(dataset: str, row: Row, source: Source) -> Iterator[Entry]:
    name = _name(row)
    told: dict[str, Text | None] = {
        "about": _about(row),
        "where": _where(row, name),
        "hours": _opening(row, name),
        "phone": _phone(row, name),
    }
    for aspect, answer in told.items():
        if answer:
            yield _entry(f"{dataset}:{_id(row)}:{aspect}", f"ask_{aspect}", name, answer, row, source)


def _entry(key: str, asks: str, name: Text, answer: Text, row: Row, source: Source) -> Entry:
    link = usable_link(_cell(row, ("URL",))) or source.link
    plain_name = name.ja.replace(_MADE_UP, "")
    others = (f"{plain_name} {_ASPECTS[asks]}", *(_cell(row, ("名称_通称",)),)) if asks in _ASPECTS else ()
    return Entry(
        id=f"{source.kind}:{key}",
        question=_by_language(ui_text(f"knowledge.{asks}").format(name=name)),
        answer=_by_language(answer),
        source=Source(source.kind, source.title, link, source.as_of, source.office),
        others=tuple(one for one in others if one),
        topics=(source.title,),
    )


_ASPECTS = {
    "ask_about": "とは",
    "ask_where": "場所 住所 行き方",
    "ask_hours": "営業時間 開館時間 休み",
    "ask_phone": "電話 連絡先",
    "ask_event": "日程 日時",
}


def _about(row: Row) -> Text | None:
    said = "\n".join(one for one in map(plain, (row.get(head) or "" for head in _ABOUT)) if one)
    if not said:
        return None
    english = plain(row.get("説明_英語") or row.get("概要_英語") or "")
    note, charge = _cell(row, _NOTES), _charge(row)
    lines = [Text(ja=said, easy=said, en=english or said)]
    return _joined([*lines, *([Text.same(note)] if note else []), *([charge] if charge else [])])


def _where(row: Row, name: Text) -> Text | None:
    address = _address(row)
    if not address:
        return None
    known = {"knowledge.access": "アクセス方法", "knowledge.parking": "駐車場情報"}
    more = [_line(ui_text(key), cell) for key, head in known.items() if (cell := _cell(row, (head,)))]
    return _joined([ui_text("knowledge.place_where").format(name=name, address=address), *more])


def _opening(row: Row, name: Text) -> Text | None:
    hours = _hours(row)
    return ui_text("knowledge.place_hours").format(name=name, hours=hours) if hours else None


def _hours(row: Row) -> Text | None:
    """Days and times, as far as the row has them."""
    days, note = _cell(row, _DAYS), _cell(row, _NOTES)
    time = _span(_cell(row, _FROM), _cell(row, _TO))
    said = {
        "ja": [f"{'・'.join(days)}曜日" if _is_week(days) else days, time, note],
        "en": [", ".join(_WEEK[one] for one in days) if _is_week(days) else days, time, note],
    }
    said["easy"] = said["ja"]
    if not days and not time:
        return None
    return Text(**{language: " ".join(one for one in said[language] if one) for language in LANGUAGES})


def _is_week(days: str) -> bool:
    return bool(days) and set(days) <= set(_WEEK)


def _span(begins: str, ends: str) -> str:
    return f"{begins}～{ends}" if begins and ends else begins and f"{begins}～"


def _phone(row: Row, name: Text) -> Text | None:
    phone = _cell(row, _PHONES)
    return ui_text("knowledge.place_phone").format(name=name, phone=phone) if phone else None


def _all_of(dataset: str, name: Text, rows: Sequence[Row], source: Source) -> Entry:
    """What there is of a kind: the first ones by name and address, and where the rest stands."""
    shown = Text(ja=name.ja.removesuffix("一覧"), easy=name.easy, en=name.en)
    return Entry(
        id=f"{source.kind}:{dataset}:all",
        question=_by_language(ui_text("knowledge.ask_all").format(name=shown)),
        answer=_by_language(_listed(shown, rows)),
        source=source,
        others=(shown.ja, f"{shown.ja}はどこ", f"近くの{shown.ja}"),
        topics=(name.ja,),
    )


def _shelters(dataset: str, rows: Sequence[Row], source: Source) -> Iterator[Entry]:
    """Where to go in each kind of disaster; the dataset says which places are safe in which."""
    heads = [head for head in rows[0] if head.startswith(_HAZARD)] if dataset == SHELTERS else []
    for head in heads:
        safe = [row for row in rows if _cell(row, (head,)) == "1"]
        hazard = head.removeprefix(_HAZARD)
        if safe:
            yield Entry(
                id=f"{source.kind}:{dataset}:{hazard}",
                question=_by_language(ui_text("knowledge.ask_shelters").format(hazard=hazard)),
                answer=_by_language(_listed(Text.same(hazard), safe)),
                source=source,
                others=(f"{hazard} 避難場所", f"{hazard}のときどこに逃げる"),
                topics=(source.title,),
            )


def _listed(name: Text, rows: Sequence[Row]) -> Text:
    lines = [ui_text("knowledge.place_list").format(name=name, n=len(rows))]
    lines += [_line(_name(row), _at(row)) for row in rows[:_LISTED]]
    return _joined([*lines, *([ui_text("knowledge.place_more")] if len(rows) > _LISTED else [])])


def _at(row: Row) -> str:
    """The address, and where to look there."""
    within = _cell(row, ("設置位置", "提供エリア"))
    return f"{_address(row)}（{within}）" if within else _address(row)


# -- events ------------------------------------------------------------------------------------------
def _events(rows: Sequence[Row], source: Source, as_of: date) -> Iterator[Entry]:
    """Each event that is not over, and those of the seven days from `as_of` on."""
    coming = [
        (first, last, row) for row in rows if (span := _days(row)) for first, last in [span] if last >= as_of
    ]
    coming.sort(key=lambda one: one[0])
    for first, last, row in coming:
        answer = _event(first, last, row)
        yield _entry(f"{EVENTS}:{_id(row)}", "ask_event", _name(row), answer, row, source)
    end = as_of + timedelta(days=6)
    week = [one for one in coming if one[0] <= end]
    days = {"first": _day(as_of), "last": _day(end)}
    lines = [ui_text("knowledge.event_week" if week else "knowledge.event_none").format(days)]
    lines += [_line(_name(row), _when(first, last)) for first, last, row in week]
    yield Entry(
        id=f"{source.kind}:{EVENTS}:week",
        question=_by_language(ui_text("knowledge.ask_week")),
        answer=_by_language(_joined(lines)),
        source=source,
        others=("今週のイベント", "今週末の催し", "近いうちにある行事"),
        topics=(source.title,),
    )


def _event(first: date, last: date, row: Row) -> Text:
    name = _name(row)
    lines = [
        ui_text("knowledge.event_when").format(name=name, day=_day(first))
        if first == last
        else ui_text("knowledge.event_days").format(name=name, first=_day(first), last=_day(last))
    ]
    time = _span(_cell(row, _FROM), _cell(row, _TO))
    where = " ".join(one for one in (_cell(row, ("場所名称",)), _address(row)) if one)
    lines += [ui_text("knowledge.event_time").format(hours=time)] if time else []
    lines += [ui_text("knowledge.event_where").format(where=where)] if where else []
    charge, about = _charge(row), plain(row.get("説明") or "")
    lines += [charge] if charge else []
    lines += [
        Text.same(one)
        for one in (about, _cell(row, ("参加申込方法",)), _cell(row, ("開始日時特記事項",)))
        if one
    ]
    return _joined(lines)


def _days(row: Row) -> tuple[date, date] | None:
    """The first and the last day of an event; None where the first cannot be read."""
    try:
        first = parse_date(_cell(row, ("開始日",)))
    except NotADate:
        return None
    try:
        return first, parse_date(_cell(row, ("終了日",)))
    except NotADate:
        return first, first


def _when(first: date, last: date) -> Text:
    return _day(first) if first == last else _joined([_day(first), _day(last)], "～")


def _charge(row: Row) -> Text | None:
    basic, detail = _cell(row, ("料金(基本)",)), _cell(row, ("料金(詳細)",))
    if not basic and not detail:
        return None
    amount = {one: yen(int(basic), one) if basic.isdecimal() else basic for one in LANGUAGES}
    fee = {one: " ".join(part for part in (amount[one], detail) if part) for one in LANGUAGES}
    return ui_text("knowledge.event_fee").format(fee=Text(**fee))


# -- cells -------------------------------------------------------------------------------------------
def _cell(row: Row, heads: Iterable[str]) -> str:
    """The first of the cells that has something, as one line."""
    return next((one for head in heads if (one := " ".join(plain(row.get(head) or "").split()))), "")


def _id(row: Row) -> str:
    return _cell(row, ("ID",)) or _cell(row, _NAMES)


def _name(row: Row) -> Text:
    name = _cell(row, _NAMES)
    return Text(ja=name, easy=name, en=_cell(row, _ENGLISH) or name)


def _address(row: Row) -> str:
    whole = _cell(row, ("所在地_連結表記",))
    return whole or "".join(
        _cell(row, (head,)) for head in ("所在地_市区町村", "所在地_町字", "所在地_番地以下")
    )


def _line(name: Text, value: Text | str) -> Text:
    said = value if isinstance(value, Text) else Text.same(value or "－")
    return ui_text("knowledge.line").format(label=name, value=said)


def _day(day: date) -> Text:
    return Text(**{language: say_date(day, language) for language in LANGUAGES})


def _joined(ones: Iterable[Text], between: str = "\n") -> Text:
    lines = list(ones)
    return Text(**{language: between.join(one.get(language) for one in lines) for language in LANGUAGES})


def _by_language(text: Text) -> dict[str, str]:
    return {language: text.get(language) for language in LANGUAGES}
