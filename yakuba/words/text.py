"""A text for people: the same thing said in Japanese, in やさしい日本語 and in English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

LANGUAGES = ("ja", "easy", "en")

#: What each language is called by those who read it, for a language menu.
LANGUAGE_LABELS: Mapping[str, str] = {"ja": "日本語", "easy": "やさしい日本語", "en": "English"}

#: The value of the HTML `lang` attribute.
HTML_LANG: Mapping[str, str] = {"ja": "ja", "easy": "ja", "en": "en"}

# ASCII names only, so that furigana written by an author, `{請求|せいきゅう}`, is not a placeholder.
_PLACEHOLDER = re.compile(r"\{([A-Za-z_][\w.-]*)\}", re.ASCII)

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class MissingValue(KeyError):
    """A text was filled in without a value for one of its placeholders."""

    def __init__(self, placeholder: str, text: str, given: Mapping[str, object]):
        self.placeholder = placeholder
        known = ", ".join(sorted(given)) or "none"
        super().__init__(
            f"The text “{text}” needs a value for {{{placeholder}}}. Values given: {known}. "
            f"Give {placeholder}=…, or take the placeholder out of the text."
        )

    def __str__(self) -> str:
        return str(self.args[0])


class Text(BaseModel):
    """The same thing in three languages; none may be empty.

    >>> hello = Text(ja="こんにちは、{name}さん。", easy="こんにちは、{name}さん。", en="Hello {name}.")
    >>> hello.get("en")
    'Hello {name}.'
    >>> hello.format(name="花子").get("en-GB")
    'Hello 花子.'
    >>> sorted(hello.placeholders())
    ['name']
    >>> Text.model_validate({"ja": "町", "easy": "まち", "en": "town"}).get("fr")
    '町'
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    ja: Words
    easy: Words
    en: Words

    @classmethod
    def same(cls, text: str) -> Text:
        """A text that is the same in all languages, such as a proper name."""
        return cls(ja=text, easy=text, en=text)

    def get(self, language: str) -> str:
        """The text in `language` ("ja", "easy", "en", or a tag such as "en-GB").

        A language that we do not speak falls back to Japanese, which is always the authoritative text.
        """
        known = language if language in LANGUAGES else language.split("-")[0].lower()
        return str(getattr(self, known)) if known in LANGUAGES else self.ja

    def placeholders(self) -> frozenset[str]:
        """The names in `{braces}` in any of the languages; dots are allowed: `{case.reference}`."""
        return frozenset(name for text in (self.ja, self.easy, self.en) for name in placeholders(text))

    def format(self, values: Mapping[str, object] | None = None, /, **named: object) -> Text:
        """The text with each `{placeholder}` replaced; a `Text` as value is used in the same language.

        Values go in as they are: no attribute access, no format codes, no HTML. Raises MissingValue.
        """
        given = {**(values or {}), **named}
        return Text(**{language: fill(self.get(language), given, language) for language in LANGUAGES})


def placeholders(text: str) -> frozenset[str]:
    """The placeholder names in one string."""
    return frozenset(_PLACEHOLDER.findall(text))


def fill(text: str, values: Mapping[str, object], language: str) -> str:
    """One string with its placeholders replaced; a `Text` among the values speaks `language`.

    Raises MissingValue.
    """

    def value_of(match: re.Match[str]) -> str:
        name = match[1]
        if name not in values:
            raise MissingValue(name, text, values)
        value = values[name]
        return value.get(language) if isinstance(value, Text) else str(value)

    return _PLACEHOLDER.sub(value_of, text)
