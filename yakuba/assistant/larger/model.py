"""A model behind an OpenAI-compatible endpoint: `POST {url}/chat/completions`."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cache
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings

from yakuba.assistant.larger.breaker import Breaker
from yakuba.assistant.larger.errors import NoAnswer

if TYPE_CHECKING:
    import httpx

MOST_BYTES = 256 * 1024
"""Of an answer that is read at all."""
MOST_TOKENS = 800
_THOUGHT = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Model:
    """Where a model is, what it is called there, and how many seconds it may take. `url` ends before
    `/chat/completions`, as in `https://model.example.jp/v1`."""

    url: str
    name: str
    key: str = field(repr=False)
    seconds: float

    @property
    def host(self) -> str:
        """The machine that is spoken to."""
        return urlsplit(self.url).netloc.rpartition("@")[2]

    def chat(self, system: str, user: str) -> str:
        """What the model answers, without its thoughts. Raises NoAnswer."""
        import httpx

        said = {
            "model": self.name,
            "messages": [{"role": "system", "content": system}, {"role": "user", "content": user}],
            "temperature": 0,
            "max_tokens": MOST_TOKENS,
        }
        try:
            content = self._post(said)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, LookupError, TypeError) as error:
            raise NoAnswer(type(error).__name__) from error
        if not isinstance(content, str) or not (answer := _THOUGHT.sub("", content).strip()):
            raise NoAnswer("an empty answer")
        return answer

    def _post(self, said: dict[str, Any]) -> Any:
        import httpx

        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        until = monotonic() + self.seconds  # for the whole answer: httpx looks at each of its parts alone
        with httpx.stream(
            "POST", f"{self.url}/chat/completions", json=said, headers=headers, timeout=self.seconds
        ) as answer:
            answer.raise_for_status()
            body = _whole(answer, until)
        return json.loads(body)["choices"][0]["message"]["content"]


def _whole(answer: httpx.Response, until: float) -> bytes:
    """The body, of MOST_BYTES and by `until` (of the monotonic clock). Raises ValueError, httpx.ReadTimeout."""
    import httpx

    body = b""
    for part in answer.iter_bytes():
        body += part
        if len(body) > MOST_BYTES:
            raise ValueError("more than anybody reads")
        if monotonic() > until:
            raise httpx.ReadTimeout("too slow")
    return body


def current() -> Model | None:
    """The model of this installation; None where there is none."""
    said: dict[str, Any] = settings.YAKUBA_MODEL
    if not said["url"] or not said["name"]:
        return None
    return Model(said["url"].rstrip("/"), said["name"], said["key"], said["seconds"])


@cache
def breaker_of(model: Model) -> Breaker:
    """One for each model that a process speaks to."""
    return Breaker()
