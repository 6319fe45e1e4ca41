"""The command that writes the sample."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random

import click

from yakuba.simulators.old_systems.base import town_file
from yakuba.simulators.old_systems.kinds import plant
from yakuba.simulators.old_systems.planting import Planting
from yakuba.simulators.old_systems.town import Town
from yakuba.simulators.old_systems.vendors import OWN_CHARACTERS, aoba, kaede, sugi


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--seed", default=1, show_default=True)
@click.option("--people", default=4000, show_default=True, type=click.IntRange(min=1000))
def main(folder: Path, seed: int, people: int) -> None:
    """Write the old systems' files of the demo town to FOLDER, with what was planted in them."""
    for name, content in contents(spoilt(seed, people)).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def spoilt(seed: int, people: int) -> Planting:
    """The files of all three, with their errors."""
    town = Town(seed, people)
    files = [*aoba(town), *kaede(town), *sugi(town)]
    return plant(files, town.families(), Random(f"planted:{seed}"))


def contents(planting: Planting) -> dict[str, bytes]:
    """Every file by its name."""
    return {
        **{file.name: file.content() for file in planting.files.values()},
        "aoba-gaiji.txt": own_characters_table(),
        "base/machiaza.csv": town_file(),
        "planted.json": truth(planting),
    }


def own_characters_table() -> bytes:
    """The vendor's own characters, as `records.values.characters.read_map` takes them."""
    lines = ["# あおばの外字（架空）。左はCP932の符号、右は文字の符号位置"]
    for official, own in OWN_CHARACTERS.items():
        code = own.encode("cp932").hex().upper()
        lines.append(f"{code},{' '.join(f'U+{ord(one):04X}' for one in official)}")
    return ("\n".join(lines) + "\n").encode()


def truth(planting: Planting) -> bytes:
    """What was planted where, and which other rows may be told for it; one line each."""
    lines = {row: line for file in planting.files.values() for row, line in file.lines()}
    planted = [
        {
            "file": one.file.name, "line": lines[one.row], "kind": one.kind, "expect": one.expect, "column": one.column,
            "given": one.given, "note": one.note,
        }
        for one in planting.planted
    ]  # fmt: skip
    touched = [
        {
            "file": one.file.name, "line": lines[one.row], "expect": one.expect, "kind": one.planted.kind,
            "by": [one.planted.file.name, lines[one.planted.row]],
        }
        for one in planting.touched
    ]  # fmt: skip
    rows = {file.name: len(file.rows) for file in planting.files.values()}
    return f'{{"rows": {json.dumps(rows)},\n"planted": {_listed(planted)},\n"touched": {_listed(touched)}}}\n'.encode()


def _listed(entries: Sequence[dict[str, object]]) -> str:
    """A JSON list with a line for each entry, by place, so that a change is seen where it is."""
    entries = sorted(entries, key=lambda one: (one["file"], one["line"]))
    return "[\n" + ",\n".join(json.dumps(one, ensure_ascii=False) for one in entries) + "\n]"


if __name__ == "__main__":
    main()
