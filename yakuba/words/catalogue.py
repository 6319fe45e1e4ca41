"""The words of the screens, in `words/ui/*.yaml`.

`common.yaml` holds the words of the whole site; every other file belongs to one room and its keys begin with the
file's name: `apply.yaml` → `apply.start`. Each key has ja, easy and en with the same `{placeholders}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from pydantic import ValidationError

from yakuba.words import tables
from yakuba.words.text import LANGUAGES, Text, fill, placeholders

FOLDER = Path(__file__).with_name("ui")
COMMON = "common"


class UnknownWords(KeyError):
    """A screen asks for words that nobody wrote."""

    def __init__(self, key: str, known: Mapping[str, Text]):
        near = ", ".join(get_close_matches(key, known, n=3)) or "none"
        super().__init__(
            f"No words for “{key}”. Nearest: {near}. "
            f"Add the key with ja, easy and en to a file in yakuba/words/ui/ ({COMMON}.yaml for the whole site)."
        )

    def __str__(self) -> str:
        return str(self.args[0])


class FaultyWords(ValueError):
    """A file of words is not as it must be; the message names file, key and mend."""

    def __init__(self, file: Path, key: str, fault: str):
        super().__init__(f"{file.name}, “{key}”: {fault}")


def ui(key: str, language: str, **values: object) -> str:
    """The words for `key` in one language, placeholders filled in. Raises UnknownWords, MissingValue."""
    return fill(ui_text(key).get(language), values, language)


def ui_text(key: str) -> Text:
    """The words for `key` in all languages. Raises UnknownWords."""
    known = ui_words()
    if key not in known:
        raise UnknownWords(key, known)
    return known[key]


@cache
def ui_words() -> Mapping[str, Text]:
    """All words of all files. Raises FaultyWords."""
    return {key: text for file in sorted(FOLDER.glob("*.yaml")) for key, text in load(file).items()}


def load(file: Path) -> dict[str, Text]:
    """One file of words, checked. Raises FaultyWords."""
    return {key: _checked(file, key, row) for key, row in tables.read(file).items()}


def _checked(file: Path, key: str, row: object) -> Text:
    if file.stem != COMMON and not key.startswith(f"{file.stem}."):
        raise FaultyWords(
            file, key, f"the key must begin with “{file.stem}.”, so that no two rooms share one."
        )
    try:
        text = Text.model_validate(row)
    except ValidationError as error:
        where = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise FaultyWords(file, key, f"write ja, easy and en, none of them empty ({where}).") from error
    if len({placeholders(text.get(language)) for language in LANGUAGES}) > 1:
        raise FaultyWords(file, key, "use the same {placeholders} in ja, easy and en.")
    return text
