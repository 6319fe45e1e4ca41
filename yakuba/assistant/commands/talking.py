"""`yakuba assistant ask`, `figures`, `regress`, `line`: what the assistant says, and what came of it."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import click

from yakuba.assistant.commands.group import assistant
from yakuba.command_line import needs_django, var_folder
from yakuba.declare.load import ROOT
from yakuba.words import LANGUAGES

if TYPE_CHECKING:
    from yakuba.assistant.replying import Reply

the_folder = click.Path(exists=True, file_okay=False, path_type=Path)
as_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
town_option = click.option("--town", required=True, help="6-digit code of the town.")


@assistant.command()
@click.argument("question")
@click.option(
    "--town",
    default="",
    help="6-digit code of a town of this installation; without it, what all towns share.",
)
@click.option("--language", type=click.Choice(LANGUAGES), default="ja", show_default=True)
@click.option(
    "--services",
    type=the_folder,
    envvar="YAKUBA_SERVICES",
    default=ROOT,
    help="The folder of declared services.",
)
@click.option("--staff", is_flag=True, help="As somebody who works there: also from the staff's manual.")
@as_json_option
def ask(question: str, town: str, language: str, services: Path, staff: bool, as_json: bool) -> None:
    """Ask a question as a resident would, and see the answer, its sources, how sure it is, and who goes on."""
    from yakuba.assistant.masking import masked
    from yakuba.assistant.replying import Asked

    text = masked(question).text
    asked = Asked(text, audience="staff" if staff else "public", language=language)
    reply = _in_town(town, asked) if town else _without_town(services, asked)
    shown = _shown(reply, language, text)
    lines = [shown["answer"], *(f"- {one['text']}" for one in shown["choices"])]
    click.echo(json.dumps(shown, ensure_ascii=False, indent=2) if as_json else "\n".join(lines))


def _without_town(services: Path, asked: Any) -> Reply:
    from yakuba.assistant.general import replier

    return replier(services, var_folder(), _Progress()).reply(asked)


class _Progress:
    """Says every few seconds how many answers are still to be read; nothing where they were read before."""

    EVERY = 5.0  # seconds

    def __init__(self) -> None:
        self._said = monotonic()

    def __call__(self, left: int) -> None:
        if monotonic() - self._said >= self.EVERY:
            self._said = monotonic()
            click.echo(f"Answers are read by their meaning, once: {left} to go …", err=True)


def _in_town(town: str, asked: Any) -> Reply:
    if prepare := click.get_current_context().find_root().obj:
        prepare()
    from yakuba.access import towns
    from yakuba.assistant import library

    with towns.inside(town):
        return library.replier().reply(asked)


def _shown(reply: Reply, language: str, asked: str) -> dict[str, Any]:
    """What a channel would tell."""
    from yakuba.assistant.quoting import quoted
    from yakuba.assistant.telling import told

    quotes = [quoted(entry) for entry in reply.entries]
    said = told(reply.how, quotes, language)
    return {
        "asked": asked,
        "how": reply.how,
        "answer": said.text,
        "choices": [{"id": id, "text": text} for id, text in said.choices],
        "sources": [
            {name: quote[name] for name in ("id", "kind", "title", "link", "as_of", "office")}
            for quote in quotes
        ],
        "confidence": reply.sureness,
        "hand_over": {"to": _next(reply), "service": reply.service or None},
    }


def _next(reply: Reply) -> str | None:
    """Who goes on: the finder with conditions, or a clerk where somebody chooses so; nobody where it is answered."""
    if reply.how == "conditions":
        return "finder"
    return "clerk, if chosen" if reply.how in ("unknown", "offered", "person") else None


@assistant.command()
@town_option
@click.option("--month", default="", help="YYYY-MM; the present one where none is given.")
@as_json_option
@needs_django
def figures(town: str, month: str, as_json: bool) -> None:
    """What came of the talks of a month: asked, answered, not known, handed over, minutes saved."""
    from yakuba import clock
    from yakuba.access import towns
    from yakuba.assistant.figures import figures as figures_of

    first = date.fromisoformat(f"{month}-01") if month else clock.now().date().replace(day=1)
    after = (first + timedelta(days=32)).replace(day=1)
    since, until = (datetime.combine(day, time(), clock.TOKYO) for day in (first, after))
    with towns.inside(town):
        counted = figures_of(since, until).json()
    lines = "\n".join(f"{name}: {value}" for name, value in counted.items())
    click.echo(json.dumps({"month": first.isoformat()[:7], **counted}) if as_json else lines)


@assistant.command()
@town_option
@as_json_option
@needs_django
def regress(town: str, as_json: bool) -> None:
    """Ask everything again that a clerk has said an answer to, and list what is no longer found. Ends with 1 if any is."""
    from yakuba.access import towns
    from yakuba.assistant.regression import lost

    with towns.inside(town):
        asked, missing = lost()
    shown = {"asked": asked, "lost": [{"question": one.question, "entry": one.entry} for one in missing]}
    lines = "\n".join(f"lost: {one.question} → {one.entry}" for one in missing)
    click.echo(
        json.dumps(shown, ensure_ascii=False)
        if as_json
        else f"{asked} asked, {len(missing)} lost\n{lines}".strip()
    )
    if missing:
        raise SystemExit(1)


@assistant.command()
@town_option
@click.option(
    "--secret", prompt=True, hide_input=True, help="Channel secret; asked for where it is not given."
)
@click.option(
    "--token", prompt=True, hide_input=True, help="Channel access token; asked for where it is not given."
)
@needs_django
def line(town: str, secret: str, token: str) -> None:
    """Keep the town's LINE account, sealed. Its webhook is /TOWN/chat/line/."""
    from yakuba import clock
    from yakuba.access import towns
    from yakuba.assistant import line_account

    with towns.inside(town):
        line_account.set_up(secret.strip(), token.strip(), as_of=clock.now())
    click.echo(f"Kept. Give LINE this webhook: /{town}/chat/line/")
