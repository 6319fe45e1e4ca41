"""Old data brought in."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from yakuba.records.commands.group import (
    as_json_option,
    definition_named,
    echo,
    in_language,
    records,
    the_file,
)
from yakuba.records.commands.rules import all_rules
from yakuba.words import ui, ui_words


@records.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=the_file)
@click.option(
    "--mapping", "mapping_files", multiple=True, required=True, type=click.Path(exists=True, path_type=Path),
    help="A mapping file, or a folder of them. May be given several times.",
)  # fmt: skip
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="The folder for what it makes.")
@click.option(
    "--planted",
    type=the_file,
    help="What is wrong with the files, where that is known, to be held against it.",
)
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day that counts. Today when not given.")
@click.option("--no-duplicates", is_flag=True, help="Do not look for people who stand there twice.")
@as_json_option
@in_language
def import_(
    files: tuple[Path, ...], mapping_files: tuple[Path, ...], out: Path | None, planted: Path | None,
    as_of: datetime | None, no_duplicates: bool, as_json: bool, language: str,
) -> None:  # fmt: skip
    """Bring in files of an old system: each row is accepted, repaired or held, none is lost. Nothing is stored in a town by
    it. Ends with 1 where a file is refused."""
    from yakuba import clock
    from yakuba.records.addresses import FaultyBase
    from yakuba.records.importing import writing
    from yakuba.records.importing.bring import bring_in
    from yakuba.records.importing.mapping import FaultyMapping, mappings
    from yakuba.records.importing.planted import against

    try:
        known = mappings(mapping_files, definition_named)
        brought = bring_in(
            files, known, definition_named, as_of=(as_of or clock.now()).date(), language=language, rules=all_rules(),
            match=not no_duplicates,
        )  # fmt: skip
    except (FaultyMapping, FaultyBase) as error:
        raise click.ClickException(str(error)) from error
    try:
        if out:
            writing.write(brought, out)
        found = writing.outcome_json(brought)
        if planted:
            found["planted"] = against(brought, planted)
    finally:
        brought.close()
    echo(found, as_json, "\n".join(_lines(found, out, language)))
    raise SystemExit(1 if any(one["refused"] for one in found["files"]) else 0)


def _lines(found: dict[str, Any], out: Path | None, language: str) -> list[str]:
    """For people: a line for each file, one for each kind of thing that was told."""
    lines = []
    for one in found["files"]:
        key = "importing.file_refused" if one["refused"] else "importing.file"
        counts = {name: f"{one[name]:,}" for name in ("in", "accepted", "repaired", "held")}
        lines.append(ui(key, language, **{**one, **counts}))
    lines += [f"  {_label(kind, language)}: {count:,}" for kind, count in found["kinds"].items()]
    if found["files"]:
        lines.append(
            ui(
                "importing.total",
                language,
                **{name: f"{found[name]:,}" for name in ("in", "accepted", "repaired", "held")},
            )
        )
    if "planted" in found:
        lines.append(ui("importing.planted", language, **found["planted"]["counts"]))
    if out:
        lines.append(ui("importing.written", language, folder=str(out)))
    return lines


def _label(kind: str, language: str) -> str:
    """What is called by a data type is one thing to people: it is not written as its type wants it."""
    from yakuba.records.standards.definition import TYPES

    if kind.startswith("rule:"):
        return ui("importing.kind.rule", language, rule=kind.removeprefix("rule:"))
    name = "shape" if kind in TYPES else kind
    known = ui_words()
    return next(
        known[key].get(language) for key in (f"importing.kind.{name}", f"records.why.{name}") if key in known
    )
