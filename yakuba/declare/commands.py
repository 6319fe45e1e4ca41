"""`yakuba check | catalogue | decide | facts | schema | new-service`: what a person who knows the law needs, without a database."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import click
import orjson

from yakuba import conditions
from yakuba.clock import NotADate, parse_date
from yakuba.clock import now as clock_now
from yakuba.command_line import var_folder
from yakuba.declare import describe, lint, scaffold, written
from yakuba.declare import easy as easy_texts
from yakuba.declare.faults import Faults
from yakuba.declare.load import ROOT, SHARED, Catalogue, load_catalogue
from yakuba.declare.overlay import TOWNS
from yakuba.declare.plan import PLAN
from yakuba.declare.service import NotInForce, Service, decide
from yakuba.declare.written import Places
from yakuba.words import Text
from yakuba.words.easy import FLOOR

_services = click.option(
    "--services", type=click.Path(path_type=Path, exists=True), envvar="YAKUBA_SERVICES", default=ROOT,
    show_default=False, help="The folder of declared services.",
)  # fmt: skip


class Day(click.ParamType):
    """A date, western or Japanese era."""

    name = "date"

    def convert(self, value: Any, param: Any, ctx: Any) -> date:
        if isinstance(value, date):
            return value
        try:
            return parse_date(value)
        except NotADate as error:
            self.fail(str(error), param, ctx)


@click.command()
@click.argument("services_named", metavar="[SERVICE]...", nargs=-1)
@click.option("--easy", is_flag=True, help="Say how readable each text in やさしい日本語 is instead.")
@click.option("--json", "as_json", is_flag=True, help="With --easy: print JSON.")
@_services
def check(services_named: tuple[str, ...], easy: bool, as_json: bool, services: Path) -> None:
    """Lint the services, type every expression, measure the easy texts and run all worked examples."""
    began = time.perf_counter()
    if as_json and not easy:
        raise click.UsageError("--json goes with --easy.")
    if easy:
        return _readability(services_named, services, as_json, began)
    try:
        catalogue = load_catalogue(services)
    except Faults as found:
        _stop([str(fault) for fault in found.faults])
    for name in services_named:
        _service(catalogue, name)
    faults = lint.check(catalogue, services_named)
    if faults:
        _stop([str(fault) for fault in faults])
    chosen = [s for n, s in catalogue.services.items() if not services_named or n in services_named]
    examples = sum(len(catalogue.examples[service.id]) for service in chosen)
    rules = sum(len(service.conditions) for service in chosen)
    took = time.perf_counter() - began
    laid = sum(len(set(one) & {s.id for s in chosen}) for one in catalogue.laid.values())
    overlays = f", {laid} overlays of towns" if laid else ""
    click.echo(
        f"{len(chosen)} services, {rules} conditions, {examples} examples{overlays}: all right ({took:.1f} s)"
    )


def _readability(names: tuple[str, ...], services: Path, as_json: bool, began: float) -> None:
    """The readability of every easy text; ends with 1 where one is below the floor or a word has no ruby."""
    for name in names:
        if not (services / name).is_dir():
            raise click.BadParameter(f"there is no service {name!r} in {services}.")
    found = easy_texts.report(services, names)
    if as_json:
        click.echo(orjson.dumps(found.as_json(), option=orjson.OPT_INDENT_2).decode())
    else:
        for line in found.in_words():
            click.echo(line)
        middle = median(one.readable.points for one in found.texts) if found.texts else 0
        unread = len({word for _, word in found.unread})
        click.echo(
            f"{len(found.texts)} easy texts, median {middle:g} of 100 points: {len(found.low)} below {FLOOR}, "
            f"{unread} words without ruby ({time.perf_counter() - began:.1f} s)"
        )
    if found.low or found.unread:
        sys.exit(1)


def _known(services: Path) -> Catalogue:
    """The catalogue, as it was kept where it was read before."""
    return load_catalogue(services, keep_in=var_folder() / "catalogue")


def _stop(lines: list[str]) -> None:
    for line in lines:
        click.echo(line)
    click.echo(f"{len(lines)} to mend", err=True)
    sys.exit(1)


def _service(catalogue: Catalogue, name: str) -> Service:
    if name not in catalogue.services:
        known = ", ".join(catalogue.services)
        raise click.BadParameter(f"there is no service {name!r}. Services: {known}.")
    return catalogue.services[name]


@click.command(name="catalogue")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@_services
def catalogue_(as_json: bool, services: Path) -> None:
    """Which service fulfils which procedure of the DX plan."""
    loaded = _known(services)
    found = describe.planned(loaded)
    if as_json:
        click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode())
        return
    for one in found["procedures"]:
        click.echo(f"{one['id']:12} {one['name']}: {', '.join(one['services']) or '－'}")
    click.echo(f"{found['fulfilled']} of the {found['counted']} procedures that the plan counts")


@click.command(name="decide")
@click.argument("service")
@click.option(
    "--facts", "facts_file", type=click.Path(path_type=Path, exists=True), help="One case's facts (YAML)."
)
@click.option(
    "--cases",
    "cases_file",
    type=click.Path(path_type=Path, exists=True),
    help="A list of {id, as_of, facts}.",
)
@click.option("--as-of", type=Day(), help="The day on which to decide; required with --facts.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@_services
def decide_(
    service: str,
    facts_file: Path | None,
    cases_file: Path | None,
    as_of: date | None,
    as_json: bool,
    services: Path,
) -> None:
    """Decide one case, or each of many, and say why. The facts are named in docs/facts.md."""
    if (facts_file is None) == (cases_file is None):
        raise click.UsageError("name one file: --facts FILE for one case, --cases FILE for many.")
    declared = _service(_known(services), service)
    if facts_file is not None:
        if as_of is None:
            raise click.UsageError("--facts needs --as-of DATE: the day on which to decide.")
        given, places = _given(facts_file)
        facts = given.get("facts", given) if isinstance(given, dict) else given
        answers = [_decided(declared, {"facts": facts}, as_of, places.find(()))]
    elif cases_file is not None:
        listed, places = _given(cases_file)
        if not isinstance(listed, list):
            raise click.UsageError(f"{cases_file} must be a list: - {{id: NAME, as_of: DATE, facts: {{…}}}}.")
        answers = [_decided(declared, one, as_of, places.find((n,))) for n, one in enumerate(listed)]
    _print(answers if cases_file else answers[0], as_json)
    if any("error" in answer for answer in answers):
        sys.exit(1)


def _given(path: Path) -> tuple[Any, Places]:
    try:
        return written.read(path, str(path))
    except Faults as found:
        raise click.UsageError(str(found)) from found


def _decided(service: Service, case: Any, as_of: date | None, at: tuple[str, int]) -> dict[str, Any]:
    """The answer for the case that stands at a file and line; what is wrong with it does not stop the others."""
    said: dict[str, Any] = {"id": case["id"]} if isinstance(case, Mapping) and "id" in case else {}
    try:
        if not isinstance(case, Mapping) or not isinstance(case.get("facts"), Mapping):
            raise conditions.WrongFact("The case has no facts.", "Write id, as_of and facts: {…}.")
        day = case.get("as_of", as_of)
        if day is None:
            raise conditions.WrongFact("The case has no as_of.", "Write as_of: 2025-04-01, or give --as-of.")
        on = day if isinstance(day, date) else parse_date(str(day))
        conditions.check_facts(case["facts"], service.schema)
        return said | describe.decision(decide(service, case["facts"], as_of=on), on)
    except (conditions.WrongFact, NotADate, NotInForce) as error:
        return said | {"service": service.id, "error": f"{at[0]}:{at[1]} — {error}"}


def _print(answer: Any, as_json: bool) -> None:
    if as_json:
        click.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2, default=str).decode())
        return
    for one in answer if isinstance(answer, list) else [answer]:
        click.echo("\n".join(describe.in_words(one)))


@click.command()
@_services
def facts(services: Path) -> None:
    """Print docs/facts.md: every fact with its type and unit."""
    click.echo(describe.facts_page(_known(services)), nl=False)


@click.command()
def schema() -> None:
    """Print the JSON Schema of service.yaml (kept in docs/service.schema.json)."""
    click.echo(describe.json_schema(), nl=False)


@click.command(name="new-service")
@click.argument("service", metavar="ID")
@click.option("--name", required=True, help="What it is called, in Japanese.")
@click.option("--easy", default="", help="The same in やさしい日本語.")
@click.option("--en", default="", help="The same in English.")
@click.option(
    "--from", "since", type=Day(), help="The first day on which its rules hold; today where nothing is said."
)
@_services
def new_service(service: str, name: str, easy: str, en: str, since: date | None, services: Path) -> None:
    """Begin a service: its folder, with a mark wherever something is still to be written (docs/add-a-service.md)."""
    folder = services / service
    if not scaffold.NAME.fullmatch(service) or service in (SHARED, TOWNS, PLAN):
        raise click.BadParameter(
            f"{service!r} is no id: small letters, digits and hyphens, such as dog-park."
        )
    if folder.exists():
        raise click.ClickException(f"{folder} is there already; nothing was written.")
    words = Text(ja=name, easy=easy or name, en=en or name)
    texts = scaffold.files(service, words, since or clock_now().date())
    folder.mkdir(parents=True)
    for where, text in texts.items():
        (services / where).write_text(text, encoding="utf-8")
        click.echo(f"wrote {services / where}")
    marks = sum(text.count("TO-DO") for text in texts.values())
    click.echo(f"{marks} marks to go through; then: yakuba check {service}")


commands = [check, catalogue_, decide_, facts, schema, new_service]
