"""What stands on a screen, as a person finds it: fields by the label beside them, buttons by what they say. Pure.

A browser and a plain HTTP client both hand in HTML, so a robot finds the same element either way. Old pages have no
`<label>`: there the label is the text in the cell before the field, in the head of its column, or just before it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import pairwise

from lxml import html
from lxml.etree import ParserError
from lxml.html import HtmlElement

from yakuba.robots.errors import NotOnScreen

FIELD, BUTTON, LINK, TEXT = "field", "button", "link", "text"
_PLACE = re.compile(r"#\d+")
_TYPED = {"text", "password", "tel", "number", "email", "search", "url", "date", ""}
_PRESSED = {"submit", "button", "image", "reset"}
_SILENT = {"script", "style", "head", "title", "noscript", "option", "textarea", "template"}
_DECORATION = re.compile(r"[\s:*※()【】\[\]]+|必須|任意")


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """A label without what varies: width, spaces, colons, stars, 必須."""
    return _DECORATION.sub("", unicodedata.normalize("NFKC", text))


def said(text: str) -> str:
    """A shown text with its blanks made one."""
    return " ".join(text.split())


@dataclass(frozen=True, slots=True)
class Element:
    """Something that can be typed into or pressed. `kind`: field, button, link; `role`: its type (text, select, radio,
    checkbox …); `near`: the labels before and after it; `place`: how many of its kind stand before it; `leads_on`:
    pressing it asks for another page."""

    screen: int
    path: str
    kind: str
    role: str
    label: str
    name: str = ""
    near: tuple[str, str] = ("", "")
    place: int = 0
    options: tuple[tuple[str, str], ...] = ()
    paths: tuple[str, ...] = ()
    leads_on: bool = False


class Screen:
    """One page, or one frame of it. `number`: which of those that are shown."""

    def __init__(self, source: str | bytes, url: str = "", number: int = 0):
        self.url, self.number = url, number
        try:
            self.root: HtmlElement = html.document_fromstring(source or "<html></html>")
        except ParserError:  # nothing but blanks or comments
            self.root = html.document_fromstring("<html></html>")
        self.tree = self.root.getroottree()

    def stands(self, number: int) -> None:
        """It is this one of those that are shown, from now on."""
        if number != self.number:
            self.number = number
            for name in ("fields", "pressables"):  # they say on which screen they are
                self.__dict__.pop(name, None)

    # -- what is said ------------------------------------------------------------------------------
    @cached_property
    def text(self) -> str:
        """All that can be read, blanks made one."""
        return said(" ".join(_texts(self.root)))

    @cached_property
    def title(self) -> str:
        """What the window is called."""
        return said(self.root.findtext(".//title") or "")

    def says(self, text: str) -> bool:
        """Can this be read on the screen?"""
        return said(text) in self.text or plain(text) in plain(self.text)

    @cached_property
    def cells(self) -> list[tuple[str, str]]:
        """Labels and values that are shown side by side: cells of a table, `dt` and `dd`."""
        pairs = []
        for row in self.root.iter("tr"):
            cells = [cell for cell in row if cell.tag in ("td", "th")]
            pairs += [(_said(a), _said(b)) for a, b in pairwise(cells)]
        for term in self.root.iter("dt"):
            following = term.getnext()
            if following is not None and following.tag == "dd":
                pairs.append((_said(term), _said(following)))
        return pairs

    def rows(self) -> Iterator[dict[str, str]]:
        """Rows of tables that have a row of heads: head → value."""
        for table in self.root.iter("table"):
            heads: list[str] = []
            for row in table.iter("tr"):
                cells = [cell for cell in row if cell.tag in ("td", "th")]
                if cells and all(cell.tag == "th" for cell in cells):
                    heads = [plain(_said(cell)) for cell in cells]
                elif heads and len(cells) == len(heads):
                    yield dict(zip(heads, map(_said, cells), strict=True))

    def matching(self, wanted: Mapping[str, str]) -> list[dict[str, str]]:
        """The rows in which all of these stand, by `plain` heads."""
        return [row for row in self.rows() if wanted.items() <= row.items()]

    def value_of(self, label: str) -> str | None:
        """What is shown beside a label; None where it is not shown, or twice with different values."""
        wanted = plain(label)
        found = {value for name, value in self.cells if plain(name) == wanted}
        if not found:
            found = {value for value in _after(self.text, label) if value}
        return found.pop() if len(found) == 1 else None

    def showing(self, value: str) -> list[str]:
        """Paths of the innermost elements that show a text, or hold it in a field."""
        if not value:
            return []
        paths = []
        for element in self.root.iter("*"):
            own = [element.text or "", *((child.tail or "") for child in element)]
            if value in said(" ".join(own)) or value in (element.get("value") or ""):
                paths.append(self.tree.getpath(element))
        return paths

    # -- what can be used ----------------------------------------------------------------------------
    @cached_property
    def fields(self) -> list[Element]:
        """Everything that can be filled in, in the order of the page; one element for all radios of a name."""
        found: list[tuple[HtmlElement, Element]] = []
        radios: dict[str, int] = {}
        for element in self.root.iter("input", "select", "textarea"):
            role = _role(element)
            if role is None:
                continue
            name = element.get("name") or element.get("id") or ""
            path = self.tree.getpath(element)
            if role == "radio" and name in radios:
                first, known = found[radios[name]]
                found[radios[name]] = (
                    first,
                    _with(known, path, _beside(element), element.get("value") or "on"),
                )
                continue
            label = _group_label(element) if role == "radio" else self._label(element)
            made = Element(self.number, path, FIELD, role, label, name, options=_options(element))
            if role == "radio":
                radios[name] = len(found)
                made = _with(made, path, _beside(element), element.get("value") or "on")
            found.append((element, made))
        return _placed([element for _, element in found])

    @cached_property
    def pressables(self) -> list[Element]:
        """Buttons and links, in the order of the page."""
        found = []
        for element in self.root.iter("input", "button", "a"):
            path = self.tree.getpath(element)
            if element.tag == "a":
                if element.get("href") is not None or element.get("onclick"):
                    href = element.get("href") or "#"
                    leads_on = not href.startswith(("#", "javascript:"))
                    label, name = _pressed_label(element), element.get("id") or ""
                    found.append(Element(self.number, path, LINK, "link", label, name, leads_on=leads_on))
            elif element.tag == "button" or (element.get("type") or "").lower() in _PRESSED:
                name = element.get("name") or element.get("id") or ""
                leads_on = _submits(element)
                found.append(
                    Element(
                        self.number, path, BUTTON, "button", _pressed_label(element), name, leads_on=leads_on
                    )
                )
        return _placed(found)

    def saying(self, label: str) -> list[Element]:
        """The innermost elements that say this and nothing else."""
        wanted = said(label)
        return [
            Element(self.number, self.tree.getpath(one), TEXT, "text", label)
            for one in self.root.iter("*")
            if isinstance(one.tag, str)
            and one.tag not in _SILENT
            and _said(one) == wanted
            and not any(_said(child) == wanted for child in one if isinstance(child.tag, str))
        ]

    def at(self, path: str) -> HtmlElement:
        """The element itself."""
        (element,) = self.tree.xpath(path)
        return element

    def _label(self, element: HtmlElement) -> str:
        return (
            _own_label(self.root, element)
            or _table_label(element)
            or _text_before(element)
            or _said_by_itself(element)
        )


def _with(element: Element, path: str, label: str, value: str) -> Element:
    """The radios with one more choice."""
    return replace(element, options=(*element.options, (label, value)), paths=(*element.paths, path))


def _placed(elements: Sequence[Element]) -> list[Element]:
    """The elements with their neighbours' labels and their place among their kind."""
    placed = []
    for number, one in enumerate(elements):
        before = elements[number - 1].label if number else ""
        after = elements[number + 1].label if number + 1 < len(elements) else ""
        placed.append(replace(one, near=(before, after), place=number))
    return placed


def find_field(screens: Sequence[Screen], label: str) -> Element:
    """The one field with this label on all that is shown; `#2`: the second of all, for fields that nothing labels.
    Raises NotOnScreen."""
    fields = [field for screen in screens for field in screen.fields]
    if _PLACE.fullmatch(label) and 0 < int(label[1:]) <= len(fields):
        return fields[int(label[1:]) - 1]
    return _one(fields, label, "field")


def find_pressable(screens: Sequence[Screen], label: str) -> Element:
    """The one button or link that says this; a button goes before a link, and both before a text that is no more than
    this: old screens make anything clickable by a script. Raises NotOnScreen."""
    every = [one for screen in screens for one in screen.pressables]
    wanted = plain(label)
    buttons = [one for one in every if one.kind == BUTTON and plain(one.label) == wanted]
    if buttons or any(plain(one.label) == wanted for one in every):
        return _one(buttons or every, label, "button or link")
    return _one(
        [*every, *(one for screen in screens for one in screen.saying(label))], label, "button or link"
    )


def _one(elements: Sequence[Element], label: str, kind: str) -> Element:
    found = [element for element in elements if plain(element.label) == plain(label)]
    if len(found) != 1:
        raise NotOnScreen(kind, label, [element.label for element in elements if element.label], len(found))
    return found[0]


# -- labels --------------------------------------------------------------------------------------------
def _texts(element: HtmlElement) -> Iterator[str]:
    if not isinstance(element.tag, str) or element.tag in _SILENT or _hidden(element):
        return
    yield element.text or ""
    for child in element:
        yield from _texts(child)
        yield child.tail or ""


def _hidden(element: HtmlElement) -> bool:
    return element.get("hidden") is not None or "display:none" in (element.get("style") or "").replace(
        " ", ""
    )


def _said(element: HtmlElement) -> str:
    return said(" ".join(_texts(element)))


def _role(element: HtmlElement) -> str | None:
    """The type of a field; None for what nobody fills in."""
    if _hidden(element) or element.get("disabled") is not None:
        return None
    if element.tag in ("select", "textarea"):
        return "select" if element.tag == "select" else "text"
    kind = (element.get("type") or "").lower()
    if kind in ("radio", "checkbox", "file"):
        return kind
    return None if kind in _PRESSED or kind == "hidden" else "text"


def _options(element: HtmlElement) -> tuple[tuple[str, str], ...]:
    if element.tag != "select":
        return ()
    shown = [(said(option.text_content()), option) for option in element.iter("option")]
    return tuple((label, option.get("value", label)) for label, option in shown)


def _own_label(root: HtmlElement, element: HtmlElement) -> str:
    """The label that says by itself what it is for."""
    if known := element.get("id"):
        for label in root.iter("label"):
            if label.get("for") == known:
                return _said(label)
    around = next(element.iterancestors("label"), None)
    return _said(around) if around is not None else ""


def _said_by_itself(element: HtmlElement) -> str:
    return said(element.get("aria-label") or element.get("placeholder") or element.get("title") or "")


def _table_label(element: HtmlElement) -> str:
    """The text of the nearest cell before it in its row, else the head of its column."""
    cell = next(element.iterancestors("td", "th"), None)
    if cell is None or _text_before(element):
        return ""
    before = cell.getprevious()
    while before is not None:
        if (text := _said(before)) and not _has_field(before):
            return text
        before = before.getprevious()
    return _column_head(cell)


def _column_head(cell: HtmlElement) -> str:
    row = cell.getparent()
    column = sum(1 for _ in cell.itersiblings("td", "th", preceding=True))
    table = next(cell.iterancestors("table"), None)
    if table is None:
        return ""
    for other in table.iter("tr"):
        if other is row:
            break
        cells = [one for one in other if one.tag in ("td", "th")]
        if column < len(cells) and not _has_field(cells[column]) and (text := _said(cells[column])):
            return text
    return ""


def _has_field(element: HtmlElement) -> bool:
    return next(element.iter("input", "select", "textarea"), None) is not None


def _text_before(element: HtmlElement) -> str:
    """The text just before an element within its parent: `氏名：<input>`, also across <br>, <b> and a star."""
    before, parent = element.getprevious(), element.getparent()
    while before is not None:
        if plain(before.tail or ""):
            return said(before.tail or "")
        if before.tag in ("input", "select", "textarea", "button"):
            return ""
        if plain(text := _said(before)):
            return text
        before = before.getprevious()
    return said(parent.text or "") if parent is not None else ""


def _beside(element: HtmlElement) -> str:
    """What a radio or a checkbox says: its label, else the text after it."""
    own = _own_label(element.getroottree().getroot(), element)
    return (
        own or said(element.tail or "") or (_said(after) if (after := element.getnext()) is not None else "")
    )


def _group_label(element: HtmlElement) -> str:
    group = next(element.iterancestors("fieldset"), None)
    if group is not None and (legend := group.find("legend")) is not None:
        return _said(legend)
    cell = next(element.iterancestors("td"), None)
    before = cell.getprevious() if cell is not None else None
    return _said(before) if before is not None else _text_before(element)


def _submits(element: HtmlElement) -> bool:
    kind = (element.get("type") or ("submit" if element.tag == "button" else "")).lower()
    return kind in ("submit", "image") and next(element.iterancestors("form"), None) is not None


def _pressed_label(element: HtmlElement) -> str:
    if element.tag == "input":
        return said(element.get("value") or element.get("alt") or "")
    image = element.find(".//img")
    return (
        _said(element)
        or said(element.get("aria-label") or element.get("title") or "")
        or (said(image.get("alt") or "") if image is not None else "")
    )


def _after(text: str, label: str) -> Iterator[str]:
    """Values written behind a label in running text: `登録番号：W-000012`."""
    for found in re.finditer(re.escape(said(label)) + r"\s*[:：]\s*(\S+)", text):
        yield found[1]
