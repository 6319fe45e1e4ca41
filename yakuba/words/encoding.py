"""How browsers, and Windows, write text in the encodings of old systems. Pure.

Python's `cp932` is not it: it writes 髙 and 388 more characters as NEC's copies (ED40 to EEFC), where browsers and Windows
write IBM's (FA40 to FC4B), and takes ¢, £ and ¬ for their full-width cousins.
"""

from __future__ import annotations

from functools import lru_cache

_SHIFT_JIS = {"cp932", "ms932", "mskanji", "windows_31j"}
_COPIES = range(0xED, 0xEF)
"""Lead bytes of NEC's copies of IBM's characters (WHATWG Encoding, 'index Shift_JIS pointer': pointers 8272 to 8835 are
left out)."""
_ALSO = {"¥": b"\x5c", "‾": b"\x7e", "−": b"\x81\x7c"}
"""What a browser takes besides (WHATWG Encoding, 12.3.2, steps 4 to 7)."""


def browser_bytes(text: str, encoding: str) -> bytes:
    """The text as a browser sends it in a form, before it is percent-encoded; a character that the encoding lacks
    becomes `&#134071;` (WHATWG Encoding, 'html' error mode)."""
    if encoding not in _SHIFT_JIS or text.isascii():
        return text.encode(encoding, "xmlcharrefreplace")
    return b"".join(map(_windows_31j, text))


def survives(text: str, encoding: str) -> bool:
    """Comes the very same text back? `〜` (U+301C) and `−` (U+2212) do not in cp932, where `～` and `－` do."""
    try:
        return browser_bytes(text, encoding).decode(encoding) == text
    except UnicodeError:
        return False


@lru_cache(maxsize=16_384)
def _windows_31j(char: str) -> bytes:
    if char in _ALSO:
        return _ALSO[char]
    written = char.encode("cp932", "xmlcharrefreplace")
    if written[0] in _COPIES:
        return _ibm()[char]
    kept = written.decode("cp932") == char and not "\ue000" <= char <= "\uf8ff"
    return written if kept else char.encode("ascii", "xmlcharrefreplace")


@lru_cache(maxsize=1)
def _ibm() -> dict[str, bytes]:
    """IBM's characters, where they are in their own rows."""
    pairs = [bytes((lead, trail)) for lead in (0xFA, 0xFB, 0xFC) for trail in range(0x40, 0xFD)]
    return {char: pair for pair in pairs if len(char := pair.decode("cp932", "ignore")) == 1}
