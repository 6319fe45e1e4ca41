"""Each town's rows are apart in the database itself, not only in the code that asks for them.

Every table of a town's rows has a column `town` and forced row-level security: a row can be
seen or written only while the setting `yakuba.town` names its town. `inside` sets it for
one transaction, so it cannot outlive a request or a job.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import connection, models, transaction
from django.db.migrations.operations.base import Operation

T = TypeVar("T")


class OutsideOfTown(RuntimeError):
    """Something touched a town's data without saying which town: a slip in the calling code."""


class AnotherTown(RuntimeError):
    """Work in one town tried to open another: nothing may see two towns in one transaction."""


@contextmanager
def inside(town: str) -> Iterator[None]:
    """Work in one town, in one transaction. The same town may be opened again inside of it.

    `town`: official 6-digit code. Raises AnotherTown when another town is open already.
    """
    outer = open_town()
    if outer not in (None, town):
        raise AnotherTown(f"cannot open town {town}: this transaction works in {outer}. Finish that first.")
    with transaction.atomic():
        if outer is None:
            with connection.cursor() as cursor:
                cursor.execute("select set_config('yakuba.town', %s, true)", [town])
            connection.yakuba_town = town  # type: ignore[attr-defined]
            _known().clear()
        try:
            yield
        finally:
            connection.yakuba_town = outer  # type: ignore[attr-defined]


def open_town() -> str | None:
    """The town that this transaction works in; None outside of any."""
    return getattr(connection, "yakuba_town", None)


def current_town() -> str:
    """The town that this transaction works in. Raises OutsideOfTown."""
    town = open_town()
    if town is None:
        raise OutsideOfTown("no town is open here. Wrap the work in `with access.towns.inside(town):`.")
    return town


def once(what: str, read: Callable[[], T]) -> T:
    """What `read` finds out about the open town, found out once in this transaction. Raises OutsideOfTown."""
    known, key = _known(), (current_town(), what)
    if key not in known:
        known[key] = read()
    return known[key]


def ask_again(what: str) -> None:
    """What was found out with `once` has changed."""
    _known().pop((current_town(), what), None)


def _known() -> dict[tuple[str, str], Any]:
    """What was found out in this transaction; of this thread's connection, not of the proxy that all threads share."""
    known = getattr(connection, "yakuba_known", None)
    if known is None:
        known = {}
        connection.yakuba_known = known  # type: ignore[attr-defined]
    return known


def alone_with(what: str) -> None:
    """Until this transaction ends nobody else of this town is alone with the same thing: for what has no row yet that
    could be locked. Raises OutsideOfTown."""
    with connection.cursor() as cursor:
        key = f"{current_town()}:{what}"
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


class TownOwned(models.Model):
    """A row that belongs to a town; its table gets `ForceRowSecurity` in its migration."""

    town = models.CharField(max_length=6)

    class Meta:
        abstract = True


class _TableOperation(Operation):
    """A migration step on tables that already exist; it changes no model state."""

    reversible = False

    def __init__(self, *tables: str):
        self.tables = tables

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, list(self.tables), {}

    def state_forwards(self, app_label: str, state: Any) -> None:
        return None

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for table in self.tables:
            for statement in self.statements(table):
                schema_editor.execute(statement)

    def statements(self, table: str) -> list[str]:
        raise NotImplementedError


class ForceRowSecurity(_TableOperation):
    """Rows are seen and written only in their town, even by the table's owner."""

    def statements(self, table: str) -> list[str]:
        rule = "town = current_setting('yakuba.town', true)"
        return [
            f'alter table "{table}" enable row level security',
            f'alter table "{table}" force row level security',
            f'create policy own_town on "{table}" using ({rule}) with check ({rule})',
        ]

    def describe(self) -> str:
        return f"Force row-level security on {', '.join(self.tables)}"


class AppendOnly(_TableOperation):
    """The application may add and read rows, and never change or remove one."""

    def statements(self, table: str) -> list[str]:
        return [f'revoke update, delete, truncate on "{table}" from yakuba_app']

    def describe(self) -> str:
        return f"Let the application only add to {', '.join(self.tables)}"


class IdsOfTown(_TableOperation):
    """A number that the database gave a row is its own within its town only, and who refers to it refers to town and number.

    So a town that comes from another installation keeps its numbers, which hashes, files of banks and letters name, though
    another town has the same ones here; and no row can refer to one of another town. For tables whose `id` is a number: a
    UUID is nobody else's anyway. References that are added later are made by hand, as here.
    """

    def statements(self, table: str) -> list[str]:
        return [_IDS_OF_TOWN.format(table=table)]

    def describe(self) -> str:
        return f"Let towns have the same numbers in {', '.join(self.tables)}"


_IDS_OF_TOWN = """
do $do$
declare key text; refers jsonb; one record;
begin
  select jsonb_agg(jsonb_build_object('name', conname, 'owner', conrelid::regclass::text, 'field', attname)) into refers
  from pg_constraint join pg_attribute on attrelid = conrelid and attnum = conkey[1]
  where confrelid = '"{table}"'::regclass and contype = 'f';
  select conname into key from pg_constraint where conrelid = '"{table}"'::regclass and contype = 'p';
  execute 'alter table "{table}" drop constraint ' || quote_ident(key) || ' cascade';
  execute 'alter table "{table}" add constraint ' || quote_ident(key) || ' primary key (town, id)';
  for one in select * from jsonb_to_recordset(coalesce(refers, '[]')) as x(name text, owner text, field text) loop
    execute 'alter table ' || one.owner || ' add constraint ' || quote_ident(one.name)
      || ' foreign key (town, ' || quote_ident(one.field) || ') references "{table}" (town, id) deferrable initially deferred';
  end loop;
end $do$"""
