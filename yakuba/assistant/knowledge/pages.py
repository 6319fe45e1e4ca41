"""The sections of an HTML page that people see: its main content by headings, without menus, scripts and hidden text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import html

Section = tuple[int, str, str, str]
"""Its line, heading, text, and the title of its page."""
Hidden = tuple[int, str]
"""Text that nobody sees, and its line."""
_DROPPED = (
    "script", "style", "noscript", "template", "iframe", "object", "embed", "svg", "math", "canvas", "audio", "video",
    "form", "select", "textarea", "input", "button", "nav", "header", "footer", "aside", "title", "base", "dialog", "map", "link", "meta",
)  # fmt: skip
_MAIN = (
    "//main", "//*[@role='main']", "//article", "//*[@id='main' or @id='content' or @id='contents' or @id='honbun' or @id='main_body']",
    "//*[contains(concat(' ', normalize-space(@class), ' '), ' main ')]",
)  # fmt: skip
_BLOCKS = frozenset(
    [
        "p",
        "div",
        "li",
        "ul",
        "ol",
        "dl",
        "dt",
        "dd",
        "table",
        "tr",
        "caption",
        "section",
        "article",
        "blockquote",
        "pre",
        "br",
        "hr",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "figure",
        "figcaption",
        "details",
        "summary",
        "address",
        "main",
        "body",
    ]
)
_UNSEEN_STYLE = re.compile(
    r"display:none|visibility:(hidden|collapse)|opacity:0(\.0+)?(?![.\d])|font-size:0(?![.\d]*[1-9])|(^|;)(width|height|max-height|max-width):0(px|em|rem|%)?(;|$|!)"
    r"|text-indent:-\d{3,}|(left|top|right|bottom|margin-left|margin-top):-\d{3,}|clip(-path)?:(rect\(0|inset\((50|100)%)|content-visibility:hidden"
    r"|transform:(scale|translate)[xy3d]*\((0|-\d{3,})|color:transparent|font-size:[01](\.\d+)?p[xt]"
)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_SIMPLE = re.compile(r"[.#]?[\w-]+")


def sections(text: str) -> Iterator[Section | Hidden]:
    """The sections of a page in their order, after the hidden texts that were found. A page without text has none."""
    if not text.strip():
        return
    tree = html.document_fromstring(
        re.sub(r"^\s*<\?xml[^>]*\?>", "", text), parser=html.HTMLParser(remove_comments=True, remove_pis=True)
    )
    hidden_by = _hidden_by_rules(tree)
    yield from _without_hidden(tree, hidden_by)
    title = _words(tree.findtext(".//title") or "")
    for tag in _DROPPED:
        for node in list(tree.iter(tag)):
            if tag != "header" or next(node.iterancestors("main", "article"), None) is None:
                node.drop_tree()
    yield from _by_headings(_main(tree), title)


def _main(tree: Any) -> Any:
    for path in _MAIN:
        found = tree.xpath(path)
        if found:
            return found[0]
    body = tree.find("body")
    return tree if body is None else body


# -- what nobody sees --------------------------------------------------------------------------------
def _hidden_by_rules(tree: Any) -> set[str]:
    """Classes, ids and tags that a style sheet of the page hides: simple selectors, which is how it is done."""
    found = set[str]()
    for sheet in tree.iter("style"):
        for selectors, rules in _RULE.findall(re.sub(r"/\*.*?\*/", "", sheet.text or "", flags=re.DOTALL)):
            if _is_unseen(rules):
                found |= {one.strip() for one in selectors.split(",") if _SIMPLE.fullmatch(one.strip())}
    return found


def _is_unseen(style: str) -> bool:
    squeezed = re.sub(r"\s+|/\*.*?\*/", "", style).lower()
    colours = dict(re.findall(r"(?:^|;)(color|background-color|background):([^;!]+)", squeezed))
    background = colours.get("background-color") or colours.get("background")
    white = {"#fff", "#ffffff", "white", "rgb(255,255,255)"}
    same = "color" in colours and (
        colours["color"] == background or (background is None and colours["color"] in white)
    )
    return same or bool(_UNSEEN_STYLE.search(squeezed))


def _without_hidden(tree: Any, hidden_by: set[str]) -> Iterator[Hidden]:
    for node in list(tree.iter()):
        if not isinstance(node.tag, str) or node.tag in ("html", "body") or not _is_hidden(node, hidden_by):
            continue
        if node.getparent() is None:
            continue
        text = _words(node.text_content()) if node.tag not in ("script", "style") else ""
        if text:
            yield node.sourceline or 1, text
        node.drop_tree()


def _is_hidden(node: Any, hidden_by: set[str]) -> bool:
    names = {node.tag, f"#{node.get('id')}", *(f".{one}" for one in (node.get("class") or "").split())}
    return (
        node.get("hidden") is not None
        or node.get("aria-hidden") == "true"
        or bool(names & hidden_by)
        or (node.tag == "font" and (node.get("color") or "").lower() in ("white", "#fff", "#ffffff"))
        or _is_unseen(node.get("style") or "")
    )


# -- sections ----------------------------------------------------------------------------------------
def _by_headings(main: Any, title: str) -> Iterator[Section]:
    """Each heading, `dt` and `summary` with what stands below it until the next."""
    heading, line, body = title, 1, list[str]()
    for kind, text, at in _pieces(main):
        if kind != "heading":
            body.append(text)
            continue
        if section := _section(line, heading, body, title):
            yield section
        heading, line, body = _words(text), at, []
    if section := _section(line, heading, body, title):
        yield section


def _section(line: int, heading: str, body: list[str], title: str) -> Section | None:
    text = re.sub(r"[ \t]*\n\s*", "\n", "".join(body)).strip()
    if not heading or not text:
        return None
    return line, heading, text, title


def _pieces(node: Any) -> Iterator[tuple[str, str, int]]:
    """The text of the tree in its order: `heading` for the words of a heading, `text` for others, a line break around blocks."""
    if node.tag in ("h1", "h2", "h3", "h4", "h5", "h6", "dt", "summary"):
        yield "heading", node.text_content(), node.sourceline or 1
        return
    block = node.tag in _BLOCKS
    if block:
        yield "text", "\n・" if node.tag == "li" else "\n", 0
    if node.text:
        yield "text", _inline(node.text), 0
    for child in node:
        if isinstance(child.tag, str):
            yield from _pieces(child)
        if child.tail:
            yield "text", _inline(child.tail), 0
    if block:
        yield "text", "\n", 0
    elif node.tag in ("th", "td"):
        yield "text", "：" if node.tag == "th" else " ", 0


def _inline(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _words(text: str) -> str:
    return " ".join(text.split())
