"""Every table and every address keeps towns apart: one that is added later is looked at without being named here."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import get_resolver

from tests.access.people import OTHER_TOWN, TOWN, make_staff, sign_in
from yakuba.access.towns import TownOwned
from yakuba.register.models import Town

pytestmark = pytest.mark.django_db

OWN = [model for model in apps.get_models() if model.__module__.startswith("yakuba.")]
#: What belongs to no town: the list of towns itself.
SHARED = {Town}


def test_everything_that_is_stored_belongs_to_a_town():
    assert [model for model in OWN if not issubclass(model, TownOwned)] == list(SHARED)


@pytest.mark.parametrize("model", [m for m in OWN if m not in SHARED], ids=lambda m: m._meta.db_table)
def test_the_database_itself_keeps_the_rows_of_towns_apart(model):
    with connection.cursor() as cursor:
        cursor.execute(
            """select relrowsecurity and relforcerowsecurity,
                      (select array_agg(qual || ' | ' || with_check) from pg_policies where tablename = relname)
               from pg_class where relname = %s""",
            [model._meta.db_table],
        )
        forced, policies = cursor.fetchone()
    rule = "((town)::text = current_setting('yakuba.town'::text, true))"
    assert forced
    assert policies == [f"{rule} | {rule}"]


def test_the_application_cannot_bypass_it():
    with connection.cursor() as cursor:
        cursor.execute(
            "select current_user, rolsuper, rolbypassrls from pg_roles where rolname = current_user"
        )
        assert cursor.fetchone() == ("yakuba_app", False, False)


def test_no_change_of_a_model_waits_for_its_migration():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def desk_addresses() -> list[str]:
    """The pages of the desk that take no parameter but the town."""
    (desk,) = [
        p for p in get_resolver("yakuba.site.urls").url_patterns if getattr(p, "namespace", "") == "desk"
    ]
    return [str(one.pattern) for one in desk.url_patterns if "<" not in str(one.pattern)]


@pytest.mark.parametrize("address", desk_addresses())
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_session_of_one_town_opens_no_desk_of_another(address, method):
    client = Client()
    make_staff("clerk", "reviewer", "approver", "accountant", "manager", "auditor")
    sign_in(client)
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    stranger = Client()
    stranger.cookies.load(cookies)
    answer = getattr(stranger, method)(f"/{OTHER_TOWN}/staff/{address}")
    assert answer.status_code in (302, 403, 405)
    assert "sign-in" in answer.get("Location", "sign-in")
    assert client.get(f"/{TOWN}/staff/").status_code == 200
