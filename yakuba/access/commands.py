"""`yakuba staff …`: accounts of the town's staff. The first administrator is made here, on the server."""

from __future__ import annotations

from urllib.parse import quote

import click

from yakuba.command_line import needs_django

town_option = click.option("--town", required=True, help="6-digit code of the town.")


@click.group()
def staff() -> None:
    """Accounts of staff: add, list, set up the second factor, close."""


@staff.command()
@town_option
@click.argument("login")
@click.option("--name", required=True, help="Full name, as colleagues see it.")
@click.option("--role", "roles", multiple=True, required=True, help="May be given several times.")
@click.password_option(help="Asked for when not given.")
@needs_django
def add(town: str, login: str, name: str, roles: tuple[str, ...], password: str) -> None:
    """Add an account and print the address for its authenticator app."""
    from django.core.exceptions import ValidationError

    from yakuba.access import SYSTEM, actions, towns

    by = SYSTEM(town)
    try:
        with towns.inside(town):
            account = actions.add_staff(login, name, roles, password, by=by)
            address = actions.set_totp(account, by=by)
    except actions.AccountError as error:
        raise click.ClickException(str(error)) from error
    except ValidationError as error:
        raise click.ClickException(" ".join(error.messages)) from error
    _show(login, address)


@staff.command(name="list")
@town_option
@needs_django
def list_(town: str) -> None:
    """List the accounts of a town: login, name, roles, second factor, last sign-in."""
    from yakuba.access import queries, towns

    with towns.inside(town):
        for account in queries.all_staff():
            factor = "code" if account.totp_secret else "no code"
            state = "" if account.is_active else "closed"
            last = f"{account.last_login:%Y-%m-%d}" if account.last_login else "never"
            click.echo("\t".join([account.login, account.name, ",".join(account.roles), factor, last, state]))


@staff.command()
@town_option
@click.argument("login")
@needs_django
def totp(town: str, login: str) -> None:
    """Give an account a new authenticator secret; the old one stops working."""
    from yakuba.access import SYSTEM, actions, towns

    with towns.inside(town):
        address = actions.set_totp(_account(login), by=SYSTEM(town))
    _show(login, address)


@staff.command()
@town_option
@click.argument("login")
@needs_django
def close(town: str, login: str) -> None:
    """Close an account and sign it out everywhere."""
    from yakuba.access import SYSTEM, actions, towns

    with towns.inside(town):
        actions.close_staff(_account(login), by=SYSTEM(town))
    click.echo(f"{login} is closed.")


@staff.command()
@town_option
@click.argument("login")
@click.password_option(help="Asked for when not given.")
@needs_django
def password(town: str, login: str, password: str) -> None:
    """Set the new password of somebody who forgot theirs and sign them out everywhere; the second factor stays."""
    from django.core.exceptions import ValidationError

    from yakuba import clock
    from yakuba.access import SYSTEM, actions, towns

    try:
        with towns.inside(town):
            actions.reset_password(_account(login), password, by=SYSTEM(town), as_of=clock.now())
    except ValidationError as error:
        raise click.ClickException(" ".join(error.messages)) from error
    click.echo(f"{login} has a new password and is signed out everywhere.")


@staff.command(name="sign-out")
@town_option
@click.argument("login", required=False)
@click.option("--all", "everybody", is_flag=True, help="Everybody of the town.")
@needs_django
def sign_out(town: str, login: str | None, everybody: bool) -> None:
    """End all sessions of an account, or of all accounts of the town."""
    from yakuba import clock
    from yakuba.access import SYSTEM, actions, towns

    if bool(login) == everybody:
        raise click.UsageError("Give a login, or --all.")
    by, now = SYSTEM(town), clock.now()
    with towns.inside(town):
        if login:
            ended = actions.sign_out_staff(_account(login), by=by, as_of=now)
        else:
            ended = actions.sign_out_everybody(by=by, as_of=now)
    click.echo(f"Ended: {ended}")


def _account(login: str):
    from yakuba.access import queries

    account = queries.staff_by_login(login)
    if account is None:
        raise click.ClickException(f"no account {login!r} in this town; see: yakuba staff list --town CODE")
    return account


def _show(login: str, address: str) -> None:
    import segno

    click.echo(f"Scan this with {login}'s authenticator app; it is not shown again.")
    segno.make(address).terminal(compact=True)
    click.echo(address)


@click.command()
@click.option("--action", help="Only the policies about this action, for instance case.decide.")
def policies(action: str | None) -> None:
    """List the policies in force: what each one says, and the law it follows from."""
    from yakuba.access.policy import book

    rules = book().about(action) if action else list(book().policies.values())
    for rule in rules:
        click.echo(f"{rule.effect}\t{rule.id}\t{rule.text.ja}\t{rule.law}\t{rule.file}")


@click.group()
def clients() -> None:
    """Other systems that hand requests in over the API: add, list, close."""


@clients.command(name="add")
@town_option
@click.argument("name")
@click.option("--webhook", default="", help="The https address that is told of changes.")
@click.option("--scope", "scopes", multiple=True, help="What it may read, such as records:resident-register.")
@needs_django
def add_client(town: str, name: str, webhook: str, scopes: tuple[str, ...]) -> None:
    """Let a system in and print its token (and the secret that signs what it is told): they are shown once. With scopes, its
    id as well: id and token are its credentials at api/oauth/token."""
    from yakuba.access import SYSTEM, actions, towns

    written = [quote(one, safe=":/%") for one in scopes]
    try:
        with towns.inside(town):
            made, token, signing = actions.add_client(name, webhook=webhook, scopes=written, by=SYSTEM(town))
    except actions.AccountError as error:
        raise click.ClickException(str(error)) from error
    lines = (
        [f"id {made.id}"] * bool(scopes) + [f"token {token}"] + [f"signing secret {signing}"] * bool(signing)
    )
    click.echo("\n".join(lines))


@clients.command(name="list")
@town_option
@needs_django
def list_clients(town: str) -> None:
    """List the systems of a town: name, where they are told of changes, what they may read, whether they are closed."""
    from yakuba.access import queries, towns

    with towns.inside(town):
        for one in queries.clients():
            closed = "" if one.is_active else "closed"
            click.echo("\t".join([one.name, one.webhook, " ".join(one.scopes), closed]))


@clients.command(name="close")
@town_option
@click.argument("name")
@needs_django
def close_client(town: str, name: str) -> None:
    """Shut a system out at once."""
    from yakuba.access import SYSTEM, actions, queries, towns

    with towns.inside(town):
        found = next((one for one in queries.clients() if one.name == name), None)
        if found is None:
            raise click.ClickException(f"there is no system {name!r} in {town}")
        actions.close_client(found, by=SYSTEM(town))
    click.echo(f"{name} is shut out.")


commands = [clients, staff, policies]
