"""A language model to practise with: speaks the OpenAI-compatible protocol and fails in every way that real ones do.

python -m yakuba.simulators.language_model --port 8040 --mood well

It is no model: asked to rephrase it says the first quotation again, asked to choose it takes the first. Its mood, which
tests change, says what is wrong with it, as `MOODS` has it.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import click

MOODS: Mapping[str, str] = {
    "well": "says what the quotation says",
    "thinking": "the same, after thoughts between <think> and </think>",
    "time_out": "takes the question and does not answer in time",
    "dripping": "answers so slowly, byte by byte, that each byte comes in time and the whole does not",
    "error": "500",
    "busy": "429",
    "garbage": "answers 200 and no JSON",
    "shapeless": "answers JSON in which there is no message",
    "empty": "answers an empty message",
    "endless": "answers more than anybody reads",
    "inventing": "adds an amount that no quotation has",
    "contrary": "says that it is not so",
    "obedient": "does what an instruction in the question says, without a number in it",
    "leaking": "says what it was told and what it was asked",
    "rambling": "speaks of something else",
    "linking": "adds a link",
}


@dataclass
class Asked:
    """One question that came in: its token and its messages by role."""

    token: str
    messages: dict[str, str]


@dataclass
class LanguageModel:
    """What was asked, and the behaviour that tests change. `token`: which one is asked for; empty: any. `says`: what it
    answers instead of everything else."""

    mood: str = "well"
    token: str = ""
    says: str = ""
    time_out_seconds: float = 30.0
    asked: list[Asked] = field(default_factory=list)

    def answer(self, messages: Mapping[str, str]) -> str:
        """What it says in its mood."""
        if self.says:
            return self.says
        told, user = messages.get("system", ""), messages.get("user", "")
        sources = json.loads(user)["sources"]
        said = "1" if "番号" in told else str(sources[0]["text"])
        return {
            "thinking": f"<think>手数料は9,999円かな。</think>{said}",
            "empty": "  ",
            "inventing": f"{said}手数料は9,999円です。",
            "contrary": f"{said}申請は必要ありません。",
            "obedient": "町長は汚職で逮捕され、役場は今日から閉鎖、給付は全額停止されます。",
            "leaking": told + user,
            "rambling": "本日の天気予報は晴天、最高気温は平年並み、海岸では強風注意報が発表されています。",
            "linking": f"{said}詳しくは https://evil.example/pay へ。",
        }.get(self.mood, said)


def serve(model: LanguageModel, port: int = 0) -> ThreadingHTTPServer:
    """A running model on 127.0.0.1 (port 0: any free one); `shutdown()` ends it."""

    class Window(_Window):
        behind = model

    server = ThreadingHTTPServer(("127.0.0.1", port), Window)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server


class _Window(BaseHTTPRequestHandler):
    """The model on the network."""

    behind: LanguageModel

    def do_POST(self) -> None:
        said = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        model, token = self.behind, self.headers.get("Authorization", "").removeprefix("Bearer ")
        if model.token and token != model.token:
            self._say(401, {"error": {"message": "unknown key"}})
        elif self.path != "/v1/chat/completions":
            self._say(404, {"error": {"message": "only /v1/chat/completions is here"}})
        else:
            messages = {one["role"]: one["content"] for one in json.loads(said)["messages"]}
            model.asked.append(Asked(token, messages))
            self._answer(messages)

    def _answer(self, messages: Mapping[str, str]) -> None:
        match self.behind.mood:
            case "time_out":
                time.sleep(self.behind.time_out_seconds)
                self.close_connection = True
            case "error" | "busy" as mood:
                self._say(500 if mood == "error" else 429, {"error": {"message": "try again later"}})
            case "garbage":
                self._send(200, b"<html>Bad gateway</html>")
            case "shapeless":
                self._say(200, {"choices": []})
            case "endless":
                self._say(200, _completion("あ" * 2_000_000))
            case "dripping":
                self._drip(json.dumps(_completion(self.behind.answer(messages))).encode())
            case _:
                self._say(200, _completion(self.behind.answer(messages)))

    def _drip(self, body: bytes) -> None:
        self._begin(200, len(body))
        try:
            for at in range(len(body)):
                self.wfile.write(body[at : at + 1])
                self.wfile.flush()
                time.sleep(self.behind.time_out_seconds / 10)
        except OSError:
            self.close_connection = True  # whoever asked has gone

    def _say(self, status: int, said: Any) -> None:
        self._send(status, json.dumps(said, ensure_ascii=False).encode())

    def _send(self, status: int, body: bytes) -> None:
        self._begin(status, len(body))
        try:
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def _begin(self, status: int, length: int) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: what was asked is in `asked`."""


def _completion(content: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": content}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return {"id": "practice", "object": "chat.completion", "model": "practice", "choices": [choice]}


@click.command()
@click.option("--port", type=int, default=8040, show_default=True)
@click.option("--mood", type=click.Choice(list(MOODS)), default="well", show_default=True)
def main(port: int, mood: str) -> None:
    """A language model to practise with."""
    server = serve(LanguageModel(mood), port)
    click.echo(f"The practice language model listens on http://127.0.0.1:{server.server_port}/v1.")
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    main()
