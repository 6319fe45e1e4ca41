"""A town's questions and pages, read from CSV, Markdown and HTML.

What stands in a file is a quotation and nothing else: nothing of it is run, no picture or page is fetched, markup is left out,
and so is text that nobody sees. A sentence that gives orders to a machine stays what it is, a sentence, and is reported.
"""

from __future__ import annotations

import csv
import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urljoin, urlsplit

from yakuba.assistant.knowledge.entry import Audience, Entry, Source
from yakuba.assistant.knowledge.town import Town
from yakuba.assistant.masking import has_my_number
from yakuba.clock import NotADate, parse_date
from yakuba.words import Text, ui_text

if TYPE_CHECKING:
    from yakuba.assistant.knowledge import pages

As = Literal["faq", "page", "manual"]
"""As what a file is read: questions and answers, pages, or the manual of the staff."""
_TITLES: Mapping[As, str] = {"faq": "{town} よくある質問", "page": "{town}のページ", "manual": "職員の手引き"}
"""What a source is called that says no title of its own."""
LARGEST = 5_000_000
"""Bytes in one file."""
_KINDS = {".csv": "csv", ".md": "markdown", ".markdown": "markdown", ".html": "html", ".htm": "html"}
_HEADS: Mapping[str, tuple[str, ...]] = {
    "question": ("question", "質問", "問い", "問", "件名", "タイトル", "title", "q"),
    "answer": ("answer", "回答", "答え", "答", "本文", "内容", "a"),
    "link": ("link", "url", "リンク", "アドレス", "ページ", "参照先"),
    "office": ("office", "担当", "担当課", "所管", "所管課", "部署", "課", "問い合わせ先"),
    "date": ("date", "as_of", "日付", "更新日", "最終更新日", "作成日"),
    "audience": ("audience", "公開", "対象", "公開範囲", "区分"),
    "others": ("others", "言い換え", "別の聞き方", "キーワード"),
    "replaces": ("replaces", "差し替え", "置き換え"),
}
_AUDIENCES: Mapping[str, Audience] = {
    "": "public", "public": "public", "公開": "public", "住民": "public", "一般": "public", "○": "public",
    "staff": "staff", "職員": "staff", "職員用": "staff", "非公開": "staff", "庁内": "staff", "内部": "staff",
}  # fmt: skip
_UNSEEN = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
"""Characters that take no room: blanks of no width, marks of direction, tags. With them a text reads otherwise than it looks."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_ORDERS = re.compile(
    r"""ignore\s+(all\s+|any\s+|the\s+)*(previous|prior|above|earlier)|disregard\s+(all|the|previous|any)
    |system\s*prompt|you\s+are\s+(now\s+)?(an?\s+)?(ai|assistant|chatbot|language\s+model|system)|as\s+an?\s+(ai|language\s+model)
    |new\s+instructions?\s*:|(do\s+not|don't)\s+(tell|reveal|mention)\s+(the\s+)?user|\bjailbreak|\bdeveloper\s+mode
    |<\|?(system|im_start|endoftext)|\[/?inst\]|\#{2,}\s*(system|instruction)
    |(以前|これまで|上記|前|今まで)の(すべての)?(指示|命令|プロンプト)[をは]?.{0,8}(無視|忘れ|破棄)|指示を(無視|忘れ)
    |システム\s*プロンプト|あなたは(今から|これから)?.{0,12}(AI|ＡＩ|アシスタント|チャットボット|言語モデル)
    |(AI|ＡＩ|アシスタント|チャットボット|機械|プログラム)(は|へ|に)?[、:：]?.{0,16}(答えて(ください|はいけ)|回答(せよ|すること|しなさい)|出力(せよ|して))
    |と(必ず|かならず)?(回答|出力|返答)(せよ|しなさい|すること)""",
    re.IGNORECASE | re.VERBOSE,
)
_MARKUP = re.compile(r"<!--.*?-->|<(script|style)\b.*?</\1\s*>|</?[A-Za-z][^<>]*>", re.DOTALL | re.IGNORECASE)
_DECLARED = re.compile(rb"charset=[\"']?\s*(euc-jp|shift_jis|utf-8)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Note:
    """What is to be known of a file: where, what, and how to mend it. `held`: that part was not read."""

    file: str
    line: int
    what: Text
    mend: Text
    held: bool = True

    def said(self, language: str) -> str:
        """In one line, as `faq.csv:12 — what. mend.`"""
        return f"{self.file}:{self.line} — {self.what.get(language)} {self.mend.get(language)}"


@dataclass(slots=True)
class Report:
    """What was read from a file, and what is to be known of it."""

    file: str
    entries: list[Entry] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    @property
    def held(self) -> list[Note]:
        """What was not read, and why."""
        return [note for note in self.notes if note.held]


@dataclass(frozen=True, slots=True)
class _Part:
    """A question or a section as it stands in a file."""

    line: int
    question: str
    answer: str
    title: str = ""
    link: str = ""
    office: str = ""
    day: str = ""
    audience: str = ""
    others: tuple[str, ...] = ()
    replaces: str = ""


def read_file(path: Path, town: Town, *, read_as: As, as_of: date, base: str = "") -> Report:
    """The entries of a file. `base`: the address of the page, to which its relative links are taken.

    `as_of` counts where a row has no date of its own. Of `manual` all is for staff. Nothing is raised for what the file
    says: `Report.notes` tells it.
    """
    report = Report(path.name)
    text = _text(path, report)
    if text is None:
        return report
    kind = _KINDS[path.suffix.lower()]
    parts: Iterable[_Part]
    if kind == "csv":
        parts = _csv(text, report)
    elif kind == "markdown":
        parts = _markdown(text)
    else:
        from yakuba.assistant.knowledge import pages  # lxml is not needed to start

        parts = list(_seen(pages.sections(text), report))
    _enter(parts, report, town, read_as, as_of, base)
    if not report.entries and not report.notes:
        report.notes.append(_note(report, 1, "no_text"))
    return report


def read_files(paths: Iterable[Path], town: Town, *, read_as: As, as_of: date) -> list[Report]:
    """As `read_file`, of several."""
    return [read_file(path, town, read_as=read_as, as_of=as_of) for path in paths]


# -- text --------------------------------------------------------------------------------------------
def _text(path: Path, report: Report) -> str | None:
    """The file's text; None, with a note, where there is none."""
    if not path.is_file():
        report.notes.append(_note(report, 1, "not_there"))
        return None
    if path.suffix.lower() not in _KINDS:
        report.notes.append(_note(report, 1, "kind", kind=path.suffix or path.name))
        return None
    if path.stat().st_size > LARGEST:
        report.notes.append(_note(report, 1, "large", mb=LARGEST // 1_000_000))
        return None
    written = path.read_bytes()
    declared = _DECLARED.search(written[:2_048])
    first = ("euc_jp",) if declared and declared[1].lower() == b"euc-jp" else ()
    for encoding in (*first, "utf-8-sig", "cp932"):
        try:
            text = written.decode(encoding)
        except UnicodeDecodeError:
            continue
        return text.replace("\r\n", "\n").replace("\r", "\n")
    report.notes.append(_note(report, 1, "encoding"))
    return None


def plain(text: str) -> str:
    """Text as it is shown: composed (NFC), without markup, controls and characters that nobody sees, lines trimmed.

    >>> plain("  ご\\u200bみ<b>の日</b>は<script>x</script>\\n\\n\\n月曜です ")
    'ごみの日は\\n月曜です'
    """
    seen = _CONTROL.sub("", _UNSEEN.sub("", unicodedata.normalize("NFC", text)))
    while (less := _MARKUP.sub("", seen)) != seen:  # what is left when markup is taken out may be markup
        seen = less
    lines = (re.sub(r"[ \t\u3000]+", " ", line).strip() for line in seen.splitlines())
    return "\n".join(line for line in lines if line)


def looks_like_orders(text: str) -> str | None:
    """The words in it that look like instructions to a machine, if any."""
    found = _ORDERS.search(unicodedata.normalize("NFKC", text))
    return found[0].strip() if found else None


def usable_link(link: str, base: str = "") -> str | None:
    """The address, if it is one of the web or of this site; None for every other (`javascript:`, `data:`, `//host` …).

    >>> usable_link("/394262/services/"), usable_link("javascript:alert(1)"), usable_link("../a.html", "https://town.example/b/c.html")
    ('/394262/services/', None, 'https://town.example/a.html')
    """
    try:
        parts = urlsplit(urljoin(base, link) if base else link)
    except ValueError:
        return None
    whole = parts.geturl()
    if re.search(r"[\s<>\"'`\\]", whole) or _UNSEEN.search(whole) or _CONTROL.search(whole):
        return None
    if parts.scheme in ("http", "https"):
        return whole if parts.hostname and "@" not in parts.netloc else None
    return whole if not parts.scheme and not parts.netloc and whole.startswith("/") else None


# -- kinds of files ----------------------------------------------------------------------------------
def _csv(text: str, report: Report) -> list[_Part]:
    rows = csv.reader(text.splitlines(keepends=True))
    try:
        heads = next(rows, [])
        places = _places(heads)
        if not {"question", "answer"} <= set(places):
            report.notes.append(_note(report, 1, "no_headings", heads="、".join(heads)[:120] or "－"))
            return []
        parts, began = [], rows.line_num + 1
        for row in rows:
            if any(cell.strip() for cell in row):
                cells = {name: row[at] if at < len(row) else "" for name, at in places.items()}
                parts.append(_of_row(began, cells))
            began = rows.line_num + 1
    except csv.Error:
        report.notes.append(_note(report, rows.line_num, "encoding"))
        return []
    return parts


def _of_row(line: int, cells: Mapping[str, str]) -> _Part:
    return _Part(
        line,
        plain(cells["question"]),
        plain(cells["answer"]),
        link=cells.get("link", "").strip(),
        office=plain(cells.get("office", "")),
        day=plain(cells.get("date", "")),
        audience=plain(cells.get("audience", "")).lower(),
        others=tuple(one for way in re.split(r"[／;；\n]", cells.get("others", "")) if (one := plain(way))),
        replaces=cells.get("replaces", "").strip(),
    )


def _places(heads: Sequence[str]) -> dict[str, int]:
    """In which column what stands."""
    folded = [plain(unicodedata.normalize("NFKC", head)).lower() for head in heads]
    found = {name: [folded.index(one) for one in ways if one in folded] for name, ways in _HEADS.items()}
    return {name: places[0] for name, places in found.items() if places}


def _markdown(text: str) -> Iterator[_Part]:
    """Each heading with the text below it; the first heading of the first level is the title of the page."""
    title, heading, began, body = "", "", 1, list[str]()
    fenced = False
    for number, line in enumerate([*_without_comments(text).split("\n"), "# "], start=1):
        fenced ^= line.lstrip().startswith(("```", "~~~"))
        found = None if fenced else re.match(r" {0,3}(#{1,6})\s+(.*?)\s*#*\s*$", line)
        if not found:
            body.append(line)
            continue
        if heading and any(one.strip() for one in body):
            yield _section(began, heading, _unlinked("\n".join(body)), title)
        heading, began, body = _unlinked(found[2]), number, []
        title = title or (heading if len(found[1]) == 1 else "")


def _section(line: int, heading: str, body: str, title: str) -> _Part:
    """A section of a page; it can be asked for together with the title of the page."""
    heading, title = plain(heading), plain(title)
    others = (f"{title} {heading}",) if title and title != heading else ()
    return _Part(line, heading, plain(body), title, others=others)


def _without_comments(text: str) -> str:
    """HTML comments taken out, their lines kept, so that line numbers stay."""
    return re.sub(r"<!--.*?(-->|\Z)", lambda found: "\n" * found[0].count("\n"), text, flags=re.DOTALL)


def _unlinked(text: str) -> str:
    """Markdown as text: links and emphasis by their words, pictures and the addresses of links left out."""
    text = re.sub(r"!\[[^\]]*\]\([^)]*\)", "", text)
    text = re.sub(r"\[([^\]]+)\](\([^)]*\)|\[[^\]]*\])", r"\1", text)
    text = re.sub(r"^\s*\[[^\]]+\]:\s+\S.*$", "", text, flags=re.MULTILINE)
    text = re.sub(r"<(https?://[^<>\s]+)>", r"\1", text)
    text = re.sub(r"^(\s*)[*+-]\s+", r"\1・", text, flags=re.MULTILINE)
    text = re.sub(r"^\s*(```|~~~).*$", "", text, flags=re.MULTILINE)
    return re.sub(r"(\*\*|__|`)(.+?)\1", r"\2", text)


def _seen(page: Iterable[pages.Section | pages.Hidden], report: Report) -> Iterator[_Part]:
    """The sections of a page; hidden text is told and left out."""
    for one in page:
        if len(one) == 2:
            report.notes.append(_note(report, one[0], "hidden", held=False, text=_short(one[1])))
        else:
            yield _section(*one)


# -- entries -----------------------------------------------------------------------------------------
def _enter(parts: Iterable[_Part], report: Report, town: Town, read_as: As, as_of: date, base: str) -> None:
    """Make entries of the parts that can be used, and say what is to be known of each."""
    asked: dict[str, int] = {}
    for part in parts:
        if problem := _problem(part, asked, report):
            report.notes.append(problem)
            continue
        asked[part.question] = part.line
        if orders := looks_like_orders(f"{part.question}\n{part.answer}"):
            report.notes.append(
                _note(report, part.line, "looks_instruction", held=False, text=_short(orders))
            )
        report.entries.append(_entry(part, report, town, read_as, as_of, base))


def _problem(part: _Part, asked: Mapping[str, int], report: Report) -> Note | None:
    """Why a part is not read."""
    if not part.question:
        return _note(report, part.line, "no_question", "empty")
    if not part.answer:
        return _note(report, part.line, "no_answer", "empty")
    if has_my_number(f"{part.question} {part.answer}"):
        return _note(report, part.line, "my_number")
    if part.question in asked:
        return _note(report, part.line, "twice", line=asked[part.question])
    if part.audience not in _AUDIENCES:
        return _note(report, part.line, "bad_audience", audience=part.audience)
    return None


def _entry(part: _Part, report: Report, town: Town, read_as: As, as_of: date, base: str) -> Entry:
    link = usable_link(part.link, base) if part.link else usable_link(base) if base else ""
    if link is None:
        report.notes.append(_note(report, part.line, "bad_link", held=False, link=_short(part.link)))
    audience: Audience = "staff" if read_as == "manual" else _AUDIENCES[part.audience]
    office = part.office or town.office("hall").called()
    source = Source(
        read_as,
        part.title or _TITLES[read_as].format(town=town.name.ja),
        link or "",
        _day(part, report, as_of),
        office,
    )
    return Entry(
        id=f"{read_as}:{_key(report.file, part.question)}",
        question={"ja": part.question},
        answer={"ja": part.answer},
        source=source,
        audience=audience,
        others=part.others,
        replaces=part.replaces or None,
    )


def _day(part: _Part, report: Report, as_of: date) -> date:
    if not part.day:
        return as_of
    try:
        return parse_date(part.day)
    except NotADate:
        report.notes.append(_note(report, part.line, "bad_date", held=False, day=_short(part.day)))
        return as_of


def _key(file: str, question: str) -> str:
    """The same question of the same file has the same id when it is imported again."""
    return hashlib.sha256(f"{file}\0{question}".encode()).hexdigest()[:12]


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:59]}…"


def _note(report: Report, at: int, what: str, mend: str = "", *, held: bool = True, **values: object) -> Note:
    said = ui_text(f"knowledge.{what}").format(values)
    return Note(report.file, at, said, ui_text(f"knowledge.{mend or what}_mend"), held)
