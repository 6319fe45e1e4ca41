"""Rules across rows, and people who stand in a register twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from yakuba.records.commands.group import (
    as_json_option,
    echo,
    group_named,
    in_language,
    records,
    refused,
    the_file,
)
from yakuba.records.folders import own_standards
from yakuba.words import ui

if TYPE_CHECKING:
    from yakuba.records.rules import CrossRule, Rules


def all_rules() -> Rules:
    """The rules of the project and of the town, for the definitions in use. Raises ClickException."""
    from yakuba.records.rules import FaultyRules
    from yakuba.records.standards import FaultyDefinition
    from yakuba.records.versions import rules_in_use

    try:
        return rules_in_use()
    except (FaultyDefinition, FaultyRules) as error:
        raise click.ClickException(str(error)) from error


@records.command("rules")
@click.option("--check", "checked", is_flag=True, help="Run the worked examples of all rules.")
@as_json_option
@in_language
def list_rules(checked: bool, as_json: bool, language: str) -> None:
    """The rules across rows and operations there are. With --check their examples are run; exit 1 when one does not come out."""
    rules = all_rules()
    if checked:
        _check(rules)
    elif as_json:
        shown = [_as_json(rule, language) for rule in rules.rules.values()]
        click.echo(json.dumps({"rules": shown, "unfit": rules.unfit}, ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(_line(rule, language) for rule in rules.rules.values()))
        click.echo(
            "".join(
                f"{ui('rules.unfit', language, rule=one, why=why)}\n" for one, why in rules.unfit.items()
            ),
            nl=False,
        )


@records.command()
@click.argument("file", type=the_file)
@click.option("--as", "what", required=True, help="A group of people, such as resident-register/住民.")
@click.option(
    "--threshold", type=click.FloatRange(0, 1, min_open=True), help="The least probability; 0.95 without it."
)
@as_json_option
@in_language
def duplicates(file: Path, what: str, threshold: float | None, as_json: bool, language: str) -> None:
    """Pairs of rows of FILE that are likely to be one person under two numbers, and why. Nothing is merged; exit 1 when there are
    any."""
    from yakuba.records import telling
    from yakuba.records.duplicates import NoPeople, find_in

    definition, group = group_named(what)
    try:
        with refused(language):
            found = find_in(file, definition, group, threshold=threshold)
    except NoPeople as no_people:
        raise click.ClickException(ui("rules.no_people", language, group=group)) from no_people
    echo(telling.duplicates_json(found, language), as_json, telling.duplicates_text(found, language))
    raise SystemExit(1 if found.pairs else 0)


def _check(rules: Rules) -> None:
    from yakuba.records.rules import FaultyRules
    from yakuba.records.rules.examples import examples, faults
    from yakuba.records.standards import ROOT

    try:
        worked = examples(ROOT, own_standards())
    except FaultyRules as error:
        raise click.ClickException(str(error)) from error
    found = list(faults(rules, worked))
    for one in found:
        click.echo(one)
    if found:
        raise SystemExit(1)
    click.echo(f"{len(rules.rules)} rules, {sum(map(len, worked.values()))} examples: all right")


def _as_json(rule: CrossRule, language: str) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": rule.name.get(language),
        "say": rule.say.get(language),
        "source": rule.source,
        "severity": rule.severity,
        "of": "/".join(rule.place),
        "over": sorted("/".join(place) for place in rule.over),
        "item": rule.at,
        "wrong": rule.wrong,
    }


def _line(rule: CrossRule, language: str) -> str:
    return "\t".join((rule.id, "/".join(rule.place), rule.severity, rule.name.get(language), rule.source))
