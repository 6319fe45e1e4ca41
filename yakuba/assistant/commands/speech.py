"""`yakuba voice hear`, `speak`, `eval`: speech understood, spoken and measured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from yakuba.assistant.commands.group import voice
from yakuba.command_line import var_folder
from yakuba.declare.load import ROOT

if TYPE_CHECKING:
    from yakuba.assistant.voice.vocabulary import TownWords

the_folder = click.Path(exists=True, file_okay=False, path_type=Path)
services_option = click.option(
    "--services",
    type=the_folder,
    envvar="YAKUBA_SERVICES",
    default=ROOT,
    help="The folder of declared services.",
)
words_option = click.option(
    "--words",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A table of the town's own words with their readings; without it, that of the demo town.",
)
model_option = click.option(
    "--model", type=the_folder, envvar="YAKUBA_VOICE_MODEL", help="The folder of the town's own speech model."
)
as_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@voice.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@services_option
@words_option
@model_option
@as_json_option
def hear(file: Path, services: Path, words: Path | None, model: Path | None, as_json: bool) -> None:
    """Write down what is said in a recording, with the town's words put right by sound."""
    from yakuba.assistant.voice import listening
    from yakuba.assistant.voice.errors import VoiceError

    try:
        heard = listening.hear(file.read_bytes(), _words(services, words), own_model=model)
    except VoiceError as refused:
        raise click.ClickException(refused.text.en) from refused
    click.echo(json.dumps(heard.json(), ensure_ascii=False, indent=2) if as_json else heard.text)


@voice.command()
@click.argument("text")
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The WAV file to write."
)
@click.option("--language", type=click.Choice(["ja", "easy"]), default="ja", show_default=True)
def speak(text: str, out: Path, language: str) -> None:
    """Read a text aloud into a file."""
    from yakuba.assistant.voice import aloud
    from yakuba.assistant.voice.errors import VoiceError

    try:
        out.write_bytes(aloud.speak(text, language, keep_in=_kept() / "spoken"))
    except VoiceError as refused:
        raise click.ClickException(refused.text.en) from refused
    click.echo(f"{out}: {out.stat().st_size:,} bytes")


@voice.command("eval")
@click.option("--part", type=click.Choice(["measure", "tune"]), default="measure", show_default=True)
@services_option
@words_option
@model_option
@as_json_option
def eval_(part: str, services: Path, words: Path | None, model: Path | None, as_json: bool) -> None:
    """Speak 100 sentences of the town hall, hear them without and with the town's words, and count what is wrong."""
    from yakuba.assistant.voice import measuring
    from yakuba.assistant.voice.errors import VoiceError

    try:
        measured = measuring.measure(part, _words(services, words), own_model=model)
    except VoiceError as refused:
        raise click.ClickException(refused.text.en) from refused
    lines = "\n".join(f"{name}: {value}" for name, value in measured.items() if name != "sentences")
    click.echo(json.dumps(measured, ensure_ascii=False, indent=2) if as_json else lines)


def _kept() -> Path:
    return var_folder() / "assistant" / "voice"


def _words(services: Path, own: Path | None) -> TownWords:
    from yakuba.assistant.spoken_words import demo_words

    return demo_words(services, var_folder(), own)
